"""Same-decision probability against plain loops over the joint, and what must hold of it."""

from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.decision.outcomes import Outcomes
from model.decision.same_decision import decide
from model.decision.worth import EXACT_RESULTS, worth_of_one, worth_of_sets
from model.errors import EvidenceError
from model.inference import Engine
from tests.oracles.naive_decisions import decision, joint_table, open_tests, small_cases

module = import_module("model.decision.same_decision")  # the package hands on a function of the same name
CASES = small_cases(40)
FEW = {"fever": "present", "rash": "absent"}


@pytest.mark.parametrize("case", range(len(CASES)))
def test_brute_force(case):
    network, hard, soft = CASES[case]
    tests = open_tests(network, hard, soft)[:4]
    found = decide(Outcomes(Engine(network), hard, soft), tests)
    value, changes, leader, by_leader = decision(joint_table(network, hard, soft, tests), len(network.causes))
    assert found.exact
    assert found.error == 0
    assert found.probability == pytest.approx(1 - changes, abs=1e-10)
    assert found.leader == network.causes[leader].id
    assert list(found.by_leader.values()) == pytest.approx(by_leader, abs=1e-10)
    assert found.leads_then - found.leads_now == pytest.approx(value, abs=1e-10)


def test_some_brute_force_cases_change_leader():
    """Otherwise the test above would pass with every probability equal to one."""
    found = [decide(Outcomes(Engine(n), h, s), open_tests(n, h, s)[:4]).probability for n, h, s in CASES]
    assert sum(p < 0.999 for p in found) > 10


def test_with_no_tests_it_is_one(article):
    found = article.same_decision(FEW, [])
    assert found.probability == 1
    assert found.leads_then == found.leads_now
    assert found.tests == ()


@given(st.integers(0, len(CASES) - 1), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_in_range_and_leaders_sum_to_one(case, count):
    network, hard, soft = CASES[case]
    found = decide(Outcomes(Engine(network), hard, soft), open_tests(network, hard, soft)[:count])
    assert 0 < found.probability <= 1
    assert sum(found.by_leader.values()) == pytest.approx(1, abs=1e-10)
    assert found.leads_then >= found.leads_now - 1e-12


def test_one_test_is_one_minus_the_chance_of_change(article):
    outcomes = Outcomes(article.engine, {}, {})
    for test in ("duration", "respiratory_symptoms", "antibiotic_course"):
        found = article.same_decision({}, [test])
        assert found.probability == pytest.approx(1 - worth_of_one(outcomes, test).change, abs=1e-12)
    (panel,) = worth_of_sets(outcomes, [("fever", "duration", "anaemia")])
    assert article.same_decision({}, ["fever", "duration", "anaemia"]).probability == pytest.approx(1 - panel.change)


def test_default_is_the_twelve_most_informative_that_can_be_had_now(article):
    found = article.same_decision(FEW)
    outcomes = Outcomes(article.engine, *_entered(article, FEW))
    bits = {test: worth_of_one(outcomes, test).information for test in outcomes.unanswered}
    for late in ("recovery_after_stopping", "repeat_count"):
        assert late not in found.tests
        del bits[late]
    assert len(found.tests) == 12
    assert min(bits[test] for test in found.tests) >= max(b for test, b in bits.items() if test not in found.tests)
    assert found.exact or found.results > 4 * EXACT_RESULTS


def _entered(model, evidence):
    entered = model.posterior(evidence).evidence
    return entered.hard, entered.soft


def test_beyond_twelve_tests_it_is_sampled_with_its_error(article, monkeypatch):
    tests = [finding.id for finding in article.network.findings][:13]
    sampled = article.same_decision({}, tests, samples=4000, seed=1)
    again = article.same_decision({}, tests, samples=4000, seed=1)
    other = article.same_decision({}, tests, samples=4000, seed=2)
    assert not sampled.exact
    assert 0 < sampled.error < 0.01
    assert sampled.probability == again.probability != other.probability
    monkeypatch.setattr(module, "EXACT_TESTS", 13)
    exact = article.same_decision({}, tests)
    assert exact.exact
    for found in (sampled, other):
        assert abs(found.probability - exact.probability) < 4 * found.error
        assert found.leads_then == pytest.approx(exact.leads_then, abs=0.02)


def test_a_panel_by_name_and_answered_tests_are_left_out(article):
    assert article.same_decision(FEW, "symptoms").tests == (
        "respiratory_symptoms", "joint_pain", "mouth_ulcers", "constitutional_symptoms", "recurrent_infections",
    )  # fmt: skip
    assert article.same_decision(FEW, ["fever", "duration", "duration"]).tests == ("duration",)


def test_likelihoods_count(article):
    soft = {"serum_b12": {"normal": 0.2, "borderline": 1.0, "low": 0.9}}
    found = article.same_decision(soft, ["anaemia"])
    p = 0.0
    predicted = article.posterior(soft).nodes["anaemia"]
    for state in ("absent", "present"):
        acting = article.posterior({**soft, "anaemia": state}).acting
        p += predicted[state] * (max(acting, key=lambda cause: acting[cause]) == found.leader)
    assert found.probability == pytest.approx(p, abs=1e-12)


def test_an_established_cause_stays_first(article):
    found = article.same_decision({"ben": "present"}, ["duffy_null", "fever"])
    assert found.probability == pytest.approx(1, abs=1e-12)


def test_what_is_not_a_test_is_named(article):
    with pytest.raises(EvidenceError, match="panel: 'fevr' is no context and no finding; did you mean 'fever'"):
        article.same_decision({}, ["fevr"])
    with pytest.raises(EvidenceError, match="panel: 'drug' is no context and no finding"):
        article.same_decision({}, ["drug"])
    with pytest.raises(EvidenceError, match="panel: 'symptom' is not in panels.csv; did you mean 'symptoms'"):
        article.same_decision({}, "symptom")
