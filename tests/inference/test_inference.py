"""The exact engine against oracles that share no code with it, and the identities any posterior must obey."""

from math import isclose, log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import ImpossibleEvidence
from model.inference import Engine
from model.validation.verification import enumerate_causes, random_evidence
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.peers import Agrum, Pgmpy
from tests.oracles.random_networks import as_likelihoods, random_network
from tests.oracles.random_networks import random_evidence as random_entries

seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=120, deadline=None)


def posterior_of(engine, solution):
    flat = (solution.weights @ engine.state_indicator) / solution.total
    bounds = np.cumsum([len(cause.states) for cause in engine.network.causes])[:-1]
    return dict(zip((cause.id for cause in engine.network.causes), np.split(flat, bounds), strict=True))


@given(seeds, seeds)
@PROPERTY
def test_random_networks_agree_with_the_brute_force_joint(network_seed, evidence_seed):
    network = random_network(network_seed, pairs=True)
    network.check()
    engine = Engine(network)
    hard, soft = random_entries(network, evidence_seed)
    expected, log_evidence = enumerate_posterior(network, as_likelihoods(hard, soft))
    if expected is None:
        with pytest.raises(ImpossibleEvidence):
            engine.possible(hard, soft)
        return
    solution = engine.possible(hard, soft)
    for cause, found in posterior_of(engine, solution).items():
        assert np.allclose(found, expected[cause], atol=1e-12)
    assert isclose(log(solution.total / engine.no_evidence.total), log_evidence, abs_tol=1e-10)
    for node in (*network.contexts, *network.findings):
        if node.id not in hard and node.id not in soft:
            assert np.allclose(engine.predict(node.id, hard, soft, solution), expected[node.id], atol=1e-12)


@given(seeds, seeds)
@PROPERTY
def test_order_of_entry_is_irrelevant(network_seed, evidence_seed):
    network = random_network(network_seed, pairs=True)
    engine = Engine(network)
    hard, soft = random_entries(network, evidence_seed)
    forward = engine.solve(hard, soft)
    backward = engine.solve(dict(reversed(hard.items())), dict(reversed(soft.items())))
    assert np.allclose(forward.weights, backward.weights, rtol=1e-13, atol=0)


@given(seeds, seeds, st.floats(1e-3, 1e3))
@PROPERTY
def test_likelihoods_scale_flatten_and_harden(network_seed, evidence_seed, factor):
    network = random_network(network_seed, pairs=True)
    engine = Engine(network)
    hard, soft = random_entries(network, evidence_seed)
    solution = engine.solve(hard, soft)
    assume(solution.total > 0)
    scaled = engine.solve(hard, {node: tuple(factor * v for v in likelihood) for node, likelihood in soft.items()})
    assert np.allclose(scaled.weights / scaled.total, solution.weights / solution.total, atol=1e-12)
    as_soft = {node: tuple(float(k == s) for k in range(network.cardinality[node])) for node, s in hard.items()}
    one_hot = engine.solve({}, {**as_soft, **soft})
    assert np.allclose(one_hot.weights, solution.weights, rtol=1e-10, atol=1e-300)
    unseen = [n.id for n in (*network.contexts, *network.findings) if n.id not in hard and n.id not in soft]
    flat = engine.solve(hard, {**soft, **{node: (1.0,) * network.cardinality[node] for node in unseen}})
    assert np.allclose(flat.weights, solution.weights, rtol=1e-10, atol=1e-300)


@given(seeds, seeds)
@PROPERTY
def test_states_of_an_unobserved_node_add_up(network_seed, evidence_seed):
    network = random_network(network_seed, pairs=True)
    engine = Engine(network)
    hard, soft = random_entries(network, evidence_seed)
    whole = engine.solve(hard, soft)
    for node in (*network.contexts, *network.causes, *network.findings):
        if node.id not in hard and node.id not in soft:
            parts = sum(engine.solve({**hard, node.id: s}, soft).weights for s in range(len(node.states)))
            assert np.allclose(parts, whole.weights, rtol=1e-10, atol=1e-300)


