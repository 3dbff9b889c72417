"""A file the command line writes is there whole or not at all: full disk, kill, letters that no file can hold."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from model import whole_file as module
from model.__main__ import main
from model.errors import ExportError
from model.knowledge import data_folder
from model.whole_file import whole_file, write_whole

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "what stood here before\n"


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text(BEFORE, encoding="utf-8")
    return path


def assert_untouched(target):
    assert target.read_text(encoding="utf-8") == BEFORE
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_it_takes_the_place_of_what_stood_there(target):
    target.chmod(0o640)
    write_whole(target, "mm³\r\nnew\n")
    assert target.read_bytes() == "mm³\r\nnew\n".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "other").write_text("", encoding="utf-8")
    write_whole(tmp_path / "new", "text")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_nothing_is_seen_before_the_end(target):
    with whole_file(target) as file:
        file.write("half ")
        file.flush()
        assert target.read_text(encoding="utf-8") == BEFORE
        file.write("and half")
    assert target.read_text(encoding="utf-8") == "half and half"


def test_a_link_stays_a_link(target):
    link = target.with_name("link")
    link.symlink_to(target)
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_what_stood_there(target, monkeypatch, call):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, call, full)
    with pytest.raises(ExportError, match=r"out.txt: cannot be written \(No space left on device\)\.$"):
        write_whole(target, "new")
    assert_untouched(target)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_an_end_in_between_leaves_what_stood_there(target, error):
    def stopped():
        with whole_file(target) as file:
            file.write("new")
            raise error

    with pytest.raises(error):
        stopped()
    assert_untouched(target)


def test_a_kill_in_between_leaves_what_stood_there(target):
    """Nothing can tidy up after SIGKILL; the file itself is as it was."""
    words = f"""
import os, signal
from model.whole_file import whole_file
with whole_file({str(target)!r}) as file:
    file.write("new" * 100_000)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", words], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert target.read_text(encoding="utf-8") == BEFORE


def test_a_letter_without_bytes_is_one_sentence(target):
    with pytest.raises(ExportError, match=r"out.txt: expected characters that UTF-8 can hold, got '\\ud800'; nothing"):
        write_whole(target, "new \ud800")
    assert_untouched(target)


@pytest.mark.parametrize(
    ("name", "said"),
    [(".", "expected a file, got a folder"), ("no/out.txt", "expected a folder that exists, got '.*no'"),
     ("out.txt/more", "expected a folder that exists"), ("a" * 300, "File name too long")],
)  # fmt: skip
def test_a_place_where_no_file_can_be_is_one_sentence(target, name, said):
    with pytest.raises(ExportError, match=f"cannot be written.*{said}"):
        write_whole(target.parent / name, "new")
    assert_untouched(target)


def test_a_device_is_not_replaced():
    with pytest.raises(ExportError, match="null: cannot be written; expected a file, got something else"):
        write_whole(Path(os.devnull), "new")


def test_a_file_that_may_not_be_written_stays(target, monkeypatch):
    monkeypatch.setattr(module.os, "access", lambda path, mode: mode != os.W_OK)  # whoever runs the tests
    with pytest.raises(ExportError, match="Permission denied"):
        write_whole(target, "new")
    assert_untouched(target)


@pytest.fixture
def writing(target):
    """Each command that writes a file, given the file, and the fewest words that make it write."""
    table = target.parent.parent / f"{target.parent.name}.csv"
    table.write_text("fever\npresent\n", encoding="utf-8")
    return {
        "report": ["report", "--set", "fever=present", "-o", str(target)],
        "export": ["export", str(target.with_suffix(".json"))],
        "card": ["card", "--keep", "-o", str(target)],
        "score": ["score", str(table), "-o", str(target)],
    }


@pytest.mark.parametrize("command", ["report", "export", "card", "score"])
def test_a_full_disk_under_a_command(writing, target, monkeypatch, capsys, command):
    words = writing[command]
    place = Path(words[-1])
    if place != target:
        target.rename(place)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    assert main(words) == 2
    err = capsys.readouterr().err
    assert [line for line in err.splitlines() if "Error" in line] == [
        f"ExportError: {place}: cannot be written (No space left on device)."
    ]
    assert_untouched(place)


def test_a_full_disk_under_declare_changes_neither_table(tmp_path, monkeypatch):
    from model.model_diff import declared

    for name in ("changes.csv", "leader_changes.csv"):
        (tmp_path / name).write_bytes((data_folder() / name).read_bytes())
    written = []

    def full(*_):
        written.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(ExportError, match="cannot be written"):
        declared.declare(NOTHING_MOVED, tmp_path, "99.0.0")
    assert written
    for name in ("changes.csv", "leader_changes.csv"):
        assert (tmp_path / name).read_bytes() == (data_folder() / name).read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


class NOTHING_MOVED:
    """What declaring needs of a comparison, where every row and every leader stayed."""

    old, rows, leader_changes = "0.1.0", (), ()


@pytest.mark.parametrize("words", [["--date", "\udcff"], ["--case", "case.json"]])
def test_a_report_of_hostile_text_is_one_sentence_and_no_file(target, capsys, monkeypatch, words):
    """A byte of the terminal that is no text, and a note with half a pair of surrogates, which JSON can spell."""
    monkeypatch.chdir(target.parent.parent)
    content = {"schema": 1, "setting": "article", "evidence": {"fever": "present"}, "note": "\ud800"}
    Path("case.json").write_text(json.dumps(content), encoding="utf-8")
    assert main(["report", *words, "-o", str(target)]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("warning")]
    assert len(errors) == 1
    assert "Error: " in errors[0]
    assert_untouched(target)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without a name")
def test_a_process_that_is_killed_leaves_nothing(target):
    """Nobody can catch SIGKILL, so nothing cleans up after it."""
    code = (
        "import os, signal, sys; from pathlib import Path; from model.whole_file import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as file:\n"
        "    file.write('half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(target)], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert_untouched(target)


def test_where_no_file_is_without_a_name_it_has_another_name_until_it_is_whole(target, monkeypatch):
    monkeypatch.setattr(module, "_nameless", lambda folder: None)
    with whole_file(target) as file:
        file.write("new")
        assert len(list(target.parent.iterdir())) == 2
    assert target.read_text(encoding="utf-8") == "new"
    assert [path.name for path in target.parent.iterdir()] == [target.name]
