"""Pairs and plans of two tests against brute force over every policy."""

import pytest

from model.decision import next_tests
from tests.oracles.naive_decisions import (
    acting,
    decision,
    information,
    joint_table,
    marginal,
    open_tests,
    small_cases,
    toy,
)

CASES = small_cases(20)
NEAR = 1e-10


@pytest.mark.parametrize("case", range(20))
@pytest.mark.parametrize("rate", [0.0, 0.004, 0.03])
def test_two_steps_against_brute_force(case, rate):
    model, evidence = toy(CASES[case], burden_worth=rate)
    network, hard, soft = CASES[case]
    found = next_tests(model, model.posterior(evidence), two_step=True)
    late = [node.id for node in (*network.contexts, *network.findings)][-1]
    tests = [test for test in open_tests(network, hard, soft) if test != late]
    number = len(network.causes)
    first_two = {node.id for node in (*network.contexts, *network.findings)[:2]}

    def cost(*chosen):
        return len(chosen) + 2 * bool(first_two & set(chosen))

    best_plans, singles = {}, {}
    for first in tests:
        alone = joint_table(network, hard, soft, (first,))
        singles[first] = decision(alone, number)[0] - rate * cost(first)
        options = {}
        for result, p in marginal(alone, lambda key: key[0]).items():
            options[result] = [max(acting(alone, result, number))]
            for second in tests:
                if second != first:
                    both = joint_table(network, hard, soft, (first, second))
                    seen = {key[0] for key in both if key[0][0] == result[0]}
                    reached = sum(max(acting(both, each, number)) for each in seen)
                    options[result].append(reached - rate * (cost(first, second) - cost(first)) * p)
        now = max(acting(alone, None, number))
        best_plans[first] = sum(max(each) for each in options.values()) - rate * cost(first) - now
    steps = found.two_step
    assert {plan.first: plan.net for plan in steps.plans} == pytest.approx(best_plans, abs=NEAR)
    for pair in steps.pairs:
        table = joint_table(network, hard, soft, (pair.first, pair.second))
        value, change, _, _ = decision(table, number)
        assert pair.information == pytest.approx(information(table), abs=NEAR)
        assert (pair.value, pair.change) == pytest.approx((value, change), abs=NEAR)
        assert pair.net == pytest.approx(value - rate * cost(pair.first, pair.second), abs=NEAR)
    assert len(steps.pairs) == len(tests) * (len(tests) - 1) // 2
    if tests:
        assert steps.plan.net == pytest.approx(max(best_plans.values()), abs=NEAR)
        assert (steps.one_step is None) == (max(singles.values()) <= 1e-12)
    if steps.pairs:
        assert steps.pair.net == max(pair.net for pair in steps.pairs)
        assert steps.plan.net >= steps.pair.net - NEAR  # the second test may be chosen, or left out, after the first


def test_looking_two_ahead_can_begin_elsewhere(article):
    """On the real model the best plan begins with another test than the best single one, and says so."""
    found = article.next_tests({"rheumatoid_arthritis": "present"}, two_step=True)
    steps = found.two_step
    assert steps.disagrees == (steps.one_step != steps.plan.first)
    assert steps.disagrees
    assert article.next_tests({"ben": "present"}, two_step=True).two_step.disagrees is False
    table = steps.table
    assert table["net"].is_monotonic_decreasing
    assert set(table["first"]) | set(table["second"]) <= set(found.table.index)


def test_a_plan_of_two_counts_against_stopping():
    """Where no test pays by itself but a plan does, one step ahead says stop and two steps ahead say go on."""
    saved = 0
    for case in CASES:
        model, evidence = toy(case, cannot_miss=1.0, same_decision_enough=1.1)
        lines = [line for line in next_tests(model, model.posterior(evidence)).lines if not line.follow_up]
        rate = 1.0001 * max((line.worth.value / line.cost for line in lines), default=0) + 1e-5
        one = next_tests(model, model.posterior(evidence), cost_worth=rate)
        two = next_tests(model, model.posterior(evidence), cost_worth=rate, two_step=True)
        assert one.stop.stop
        plan = two.two_step.plan
        assert two.stop.stop == (plan is None or plan.net <= 0)
        assert two.two_step.disagrees != two.stop.stop
        if not two.stop.stop:
            assert "a plan of two tests that begins with" in two.stop.reason
            saved += 1
    assert 0 < saved < len(CASES)
