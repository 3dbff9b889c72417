"""Same-decision probability: would the leading cause still lead if every remaining test were answered?

Of three joint results, with probabilities 0.5, 0.3 and 0.2, the last would put the second cause first:

>>> from types import SimpleNamespace
>>> joint = np.array([[0.40, 0.10], [0.20, 0.10], [0.05, 0.15]])  # P(result, cause acting | e)
>>> keeps = ~changed(SimpleNamespace(leader=0), joint, np.array([0.5, 0.3, 0.2]))
>>> (keeps @ [0.5, 0.3, 0.2]).item()
0.8
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from model.calibrated_model import CalibratedModel
from model.decision.cost import read_costs
from model.decision.outcomes import Outcomes, Tests
from model.decision.worth import EXACT_GROUP, EXACT_RESULTS, changed, worth_of_one
from model.errors import EvidenceError, nearest
from model.inference.leader import leading
from model.inference.patterns import Codes
from model.network import Array, grid
from model.posterior import Posterior

EXACT_TESTS = 12
SAMPLES = 10_000


@dataclass(frozen=True, eq=False)
class SameDecision:
    """Whether more tests would change the leading cause.

    probability : P(the cause that leads now still leads when all `tests` are known), in (0, 1]; 1 with no tests. That
                  is the sum over joint results h of P(h | e) [leader(e, h) = leader(e)]; a tie keeps the leader.
                  Darwiche and Choi 2010; Chen, Choi and Darwiche, JAIR 2014.
    error       : standard error; 0 when every joint result was weighed
    tests       : what is taken as answered, in the order it was given or found most informative
    leader      : the cause that leads now, and `leads_now`, P(it is acting | e)
    leads_then  : the mean of the leading cause's probability once all is known; at least `leads_now` when exact
    by_leader   : cause -> P(it leads once all is known); sums to one
    """

    probability: float
    error: float
    exact: bool
    tests: Tests
    results: int
    leader: str
    leads_now: float
    leads_then: float
    by_leader: Mapping[str, float] = field(repr=False)


def same_decision(
    model: CalibratedModel,
    answer: Posterior,
    panel: str | Sequence[str] | None = None,
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> SameDecision:
    """Return the probability that the leading cause stays the leader when more tests are answered.

    answer  : a posterior of `model`
    panel   : tests, or the name of a panel of ``data/panels.csv``; answered ones are left out. Default: the twelve that
              say most about the causes (one at a time, in bits) among those that can be had now.
    samples : joint results drawn when there are more than twelve tests or 65536 of them; `seed` fixes them
    raises  : EvidenceError for an unknown test.
    Cost: exact on up to twelve tests, all joint results in one batch (about 30 us each); beyond, `samples` rows.
    """
    outcomes = Outcomes.of(answer)
    costs = read_costs(model.knowledge)
    if panel is None:
        tests = most_informative(outcomes, frozenset(outcomes.unanswered) - costs.later)
    elif isinstance(panel, str):
        if panel not in costs.shared:
            raise EvidenceError(f"panel: {panel!r} is not in panels.csv{nearest(panel, costs.shared) or '.'}")
        tests = tuple(test for test in costs.members(panel) if test in outcomes.unanswered)
    else:
        tests = _named(outcomes, panel)
    return decide(outcomes, tests, samples, seed)


def decide(outcomes: Outcomes, tests: Tests, samples: int = SAMPLES, seed: int = 0) -> SameDecision:
    """Return the same-decision probability on these unanswered tests; see :func:`same_decision`."""
    exact = len(tests) <= EXACT_TESTS and outcomes.results(tests) <= 4 * EXACT_RESULTS
    joint, probability = _exact(outcomes, tests) if exact else _sampled(outcomes, tests, samples, seed)
    keeps = ~changed(outcomes, joint, probability)
    then = np.where(keeps, outcomes.leader, leading(joint))
    by_leader = np.bincount(then, probability, minlength=joint.shape[1])
    stays = float(by_leader[outcomes.leader])
    causes = [cause.id for cause in outcomes.engine.network.causes]
    return SameDecision(
        min(stays, 1.0),
        0.0 if exact else sqrt(stays * max(1 - stays, 0.0) / samples),
        exact,
        tests,
        outcomes.results(tests),
        causes[outcomes.leader],
        float(outcomes.now[outcomes.leader]),
        float(joint.max(1).sum()),
        dict(zip(causes, by_leader.tolist(), strict=True)),
    )


def most_informative(outcomes: Outcomes, among: frozenset[str], count: int = EXACT_TESTS) -> Tests:
    """Return the tests that each tell most about the causes, most informative first."""
    bits = {test: worth_of_one(outcomes, test).information for test in outcomes.unanswered if test in among}
    return tuple(sorted(bits, key=lambda test: -bits[test])[:count])


def _exact(outcomes: Outcomes, tests: Tests) -> tuple[Array, Array]:
    """Return P(result, cause acting | e) and P(result | e) of every joint result."""
    if not tests:
        return outcomes.now[None], np.ones(1)
    if all(outcomes.results(group) <= EXACT_GROUP for group in outcomes.groups(tests)):
        return outcomes.every_result(tests)
    return outcomes.score([(tests, grid([outcomes.results((test,)) for test in tests]))])[0]


def _sampled(outcomes: Outcomes, tests: Tests, samples: int, seed: int) -> tuple[Array, Array]:
    """Return the same of joint results drawn from the posterior, each with weight 1 / samples."""
    drawn = outcomes.sample(samples, seed)
    codes: Codes = np.column_stack([drawn[test] for test in tests])
    joint, probability = outcomes.score([(tests, codes)])[0]
    return joint / probability[:, None] / samples, np.full(samples, 1 / samples)


def _named(outcomes: Outcomes, tests: Sequence[str]) -> Tests:
    """Return the named tests that are not answered yet, each once."""
    network = outcomes.engine.network
    known = [node.id for node in (*network.contexts, *network.findings)]
    for test in tests:
        if test not in known:
            raise EvidenceError(f"panel: {test!r} is no context and no finding{nearest(str(test), known) or '.'}")
    return tuple(test for test in dict.fromkeys(tests) if test in outcomes.unanswered)