@given(seeds, seeds)
@PROPERTY
def test_a_clash_is_minimal(network_seed, evidence_seed):
    network = random_network(network_seed, pairs=True)
    engine = Engine(network)
    hard, _ = random_entries(network, evidence_seed)
    excluded = {cause.id: 0 for cause in network.causes}
    with pytest.raises(ImpossibleEvidence) as error:
        engine.possible({**hard, **excluded})
    clash = error.value.clash
    entries = {node: state for node, state in {**hard, **excluded}.items() if node in clash}
    assert engine.solve(entries).total == 0
    for node in clash:
        assert engine.solve({n: s for n, s in entries.items() if n != node}).total > 0


def test_real_network_agrees_with_pgmpy_pyagrum_and_enumeration(any_model):
    rng = np.random.default_rng(20261122)
    pgmpy, agrum = Pgmpy(any_model.network), Agrum(any_model.network)
    from model.network.exchange import expanded_tables

    tables = expanded_tables(any_model.network)
    causes = [cause.id for cause in any_model.network.causes]
    for trial in range(60):
        evidence = random_evidence(any_model, rng, entries=int(rng.integers(0, 30)))
        found = any_model.posterior(evidence, scope=False).state_probabilities
        seen = {**evidence, "neutropenia": "yes"}
        agrum.ask(seen)
        enumerated = enumerate_causes(tables, causes, seen) if trial < 4 else None
        for cause in causes:
            assert np.abs(agrum.posterior(cause) - found[cause]).max() < 1e-9
            if cause not in evidence and trial < 12:
                states = any_model.network.by_id[cause].states
                assert np.abs(pgmpy.posterior(cause, states, seen) - found[cause]).max() < 1e-9
            if enumerated is not None:
                assert np.abs(enumerated[cause] - found[cause]).max() < 1e-9


def test_every_predicted_node_agrees_with_pyagrum(article):
    rng = np.random.default_rng(7)
    agrum = Agrum(article.network)
    for _ in range(10):
        evidence = random_evidence(article, rng, entries=8)
        answer = article.posterior(evidence, scope=False)
        agrum.ask({**evidence, "neutropenia": "yes"})
        for node in answer.nodes.index.get_level_values("node").unique():
            assert np.abs(answer.nodes[node].to_numpy() - agrum.posterior(node)).max() < 1e-9
        for mechanism, present in answer.mechanisms.items():
            assert abs(agrum.posterior(mechanism)[1] - present) < 1e-9


def test_log_evidence_agrees_with_pyagrum(article):
    rng = np.random.default_rng(3)
    agrum = Agrum(article.network)
    agrum.ask({"neutropenia": "yes"})
    low_count = agrum.engine.evidenceProbability()
    for _ in range(10):
        evidence = random_evidence(article, rng, entries=10)
        agrum.ask({**evidence, "neutropenia": "yes"})
        expected = log(agrum.engine.evidenceProbability() / low_count)
        assert isclose(article.posterior(evidence, scope=False).log_evidence, expected, abs_tol=1e-9)


def test_mechanism_nodes_change_nothing(article):
    from dataclasses import replace

    bare = Engine(replace(article.network, mechanisms=()))
    hard = {"fever": 1, "splenomegaly": 1, "methotrexate": 1}
    assert np.array_equal(bare.solve(hard).weights, article.engine.solve(hard).weights)


def test_threads_share_one_model(article):
    from concurrent.futures import ThreadPoolExecutor

    rng = np.random.default_rng(5)
    cases = [random_evidence(article, rng) for _ in range(200)]
    alone = [article.posterior(case, scope=False).acting for case in cases]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda case: article.posterior(case, scope=False).acting, cases))
    assert alone == together
