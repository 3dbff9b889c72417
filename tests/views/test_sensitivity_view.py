"""The sensitivity screen: what it says is what the engine answers when the number really has that value."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.evidence import published_case
from model.sensitivity import one_way, sensitivity_function, two_way
from model.sensitivity.reliance import reliance
from model.sensitivity.swap_reader import swap_reader
from model.wording import SPACE, cause_labels
from tests.views.test_result_view import NO_CAUSE, random_evidence, shown_for
from views.sensitivity import tables
from views.sensitivity import view as texts
from views.sensitivity.markup import ErrorBar, error_bars, shaded_table

ROOT = Path(__file__).resolve().parents[2]
FEVER = "link.fever.present.viral.present"
A03 = {"rheumatoid_arthritis": "present", "fever": "present", "respiratory_symptoms": "absent"}


def seen(loaded, evidence, cause=""):
    view = shown_for(loaded, evidence)
    return texts.sensitivity_view(loaded, one_way(loaded, view.posterior, cause or view.causes[0].id))


def causes(loaded, number, value, evidence):
    return loaded.override({number: value}).posterior(evidence).causes


@pytest.mark.parametrize("setting", ["article", "primary_care"])
@pytest.mark.parametrize("seed", range(3))
def test_each_bar_is_the_answer_with_that_number(setting, seed):
    loaded = model.load(setting)
    evidence = random_evidence(loaded.knowledge, seed)
    shown = seen(loaded, evidence)
    assert shown.probability == pytest.approx(loaded.posterior(evidence).causes.max())
    assert [bar.swing for bar in shown.bars] == sorted((bar.swing for bar in shown.bars), reverse=True)
    kinds = {record.id: record for record in loaded.knowledge.records}
    movable = [bar for bar in shown.bars if kinds[bar.id].kind != "share_order"]
    for bar in Random(seed).sample(movable[:40], 4):
        for end, at in ((bar.low, bar.at_low), (bar.high, bar.at_high)):
            assert causes(loaded, bar.id, end, evidence)[shown.cause] == pytest.approx(at, abs=1e-9)
    least, most = shown.axis
    assert all(least <= end <= most for bar in shown.bars[: texts.SHOWN] for end in (bar.at_low, bar.at_high))


def test_the_certificate_holds_at_the_flip_and_not_before(m):
    found = 0
    for seed in (0, 3, 5, 8):
        evidence = random_evidence(m.knowledge, seed)
        shown = seen(m, evidence)
        for bar in [bar for bar in shown.bars if bar.flip is not None and bar.exact][:3]:
            far = bar.flip + (1e-4 if bar.flip > bar.value else -1e-4) * abs(bar.flip - bar.value)
            near = bar.flip - (1e-4 if bar.flip > bar.value else -1e-4) * abs(bar.flip - bar.value)
            labels = cause_labels(m.knowledge)
            assert labels[causes(m, bar.id, far, evidence).idxmax()] == bar.rival
            assert labels[causes(m, bar.id, near, evidence).idxmax()] == labels[m.posterior(evidence).leader]
            assert bar.inside == (bar.low <= bar.flip <= bar.high)
            assert bar.turn.startswith(f"{bar.rival} leads {'above' if bar.flip > bar.value else 'below'}")
            found += 1
        inside = [bar for bar in shown.bars if bar.inside]
        assert shown.certificate.startswith("No single number") == (not inside)
        if inside:
            assert any(bar.title in shown.certificate for bar in inside)
    assert found > 4


def test_the_slider_runs_over_the_interval_or_everything_the_number_may_be(m):
    for record in m.knowledge.records_of("article"):
        found = texts.slider_range(m, record.id, None)
        if record.kind == "share_order":
            assert found is None  # the article gives an order
            continue
        assert found is not None
        assert found.low <= found.value <= found.high
        if found.interval[0] < found.interval[1]:
            assert found.interval[0] <= found.low + 1e-9
            assert found.high <= found.interval[1] + 1e-9
            steps = (found.high - found.low) / found.step
            assert 20 <= steps <= 130 or found.low == found.high
        whole = texts.slider_range(m, record.id, None, whole=True)
        assert whole is not None
        if record.kind not in texts.ONE_OF_ITS_KIND:
            assert 0 < whole.low <= found.low + whole.step
            assert found.high - whole.step <= whole.high < 1
    outside = texts.slider_range(m, FEVER, 0.99)
    assert outside is not None
    assert outside.high == outside.value == 0.99
    assert outside.stated == pytest.approx(m.override({}).knowledge.record(FEVER).value)


def test_before_and_after_stand_side_by_side(m):
    before, after = shown_for(m, A03), shown_for(m.override({FEVER: 0.05}), A03)
    rows = texts.before_after(before, after)
    assert [(row[0], row[2]) for row in rows] == [(row.label, row.percent) for row in after.causes]
    assert {row[0]: row[1] for row in rows} == {row.label: row.percent for row in before.causes}
    own = replace(before, causes=(replace(after.causes[0], probability=0.2, rank=2),))
    now = replace(after, causes=(replace(after.causes[0], probability=0.5, rank=1),))
    ((_, *cells),) = texts.before_after(own, now)
    assert cells == [f"20{SPACE}%", f"50{SPACE}%", f"▲{SPACE}+30, place 1 (was 2)"]


def test_curve_and_surface_keep_the_numbers_and_say_causes_in_words(m):
    answer = m.posterior(A03)
    curve = sensitivity_function(m, answer, FEVER, points=21)
    named = tables.labelled_curve(curve, m.knowledge)
    assert (named.frame.to_numpy() == curve.frame.to_numpy()).all()
    assert list(named.frame.columns) == list(cause_labels(m.knowledge).values())
    assert tables.curve_rows(named)[1][0] == "Viral infection"
    surface = two_way(m, answer, "viral", FEVER, "leak.respiratory_symptoms.present", points=5)
    labelled = tables.labelled_surface(surface, m.knowledge)
    assert labelled.frame["probability"].tolist() == surface.frame["probability"].tolist()
    head, rows = tables.surface_rows(labelled)
    assert len(head) == 6
    assert len(rows) == 5
    assert rows[-1][1].split(f"{SPACE}%")[0] == str(round(100 * surface.frame["probability"].iloc[0]))
    assert tables.led(replace(labelled, frame=labelled.frame.assign(leader="Viral infection"))) == (
        "Viral infection leads everywhere on it"
    )


def test_every_reader_stands_in_the_table(m):
    told = []
    found = swap_reader(m, m.posterior(A03), lambda done, what: told.append(done))
    assert told == sorted(told)
    assert 0 < max(told) < 1
    head, rows = tables.reader_rows(found, m.knowledge)
    assert head[1:] == tuple(cause_labels(m.knowledge).values())
    assert len(rows) == len(found.frame)
    assert rows[0][0] == "As read"
    assert [share for _, share in rows[0][1]] == pytest.approx(m.posterior(A03).causes.tolist())
    for _, cells, leader in rows:
        assert cells[leader][1] == max(share for _, share in cells)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:SALib", "ignore::FutureWarning:SALib")
def test_what_it_rests_on_tells_its_progress_and_is_said_in_words(m):
    answer, told = m.posterior(A03), []
    found = reliance(m, answer, "viral", "claim", base=8, progress=lambda done, what: told.append(done))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    names = tables.reliance_groups(m.knowledge, found)
    bars = tables.reliance_bars(found, names)
    assert [bar.value for bar in bars] == found.frame["total"].tolist()
    assert all(bar.label == name for bar, name in zip(bars, names.values(), strict=True))
    assert names["H2"].startswith("H2: ")


def test_pictures_escape_what_they_hold():
    evil = "<script>alert(1)</script>"
    bars = error_bars([ErrorBar(evil, 0.4, -0.1, 1.4, 0.2, evil)], evil)
    cells = shaded_table((evil,), [(evil, [(evil, 0.3)], 0)], evil)
    assert "<script>" not in bars + cells
    assert "width:100.00%" in bars  # clamped to the track


def test_nothing_behind_the_screen_loads_streamlit():
    code = "import sys; from views.sensitivity import markup, tables; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


SCREENS = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from views.about import page as about_page
from views.case import page as case_page
from views.numbers import page as numbers_page
from views.sensitivity import page as sensitivity_page
from views import session
session.begin()
pages = {{"case": case_page, "sensitivity": sensitivity_page, "numbers": numbers_page, "about": about_page}}
pages[st.session_state.get("screen", "sensitivity")].show()
session.take_snapshot()
"""


