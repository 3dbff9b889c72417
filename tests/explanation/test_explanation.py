"""Weights of evidence against all orders of entry, summed by hand, and the laws of the Shapley value."""

import re
from dataclasses import replace
from itertools import permutations
from math import factorial, isfinite, log10

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.explanation import sentences
from model.network import Cause, Context, Finding, Network
from model.validation.verification import random_evidence
from tests.oracles.stand_in import Joint, small_evidence, small_network, stand_in

seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=30, deadline=None)
CASE = {
    "fever": "present", "viral_test": "present", "rash": "present", "splenomegaly": "absent", "anaemia": "absent",
    "thrombocytopenia": "present", "methotrexate": "present", "rheumatoid_arthritis": "present",
    "macrocytosis": "present", "duration": "earlier_normal", "serum_b12": "205 pg/mL", "duffy_null": "absent",
}  # fmt: skip


def by_all_orders(value, items):
    """item -> (alone, last, Shapley value), by walking through every order of entry."""
    added = dict.fromkeys(items, 0.0)
    for order in permutations(items):
        inside = frozenset()
        for item in order:
            added[item] += value(inside | {item}) - value(inside)
            inside |= {item}
    whole = frozenset(items)
    return {
        item: (value({item}) - value(()), value(whole) - value(whole - {item}), added[item] / factorial(len(items)))
        for item in items
    }


def remembered(joint, likelihoods, cause):
    known = {}

    def value(inside):
        key = frozenset(inside)
        if key not in known:
            known[key] = joint.decibans({item: likelihoods[item] for item in key}, cause)
        return known[key]

    return value


@given(seeds, seeds)
@PROPERTY
def test_weights_agree_with_all_orders_of_entry(network_seed, evidence_seed):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed)
    cause = network.causes[evidence_seed % len(network.causes)].id
    joint, unselected = Joint(network), Joint(replace(network, selection=np.ones_like(network.selection)))
    value, without = remembered(joint, likelihoods, cause), remembered(unselected, likelihoods, cause)
    assume(isfinite(value(likelihoods)))
    found = stand_in(network).explain(typed, cause)
    expected, own = by_all_orders(value, list(typed)), by_all_orders(without, list(typed))
    assert list(found.items["item"]) == list(typed)
    for row in found.items.itertuples():
        assert np.allclose((row.alone, row.last, row.shapley), expected[row.item], atol=1e-9)
        assert np.isclose(row.own, own[row.item][2], atol=1e-9)
        assert np.isclose(row.own + row.explaining_away, row.shapley, atol=1e-9)
        assert row.depends == (row.alone * row.last < 0 and min(abs(row.alone), abs(row.last)) > 1e-9)
    assert np.isclose(found.prior, value(()), atol=1e-9)
    assert np.isclose(found.total, value(likelihoods) - value(()), atol=1e-9)
    count = [value(inside) - without(inside) for inside in (likelihoods, ())]
    assert np.isclose(found.explaining_away, count[0] - count[1], atol=1e-9)


@pytest.mark.parametrize("entries", [0, 1, 7, 14, 19])
def test_weights_add_up_to_the_posterior(any_model, entries):
    rng = np.random.default_rng(entries)
    evidence = random_evidence(any_model, rng, entries)
    for cause in ("drug", "ben", "marrow"):
        if cause in evidence:
            continue
        found = any_model.explain(evidence, cause, pairs=8)
        posterior = any_model.posterior(evidence).acting[cause]
        log_odds = 10 * log10(posterior / (1 - posterior))
        assert np.isclose(found.posterior, posterior, rtol=1e-12)
        assert np.isclose(found.prior + found.total, log_odds, atol=1e-9)
        assert np.isclose(found.prior + found.items["shapley"].sum(), log_odds, atol=1e-9)
        assert np.isclose(found.lines["running"].iloc[-1], log_odds, atol=1e-9)
        assert np.isclose(found.items["explaining_away"].sum(), found.explaining_away, atol=1e-9)


def test_a_nearly_certain_cause_keeps_its_digits():
    """Odds of 1e17 to one: 1 - p is 0 in double precision, yet the weights are exact."""
    findings = [binary(f"f{i}", {"c0": 1e-6}, 1 - 1e-6) for i in range(3)]
    found = stand_in(one_cause(findings)).explain({f"f{i}": "present" for i in range(3)}, "c0")
    assert found.posterior == 1.0
    assert np.allclose(found.items["shapley"], 10 * log10((1 - 1e-6 * (1 - 1e-6)) / 1e-6), atol=1e-9)


@given(seeds, seeds)
@PROPERTY
def test_order_of_entry_is_irrelevant(network_seed, evidence_seed):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed, 7)
    cause = network.causes[0].id
    assume(isfinite(Joint(network).decibans(likelihoods, cause)))
    model = stand_in(network)
    forward = model.explain(typed, cause).items.set_index("item")
    backward = model.explain(dict(reversed(typed.items())), cause).items.set_index("item")
    columns = ["alone", "last", "shapley", "own"]
    assert np.allclose(forward[columns], backward.loc[forward.index, columns], atol=1e-9)


