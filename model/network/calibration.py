"""Calibration: the priors that make the network say what was elicited.

Hazards and base rates describe adults in general; the elicited shares describe adults *with* the count. The unknowns
are one factor kappa per cause state, which multiplies its hazards, and gamma, how much likelier two processes bring a
low count than one. The equations: P(cause state | count, condition) = M * share * split for every cause state, and
P(some process acting) = b in all adults, contexts summed out exactly (``adults``). There are as many unknowns as
equations, and at most one solution in practice.

Two causes alike, no context. If each acts in 20 % of adults, one alone does in 0.32 and both do in 0.04; if both bring
the count twice as often as one, each acts in (0.16 + 2 * 0.04) / (0.32 + 2 * 0.04) = 60 % of those with the count.
Asked the other way round:

>>> from model.network.competing_hazards import Hazards
>>> from model.network.islands import adults
>>> alike = adults({}, {cause: Hazards((), np.array([0.1]), {}) for cause in ("first", "second")})
>>> solution = calibrate(alike, targets=np.array([0.6, 0.6]), some_acting=0.36)
>>> (1 - np.exp(-0.1 * solution.kappa)).round(6), round(float(solution.gamma), 6)
(array([0.2, 0.2]), 2.0)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import CalibrationError
from model.network.adults import Adults
from model.network.cpt import Array

TOLERANCE = 1e-13
DRAW_TOLERANCE = 1e-12
MAX_STEPS = 60
DRAW_STEPS = 30  # of a problem near a solved one; what takes longer has no solution, as a rule
CHUNK = 500  # parameter points at once: their sums stay in the cache
FAR_APART = 5.0  # kappa further from 1 than this factor, either way, is shown as a disagreement


@dataclass(frozen=True)
class Calibration:
    """The solution. kappa: shape (..., sum of K-1), cause by cause; gamma: shape (...); residual: worst equation.

    inverse : shape (n + 1, n + 1), the inverse Jacobian of the logarithms at the plug-in problem; it starts every
        problem nearby.
    rough   : shape (n + 1,), a first approximation of the logarithms at the plug-in problem; what changes in it tells
        where to start a problem nearby.
    """

    kappa: Array
    gamma: Array
    residual: Array
    inverse: Array
    rough: Array

    @property
    def solved(self) -> np.ndarray:
        """Where the equations hold and gamma is at least one, shape (...)."""
        return (self.residual < 1e-11) & (self.gamma >= 1)


def disagrees(kappa: float) -> bool:
    """Return whether the elicited share of a cause and its epidemiology lie more than fivefold apart."""
    return not 1 / FAR_APART <= kappa <= FAR_APART


def calibrate(adults: Adults, targets: Array, some_acting: Array | float) -> Calibration:
    """Solve one problem for kappa and gamma.

    adults      : at one parameter point, without leading axes
    targets     : shape (n,), the elicited P(cause state | count, condition), summing to M > 1
    some_acting : b
    raises      : CalibrationError when there is no solution.

    Newton on the logarithms, from where every hazard is small, with a Jacobian by differences at the start, kept up by
    Broyden's rank-one updates (Broyden 1965): the equations are close to diagonal, so a dozen evaluations reach 1e-13.
    """
    if targets.sum() <= 1:
        raise CalibrationError(
            f"Calibration: the mean number of acting causes must exceed 1, got {float(targets.sum()):.4f}."
        )
    problem = _Problem(adults, targets[None], np.reshape(np.asarray(some_acting, float), 1))
    try:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # the residual says what came of it
            point = rough = problem.start()
            value = problem.misfit(point)
            point, residual = _solve(problem, point, value, np.linalg.inv(problem.jacobian(point, value)))
            inverse = np.linalg.inv(problem.jacobian(point, problem.misfit(point)))[0]
    except np.linalg.LinAlgError:
        raise CalibrationError("Calibration: no priors reproduce these shares; they leave an equation open.") from None
    result = Calibration(np.exp(point[0, :-1]), np.exp(point[0, -1]), residual[0], inverse, rough[0])
    if not result.solved:
        raise CalibrationError(
            "Calibration: no priors reproduce these shares; expected gamma >= 1 and a residual under 1e-11, "
            f"got gamma {float(result.gamma):.3g} and residual {float(result.residual):.1e}."
        )
    return result


def calibrate_draws(adults: Adults, targets: Array, some_acting: Array, near: Calibration) -> Calibration:
    """Solve D problems near a solved one; `Calibration.solved` says which have a solution.

    adults, targets, some_acting : as for :func:`calibrate`, each with a leading axis of D
    near : the solution of the plug-in problem, whose inverse Jacobian starts every draw.
    """
    points, residuals = [], []
    for problem in _Problem(adults, targets, some_acting).chunks():
        point = _point(near) + problem.start() - near.rough
        inverse = np.broadcast_to(near.inverse, (len(point), *np.shape(near.inverse))).copy()
        point, residual = _solve(problem, point, problem.misfit(point), inverse, DRAW_STEPS, DRAW_TOLERANCE)
        points.append(point)
        residuals.append(residual)
    point = np.concatenate(points)
    return Calibration(np.exp(point[:, :-1]), np.exp(point[:, -1]), np.concatenate(residuals), near.inverse, near.rough)


def calibrate_complex(
    adults: Adults, targets: Array, some_acting: Array, near: Calibration, steps: int = 6
) -> Calibration:
    """Solve D problems an infinitesimal imaginary step away from a solved one, for complex-step derivatives.

    The real part is solved already, so Newton with the known inverse Jacobian gains its seven digits a step in the
    imaginary part (Squire and Trapp 1998); kappa and gamma come back complex, shapes (D, n) and (D,).
    """
    points, residuals = [], []
    for problem in _Problem(adults, targets, some_acting).chunks():
        point = np.broadcast_to(_point(near), (len(problem.targets), targets.shape[-1] + 1)).astype(complex)
        for _ in range(steps):
            point = point - np.einsum("ij,...j->...i", near.inverse, problem.misfit(point))
        points.append(point)
        residuals.append(np.abs(problem.misfit(point)).max(-1))
    point = np.concatenate(points)
    return Calibration(np.exp(point[:, :-1]), np.exp(point[:, -1]), np.concatenate(residuals), near.inverse, near.rough)


def _point(known: Calibration) -> Array:
    return np.append(np.log(known.kappa), np.log(known.gamma))


def _solve(
    problem: _Problem,
    point: Array,
    value: Array,
    inverse: NDArray[Any],
    steps: int = MAX_STEPS,
    tolerance: float = TOLERANCE,
) -> tuple[Array, Array]:
    """Broyden's method on all problems at once; the solved ones drop out. Returns (points, worst misfit of each)."""
    final, residual = point.copy(), np.abs(value).max(-1)
    rows = np.arange(len(point))
    for _ in range(steps):
        open_ = residual[rows] >= tolerance
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

    adults: Adults
    targets: Array
    some: Array

    def misfit(self, point: Array) -> Array:
        found, acting = self.adults.expected(np.exp(point[..., :-1]), np.exp(point[..., -1]))
        return np.concatenate([np.log(found / self.targets), np.log(acting / self.some)[..., None]], axis=-1)

    def jacobian(self, point: Array, value: Array, width: float = 1e-6) -> Array:
        """Return the Jacobian of the only problem, shape (1, n + 1, n + 1); all columns are found at once."""
        moved = point + width * np.eye(point.shape[-1])
        return ((self.misfit(moved) - value) / width).T[None]

    def start(self) -> Array:
        """Start where hazards are small: P(state) = b * target / M, and gamma from the pairs that M asks for."""
        tiny = 1e-9  # hazards so small that probabilities are proportional to them
        base = self.adults.rates(np.full(self.targets.shape, tiny)) / tiny
        total = self.targets.sum(-1)
        prior = self.targets / np.maximum(self.adults.factor, 1e-6)
        prior = prior * (self.some / prior.sum(-1))[..., None]
        pairs = (prior.sum(-1) ** 2 - (prior**2).sum(-1)) / 2
        gamma = np.maximum((total - 1) * self.some / np.maximum(pairs, 1e-300), 1.5)
        return np.concatenate([np.log(prior / base), np.log(gamma)[..., None]], axis=-1)

    def part(self, rows: Any) -> _Problem:
        return _Problem(self.adults.rows(rows), self.targets[rows], self.some[rows])

    def chunks(self) -> Iterator[_Problem]:
        for start in range(0, len(self.targets), CHUNK):
            yield self.part(slice(start, start + CHUNK))


def _broyden(inverse: NDArray[Any], step: Array, change: Array) -> NDArray[Any]:
    """Sherman-Morrison form of Broyden's update of an inverse Jacobian."""
    predicted = np.einsum("...ij,...j->...i", inverse, change)
    left = np.einsum("...i,...ij->...j", step, inverse)
    scale = np.einsum("...i,...i->...", step, predicted)[..., None]
    scale = np.where(np.abs(scale) < 1e-300, 1.0, scale)
    return inverse + (step - predicted)[..., :, None] * left[..., None, :] / scale[..., None]
