"""The hazards of each cause: what every adult has, what exposures add, and what strata multiply."""

from __future__ import annotations

import numpy as np

from model.network.competing_hazards import Hazards
from model.network.context_tables import Strata
from model.network.named_axes import placed
from model.network.record_index import Numbers, side_by_side

EXPOSURES_TOO = "exposures"  # the word of a ratio that multiplies the hazards of exposures as well


def hazard_tables(numbers: Numbers, strata: Strata) -> dict[str, Hazards]:
    """Return cause -> its hazards, in the order of ``nodes.csv``."""
    return {cause.id: _hazards(numbers, strata, cause.id, cause.states[1:])
            for cause in numbers.index.knowledge.role("cause")}  # fmt: skip


def _hazards(numbers: Numbers, strata: Strata, cause: str, states: tuple[str, ...]) -> Hazards:
    nodes = numbers.index.knowledge.nodes
    of_baseline = [strata.ratios(numbers, "relative_hazard", cause, state) for state in states]
    of_exposures = [strata.ratios(numbers, "relative_hazard", cause, state, EXPOSURES_TOO) for state in states]
    names = tuple(name for name in strata.names if any(name in own for own, _ in of_baseline))
    baseline = side_by_side(
        numbers.of("baseline_hazard", cause, state)[(..., *[None] * len(names))] * placed(ratio, own, names)
        for state, (own, ratio) in zip(states, of_baseline, strict=True)
    )
    exposures = {}
    for context in numbers.parents("hazard", cause, "context"):
        levels = [
            side_by_side(
                numbers.or_zero("hazard", cause, state, context, level)[(..., *[None] * len(names))]
                * placed(ratio, own, names)
                for state, (own, ratio) in zip(states, of_exposures, strict=True)
            )
            for level in nodes[context].states
        ]
        exposures[context] = np.stack(np.broadcast_arrays(*levels), axis=-2)
    return Hazards(names, baseline, exposures)
