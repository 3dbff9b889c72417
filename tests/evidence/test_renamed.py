"""Words of earlier versions are read in the words of today, wherever they stand, and never silently."""

from __future__ import annotations

import csv
import json
from functools import partial

import pandas as pd
import pytest

import model
from model.__main__ import main
from model.cli import commands
from model.cohort.check import check_table
from model.cohort.header import read_header
from model.cohort.scoring import score_bytes
from model.errors import EvidenceError, KnowledgeError
from model.evidence import Case, read_case, read_each, read_evidence, todays_words
from model.evidence.case_link import read_link, to_link
from model.knowledge import load_knowledge
from model.report import report
from tests.knowledge.test_knowledge import broken
from views.cohort import view

REAL = load_knowledge()
OLD = [  # words that no version had, so that they are old ones beside any table of nodes
    ("pyrexia", "absent", "fever", "absent", "It had another limit."),
    ("pyrexia", "present", "fever", "present", "It had another limit."),
    ("serum_b12", "poor", "serum_b12", "low", "Poor had another limit."),
    ("nutritional", "vitamin", "nutritional", "folate;b12", "It has become two states."),
    ("nutritional", "lack", "nutritional", "present", "Of what was not asked."),
]
TYPED = {"pyrexia": "Present", "serum_b12": "poor", "nutritional": "vitamin", "rash": "absent"}
WORDS = {"fever": "present", "serum_b12": "low", "nutritional": {"folate": 1.0, "b12": 1.0}, "rash": "absent"}


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """The model, with those words in its table of old ones."""
    folder = broken(tmp_path_factory.mktemp("later"), "renamed_states.csv", "node,state", "node,state")
    with (folder / "renamed_states.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(OLD)
    return model.load(folder=folder)


def said(sentences, count):
    """The sentences are about `count` old words, each named."""
    found = [each for each in sentences if "earlier version" in each]
    assert len(found) == count
    return "\n".join(found)


def test_an_old_word_is_the_word_of_today_and_is_said(later):
    read, today = read_evidence(later.knowledge, TYPED), read_evidence(later.knowledge, WORDS)
    assert (read.key, dict(read.given)) == (today.key, WORDS)
    assert list(read.given) == list(WORDS)
    assert today.notices == ()
    words = said(read.notices, 3)
    assert (
        "pyrexia=present is a word of an earlier version and is read as fever=present. It had another limit." in words
    )
    assert "nutritional=folate or b12" in words
    assert later.posterior(TYPED).acting == pytest.approx(later.posterior(WORDS).acting, abs=1e-12)


def test_an_old_word_in_a_likelihood(later):
    read = read_evidence(later.knowledge, {"pyrexia": {"PRESENT": 1, "absent": 0.5}, "nutritional": {"vitamin": 0.4,
                         "copper": 0.8}})  # fmt: skip
    assert read.soft == {"fever": (0.5, 1.0), "nutritional": (0.0, 0.5, 0.5, 1.0)}
    said(read.notices, 3)
    with pytest.raises(
        EvidenceError, match="nutritional: expected each state once, got 'folate' twice, once in an old"
    ):
        read_evidence(later.knowledge, {"nutritional": {"folate": 1, "vitamin": 1}})


def test_an_old_word_may_leave_the_state_open(later):
    read = read_evidence(later.knowledge, {"nutritional": "lack"})
    assert read.soft == {"nutritional": (0.0, 1.0, 1.0, 1.0)}
    assert read.given == {"nutritional": "present"}
    said(read.notices, 1)


def test_the_old_name_beside_the_new_one_is_refused(later):
    both = {"pyrexia": "present", "fever": "absent", "rash": "absent"}
    with pytest.raises(EvidenceError, match="expected each node once, got 'fever' twice"):
        read_evidence(later.knowledge, both)
    usable, unread = read_each(later.knowledge, both)
    assert dict(usable.given) == {"fever": "absent", "rash": "absent"}
    assert [each.node for each in unread] == ["pyrexia"]
    assert todays_words(later.knowledge, both) == (both, ())


def test_what_was_never_a_state_stays_unread(later):
    with pytest.raises(EvidenceError, match="fever: state 'maybe' is unknown"):
        read_evidence(later.knowledge, {"pyrexia": "maybe"})
    assert read_evidence(later.knowledge, {"pyrexia": None}).given == {}


def test_a_case_file_comes_in_the_words_of_today(later):
    text = json.dumps({"schema": 1, "evidence": TYPED})
    case, warnings = read_case(text, later.knowledge)
    assert case.evidence == WORDS
    assert case.notices == warnings
    said(warnings, 3)
    again, warnings = read_case(case.to_json("abc"), later.knowledge)
    assert (again.evidence, again.notices, warnings) == (WORDS, (), ())


def test_a_link_comes_in_the_words_of_today(later):
    case, warnings = read_link("1~article~abc~pyrexia.y~serum_b12.poor~nutritional.vitamin~rash.n", later.knowledge)
    assert case.evidence == WORDS
    said(warnings, 3)
    assert read_link(to_link(case, later.knowledge, "abc"), later.knowledge)[0].evidence == WORDS


def test_a_table_is_read_by_old_columns_and_cells(later):
    frame = pd.DataFrame(
        {"Pyrexia (yes/no)": ["yes", "0", "NA", "present"], "serum_b12": ["poor", "low", "", "150 pg/mL"]}
    )
    today = pd.DataFrame({"fever": ["yes", "0", "NA", "present"], "serum_b12": ["low", "low", "", "150 pg/mL"]})
    found, expected = later.posterior_batch(frame), later.posterior_batch(today)
    pd.testing.assert_frame_equal(found, expected)
    assert found.attrs["read"][0] == "'Pyrexia (yes/no)' as fever"
    said(found.attrs["warnings"], 3)
    assert expected.attrs["notices"] == []
    content = frame.to_csv(index=False).encode()
    said(check_table(later, content, "t.csv").warnings, 3)
    said(score_bytes(later, content, "t.csv")[1].warnings, 3)
    result = view.score_upload(later, view.upload_of(later, content, "t.csv", "refuse"))
    opened, sentences = view.case_of_row(later.knowledge, result, 1, "t.csv")
    assert opened.evidence == {"fever": "present", "serum_b12": "low"}
    said(sentences, 2)
    problem = read_header(later.knowledge, ["pyrexia", "fever"]).problems[0]
    assert "expected each node in one column, got 'fever' twice" in problem


def test_the_command_line_says_it_on_standard_error_and_beside_the_answer(later, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(commands, "load", partial(model.load, folder=later.knowledge.folder))
    monkeypatch.setattr(commands, "load_knowledge", partial(load_knowledge, later.knowledge.folder))
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"schema": 1, "evidence": {"pyrexia": "present"}}), encoding="utf-8")
    words = ["posterior", "--case", str(path), "--set", "serum_b12=poor"]
    assert main([*words, "--json"]) == 0
    captured = capsys.readouterr()
    assert said(captured.err.splitlines(), 2).count("warning: ") == 2
    content = json.loads(captured.out)
    said(content["notices"], 2)
    assert content["causes"] == later.posterior({"fever": "present", "serum_b12": "low"}).acting
    assert main(["next", *words[1:]]) == 0
    said(capsys.readouterr().out.splitlines(), 2)
    page = tmp_path / "report.html"
    assert main(["report", *words[1:], "-o", str(page)]) == 0
    said_twice = page.read_text(encoding="utf-8").count("earlier version")
    assert said_twice == 4  # a line for each word, on the first page and beside the entries
    assert main(["posterior", "--case", str(path), "--set", "fever=present"]) != 0
    assert "'fever' is given twice" in capsys.readouterr().err


