"""Patients drawn from a posterior against the brute-force posterior."""

import numpy as np
import pytest
from scipy.stats import binomtest

from model.errors import ImpossibleEvidence
from model.inference import Engine
from model.inference.sampling import draw
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.naive_decisions import joint_table, open_tests, small_cases
from tests.oracles.random_networks import as_likelihoods

COUNT = 20_000
CASES = small_cases(25)


def close(found, expected):
    """Whether a share of the patients is no further off than five standard errors, exactly for rare results too."""
    return binomtest(round(found * COUNT), COUNT, min(expected, 1.0)).pvalue > 5e-7


@pytest.mark.parametrize("case", range(len(CASES)))
def test_frequencies_are_posteriors(case):
    network, hard, soft = CASES[case]
    drawn = draw(Engine(network), COUNT, np.random.default_rng(case), hard, soft)
    posterior, _ = enumerate_posterior(network, as_likelihoods(hard, soft))
    for node, probabilities in posterior.items():
        for state, p in enumerate(probabilities):
            if node not in soft or node not in {finding.id for finding in network.findings}:
                assert node in hard or close((drawn[node] == state).mean(), p), node
    for node, state in hard.items():
        assert (drawn[node] == state).all()


@pytest.mark.parametrize("case", range(8))
def test_results_and_causes_are_drawn_together(case):
    network, hard, soft = CASES[case]
    tests = open_tests(network, hard, soft)[-2:]
    drawn = draw(Engine(network), COUNT, np.random.default_rng(case), hard, soft)
    for (result, causes), p in joint_table(network, hard, soft, tests).items():
        same = np.ones(COUNT, bool)
        for node, state in zip((*tests, *(cause.id for cause in network.causes)), (*result, *causes), strict=True):
            same &= drawn[node] == state
        assert close(same.mean(), p)


def test_an_entered_likelihood_weighs_the_true_state():
    network, hard, soft = next(case for case in CASES if any(f.id in case[2] for f in case[0].findings))
    drawn = draw(Engine(network), COUNT, np.random.default_rng(1), hard, soft)
    for finding in network.findings:
        if finding.id in soft:
            others = {node: value for node, value in soft.items() if node != finding.id}
            before, _ = enumerate_posterior(network, as_likelihoods(hard, others))
            weights = [p * like for p, like in zip(before[finding.id], soft[finding.id], strict=True)]
            for state, weight in enumerate(weights):
                assert close((drawn[finding.id] == state).mean(), weight / sum(weights))


def test_the_seed_fixes_the_patients():
    network, hard, soft = CASES[0]
    one, same, other = (draw(Engine(network), 200, np.random.default_rng(seed), hard, soft) for seed in (3, 3, 4))
    assert all((one[node] == same[node]).all() for node in one)
    assert any((one[node] != other[node]).any() for node in one)


def test_nobody_is_drawn_from_impossible_evidence(article):
    ruled_out = {cause.id: 0 for cause in article.network.causes}
    with pytest.raises(ImpossibleEvidence):
        draw(article.engine, 10, np.random.default_rng(0), ruled_out)
