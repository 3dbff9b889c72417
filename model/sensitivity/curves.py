"""Two-way sensitivity: the answer over a rectangle of two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.errors import EvidenceError, listed
from model.inference.draw_engine import DrawEngine
from model.sensitivity.parameter_space import ParameterSpace

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel
    from model.posterior import Posterior

POINTS = 21


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


def two_way(
    model: CalibratedModel, answer: Posterior, cause: str, first: str, second: str, points: int = POINTS
) -> TwoWay:
    """Return the posterior of one cause while two numbers move over their own 90 % intervals.

    first, second : record ids, different;  points : grid points a side
    raises        : EvidenceError for an unknown cause or twice the same number, KnowledgeError for an unknown id.
    Exact at every grid point, the calibration solved anew for each; points * points passes.
    """
    import pandas as pd

    causes = [node.id for node in model.network.causes]
    if cause not in causes:
        raise EvidenceError(f"Cause {cause!r} is unknown; allowed is {listed(causes)}.")
    if first == second:
        raise EvidenceError(f"Two-way sensitivity: expected two different numbers, got {first!r} twice.")
    space = ParameterSpace(model)
    sides = [np.linspace(*space.interval(name), points) for name in (first, second)]
    across, along = (side.ravel() for side in np.meshgrid(*sides, indexing="ij"))
    batch = space.at_points({first: across, second: along})
    found = DrawEngine(model.engine, batch.network).solve(answer.evidence.hard, answer.evidence.soft).acting
    kept = batch.calibration.solved
    frame = pd.DataFrame(
        {
            first: across[kept],
            second: along[kept],
            "probability": found[kept, causes.index(cause)],
            "leader": np.array(causes)[found[kept].argmax(1)],
        }
    )
    return TwoWay(frame, cause, first, second)
