"""Information and value of tests against plain loops over the joint, and the identities they must obey."""

from dataclasses import replace
from itertools import pairwise
from math import isnan, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.decision import worth as worth_module
from model.decision.outcomes import Outcomes
from model.decision.worth import preference, worth_of_each, worth_of_one, worth_of_sets
from model.errors import EvidenceError
from model.inference import Engine
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.naive_decisions import decision, entropy, information, joint_table, marginal, open_tests, small_cases
from tests.oracles.random_networks import as_likelihoods

CASES = small_cases(30)
cases = st.integers(0, len(CASES) - 1)
PROPERTY = settings(max_examples=40, deadline=None)
NEAR = 1e-10
FEW = {"fever": "present", "serum_b12": "normal", "methotrexate": "absent"}


@pytest.fixture(scope="module")
def nothing_entered(article):
    return article.next_tests({})


# --- one test, several tests: the numbers ---
@pytest.mark.parametrize("case", range(len(CASES)))
def test_one_test_against_brute_force(case):
    network, hard, soft = CASES[case]
    outcomes = Outcomes(Engine(network), hard, soft)
    for test in open_tests(network, hard, soft):
        table = joint_table(network, hard, soft, (test,))
        for position, cause in enumerate(network.causes):
            found = worth_of_one(outcomes, test, cause.id)
            one = information(table, lambda causes, position=position: causes[position])
            assert found.cause_information == pytest.approx(one, abs=NEAR)
        value, change, _, _ = decision(table, len(network.causes))
        assert found.information == pytest.approx(information(table), abs=NEAR)
        assert found.value == pytest.approx(value, abs=NEAR)
        assert found.change == pytest.approx(change, abs=NEAR)
        assert found.results == len(network.by_id[test].states)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_a_panel_against_brute_force(case):
    network, hard, soft = CASES[case]
    outcomes, tests = Outcomes(Engine(network), hard, soft), open_tests(network, hard, soft)
    sets = [tests[:2], tests[:3], tests[-3:], tests[:4], (tests[-1], tests[0])]
    cause = network.causes[case % len(network.causes)]
    position = network.causes.index(cause)
    for chosen, found in zip(sets, worth_of_sets(outcomes, sets, cause.id), strict=True):
        table = joint_table(network, hard, soft, chosen)
        value, change, _, _ = decision(table, len(network.causes))
        assert found.exact
        assert found.information == pytest.approx(information(table), abs=NEAR)
        assert found.cause_information == pytest.approx(information(table, lambda s: s[position]), abs=NEAR)
        assert found.value == pytest.approx(value, abs=NEAR)
        assert found.change == pytest.approx(change, abs=NEAR)


@pytest.mark.parametrize("case", range(12))
def test_value_from_one_posterior_at_a_time(case):
    """A second oracle: the posteriors of enumeration.py, one for each result."""
    network, hard, soft = CASES[case]
    entered = as_likelihoods(hard, soft)
    now, _ = enumerate_posterior(network, entered)
    causes = [cause.id for cause in network.causes]
    for test in open_tests(network, hard, soft):
        expected = -max(1 - now[cause][0] for cause in causes)
        for state, p in enumerate(now[test]):
            after, _ = enumerate_posterior(network, {**entered, test: {state: 1.0}})
            expected += p * max(1 - after[cause][0] for cause in causes) if after else 0
        assert worth_of_one(Outcomes(Engine(network), hard, soft), test).value == pytest.approx(expected, abs=NEAR)


def test_results_of_several_tests_are_in_the_order_asked():
    """Groups that depend on each other are enumerated together; the order of the tests must survive that."""
    seen = 0
    for network, hard, soft in CASES:
        outcomes, tests = Outcomes(Engine(network), hard, soft), open_tests(network, hard, soft)[:4]
        for chosen in (tests, tests[::-1]):
            table = joint_table(network, hard, soft, chosen)
            results = list(np.ndindex(*(len(network.by_id[test].states) for test in chosen)))
            probability = marginal(table, lambda key: key[0])
            found = outcomes.given(chosen) @ outcomes.p
            assert found == pytest.approx([probability.get(result, 0.0) for result in results], abs=NEAR)
        seen += len(outcomes.groups(tests)) > 1 and len(outcomes.groups(tests)) < len(tests)
    assert seen


