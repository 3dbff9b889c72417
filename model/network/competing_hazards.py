"""Competing hazards: the states of one cause, given contexts, and averaged over contexts without enumerating them.

The hazard of state k is a sum, h_k = h0_k + sum_j h_kj(x_j), and P(state k | x) = (1 - exp(-H)) h_k / H with H the sum
over k. Because (1 - exp(-H)) / H is the integral of exp(-tH) over t from 0 to 1, at each t the contexts factorise: the
average over independent contexts is a product of averages over one of them. The integral is done by the rule of Gauss
and Legendre with as many nodes as the largest H needs, to rounding; P(absent) is a product without any integral.

Half of the patients take a drug with a hazard of ln 2 and half take none, on a baseline of nothing; so absent in
0.5 * 0.5 + 0.5 * 1:

>>> takes = (np.array([0.5, 0.5]), np.array([[0.0], [np.log(2)]]))  # weights of the levels, and what each adds
>>> averaged_states(np.zeros(1), [takes]).round(12)
array([0.75, 0.25])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import lgamma, log

import numpy as np

from model.network.context_grid import grid
from model.network.cpt import Array, cause_table
from model.network.named_axes import Table, placed

MOST_NODES = 24  # beyond, where hazards are absurdly large, the levels are enumerated


@dataclass(frozen=True)
class Hazards:
    """The hazards of the non-absent states of one cause, K-1 of them.

    strata    : contexts that multiply hazards, an axis each
    baseline  : shape (..., *strata cards, K-1)
    exposures : context -> what each of its states adds, shape (..., *strata cards, card, K-1); the axis of a stratum
        that does not multiply it may have length 1
    """

    strata: tuple[str, ...]
    baseline: Array
    exposures: Mapping[str, Array]

    @property
    def contexts(self) -> frozenset[str]:
        """Every context that the cause depends on."""
        return frozenset((*self.strata, *self.exposures))

    def times(self, kappa: Array) -> Hazards:
        """Return the hazards with each state's multiplied by its kappa, shape (..., K-1)."""
        axes = len(self.strata)
        return Hazards(
            self.strata,
            self.baseline * with_axes(kappa, axes, 1),
            {context: added * with_axes(kappa, axes + 1, 1) for context, added in self.exposures.items()},
        )

    def table(self, contexts: Sequence[str]) -> Array:
        """Return P(cause state | contexts), shape (..., *cards, K); `contexts` holds all that the cause depends on."""
        total = placed(self.baseline, self.strata, contexts, 1)
        for context in contexts:
            if context in self.exposures:
                total = total + placed(self.exposures[context], (*self.strata, context), contexts, 1)
        return cause_table(total)

    def given(self, known: Mapping[str, int]) -> Hazards:
        """Return the hazards of people whose contexts `known` are in these states."""
        strata = tuple(stratum for stratum in self.strata if stratum not in known)
        baseline = _cut(self.baseline, self.strata, known, 1)
        exposures = {}
        for context, added in self.exposures.items():
            cut = _cut(added, self.strata, known, 2)
            if context in known:
                baseline = baseline + cut[..., known[context], :]
            else:
                exposures[context] = cut
        return Hazards(strata, baseline, exposures)

    def split(self, axes: Sequence[str], weights: Mapping[str, Table]) -> tuple[Array, list[tuple[Array, Array]]]:
        """Return what :func:`averaged_states` takes, to average over the contexts in `weights` and keep the rest.

        axes    : the contexts to keep, those that weights depend on among them; an axis each, of length 1 where
            nothing depends on it
        weights : context -> (the contexts its weights depend on, weights of its states, shape (..., *cards, card)):
            probabilities, times the likelihood of what was entered on it. Given `axes` they must be independent.
        """
        baseline = placed(self.baseline, self.strata, axes, 1)
        terms = []
        for context, added in self.exposures.items():
            if context in weights:
                of, weight = weights[context]
                terms.append((placed(weight, of, axes, 1), placed(added, self.strata, axes, 2)))
            else:
                baseline = baseline + placed(added, (*self.strata, context), axes, 1)
        return baseline, terms


