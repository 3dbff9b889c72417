"""Calibration: the priors that make the network say what was elicited.

Hazards and base rates describe adults in general; the elicited shares describe adults *with* the count. The unknowns
are one factor kappa per cause state, which multiplies its hazards, and gamma, how much likelier two processes bring a
low count than one. The equations: P(cause state | count) = M * share * split for every cause state, and P(some process
acting) = b, contexts summed out exactly. There are as many unknowns as equations, and at most one solution in practice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.cpt import SATURATION, Array, cause_table, selection_probabilities
from model.errors import CalibrationError

TOLERANCE = 1e-13
MAX_STEPS = 60


@dataclass(frozen=True)
class CauseLoad:
    """What one cause brings to the calibration.

    hazards : shape (..., C, K-1), hazard of each non-absent state in each configuration of the cause's contexts
    weights : shape (..., J, C), P(configuration of its contexts | joint configuration)
    """

    hazards: Array
    weights: Array


@dataclass(frozen=True)
class Calibration:
    """The solution. kappa: shape (..., sum of K-1), cause by cause; gamma: shape (...); residual: worst equation."""

    kappa: Array
    gamma: Array
    residual: Array

    @property
    def solved(self) -> np.ndarray:
        """Where the equations hold and gamma is at least one, shape (...)."""
        return (self.residual < 1e-11) & (self.gamma >= 1)


def expected(loads: Sequence[CauseLoad], joint: Array, kappa: Array, gamma: Array) -> tuple[Array, Array]:
    """Return (P(cause state | count), shape (..., n); P(some process acting), shape (...)).

    joint : shape (..., J), prior of each joint context configuration;  kappa : (..., n);  gamma : (...).
    The number of processes acting, given a joint configuration, is a sum of independent indicators; its distribution
    without cause c is built once for every c, up to the saturation of the selection.
    """
    states, offset = [], 0
    for load in loads:
        width = load.hazards.shape[-1]
        scaled = load.hazards * kappa[..., None, offset : offset + width]
        states.append(load.weights @ cause_table(scaled)[..., 1:])
        offset += width
    acting = np.stack([state.sum(-1) for state in states], axis=-1)  # (..., J, causes)
    others = _counts_without_each(acting)  # (..., J, causes, SATURATION + 1)
    selection = selection_probabilities(gamma, SATURATION)[..., 1:]
    selection = np.concatenate([selection, selection[..., -1:]], axis=-1)  # seen | one more than 0, 1, 2, 3+ others
    seen_with = np.einsum("...jcm,...m->...jc", others, selection)
    with_count = np.concatenate(
        [np.einsum("...j,...jk,...j->...k", joint, state, seen_with[..., cause]) for cause, state in enumerate(states)],
        axis=-1,
    )
    none = np.prod(1 - acting, axis=-1)
    everyone = _counts(acting)
    seen = np.einsum("...j,...jm,...m->...", joint, everyone, selection_probabilities(gamma, SATURATION))
    some = np.einsum("...j,...j->...", joint, 1 - none)
    return with_count / seen[..., None], some


def _add(counts: Array, probability: Array) -> Array:
    """Add one independent indicator to a count distribution of shape (..., SATURATION + 1), the last one 'or more'."""
    shifted = np.concatenate([np.zeros_like(counts[..., :1]), counts[..., :-1]], axis=-1)
    shifted[..., -1] += counts[..., -1]
    return counts * (1 - probability[..., None]) + shifted * probability[..., None]


def _counts(acting: Array) -> Array:
    counts = np.zeros((*acting.shape[:-1], SATURATION + 1))
    counts[..., 0] = 1
    for cause in range(acting.shape[-1]):
        counts = _add(counts, acting[..., cause])
    return counts


def _counts_without_each(acting: Array) -> Array:
    causes = acting.shape[-1]
    without = [_counts(np.delete(acting, cause, axis=-1)) for cause in range(causes)]
    return np.stack(without, axis=-2)


def calibrate(
    loads: Sequence[CauseLoad],
    joint: Array,
    targets: Array,
    some_acting: Array | float,
    start: Calibration | None = None,
) -> Calibration:
    """Solve for kappa and gamma.

    loads       : one per cause;  joint : shape (..., J)
    targets     : shape (..., n), the elicited P(cause state | count), summing to M > 1
    some_acting : b, shape (...)
    start       : a solution nearby (the plug-in point, for draws)
    raises      : CalibrationError when a single problem (no leading axis) has no solution; draws report `solved`.

    Newton on the logarithms with a Jacobian by differences at the start, kept up by Broyden's rank-one updates
    (Broyden 1965): the equations are close to diagonal, so a dozen evaluations reach 1e-13.
    """
    targets = np.asarray(targets, float)
    shape = targets.shape[:-1]
    size = targets.shape[-1] + 1
    if np.any(targets.sum(-1) <= 1):
        raise CalibrationError("Calibration: the mean number of acting causes must exceed 1, "
                               f"got {float(np.min(targets.sum(-1))):.4f}.")  # fmt: skip
    some = np.broadcast_to(np.asarray(some_acting, float), shape)

    def misfit(point: Array) -> Array:
        found, acting = expected(loads, joint, np.exp(point[..., :-1]), np.exp(point[..., -1]))
        return np.concatenate([np.log(found / targets), np.log(acting / some)[..., None]], axis=-1)

    point = _start(loads, joint, targets, some) if start is None else np.broadcast_to(
        np.concatenate([np.log(start.kappa), np.log(start.gamma)[..., None]], axis=-1), (*shape, size)
    ).copy()  # fmt: skip
    value = misfit(point)
    inverse: NDArray[Any] = np.linalg.inv(_jacobian(misfit, point, value))
    for _ in range(MAX_STEPS):
        if np.all(np.abs(value).max(-1) < TOLERANCE):
            break
        step = -np.einsum("...ij,...j->...i", inverse, value)
        step = np.clip(step, -2.0, 2.0)  # far from the solution a log step beyond this overshoots
        point = point + step
        new = misfit(point)
        inverse = _broyden(inverse, step, new - value)
        value = new
    result = Calibration(np.exp(point[..., :-1]), np.exp(point[..., -1]), np.abs(value).max(-1))
    if not shape and not result.solved:
        raise CalibrationError(
            "Calibration: no priors reproduce these shares; expected gamma >= 1 and a residual under 1e-11, "
            f"got gamma {float(result.gamma):.3g} and residual {float(result.residual):.1e}."
        )
    return result


def _start(loads: Sequence[CauseLoad], joint: Array, targets: Array, some: Array) -> Array:
    """Start where hazards are small: P(state) = b * target / M, and gamma from the pairs that M asks for."""
    base = np.concatenate(
        [np.einsum("...j,...jc,...ck->...k", joint, load.weights, load.hazards) for load in loads], axis=-1
    )
    total = targets.sum(-1)
    prior = targets * (some / total)[..., None]
    pairs = (prior.sum(-1) ** 2 - (prior**2).sum(-1)) / 2
    gamma = np.maximum((total - 1) * some / np.maximum(pairs, 1e-300), 1.5)
    return np.concatenate([np.log(prior / base), np.log(gamma)[..., None]], axis=-1)


def _jacobian(misfit, point: Array, value: Array, width: float = 1e-6) -> Array:
    columns = []
    for position in range(point.shape[-1]):
        moved = point.copy()
        moved[..., position] += width
        columns.append((misfit(moved) - value) / width)
    return np.stack(columns, axis=-1)


def _broyden(inverse: NDArray[Any], step: Array, change: Array) -> NDArray[Any]:
    """Sherman-Morrison form of Broyden's update of an inverse Jacobian."""
    predicted = np.einsum("...ij,...j->...i", inverse, change)
    left = np.einsum("...i,...ij->...j", step, inverse)
    scale = np.einsum("...i,...i->...", step, predicted)[..., None]
    scale = np.where(np.abs(scale) < 1e-300, 1.0, scale)
    return inverse + (step - predicted)[..., :, None] * left[..., None, :] / scale[..., None]
