"""The batch engine gives every row what the single engine and the oracle give, on any network of the family."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.diagnostic_model import load
from model.inference import Engine, stratum_batch
from model.inference.batch import UNOBSERVED, BatchEngine, Column
from model.inference.patterns import Patterns, by_frequency, distinct, merged, times
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.random_networks import as_likelihoods, random_evidence, random_network

SEEDS = st.integers(0, 2**32 - 1)


def columns_of(network, entered):
    """Evidence of several patients, (hard, soft) each, as coded columns."""
    columns = {}
    for node in (*network.contexts, *network.causes, *network.findings):
        codes, soft = np.full(len(entered), UNOBSERVED), []
        for row, (hard, likelihoods) in enumerate(entered):
            if node.id in hard:
                codes[row] = hard[node.id]
            elif node.id in likelihoods:
                codes[row] = len(node.states) + len(soft)
                soft.append(likelihoods[node.id])
        if (codes >= 0).any():
            columns[node.id] = Column(codes, np.array(soft) if soft else None)
    return columns


def acting(engine, hard, soft):
    solution = engine.solve(hard, soft)
    return (solution.weights @ engine.acting) / solution.total if solution.total > 0 else None, solution.total


@given(SEEDS, SEEDS)
@settings(deadline=None, max_examples=60)
def test_every_row_equals_the_single_engine(seed, evidence_seed):
    network = random_network(seed, pairs=True)
    engine = Engine(network)
    entered = [random_evidence(network, [evidence_seed, row]) for row in range(12)]
    found, totals = BatchEngine(engine).score(columns_of(network, entered), len(entered))
    for row, (hard, soft) in enumerate(entered):
        expected, total = acting(engine, hard, soft)
        assert totals[row] == pytest.approx(total, rel=1e-9, abs=0)
        if expected is None:
            assert not found[row].any()
        else:
            assert found[row] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(SEEDS, SEEDS)
@settings(deadline=None, max_examples=15)
def test_every_row_equals_the_brute_force_joint(seed, evidence_seed):
    network = random_network(seed, pairs=True)
    entered = [random_evidence(network, [evidence_seed, row]) for row in range(2)]
    found, _ = BatchEngine(Engine(network)).score(columns_of(network, entered), len(entered))
    for row, (hard, soft) in enumerate(entered):
        expected, _ = enumerate_posterior(network, as_likelihoods(hard, soft))
        if expected is not None:
            assert found[row] == pytest.approx([1 - expected[cause.id][0] for cause in network.causes], abs=1e-9)


@given(SEEDS, st.sampled_from([1, 3, 50]), st.sampled_from([1, 1 << 10]))
@settings(deadline=None, max_examples=20)
def test_chunks_and_slabs_change_nothing(seed, chunk, plain):
    network = random_network(seed, pairs=True)
    entered = [random_evidence(network, [seed, row % 15]) for row in range(40)]
    engine, columns = BatchEngine(Engine(network)), columns_of(network, entered)
    whole = engine.score(columns, len(entered))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stratum_batch, "CHUNK", chunk)
        patch.setattr(stratum_batch, "SLAB", plain)
        patch.setattr(stratum_batch, "PLAIN", plain)
        cut = engine.score(columns, len(entered))
    assert cut[0] == pytest.approx(whole[0], rel=1e-12, abs=1e-14)
    assert cut[1] == pytest.approx(whole[1], rel=1e-12, abs=0)


def test_the_real_network_with_every_kind_of_entry():
    engine = load().engine
    network, rng = engine.network, np.random.default_rng(1)
    entered = []
    for row in range(300):
        hard, soft = random_evidence(network, [7, row])
        entered.append(({node: state for node, state in hard.items() if rng.random() < 0.6}, soft if row % 3 else {}))
    found, totals = BatchEngine(engine).score(columns_of(network, entered), len(entered))
    possible = 0
    for row, (hard, soft) in enumerate(entered):
        expected, total = acting(engine, hard, soft)
        assert totals[row] == pytest.approx(total, rel=1e-9, abs=0)
        if expected is not None:
            possible += 1
            assert found[row] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert possible > 250


def test_all_causes_excluded_has_total_zero_and_no_entries_give_the_prior():
    engine = load().engine
    excluded = {cause: Column(np.array([0, UNOBSERVED])) for cause in engine.causes}
    found, totals = BatchEngine(engine).score(excluded, 2)
    assert totals[0] == 0
    assert not found[0].any()
    prior = engine.no_evidence
    assert totals[1] == pytest.approx(prior.total, rel=1e-12)
    assert found[1] == pytest.approx(prior.weights @ engine.acting / prior.total, rel=1e-12)
    assert BatchEngine(engine).score({}, 3)[0] == pytest.approx(np.tile(found[1], (3, 1)), rel=1e-12)


def test_no_rows_give_no_rows():
    engine = load().engine
    found, totals = BatchEngine(engine).score({"fever": Column(np.zeros(0, np.intp))}, 0)
    assert found.shape == (0, len(engine.causes))
    assert totals.shape == (0,)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(1, 7))
def test_by_frequency_holds_every_row_once_beside_its_pattern(codes, most):
    codes = np.array(codes)
    order, slices = by_frequency(codes, 41, most)
    assert sorted(order) == list(range(len(codes)))
    row = 0
    for rows, patterns in slices:
        assert rows.start == row
        times_each, rest = divmod(rows.stop - rows.start, len(patterns))
        assert rest == 0
        assert 1 <= times_each <= most
        assert codes[order[rows]].tolist() == np.repeat(patterns, times_each).tolist()
        row = rows.stop
    assert row == len(codes)


@given(SEEDS, st.sampled_from([0, 4, 1 << 17]))
def test_products_of_patterns_are_products_of_rows(seed, outright):
    rng = np.random.default_rng(seed)
    factors = [Patterns(rng.integers(0, size, 9), rng.random((size, 3))) for size in rng.integers(1, 5, 4)]

    def of_rows(some):
        return np.prod([factor.table[factor.codes] for factor in some], axis=0)

    assert of_rows([times(*factors[:2])]) == pytest.approx(of_rows(factors[:2]))
    found = merged(factors, outright)
    assert of_rows(found) == pytest.approx(of_rows(factors))
    assert len(found) == {0: 4, 1 << 17: 1}.get(outright, len(found))


@pytest.mark.parametrize("size", [10, 10**9])
def test_distinct_finds_the_keys_that_occur(size):
    keys = np.array([7, 2, 7, 9, 2])
    occurring, places = distinct(keys, size)
    assert occurring.tolist() == [2, 7, 9]
    assert occurring[places].tolist() == keys.tolist()
