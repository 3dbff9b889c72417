"""The command ``neutropenia-bn``, as the package installs it, from any folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import model
from model.__main__ import parser

SCRIPT = Path(sys.executable).with_name("neutropenia-bn.exe" if os.name == "nt" else "neutropenia-bn")


@pytest.fixture
def script():
    if not SCRIPT.exists() and not os.environ.get("CI"):
        pytest.skip("the package is not installed beside this interpreter")
    return str(SCRIPT)


def test_somebody_elses_model_is_not_run(script, tmp_path):
    for name in ("model.py", "model/__init__.py", "model/__main__.py", "data/nodes.csv", "views.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise SystemExit('theirs')\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for words in (["--help"], ["export", "network.json"], ["posterior", "--set", "fever=present", "--json"]):
        ended = subprocess.run(
            [script, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        assert "theirs" not in ended.stdout + ended.stderr
    assert '"model_hash"' in ended.stdout


def test_help_is_about_the_command_people_type():
    assert parser().prog == "neutropenia-bn"
    for command in next(action for action in parser()._actions if action.dest == "command").choices.values():
        assert command.prog.startswith("neutropenia-bn ")


def test_the_package_installs_it():
    project = (Path(model.__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'neutropenia-bn = "model.__main__:main"' in project
