"""The case screen without a browser: fifty cases against the engine, links, pasted results, buttons that fill, numbers
that are replaced."""

import json
from random import Random

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.evidence import Case
from model.evidence.case_link import to_link
from tests.views.test_app import ROOT, click, engine, entered, opened, shown, text, upload

NUMBER = "link.fever.present.viral.present"
BAD_LINKS = (
    "x", "1", "1~", "2~article~abc", "1~mars~abc~fever.y", "1~article~abc~fever.y~fever.n", "1~article~a b~fever.y",
    "~~~~", "1~article~<script>", "1~article~abc~" + "fever.y~" * 2000, "%00", "1~article~\u2028",
)  # fmt: skip


def test_fifty_cases_on_screen_equal_the_engine(m):
    """One after the other in one visit, loaded as files: what one case leaves behind would show in the next."""
    at = opened()
    for seed in range(50):
        rng = Random(seed)
        setting = rng.choice(list(m.knowledge.settings))
        nodes = rng.sample(m.knowledge.role("context", "finding"), rng.randint(0, 14))
        evidence = {node.id: rng.choice(node.states) for node in nodes}
        upload(at, Case(setting, evidence).to_json("").encode())
        assert not at.exception
        assert shown(at) == engine(model.load(setting).posterior(evidence)), seed


def from_link(token):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["case"] = token
    return at.run()


def test_a_link_opens_its_case_and_leaves_the_address(m):
    evidence = {"fever": "present", "serum_b12": "150 pg/mL", "rash": {"present": 1.0, "absent": 0.25}}
    at = from_link(to_link(Case("primary_care", evidence, "a note"), m.knowledge, model.load("primary_care").hash))
    assert not at.exception
    assert shown(at) == engine(model.load("primary_care").posterior(evidence))
    assert at.session_state["note"] == ""
    assert dict(at.query_params) == {}
    assert not at.warning
    at.run()
    assert shown(at) == engine(model.load("primary_care").posterior(evidence))


@pytest.mark.parametrize("token", BAD_LINKS)
def test_a_bad_link_is_a_sentence_over_the_first_example(token, m):
    at = from_link(token)
    assert not at.exception
    assert "The link was not opened" in at.error[0].value
    assert at.selectbox(key="example").value == m.knowledge.examples[0].case
    assert dict(at.query_params) == {}


def test_a_link_of_another_model_says_so(m):
    at = from_link(to_link(Case("article", {"fever": "present"}), m.knowledge, "0123456789ab"))
    assert "0123456789ab" in at.warning[0].value
    assert entered(at) == {"fever": "present"}


def test_a_button_fills_its_group_and_one_undo_takes_it_back():
    at = click(opened(), "Reset")
    at.segmented_control(key="ev_fever").set_value("present").run()
    at.run()
    at.button(key="fill_symptoms_rest").click().run()
    assert entered(at)["fever"] == "present"
    assert entered(at)["rash"] == "absent"
    at.button(key="fill_symptoms_all").click().run()
    assert entered(at)["fever"] == "absent"
    click(at, "Undo")
    click(at, "Undo")
    assert entered(at) == {"fever": "present"}


def test_pasted_results_are_entered_and_the_rest_is_said(m):
    at = click(opened(), "Reset")
    at.session_state["paste"] = True  # the popover is open
    at.run()
    at.text_area(key="pasted").set_value("MCV 104 fL\nVitamin B12 150 pg/mL\nwhatever this is 7").run()
    at.button[[button.label for button in at.button].index("Read and enter")].click().run()
    assert not at.exception
    assert at.text_input(key="num_macrocytosis").value == "104"
    assert shown(at) == engine(m.posterior({"macrocytosis": "104 fL", "serum_b12": "150 pg/mL"}))
    assert "whatever this is 7" in text(at)
    click(at, "Undo")
    assert at.text_input(key="num_macrocytosis").value == ""


def test_a_replaced_number_is_marked_counts_and_travels_with_the_case(m):
    at = click(opened(), "Reset")
    case = Case("article", {"fever": "present"}, numbers={NUMBER: 0.9})
    upload(at, case.to_json(m.override({NUMBER: 0.9}).hash).encode())
    assert shown(at) == engine(m.override({NUMBER: 0.9}).posterior({"fever": "present"}))
    assert "Not the model as published" in text(at)
    assert json.loads(at.session_state["current"].case.to_json("x"))["numbers"] == {NUMBER: 0.9}
    at.button(key="restore_numbers").click().run()
    assert shown(at) == engine(m.posterior({"fever": "present"}))
    assert "Not the model as published" not in text(at)
    click(at, "Undo")
    assert shown(at) == engine(m.override({NUMBER: 0.9}).posterior({"fever": "present"}))


def test_a_number_of_another_setting_is_dropped_with_a_sentence(m):
    at = click(opened(), "Reset")
    upload(at, Case("article", {}, numbers={"other_share.other.article": 0.3}).to_json("").encode())
    assert shown(at) != engine(m.posterior({}))
    at.selectbox(key="setting").set_value("primary_care").run()
    assert "other\\_share.other.article is not a number of this setting" in at.info[0].value
    assert shown(at) == engine(model.load("primary_care").posterior({}))
