"""Case files and links that earlier versions wrote are read whole: every entry, note and replaced number."""

import csv
import json
from pathlib import Path

import pytest

import model
from model.errors import OutOfScope
from model.evidence import read_case, todays_words
from model.evidence.case_link import read_link

HERE = Path(__file__).resolve().parent
FILES = sorted((HERE / "cases").glob("*/*.json"))
LINKS = [
    (table.parent / f"{row['case']}.json", row["link"])
    for table in sorted((HERE / "cases").glob("*/links.csv"))
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines())
]
M = model.load()
OTHER_MODEL = "The case was saved with model"


def named(path):
    return f"{path.parent.name}/{path.stem}" if isinstance(path, Path) else None


def assert_read_whole(case, warnings, content):
    """Assert that nothing was left out; the model and its words have moved on, and that is said."""
    today, notices = todays_words(M.knowledge, content["evidence"])
    assert {warning for warning in warnings if not warning.startswith(OTHER_MODEL)} == set(notices)
    assert case.left_out == ()
    assert case.setting == content["setting"]
    assert case.numbers == content.get("numbers", {})
    loaded = model.load(setting=case.setting)
    loaded = loaded.override(case.numbers) if case.numbers else loaded
    if case.evidence.get("anc") == "300 /mm3":
        with pytest.raises(OutOfScope):
            loaded.posterior(case.evidence)
    else:
        answer = loaded.posterior(case.evidence)
        assert set(answer.evidence.given) == {*today, *(["age_band"] if "age" in today else [])}
        assert float(answer.share.sum()) == pytest.approx(1)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_case_file_of_an_earlier_version(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    case, warnings = read_case(path.read_bytes(), M.knowledge, M.hash)
    assert case.evidence == todays_words(M.knowledge, content["evidence"])[0]
    assert case.note == content["note"]
    assert_read_whole(case, warnings, content)


@pytest.mark.parametrize(("path", "link"), LINKS, ids=named)
def test_a_link_of_an_earlier_version_is_the_case_it_was_made_of(path, link):
    content = json.loads(path.read_text(encoding="utf-8"))
    case, warnings = read_link(link, M.knowledge, M.hash)
    assert_read_whole(case, warnings, content)
    loaded = model.load(setting=case.setting)
    if "anc" not in content["evidence"]:
        linked, saved = (loaded.posterior(each).causes.to_dict() for each in (case.evidence, content["evidence"]))
        assert linked == pytest.approx(saved, abs=1e-12)


def test_every_version_but_this_one_left_its_cases():
    assert {path.parent.name for path in FILES} == {"0.1.0", "0.2.0"}
