"""One patient finding by finding: the probability of every cause after each, and the step in decibans.

The end does not depend on the order of the findings; the steps on the way do, because findings explain each other away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.calibrated_model import CalibratedModel
from model.log_odds import DECIBANS, log_odds

EDGE = 1e-16  # certainties, which findings alone do not give, count as 16 decimals of a double allow


@dataclass(frozen=True)
class ReplayStep:
    """After one finding. `node` is empty before the first.

    acting   : cause -> P(acting | findings so far)
    decibans : cause -> change of its log-odds, 10 log10 of the odds ratio; 0 before the first
    """

    node: str
    acting: Mapping[str, float]
    decibans: Mapping[str, float]


def replay(
    model: CalibratedModel, given: Mapping[str, Any], order: Sequence[str], outside: str = "refuse"
) -> tuple[ReplayStep, ...]:
    """Return the steps from what is left of `given` without `order` to all of it, the findings of `order` one by one.

    raises : as ``posterior``;  KeyError for a node of `order` that is not in `given`.
    """
    entered = {node: value for node, value in given.items() if node not in order}
    before = model.posterior(entered, outside).acting
    steps = [ReplayStep("", before, dict.fromkeys(before, 0.0))]
    for node in order:
        entered = {**entered, node: given[node]}
        after = model.posterior(entered, outside).acting
        moved = {cause: DECIBANS * (log_odds(after[cause], EDGE) - log_odds(before[cause], EDGE)) for cause in after}
        steps.append(ReplayStep(node, after, moved))
        before = after
    return tuple(steps)
