"""The edges of the network, each with its strength and the records behind it. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import inf, isclose

import numpy as np

from model import DiagnosticModel
from model.network import Array, Finding, Network
from model.wording import number_text, percent, words_of


@dataclass(frozen=True)
class EdgeView:
    """One edge, and the ids of the records behind it.

    without : P(child not in its first state) with every parent in its first state
    alone   : the same with this parent in the `state` that moves it most, the other parents in their first
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
        """Strength as drawn, 0 to 1: points moved, and into a cause, where all are rare, the logarithm of `times`."""
        if self.child_role == "selection":
            return 0.0  # every cause alike
        if self.child_role == "cause":
            return float(np.clip(abs(np.log10(self.times)) / 4, 0, 1))
        return abs(self.alone - self.without)

    @property
    def strength(self) -> str:
        """The strength in words."""
        state = "" if self.state in ("present", "yes") else f" ({words_of(self.state)})"
        if self.child_role == "selection":
            return "no low count without an acting cause"
        if isclose(self.alone, self.without, rel_tol=1e-9):
            return "tells only where another node before it acts"
        if self.child_role == "cause" and self.times < 1:
            return f"down to {_times(self.times)} times as likely in adults at large{state}"
        if self.child_role == "cause":
            return f"up to {_times(self.times)} times as likely in adults at large{state}"
        if not self.without:
            return f"up to {percent(self.alone)} with this alone{state}, never without one of the nodes before it"
        digits = 1 if percent(self.without) == percent(self.alone) else 0
        return f"from {percent(self.without, digits)} to {percent(self.alone, digits)} with this alone{state}"


def network_edges(model: DiagnosticModel) -> tuple[EdgeView, ...]:
    """Return every edge of the model's network, the selection's last; of the model alone, so it may be kept."""
    network = model.network
    found: dict[tuple[str, str], list[str]] = {}
    for record in model.knowledge.records_of(model.setting):
        for parent, node in product(record.parent.split("&"), record.node.split("&")):
            if parent:
                found.setdefault((parent, node), []).append(record.id)
    firsts = {pair.second: pair.first for pair in network.pairs}
    edges = []
    for child in network.by_id:
        cause = model.knowledge.nodes[child].role == "cause"
        for parent in network.parents(child):
            alone = 1 - _reference(network, child, parent)
            moved = np.abs(np.log(alone[1:] / alone[0])) if cause else np.abs(alone[1:] - alone[0])
            strongest = int(moved.argmax()) + 1
            edges.append(
                EdgeView(
                    parent,
                    child,
                    model.knowledge.nodes[child].role,
                    tuple(_behind(found, firsts, parent, child)),
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


def _reference(network: Network, child: str, parent: str) -> Array:
    """Return P(child in its first state) for each state of a parent, every other parent in its first.

    The second finding of a pair is taken by itself, whatever the first one is.
    """
    node, parents, table = network.by_id[child], network.parents(child), network.table(child)
    if isinstance(node, Finding):
        parents, table = (*node.causes, *node.contexts), node.table()
    if parent not in parents:
        return np.full(len(network.by_id[parent].states), table[(0,) * table.ndim])
    return table[tuple(slice(None) if other == parent else 0 for other in parents)][:, 0]


def _behind(
    found: Mapping[tuple[str, str], list[str]], firsts: Mapping[str, str], parent: str, child: str
) -> list[str]:
    """Return the records of an edge; what bears on the first finding of a pair may bear on the second through it.

    The arc from the first to the second rests on the records of both.
    """
    if parent == firsts.get(child):
        causes = [each for each, node in found if node == child]
        return [number for each in dict.fromkeys(causes) for number in found[each, child] if number.startswith("both.")]
    return found.get((parent, child)) or found.get((parent, firsts.get(child, "")), [])


def _times(ratio: float) -> str:
    return number_text(float(f"{ratio:.2g}"))
