"""Two steps ahead, exactly: which two tests belong together, and which test opens the best plan of two.

>>> apart = Pair("film", "b12", information=0.2, value=0.01, change=0.1, cost=3.0, net=-0.002)
>>> together = Pair("b12", "folate", information=0.1, value=0.01, change=0.1, cost=2.0, net=0.006)
>>> found = LookAhead(None, together, one_step=None, disagrees=True, pairs=(apart, together), plans=())
>>> found.table["first"].tolist()  # the pair that is worth its cost stands first, whatever the other would tell
['b12', 'film']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from itertools import combinations

from model.decision.cost import Costs
from model.decision.outcomes import Outcomes, Tests
from model.decision.worth import each_result, gain, worth_of_each, worth_of_results
from model.late import pd
from model.network import Array


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tests ordered together; fields as in ``worth.Worth``, `net` = value - cost at its exchange rate."""

    first: str
    second: str
    information: float
    value: float
    change: float
    cost: float
    net: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Do `first`; after each of its results do the test in `then`, or stop where it names none.

    value  : expected rise of the leading cause's probability over the whole plan, at least the value of `first` alone
             when costs count nothing
    cost : expected cost; a draw or visit shared by both tests is counted once
    """

    first: str
    then: Mapping[str, str | None]
    value: float
    cost: float
    net: float


@dataclass(frozen=True, eq=False)
class LookAhead:
    """The best of two steps.

    plan      : the best plan (closed loop: the second test depends on the first result); None when nothing is open
    pair      : the two tests worth most when ordered together
    one_step  : the test with the largest net value on its own, None when none is worth its cost
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
        """Every pair, largest net value first, then most information for its cost."""
        best = sorted(self.pairs, key=lambda pair: (pair.net, pair.information / max(pair.cost, 1e-9)), reverse=True)
        return pd.DataFrame([astuple(pair) for pair in best], columns=[each.name for each in fields(Pair)])


def look_ahead(outcomes: Outcomes, tests: Tests, costs: Costs) -> LookAhead:
    """Return pairs and plans over `tests`.

    Exact backward induction over two tests (Howard and Matheson 1981; semi-myopic selection: Sent and van der Gaag
    2006). Cost: one matrix product a pair, and for pairs in one block a pass of the engine for each joint result.
    """
    couples = list(combinations(tests, 2))
    noise = {test: outcomes.noise((test,)) for test in tests}
    pairs = []
    beliefs: dict[tuple[str, str], Array] = {}  # (first, second) -> P(first, second, cause acting | e)
    cards = outcomes.engine.network.cardinality
    for couple in couples:
        first, second = couple
        joint, probability = outcomes.every_result(couple)
        apart = len(outcomes.groups(couple)) == 2
        unexplained = noise[first] + noise[second] if apart else outcomes.noise(couple)
        worth = worth_of_results(outcomes, joint, probability, unexplained)
        bits, value, change = worth.information, worth.value, worth.change
        pairs.append(Pair(first, second, bits, value, change, costs.of(couple), costs.net(value, couple)))
        beliefs[couple] = joint.reshape(cards[first], cards[second], -1)
        beliefs[second, first] = beliefs[couple].swapaxes(0, 1)
    plans = [_plan(outcomes, first, tests, beliefs, costs) for first in tests]
    alone = {test: costs.net(worth.value, [test]) for test, worth in worth_of_each(outcomes, tests).items()}
    one = max(alone, key=lambda test: alone[test], default=None)
    one = one if one is not None and alone[one] > 0 else None
    plan = max(plans, key=lambda plan: plan.net, default=None)
    two = plan.first if plan is not None and plan.net > 0 else None
    pair = max(pairs, key=lambda pair: pair.net, default=None)
    return LookAhead(plan, pair, one, one != two, tuple(pairs), tuple(plans))


def _plan(outcomes: Outcomes, first: str, tests: Tests, beliefs: dict[tuple[str, str], Array], costs: Costs) -> Plan:
    """Return the best plan that begins with one test: after each result, the best second test or none."""
    joint, probability = each_result(outcomes, first)
    after = joint.max(1)
    extra = {test: costs.of([first, test]) - costs.of([first]) for test in tests if test != first}
    reached = {test: beliefs[first, test].max(2).sum(1) for test in extra}
    then: dict[str, str | None] = {}
    reaches, cost = 0.0, costs.of([first])
    for result, state in enumerate(outcomes.engine.network.by_id[first].states):
        gains = {
            test: float(reached[test][result]) - costs.rate * extra[test] * float(probability[result]) for test in extra
        }
        second = max(gains, key=lambda test: gains[test], default=None)
        if second is None or gains[second] <= float(after[result]) + 1e-15:
            then[state] = None
            reaches += float(after[result])
        else:
            then[state] = second
            reaches += float(reached[second][result])
            cost += extra[second] * float(probability[result])
    value = gain(outcomes, reaches)
    return Plan(first, then, value, cost, value - costs.rate * cost)
