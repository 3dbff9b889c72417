"""Who the model answers for: every rule of the table, their order, and the words of a refusal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import EvidenceError, KnowledgeError, OutOfScope
from model.evidence import UNCHECKED, Scope, check_scope, read_evidence
from model.knowledge import Knowledge, Node, ScopeRule, load_knowledge
from model.knowledge.rows import Lab, Unit


def node(node_id: str, role: str, states: str = "absent present", unit: str = "", label: str = "") -> Node:
    label = label or node_id.title()
    return Node(node_id, role, label, tuple(states.split()), tuple(unit.split()), "", (), (), "", "", "", "")


def lab(node_id: str, unit: str, limit: float | None, state: str = "", side: str = "", **other: Any) -> Lab:
    values: dict[str, Any] = {"width": None, "sex": "", "plausible_low": 1.0, "plausible_high": 900.0} | other
    return Lab(node_id, f"The {node_id}", unit, state, limit, side, source="", rationale="", **values)


def small_knowledge() -> Knowledge:
    """Return invented tables: no limit, width, factor or range of the real ones occurs here."""
    nodes = (
        node("infection", "cause"),
        node("lack", "cause", "absent iron zinc"),
        node("course", "context", "none short long"),
        node("sneezing", "finding"),
        node("iron", "finding", "normal low", "mg g"),
        node("zinc", "finding", "normal borderline low", "u"),
        node("size", "finding", "absent present", "fl"),
        node("pallor", "finding", "absent present", "p q"),
        node("low_count", "selection", "no yes"),
        node("loss", "mechanism"),
        node("anc", "guard", "", "/c C", "Count"),
        node("age", "guard", "", "years"),
        node("sex", "guard", "female male"),
        node("treated", "guard", label="Treatment now"),
    )
    labs = (
        lab("course", "days", 0.0, "none", "below", plausible_low=0.0),
        lab("course", "days", 20.0, "long", "above", plausible_low=0.0),
        lab("iron", "mg", 50.0, "low", "below", width=5.0),
        lab("zinc", "u", 300.0, "borderline", "below", width=15.0),
        lab("zinc", "u", 200.0, "low", "below", width=10.0),
        lab("size", "fl", 70.0, "present", "above", width=2.0),
        lab("pallor", "p", 10.0, "present", "below", width=1.0, sex="female"),
        lab("pallor", "p", 14.0, "present", "below", width=1.0, sex="male"),
        lab("anc", "/c", None, plausible_low=0.0, plausible_high=50000.0),
        lab("age", "years", None, plausible_low=0.0, plausible_high=130.0),
    )
    units = (
        Unit("course", "days", 1.0, ("day", "d")), Unit("course", "weeks", 7.0, ("w",)),
        Unit("iron", "mg", 1.0, ("mgs",)), Unit("iron", "g", 1000.0, ("gram",)),
        Unit("zinc", "u", 1.0, ("µ",)), Unit("size", "fl", 1.0, ()),
        Unit("pallor", "p", 1.0, ()), Unit("pallor", "q", 0.1, ()),
        Unit("anc", "/c", 1.0, ("cells/c",)), Unit("anc", "C", 1000.0, ("10^9/l", "x10^3/c")),
        Unit("age", "years", 1.0, ("y",)),
    )  # fmt: skip
    rules = (
        ("c_in", "anc", 2000.0, 3000.0, "", "in"),
        ("c_near", "anc", 900.0, 2000.0, "", "near"),
        ("c_emergency", "anc", 0.0, 900.0, "sneezing=present", "refused"),
        ("c_low", "anc", 0.0, 900.0, "", "refused"),
        ("c_high", "anc", 3000.0, None, "", "refused"),
        ("child", "age", None, 21.0, "", "refused"),
        ("adult", "age", 21.0, None, "", "in"),
        ("treated_now", "treated", None, None, "present", "refused"),
    )
    scope = tuple(ScopeRule(*rule, f"Reason {rule[0]}.", f"Advice {rule[0]}.", "", "") for rule in rules)
    return Knowledge(
        nodes={one.id: one for one in nodes}, records=(), claims={}, traces=(), sources={}, words=(), settings={},
        labs=labs, units=units, scope=scope, guidance=(), disagreements=(), examples=(), folder=Path(), digest="",
    )  # fmt: skip


SMALL = small_knowledge()
REAL = load_knowledge()
BOUNDS: dict[str, Any] = {rule.rule: (rule.low, rule.high) for rule in REAL.scope}
BAND, NEAR = BOUNDS["anc_mild"], BOUNDS["anc_near"]


def scope_of(knowledge, outside="refuse", **entries):
    return check_scope(knowledge, read_evidence(knowledge, entries), outside)


def refusal_of(knowledge, outside="refuse", **entries) -> OutOfScope:
    with pytest.raises(OutOfScope) as caught:
        scope_of(knowledge, outside, **entries)
    return caught.value


@pytest.mark.parametrize("anc", ["2000 /c", "2.5 C", "2999 /c"])
def test_a_count_in_the_band_is_in_scope(anc):
    assert scope_of(SMALL, anc=anc) == Scope("in", "c_in", "Reason c_in.", "Advice c_in.")


@pytest.mark.parametrize("entries", [{}, {"age": 40}, {"sneezing": "present"}, {"treated": "absent", "sex": "f"}])
def test_a_count_not_given_is_stated_to_be_in_scope(entries):
    scope = scope_of(SMALL, **entries)
    assert (scope.verdict, scope.rule, scope.advice) == ("in", "c_in", "Advice c_in.")
    assert scope.reason == "No count was given, so it is taken to be in scope. Reason c_in."


@pytest.mark.parametrize("anc", ["900 /c", "1999 /c", "1.5 C"])
def test_near_the_band_an_answer_must_be_asked_for(anc):
    error = refusal_of(SMALL, anc=anc)
    assert (error.rule, error.verdict, error.advice) == ("c_near", "near", "Advice c_near.")
    assert str(error) == (
        f"Count {anc} is outside the scope of this model: Reason c_near. Advice c_near. "
        "Ask with outside='allow' to see an answer all the same."
    )
    assert scope_of(SMALL, "allow", anc=anc) == Scope("near", "c_near", "Reason c_near.", "Advice c_near.")


@pytest.mark.parametrize("outside", ["refuse", "allow"])
@pytest.mark.parametrize(
    ("entries", "rule", "start"),
    [
        ({"anc": "899 /c"}, "c_low", "Count 899 /c is outside the scope of this model: Reason c_low. Advice c_low."),
        ({"anc": "< 0.9 C"}, "c_low", "Count < 0.9 C is outside"),
        ({"anc": "3000 /c"}, "c_high", "Count 3000 /c is outside"),
        ({"anc": "> 3 C"}, "c_high", "Count > 3 C is outside"),
        ({"age": 20.9}, "child", "Age 20.9 is outside"),
        ({"treated": "present"}, "treated_now", "Treatment now present is outside"),
        ({"anc": "0 /c", "sneezing": "present"}, "c_emergency", "Count 0 /c with sneezing present is outside"),
        ({"anc": "0 /c", "sneezing": "absent"}, "c_low", "Count 0 /c is outside"),
        ({"anc": "0 /c", "sneezing": {"present": 9, "absent": 1}}, "c_low", "Count 0 /c is outside"),
    ],
)
def test_what_the_table_refuses_stays_refused(outside, entries, rule, start):
    error = refusal_of(SMALL, outside, **entries)
    assert (error.rule, error.verdict, error.advice) == (rule, "refused", f"Advice {rule}.")
    assert str(error).startswith(start)
    assert "allow" not in str(error)


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        ({"anc": "0 /c", "sneezing": "present", "age": 3, "treated": "present"}, "c_emergency"),
        ({"anc": "1000 /c", "treated": "present"}, "treated_now"),
        ({"anc": "1000 /c", "age": 3}, "child"),
        ({"anc": "2500 /c", "age": 3}, "child"),
        ({"anc": "2500 /c", "age": 30, "treated": "present"}, "treated_now"),
        ({"anc": "4 C", "sneezing": "present"}, "c_high"),
    ],
)
def test_the_worst_rule_wins(entries, rule):
    assert refusal_of(SMALL, "allow", **entries).rule == rule


def test_the_emergency_wins_wherever_it_stands_in_the_table():
    backwards = replace(SMALL, scope=SMALL.scope[::-1])
    entries = {"anc": "0 /c", "sneezing": "present", "age": 3, "treated": "present"}
    assert refusal_of(backwards, **entries).rule == "c_emergency"
    assert refusal_of(backwards, **{**entries, "sneezing": "absent"}).rule == "treated_now"


@pytest.mark.parametrize("outside", ["yes", "", "ALLOW", None, True, ["allow"]])
def test_another_word_for_outside_is_an_error(outside):
    with pytest.raises(EvidenceError, match="outside: expected 'refuse' or 'allow', got"):
        scope_of(SMALL, outside)


def test_a_gap_in_the_table_is_named():
    gap = replace(SMALL, scope=SMALL.scope[:4])
    with pytest.raises(KnowledgeError, match=r"scope.csv: no rule covers anc = 3500\."):
        scope_of(gap, anc="3500 /c")
    with pytest.raises(KnowledgeError, match="no rule of anc has the verdict 'in'"):
        scope_of(replace(SMALL, scope=SMALL.scope[1:]))


def test_the_guard_can_be_switched_off_in_words():
    assert (UNCHECKED.verdict, UNCHECKED.rule) == ("unchecked", "")


# The real table


@pytest.mark.parametrize(
    ("entries", "rule", "verdict"),
    [
        ({"anc": "999 /mm3"}, "anc_near", "near"),
        ({"anc": "0.5 x10^9/L"}, "anc_near", "near"),
        ({"anc": "499 /mm3"}, "anc_below_500", "refused"),
        ({"anc": "499 /mm3", "fever": "present"}, "anc_below_500_with_fever", "refused"),
        ({"anc": "< 0.5 x10^9/L", "fever": "present"}, "anc_below_500_with_fever", "refused"),
        ({"anc": "1500 /mm3"}, "anc_not_low", "refused"),
        ({"age": 17}, "age_child", "refused"),
        ({"chemotherapy": "present"}, "chemotherapy_now", "refused"),
        ({"blasts": "present", "anc": "1.2 G/L"}, "blasts_on_smear", "refused"),
    ],
)
def test_the_rules_of_the_article(entries, rule, verdict):
    error = refusal_of(REAL, **entries)
    assert (error.rule, error.verdict) == (rule, verdict)
    row = next(row for row in REAL.scope if row.rule == rule)
    assert row.reason in str(error)
    assert error.advice == row.advice
    assert error.advice


@pytest.mark.parametrize(
    "entries",
    [{}, {"anc": "1000 /mm3"}, {"anc": "1499 /mm3"}, {"anc": "1.2 x10^9/L", "fever": "present"}, {"age": 18},
     {"chemotherapy": "absent", "blasts": "absent", "sex": "M"}],
)  # fmt: skip
def test_the_patients_of_the_article_are_in_scope(entries):
    assert scope_of(REAL, **entries).verdict == "in"


def test_the_emergency_sends_the_patient_on():
    error = refusal_of(REAL, "allow", anc="200 /mm3", fever="present", age=10, chemotherapy="present")
    assert "Emergency" in str(error)
    assert "febrile neutropenia pathway" in error.advice


@given(st.floats(0, 100000), st.booleans())
def test_the_verdict_follows_the_count(count, allow):
    evidence = read_evidence(REAL, {"anc": f"{count / 1000:.17f} 10^9/L"})
    count, outside = evidence.guards["anc"], "allow" if allow else "refuse"
    in_band, near = (low <= count < high for low, high in (BAND, NEAR))
    if in_band:
        assert check_scope(REAL, evidence, outside).verdict == "in"
    elif allow and near:
        assert check_scope(REAL, evidence, outside).verdict == "near"
    else:
        with pytest.raises(OutOfScope) as caught:
            check_scope(REAL, evidence, outside)
        assert caught.value.verdict == ("near" if near else "refused")
