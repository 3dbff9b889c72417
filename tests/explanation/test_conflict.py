"""Conflict and surprise against sums by hand."""

from importlib import import_module
from itertools import product
from math import log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.explanation import conflict_sentences
from model.network import Cause, Finding, Network
from tests.oracles.stand_in import Joint, small_evidence, small_network, stand_in

conflict_module = import_module("model.explanation.conflict")  # the package hands on a function of the same name
seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=25, deadline=None)
CLASH = {"viral_test": "present", "duration": "lifelong"}


def by_hand(joint, likelihoods, names):
    """Conflict of these entries, from their probabilities alone and together."""
    apart = sum(joint.surprise({name: likelihoods[name]}) for name in names)
    return joint.surprise({name: likelihoods[name] for name in names}) - apart


@given(seeds, seeds)
@PROPERTY
def test_conflict_and_its_traces_agree_with_sums_by_hand(network_seed, evidence_seed):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed)
    joint = Joint(network)
    assume(joint.probability(likelihoods) > 0)
    found = stand_in(network).conflict(typed)
    names = list(typed)
    whole = by_hand(joint, likelihoods, names)
    assert np.isclose(found.conflict, whole, atol=1e-9)
    assert np.isclose(found.surprise, joint.surprise(likelihoods), atol=1e-9)
    assert set(found.items["item"]) == set(names)
    for row in found.items.itertuples():
        rest = {name: likelihoods[name] for name in names if name != row.item}
        assert np.isclose(row.surprise, joint.surprise({row.item: likelihoods[row.item]}), atol=1e-9)
        assert np.isclose(row.surprise_given_rest, joint.surprise(likelihoods) - joint.surprise(rest), atol=1e-9)
        assert np.isclose(row.conflict_without, by_hand(joint, likelihoods, list(rest)), atol=1e-9)
        assert np.isclose(row.change, whole - row.conflict_without, atol=1e-9)
    assert len(found.pairs) == len(names) * (len(names) - 1) // 2
    for row in found.pairs.itertuples():
        assert np.isclose(row.conflict, by_hand(joint, likelihoods, [row.a, row.b]), atol=1e-9)
    assert found.pairs["conflict"].is_monotonic_decreasing
    assert bool(found.clashing) == (whole > 1e-9 and any(found.pairs["conflict"] > 1e-9))
    clashing = [(row.a, row.b) for row in found.pairs.itertuples() if row.conflict > 1e-9]
    assert found.clashing == (tuple(clashing) if whole > 1e-9 else ())


@given(seeds, seeds)
@PROPERTY
def test_a_cause_resolves_a_conflict_that_vanishes_once_it_is_an_entry(network_seed, evidence_seed):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed, causes=False)
    joint = Joint(network)
    found = stand_in(network).conflict(typed)
    states = {cause.id: cause.states for cause in network.causes}
    listed = set()
    for row in found.hypotheses.itertuples():
        acting = range(1, len(states[row.cause]))
        indices = acting if row.state == "acting" else [states[row.cause].index(row.state)]
        hypothesis = {row.cause: dict.fromkeys(indices, 1.0)}
        listed.add((row.cause, row.state))
        assert np.isclose(
            row.conflict_given, by_hand(joint, {**likelihoods, **hypothesis}, [*typed, row.cause]), atol=1e-9
        )
        given_it = joint.probability({**likelihoods, **hypothesis}) / joint.probability(likelihoods)
        assert np.isclose(row.log_ratio, log(given_it / joint.probability(hypothesis)), atol=1e-9)
        assert row.resolves == (found.conflict > 1e-9 and row.conflict_given <= 1e-9)
    expected = {(cause, state) for cause, names in states.items() if len(names) > 2 for state in names[1:]}
    assert listed == expected | {(cause, "acting") for cause in states}


@given(seeds, seeds)
@PROPERTY
def test_percentile_agrees_with_a_list_of_every_observation(network_seed, evidence_seed):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed, most=3)
    joint = Joint(network)
    assume(joint.probability(likelihoods) > 0)
    found = stand_in(network).conflict(typed)
    assert (found.how, found.standard_error) == ("exact", 0.0)
    cards = {node.id: len(node.states) for node in (*network.contexts, *network.causes, *network.findings)}
    choices = []
    for name in typed:
        if isinstance(typed[name], str):
            choices.append([{state: 1.0} for state in range(cards[name])])
        else:
            choices.append([likelihoods[name], {state: 1 - like for state, like in likelihoods[name].items()}])
    mine, less, every = joint.probability(likelihoods), 0.0, 0.0
    for outcome in product(*choices):
        probability = joint.probability(dict(zip(typed, outcome, strict=True)))
        every += probability
        less += probability if probability > mine * (1 + 1e-8) else 0.0
    assert np.isclose(every, 1)
    assert np.isclose(found.percentile, 100 * less, atol=1e-7)


