"""What a test, or a set of tests done together, is worth: information and value, in one patient. Exact or sampled.

The decision is *name the leading cause*; naming a cause that is acting is worth 1, another 0. So the value of an answer
is how much likelier the cause named becomes to be an acting one, on average over the answers.

>>> mutual_information(np.array([[0.5, 0.0], [0.0, 0.5]])), mutual_information(np.full((2, 2), 0.25))
(1.0, 0.0)
>>> round(mutual_information(np.array([[0.4, 0.1], [0.1, 0.4]])), 3)  # 1 bit less the entropy of (0.8, 0.2)
0.278
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from model.decision.cost import Costs
from model.decision.outcomes import Outcomes, Tests, xlog2x
from model.inference.patterns import Codes
from model.network import Array

TIE = 1e-9  # probabilities closer than this are equal: no leader is overtaken by rounding
ROUNDING = 1e-12  # a value below this is none
EXACT_RESULTS = 1 << 14  # joint results that are enumerated
EXACT_GROUP = 1 << 9  # of tests that depend on each other given the causes
SAMPLES = 1000  # for sets too large to enumerate: their error stands beside the figure


@dataclass(frozen=True, slots=True)
class Worth:
    """One test, or several done together.

    results     : number of joint results
    information : I(causes; result | e) = H(causes | e) - E H(causes | e, result), bits, on the joint of all causes and
                  their states (Shannon 1948; as a criterion for tests: Gorry and Barnett 1968)
    cause_information : the same on the states of one cause; nan when none was chosen
    value       : expected value of information, E max_c P(c | e, result) - max_c P(c | e), at least 0 (Howard 1966)
    change      : P(the leading cause is no longer leading, once the result is known)
    exact       : False when sampled; the fields with `_error` then hold standard errors, else 0
    """

    results: int
    information: float
    value: float
    change: float
    cause_information: float = float("nan")
    exact: bool = True
    information_error: float = 0.0
    value_error: float = 0.0
    change_error: float = 0.0
    cause_information_error: float = 0.0


def worth_of_one(outcomes: Outcomes, test: str, cause: str | None = None) -> Worth:
    """Return what one test is worth. Cost: one pass of the engine a state."""
    worth = worth_of_results(outcomes, *each_result(outcomes, test), outcomes.noise((test,)))
    if cause is None:
        return worth
    states = (outcomes.given((test,)) * outcomes.p) @ outcomes.indicator(cause)
    return replace(worth, cause_information=mutual_information(states))


def each_result(outcomes: Outcomes, test: str) -> tuple[Array, Array]:
    """Return P(result, cause acting | e), (results, causes), and P(result | e) of one test."""
    weighted = outcomes.given((test,)) * outcomes.p
    return weighted @ outcomes.acting, weighted.sum(1)


def worth_of_each(outcomes: Outcomes, tests: Iterable[str], cause: str | None = None) -> dict[str, Worth]:
    """Return what each test is worth by itself."""
    return {test: worth_of_one(outcomes, test, cause) for test in tests}


def worth_of_sets(
    outcomes: Outcomes, sets: Sequence[Tests], cause: str | None = None, samples: int = SAMPLES, seed: int = 0
) -> list[Worth]:
    """Return what each set of tests is worth when all its tests are done together.

    Exact up to EXACT_RESULTS joint results; a larger set is sampled (seeded, with its error).
    """
    exact = [_enumerable(outcomes, tests) for tests in sets]
    drawn = outcomes.sample(samples, seed) if not all(exact) else {}
    found = []
    for tests, enumerable in zip(sets, exact, strict=True):
        if not enumerable:
            found.append(_sampled(outcomes, tests, cause, drawn))
            continue
        worth = worth_of_results(outcomes, *outcomes.every_result(tests), outcomes.noise(tests))
        if cause is not None:
            states = outcomes.together(tests, outcomes.indicator(cause))
            worth = replace(worth, cause_information=mutual_information(states))
        found.append(worth)
    return found


def worth_of_results(outcomes: Outcomes, joint: Array, probability: Array, noise: float) -> Worth:
    """Return what tests are worth from P(joint result, cause acting | e), (results, causes), and P(joint result | e).

    noise : H(joint result | causes, e); information is H(joint result | e) less that
    """
    information = -float(xlog2x(probability).sum()) - noise
    value = gain(outcomes, float(joint.max(1).sum()))
    change = float(probability[changed(outcomes, joint, probability)].sum())
    return Worth(len(joint), max(information, 0.0), value, min(change, 1.0))


def gain(outcomes: Outcomes, then: float) -> float:
    """Return how far the leading cause's mean probability `then` lies above that now; 0 if only by rounding."""
    value = then - float(outcomes.now.max())
    return value if value > ROUNDING else 0.0


