"""What is published runs away from the checkout: ``python tests/away.py python3.12 …`` (``make away``).

Builds the source archive and the wheel, builds the wheel once more from the unpacked source archive, and installs it
for each Python named, in a new environment. There, in an empty folder, every kind of command has to work: an answer, a
table, a report, an export, the app. It installs packages, so it is no part of the tests.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
BUILDER = "hatchling>=1.27,<2"
PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
ALONE = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}


def run(*words: object, folder: Path) -> str:
    """Run a program in a folder and return what it printed; what fails is shown whole."""
    ended = subprocess.run(
        [str(word) for word in words], cwd=folder, env=ALONE, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def environment(python: str, place: Path) -> Path:
    """Make a new environment of a Python, and return its folder of programs."""
    run(python, "-m", "venv", place, folder=place.parent)
    return place / ("Scripts" if os.name == "nt" else "bin")


def built(folder: Path) -> tuple[Path, Path]:
    """Build source archive and wheel; the wheel returned is built from the archive alone, and has the same files."""
    tools = environment(sys.executable, folder / "build")
    run(tools / "python", *PIP, BUILDER, folder=folder)
    run(tools / "python", "-m", "hatchling", "build", "-d", folder / "first", folder=ROOT)
    source = next((folder / "first").glob("*.tar.gz"))
    with tarfile.open(source) as archive:
        archive.extractall(folder / "source", filter="data")
    unpacked = next((folder / "source").iterdir())
    run(tools / "python", "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "second", folder=unpacked)
    wheels = [next((folder / name).glob("*.whl")) for name in ("first", "second")]
    names = [set(zipfile.ZipFile(wheel).namelist()) for wheel in wheels]
    assert names[0] == names[1], names[0] ^ names[1]
    return source, wheels[1]


def answers(program: Path, folder: Path) -> str:
    """Run every kind of command in an empty folder; return the version."""
    (folder / "in.csv").write_text("id,fever,ANC (/mm3)\nA,yes,1200\nB,yes,300\n", encoding="utf-8")
    entered = ("fever=present", "serum_b12=150 pg/mL")
    answer = json.loads(run(program, "posterior", "--json", "--set", *entered, folder=folder))
    assert abs(sum(answer["share"].values()) - 1) < 1e-9
    run(program, "next", "--set", "fever=present", folder=folder)
    run(program, "score", "in.csv", "-o", "out.csv", folder=folder)
    run(program, "report", "--set", "fever=present", "-o", "report.html", folder=folder)
    run(program, "export", "network.bif", folder=folder)
    run(program, "card", "--keep", "-o", "card.md", folder=folder)
    for name in ("out.csv", "report.html", "network.bif", "card.md"):
        assert (folder / name).stat().st_size > 100, name
    served(program, folder)
    return run(program, "--version", folder=folder).strip()


def served(program: Path, folder: Path) -> None:
    """Serve the app and ask for its page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "app.log").open("w")
    words = [program, "serve", "--no-browser", "--port", str(port)]
    with log, subprocess.Popen(words, cwd=folder, env=ALONE, stdout=log, stderr=log, start_new_session=True) as server:
        try:
            for _ in range(600):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                        assert answer.status == 200
                        return
                except OSError:
                    time.sleep(0.1)
            raise SystemExit((folder / "app.log").read_text())
        finally:
            os.killpg(server.pid, 15)


def main() -> None:
    """Build, and try with each Python named; without one, with this."""
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        source, wheel = built(place)
        print(f"{source.name}, {wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, the same from the archive")
        for number, python in enumerate(sys.argv[1:] or [sys.executable]):
            programs = environment(python, place / f"environment{number}")
            run(programs / "python", *PIP, wheel, folder=place)
            empty = place / f"empty{number}"
            empty.mkdir()
            version = answers(programs / "neutropenia-bn", empty)
            name = run(programs / "python", "-V", folder=empty).strip()
            print(f"{name}: {version} answers, scores, prints, exports, serves", flush=True)


if __name__ == "__main__":
    main()