@given(seeds, seeds)
@PROPERTY
def test_one_entry_has_no_conflict(network_seed, evidence_seed):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed, most=1)
    assume(Joint(network).probability(likelihoods) > 0)
    found = stand_in(network).conflict(typed)
    assert abs(found.conflict) < 1e-12
    assert found.clashing == ()
    assert found.resolved_by == ()


@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.booleans()), min_size=2, max_size=5))
@PROPERTY
def test_independent_entries_have_no_conflict(numbers):
    """Findings that their cause does not move."""
    cause = Cause("c0", ("absent", "present"), (), np.array([0.7, 0.3]))
    findings = tuple(
        Finding(f"f{i}", ("absent", "present"), ("c0",), (), {"c0": np.ones((2, 2))}, np.array([floor, 1.0]))
        for i, (floor, _) in enumerate(numbers)
    )
    typed = {f"f{i}": "present" if seen else "absent" for i, (_, seen) in enumerate(numbers)}
    found = stand_in(Network((), (cause,), findings, (), np.array([0.0, 1.0]))).conflict(typed)
    assert abs(found.conflict) < 1e-9
    assert np.allclose(found.pairs["conflict"], 0, atol=1e-9)


def test_simulated_percentile_lies_within_its_error(article, monkeypatch):
    evidence = {**CLASH, "serum_b12": "205 pg/mL", "rash": "absent"}
    exact = article.conflict(evidence)
    monkeypatch.setattr(conflict_module, "EXACT_UP_TO", 1)
    for seed in range(5):
        drawn = article.conflict(evidence, patients=4000, seed=seed)
        assert drawn.how == "simulated"
        assert 0 < abs(drawn.percentile - exact.percentile) <= 4 * drawn.standard_error
    assert drawn.percentile == article.conflict(evidence, patients=4000, seed=4).percentile


def test_a_simulated_report_comes_back_as_often_as_its_likelihood_says(article, monkeypatch):
    evidence = {"viral_test": {"absent": 0.1, "present": 1}}
    exact = article.conflict(evidence)
    monkeypatch.setattr(conflict_module, "EXACT_UP_TO", 1)
    drawn = article.conflict(evidence, patients=4000)
    assert exact.percentile > 60
    assert abs(drawn.percentile - exact.percentile) <= 4 * drawn.standard_error


def test_many_entries_are_simulated(article):
    evidence = {node.id: node.states[0] for node in article.network.findings}
    assert article.conflict(evidence, patients=500).how == "simulated"
    assert article.conflict(dict(list(evidence.items())[:12])).how == "exact"


def test_findings_of_two_causes_clash_and_a_rare_case_is_told_from_bad_data(article):
    found = article.conflict(CLASH)
    assert found.conflict > 0
    assert found.clashing == (("viral_test", "duration"),)
    assert ("ben", "acting") in found.resolved_by
    assert ("drug", "acting") not in found.resolved_by
    assert found.percentile > 95
    agreeing = article.conflict({"viral_test": "present", "fever": "present"})
    assert agreeing.conflict < 0
    assert agreeing.clashing == ()


def test_nothing_entered_and_too_few_patients(article):
    found = article.conflict({"anc": "1200 /mm3"})
    assert (found.conflict, found.surprise, found.percentile) == (0, 0, 0)
    assert str(found.surprise) == "0.0"
    assert found.items.empty
    with pytest.raises(EvidenceError, match="conflict: expected 2 patients or more, got 1"):
        article.conflict({}, patients=1)


def test_the_sentence_says_whether_they_fit_and_what_to_check(article):
    nodes = article.knowledge.nodes
    clash = article.conflict(CLASH)
    said = conflict_sentences(clash, nodes)
    assert clash.level == "clash"
    assert "disagree" in said[0]
    cause = clash.resolved_by[0][0] if clash.resolved_by else clash.items["item"].iloc[0]
    assert nodes[cause].short_label in said[1]
    fitting = article.conflict({"fever": "present", "viral_test": "present"})
    assert (fitting.level, len(conflict_sentences(fitting, nodes))) == ("fits", 1)
    assert "fit together" in conflict_sentences(fitting, nodes)[0]
    assert "fewer than two" in conflict_sentences(article.conflict({"fever": "present"}), nodes)[0]
