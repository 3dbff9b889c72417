"""The cause that must not be missed: its tests stay on offer while it is likelier than a threshold."""

from __future__ import annotations

from dataclasses import dataclass

from model.decision.outcomes import Outcomes, Tests
from model.decision.worth import worth_of_one
from model.knowledge.rows import DecisionRule


@dataclass(frozen=True, slots=True)
class CannotMiss:
    """A cause whose tests stay on offer while it is likelier than a threshold (Pauker and Kassirer 1980).

    probability, threshold : P(cause acting | e), and the limit above which its tests are always offered
    tests : its open tests that can be had now, those that say most about it first; empty at or below the threshold
    """

    cause: str
    probability: float
    threshold: float
    tests: Tests


def cannot_miss(
    outcomes: Outcomes, now: Tests, rule: DecisionRule, threshold: float | None = None
) -> CannotMiss | None:
    """Return the cause of the rule with its open tests: the findings it brings about, the contexts that bring it about.

    now       : the tests that can be had now;  threshold : in place of the value of the rule
    returns   : None when the network has no such cause, or it was entered as established or ruled out
    """
    network = outcomes.engine.network
    causes = [cause.id for cause in network.causes]
    if rule.cause not in causes or rule.cause in outcomes.hard:
        return None
    limit = rule.value if threshold is None else threshold
    probability = float(outcomes.now[causes.index(rule.cause)])
    linked = {*network.parents(rule.cause), *(each.id for each in network.findings if rule.cause in each.causes)}
    tests = [test for test in now if test in linked] if probability > limit else []
    bits = {test: worth_of_one(outcomes, test, rule.cause).cause_information for test in tests}
    return CannotMiss(rule.cause, probability, limit, tuple(sorted(tests, key=lambda test: -bits[test])))
