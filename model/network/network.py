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
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from model.errors import EvidenceError, listed, nearest, shown
from model.network.competing_hazards import Hazards
from model.network.cpt import Array, check_rows, noisy_max_products, state_probabilities


@dataclass(frozen=True)
class Context:
    """A circumstance of the patient. `table` has shape (*parent cards, card): P(state | parents)."""

    id: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    table: Array


@dataclass(frozen=True)
class Cause:
    """A process that may be acting on the count; state 0 is absent. `table`: (*context cards, card).

    hazards : what the table was made from, if it was; sums over contexts are quicker there (``competing_hazards``)
    """

    id: str
    states: tuple[str, ...]
    contexts: tuple[str, ...]
    table: Array
    hazards: Hazards | None = None


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

    def products(self) -> Array:
        """Return P(F <= k | causes, contexts), shape (*cause cards, *context cards, K): a product over the causes."""
        return noisy_max_products(self.background, [self.links[cause] for cause in self.causes])

    def background_by_context(self, column: int) -> tuple[Array, dict[str, Array]]:
        """Return a column of the background with every context in its first state, and what each multiplies it by.

        returns : shape (...,), and context -> (..., card); their product is the background where contexts act
        independently of each other, as in a noisy-OR
        """
        lowest, axes = self.background[..., column], len(self.contexts)
        lead = lowest.ndim - axes
        first = lowest[(..., *(0,) * axes)]
        factors = {}
        for place, context in enumerate(self.contexts):
            along = lowest[(*(slice(None),) * lead, *(slice(None) if p == place else 0 for p in range(axes)))]
            with np.errstate(divide="ignore", invalid="ignore"):
                factors[context] = along / np.asarray(first)[..., None]
        return np.asarray(first), factors

    def coefficients(self) -> Array:
        """Return how the states follow from :meth:`products`, shape (K, K): P(state) = coefficients @ products."""
        return np.eye(len(self.states)) - np.eye(len(self.states), k=-1)

    def table(self) -> Array:
        """Return P(state | causes, contexts), shape (*cause cards, *context cards, K)."""
        return state_probabilities(self.products())


@dataclass(frozen=True)
class Pair(Finding):
    """Two findings of two states that fall together: one cause may bring both at once more often than by chance.

    Whatever acts brings neither, one or both of them, independently of what else acts; a finding shows when anything
    brings it. So P(neither), P(first absent) and P(second absent) are products over the causes, as in a noisy-OR, and
    the four states follow by inclusion and exclusion. Each finding by itself is a noisy-OR as before.

    links, background : as of a finding; on the last axis P(neither), P(first absent), P(second absent), 1
    """

    first: str = ""
    second: str = ""

    def coefficients(self) -> Array:
        """Return the inclusion and exclusion that turns the products into neither, first only, second only, both."""
        return np.array([[1.0, 0, 0, 0], [-1, 0, 1, 0], [-1, 1, 0, 0], [1, -1, -1, 1]])

    def table(self) -> Array:
        """Return P(neither, first only, second only, both | causes, contexts)."""
        return np.maximum(self.products() @ self.coefficients().T, 0.0)  # rounding may not make one negative


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
    """A whole network.

    selection : shape (number of causes + 1,), P(low count | n causes acting)
    pairs     : findings that fall together; as a network, an arc from the first to the second
    """

    contexts: tuple[Context, ...]
    causes: tuple[Cause, ...]
    findings: tuple[Finding, ...]
    mechanisms: tuple[Mechanism, ...]
    selection: Array
    selection_id: str = "neutropenia"
    selection_states: tuple[str, str] = ("no", "yes")
    pairs: tuple[Pair, ...] = ()
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
        order = [finding.id for finding in self.findings]
        for pair in self.pairs:
            if order.index(pair.first) > order.index(pair.second):
                raise ValueError(f"pair {pair.id!r}: {pair.first!r} must stand before {pair.second!r}")

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

    def finding(self, node_id: str) -> Finding:
        """Return one finding; raises KeyError or TypeError for what is none."""
        found = self.by_id[node_id]
        if not isinstance(found, Finding):
            raise TypeError(f"{node_id!r} is no finding")
        return found

    def parents(self, node_id: str) -> tuple[str, ...]:
        """Return the parents of a node, in the order of its table's axes; the first of a pair is one of the second."""
        node = self.by_id[node_id]
        if isinstance(node, Context):
            return node.parents
        if isinstance(node, Cause):
            return node.contexts
        for pair in self.pairs:
            if node_id == pair.second:
                return (*pair.causes, *pair.contexts, pair.first)
        return node.causes + (node.contexts if isinstance(node, Finding) else ())

    def table(self, node_id: str) -> Array:
        """Return P(state | parents), shape (*parent cards, card)."""
        node = self.by_id[node_id]
        if isinstance(node, (Context, Cause)):
            return node.table
        for pair in self.pairs:
            if node_id == pair.second:
                states = pair.table()
                joint = states.reshape(*states.shape[:-1], 2, 2).swapaxes(-1, -2)  # (..., first, second)
                some = joint.sum(-1, keepdims=True)
                return np.where(some > 0, joint / np.where(some > 0, some, 1.0), np.array([1.0, 0.0]))
        return node.table()

    def given(self, known: Mapping[str, int]) -> Network:
        """Return the network of people whose contexts `known` are in these states: those nodes are gone.

        known : context -> state index; with each, its parents. Leading axes of parameter draws stay.
        """

        def cut(table: Array, axes: tuple[str, ...]) -> Array:
            for place in range(len(axes)):
                if axes[place] in known:
                    table = np.take(table, known[axes[place]], axis=place - len(axes) - 1)
            return table

        def left(axes: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(axis for axis in axes if axis not in known)

        def of_findings(findings: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(
                replace(each, contexts=left(each.contexts), background=cut(each.background, each.contexts))
                for each in findings
            )

        return replace(
            self,
            contexts=tuple(
                replace(each, parents=left(each.parents), table=cut(each.table, each.parents))
                for each in self.contexts if each.id not in known
            ),
            causes=tuple(
                replace(
                    each, contexts=left(each.contexts), table=cut(each.table, each.contexts),
                    hazards=each.hazards and each.hazards.given(known),
                )
                for each in self.causes
            ),
            findings=of_findings(self.findings),
            pairs=of_findings(self.pairs),
        )  # fmt: skip

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
