"""The tables of the course over time: what may stand in them, and what is refused."""

from dataclasses import replace

import pytest

from model.errors import KnowledgeError
from model.knowledge import load_knowledge
from model.knowledge.course_tables import RULES, CourseWord, check_course

K = load_knowledge()


def test_the_tables_are_what_they_should_be():
    check_course(K.course_rules, K.course_words)
    assert tuple(K.course_rules) == RULES
    assert all(source in K.sources for row in K.course_rules.values() for source in row.source)
    assert K.course_rules["low_below"].value == max(rule.high or 0 for rule in K.scope if rule.node == "anc")
    check_course({}, ())  # of an older release


@pytest.mark.parametrize(
    ("rule", "change", "said"),
    [
        ("low_below", {"value": 0.0}, "expected a number above 0"),
        ("low_below", {"value": float("inf")}, "expected a number above 0"),
        ("low_below", {"rationale": ""}, "expected a rationale"),
        ("low_below", {"source": ()}, "a source for what is no assumption"),
        ("repeat_from", {"value": 99.0}, "expected repeat_from at most repeat_to"),
        ("normal_from", {"value": 1000.0}, "expected low_below at most normal_from"),
    ],
)
def test_a_row_that_cannot_stand_is_named(rule, change, said):
    with pytest.raises(KnowledgeError, match=r"^course_rules\.csv") as error:
        check_course({**K.course_rules, rule: replace(K.course_rules[rule], **change)}, K.course_words)
    assert said in str(error.value)


def test_a_rule_that_is_missing_and_a_word_of_no_kind_are_named():
    with pytest.raises(KnowledgeError, match="expected the rules"):
        check_course({"low_below": K.course_rules["low_below"]}, ())
    with pytest.raises(KnowledgeError, match="kind 'cough'"):
        check_course(K.course_rules, [CourseWord("cough", ("cough",))])
