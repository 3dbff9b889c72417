"""The sensitivity function of one number: every cause's posterior while that number moves over its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.errors import EvidenceError
from model.inference.draw_engine import DrawEngine
from model.sensitivity.parameter_space import ParameterSpace

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel
    from model.posterior import Posterior

POINTS = 101


@dataclass(frozen=True)
class SensitivityFunction:
    """P(cause acting | evidence) as a function of one number, all others at their plug-in values.

    frame : index value of the number, from low to high; one column per cause
    number, value, low, high : the record id and what is stated (5 %, mean, 95 %)
    flips : (value, leader below it, leader above it) at each change of the leading cause, interpolated between points

    Unit      : probabilities, over the number as it is stated.
    Reference : van der Gaag and Renooij 2001. A number of one table gives a hyperbola; any other goes through the
                calibration, point by point.
    Cost      : one pass at `points` parameter points.
    """

    frame: pd.DataFrame
    number: str
    value: float
    low: float
    high: float
    flips: tuple[tuple[float, str, str], ...]


def sensitivity_function(
    model: CalibratedModel, answer: Posterior, number: str, points: int = POINTS
) -> SensitivityFunction:
    """Return every cause's posterior over the interval of one number.

    answer : a posterior of `model`;  number : a record id;  points : grid points, 3 or more
    raises : KnowledgeError for an unknown id, EvidenceError for fewer points or a number without an interval.
    """
    import pandas as pd

    space = ParameterSpace(model)
    low, high = space.interval(number)
    if points < 3 or not low < high:
        raise EvidenceError(
            f"sensitivity_function: expected 3 points or more on an interval, got {points} on {number!r}."
        )
    values = np.linspace(low, high, points)
    batch = space.at_points({number: values})
    solved = batch.calibration.solved
    found = DrawEngine(model.engine, batch.network).solve(answer.evidence.hard, answer.evidence.soft).acting[solved]
    values = values[solved]
    causes = [cause.id for cause in model.network.causes]
    first = found.argmax(1)
    flips = []
    for i in np.flatnonzero(first[:-1] != first[1:]):
        gap = found[i : i + 2, first[i]] - found[i : i + 2, first[i + 1]]
        at = values[i] + (values[i + 1] - values[i]) * gap[0] / (gap[0] - gap[1])
        flips.append((float(at), causes[first[i]], causes[first[i + 1]]))
    frame = pd.DataFrame(found, index=pd.Index(values, name="value"), columns=pd.Index(causes, name="cause"))
    return SensitivityFunction(frame, number, space.stated(number), low, high, tuple(flips))
