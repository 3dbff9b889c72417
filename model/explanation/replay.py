"""One patient finding by finding: the probability of every cause after each, and the step in decibans.

The end does not depend on the order of the findings; the steps on the way do, because findings explain each other away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from model.log_odds import DECIBANS, log_odds

if TYPE_CHECKING:
    from model.calibrated_model import CalibratedModel


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
    start = {node: value for node, value in given.items() if node not in order}
    entered = [{**start, **{node: given[node] for node in order[:count]}} for count in range(len(order) + 1)]
    acting = [model.posterior(evidence, outside).acting for evidence in entered]
    first = ReplayStep("", acting[0], dict.fromkeys(acting[0], 0.0))
    steps = (
        ReplayStep(
            node,
            after,
            {cause: _decibans(after[cause]) - _decibans(before[cause]) for cause in after},
        )
        for node, (before, after) in zip(order, pairwise(acting), strict=True)
    )
    return (first, *steps)


def _decibans(probability: float) -> float:
    """Return log-odds in decibans; certainties, which findings alone do not give, as 16 decimals of a double allow."""
    return DECIBANS * log_odds(probability, edge=1e-16)
