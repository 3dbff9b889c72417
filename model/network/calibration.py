"""Calibration: the priors that make the network say what was elicited.

Hazards and base rates describe adults in general; the elicited shares describe adults *with* the count. The unknowns
are one factor kappa per cause state, which multiplies its hazards, and gamma, how much likelier two processes bring a
low count than one. The equations: P(cause state | count) = M * share * split for every cause state, and P(some process
acting) = b, contexts summed out exactly. There are as many unknowns as equations, and at most one solution in practice.

Two causes alike, no context. If each acts in 20 % of adults, one alone does in 0.32 and both do in 0.04; if both bring
the count twice as often as one, each acts in (0.16 + 2 * 0.04) / (0.32 + 2 * 0.04) = 60 % of those with the count.
Asked the other way round:

>>> loads = [CauseLoad(hazards=np.array([[0.1]]), weights=np.array([[1.0]]))] * 2
>>> solution = calibrate(loads, joint=np.array([1.0]), targets=np.array([0.6, 0.6]), some_acting=0.36)
>>> (1 - np.exp(-0.1 * solution.kappa)).round(6), round(float(solution.gamma), 6)
(array([0.2, 0.2]), 2.0)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import CalibrationError
from model.network.cpt import SATURATION, Array, cause_table, selection_probabilities

TOLERANCE = 1e-13
MAX_STEPS = 60
FAR_APART = 5.0  # kappa further from 1 than this factor, either way, is shown as a disagreement


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
    """The solution. kappa: shape (..., sum of K-1), cause by cause; gamma: shape (...); residual: worst equation.

    inverse : shape (n + 1, n + 1), the inverse Jacobian of the logarithms at the plug-in problem; it starts every
        problem nearby.
    """

    kappa: Array
    gamma: Array
    residual: Array
    inverse: Array

    @property
    def solved(self) -> np.ndarray:
        """Where the equations hold and gamma is at least one, shape (...)."""
        return (self.residual < 1e-11) & (self.gamma >= 1)


def disagrees(kappa: float) -> bool:
    """Return whether the elicited share of a cause and its epidemiology lie more than fivefold apart."""
    return not 1 / FAR_APART <= kappa <= FAR_APART


def expected(loads: Sequence[CauseLoad], joint: Array, kappa: Array, gamma: Array) -> tuple[Array, Array]:
    """Return (P(cause state | count), shape (..., n); P(some process acting), shape (...)).

    joint : shape (..., J), prior of each joint context configuration;  kappa : (..., n);  gamma : (...).
    Given a joint configuration the processes are independent, and the selection tells apart only one, two and more of
    them: the first terms of their count are all that is needed.
    """
    states, offset = [], 0
    for load in loads:
        width = load.hazards.shape[-1]
        scaled = load.hazards * kappa[..., None, offset : offset + width]
        states.append(load.weights @ cause_table(scaled)[..., 1:])
        offset += width
    acting = np.stack([state.sum(-1) for state in states], axis=-1)  # (..., J, causes)
    selection = selection_probabilities(gamma, SATURATION)[..., None, :]  # (..., 1, SATURATION + 1)
    none = np.exp(np.log1p(-acting).sum(-1))
    counts = _odds_of_counts((acting / (1 - acting))[..., None, :], SATURATION)[..., 0, :]
    seen = none * (counts[..., 1:] * selection[..., 1:]).sum(-1)
    alone = np.exp(np.log1p(-acting) @ (1 - np.eye(acting.shape[-1])))  # no other process acts, (..., J, causes)
    others = _odds_of_counts((acting / (1 - acting))[..., None, :] * (1 - np.eye(acting.shape[-1])), SATURATION - 1)
    with_it = alone * (others * selection[..., None, 1:]).sum(-1)
    weighted = joint[..., None] * with_it
    with_count = np.concatenate(
        [(weighted[..., cause, None] * state).sum(-2) for cause, state in enumerate(states)], axis=-1
    )
    some = (joint * -np.expm1(np.log1p(-acting).sum(-1))).sum(-1)
    return with_count / (joint * seen).sum(-1)[..., None], some


def _odds_of_counts(odds: Array, last: int) -> Array:
    """Return the odds that 0, 1, ..., `last` or more of independent processes act, against none.

    odds : shape (..., processes), p / (1 - p);  returns : shape (..., last + 1).
    The elementary symmetric sums of the odds, built one process at a time; nothing is subtracted, so the small terms
    that gamma magnifies keep all their digits.
    """
    counts = [np.ones(odds.shape[:-1], odds.dtype), *(np.zeros(odds.shape[:-1], odds.dtype) for _ in range(last))]
    for process in range(odds.shape[-1]):
        one = odds[..., process]
        counts[last] = counts[last] * (1 + one) + counts[last - 1] * one
        for number in range(last - 1, 0, -1):
            counts[number] = counts[number] + counts[number - 1] * one
    return np.stack(counts, axis=-1)


def calibrate(loads: Sequence[CauseLoad], joint: Array, targets: Array, some_acting: Array | float) -> Calibration:
    """Solve one problem for kappa and gamma.

    loads       : one per cause, no leading axes;  joint : shape (J,)
    targets     : shape (n,), the elicited P(cause state | count), summing to M > 1
    some_acting : b
    raises      : CalibrationError when there is no solution.

    Newton on the logarithms, from where every hazard is small, with a Jacobian by differences at the start, kept up by
    Broyden's rank-one updates (Broyden 1965): the equations are close to diagonal, so a dozen evaluations reach 1e-13.
    """
    if targets.sum() <= 1:
        raise CalibrationError(
            f"Calibration: the mean number of acting causes must exceed 1, got {float(targets.sum()):.4f}."
        )
    one = [CauseLoad(load.hazards[None], load.weights[None]) for load in loads]
    problem = _Problem(one, joint[None], targets[None], np.reshape(np.asarray(some_acting, float), 1))
    try:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # the residual says what came of it
            point = problem.start()
            value = problem.misfit(point)
            point, residual = _solve(problem, point, value, np.linalg.inv(problem.jacobian(point, value)))
            inverse = np.linalg.inv(problem.jacobian(point, problem.misfit(point)))[0]
    except np.linalg.LinAlgError:
        raise CalibrationError("Calibration: no priors reproduce these shares; they leave an equation open.") from None
    result = Calibration(np.exp(point[0, :-1]), np.exp(point[0, -1]), residual[0], inverse)
    if not result.solved:
        raise CalibrationError(
            "Calibration: no priors reproduce these shares; expected gamma >= 1 and a residual under 1e-11, "
            f"got gamma {float(result.gamma):.3g} and residual {float(result.residual):.1e}."
        )
    return result


def calibrate_draws(
    loads: Sequence[CauseLoad], joint: Array, targets: Array, some_acting: Array, near: Calibration
) -> Calibration:
    """Solve D problems near a solved one; `Calibration.solved` says which have a solution.

    loads, joint, targets, some_acting : as for :func:`calibrate`, each with a leading axis of D
    near : the solution of the plug-in problem, whose inverse Jacobian starts every draw.
    """
    problem = _Problem(loads, joint, targets, some_acting)
    draws = len(targets)
    point = np.broadcast_to(_point(near), (draws, targets.shape[-1] + 1)).copy()
    inverse = np.broadcast_to(near.inverse, (draws, *np.shape(near.inverse))).copy()
    point, residual = _solve(problem, point, problem.misfit(point), inverse)
    return Calibration(np.exp(point[:, :-1]), np.exp(point[:, -1]), residual, near.inverse)


def calibrate_complex(
    loads: Sequence[CauseLoad], joint: Array, targets: Array, some_acting: Array, near: Calibration, steps: int = 6
) -> Calibration:
    """Solve D problems an infinitesimal imaginary step away from a solved one, for complex-step derivatives.

    The real part is solved already, so Newton with the known inverse Jacobian gains its seven digits a step in the
    imaginary part (Squire and Trapp 1998); kappa and gamma come back complex, shapes (D, n) and (D,).
    """
    problem = _Problem(loads, joint, targets, some_acting)
    point = np.broadcast_to(_point(near), (len(targets), targets.shape[-1] + 1)).astype(complex)
    for _ in range(steps):
        point = point - np.einsum("ij,...j->...i", near.inverse, problem.misfit(point))
    residual = np.abs(problem.misfit(point)).max(-1)
    return Calibration(np.exp(point[:, :-1]), np.exp(point[:, -1]), residual, near.inverse)


def _point(known: Calibration) -> Array:
    return np.append(np.log(known.kappa), np.log(known.gamma))


def _solve(problem: _Problem, point: Array, value: Array, inverse: NDArray[Any]) -> tuple[Array, Array]:
    """Broyden's method on all problems at once; the solved ones drop out. Returns (points, worst misfit of each)."""
    final, residual = point.copy(), np.abs(value).max(-1)
    rows = np.arange(len(point))
    for _ in range(MAX_STEPS):
        open_ = residual[rows] >= TOLERANCE
        if not open_.any():
            break
        if 2 * open_.sum() < len(rows):  # most are solved: go on with the others only
            rows, point, value, inverse = rows[open_], point[open_], value[open_], inverse[open_]
            problem = problem.part(open_)
        step = -np.einsum("...ij,...j->...i", inverse, value)
        step = np.clip(step, -2.0, 2.0)  # far from the solution a log step beyond this overshoots
        point = point + step
        new = problem.misfit(point)
        inverse = _broyden(inverse, step, new - value)
        value = new
        worst = np.abs(value).max(-1)
        better = worst < residual[rows]
        final[rows[better]], residual[rows[better]] = point[better], worst[better]
    return final, residual


