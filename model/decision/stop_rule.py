"""When to stop testing, the cause whose tests stay on offer all the same, and the sentence that says why.

>>> missable = CannotMiss("marrow", probability=0.04, threshold=0.01, tests=("film",))
>>> stop = stop_rule([("film", 0.0, 2.0)], missable, lambda: None, enough=0.95, rate=0.002, labels={})
>>> stop.stop, stop.rule  # the film is not worth its cost, but the marrow is above its threshold
(False, 'cannot miss')
>>> stop_rule([("film", 0.0, 2.0)], None, lambda: None, enough=0.95, rate=0.002, labels={}).rule
'no value'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from model.decision.outcomes import Outcomes, Tests
from model.decision.same_decision import SameDecision
from model.decision.worth import worth_of_one
from model.knowledge import DecisionRule
from model.wording import inside_sentence, percent_said

NOTHING = 5e-7  # a smaller difference of probabilities is called none


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


@dataclass(frozen=True, slots=True)
class Stop:
    """Whether to stop, the rule that decided (nothing left, no value, same decision, cannot miss, go on), and why."""

    stop: bool
    rule: str
    reason: str
    same_decision: SameDecision | None = None


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


def stop_rule(
    worth: Sequence[tuple[str, float, float]],
    guarded: CannotMiss | None,
    same_decision: Callable[[], SameDecision],
    enough: float,
    rate: float,
    labels: Mapping[str, str],
) -> Stop:
    """Decide whether to stop.

    worth   : (name, value, cost) of every test, panel or plan that can be done now
    guarded : the cause that must not be missed;  same_decision : called only when it is needed, for it takes longest
    enough  : the same-decision probability from which more tests are unlikely to matter
    rate    : what a cost of one blood draw counts for in probability of naming an acting cause
    labels  : name -> what to call it

    Stop when nothing has value - rate * cost above 0, or when the same-decision probability reaches `enough`; but not
    while a cause that must not be missed is above its threshold and has open tests.
    """
    labels = {name: inside_sentence(label) for name, label in labels.items()}
    held = _held(guarded, labels) if guarded is not None and guarded.tests else ""
    if not worth:
        return Stop(True, "nothing left", "Stop: nothing that can be had now is left to ask.")
    name, value, cost = max(worth, key=lambda item: item[1] - rate * item[2])
    same = None
    if value - rate * cost <= 0:
        most = max(worth, key=lambda item: item[1])
        rule, reason = "no value", (
            f"no test is worth its cost: even {labels.get(most[0], most[0])} would make the leading cause only "
            f"{_points(most[1])} likelier to be right, and its cost counts for {_points(rate * most[2])}."
            if most[1] >= NOTHING
            else "no test that can be had now could change the leading cause."
        )  # fmt: skip
    else:
        same = same_decision()
        rule, reason = "same decision", (
            f"with {len(same.tests)} more answers {labels.get(same.leader, same.leader)} would still lead in "
            f"{percent_said(same.probability)} of such patients (limit {percent_said(enough)})."
        )  # fmt: skip
        if same.probability < enough:
            go_on = (
                f"Go on: {labels.get(name, name)} would make the leading cause {_points(value)} likelier to be right, "
                f"for a cost that counts for {_points(rate * cost)}; with {len(same.tests)} more answers the "
                f"leader would stay the same in {percent_said(same.probability)} of such patients."
            )
            return Stop(False, "go on", f"{go_on} Also, {held}" if held else go_on, same)
    if held:
        kept = f"Do not stop yet: {held} For the leading cause alone one could stop: {reason}"
        return Stop(False, "cannot miss", kept, same)
    return Stop(True, rule, f"Stop: {reason}", same)


def _points(p: float) -> str:
    if p < NOTHING:
        return "nothing"
    return f"{100 * p:.2g} percentage points" if p < 0.1 else f"{100 * p:.0f} percentage points"


def _held(guarded: CannotMiss, labels: Mapping[str, str]) -> str:
    names = [labels.get(test, test) for test in guarded.tests[:3]]
    more = len(guarded.tests) - len(names)
    offered = ", ".join(names) + (f" and {more} more" if more else "")
    cause = labels.get(guarded.cause, guarded.cause)
    now, limit = f"{100 * guarded.probability:.2g} %", f"{100 * guarded.threshold:.2g} %"
    left = f"above the {limit} under which it may be left unasked here"
    return f"{cause} is at {now}, {left}, so these stay on offer: {offered}."
