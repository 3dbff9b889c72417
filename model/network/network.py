"""The network: contexts -> causes -> findings, and a selection node that is always observed. Structure and tables.

A :class:`Network` is plain arrays. It does not know where its numbers came from (``assembly`` builds it from the
knowledge) nor how it is queried (``inference`` compiles it, ``exchange`` turns it into a pgmpy network).

Two causes and one finding. Each cause acts in one adult of ten; a virus alone gives a fever in half of the patients, a
drug in none, and one in five has a fever for another reason. So a virus leaves 0.8 * 0.5 = 0.4 without a fever:

>>> states = ("absent", "present")
>>> causes = [Cause(cause, states, (), np.array([0.9, 0.1])) for cause in ("virus", "drug")]
>>> links = {"virus": np.array([[1.0, 1.0], [0.5, 1.0]]), "drug": np.ones((2, 2))}
>>> fever = Finding("fever", states, ("virus", "drug"), (), links, background=np.array([0.8, 1.0]))
>>> network = Network((), tuple(causes), (fever,), (), selection=np.array([0.0, 0.1, 1.0]))
>>> network.check()
>>> network.table("fever")[1, 0].round(3)  # P(fever | virus, no drug)
array([0.4, 0.6])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from model.errors import EvidenceError, listed, nearest, shown
from model.network.cpt import Array, check_rows, noisy_max


@dataclass(frozen=True)
class Context:
    """A circumstance of the patient. `table` has shape (*parent cards, card): P(state | parents)."""

    id: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    table: Array


@dataclass(frozen=True)
class Cause:
    """A process that may be acting on the count; state 0 is absent. `table`: (*context cards, card)."""

    id: str
    states: tuple[str, ...]
    contexts: tuple[str, ...]
    table: Array


@dataclass(frozen=True)
class Finding:
    """Something observable, a noisy-OR or noisy-MAX of causes over a background that contexts may raise.

    links      : per cause, shape (cause card, K): P(F <= k | only this cause in this state); row 0 is all ones
    background : shape (*context cards, K): P(F <= k | no linked cause acting)
    """

    id: str
    states: tuple[str, ...]
    causes: tuple[str, ...]
    contexts: tuple[str, ...]
    links: Mapping[str, Array]
    background: Array

    def table(self) -> Array:
        """Return P(state | causes, contexts), shape (*cause cards, *context cards, K)."""
        return noisy_max(self.background, [self.links[cause] for cause in self.causes])


@dataclass(frozen=True)
class Mechanism:
    """How a cause lowers the count: for display, a noisy-OR without leak. `effects`: per cause, shape (card,)."""

    id: str
    states: tuple[str, ...]
    causes: tuple[str, ...]
    effects: Mapping[str, Array]

    def table(self) -> Array:
        """Return P(state | causes), shape (*cause cards, 2)."""
        absent = np.ones(())
        for cause in self.causes:
            absent = absent[..., None] * (1 - self.effects[cause])
        return np.stack([absent, 1 - absent], axis=-1)


@dataclass(frozen=True)
class Network:
    """A whole network. `selection`: shape (number of causes + 1,), P(low count | n causes acting)."""

    contexts: tuple[Context, ...]
    causes: tuple[Cause, ...]
    findings: tuple[Finding, ...]
    mechanisms: tuple[Mechanism, ...]
    selection: Array
    selection_id: str = "neutropenia"
    selection_states: tuple[str, str] = ("no", "yes")
    by_id: Mapping[str, Context | Cause | Finding | Mechanism] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = (*self.contexts, *self.causes, *self.findings, *self.mechanisms)
        object.__setattr__(self, "by_id", {node.id: node for node in nodes})
        if len(self.by_id) != len(nodes):
            raise ValueError("node ids must be unique")
        seen: set[str] = set()
        for context in self.contexts:
            if not set(context.parents) <= seen:
                raise ValueError(f"context {context.id!r}: its parents {context.parents} must stand before it")
            seen.add(context.id)

    @cached_property
    def cardinality(self) -> Mapping[str, int]:
        """Number of states of each node."""
        return {node.id: len(node.states) for node in self.by_id.values()}

    def cause(self, cause_id: object) -> Cause:
        """Return one cause; raises EvidenceError for another word."""
        found = self.by_id.get(cause_id) if isinstance(cause_id, str) else None
        if not isinstance(found, Cause):
            known = [cause.id for cause in self.causes]
            hint = nearest(str(cause_id), known) or "."
            raise EvidenceError(f"Cause {shown(cause_id)} is unknown; allowed is {listed(known)}{hint}")
        return found

    def parents(self, node_id: str) -> tuple[str, ...]:
        """Return the parents of a node, in the order of its table's axes."""
        node = self.by_id[node_id]
        if isinstance(node, Context):
            return node.parents
        if isinstance(node, Cause):
            return node.contexts
        return node.causes + (node.contexts if isinstance(node, Finding) else ())

    def table(self, node_id: str) -> Array:
        """Return P(state | parents), shape (*parent cards, card)."""
        node = self.by_id[node_id]
        return node.table if isinstance(node, (Context, Cause)) else node.table()

    def check(self) -> None:
        """Raise ValueError unless every table has the shape its parents ask for and rows that sum to one."""
        for node_id in self.by_id:
            table = self.table(node_id)
            expected = (*(self.cardinality[parent] for parent in self.parents(node_id)), self.cardinality[node_id])
            if table.shape != expected:
                raise ValueError(f"table of {node_id!r}: expected shape {expected}, got {table.shape}")
            check_rows(table, node_id)
        if self.selection.shape != (len(self.causes) + 1,) or self.selection[0] != 0:
            raise ValueError("selection: expected one probability per number of acting causes, zero for none")
