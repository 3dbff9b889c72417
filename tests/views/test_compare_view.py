"""The compare screen: every side is what the engine answers, and what differs is what really differs."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import model
from model import charts
from model.errors import EvidenceError, KnowledgeError
from model.evidence import Case
from model.sensitivity.side_by_side import side_by_side
from model.sensitivity.swap_reader import reordered, swap_reader
from model.wording import SPACE
from tests.views.test_result_view import NO_CAUSE, random_evidence
from views.cached_models import reader_model
from views.compare import view as texts
from views.compare.markup import side_table
from views.visit import Pin, Visit, read_visit

ROOT = Path(__file__).resolve().parents[2]
FEVER = "link.fever.present.viral.present"
DRAWS = 100


def side(loaded, title, evidence):
    return texts.Side(title, Case(loaded.setting, evidence), loaded)


@pytest.mark.parametrize("seed", range(3))
def test_each_side_is_the_engines_answer(m, seed):
    clinic = model.load("haematology_clinic")
    evidence = random_evidence(m.knowledge, seed)
    other = {**evidence, "fever": "present", "rash": {"present": 1, "absent": 0.5}}
    sides = [side(m, "one", evidence), side(m, "two", other), side(clinic, "three", evidence)]
    view = texts.comparison_view(sides, DRAWS)
    assert view.sides == ("one", "two", "three")
    assert view.found is not None
    frame = view.found.frame.set_index(["side", "cause"])
    for each in sides:
        causes = each.model.posterior(each.case.evidence).causes
        ranges = each.model.intervals(each.case.evidence, draws=DRAWS).frame
        for cause, probability in causes.items():
            row = frame.loc[(each.title, cause)]
            assert row["plug_in"] == pytest.approx(probability, abs=1e-12)
            assert (row["low"], row["high"], row["first"]) == tuple(ranges.loc[cause, ["low", "high", "first"]])
            assert row["difference"] == pytest.approx(probability - m.posterior(evidence).causes[cause], abs=1e-12)
            assert row["leads"] == (cause == causes.idxmax())
    assert dict(zip(view.sides, view.found.leaders.values(), strict=True)) == view.found.leaders
    most = frame.groupby("cause")["plug_in"].max().sort_values(ascending=False)
    assert [line.label for line in view.causes] == [
        m.knowledge.nodes[cause].label.split(" (")[0] for cause in most.index
    ]
    assert ("Rash" in {row[0] for row in view.findings}) == (evidence.get("rash") != other["rash"])


def test_only_what_differs_is_listed_in_words(m):
    sides = [
        side(m, "a", {"fever": "present", "serum_b12": "150 pg/mL", "anaemia": "absent"}),
        side(m, "b", {"fever": "absent", "serum_b12": "150 pg/mL", "drug": "absent"}),
    ]
    rows = {label: values for label, *values in texts.differing_findings(m.knowledge, sides)}
    assert rows["Fever"] == ["Yes", "No"]
    assert rows["Anaemia"] == ["No", texts.NOT_ENTERED]
    assert rows["Drug-induced"] == [texts.NOT_ENTERED, "Not acting"]
    assert len(rows) == 3


def test_differing_numbers_are_those_that_were_changed(m):
    assert texts.differing_numbers(m, m) == ()
    changed = m.override({FEVER: 0.31, "cooccurrence.neutropenia.article": 1.2})
    pairs = texts.differing_numbers(m, changed)
    assert {pair.cards[0].id for pair in pairs} == {FEVER, "cooccurrence.neutropenia.article"}
    assert {pair.values[1] for pair in pairs} == {"0.31", "1.2"}
    assert [pair.apart for pair in pairs] == sorted((pair.apart for pair in pairs), reverse=True)


def test_settings_differ_where_their_rows_do(m):
    clinic = model.load("haematology_clinic")
    pairs = texts.differing_numbers(m, clinic)
    shares = [pair for pair in pairs if pair.cards[0].id.startswith("share_order.drug")]
    assert [card.id for card in shares[0].cards] == ["share_order.drug.article", "share_order.drug.haematology_clinic"]
    same = {record.id for record in m.knowledge.records_of("article")} & {
        record.id for record in m.knowledge.records_of("haematology_clinic")
    }
    assert not same & {pair.cards[0].id for pair in pairs}  # a row that both settings share says the same


def test_readers_are_those_of_the_swapped_readers(m):
    evidence = {"fever": "present", "respiratory_symptoms": "present"}
    frame = swap_reader(m, m.posterior(evidence)).frame
    names = texts.reader_names(m)
    assert set(names) == {reader for reader in frame.index if not reader.startswith(("claim", "setting"))}
    for reader in names:
        causes = reader_model("article", reader).posterior(evidence).causes
        assert causes.tolist() == pytest.approx(frame.loc[reader, list(causes.index)].tolist(), abs=1e-12)
    other = reader_model("article", "order:no_order", ((FEVER, 0.4),))
    assert other.overridden == {FEVER: 0.4}
    with pytest.raises(KnowledgeError, match="did you mean 'no_order'"):
        reordered(m, "no_ordr")
    assert not [name for name in texts.reader_names(model.load("primary_care")) if name.startswith("order")]


def test_a_side_without_an_answer_is_a_sentence_beside_the_others(m):
    sides = [side(m, "case", {"fever": "present"}), side(m, "blasts", {"blasts": "present"}), side(m, "none", NO_CAUSE)]
    view = texts.comparison_view(sides, DRAWS)
    assert view.sides == ("case",)
    assert [title for title, *_ in view.refused] == ["blasts", "none"]
    assert [urgent for *_, urgent in view.refused] == [True, False]
    assert all(sentence.endswith((".", "!")) for _, sentence, _ in view.refused)
    nobody = texts.comparison_view(sides[1:], DRAWS)
    assert nobody.found is None
    assert nobody.causes == ()
    with pytest.raises(EvidenceError, match="one answer or more"):
        side_by_side({})


def test_chart_and_text_hold_every_number(m):
    found = side_by_side({"a": (m, m.posterior({})), "b": (m, m.posterior({"fever": "present"}))}, draws=DRAWS)
    spec = charts.comparison(found, {"drug": "Drugs"}).to_dict()
    drawn = next(iter(spec["datasets"].values()))
    assert [row["plug_in"] for row in drawn] == found.frame["plug_in"].tolist()
    assert {row["name"] for row in drawn if row["cause"] == "drug"} == {"Drugs"}
    text = charts.comparison_text(found)
    assert len(text.splitlines()) == 1 + 2 * 7
    assert text.count("leads") == 2
    np.testing.assert_allclose(found.frame.loc[found.frame["side"] == "a", "difference"], 0)


def test_points_are_said_with_their_sign():
    said = [texts._points(x) for x in (0.0, 0.003, 0.012, -0.2)]
    assert said == ["same", "under 1 point apart", "+1 point", "\N{MINUS SIGN}20 points"]


def test_a_title_cannot_become_markup(m):
    view = texts.comparison_view([side(m, "<b>one</b>", {})], DRAWS)
    table = side_table(view.sides, view.causes, "<i>")
    assert "<b>one" not in table
    assert "<i>" not in table


def test_nothing_behind_the_screen_loads_streamlit():
    code = "import sys; from views.compare import view; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


SCREEN = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from views.compare import page as compare_page
from views import session
session.begin()
compare_page.show()
session.take_snapshot()
"""


