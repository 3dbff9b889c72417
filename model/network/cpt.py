"""From elicited numbers to conditional probability tables. numpy only.

Every function works on the last axes and lets leading axes through, so that a thousand parameter draws are one call.
Conventions, used everywhere: a finding is a leaky noisy-OR (two states) or noisy-MAX (ordered states) of its parents.
An elicited P(finding | only this cause) includes background ("compound", Henrion 1989); it is turned once into the
parent's own effect ("net", Diez 1993), and only net numbers enter a table.

A cause gives a finding in 60 % of patients, background of 20 % included, so its own effect is (0.6 - 0.2) / (1 - 0.2):

>>> round(float(net_effect(0.6, 0.2)), 6)
0.5
>>> leaky_or(0.2, [0.5]).round(3)  # cause absent, cause present: 1 - 0.8 * 0.5 of those with it have the finding
array([[0.8, 0.2],
       [0.4, 0.6]])
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.log_odds import Array

SATURATION = 3  # from this many acting processes on, one more makes a low count no likelier


def net_effect(compound: Array | float, leak: Array | float) -> Array:
    """Return the parent's own effect, ``(p - leak) / (1 - leak)``, for p that includes background.

    compound : P(finding | only this parent), in [leak, 1];  leak : P(finding | no parent), in [0, 1).
    raises   : ValueError where p < leak.
    """
    compound, leak = np.asarray(compound, float), np.asarray(leak, float)
    if np.any(compound < leak):
        raise ValueError(f"expected P(finding | cause) >= background, got {compound} below {leak}")
    return without_background(compound, leak)


def without_background(compound: Array, leak: Array | float) -> Array:
    """Return the net effect of any number, real or complex, unchecked; :func:`with_background` is the inverse."""
    return (compound - leak) / (1 - leak)


def with_background(net: Array | float, leak: Array | float) -> Array | float:
    """Return P(finding | only this parent), background included, from the parent's own effect."""
    return leak + net * (1 - leak)


def distribution_function(effects: Sequence[Array]) -> Array:
    """Return P(F <= k), k = 0..K-1, of one parent in one state.

    effects : K-1 arrays, each P(F >= k) for k = 1..K-1, non-increasing in k, any common leading shape.
    returns : shape (..., K), last entry 1.
    """
    survival = np.stack(np.broadcast_arrays(*effects), axis=-1)
    survival = np.minimum.accumulate(survival, axis=-1)  # a draw may not make a higher state likelier than a lower one
    return np.concatenate([1 - survival, np.ones((*survival.shape[:-1], 1))], axis=-1)


def state_probabilities(cumulative: Array) -> Array:
    """Return P(F = k) from P(F <= k), both of shape (..., K)."""
    return np.diff(cumulative, axis=-1, prepend=0.0)


def noisy_max_products(background: Array, links: Sequence[Array]) -> Array:
    """Return P(F <= k | causes, contexts) of a leaky noisy-MAX; with two states that is a leaky noisy-OR.

    background : shape (*context cards, K), P(F <= k | no linked cause acting)
    links      : per cause, shape (cause card, K), P(F <= k | only this cause in this state), background left out
    returns    : shape (*cause cards, *context cards, K). The highest of what each brings about by itself shows, so the
                 distribution functions multiply (Henrion 1989; Diez 1993).
    """
    product = background
    for link in reversed(links):
        product = link.reshape(link.shape[0], *(1,) * (product.ndim - 1), link.shape[1]) * product
    return product


def leaky_or(leak: Array | float, effects: Sequence[Array | float]) -> Array:
    """Return P(child state | binary parents) of a leaky noisy-OR.

    leak    : P(present | all parents absent), shape (...);  effects : one net effect per parent, shape (...).
    returns : shape (..., 2, ..., 2, 2): one axis a parent, then the child (absent, present).
    """
    absent = 1 - np.asarray(leak)
    for position, effect in enumerate(effects):
        effect = np.asarray(effect)
        keep = np.stack([np.ones_like(effect), 1 - effect], axis=-1)
        absent = absent[..., None] * keep.reshape(*effect.shape, *(1,) * position, 2)
    return np.stack([absent, 1 - absent], axis=-1)


def cause_table(hazards: Array) -> Array:
    """Return P(cause state | contexts) for competing hazards.

    hazards : shape (..., K-1), the total hazard of each non-absent state.
    returns : shape (..., K): ``exp(-H)`` for absent, ``(1 - exp(-H)) h_k / H`` for state k, H the sum.
    """
    total = hazards.sum(-1, keepdims=True)
    acting = -np.expm1(-total)
    ratio = np.divide(acting, total, out=np.ones_like(total), where=total != 0)
    return np.concatenate([1 - acting, hazards * ratio], axis=-1)


def selection_probabilities(gamma: Array | float, causes: int) -> Array:
    """Return P(low count seen | n processes acting), n = 0..causes, shape (..., causes + 1).

    gamma : how many times likelier two processes together bring the count than one; at least 1.
    Zero for none; ``gamma ** (min(n, 3) - 3)`` otherwise.
    """
    gamma = np.asarray(gamma)[..., None]
    acting = np.minimum(np.arange(causes + 1), SATURATION)
    return np.where(acting == 0, 0.0, gamma ** (acting - SATURATION))


def check_rows(table: Array, name: str, tolerance: float = 1e-12) -> None:
    """Raise ValueError unless every row of the last axis is a distribution (pgmpy's own check allows 1 % off)."""
    if not np.all(np.isfinite(table)) or np.any(table < 0):
        raise ValueError(f"table of {name!r}: expected probabilities, got {table.min()} to {table.max()}")
    worst = np.abs(table.sum(-1) - 1).max()
    if worst > tolerance:
        raise ValueError(f"table of {name!r}: expected rows that sum to 1, got a row off by {worst:.2e}")
