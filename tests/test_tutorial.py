"""The tutorial is run as it stands: Python as a session, files as they are shown, commands with what they print."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from model.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "TUTORIAL.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\S*) ?(\S*)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_the_session():
    session = "\n".join(code for kind, _, code in BLOCKS if kind == "python")
    test = doctest.DocTestParser().get_doctest(session, {}, "TUTORIAL.md", "TUTORIAL.md", 0)
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF | doctest.IGNORE_EXCEPTION_DETAIL)
    assert len(test.examples) > 15
    said = []
    assert runner.run(test, out=said.append).failed == 0, "".join(said)


def commands():
    """Yield (command, the lines shown below it) of every console block."""
    for kind, _, shown in BLOCKS:
        if kind == "console":
            for one in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
                command, *printed = one.strip().splitlines()
                yield command, printed


def test_the_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for kind, name, content in BLOCKS:
        if name:
            assert kind in ("csv", "json")
            Path(name).write_text(content, encoding="utf-8")
    run = list(commands())
    assert len(run) >= 5
    for command, printed in run:
        program, *words = shlex.split(command)
        assert program == "neutropenia-bn"
        assert main(words) == 0, command
        said = capsys.readouterr()
        for line in printed:
            assert line in said.out + said.err, command
    assert {"scored.csv", "report.html"} <= {path.name for path in tmp_path.iterdir()}


def test_every_block_is_run():
    assert {kind for kind, _, _ in BLOCKS} == {"python", "console", "csv", "json"}
    assert all(name for kind, name, _ in BLOCKS if kind in ("csv", "json"))


def test_a_newcomer_needs_five_minutes():
    """Two hundred words a minute, and what is shown is shorter than that."""
    assert len(TEXT.split()) < 1000


@pytest.mark.parametrize("document", ["TUTORIAL.md", "API.md"])
def test_links_lead_somewhere(document):
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "docs" / target).exists(), target
