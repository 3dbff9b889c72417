"""What a tab remembers comes back as it was; what comes from a browser is never trusted."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import CaseFileError
from model.evidence import Case, entered_case, teaching_cases
from model.knowledge import load_knowledge
from views.visit import Guess, Pin, Visit, read_visit

KNOWLEDGE = load_knowledge()
ENTERABLE = KNOWLEDGE.role("context", "finding", "cause")
evidence = st.fixed_dictionaries({}, optional={node.id: st.sampled_from(node.states) for node in ENTERABLE[:12]})
cases = st.builds(
    Case, st.sampled_from(sorted(KNOWLEDGE.settings)), evidence, st.text(max_size=50),
    st.dictionaries(st.just("link.fever.present.viral.present"), st.floats(0, 1), max_size=1),
)  # fmt: skip
pins = st.lists(st.builds(Pin, st.text(max_size=20), cases), max_size=3).map(tuple)
CAUSES = [node.id for node in KNOWLEDGE.role("cause")]
points = st.lists(st.integers(0, 100), min_size=len(CAUSES), max_size=len(CAUSES)).filter(any)
guesses = st.lists(
    st.builds(lambda case, n: Guess(case.case, tuple(zip(CAUSES, n, strict=True))),
              st.sampled_from(teaching_cases(KNOWLEDGE)), points),
    max_size=6, unique_by=lambda guess: guess.case,
).map(tuple)  # fmt: skip


@given(cases, st.sampled_from(["", "D01", "V01"]), pins, guesses)
@settings(max_examples=60, deadline=None)
def test_a_visit_comes_back_as_it_was(case, example, kept, guessed):
    visit = Visit(case, example, kept, guessed)
    assert read_visit(visit.to_text(), KNOWLEDGE) == visit


def test_what_cannot_be_read_comes_back_as_it_was_typed():
    """Left out, a count that nobody understood would count as not known."""
    typed = {"anc": "1.200 /mm3", "serum_b12": "a lot pg/mL", "serum_folate": "2,8 ng/mL", "fever": "present"}
    case, _ = entered_case(KNOWLEDGE, "article", typed)
    visit = Visit(case, pins=(Pin("one", Case("article", {"anc": "1,2,3 /mm3"})),))
    again = read_visit(visit.to_text(), KNOWLEDGE)
    assert again == visit
    assert again.case.entries == typed


def test_what_nobody_understands_is_no_evidence_but_a_guard_stays_in_the_way():
    content = json.loads(Visit(Case("article", {"fever": "present"})).to_text())
    content["case"]["evidence"] |= {"fever": "very", "nobody": "x", "anc": "1" * 81, "serum_b12": "", "age": True}
    case = read_visit(json.dumps(content), KNOWLEDGE).case
    assert case.evidence == {"anc": "1" * 81, "age": True}
    assert {each.node for each in case.unread} == {"fever", "nobody", "serum_b12"}


def test_a_visit_remembered_as_a_number_still_loads():
    content = json.loads(Visit(Case("article")).to_text())
    content["case"]["evidence"] = {"macrocytosis": 104.5, "serum_b12": "150 pg/mL"}
    assert read_visit(json.dumps(content), KNOWLEDGE).case.evidence == {"macrocytosis": 104.5, "serum_b12": "150 pg/mL"}


@given(st.one_of(st.text(max_size=200), st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)).map(
       json.dumps)))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_garbage_is_refused_and_nothing_else(text):
    with pytest.raises(CaseFileError):
        read_visit(text, KNOWLEDGE)


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)  # fmt: skip


@given(ANYTHING, ANYTHING, st.lists(st.fixed_dictionaries({"case": ANYTHING, "points": ANYTHING, "title": ANYTHING})))
@settings(max_examples=200, deadline=None)
def test_around_a_sound_case_anything_may_stand(example, kept, guessed):
    """The browser's storage can be written by hand; the case is brought back or refused, and nothing breaks."""
    content = {**json.loads(Visit(Case("article")).to_text()), "example": example, "pins": kept, "guesses": guessed}
    try:
        found = read_visit(json.dumps(content), KNOWLEDGE)
    except CaseFileError:
        return
    assert found.case == Case("article")
    assert (found.example, found.pins, found.guesses) == ("", (), ())


def test_an_example_that_does_not_exist_is_not_claimed():
    text = Visit(Case("article"), "X99").to_text()
    assert read_visit(text, KNOWLEDGE).example == ""


def test_too_much_is_refused():
    with pytest.raises(CaseFileError, match="at most 800000 characters"):
        read_visit(" " * 800_001, KNOWLEDGE)


SOUND = dict.fromkeys(CAUSES, 10)


@pytest.mark.parametrize(
    "guess",
    [
        {"case": "X99", "points": SOUND}, {"case": ["D01"], "points": SOUND}, {"case": "D01"}, "D01", None, [],
        {"case": "D01", "points": {**SOUND, "drug": 101}}, {"case": "D01", "points": {**SOUND, "drug": -1}},
        {"case": "D01", "points": {**SOUND, "drug": 0.5}}, {"case": "D01", "points": {**SOUND, "drug": True}},
        {"case": "D01", "points": {**SOUND, "fever": 1}}, {"case": "D01", "points": dict.fromkeys(CAUSES, 0)},
        {"case": "D01", "points": {"drug": 100}},
    ],
)  # fmt: skip
def test_a_guess_that_cannot_be_one_is_dropped_and_the_others_stay(guess):
    content = json.loads(Visit(Case("article")).to_text())
    content["guesses"] = [guess, {"case": "V01", "points": SOUND}, {"case": "V01", "points": {**SOUND, "drug": 99}}]
    kept = read_visit(json.dumps(content), KNOWLEDGE).guesses
    assert [(found.case, dict(found.points)) for found in kept] == [("V01", SOUND)]


@pytest.mark.parametrize("content", ["no list", None, {"case": "D01"}, 7])
def test_guesses_that_are_no_list_are_none(content):
    text = json.dumps({**json.loads(Visit(Case("article")).to_text()), "guesses": content})
    assert read_visit(text, KNOWLEDGE).guesses == ()