def binary(name, absent, background, contexts=()):
    """A finding, from P(absent | only this cause) and P(absent | no cause)."""
    links = {cause: np.array([[1.0, 1.0], [value, 1.0]]) for cause, value in absent.items()}
    return Finding(name, ("absent", "present"), tuple(absent), contexts, links, np.array([background, 1.0]))


def one_cause(findings):
    """One cause and a selection that lets everything through: naive Bayes."""
    cause = Cause("c0", ("absent", "present"), (), np.array([0.8, 0.2]))
    return Network((), (cause,), tuple(findings), (), np.array([1.0, 1.0]))


@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.booleans()), min_size=1, max_size=6))
@PROPERTY
def test_with_one_cause_every_weight_is_the_likelihood_ratio(numbers):
    network = one_cause([binary(f"f{i}", {"c0": link}, floor) for i, (link, floor, _) in enumerate(numbers)])
    evidence = {f"f{i}": "present" if seen else "absent" for i, (_, _, seen) in enumerate(numbers)}
    found = stand_in(network).explain(evidence, "c0")
    for row, (link, floor, seen) in zip(found.items.itertuples(), numbers, strict=True):
        acting, absent = (1 - link * floor, 1 - floor) if seen else (link * floor, floor)
        weight = 10 * log10(acting / absent)
        assert np.allclose((row.alone, row.last, row.shapley, row.own), weight, atol=1e-9)
    assert abs(found.explaining_away) < 1e-9


@given(seeds, seeds)
@PROPERTY
def test_equal_entries_weigh_equally_and_one_that_says_nothing_weighs_nothing(network_seed, evidence_seed):
    network = small_network(network_seed)
    twin = replace(network.findings[0], id="twin")
    says_nothing = {"c0": np.ones((len(network.causes[0].states), 2))}
    silent = replace(binary("silent", {"c0": 1.0}, 0.3), links=says_nothing)
    whole = replace(network, findings=(*network.findings, twin, silent))
    typed, likelihoods = small_evidence(network, evidence_seed, 3)
    state = twin.states[evidence_seed % len(twin.states)]
    evidence = {**typed, network.findings[0].id: state, "twin": state, "silent": "present"}
    assume(isfinite(Joint(network).decibans(likelihoods, "c0")))
    items = stand_in(whole).explain(evidence, "c0").items.set_index("item")
    columns = ["alone", "last", "shapley", "own", "explaining_away"]
    first, second = (items.loc[name, columns].to_numpy(float) for name in (network.findings[0].id, "twin"))
    assert np.allclose(first, second, atol=1e-9)
    assert np.allclose(items.loc["silent", columns].to_numpy(float), 0, atol=1e-9)


def test_a_ruled_out_cause_speaks_only_through_the_low_count(article):
    found = article.explain({"viral": "absent"}, "drug")
    assert abs(found.items["own"].iloc[0]) < 1e-9
    assert found.explaining_away > 0
    assert np.isclose(found.items["shapley"].iloc[0], found.explaining_away, atol=1e-9)
    assert article.explain({"viral_test": "present"}, "drug").explaining_away < 0


def test_sampled_weights_lie_within_their_errors_and_add_up(article):
    exact = article.explain(CASE, "drug")
    sampled = article.explain(CASE, "drug", method="sampled", seed=4)
    errors = sampled.items["standard_error"]
    assert (errors[:10] > 0).all()
    assert ((sampled.items["shapley"] - exact.items["shapley"]).abs() <= 4 * errors + 1e-9).all()
    assert np.isclose(sampled.items["shapley"].sum(), exact.total, atol=1e-9)
    assert np.isclose(sampled.items["own"].sum(), exact.items["own"].sum(), atol=1e-9)
    for column in ("alone", "last"):
        assert np.allclose(sampled.items[column], exact.items[column], atol=1e-9)
    assert sampled.items.equals(article.explain(CASE, "drug", method="sampled", seed=4).items)
    assert not sampled.items.equals(article.explain(CASE, "drug", method="sampled", seed=5).items)
    assert (exact.items["standard_error"] == 0).all()


def test_standard_error_is_that_of_repeated_samples(article):
    runs = [article.explain(CASE, "drug", method="sampled", pairs=16, seed=seed).items for seed in range(30)]
    spread = np.std([run["shapley"] for run in runs], axis=0, ddof=1)
    stated = np.sqrt(np.mean([run["standard_error"] ** 2 for run in runs], axis=0))
    assert np.allclose(spread / stated, 1, atol=0.45)


