"""The exact engine: every configuration of the causes, summed over the contexts. numpy only.

The posterior weight of a configuration s of the causes is

    w(s) = P(low count | s) * sum_x P(x) L(x) prod_c P(s_c | x) L_c(s_c) * prod_f L_f(s, x)

with x the contexts and L the likelihood of what was entered. Most of it factorises (``blocks``): the sum over x is
done block by block, and only a finding with several causes whose background depends on an unanswered context keeps that
context apart ("opens" it). A finding in its lowest state never does: its likelihood is a product.

Of the 19 adults in 100 of the toy network who have a low count, 10 have the first cause; without its sign nobody has:

>>> from model.network.toy import toy
>>> engine = Engine(toy())
>>> for entered in ({}, {"sign": 0}, {"sign": 1}):
...     solution = engine.solve(entered)
...     print(round(solution.total, 2), (solution.weights @ engine.acting / solution.total).round(3))
0.19 [0.526 0.526]
0.09 [0. 1.]
0.1 [1.  0.1]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ImpossibleEvidence
from model.inference.blocks import Block, blocks
from model.inference.slots import Kind, Layout, Several, State
from model.network import Array, Network, grid
from model.network.context_grid import joint_contexts

Hard = Mapping[str, int]
Soft = Mapping[str, tuple[float, ...]]
NOTHING: Mapping[str, Any] = {}
KEPT_PARTS = 4096  # sums of one block kept, 10 kB each at most


@dataclass(frozen=True, slots=True)
class Solution:
    """What one pass gives.

    weights : shape (S,), P(s, evidence, low count) of every configuration of the causes
    total   : P(evidence, low count), their sum
    """

    weights: Array
    total: float


@dataclass(frozen=True, slots=True)
class _Entered:
    """Evidence, sorted: factors over all configurations, entries of each block, findings that open contexts, those."""

    common: Array
    of_block: tuple[list[tuple[str, State]], ...]
    opening: list[tuple[Several, State]]
    opened: list[tuple[str, ...]]


class Engine:
    """A compiled network. Immutable after construction but for caches that hold no patient; safe to share."""

    def __init__(self, network: Network):
        self.network = network
        joint = joint_contexts(
            {context.id: context.parents for context in network.contexts},
            {cause.id: cause.contexts for cause in network.causes},
            [finding.contexts for finding in network.findings],
        )
        self.blocks = [Block(network, *each) for each in blocks(network, joint)]
        self.causes = tuple(cause for block in self.blocks for cause in block.causes)
        self.codes = grid([network.cardinality[cause] for cause in self.causes])  # (S, causes)
        self.size = (self.codes > 0).sum(1)
        self.selection = network.selection[self.size]
        layout = Layout(network, self.blocks, self.causes, self.codes)
        self.slot, self.several, self.plain, self.rows = layout.slot, layout.several, layout.plain, layout.rows
        self._index_outputs()
        self._parts: dict[tuple[int, frozenset[tuple[str, State]], tuple[str, ...]], Array] = {}
        self.nothing_opened: list[tuple[str, ...]] = [() for _ in self.blocks]
        self.no_evidence = self.solve({})

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
        entered = self._sorted(hard, soft)
        parts = [
            self._part(number, entered.of_block[number], entered.opened[number]) for number in range(len(self.blocks))
        ]
        weights = self._joined(parts, entered, hard)
        summed = weights.sum(0) if len(weights) > 1 else weights[0]
        return Solution(summed, float(summed.sum()))

    def conditional(self, tests: Sequence[str], hard: Hard, soft: Soft = NOTHING) -> Array:
        """Return P(joint result of some unanswered nodes | causes, evidence), the last node's state fastest.

        returns : shape (results, S); zero where evidence and causes are impossible together
        Cost: a look-up for a finding that no context bears on; for nodes of one block, the sums of that block for each
        result; else one pass for each result.
        """
        plain = self.plain.get(tests[0]) if len(tests) == 1 else None
        if plain is not None:
            return self.rows[plain : plain + self.network.cardinality[tests[0]]]
        codes = grid([self.network.cardinality[test] for test in tests]).tolist()
        results: list[list[tuple[str, State]]] = [list(zip(tests, code, strict=True)) for code in codes]
        kinds, numbers = zip(*(self.slot[test][:2] for test in tests), strict=True)
        if Kind.SEVERAL in kinds or len(set(numbers)) > 1:
            joint = np.array([self.solve({**hard, **dict(result)}, soft).weights for result in results])  # type: ignore[arg-type]
        else:
            entered, number = self._sorted(hard, soft), numbers[0]
            parts = [
                self._part(other, entered.of_block[other], entered.opened[other]) for other in range(len(self.blocks))
            ]
            states, opened = [part.shape[1] for part in parts], [len(part) for part in parts]
            within = grid(states)[:, number]  # the block's configuration in each of the S
            opened_within = grid(opened)[:, number]
            parts[number] = np.ones_like(parts[number])
            rest = self._joined(parts, entered, hard)
            own = [
                self._part(number, [*entered.of_block[number], *result], entered.opened[number]) for result in results
            ]
            joint = np.array([(rest * part[opened_within][:, within]).sum(0) for part in own])
        total = joint.sum(0)
        return np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)

    def _sorted(self, hard: Hard, soft: Soft) -> _Entered:
        """Return what was entered, each entry where its factor belongs."""
        rows: list[int] = []
        entries: tuple[list[tuple[str, State]], ...] = tuple([] for _ in self.blocks)
        opening: list[tuple[Several, State]] = []
        common = self.selection
        for node, state in hard.items():
            plain = self.plain.get(node)
            if plain is not None:
                rows.append(plain + state)
            else:
                self._enter(entries, rows, opening, node, state)
        for node, likelihood in soft.items():
            plain = self.plain.get(node)
            if plain is not None:
                common = common * (np.asarray(likelihood) @ self.rows[plain : plain + len(likelihood)])
            else:
                self._enter(entries, rows, opening, node, likelihood)
        if rows:
            common = common * np.multiply.reduce(self.rows.take(rows, axis=0), axis=0)
        opened = self._opened(opening, hard) if opening else self.nothing_opened
        return _Entered(common, entries, opening, opened)

    def _joined(self, parts: list[Array], entered: _Entered, hard: Hard) -> Array:
        """Return the weights of all blocks together, shape (opened configurations, S)."""
        weights = _outer(parts) * entered.common
        for several, state in entered.opening:
            weights = weights * self._opened_rows(several, state, hard, entered.opened)
        return weights

    def _enter(
        self,
        entries: tuple[list[tuple[str, State]], ...],
        rows: list[int],
        opening: list[tuple[Several, State]],
        node: str,
        state: State,
    ) -> None:
        """Put an entry that contexts bear on where its factor belongs."""
        kind, number, _, _ = self.slot[node]
        if kind is not Kind.SEVERAL:
            entries[number].append((node, state))
        elif state == 0:
            entries[number].append((node, state))
            rows.append(self.several[node].bare)
        else:
            opening.append((self.several[node], state))

    def _part(self, number: int, entries: list[tuple[str, State]], opened: tuple[str, ...]) -> Array:
        """Return the weights of one block, shape (opened configurations, configurations of its causes).

        Blocks meet few patterns of contexts, so their sums are kept; a pattern names states, never a patient.
        """
        if not entries and not opened:
            return self.blocks[number].default
        key = (number, frozenset(entries), opened)
        part = self._parts.get(key)
        if part is None:
            part = self._summed(number, entries, opened)
            if all(isinstance(state, int) for _, state in entries):
                if len(self._parts) >= KEPT_PARTS:
                    self._parts.clear()
                self._parts[key] = part
        return part

    def _summed(self, number: int, entries: list[tuple[str, State]], opened: tuple[str, ...]) -> Array:
        block = self.blocks[number]
        prior, inner = block.prior, None
        local: dict[int, Array] = {}
        factors: dict[int, Array] = {}
        for node, state in entries:
            kind, _, cause, table = self.slot[node]
            if kind is Kind.JOINT:
                prior = prior * _pick(table, state)
            elif kind is Kind.SEVERAL:
                prior = prior * self.several[node].floor
            elif kind is Kind.INNER:
                factor = _pick(table, state)
                inner = factor if inner is None else inner * factor
            else:
                place = local if kind is Kind.LOCAL else factors
                factor = _pick(table, state)
                place[cause] = place[cause] * factor if cause in place else factor
        tables = []
        for cause, table in enumerate(block.unobserved):
            if cause in local:
                table = local[cause] @ block.factors[cause]
            tables.append(table * factors[cause] if cause in factors else table)
        return block.join(prior, tables, opened, inner)

    def _opened(self, opening: list[tuple[Several, State]], hard: Hard) -> list[tuple[str, ...]]:
        """Return, for each block, the unanswered contexts that a finding of several causes depends on."""
        wanted = {context for several, _ in opening for context in several.contexts if context not in hard}
        return [tuple(context for context in block.joint if context in wanted) for block in self.blocks]

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
        card = self.network.cardinality[node]
        plain = self.plain.get(node)
        if plain is not None:
            joint = self.rows[plain : plain + card] @ solution.weights
        else:
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


def _outer(parts: list[Array]) -> Array:
    """Return the outer product of the blocks, shape (opened configurations, S)."""
    weights = parts[0]
    for part in parts[1:]:
        if len(weights) == 1 and len(part) == 1:  # nothing opened: the common case, and the quicker product
            weights = (weights.T * part).reshape(1, -1)
        else:
            product = weights[:, None, :, None] * part[None, :, None, :]
            weights = product.reshape(len(weights) * len(part), -1)
    return weights


def _pick(table: Array, state: State) -> Array:
    """Return the slice of one state, or the mixture that a likelihood asks for, along the first axis."""
    return np.tensordot(np.asarray(state), table, 1) if isinstance(state, tuple) else table[state]


def _only(entries: Mapping, kept: list[str]) -> dict:
    return {node: state for node, state in entries.items() if node in kept}
