"""What unanswered nodes could show, given the causes: by block sums, against the joint distribution summed by hand."""

from itertools import combinations, product

import numpy as np
import pytest

from model.inference import Engine
from tests.oracles.naive_decisions import joint_table, open_tests, small_cases

CASES = small_cases(30)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_results_given_the_causes_against_brute_force(case):
    network, hard, soft = CASES[case]
    engine = Engine(network)
    order = [engine.causes.index(cause.id) for cause in network.causes]
    unanswered = open_tests(network, hard, soft)
    for tests in [*((test,) for test in unanswered), *combinations(unanswered[:4], 2)]:
        found = engine.conditional(tests, hard, soft)
        table = joint_table(network, hard, soft, tests)
        results = list(product(*(range(network.cardinality[test]) for test in tests)))
        for place, states in enumerate(engine.codes[:, order].tolist()):
            joint = np.array([table.get((result, tuple(states)), 0.0) for result in results])
            if joint.sum() > 0:
                assert found[:, place] == pytest.approx(joint / joint.sum(), abs=1e-10), tests
            elif len(tests) > 1 or tests[0] not in engine.strata[0].plain:
                assert not found[:, place].any()