@dataclass(frozen=True)
class _Problem:
    """The equations of several calibrations, as misfits of logarithms; every array has the same leading axis."""

    loads: Sequence[CauseLoad]
    joint: Array
    targets: Array
    some: Array

    def misfit(self, point: Array) -> Array:
        found, acting = expected(self.loads, self.joint, np.exp(point[..., :-1]), np.exp(point[..., -1]))
        return np.concatenate([np.log(found / self.targets), np.log(acting / self.some)[..., None]], axis=-1)

    def jacobian(self, point: Array, value: Array, width: float = 1e-6) -> Array:
        columns = []
        for position in range(point.shape[-1]):
            moved = point.copy()
            moved[..., position] += width
            columns.append((self.misfit(moved) - value) / width)
        return np.stack(columns, axis=-1)

    def start(self) -> Array:
        """Start where hazards are small: P(state) = b * target / M, and gamma from the pairs that M asks for."""
        base = np.concatenate(
            [np.einsum("...j,...jc,...ck->...k", self.joint, load.weights, load.hazards) for load in self.loads],
            axis=-1,
        )
        total = self.targets.sum(-1)
        prior = self.targets * (self.some / total)[..., None]
        pairs = (prior.sum(-1) ** 2 - (prior**2).sum(-1)) / 2
        gamma = np.maximum((total - 1) * self.some / np.maximum(pairs, 1e-300), 1.5)
        return np.concatenate([np.log(prior / base), np.log(gamma)[..., None]], axis=-1)

    def part(self, rows: NDArray[np.bool_]) -> _Problem:
        loads = [CauseLoad(load.hazards[rows], load.weights[rows]) for load in self.loads]
        return _Problem(loads, self.joint[rows], self.targets[rows], self.some[rows])


def _broyden(inverse: NDArray[Any], step: Array, change: Array) -> NDArray[Any]:
    """Sherman-Morrison form of Broyden's update of an inverse Jacobian."""
    predicted = np.einsum("...ij,...j->...i", inverse, change)
    left = np.einsum("...i,...ij->...j", step, inverse)
    scale = np.einsum("...i,...i->...", step, predicted)[..., None]
    scale = np.where(np.abs(scale) < 1e-300, 1.0, scale)
    return inverse + (step - predicted)[..., :, None] * left[..., None, :] / scale[..., None]