def opened():
    at = AppTest.from_string(SCREENS, default_timeout=60).run()
    assert not at.exception
    return at


def turn_to(at, screen):
    at.session_state["screen"] = screen
    at.run()
    assert not at.exception
    return at


def text(at):
    return " ".join(str(each.proto.body) for each in at.get("html")) + " ".join(each.value for each in at.markdown)


def test_a_replaced_number_is_marked_everywhere_and_comes_back(m):
    at = opened()
    evidence = published_case(m.knowledge, "D01").evidence
    at.selectbox(key="number").set_value(FEVER).run()
    at.slider(key=f"slide_{FEVER}").set_value(0.5).run()
    assert not at.exception
    expected = m.override({FEVER: 0.5}).posterior(evidence).causes
    assert "This visit" in text(at)
    for screen in ("case", "numbers", "about", "sensitivity"):
        turn_to(at, screen)
        assert "Not the model as published" in text(at)
        if screen == "case":
            drawn = {row.id: row.probability for row in at.session_state["last"].causes}
            assert drawn == pytest.approx(expected.to_dict(), abs=1e-12)
            next(button for button in at.button if button.label == "Undo").click().run()
            at.run()
            assert at.session_state["numbers"] == {}
            at.session_state["numbers"] = {FEVER: 0.5}
    assert at.slider(key=f"slide_{FEVER}").value == 0.5
    at.button(key="restore_one").click().run()
    assert at.session_state["numbers"] == {}
    assert at.slider(key=f"slide_{FEVER}").value == pytest.approx(m.knowledge.record(FEVER).value)
    assert "Not the model as published" not in text(turn_to(at, "about"))