def test_a_panel_too_large_is_sampled_with_its_error(monkeypatch):
    far = []
    for network, hard, soft in CASES[:15]:
        outcomes, tests = Outcomes(Engine(network), hard, soft), open_tests(network, hard, soft)[:4]
        cause = network.causes[0].id
        (exact,) = worth_of_sets(outcomes, [tests], cause)
        with monkeypatch.context() as patch:
            patch.setattr(worth_module, "EXACT_RESULTS", 1)
            sampled, again = (worth_of_sets(outcomes, [tests], cause, 3000, seed)[0] for seed in (5, 5))
        assert sampled == again
        assert not sampled.exact
        for name in ("information", "value", "change", "cause_information"):
            error = getattr(sampled, f"{name}_error")
            far.append(abs(getattr(sampled, name) - getattr(exact, name)) / (error + 1e-12))
            assert error < 0.05
            assert getattr(exact, f"{name}_error") == 0
    assert max(far) < 5
    assert np.mean(np.array(far) < 2) > 0.8


def test_only_all_blood_tests_at_once_are_too_many_to_be_exact(nothing_entered):
    table = nothing_entered.table
    assert table.index[~table["exact"]].tolist() == ["blood_draw"]
    assert table.loc["blood_draw", "information_error"] < 0.1
    assert table.loc["blood_draw", ["value_error", "change_error"]].max() < 0.02


# --- identities ---
@given(cases)
@PROPERTY
def test_information_is_bounded_by_both_entropies(case):
    network, hard, soft = CASES[case]
    outcomes = Outcomes(Engine(network), hard, soft)
    for test in open_tests(network, hard, soft):
        table = joint_table(network, hard, soft, (test,))
        of_test, of_causes = entropy(marginal(table, lambda k: k[0])), entropy(marginal(table, lambda k: k[1]))
        found = worth_of_one(outcomes, test, network.causes[0].id)
        assert 0 <= found.information <= min(of_test, of_causes) + NEAR
        assert 0 <= found.cause_information <= found.information + NEAR
        assert 0 <= found.value <= 1 - outcomes.now.max() + NEAR
        assert 0 <= found.change <= 1


@given(cases)
@PROPERTY
def test_chain_rule(case):
    """I(C; T1, T2) = I(C; T1) + I(C; T2 | T1)."""
    network, hard, soft = CASES[case]
    outcomes, (first, second) = Outcomes(Engine(network), hard, soft), open_tests(network, hard, soft)[:2]
    (both,) = worth_of_sets(outcomes, [(first, second)])
    then = 0.0
    for state, p in enumerate(outcomes.given((first,)) @ outcomes.p):
        if p > 1e-14:
            then += p * worth_of_one(Outcomes(outcomes.engine, {**hard, first: state}, soft), second).information
    assert both.information == pytest.approx(worth_of_one(outcomes, first).information + then, abs=NEAR)


@given(cases)
@PROPERTY
def test_more_tests_are_never_worth_less(case):
    network, hard, soft = CASES[case]
    outcomes, tests = Outcomes(Engine(network), hard, soft), open_tests(network, hard, soft)[:5]
    growing = worth_of_sets(outcomes, [tests[:count] for count in range(1, len(tests) + 1)])
    for less, more in pairwise(growing):
        assert more.value >= less.value - 1e-12
        assert more.information >= less.information - 1e-12


def test_a_test_that_no_cause_touches_says_nothing():
    for network, hard, soft in CASES[:15]:
        flat = replace(
            network.findings[0],
            contexts=(), background=np.array([0.3, 1.0]), states=("absent", "present"),
            links={cause: np.ones((len(network.by_id[cause].states), 2)) for cause in network.findings[0].causes},
        )  # fmt: skip
        changed = replace(network, findings=(flat, *network.findings[1:]))
        without = {node: value for node, value in hard.items() if node != flat.id}
        likelihoods = {node: value for node, value in soft.items() if node != flat.id}
        found = worth_of_one(Outcomes(Engine(changed), without, likelihoods), flat.id)
        assert found.information < 1e-12
        assert found.value < 1e-12
        assert found.change == 0


def test_a_test_cut_off_by_evidence_says_nothing(article, nothing_entered):
    """The Duffy phenotype follows from ben and ancestry alone; both known, it tells nothing about any cause."""
    known = {"ben": "present", "african_or_middle_eastern_ancestry": "present"}
    lines = article.next_tests(known).table
    assert lines.loc["duffy_null", "information"] < 1e-12
    assert article.next_tests({"ben": "present"}).table.loc["duffy_null", "information"] < 1e-3
    assert nothing_entered.table.loc["duffy_null", "information"] > 0.1


