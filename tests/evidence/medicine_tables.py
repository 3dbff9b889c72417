"""Today's tables with the nodes that version 0.3 has for medicines: the tiers of other culprits, and the timing."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from model.knowledge import Knowledge, load_knowledge


@lru_cache(maxsize=1)
def tiered() -> Knowledge:
    """Return the tables; for reading entries, not for computing with."""
    knowledge = load_knowledge()
    nodes = dict(knowledge.nodes)
    culprit, finding = nodes["other_culprit_drug"], knowledge.role("finding")[0]
    nodes["other_culprit_drug"] = replace(culprit, states=("absent", "rare", "occasional", "frequent"))
    nodes["drug_timing"] = replace(
        finding, id="drug_timing", label="Timing of the suspected drug", states=("outside", "in_window"), unit=(),
        threshold="",
    )  # fmt: skip
    return replace(knowledge, nodes=MappingProxyType(nodes))