def changed(outcomes: Outcomes, joint: Array, probability: Array) -> np.ndarray:
    """Say for which results another cause leads; a tie keeps the leader."""
    return joint[:, outcomes.leader] < joint.max(1) - TIE * probability


def mutual_information(joint: Array) -> float:
    """Return the mutual information of a joint table (rows, columns), in bits, at least 0."""
    rows, columns = joint.sum(1), joint.sum(0)
    return max(float(xlog2x(joint).sum() - xlog2x(rows).sum() - xlog2x(columns).sum()), 0.0)


def per_cost(information: float, cost: float) -> float:
    """Return bits for one unit of cost; infinite for a cost of nothing, 0 for no bits."""
    return information / cost if cost > 0 else (float("inf") if information > 0 else 0.0)


def preference(net: float, information: float, cost: float) -> tuple[float, float]:
    """Return a key that is larger for the test to do first.

    Tests worth their cost come first, by net value. One answer alone often cannot change the leading cause, so most
    tests have no value by themselves; those are ordered by the bits they give for their cost.
    """
    return (net, 0.0) if net > 0 else (0.0, per_cost(information, cost))


def priority(worth: Worth, tests: Tests, costs: Costs) -> tuple[float, float]:
    """Return the :func:`preference` for these tests done together."""
    return preference(costs.net(worth.value, tests), worth.information, costs.of(tests))


def _enumerable(outcomes: Outcomes, tests: Tests) -> bool:
    """Say whether a set is small enough to be enumerated."""
    groups = outcomes.groups(tests)
    return outcomes.results(tests) <= EXACT_RESULTS and all(outcomes.results(group) <= EXACT_GROUP for group in groups)


def _sampled(outcomes: Outcomes, tests: Tests, cause: str | None, drawn: dict[str, Codes]) -> Worth:
    """Return what a large set is worth, from patients drawn from the posterior.

    Information is the mean of log2 P(result | causes, e) / P(result | e), each term exact (Cover and Thomas 2006, 2.3).
    """
    codes = np.column_stack([drawn[test] for test in tests])
    causes = outcomes.engine.causes
    states = np.column_stack([drawn[name] for name in causes])
    sets = [(tests, codes), ((*tests, *causes), np.hstack([codes, states])), (causes, states)]
    if cause is not None:
        own = drawn[cause][:, None]
        sets += [((*tests, cause), np.hstack([codes, own])), ((cause,), own)]
    (joint, probability), *pinned = outcomes.score(sets)
    information, error = _mean(np.log2(pinned[0][1] / pinned[1][1] / probability))
    value, value_error = _mean(joint.max(1) / probability - outcomes.now.max())
    change, change_error = _mean(changed(outcomes, joint, probability).astype(float))
    worth = Worth(
        outcomes.results(tests), information, value, change, exact=False,
        information_error=error, value_error=value_error, change_error=change_error,
    )  # fmt: skip
    if cause is None:
        return worth
    information, error = _mean(np.log2(pinned[2][1] / pinned[3][1] / probability))
    return replace(worth, cause_information=information, cause_information_error=error)


def _mean(terms: Array) -> tuple[float, float]:
    """Return the mean and its standard error."""
    return float(terms.mean()), float(terms.std(ddof=1) / sqrt(len(terms)))
