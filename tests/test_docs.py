"""Documents that cannot drift: README, change log, contributing guide and package metadata against the code."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import model
from model.__main__ import parser
from model.knowledge import load_knowledge

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_change_log_starts_with_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\S+) \((?!unreleased)", text, flags=re.MULTILINE)
    assert released[0] == model.__version__


def test_the_citation_is_of_this_version():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {model.__version__}\n" in cited
    released = re.search(r"^date-released: (\S+)$", cited, flags=re.MULTILINE)
    assert released
    assert f"## {model.__version__} ({released[1]})" in log
    holder = re.search(r"Copyright \(c\) \d+ (.+)", (ROOT / "LICENSE").read_text(encoding="utf-8"))
    assert holder
    assert f"name: {holder[1]}\n" in cited


def test_the_classifiers_fit_what_is_asked_of_python():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [each.rpartition(" :: ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert f">={named[0]}" == project["requires-python"]
    assert len(named) >= 3
    if "Typing :: Typed" in project["classifiers"]:
        assert (ROOT / "model" / "py.typed").exists()


def test_every_command_is_in_the_readme():
    commands = next(action for action in parser()._actions if action.dest == "command").choices
    for command in commands:
        assert f"neutropenia-bn {command}" in README, command


def test_make_targets_in_the_documents_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert set(re.findall(r"`?make ([a-z]+)", text)) <= targets


def test_the_figures_in_the_readme_are_those_of_validation():
    results = json.loads((ROOT / "data" / "validation_results.json").read_text(encoding="utf-8"))
    wanted = ("article", "with decisive", "all")
    scores = results["published"]["scores"]
    row = next(row for row in scores if (row["setting"], row["findings"], row["group"]) == wanted)
    for name in ("top1", "top2"):
        share, low, high = (100 * row[key] for key in (name, f"{name}_low", f"{name}_high"))
        assert re.search(rf"{share:.0f} %\s+\((95 % interval )?{low:.0f} to {high:.0f} %\)", README), name
    ceiling = next(row for row in results["simulation"]["recovery"]["asked"] if row["asked"] == "published numbers")
    assert f"{100 * ceiling['top1']:.0f} % of simulated" in README
    beaten = {
        row["method"]: row["beaten"]
        for row in results["published"]["differences"]
        if (row["setting"], row["findings"]) == wanted[:2]
    }
    assert {name for name, better in beaten.items() if not better} == {"naive Bayes", "multimembership"}
    warning = {(row["findings"], row["sign"]) for row in results["published"]["alarm"] if row["warns"]}
    assert warning == {("without decisive", "other first or second")}


def test_settings_and_formats_in_the_readme_exist():
    for setting in load_knowledge().settings:
        assert setting in README


def test_links_and_pictures_exist():
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{document} points to {target}"


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "data/README.md"])
def test_paths_named_in_the_documents_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.findall(r"`((?:data|tests|views|model/validation)/[\w./]*|model/\w+\.py)`", text)
    assert found
    for path in found:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", model.__all__)
def test_public_names_have_a_docstring(name):
    found = getattr(model, name)
    assert isinstance(found, str) or found.__doc__


def test_no_address_of_a_machine_or_registry():
    """No absolute path of a machine, and no lock file with download addresses."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for requirement in project["project"]["dependencies"]:
        assert "<" in requirement, f"{requirement} has no upper bound"
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("*.toml"),
        ROOT / "CITATION.cff",
        ROOT / "Makefile",
        *(ROOT / "model").rglob("*.py"),
    ):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp|Users)/\w", text), path.name
        assert "files.pythonhosted" not in text


def test_count_of_numbers_in_the_change_log():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{len(load_knowledge().records)} numbers" in text
