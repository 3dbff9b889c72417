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
from model.knowledge import DecisionRule, Knowledge
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
class Above:
    """A cause likelier than its own limit of ``stopping.csv``, though another leads.

    missed : what follows when it acts and is missed
    """

    cause: str
    probability: float
    limit: float
    missed: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the causes are from where one may stop, whatever tests are worth.

    settled : from which probability on a leading cause counts as settled
    above   : causes above a limit of their own;  second, beside : the next likeliest cause, and its probability
    missed  : what follows when that one acts and is missed
    """

    leader: str
    leads: float
    settled: float
    above: tuple[Above, ...]
    second: str
    beside: float
    missed: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Whether to stop, and why.

    rule       : nothing left, no value, same decision; cannot miss, serious, not settled; go on
    reason     : in words;  arithmetic : the gain and the cost behind it, empty where none was weighed
    """

    stop: bool
    rule: str
    reason: str
    same_decision: SameDecision | None = None
    arithmetic: str = ""


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


def standing(knowledge: Knowledge, outcomes: Outcomes, guarded: CannotMiss | None) -> Standing | None:
    """Return where the causes stand; None where ``stopping.csv`` is empty.

    guarded : the cause that must not be missed, whose limit stands in ``decision_rules.csv``
    """
    settled = next((row.value for row in knowledge.stopping if row.rule == "settled"), None)
    if settled is None:
        return None
    causes = [cause.id for cause in outcomes.engine.network.causes]
    missed = {row.cause: row for row in knowledge.stopping if row.rule == "missed"}
    limits = {cause: row.value for cause, row in missed.items()}
    if guarded is not None:
        limits[guarded.cause] = guarded.threshold
    now = dict(zip(causes, outcomes.now.tolist(), strict=True))
    leader = causes[outcomes.leader]
    others = sorted((cause for cause in causes if cause != leader), key=lambda cause: -now[cause])
    above = tuple(
        Above(cause, now[cause], limit, missed[cause].if_missed if cause in missed else "")
        for cause in others
        if cause not in outcomes.hard and (limit := limits.get(cause)) is not None and now[cause] > limit
    )
    second = missed[others[0]].if_missed if others[0] in missed else ""
    return Standing(leader, now[leader], settled, above, others[0], now[others[0]], second)


def stop_rule(
    worth: Sequence[tuple[str, float, float]],
    guarded: CannotMiss | None,
    same_decision: Callable[[], SameDecision],
    enough: float,
    rate: float,
    labels: Mapping[str, str],
    stands: Standing | None = None,
) -> Stop:
    """Decide whether to stop.

    worth   : (name, value, cost) of every test, panel or plan that can be done now
    guarded : the cause that must not be missed;  same_decision : called only when it is needed, for it takes longest
    enough  : the same-decision probability from which more tests are unlikely to matter
    rate    : what a cost of one blood draw counts for in probability of naming an acting cause
    labels  : name -> what to call it;  stands : how far the causes are from where one may stop

    Stop when nothing has value - rate * cost above 0, or when the same-decision probability reaches `enough`; but not
    while the leading cause is not settled, while another cause is above a limit of its own, or while the cause that
    must not be missed is above its threshold and has open tests.
    """
    labels = {name: inside_sentence(label) for name, label in labels.items()}
    held = _held(guarded, labels) if guarded is not None and guarded.tests else ""
    same, sums = None, ""
    name, value, cost = max(worth, key=lambda item: item[1] - rate * item[2], default=("", 0.0, 0.0))
    if not worth:
        rule, reason = "nothing left", "nothing that can be had now is left to ask."
    elif value - rate * cost <= 0:
        most = max(worth, key=lambda item: item[1])
        rule, reason = "no value", "no test that can be had now could change the leading cause."
        if most[1] >= NOTHING:
            reason = "no test is worth its cost."
            sums = (
                f"Even {labels.get(most[0], most[0])} would make the leading cause only {_points(most[1])} likelier to "
                f"be right, and its cost counts for {_points(rate * most[2])}."
            )
    else:
        same = same_decision()
        rule, reason = "same decision", (
            f"with {len(same.tests)} more answers {labels.get(same.leader, same.leader)} would still lead in "
            f"{percent_said(same.probability)} of such patients."
        )  # fmt: skip
        sums = f"More answers are called unlikely to matter from {percent_said(enough)} on."
        if same.probability < enough:
            go_on = (
                f"Go on: most for its cost tells {labels.get(name, name)}. With {len(same.tests)} more answers the "
                f"leader would stay the same in {percent_said(same.probability)} of such patients."
            )
            sums = (
                f"{labels.get(name, name)} would make the leading cause {_points(value)} likelier to be right, for a "
                f"cost that counts for {_points(rate * cost)}."
            )
            said = f"{go_on} Also, {held}" if held else go_on
            return Stop(False, "go on", said, same, f"{sums[0].upper()}{sums[1:]}")
    against = _against(stands, guarded if held else None, labels)
    if held:
        kept = f"Do not stop yet: {' '.join([held, *against.values()])} For the leading cause alone: {reason}"
        return Stop(False, "cannot miss", kept, same, sums)
    if against:
        kept = f"Do not stop yet: {' '.join(against.values())} For now {reason}"
        return Stop(False, next(iter(against)), kept, same, sums)
    return Stop(True, rule, f"Stop: {reason}{_wrong(stands, labels)}", same, sums)


def _against(stands: Standing | None, held: CannotMiss | None, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the rules against stopping, each with its sentence. held : said already"""
    if stands is None:
        return {}
    said = {}
    above = [each for each in stands.above if held is None or each.cause != held.cause]
    if above:
        said["serious"] = " ".join(
            f"{labels.get(each.cause, each.cause)} is at {percent_said(each.probability)}, above the "
            f"{percent_said(each.limit)} under which it may be left; missed, {each.missed}."
            for each in above
        )
    if stands.leads < stands.settled:
        said["not settled"] = (
            f"{labels.get(stands.leader, stands.leader)} leads with {percent_said(stands.leads)}, and is not settled "
            f"below {percent_said(stands.settled)}."
        )
    return said


def _wrong(stands: Standing | None, labels: Mapping[str, str]) -> str:
    """Return what being wrong would cost."""
    if stands is None or not stands.missed:
        return ""
    second = labels.get(stands.second, stands.second)
    return f" If that is wrong, most likely {second} acts ({percent_said(stands.beside)}); then {stands.missed}."


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