def test_when_every_cause_is_known_no_test_is_worth_anything(article):
    known = {cause.id: "absent" for cause in article.network.causes} | {"viral": "present"}
    lines = article.next_tests(known, cause="marrow").table
    for name in ("information", "cause_information", "value", "change"):
        assert lines[name].abs().max() < 1e-10, name


def test_when_everything_is_answered_nothing_is_left(article):
    everything = {node.id: node.states[0] for node in (*article.network.contexts, *article.network.findings)}
    found = article.next_tests(everything, two_step=True)
    assert len(found.table) == len(found.results) == 0
    assert found.best is None
    assert found.two_step is not None
    assert found.two_step.plan is None
    assert found.two_step.pair is None
    assert found.two_step.table.empty
    assert found.stop.stop
    assert found.stop.rule == "nothing left"


# --- the table ---
def test_the_table_on_the_real_model(article):
    found = article.next_tests(FEW, cause="drug")
    table, now = found.table, article.posterior(FEW)
    leader = max(now.acting, key=lambda cause: now.acting[cause])
    assert (found.leader, found.leads_now) == (leader, pytest.approx(now.acting[leader]))
    open_now = set(open_tests(article.network, now.evidence.hard, now.evidence.soft))
    assert set(table.index[table["kind"] != "panel"]) == open_now
    for test in open_now:
        assert table.loc[test, "kind"] == article.knowledge.nodes[test].role
        states = article.knowledge.nodes[test].states
        expected, top = -now.acting[leader], 0.0
        for state in states:
            p, after = now.nodes[test, state], article.posterior({**FEW, test: state}).acting
            row = found.results.loc[test, state]
            assert row["probability"] == pytest.approx(p, abs=NEAR)
            assert row["leader_probability"] == pytest.approx(after[leader], abs=NEAR)
            assert row["leads"] == pytest.approx(max(after.values()), abs=NEAR)
            assert after[row["leader"]] == pytest.approx(row["leads"], abs=NEAR)
            assert row[list(after)].tolist() == pytest.approx(list(after.values()), abs=NEAR)
            expected += p * max(after.values())
            top += p * after[leader] * (state != states[0])
        assert table.loc[test, "value"] == pytest.approx(expected, abs=NEAR)
        assert table.loc[test, "if_no"] == pytest.approx(
            article.posterior({**FEW, test: states[0]}).acting[leader], abs=NEAR
        )
        assert table.loc[test, "p_yes"] == pytest.approx(1 - now.nodes[test, states[0]], abs=NEAR)
        assert table.loc[test, "if_yes"] * table.loc[test, "p_yes"] == pytest.approx(top, abs=NEAR)


def test_order_and_follow_up(article):
    found = article.next_tests(FEW)
    late = [line.follow_up for line in found.lines]
    assert late == sorted(late)
    assert {line.test for line in found.lines if line.follow_up} == {"recovery_after_stopping", "repeat_count"}
    keys = [preference(l.net, l.worth.information, l.cost) for l in found.lines if not l.follow_up]  # noqa: E741
    assert keys == sorted(keys, reverse=True)
    single = [line for line in found.lines if line.kind != "panel"]
    assert found.best == single[0].test
    for line in single:
        assert line.net == pytest.approx(line.worth.value - found.rate * line.cost)
        bits = found.table.loc[line.test, "per_cost"] * line.cost if line.cost else line.worth.information
        assert bits == pytest.approx(line.worth.information)


def test_preference_puts_what_pays_first_then_bits_for_cost():
    assert preference(0.01, 0.1, 5) > preference(0.005, 0.9, 0.1) > preference(-0.01, 0.2, 1) > preference(-0.001, 0, 0)
    assert preference(0, 0.1, 0) > preference(-1, 5, 1)