def test_the_cause_is_the_leader_then_the_one_in_focus_then_the_one_chosen():
    at = opened()
    assert at.selectbox(key="asked").value == "drug"
    at.session_state["focus"] = "ben"
    assert at.run().selectbox(key="asked").value == "ben"
    at.selectbox(key="asked").set_value("viral").run()
    assert at.run().selectbox(key="asked").value == "viral"
    at.session_state["focus"] = "marrow"
    assert at.run().selectbox(key="asked").value == "marrow"


def test_the_causes_on_offer_read_the_same_after_a_number_was_moved():
    """The browser answers with the label it shows, so nothing in it may change with the answer."""
    at = opened()
    before, said = sorted(at.selectbox(key="asked").options), text(at)
    at.selectbox(key="number").set_value(FEVER).run()
    at.slider(key=f"slide_{FEVER}").set_value(0.5).run()
    assert sorted(at.selectbox(key="asked").options) == before
    assert "Rank 1 of 7, " in said


def test_a_share_of_the_order_has_no_slider_and_says_why():
    at = opened()
    at.selectbox(key="number").set_value("share_order.viral.article").run()
    assert not at.exception
    assert not at.slider
    assert "order in which the article ranks" in text(at)


@pytest.mark.parametrize(
    ("put", "said"),
    [
        ({"ev_blasts": "present"}, "Outside this model"),
        ({"num_anc": "300", "ev_fever": "present"}, "Emergency"),
        ({f"ev_{cause}": state for cause, state in NO_CAUSE.items()}, ""),
    ],
)
def test_without_an_answer_there_is_a_sentence_and_no_chart(put, said):
    at = turn_to(opened(), "about")
    for key, value in put.items():
        at.session_state[key] = value
    turn_to(at, "sensitivity")
    alerts = [*at.error, *at.warning]
    assert alerts
    assert alerts[0].proto.title.startswith(said)
    assert not at.selectbox
    assert not at.get("vega_lite_chart")