def test_the_report_says_it_of_a_case_made_by_hand(later):
    page = report(later, Case("article", TYPED))
    for words in ("pyrexia=present", "serum_b12=poor", "nutritional=vitamin"):
        assert f"{words} is a word of an earlier version" in page
    assert "earlier version" not in report(later, Case("article", WORDS))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("pyrexia,present,fevr,present,Why", "pyrexia=present: node 'fevr' is not in nodes.csv"),
        (
            "pyrexia,present,fever,high,Why",
            r"pyrexia=present: 'fever' has no state \('high',\); allowed is 'absent' or",
        ),
        ("pyrexia,present,fever,,Why", "'fever' has no state"),
        ("pyrexia,present,fever,present,", "expected a notice"),
    ],
)
def test_a_row_leads_to_a_word_of_today_and_says_so(row, message, tmp_path):
    folder = broken(tmp_path, "renamed_states.csv", "new_state,notice\n", f"new_state,notice\n{row}\n")
    with pytest.raises(KnowledgeError, match=message):
        load_knowledge(folder)


def test_a_row_rests_while_its_word_is_a_state(tmp_path):
    row = "fever,present,nowhere,at_all,Why"
    folder = broken(tmp_path, "renamed_states.csv", "new_state,notice\n", f"new_state,notice\n{row}\n")
    read = read_evidence(load_knowledge(folder), {"fever": "present"})
    assert (read.hard, read.notices) == ({"fever": 1}, ())


@pytest.mark.parametrize("row", REAL.renamed_states, ids=lambda row: f"{row.node}={row.state}")
def test_every_old_word_is_read(row):
    """Runs once the nodes it leads to are there."""
    if row.node in REAL.nodes and row.state in REAL.nodes[row.node].states:
        pytest.skip("still a word of today")
    read = read_evidence(REAL, {row.node: row.state})
    assert len(read.notices) == 1
    assert row.notice in read.notices[0]
    new = REAL.nodes[row.new_node]
    meant = {state for each in row.new_state for state in (new.kinds if each == "present" and new.kinds else (each,))}
    if len(meant) == 1:
        assert read.hard == {new.id: new.states.index(*meant)}
    else:
        assert read.soft == {new.id: tuple(float(state in meant) for state in new.states)}