def test_panels_hold_what_is_open_and_share_their_cost(article, nothing_entered):
    found = nothing_entered
    own = {row.node: row.burden for row in article.knowledge.costs}
    shared = {row.panel: row.burden for row in article.knowledge.panels}
    table = found.table
    nutrition = sum(own[test] for test in ("serum_folate", "serum_b12", "serum_copper")) + shared["nutrition"]
    nutrition += shared["blood_draw"]
    assert table.loc["nutrition", "cost"] == pytest.approx(nutrition)
    assert table.loc["serum_b12", "cost"] == pytest.approx(
        own["serum_b12"] + shared["blood_draw"] + shared["nutrition"]
    )
    assert table.loc["nutrition", "tests"] == "serum_folate;serum_b12;serum_copper"
    assert table.loc["nutrition", "results"] == 12
    assert isnan(table.loc["nutrition", "if_yes"])
    assert "follow_up" not in table.index
    after = article.next_tests({"serum_folate": "normal"}).table
    assert after.loc["nutrition", "tests"] == "serum_b12;serum_copper"
    assert "nutrition" not in article.next_tests({"serum_folate": "normal", "serum_copper": "normal"}).table.index


def test_costs_of_the_tables_can_be_replaced(article, nothing_entered):
    costs = {"serum_b12": 7.0, "blood_draw": 0.25, "valproate": 0}
    before, after = nothing_entered.table, article.next_tests({}, costs=costs).table
    assert after.loc["serum_b12", "cost"] == 7.25
    assert after.loc["serum_copper", "cost"] == pytest.approx(before.loc["serum_copper", "cost"] - 0.75)
    assert after.loc["fever", "cost"] == before.loc["fever", "cost"]
    assert after["information"].sort_index().tolist() == pytest.approx(before["information"].sort_index().tolist())
    assert after.loc["valproate", "per_cost"] == np.inf


def test_a_cause_gives_its_own_information(article):
    plain, chosen = article.next_tests(FEW).table, article.next_tests(FEW, cause="nutritional").table
    assert plain["cause_information"].isna().all()
    assert chosen["cause_information"].between(0, chosen["information"] + NEAR).all()
    p = article.posterior(FEW).states["nutritional"]
    h = -sum(value * log2(value) for value in p if value > 0)
    after = 0.0
    for state in article.knowledge.nodes["serum_copper"].states:
        weight = article.posterior(FEW).nodes["serum_copper", state]
        given = article.posterior({**FEW, "serum_copper": state}).states["nutritional"]
        after -= weight * sum(value * log2(value) for value in given if value > 0)
    assert chosen.loc["serum_copper", "cause_information"] == pytest.approx(h - after, abs=NEAR)


def test_steps_of_the_article_are_named(nothing_entered):
    table = nothing_entered.table
    assert table.loc["antibiotic_course", "step"] == "review_medicines_first"
    assert table.loc["splenomegaly", "step"] == "examine_spleen"
    assert table.loc["transplant", "step"] == ""
    assert set(table.index[table["step_next"]]) == {
        "medicines", "antibiotic_course", "methotrexate", "azathioprine", "mycophenolate", "valproate",
        "other_culprit_drug", "drug_timing",
    }  # fmt: skip


def test_every_setting_answers(any_model):
    found = any_model.next_tests(FEW, two_step=True)
    assert found.table[["information", "value", "change", "cost"]].notna().all(axis=None)
    assert (found.table["information"] >= 0).all()
    assert found.stop.reason


def test_what_cannot_be_asked_is_named(article):
    with pytest.raises(EvidenceError, match="Cause 'fever' is unknown; allowed is 'drug', "):
        article.next_tests({}, cause="fever")
    with pytest.raises(EvidenceError, match="costs: 'fevr' is no test and no panel; did you mean 'fever'"):
        article.next_tests({}, costs={"fevr": 1})
    for bad in (-1, float("nan")):
        with pytest.raises(EvidenceError, match="costs: expected a cost of at least 0 for 'fever', got"):
            article.next_tests({}, costs={"fever": bad})


def test_worth_of_each_is_worth_of_one(article):
    outcomes = Outcomes(article.engine, {}, {})
    assert worth_of_each(outcomes, ["fever"], "drug") == {"fever": worth_of_one(outcomes, "fever", "drug")}


def test_what_was_entered_as_a_likelihood_is_answered(article):
    soft = {"serum_b12": {"normal": 0.2, "borderline": 1.0, "low": 0.9}}
    found = article.next_tests(soft)
    assert "serum_b12" not in found.table.index
    assert found.table.loc["nutrition", "tests"] == "serum_folate;serum_copper"


def test_what_a_prompt_prints_fits_on_a_line(article):
    found = article.next_tests({"fever": "present"})
    assert str(found.best) in repr(found)
    assert found.leader in repr(found)
    assert len(repr(found)) < 120
    assert str(len(article.knowledge.records)) in repr(article.knowledge)
    assert len(repr(article.knowledge)) < 120
