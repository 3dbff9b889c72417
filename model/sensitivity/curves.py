"""The sensitivity function of one number, and of two: posteriors while numbers move over their own intervals.

What kind of curve it is, ``one_way`` says. Every grid point is exact, the calibration solved anew for it; between two
points a change of leader is placed by a straight line. By hand: one posterior rises as x, the other stays at 0.4, so
the first leads from there.

>>> changes_of_leader(np.array([0.0, 0.5, 1.0]), np.array([[0.0, 0.4], [0.5, 0.4], [1.0, 0.4]]))
[(0.4, 1, 0)]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError
from model.inference.draw_engine import DrawEngine
from model.inference.leader import leading
from model.late import pd
from model.network import Array
from model.posterior import Posterior
from model.sensitivity.parameter_space import ParameterSpace

POINTS = 101  # of one number
SIDE = 21  # of each of two numbers


@dataclass(frozen=True)
class SensitivityFunction:
    """P(cause acting | evidence) as a function of one number, all others at their plug-in values.

    frame : index value of the number as stated, from low to high; one column of probabilities per cause
    number, value, low, high : the record id and what is stated (mean, 5 %, 95 %)
    flips : (value, leader below it, leader above it) at each change of the leading cause
    """

    frame: pd.DataFrame
    number: str
    value: float
    low: float
    high: float
    flips: tuple[tuple[float, str, str], ...]


@dataclass(frozen=True)
class TwoWay:
    """P(cause acting | evidence) over two numbers.

    frame : one row per pair of values: the two numbers under their ids, ``probability``, and ``leader``, the cause
        that leads
    """

    frame: pd.DataFrame
    cause: str
    first: str
    second: str


def sensitivity_function(
    model: CalibratedModel, answer: Posterior, number: str, points: int = POINTS
) -> SensitivityFunction:
    """Return every cause's posterior over the interval of one number; as many passes as `points`.

    answer : a posterior of `model`;  number : a record id;  points : grid points, 3 or more
    raises : KnowledgeError for an unknown id, EvidenceError for fewer points or a number without an interval.
    """
    space = ParameterSpace(model)
    low, high = space.interval(number)
    if points < 3 or not low < high:
        raise EvidenceError(
            f"sensitivity_function: expected 3 points or more on an interval, got {points} on {number!r}."
        )
    grid = np.linspace(low, high, points)
    solved, found = _acting(model, answer, space, {number: grid})
    causes = [cause.id for cause in model.network.causes]
    flips = tuple((at, causes[i], causes[j]) for at, i, j in changes_of_leader(grid[solved], found))
    frame = pd.DataFrame(found, index=pd.Index(grid[solved], name="value"), columns=pd.Index(causes, name="cause"))
    return SensitivityFunction(frame, number, space.stated(number), low, high, flips)


def changes_of_leader(values: Array, acting: Array) -> list[tuple[float, int, int]]:
    """Return (value, leader below it, leader above it) wherever another column becomes the largest.

    values : shape (n,), rising;  acting : shape (n, causes)
    """
    first = leading(acting)
    flips = []
    for i in np.flatnonzero(first[:-1] != first[1:]):
        gap = acting[i : i + 2, first[i]] - acting[i : i + 2, first[i + 1]]
        at = values[i] + (values[i + 1] - values[i]) * gap[0] / (gap[0] - gap[1])
        flips.append((float(at), int(first[i]), int(first[i + 1])))
    return flips


def two_way(
    model: CalibratedModel, answer: Posterior, cause: str, first: str, second: str, points: int = SIDE
) -> TwoWay:
    """Return the posterior of one cause while two numbers move over their own 90 % intervals.

    first, second : record ids, different;  points : grid points a side, so points * points passes
    raises        : EvidenceError for an unknown cause or twice the same number, KnowledgeError for an unknown id.
    """
    model.network.cause(cause)
    if first == second:
        raise EvidenceError(f"Two-way sensitivity: expected two different numbers, got {first!r} twice.")
    space = ParameterSpace(model)
    sides = [np.linspace(*space.interval(name), points) for name in (first, second)]
    across, along = (side.ravel() for side in np.meshgrid(*sides, indexing="ij"))
    solved, found = _acting(model, answer, space, {first: across, second: along})
    causes = [node.id for node in model.network.causes]
    frame = pd.DataFrame(
        {
            first: across[solved],
            second: along[solved],
            "probability": found[:, causes.index(cause)],
            "leader": np.array(causes)[leading(found)],
        }
    )
    return TwoWay(frame, cause, first, second)


def _acting(
    model: CalibratedModel, answer: Posterior, space: ParameterSpace, moves: dict[str, Array]
) -> tuple[NDArray[np.bool_], Array]:
    """Return which points have priors that give back the elicited shares, and P(each cause | evidence) at those."""
    batch = space.at_points(moves)
    found = DrawEngine(model.engine, batch.network).solve(answer.evidence.hard, answer.evidence.soft)
    solved = batch.calibration.solved
    return solved, found.acting[solved]
