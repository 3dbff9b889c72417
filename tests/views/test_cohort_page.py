"""The cohort screen as a visitor uses it, without a browser."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from model.cohort.scoring import score_bytes
from model.knowledge import load_knowledge
from tests.views.steps import html
from views.cached_models import diagnostic_model
from views.cohort import view

ROOT = Path(__file__).resolve().parents[2]
PAGE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from views.cohort import actions as cohort_actions, page as cohort_page
from views import session
session.begin()
cohort_page.show()
session.take_snapshot()
"""
SMALL = b"id,fever,serum_b12,anc\n<b>1</b>,present,150 pg/mL,1200 /mm3\n2,what,,\n3,,,800 /mm3\n"


def opened():
    return AppTest.from_string(PAGE, default_timeout=60).run()


def press(at, label):
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


def upload(at, content, name="patients.csv"):
    at.file_uploader[0].upload(name, content, "text/csv").run()
    assert not at.exception
    return at


def test_the_published_cases_are_tried_at_once():
    at = press(opened(), "Try the published cases")
    assert "65 rows." in html(at)
    press(at, "Score 65 rows")
    expected = score_bytes(diagnostic_model("article"), view.example(load_knowledge()).encode(), "a", safe=True)[0]
    assert at.session_state["cohort_scored"].content == expected
    assert "44 of 65 rows answered" in html(at)


def test_what_cannot_be_read_is_said_before_scoring_and_escaped():
    at = upload(opened(), SMALL)
    assert "state “what” is unknown" in html(at)
    press(at, "Score 3 rows")
    assert at.session_state["cohort_scored"].summary.verdicts == {"in": 1, "invalid": 1, "refused": 1}
    assert "<b>1</b>" not in html(at)


def test_asking_for_the_near_band_reads_again_and_drops_the_old_result():
    at = press(upload(opened(), SMALL), "Score 3 rows")
    at.toggle(key="cohort_outside").set_value(True).run()
    assert at.session_state["cohort_scored"] is None
    press(at, "Score 3 rows")
    assert at.session_state["cohort_scored"].summary.verdicts == {"in": 1, "invalid": 1, "near": 1}
    at.selectbox(key="cohort_setting").set_value("primary_care").run()
    assert at.session_state["cohort_scored"] is None
    press(at, "Score 3 rows")
    expected = score_bytes(diagnostic_model("primary_care"), SMALL, "a", "allow", safe=True)[0]
    assert at.session_state["cohort_scored"].content == expected


BAD = {
    "empty file": b"",
    "UTF-8": b"fever\n\xff\n",
    "NUL": b"fever\x00\n",
    "commas": b"a;b\n1;2\n",
    "mean 'rash'": b"fever,rsh\n,\n",
    "adds column 'p_drug'": b"fever,p_drug\n,\n",
    "10000 rows": b"fever\n" + b"present\n" * 10_001,
}


def test_a_bad_table_gives_a_sentence_and_loses_nothing():
    at = press(upload(opened(), SMALL), "Score 3 rows")
    before = at.session_state["cohort_scored"]
    for words, content in BAD.items():
        upload(at, content, "bad.csv")
        assert words in at.error[0].value.replace("\\", "")
        assert at.session_state["cohort_scored"] is before
        assert "patients.csv" in " ".join(header.value for header in at.header).replace("\\", "")


def test_a_row_opens_as_the_case_and_undo_brings_the_one_before_back():
    at = press(upload(opened(), SMALL), "Score 3 rows")
    before = at.session_state["current"].case
    runner = AppTest.from_string(PAGE + "\ncohort_actions.open_row(1)\nsession.take_snapshot()", default_timeout=60)
    for key in ("cohort_table", "cohort_scored"):
        runner.session_state[key] = at.session_state[key]
    # the callback is what the row's button calls; widgets of the case are not on this page, so it may run here
    runner.run()
    case = runner.session_state["current"].case
    assert case.evidence == {"fever": "present", "serum_b12": "150 pg/mL", "anc": "1200 /mm3"}
    assert runner.session_state["undo"][-1].case == before


def test_two_visitors_do_not_share_a_table():
    first, second = opened(), opened()
    upload(first, SMALL)
    second.run()
    assert not second.header
    press(first, "Drop the table")
    assert not first.header