def averaged_states(baseline: Array, terms: Sequence[tuple[Array, Array]]) -> Array:
    """Return sum over x of w(x) P(cause state | x), shape (..., K), absent first, for weights that are a product.

    baseline : shape (..., K-1), hazards whatever the contexts
    terms    : one a context: (weights of its states, shape (..., card); what they add, shape (..., card, K-1)).
        Leading axes are matched as numpy does. Real or complex.
    """
    if not terms:
        return cause_table(baseline)
    terms = sorted(terms, key=lambda term: max(term[0].size, term[1].size // term[1].shape[-1]))  # small products first
    nodes = _nodes_for(_largest(baseline, terms))
    if nodes is None:
        return _enumerated(baseline, terms)
    axes = max(baseline.ndim - 1, *(max(weights.ndim - 1, added.ndim - 2) for weights, added in terms))
    points, shares = (each.reshape(-1, *(1,) * axes) for each in _rule(nodes))
    product = np.exp(-baseline.sum(-1) * points)  # (nodes, ...), of exp(-tH) so far
    hazards: list[Array] = [baseline[..., state] for state in range(baseline.shape[-1])]  # mean of h_k, so weighted
    for weights, added in terms:
        mean, means = _averages(weights, added, points)
        product = product * mean
        held = np.where(mean == 0, 1.0, mean)  # weights of nothing leave a product of nothing
        hazards = [hazard + of_state / held for hazard, of_state in zip(hazards, means, strict=True)]
    shared = product * shares
    states = [product[-1], *((shared * hazard).sum(0) for hazard in hazards)]
    return np.stack(np.broadcast_arrays(*states), axis=-1)


def _averages(weights: Array, added: Array, points: Array) -> tuple[Array, list[Array]]:
    """Return the weighted sums over one context of exp(-tH) and of h_k exp(-tH), each of shape (nodes or 1, ...)."""
    total = added.sum(-1)
    mean = np.zeros(())
    means = [np.zeros(()) for _ in range(added.shape[-1])]
    for level in range(added.shape[-2]):
        survives = weights[..., level]
        if total[..., level].any():
            survives = survives * np.exp(-total[..., level] * points)
            means = [of + added[..., level, state] * survives for state, of in enumerate(means)]
        mean = mean + survives
    return mean, means


def _enumerated(baseline: Array, terms: Sequence[tuple[Array, Array]]) -> Array:
    """Return the same sum one configuration of the contexts at a time."""
    whole = np.zeros(())
    for levels in grid([added.shape[-2] for _, added in terms]):
        weight, hazards = np.ones(()), baseline
        for (weights, added), level in zip(terms, levels, strict=True):
            weight = weight * weights[..., level]
            hazards = hazards + added[..., level, :]
        whole = whole + weight[..., None] * cause_table(hazards)
    return whole


def _largest(baseline: Array, terms: Sequence[tuple[Array, Array]]) -> float:
    largest = baseline.real.sum(-1).max()
    return float(largest + sum(added.real.sum(-1).max() for _, added in terms))


def _nodes_for(hazard: float) -> int | None:
    """Return how many nodes integrate exp(-tH) to rounding for H up to `hazard`; None when more than MOST_NODES.

    The rule's error is (n!)^4 / ((2n + 1) (2n)!^3) times the 2n-th derivative, at most H^2n.
    """
    if not np.isfinite(hazard):
        return None
    for nodes in range(3, MOST_NODES + 1):
        size = 4 * lgamma(nodes + 1) - log(2 * nodes + 1) - 3 * lgamma(2 * nodes + 1)
        if size + 2 * nodes * log(max(hazard, 1e-3)) < log(1e-16):
            return nodes
    return None


@lru_cache
def _rule(nodes: int) -> tuple[Array, Array]:
    """Return the nodes on (0, 1) with their weights, and 1 with the weight 0: there exp(-tH) is P(absent)."""
    points, shares = np.polynomial.legendre.leggauss(nodes)
    return np.append((points + 1) / 2, 1.0), np.append(shares / 2, 0.0)


def with_axes(array: Array, axes: int, before: int) -> Array:
    """Return the array with so many axes of length one before its last `before` axes."""
    return np.expand_dims(array, tuple(range(-axes - before, -before)))


def _cut(table: Array, axes: tuple[str, ...], known: Mapping[str, int], after: int) -> Array:
    for place in reversed(range(len(axes))):
        if axes[place] in known:
            axis = table.ndim - after - len(axes) + place
            table = np.take(table, known[axes[place]] if table.shape[axis] > 1 else 0, axis=axis)
            axes = axes[:place] + axes[place + 1 :]
    return table
