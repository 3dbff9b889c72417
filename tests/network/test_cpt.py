"""Canonical tables: conversions, noisy-OR, noisy-MAX, competing hazards, selection."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.network import Finding
from model.network.cpt import (
    cause_table,
    check_rows,
    distribution_function,
    leaky_or,
    net_effect,
    selection_probabilities,
    state_probabilities,
)

unit = st.floats(0.001, 0.999)
PROPERTY = settings(max_examples=200, deadline=None)


def compound_probability(net, leak):
    """P(finding | only this parent), background included."""
    return 1 - (1 - leak) * (1 - net)


@given(unit, unit)
@PROPERTY
def test_net_and_compound_are_inverse(p, leak):
    p = max(p, leak)
    assert compound_probability(net_effect(p, leak), leak) == pytest.approx(p, abs=1e-12)


def test_compound_known_answer():
    """Leak .05 and a stated .80: the compound reading gives .80 for one cause, the net reading would give .81."""
    assert net_effect(0.8, 0.05) == pytest.approx(0.75 / 0.95)
    assert compound_probability(0.8, 0.05) == pytest.approx(0.81)


def test_a_number_below_its_background_is_refused():
    with pytest.raises(ValueError, match="background"):
        net_effect(0.04, 0.05)


@given(unit, st.lists(unit, min_size=1, max_size=4))
@PROPERTY
def test_leaky_or_by_hand(leak, effects):
    table = leaky_or(leak, effects)
    assert table.shape == (2,) * (len(effects) + 1)
    check_rows(table, "child")
    for parents in np.ndindex(*table.shape[:-1]):
        absent = 1 - leak
        for effect, on in zip(effects, parents, strict=True):
            absent *= 1 - effect * on
        assert table[parents][0] == pytest.approx(absent, abs=1e-12)


@given(st.lists(st.floats(1e-6, 2.0), min_size=1, max_size=4))
@PROPERTY
def test_cause_table_is_competing_hazards(hazards):
    hazards = np.array(hazards)
    table = cause_table(hazards)
    assert table.sum() == pytest.approx(1, abs=1e-12)
    assert table[0] == pytest.approx(np.exp(-hazards.sum()))
    assert np.allclose(table[1:] / table[1:].sum(), hazards / hazards.sum())


def test_no_hazard_no_cause():
    assert cause_table(np.zeros(2)).tolist() == [1, 0, 0]


def test_selection_known_answer():
    assert selection_probabilities(10.0, 5).tolist() == [0, 0.01, 0.1, 1, 1, 1]


@given(st.integers(0, 2**32 - 1))
@PROPERTY
def test_two_states_of_noisy_max_are_noisy_or(seed):
    rng = np.random.default_rng(seed)
    leak, effects = rng.uniform(0.01, 0.5), rng.uniform(0.01, 0.99, size=2)
    links = {f"c{i}": np.array([[1.0, 1.0], [1 - e, 1.0]]) for i, e in enumerate(effects)}
    finding = Finding("f", ("absent", "present"), ("c0", "c1"), (), links, np.array([1 - leak, 1.0]))
    assert np.allclose(finding.table(), leaky_or(leak, list(effects)))


@given(st.integers(0, 2**32 - 1))
@PROPERTY
def test_noisy_max_never_falls_when_a_cause_is_added(seed):
    rng = np.random.default_rng(seed)
    links = {}
    for cause in ("c0", "c1"):
        rows = np.sort(rng.random((3, 3)), axis=1)
        rows[:, -1], rows[0] = 1, 1
        links[cause] = rows
    background = np.append(np.sort(rng.random(2)), 1)
    finding = Finding("f", ("a", "b", "c"), ("c0", "c1"), (), links, background)
    at_most = np.cumsum(finding.table(), axis=-1)
    assert np.all(at_most[1:] <= at_most[:1] + 1e-12)
    assert np.all(at_most[:, 1:] <= at_most[:, :1] + 1e-12)


def test_distribution_function_orders_what_a_draw_disordered():
    cumulative = distribution_function([np.array([0.5, 0.2]), np.array([0.3, 0.4])])
    assert cumulative.tolist() == [[0.5, 0.7, 1.0], [0.8, 0.8, 1.0]]
    assert np.allclose(state_probabilities(cumulative), [[0.5, 0.2, 0.3], [0.8, 0.0, 0.2]])


def test_check_rows_is_strict():
    check_rows(np.array([0.5, 0.5]), "x")
    with pytest.raises(ValueError, match="'x': expected rows that sum to 1"):
        check_rows(np.array([0.5, 0.5 + 1e-9]), "x")
    with pytest.raises(ValueError, match="expected probabilities"):
        check_rows(np.array([np.nan, 1.0]), "x")
