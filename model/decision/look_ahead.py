"""Two steps ahead, exactly: which two tests belong together, and which test opens the best plan of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING

from model.decision.burden import Burdens
from model.decision.outcomes import Outcomes, Tests, xlog2x
from model.decision.worth import changed, gain, worth_of_each
from model.network.cpt import Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tests ordered together; fields as in ``worth.Worth``, `net` = value - burden at its exchange rate."""

    first: str
    second: str
    information: float
    value: float
    change: float
    burden: float
    net: float


PAIR_FIELDS = tuple(each.name for each in fields(Pair))


@dataclass(frozen=True, slots=True)
class Plan:
    """Do `first`; after each of its results do the test in `then`, or stop where it names none.

    value  : expected rise of the leading cause's probability over the whole plan, at least the value of `first` alone
             when burdens count nothing
    burden : expected burden; a draw or visit shared by both tests is counted once
    """

    first: str
    then: Mapping[str, str | None]
    value: float
    burden: float
    net: float


@dataclass(frozen=True, eq=False)
class LookAhead:
    """The best of two steps.

    plan      : the best plan (closed loop: the second test depends on the first result); None when nothing is open
    pair      : the two tests worth most when ordered together
    one_step  : the test with the largest net value on its own, None when none is worth its burden
    disagrees : True when looking one step ahead would begin otherwise than the best plan, stopping included
    pairs     : every pair;  plans : the best plan that begins with each test
    """

    plan: Plan | None
    pair: Pair | None
    one_step: str | None
    disagrees: bool
    pairs: tuple[Pair, ...]
    plans: tuple[Plan, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Every pair, largest net value first, then most information for its burden."""
        import pandas as pd

        frame = pd.DataFrame({name: [getattr(pair, name) for pair in self.pairs] for name in PAIR_FIELDS})
        order = frame["information"] / frame["burden"].clip(lower=1e-9)
        frame = frame.assign(order=order).sort_values(["net", "order"], ascending=False, kind="stable")
        return frame.drop(columns="order").reset_index(drop=True)


def look_ahead(outcomes: Outcomes, tests: Tests, burdens: Burdens, rate: float) -> LookAhead:
    """Return pairs and plans over `tests`.

    rate : what one unit of burden costs in probability of naming an acting cause
    Exact backward induction over two tests (Howard and Matheson 1981; semi-myopic selection: Sent and van der Gaag
    2006). Cost: one row of the batch for each joint result of a pair, and for pairs in one block a pass of the engine.
    """
    couples = list(combinations(tests, 2))
    scored = outcomes.score([outcomes.every_result(couple) for couple in couples]) if couples else []
    noise = {test: outcomes.noise((test,)) for test in tests}
    pairs = []
    beliefs: dict[tuple[str, str], Array] = {}  # (first, second) -> P(first, second, cause acting | e)
    cards = outcomes.engine.network.cardinality
    for couple, (joint, probability) in zip(couples, scored, strict=True):
        first, second = couple
        unexplained = noise[first] + noise[second] if len(outcomes.groups(couple)) == 2 else outcomes.noise(couple)
        value = gain(outcomes, float(joint.max(1).sum()))
        burden = burdens.of(couple)
        bits = max(-float(xlog2x(probability).sum()) - unexplained, 0.0)
        change = float(probability[changed(outcomes, joint, probability)].sum())
        pairs.append(Pair(first, second, bits, value, change, burden, value - rate * burden))
        beliefs[couple] = joint.reshape(cards[first], cards[second], -1)
        beliefs[second, first] = beliefs[couple].swapaxes(0, 1)
    plans = [_plan(outcomes, first, tests, beliefs, burdens, rate) for first in tests]
    alone = {test: worth.value - rate * burdens.of([test]) for test, worth in worth_of_each(outcomes, tests).items()}
    one = max(alone, key=lambda test: alone[test], default=None)
    one = one if one is not None and alone[one] > 0 else None
    plan = max(plans, key=lambda plan: plan.net, default=None)
    two = plan.first if plan is not None and plan.net > 0 else None
    pair = max(pairs, key=lambda pair: pair.net, default=None)
    return LookAhead(plan, pair, one, one != two, tuple(pairs), tuple(plans))


def _plan(
    outcomes: Outcomes, first: str, tests: Tests, beliefs: dict[tuple[str, str], Array], burdens: Burdens, rate: float
) -> Plan:
    """Return the best plan that begins with one test: after each result, the best second test or none."""
    weighted = outcomes.given((first,)) * outcomes.p
    after, probability = (weighted @ outcomes.acting).max(1), weighted.sum(1)
    extra = {test: burdens.of([first, test]) - burdens.of([first]) for test in tests if test != first}
    reached = {test: beliefs[first, test].max(2).sum(1) for test in extra}
    then: dict[str, str | None] = {}
    reaches, burden = 0.0, burdens.of([first])
    for result, state in enumerate(outcomes.engine.network.by_id[first].states):
        gains = {test: float(reached[test][result]) - rate * extra[test] * float(probability[result]) for test in extra}
        second = max(gains, key=lambda test: gains[test], default=None)
        if second is None or gains[second] <= float(after[result]) + 1e-15:
            then[state] = None
            reaches += float(after[result])
        else:
            then[state] = second
            reaches += float(reached[second][result])
            burden += extra[second] * float(probability[result])
    value = gain(outcomes, reaches)
    return Plan(first, then, value, burden, value - rate * burden)
