"""A scoring that is killed half-way leaves what stood there, and nothing half-written under the name asked for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = 60_000  # seconds of work
BEFORE = "what stood here before\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("id,fever,serum_b12\n" + "A,present,150 pg/mL\n" * ROWS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("sent", "before"), [(signal.SIGKILL, BEFORE), (signal.SIGKILL, None), (signal.SIGTERM, BEFORE)]
)
def test_the_scorer_killed_half_way(table, sent, before):
    target = table.with_name("scored.csv")
    if before is not None:
        target.write_text(before, encoding="utf-8")
    scoring = subprocess.Popen(
        [sys.executable, "-m", "model", "score", str(table), "-o", str(target)],
        cwd=table.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while _written(scoring.pid, table.parent) < 100_000:
        assert scoring.poll() is None, "it was done before it was killed: give it more rows"
        time.sleep(0.005)
    scoring.send_signal(sent)
    assert scoring.wait(30) == (-sent if sent == signal.SIGKILL else 128 + sent)
    assert (target.read_text(encoding="utf-8") if target.exists() else None) == before
    left = {path.name for path in table.parent.iterdir()} - {target.name, table.name}
    if sent == signal.SIGTERM or hasattr(os, "O_TMPFILE"):
        assert not left
    else:  # nothing can tidy up after SIGKILL; what is left says what it is, and is in nobody's way
        assert all(name.startswith(".") and name.endswith(".partial") for name in left)
    again = subprocess.run([sys.executable, "-m", "model", "score", str(_short(table)), "-o", str(target)],
                           cwd=table.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
                           stderr=subprocess.DEVNULL)  # fmt: skip
    assert again.returncode == 0
    assert target.read_text(encoding="utf-8").count("\n") == 3


def _written(process, folder):
    """Return how much of the result is written: of a file without a name, or of a hidden one."""
    held = Path(f"/proc/{process}/fd")
    nameless = [fd for fd in held.iterdir() if _is_nameless(fd, folder)] if held.exists() else []
    return max((file.stat().st_size for file in [*nameless, *folder.glob(".*.partial")]), default=0)


def _is_nameless(descriptor, folder):
    try:
        return os.readlink(descriptor).startswith(f"{folder}/#")
    except OSError:  # closed meanwhile
        return False


def _short(table):
    short = table.with_name("short.csv")
    short.write_text("id,fever\nA,present\nB,\n", encoding="utf-8")
    return short
