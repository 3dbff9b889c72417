"""The exact engine: every configuration of the causes, summed over the contexts. numpy only.

The posterior weight of a configuration s of the causes is

    w(s) = P(low count | s) * sum_x P(x) L(x) prod_c P(s_c | x) L_c(s_c) * prod_f L_f(s, x)

with x the contexts and L the likelihood of what was entered. Most of it factorises (``components``): the sum over x is
done block by block, and only a finding with several causes whose background depends on an unanswered context keeps that
context apart ("opens" it). A finding in its lowest state never does: its likelihood is a product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.components import Component, blocks
from model.context_grid import grid, joint_contexts
from model.cpt import Array
from model.errors import ImpossibleEvidence
from model.network import Finding, Network

State = int | tuple[float, ...]
Hard = Mapping[str, int]
Soft = Mapping[str, tuple[float, ...]]
NOTHING: Mapping[str, tuple[float, ...]] = {}


@dataclass(frozen=True, slots=True)
class Solution:
    """What one pass gives.

    weights : shape (S,), P(s, evidence, low count) of every configuration of the causes
    total   : P(evidence, low count), their sum
    """

    weights: Array
    total: float


class Kind(Enum):
    """What an entry multiplies: a block's contexts, one cause (through a local context or not), or everything."""

    JOINT = "joint context"
    LOCAL = "context of one cause"
    CAUSE = "cause"
    SINGLE = "finding of one cause"
    INNER = "finding inside one block"
    SEVERAL = "finding of several blocks"


@dataclass(frozen=True, slots=True)
class Several:
    """A finding that couples causes of several blocks: where its rows start, its contexts, and their block."""

    offset: int
    states: int
    contexts: tuple[str, ...]
    strides: tuple[int, ...]
    block: int
    bare: int  # row of P(lowest state | causes) without background
    floor: Array  # (J,), P(lowest state | background) in each joint configuration of the block; empty without contexts


class Entered:
    """The evidence of one query, sorted by what it multiplies."""

    __slots__ = ("factors", "inner", "local", "mixed", "opening", "places", "priors", "rows")

    def __init__(self) -> None:
        self.priors: dict[Any, Array] = {}  # block -> (J,)
        self.local: dict[Any, Array] = {}  # (block, cause) -> (L,)
        self.factors: dict[Any, Array] = {}  # (block, cause) -> (J or 1, K)
        self.inner: dict[Any, Array] = {}  # block -> (J, product of K)
        self.rows: list[int] = []
        self.mixed: list[tuple[Several, tuple[float, ...]]] = []
        self.opening: list[tuple[Several, State]] = []
        self.places = {
            Kind.JOINT: self.priors, Kind.LOCAL: self.local, Kind.CAUSE: self.factors, Kind.SINGLE: self.factors,
            Kind.INNER: self.inner,
        }  # fmt: skip

    @staticmethod
    def multiply(place: dict[Any, Array], key: Any, factor: Array) -> None:
        """Multiply what stands at `key` by `factor`."""
        place[key] = place[key] * factor if key in place else factor


