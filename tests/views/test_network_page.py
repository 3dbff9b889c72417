"""The network screen as a visitor uses it, without a browser; what it sends is compared with the engine."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import model
from tests.views.steps import html

ROOT = Path(__file__).resolve().parents[2]
SCREEN = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from views import actions, session
from views.network import page as network_page
session.begin()
network_page.show()
session.take_snapshot()
st.button("Reset", on_click=actions.reset)
"""


@pytest.fixture
def screen():
    """Return the screen with nothing entered."""
    at = AppTest.from_string(SCREEN, default_timeout=60).run()
    return at.button[-1].click().run()


def sent(at):
    """Return node -> what the browser gets to draw it."""
    picture = json.loads(at.get("bidi_component")[0].proto.json)
    return {node["id"]: node for node in picture["nodes"]}


def select(at, node):
    return at.selectbox(key="network_node").set_value(node).run()


def choose(at, node, state):
    return select(at, node).segmented_control(key=f"set_{node}").set_value(state).run()


def bars(at, cause):
    return sum(sent(at)[cause]["bars"])


def test_it_shows_the_engines_answer_and_follows_what_is_set_on_it(screen):
    m = model.load()
    assert not screen.exception
    assert bars(screen, "viral") == pytest.approx(100 * m.posterior({}).causes["viral"], abs=0.01)
    choose(screen, "fever", "present")
    assert screen.session_state["ev_fever"] == "present"
    assert bars(screen, "viral") == pytest.approx(100 * m.posterior({"fever": "present"}).causes["viral"], abs=0.01)
    assert sent(screen)["fever"]["headline"] == "yes"
    assert sent(screen)["fever"]["entered"]
    choose(screen, "drug", "absent")
    answer = m.posterior({"fever": "present", "drug": "absent"})
    assert bars(screen, "viral") == pytest.approx(100 * answer.causes["viral"], abs=0.01)
    choose(screen, "drug", "")
    choose(screen, "fever", "")
    assert bars(screen, "viral") == pytest.approx(100 * m.posterior({}).causes["viral"], abs=0.01)


def test_each_change_is_one_step_of_undo(screen):
    before = len(screen.session_state["undo"])
    choose(screen, "fever", "present")
    assert len(screen.session_state["undo"]) == before + 1
    assert "fever" not in screen.session_state["undo"][-1].case.evidence


def test_a_state_set_here_replaces_a_number(screen):
    screen.session_state["num_serum_b12"] = "40"
    screen.session_state["unit_serum_b12"] = "pg/mL"
    select(screen.run(), "serum_b12")
    assert sent(screen)["serum_b12"]["lines"] == ["entered: low"]
    assert "40 pg/mL" in html(screen)
    choose(screen, "serum_b12", "normal")
    assert screen.session_state["num_serum_b12"] == ""
    assert sent(screen)["serum_b12"]["lines"] == ["entered: normal"]


def test_a_likelihood_from_a_file_is_replaced_too(screen):
    screen.session_state["kept"] = {"fever": {"present": 1.0, "absent": 0.5}}
    select(screen.run(), "fever")
    assert "likelihood" in html(screen)
    choose(screen, "fever", "absent")
    assert screen.session_state["kept"] == {}
    assert sent(screen)["fever"]["headline"] == "no"


def test_the_selected_node_shows_what_is_behind_it(screen):
    select(screen, "fever")
    body = html(screen)
    for words in (
        "link.fever.present.viral.present",
        "leak.fever.present",
        "What it follows from",
        "D12",
        "Viral infection",
    ):
        assert words in body
    select(screen, "neutropenia")
    assert not screen.segmented_control
    assert "never entered" in html(screen)


def test_outside_the_scope_the_banner_stands_and_no_probability(screen):
    screen.session_state["ev_blasts"] = "present"
    screen.run()
    assert not screen.exception
    assert screen.error
    assert all(node["bars"] == [] and "%" not in node["name"] for node in sent(screen).values())


def test_impossible_entries_are_named_and_can_be_taken_back(screen):
    for cause in ("drug", "viral", "nutritional", "ben", "autoimmune", "marrow", "other"):
        screen.session_state[f"ev_{cause}"] = "absent"
    screen.run()
    assert not screen.exception
    assert any("cannot all be true" in warning.value for warning in screen.warning)
    assert all(node["bars"] == [] for node in sent(screen).values())
    choose(screen, "drug", "")
    assert bars(screen, "drug") == pytest.approx(100)


def test_the_table_says_the_same_as_the_picture(screen):
    choose(screen, "rash", "present")
    body = html(screen)
    for node in sent(screen).values():
        for words in (node["label"], node["headline"], *node["lines"]):
            assert words.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;") in body
