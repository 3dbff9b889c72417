"""The edges of the network, each with its strength and the records behind it. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np

from model import DiagnosticModel
from model.wording import number_text, percent, words_of


@dataclass(frozen=True)
class EdgeView:
    """One edge, and the ids of the records behind it.

    without : P(child not in its first state) with every parent in its first state
    alone   : the same with this parent in the `state` that raises it most, the other parents in their first
    Into a cause both are of adults at large, not of people with the count.
    """

    parent: str
    child: str
    child_role: str
    records: tuple[str, ...]
    state: str
    without: float
    alone: float

    @property
    def times(self) -> float:
        """How many times as likely the parent makes the child; infinite where it never happens without."""
        return self.alone / self.without if self.without else inf

    @property
    def weight(self) -> float:
        """Strength as drawn, 0 to 1: points raised, and into a cause, where all are rare, the logarithm of `times`."""
        if self.child_role == "selection":
            return 0.0  # every cause alike
        if self.child_role == "cause":
            return float(np.clip(np.log10(self.times) / 4, 0, 1))
        return self.alone - self.without

    @property
    def strength(self) -> str:
        """The strength in words."""
        state = "" if self.state in ("present", "yes") else f" ({words_of(self.state)})"
        if self.child_role == "selection":
            return "no low count without an acting cause"
        if self.child_role == "cause":
            return f"up to {_times(self.times)} times as likely in adults at large{state}"
        if not self.without:
            return f"up to {percent(self.alone)} with this alone{state}, never without one of the nodes before it"
        return f"from {percent(self.without)} to {percent(self.alone)} with this alone{state}"


def network_edges(model: DiagnosticModel) -> tuple[EdgeView, ...]:
    """Return every edge of the model's network, the selection's last; of the model alone, so it may be kept."""
    network = model.network
    found: dict[tuple[str, str], list[str]] = {}
    for record in model.knowledge.records_of(model.setting):
        for parent, node in product(record.parent.split("&"), record.node.split("&")):
            if parent:
                found.setdefault((parent, node), []).append(record.id)
    edges = []
    for child in network.by_id:
        parents, table = network.parents(child), network.table(child)
        for axis, parent in enumerate(parents):
            alone = 1 - table[tuple(slice(None) if other == axis else 0 for other in range(len(parents)))][:, 0]
            strongest = int(alone[1:].argmax()) + 1
            edges.append(
                EdgeView(
                    parent,
                    child,
                    model.knowledge.nodes[child].role,
                    tuple(found.get((parent, child), ())),
                    network.by_id[parent].states[strongest],
                    float(alone[0]),
                    float(alone[strongest]),
                )
            )
    selection = network.selection_id
    behind = tuple(record.id for record in model.knowledge.records_of(model.setting) if record.node == selection)
    none, one = (float(p) for p in network.selection[:2])
    for cause in network.causes:
        edges.append(EdgeView(cause.id, selection, "selection", behind, cause.states[1], none, one))
    return tuple(edges)


def _times(ratio: float) -> str:
    return number_text(float(f"{ratio:.2g}"))