class Engine:
    """A compiled network. Immutable after construction but for caches that hold no patient; safe to share."""

    def __init__(self, network: Network):
        self.network = network
        joint = joint_contexts(
            {context.id: context.parents for context in network.contexts},
            {cause.id: cause.contexts for cause in network.causes},
            [finding.contexts for finding in network.findings],
        )
        self.components = [Component(network, *block) for block in blocks(network, joint)]
        self.causes = tuple(cause for component in self.components for cause in component.causes)
        self.codes = grid([network.cardinality[cause] for cause in self.causes])  # (S, causes)
        self.size = (self.codes > 0).sum(1)
        self.selection = network.selection[self.size]
        self._index()
        self._index_outputs()
        self.no_evidence = self.solve({})

    def _index(self) -> None:
        """Say, for each node, what kind of factor it makes and where it goes."""
        self.slot: dict[str, tuple[Kind, int, int, Array]] = {}
        nothing = np.zeros(0)
        home: dict[str, tuple[int, int]] = {}
        for block, component in enumerate(self.components):
            for context in component.joint:
                self.slot[context] = (Kind.JOINT, block, 0, component.masks[context])
            for context, position in component.local_of.items():
                self.slot[context] = (Kind.LOCAL, block, position, component.masks[context])
            for position, cause in enumerate(component.causes):
                home[cause] = (block, position)
                self.slot[cause] = (Kind.CAUSE, block, position, np.eye(component.cards[position]))
        rows: list[Array] = []
        self.several: dict[str, Several] = {}
        for finding in self.network.findings:
            blocks_met = {home[cause][0] for cause in finding.causes}
            block = self.slot[finding.contexts[0]][1] if finding.contexts else min(blocks_met)
            if len(finding.causes) == 1:
                block, position = home[finding.causes[0]]
                table = self.components[block].finding_factor(self.network, finding)
                self.slot[finding.id] = (Kind.SINGLE, block, position, table)
            elif finding.contexts and blocks_met == {block}:
                table = self.components[block].inner_factor(self.network, finding)
                self.slot[finding.id] = (Kind.INNER, block, 0, table)
            else:
                self.several[finding.id] = self._several(finding, block, rows)
                self.slot[finding.id] = (Kind.SEVERAL, block, 0, nothing)
        self.rows: Array = np.array(rows) if rows else np.ones((0, len(self.codes)))

    def _several(self, finding: Finding, block: int, rows: list[Array]) -> Several:
        """Append the rows of a finding, (context configuration, state) each over S, and say where they are."""
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        cards = [self.network.cardinality[context] for context in finding.contexts]
        offset, states = len(rows), len(finding.states)
        table = finding.table()[tuple(column[cause] for cause in finding.causes)]
        rows.extend(table.reshape(len(self.codes), -1).T)
        strides = tuple(states * int(np.prod(cards[position + 1 :], dtype=int)) for position in range(len(cards)))
        if not finding.contexts:
            return Several(offset, states, (), (), block, -1, np.zeros(0))
        background = finding.background.reshape(-1, states)[:, 0]
        floor = background[self.components[block].configuration(self.network, finding.contexts)]
        rows.append(np.multiply.reduce([finding.links[cause][column[cause], 0] for cause in finding.causes], axis=0))
        return Several(offset, states, finding.contexts, strides, block, len(rows) - 1, floor)

    def _index_outputs(self) -> None:
        """Columns of what is read off the weights: the cause states in the network's order, then shares."""
        order = [self.causes.index(cause.id) for cause in self.network.causes]
        states = [self.codes[:, position] == state for position in order
                  for state in range(self.network.cardinality[self.causes[position]])]  # fmt: skip
        self.state_indicator: Array = np.stack(states, axis=1).astype(float)  # (S, all cause states)
        acting = self.codes[:, order] > 0
        self.acting: Array = acting.astype(float)  # (S, causes)
        self.share_of: Array = acting / np.maximum(self.size, 1)[:, None]
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        self.mechanism_rows: dict[str, Array] = {
            node.id: node.table()[(*(column[cause] for cause in node.causes), 1)] for node in self.network.mechanisms
        }  # P(present | causes), shape (S,)

    def solve(self, hard: Hard, soft: Soft = NOTHING) -> Solution:
        """Return the posterior weights of every cause configuration.

        hard : node -> state index;  soft : node -> likelihood of each state.
        Cost: one product of S numbers a finding, times 2 for each context that a present finding opens.
        """
        entered = Entered()
        for node, state in hard.items():
            self._enter(entered, node, state)
        for node, likelihood in soft.items():
            self._enter(entered, node, likelihood)
        opened = self._opened(entered.opening, hard)
        common = self.selection
        if entered.rows:
            common = common * np.multiply.reduce(self.rows[entered.rows], axis=0)
        for several, likelihood in entered.mixed:
            common = common * (np.asarray(likelihood) @ self.rows[several.offset : several.offset + several.states])
        weights = self._join(entered, opened) * common
        for several, state in entered.opening:
            weights = weights * self._opened_rows(several, state, hard, opened)
        summed = weights.sum(0) if len(weights) > 1 else weights[0]
        return Solution(summed, float(summed.sum()))

    def _enter(self, entered: Entered, node: str, state: State) -> None:
        """Put one entry where its factor belongs."""
        kind, block, cause, table = self.slot[node]
        if kind is Kind.SEVERAL:
            several = self.several[node]
            if not several.contexts:
                if isinstance(state, tuple):
                    entered.mixed.append((several, state))
                else:
                    entered.rows.append(several.offset + state)
            elif state == 0:
                entered.multiply(entered.priors, block, several.floor)
                entered.rows.append(several.bare)
            else:
                entered.opening.append((several, state))
        else:
            where = entered.places[kind]
            entered.multiply(where, block if kind in (Kind.JOINT, Kind.INNER) else (block, cause), _pick(table, state))

    def _opened(self, opening: list[tuple[Several, State]], hard: Hard) -> list[tuple[str, ...]]:
        """Return, for each block, the unanswered contexts that a finding of several causes depends on."""
        wanted = {context for several, _ in opening for context in several.contexts if context not in hard}
        return [tuple(context for context in component.joint if context in wanted) for component in self.components]

    def _join(self, entered: Entered, opened: list[tuple[str, ...]]) -> Array:
        """Return the outer product of the blocks, shape (opened configurations, S)."""
        touched = {block for block, _ in (*entered.local, *entered.factors)} | {*entered.priors, *entered.inner}
        weights = np.ones((1, 1))
        for block, component in enumerate(self.components):
            if block not in touched and not opened[block]:
                part = component.default
            else:
                tables = []
                for cause, table in enumerate(component.unobserved):
                    if (block, cause) in entered.local:
                        table = entered.local[block, cause] @ component.factors[cause]
                    if (block, cause) in entered.factors:
                        table = table * entered.factors[block, cause]
                    tables.append(table)
                prior = component.prior * entered.priors[block] if block in entered.priors else component.prior
                part = component.join(prior, tables, opened[block], entered.inner.get(block))
            weights = (weights[:, None, :, None] * part[None, :, None, :]).reshape(
                len(weights) * len(part), weights.shape[1] * part.shape[1]
            )
        return weights

    def _opened_rows(self, several: Several, state: State, hard: Hard, opened: list[tuple[str, ...]]) -> Array:
        """Return the likelihood of one finding in every opened configuration, shape (configurations, S)."""
        contexts = [context for block in opened for context in block]
        codes = grid([self.network.cardinality[context] for context in contexts])
        row: NDArray[np.intp] = np.full(len(codes), several.offset)
        for context, stride in zip(several.contexts, several.strides, strict=True):
            row = row + stride * (hard[context] if context in hard else codes[:, contexts.index(context)])
        if isinstance(state, tuple):
            return np.einsum("k,ckS->cS", np.asarray(state), self.rows[row[:, None] + np.arange(several.states)])
        return self.rows[row + state]

    def predict(self, node: str, hard: Hard, soft: Soft, solution: Solution) -> Array:
        """Return P(state of an unobserved context or finding | evidence), shape (states,)."""
        several = self.several.get(node)
        if several is not None and not several.contexts:
            joint = self.rows[several.offset : several.offset + several.states] @ solution.weights
        else:
            card = self.network.cardinality[node]
            joint = np.array([self.solve({**hard, node: state}, soft).total for state in range(card)])
        return joint / solution.total

    def clash(self, hard: Hard, soft: Soft = NOTHING) -> tuple[str, ...]:
        """Return a smallest set of entries that cannot all be true: none can be left out."""
        kept = [*hard, *soft]
        for node in list(kept):
            rest = [other for other in kept if other != node]
            if self.solve(_only(hard, rest), _only(soft, rest)).total <= 0:
                kept = rest
        return tuple(kept)

    def possible(self, hard: Hard, soft: Soft = NOTHING) -> Solution:
        """Return :meth:`solve`, or raise ImpossibleEvidence naming the entries that clash."""
        solution = self.solve(hard, soft)
        if solution.total > 0:
            return solution
        clash = self.clash(hard, soft)
        entered = ", ".join(
            f"{node}={self.network.by_id[node].states[hard[node]]}" if node in hard else f"{node} (likelihood)"
            for node in clash
        )
        raise ImpossibleEvidence(
            f"Evidence: expected findings that can occur together with a low count, got {entered}, which cannot; "
            "take at least one of them back (some cause must be acting).",
            clash,
        )


def _pick(table: Array, state: State) -> Array:
    """Return the slice of one state, or the mixture that a likelihood asks for, along the first axis."""
    return np.tensordot(np.asarray(state), table, 1) if isinstance(state, tuple) else table[state]


def _only(entries: Mapping, kept: list[str]) -> dict:
    return {node: state for node, state in entries.items() if node in kept}
