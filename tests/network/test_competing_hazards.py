"""Cause tables averaged over contexts by the integral, against every configuration written out."""

from itertools import product
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.network import competing_hazards
from model.network.competing_hazards import Hazards, averaged_states

seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=60, deadline=None)


def by_hand(baseline, terms):
    """The sum over configurations, for one cause without leading axes; plain floats."""
    found = [0.0] * (len(baseline) + 1)
    for levels in product(*(range(len(weights)) for weights, _ in terms)):
        weight, hazards = 1.0, [float(h) for h in baseline]
        for (weights, added), level in zip(terms, levels, strict=True):
            weight *= float(weights[level])
            hazards = [h + float(more) for h, more in zip(hazards, added[level], strict=True)]
        total = sum(hazards)
        found[0] += weight * exp(-total)
        for state, hazard in enumerate(hazards):
            found[state + 1] += weight * (1 - exp(-total)) * hazard / total
    return found


def random_terms(rng, states, largest, contexts):
    """Hazards whose largest sum is `largest`, and weights that need not sum to one."""
    baseline = rng.random(states) + 0.01
    terms = []
    for _ in range(contexts):
        levels = int(rng.integers(2, 5))
        added = rng.random((levels, states))
        added[0] = 0
        terms.append((rng.dirichlet(np.ones(levels)) * rng.uniform(0.3, 1), added))
    scale = largest / (baseline.sum() + sum(added.sum(-1).max() for _, added in terms))
    return baseline * scale, [(weights, added * scale) for weights, added in terms]


@given(seeds, st.integers(1, 3), st.sampled_from([1e-4, 0.1, 1.0, 2.0, 5.0, 20.0, 300.0]), st.integers(1, 4))
@PROPERTY
def test_the_integral_is_the_sum_over_configurations(seed, states, largest, contexts):
    baseline, terms = random_terms(np.random.default_rng(seed), states, largest, contexts)
    assert np.abs(averaged_states(baseline, terms) - by_hand(baseline, terms)).max() < 1e-13


@pytest.mark.parametrize(("largest", "most"), [(0.5, 7), (5.0, 11), (20.0, 20)])
def test_few_nodes_are_enough(largest, most):
    assert competing_hazards._nodes_for(largest) <= most
    assert competing_hazards._nodes_for(1e4) is None


@given(seeds)
@PROPERTY
def test_absent_is_a_product(seed):
    baseline, terms = random_terms(np.random.default_rng(seed), 2, 4.0, 3)
    absent = exp(-baseline.sum())
    for weights, added in terms:
        absent *= sum(float(w) * exp(-float(h)) for w, h in zip(weights, added.sum(-1), strict=True))
    assert averaged_states(baseline, terms)[0] == pytest.approx(absent, rel=1e-15)


def test_leading_axes_are_one_problem_each():
    rng = np.random.default_rng(4)
    problems = [random_terms(np.random.default_rng(9), 2, size, 2) for size in rng.uniform(0.1, 5, 6)]
    baseline = np.array([each for each, _ in problems])
    terms = [tuple(np.array([terms[c][part] for _, terms in problems]) for part in (0, 1)) for c in (0, 1)]
    together = averaged_states(baseline, terms)
    for row, (alone, own) in zip(together, problems, strict=True):
        assert np.abs(row - by_hand(alone, own)).max() < 1e-13


def test_a_complex_step_gives_the_derivative():
    baseline, terms = random_terms(np.random.default_rng(1), 2, 2.0, 2)
    stepped = averaged_states(baseline + np.array([1e-30j, 0]), terms).imag / 1e-30
    ahead, behind = (np.array(by_hand(baseline + np.array([h, 0]), terms)) for h in (1e-5, -1e-5))
    assert np.allclose(stepped, (ahead - behind) / 2e-5, atol=1e-9)


def some_hazards(seed):
    """Strata a (2) and b (3), exposures x (2, not multiplied) and y (3, multiplied by a), at 4 points."""
    rng = np.random.default_rng(seed)
    return Hazards(
        ("a", "b"), rng.random((4, 2, 3, 2)), {"x": rng.random((4, 1, 1, 2, 2)), "y": rng.random((4, 2, 1, 3, 2))}
    )


def test_a_table_adds_up_its_hazards():
    hazards = some_hazards(0)
    table = hazards.table(("b", "x", "a", "y"))
    assert table.shape == (4, 3, 2, 2, 3, 3)
    for point, b, x, a, y in np.ndindex(4, 3, 2, 2, 3):
        total = (
            hazards.baseline[point, a, b]
            + hazards.exposures["x"][point, 0, 0, x]
            + hazards.exposures["y"][point, a, 0, y]
        )
        assert np.allclose(table[point, b, x, a, y], by_hand(total, []), atol=1e-14)


def test_known_contexts_are_cut_out():
    hazards, axes = some_hazards(1), ("a", "b", "x", "y")
    table = hazards.table(axes)
    assert np.allclose(hazards.given({"a": 1, "x": 1}).table(("b", "y")), table[:, 1, :, 1], rtol=1e-14)
    assert np.allclose(hazards.given({"b": 2, "y": 0}).table(("a", "x")), table[:, :, 2, :, 0], rtol=1e-14)


def test_some_contexts_are_averaged_over_and_others_keep_an_axis():
    """Evidence on y that makes its states differently likely, weights of y that depend on x; a, b and x stay."""
    hazards, rng = some_hazards(2), np.random.default_rng(3)
    weights = rng.dirichlet(np.ones(3), size=2) * np.array([0.2, 1.0, 0.5])
    found = averaged_states(*hazards.split(("a", "b", "x"), {"y": (("x",), weights)}))
    table = hazards.table(("a", "b", "x", "y"))
    assert np.allclose(found, np.einsum("xy,dabxyk->dabxk", weights, table), atol=1e-14)


def test_weights_of_nothing_leave_nothing():
    assert averaged_states(np.ones(1), [(np.zeros(2), np.array([[0.0], [1.0]]))]).tolist() == [0.0, 0.0]
