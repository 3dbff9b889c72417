"""What a tab remembers comes back as it was; what comes from a browser is never trusted."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.case import Case
from model.errors import CaseFileError
from model.knowledge import load_knowledge
from views.visit import Pin, Visit, read_visit

KNOWLEDGE = load_knowledge()
ENTERABLE = KNOWLEDGE.role("context", "finding", "cause")
evidence = st.fixed_dictionaries({}, optional={node.id: st.sampled_from(node.states) for node in ENTERABLE[:12]})
cases = st.builds(
    Case, st.sampled_from(sorted(KNOWLEDGE.settings)), evidence, st.text(max_size=50),
    st.dictionaries(st.just("link.fever.present.viral.present"), st.floats(0, 1), max_size=1),
)  # fmt: skip
pins = st.lists(st.builds(Pin, st.text(max_size=20), cases), max_size=3).map(tuple)


@given(cases, st.sampled_from(["", "D01", "V01"]), pins)
@settings(max_examples=60, deadline=None)
def test_a_visit_comes_back_as_it_was(case, example, kept):
    visit = Visit(case, example, kept)
    assert read_visit(visit.to_text(), KNOWLEDGE) == visit


@given(st.one_of(st.text(max_size=200), st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)).map(
       json.dumps)))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_garbage_is_refused_and_nothing_else(text):
    with pytest.raises(CaseFileError):
        read_visit(text, KNOWLEDGE)


def test_an_example_that_does_not_exist_is_not_claimed():
    text = Visit(Case("article"), "X99").to_text()
    assert read_visit(text, KNOWLEDGE).example == ""


def test_too_much_is_refused():
    with pytest.raises(CaseFileError, match="at most 800000 characters"):
        read_visit(" " * 800_001, KNOWLEDGE)
