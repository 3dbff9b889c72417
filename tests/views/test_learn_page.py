"""The learn screen as a visitor uses it, without a browser."""

import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

import model
from model.evidence import Case
from model.knowledge import load_knowledge
from model.wording import cause_labels, percent
from tests.views.steps import html
from views.learn.view import cases
from views.visit import Guess, Visit

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = load_knowledge()
CASES = cases(KNOWLEDGE)
FIRST = next(case for case in CASES if case != KNOWLEDGE.examples[0].case)  # that one's answer is on the case screen
PAGE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from views.learn import page as learn_page
from views import session
session.begin()
learn_page.show()
session.take_snapshot()
"""


def opened():
    return AppTest.from_string(PAGE, default_timeout=60).run()


def press(at, label):
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at.run()  # a fragment leaves only itself in the tree


def guess(at, **points):
    case = at.session_state["learn_case"]
    for cause, number in points.items():
        at.number_input(key=f"guess_{case}_{cause}").set_value(number).run()
        at.run()
    return press(at, "Reveal")


def test_nothing_is_given_away_before_the_guess():
    at = opened()
    assert "authors" not in " ".join(header.value for header in at.header)
    assert CASES[FIRST].teaches not in html(at)
    assert next(button for button in at.button if button.label == "Reveal").disabled


def test_a_guess_is_revealed_kept_and_cannot_be_made_again():
    at = guess(opened(), drug=30, viral=10)
    assert not at.exception
    label = cause_labels(KNOWLEDGE)[CASES[FIRST].published.true_cause].lower()
    assert any(label in header.value for header in at.header)
    ((kept),) = at.session_state["guesses"]
    assert (kept.case, dict(kept.points)["drug"], dict(kept.points)["viral"]) == (FIRST, 30, 10)
    assert at.session_state["fresh"] is False
    assert "75" in html(at)
    assert not any(button.label == "Reveal" for button in at.button)
    press(at, "Forget my guesses")
    assert at.session_state["guesses"] == ()
    assert any(button.label == "Reveal" for button in at.button)


def test_the_replay_goes_forward_and_back_and_any_order_ends_alike():
    at = guess(opened(), drug=1)
    count = len([node for node in CASES[FIRST].given if KNOWLEDGE.nodes[node].role != "guard" and node != "sex"])
    assert f"{count} of {count}" in html(at)
    press(at, "Back")
    assert f"{count - 1} of {count}" in html(at)
    press(at, "Forward")
    before = at.get("bidi_component")[0].proto.json
    at.segmented_control(key="learn_order").set_value("reversed").run()
    assert at.get("bidi_component")[0].proto.json == before
    press(at, "From the start")
    assert f"0 of {count}" in html(at)


def test_the_list_of_cases_reads_the_same_before_and_after_a_guess():
    """The browser keeps the label it chose: with another label for the same case, the next click is an error."""
    at = opened()
    before = at.selectbox(key="learn_case").options
    assert f"Guessed: 0 of {len(CASES)} cases, not this one." in html(at)
    guess(at, drug=1)
    assert at.selectbox(key="learn_case").options == before
    assert f"Guessed: 1 of {len(CASES)} cases, this one too." in html(at)
    press(at, "Next case")
    assert f"Guessed: 1 of {len(CASES)} cases, not this one." in html(at)


def test_every_case_can_be_guessed_and_next_leads_through_all():
    at = opened()
    seen = []
    for _ in CASES:
        seen.append(at.session_state["learn_case"])
        at.session_state["guesses"] = (
            *at.session_state["guesses"], Guess(seen[-1], tuple(dict.fromkeys(cause_labels(KNOWLEDGE), 1).items())),
        )  # fmt: skip
        press(at, "Next case")
    assert sorted(seen) == sorted(CASES)
    assert "Too few" not in html(at)


def test_a_reload_brings_the_guesses_back():
    kept = Guess(FIRST, tuple(dict.fromkeys(cause_labels(KNOWLEDGE), 10).items()))
    text = Visit(Case("article"), guesses=(kept,)).to_text()
    at = AppTest.from_string(PAGE.replace("learn_page.show()", f"session.restore_visit({text!r})\nlearn_page.show()"),
                             default_timeout=60).run()  # fmt: skip
    assert not at.exception
    assert at.session_state["guesses"] == (kept,)
    assert any("authors' cause" in header.value for header in at.header)


def test_only_the_first_guess_at_a_case_counts():
    script = (
        PAGE
        + f"""
from views.learn import actions as learn_actions
learn_actions.reveal({FIRST!r}, {{"drug": 5, "viral": 0}})
learn_actions.reveal({FIRST!r}, {{"drug": 0, "viral": 5}})
learn_actions.reveal("V01", {{"drug": 0, "viral": 0}})
"""
    )
    at = AppTest.from_string(script, default_timeout=60).run()
    assert at.session_state["guesses"] == (Guess(FIRST, (("drug", 5), ("viral", 0))),)


def test_what_the_findings_alone_say_stands_beside_the_guess():
    """It is the answer of the setting in which every cause starts alike, whatever setting was chosen."""
    at = guess(opened(), drug=1)
    shares = model.load("even").posterior(CASES[FIRST].given, "allow").share
    (table,) = (found for found in re.findall(r"<table.*?</table>", html(at), re.DOTALL) if "Acting at all" in found)
    head = re.findall(r'<th scope="col">(.*?)</th>', table)
    for cause, label in cause_labels(KNOWLEDGE).items():
        row = re.search(rf'<th scope="row">{label}</th>(.*?)</tr>', table)
        cells = re.findall(r"<td>(.*?)</td>", row[1])
        assert unescape(cells[head.index("Findings alone") - 1]) == percent(shares[cause])