def test_entries_of_one_group_count_as_one():
    network = next(net for net in map(small_network, range(100)) if len(net.findings) > 3)
    names = [finding.id for finding in network.findings[:4]]
    joint, model = Joint(network), stand_in(network, dict.fromkeys(names[1:3], "pair"))
    states = {finding.id: finding.states for finding in network.findings}
    found = model.explain({name: states[name][0] for name in names}, "c0", method="grouped")
    players = {name: (name,) for name in names if name not in names[1:3]} | {"pair": tuple(names[1:3])}

    def value(inside):
        return joint.decibans({name: {0: 1.0} for player in inside for name in players[player]}, "c0")

    expected = by_all_orders(value, list(players))
    assert set(found.items["item"]) == set(players)
    for row in found.items.itertuples():
        assert np.allclose((row.alone, row.last, row.shapley), expected[row.item], atol=1e-9)


def test_method_follows_the_number_of_entries(article):
    evidence = random_evidence(article, np.random.default_rng(3), 17)
    evidence = {node: state for node, state in evidence.items() if node not in article.posterior({}).acting}
    first = dict(list(evidence.items())[:14])
    assert article.explain(first, "drug").method == "exact"
    assert article.explain(first, "drug").coalitions == 2**14
    assert article.explain(evidence, "drug", pairs=4).method == "sampled"
    assert article.explain(evidence, "drug", method="grouped").coalitions <= 2**8
    with pytest.raises(EvidenceError, match="at most 14 entries for method 'exact', got 17"):
        article.explain(evidence, "drug", method="exact")


def test_what_has_no_finite_log_odds_is_refused(article):
    with pytest.raises(
        EvidenceError, match="neither certain nor excluded, got 'drug' with probability 0, because it was"
    ):
        article.explain({"drug": "absent", "fever": "present"}, "drug")
    with pytest.raises(EvidenceError, match="with probability 1, because it was entered"):
        article.explain({"nutritional": "b12"}, "nutritional")
    others = {cause: "absent" for cause in article.posterior({}).acting if cause != "ben"}
    with pytest.raises(EvidenceError, match="with probability 1, which follows from what was entered"):
        article.explain(others, "ben")
    with pytest.raises(EvidenceError, match="Cause 'virall' is unknown; allowed is .*did you mean 'viral'"):
        article.explain({}, "virall")
    with pytest.raises(EvidenceError, match="expected a method 'auto', 'exact', 'sampled' or 'grouped', got 'fast'"):
        article.explain({}, "drug", method="fast")
    with pytest.raises(EvidenceError, match="expected 2 pairs of orders or more, got 1"):
        article.explain({}, "drug", pairs=1)


def test_guards_are_no_entries_and_a_likelihood_on_the_cause_is_one(article):
    entered = {"anc": "1200 /mm3", "blasts": "absent", "drug": {"absent": 0.5, "present": 1}}
    found = article.explain(entered, "drug")
    assert list(found.items["item"]) == ["drug"]
    assert np.isclose(found.items["shapley"].iloc[0], 10 * log10(2), atol=1e-9)


def test_an_age_counts_as_its_band(article):
    for entered in ({"age": 70, "anaemia": "present"}, {"age_band": "70 years", "anaemia": "present"}):
        found = article.explain(entered, "marrow")
        items = found.items.set_index("item")
        assert set(items.index) == {"age_band", "anaemia"}
        assert items.loc["age_band", "shapley"] > 0
        odds = article.posterior({"age_band": "65_and_over", "anaemia": "present"}).acting["marrow"]
        assert np.isclose(found.prior + items["shapley"].sum(), 10 * log10(odds / (1 - odds)), atol=1e-9)


def test_sentences_carry_the_numbers_of_the_table(article):
    for cause in ("viral", "drug", "nutritional"):
        found = article.explain(CASE, cause)
        text = sentences(found)
        stated = {row.label: row.shapley for row in found.items.itertuples() if abs(row.shapley) >= 0.5}
        named = [
            (part, float(number.replace("−", "-")))
            for part, number in re.findall(r"([^;,]+?) \(([+−][\d.]+)\)", text[1])
        ]
        assert sorted(number for _, number in named) == sorted(round(weight, 1) for weight in stated.values())
        towards, away = text[1].split(" to ")[0], text[1].split("; ")[1]
        assert "−" not in towards
        assert "(+" not in away
        assert f"{found.total:+.1f}" in text[0].replace("−", "-")
        assert f"{found.explaining_away:+.1f}" in text[2].replace("−", "-")
    assert text[1].startswith("Macrocytosis (MCV over 100 fL) (+")
    assert len(sentences(article.explain({}, "drug"))) == 1


def test_contexts_are_taken_back_through_the_prior():
    """A coalition without a context has it at its base rate: its weight is that of P(c | x) against P(c)."""
    context = Context("x0", ("absent", "present"), (), np.array([0.9, 0.1]))
    cause = Cause("c0", ("absent", "present"), ("x0",), np.array([[0.9, 0.1], [0.4, 0.6]]))
    network = Network((context,), (cause,), (), (), np.array([1.0, 1.0]))
    found = stand_in(network).explain({"x0": "present"}, "c0")
    prior = 0.9 * 0.1 + 0.1 * 0.6
    assert np.isclose(found.total, 10 * log10(0.6 / 0.4) - 10 * log10(prior / (1 - prior)), atol=1e-9)
