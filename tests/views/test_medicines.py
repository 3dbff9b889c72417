"""Medicines by name on the case screen: found, added, ranked, kept across reruns and screens, and taken back."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.evidence.medicine import MEDICINES
from views.medicines import contradicted, lines_held, medicine_line, medicine_problem, offered

ROOT = Path(__file__).resolve().parents[2]
NAME, DURATION, SUSPECTED, TEXT = "medicine_name", "medicine_duration", "medicine_suspected", "medicine_text"


@pytest.fixture(scope="module")
def m():
    return model.load()


@pytest.fixture
def app():
    """Return the app with nothing entered."""
    return click(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run(), "Reset")


def click(at, label):
    next(button for button in at.button if button.label == label).click().run()
    return at.run()


def add(at, name, duration="", suspected=False):
    at.selectbox(key=NAME).set_value(name)
    at.text_input(key=DURATION).set_value(duration)
    at.checkbox(key=SUSPECTED).set_value(suspected)
    return click(at, "Add")


def ranked(at):
    return {row.id: row.probability for row in at.session_state["last"].causes}


def engine(m, evidence):
    return pytest.approx(dict(m.posterior(evidence).acting), abs=1e-12)


def rows(at):
    return [element.value for element in at.markdown if element.value.startswith("**")]


def test_a_medicine_is_added_ranked_kept_and_removed(app, m):
    before = ranked(app)
    at = add(app, "Carbamazepine", "3 weeks")
    assert not at.exception
    assert at.session_state[MEDICINES] == ("Carbamazepine, 3 weeks",)
    assert any(row.startswith("**Carbamazepine, 3 weeks**") and "ccasional culprit" in row for row in rows(at))
    assert ranked(at) == engine(m, {"medicines": ["carbamazepine, 3 weeks"]})
    assert ranked(at)["drug"] > before["drug"]
    assert at.selectbox(key=NAME).value is None
    assert at.text_input(key=DURATION).value == ""
    at = at.run()  # a rerun keeps it
    assert ranked(at) == engine(m, {"medicines": ["carbamazepine, 3 weeks"]})
    at = click(at, "Remove")
    assert at.session_state[MEDICINES] == ()
    assert ranked(at) == pytest.approx(before, abs=1e-12)
    at = click(at, "Undo")
    assert at.session_state[MEDICINES] == ("Carbamazepine, 3 weeks",)


def test_text_is_the_same_and_an_unknown_name_is_a_sentence(app, m):
    before = ranked(app)
    app.text_input(key=TEXT).set_value("carbamazepin, 3 weeks; mtx 2 y")
    at = click(app, "Add")
    assert any("did you mean 'Carbamazepine'" in warning.value.replace("\\", "") for warning in at.warning)
    assert at.session_state[MEDICINES] == ()
    assert ranked(at) == before
    at.text_input(key=TEXT).set_value("carbamazepine, 3 weeks; mtx 2 y")
    at = click(at, "Add")
    assert at.session_state[MEDICINES] == ("carbamazepine, 3 weeks", "mtx 2 y")
    assert ranked(at) == engine(m, {"medicines": "carbamazepine, 3 weeks; mtx 2 y"})
    assert not any("did you mean" in warning.value for warning in at.warning)
    at = add(at, "omeprazole", "3")
    assert any("is not understood" in warning.value for warning in at.warning)
    assert len(at.session_state[MEDICINES]) == 2


def test_a_medicine_takes_back_the_answer_it_contradicts(app, m):
    at = click(app, "No medicines")
    at = add(at, "MTX", "2 y")
    assert any("Methotrexate" in info.value and "taken back" in info.value for info in at.info)
    evidence = {"medicines": ["mtx 2 y"]}
    others = {node.id: node.states[0] for node in m.knowledge.role("context") if node.group == "medicines"}
    others = {node: state for node, state in others.items() if node != "methotrexate"}
    assert ranked(at) == engine(m, {**others, **evidence})
    at = click(at, "No medicines")  # replaces what is there
    assert at.session_state[MEDICINES] == ()


def test_the_rest_leaves_named_medicines(app, m):
    at = add(app, "MTX", "2 y")
    at.button(key="fill_medicines_rest").click().run()
    at = at.run()
    assert at.session_state[MEDICINES] == ("MTX, 2 y",)
    assert ranked(at)["drug"] == pytest.approx(
        m.posterior({**{n.id: n.states[0] for n in m.knowledge.role("context")
                        if n.group == "medicines" and n.id != "methotrexate"}, "medicines": "mtx 2 y"}).acting["drug"],
        abs=1e-12,
    )  # fmt: skip


def test_a_file_keeps_the_name_and_what_is_not_read(app):
    content = {"schema": 1, "setting": "article", "evidence": {"medicines": ["CBZ, 3 weeks", "metformin"]}, "note": ""}
    app.file_uploader[0].upload("case.json", json.dumps(content).encode(), "application/json").run()
    at = app.run()
    assert at.session_state[MEDICINES] == ("CBZ, 3 weeks", "metformin")
    assert any(row.startswith("**CBZ (Carbamazepine), 3 weeks**") for row in rows(at))
    assert any(row.startswith("**metformin**") and "not in the table" in row for row in rows(at))
    assert any("metformin" in problem for problem in at.session_state["last"].problems)


def test_what_the_list_offers_is_read_as_it_stands(m):
    for spelling, text in offered(m.knowledge).items():
        assert text.casefold().startswith(spelling.casefold())
        assert medicine_problem(m.knowledge, [medicine_line(spelling, "3 weeks", True)]) == ""


def test_lines_problems_and_contradictions(m):
    assert medicine_line("  ", "3 weeks", True) == ""
    assert medicine_problem(m.knowledge, ()) == "Choose a medicine first."
    assert medicine_line("mtx", "", True) == "mtx, suspected"
    held = {"methotrexate": "absent", "fever": "present", "rash": "?", "medicines": ["valproate"]}
    assert contradicted(m.knowledge, held, ["mtx"]) == ("methotrexate",)
    assert contradicted(m.knowledge, held, ["valproate"]) == ()
    assert lines_held(5) == (5,)
    assert lines_held(None) == ()
    assert lines_held("a; b") == ("a", "b")
