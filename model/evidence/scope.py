"""The scope guard: whether the patient is one the article is about. It stands outside the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from model.errors import EvidenceError, KnowledgeError, OutOfScope, listed, shown
from model.evidence.read import Evidence
from model.evidence.read_each import read_each
from model.evidence.units import lab_number
from model.knowledge import Knowledge, ScopeRule

OUTSIDE = ("refuse", "allow")

_COUNT = "anc"
_SEVERITY = {"in": 0, "near": 1, "refused": 2}


@dataclass(frozen=True, slots=True)
class Scope:
    """The verdict: ``in``; ``near`` when an answer outside the article was asked for; ``unchecked`` in validation."""

    verdict: Literal["in", "near", "unchecked"]
    rule: str
    reason: str
    advice: str


UNCHECKED = Scope("unchecked", "", "The scope guard was switched off.", "For validation only.")


def check_scope(knowledge: Knowledge, evidence: Evidence, outside: str = "refuse") -> Scope:
    """Return the verdict of ``scope.csv`` on this patient. A count that is not given is taken as stated to be in scope.

    outside : ``refuse``, or ``allow`` to answer near the scope; what the table refuses stays refused
    raises  : OutOfScope with rule, advice and verdict (the worst rule that fits: emergency, refused, near);
              EvidenceError for another word in `outside`; KnowledgeError when no rule covers a number.
    """
    if outside not in OUTSIDE:
        raise EvidenceError(f"outside: expected {listed(OUTSIDE)}, got {shown(outside)}.")
    worst, severity, covered = None, -1, set()
    for rule in knowledge.scope:
        value = evidence.guards.get(rule.node)
        if value is None or not _holds(knowledge, rule, value, evidence):
            continue
        covered.add(rule.node)
        if rule.verdict not in _SEVERITY:
            raise KnowledgeError(f"scope.csv: verdict {rule.verdict!r} of {rule.rule!r} is not {listed(_SEVERITY)}.")
        if (rank := _SEVERITY[rule.verdict] + (_condition(rule) is not None)) > severity:
            worst, severity = rule, rank
    for node_id, value in evidence.guards.items():
        if isinstance(value, float) and node_id not in covered:
            raise KnowledgeError(f"scope.csv: no rule covers {node_id} = {lab_number(value)}.")
    if worst is None or (worst.verdict == "in" and _COUNT not in evidence.guards):
        return _stated(knowledge)
    if worst.verdict == "in" or (worst.verdict == "near" and outside == "allow"):
        verdict = "in" if worst.verdict == "in" else "near"
        return Scope(verdict, worst.rule, worst.reason, worst.advice)
    label, given = knowledge.nodes[worst.node].label, evidence.given.get(worst.node, evidence.guards[worst.node])
    condition = _condition(worst)
    if condition is not None:
        given = f"{given} with {knowledge.nodes[condition[0]].label.lower()} {condition[1]}"
    message = f"{label} {given} is outside the scope of this model: {worst.reason} {worst.advice}"
    if worst.verdict == "near":
        message += " Ask with outside='allow' to see an answer all the same."
    raise OutOfScope(message, worst.rule, worst.advice, worst.verdict)


def red_flag(knowledge: Knowledge, mapping: Mapping[str, Any]) -> OutOfScope | None:
    """Return what the entries that can be read are refused for, whatever the others are; None when for nothing."""
    try:
        check_scope(knowledge, read_each(knowledge, mapping)[0], "allow")
    except OutOfScope as error:
        return error
    return None


def _condition(rule: ScopeRule) -> tuple[str, str] | None:
    """Return node and state of the further condition of a rule, such as ``fever=present``."""
    node_id, equals, state = rule.state.partition("=")
    return (node_id, state) if equals else None


def _holds(knowledge: Knowledge, rule: ScopeRule, value: str | float, evidence: Evidence) -> bool:
    condition = _condition(rule)
    if condition is not None:
        node_id, state = condition
        index = evidence.hard.get(node_id)
        found = evidence.guards.get(node_id) if index is None else knowledge.nodes[node_id].states[index]
        if found != state:
            return False
    if isinstance(value, str):
        return value == rule.state
    return (rule.low is None or value >= rule.low) and (rule.high is None or value < rule.high)


def _stated(knowledge: Knowledge) -> Scope:
    """Return the verdict when no count is given: the reader states that it lies in scope."""
    rule = next((rule for rule in knowledge.scope if rule.node == _COUNT and rule.verdict == "in"), None)
    if rule is None:
        raise KnowledgeError(f"scope.csv: no rule of {_COUNT} has the verdict 'in'.")
    return Scope("in", rule.rule, f"No count was given, so it is taken to be in scope. {rule.reason}", rule.advice)