def opened():
    at = AppTest.from_string(SCREEN, default_timeout=60).run()
    assert not at.exception
    return at


def pinned(at, title):
    at.text_input(key="pin_title").set_value(title)
    next(button for button in at.button if button.label == "Pin this case").click().run()
    assert not at.exception
    return at


def text(at):
    return " ".join(str(each.proto.body) for each in at.get("html"))


def test_pins_stand_beside_the_case_survive_undo_and_a_reload(m):
    at = pinned(opened(), "As it came")
    before = at.session_state["pins"]
    assert not at.session_state["fresh"]  # the tab remembers it from now on
    assert at.text_input(key="pin_title").value == ""
    at.session_state["ev_fever"] = "present"
    at.run()
    assert "Findings that differ" in " ".join(header.value for header in at.header)
    assert "As it came" in text(at)
    next(button for button in at.button if button.label == "Open").click().run()
    assert at.session_state["ev_fever"] == "absent"
    assert at.session_state["pins"] == before
    case = at.session_state["current"].case
    again = read_visit(Visit(case, "", before).to_text(), m.knowledge)
    assert again.pins == before == (Pin("As it came", before[0].case),)


def test_at_most_three_are_pinned_titles_are_edited_and_dropped():
    at = opened()
    for title in ("one", "two", "", "four"):
        pinned(at, title)
    assert [pin.title for pin in at.session_state["pins"]] == ["two", "Scenario 3", "four"]
    at.text_input(key="pin_1_title").set_value("three").run()
    assert [pin.title for pin in at.session_state["pins"]] == ["two", "three", "four"]
    at.text_input(key="pin_1_title").set_value("  ").run()
    assert at.text_input(key="pin_1_title").value == "three"
    at.button(key="pin_0_drop").click().run()
    assert [pin.title for pin in at.session_state["pins"]] == ["three", "four"]
    assert [at.text_input(key=f"pin_{i}_title").value for i in range(2)] == ["three", "four"]
    pinned(at, "four")
    assert "four (4)" in text(at)


def test_two_settings_and_two_readers(m):
    at = opened()
    at.segmented_control(key="compare_way").set_value("Settings").run()
    assert not at.exception
    assert "numbers differ" in " ".join(header.value for header in at.header)
    at.segmented_control(key="compare_way").set_value("Readers of the article").run()
    at.selectbox(key="compare_Reader_b").set_value("order:no_order").run()
    assert not at.exception
    assert "No order at all" in text(at)
    causes = reader_model("article", "order:no_order").posterior(at.session_state["current"].case.evidence)
    assert f"{round(100 * causes.causes.max())}{SPACE}%" in text(at)


def test_without_an_answer_there_is_a_sentence_and_no_chart():
    at = opened()
    at.session_state["ev_blasts"] = "present"
    at.run()
    assert not at.exception
    assert at.error
    assert not at.get("vega_lite_chart")
    pinned(at, "blasts")
    for way in ("Settings", "Readers of the article", "Scenarios"):
        at.segmented_control(key="compare_way").set_value(way).run()
        assert not at.exception


def test_a_pin_that_fits_no_model_is_a_sentence():
    at = opened()
    at.session_state["pins"] = (Pin("bad", replace(at.session_state["current"].case, numbers={FEVER: 0.0001})),)
    at.run()
    assert not at.exception
    assert any("expected at least the background" in warning.value.replace("\\", "") for warning in at.warning)
