"""The sums of one stratum: every configuration of the causes, weighed over the contexts. numpy only.

The posterior weight of a configuration s of the causes is

    w(s) = P(low count | s) * sum_x P(x) L(x) prod_c P(s_c | x) L_c(s_c) * prod_f L_f(s, x)

with x the contexts and L the likelihood of what was entered. Most of it factorises (``blocks``): the sum over x is
done block by block, and only a finding with several causes whose background depends on an unanswered context keeps that
context apart ("opens" it). A finding in its lowest state never does: its likelihood is a product.

>>> from model.network.toy import toy
>>> stratum = Stratum(toy())  # 9 of 100 adults have the second cause alone, 9 the first, 1 both
>>> stratum.weights({}).round(2), stratum.weights({"sign": 1}).round(2)
(array([0.  , 0.09, 0.09, 0.01]), array([0.  , 0.  , 0.09, 0.01]))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.inference.blocks import Block, blocks
from model.inference.slots import Kind, Layout, Several, State
from model.network import Array, Network, grid
from model.network.context_grid import joint_contexts

Hard = Mapping[str, int]
Soft = Mapping[str, tuple[float, ...]]
NOTHING: Mapping[str, Any] = {}
KEPT_PARTS = 512  # sums of one block kept, 10 kB each at most, in each stratum


@dataclass(frozen=True, slots=True)
class _Entered:
    """Evidence, sorted: a factor over all, rows and entries of each block, findings that open contexts, those."""

    common: Array
    rows: tuple[list[int], ...]
    of_block: tuple[list[tuple[str, State]], ...]
    opening: list[tuple[Several, State]]
    opened: list[tuple[str, ...]]


class Stratum:
    """A compiled network. Immutable after construction but for caches that hold no patient; safe to share."""

    def __init__(self, network: Network):
        self.network = network
        joint = joint_contexts(
            {context.id: context.parents for context in network.contexts},
            {cause.id: cause.contexts for cause in network.causes},
            [(finding.causes, finding.contexts) for finding in network.findings]
            + [((pair.first, pair.second), pair.contexts) for pair in network.pairs],  # no cause has them to itself
        )
        self.blocks = [Block(network, *each) for each in blocks(network, joint)]
        self.causes = tuple(cause for block in self.blocks for cause in block.causes)
        self.codes = grid([network.cardinality[cause] for cause in self.causes])  # (S, causes)
        self.size = (self.codes > 0).sum(1)
        self.selection = network.selection[self.size]
        layout = Layout(network, self.blocks, self.causes, self.codes)
        self.slot, self.several, self.plain, self.rows = layout.slot, layout.several, layout.plain, layout.rows
        self.placed, self.bare, self.block_rows = layout.placed, layout.bare, layout.block_rows
        self._parts: dict[tuple[int, frozenset[tuple[str, State]], tuple[str, ...]], Array] = {}
        self.nothing_opened: list[tuple[str, ...]] = [() for _ in self.blocks]

    def weights(self, hard: Hard, soft: Soft = NOTHING) -> Array:
        """Return P(s, evidence, low count) of every configuration of the causes, shape (S,).

        hard : node -> state index;  soft : node -> likelihood of each state.
        Cost: one product of S numbers a finding that is present, times 2 for each context that it opens.
        """
        by_opened, _ = self.by_opened(hard, soft)
        return by_opened.sum(0) if len(by_opened) > 1 else by_opened[0]

    def by_opened(self, hard: Hard, soft: Soft = NOTHING) -> tuple[Array, list[str]]:
        """Return (:meth:`weights` for each configuration of the opened contexts, the last fastest; those contexts)."""
        entered = self._sorted(hard, soft)
        parts = [self._part(number, entered) for number in range(len(self.blocks))]
        return self._joined(parts, entered, hard), [context for block in entered.opened for context in block]

    def results(self, tests: Sequence[str], hard: Hard, soft: Soft = NOTHING) -> Array:
        """Return P(joint result of some unanswered nodes, s, evidence, low count), the last node's state fastest.

        returns : shape (results, S)
        Cost: for nodes of one block, the sums of that block for each result; else one pass for each result.
        """
        codes = grid([self.network.cardinality[test] for test in tests]).tolist()
        results: list[list[tuple[str, State]]] = [list(zip(tests, code, strict=True)) for code in codes]
        kinds, numbers = zip(*(self.slot[test][:2] for test in tests), strict=True)
        if Kind.SEVERAL in kinds or len(set(numbers)) > 1:
            return np.array([self.weights({**hard, **dict(result)}, soft) for result in results])  # type: ignore[arg-type]
        entered, number = self._sorted(hard, soft), numbers[0]
        parts = [self._part(other, entered) for other in range(len(self.blocks))]
        states, opened = [part.shape[1] for part in parts], [len(part) for part in parts]
        within = grid(states)[:, number]  # the block's configuration in each of the S
        opened_within = grid(opened)[:, number]
        own = [self._part(number, entered, result) for result in results]
        parts[number] = np.ones_like(parts[number])
        rest = self._joined(parts, entered, hard)
        return np.array([(rest * part[opened_within][:, within]).sum(0) for part in own])

    def _sorted(self, hard: Hard, soft: Soft) -> _Entered:
        """Return what was entered, each entry where its factor belongs."""
        rows: list[int] = []
        of_block: tuple[list[int], ...] = tuple([] for _ in self.blocks)
        entries: tuple[list[tuple[str, State]], ...] = tuple([] for _ in self.blocks)
        opening: list[tuple[Several, State]] = []
        common = self.selection
        for node, state in hard.items():
            placed = self.placed.get(node)
            if placed is None:
                self._enter(entries, of_block, opening, node, state)
            elif placed[state].whole >= 0:
                rows.append(placed[state].whole)
            else:
                for number, row in placed[state].of_block:
                    of_block[number].append(row)
        for node, likelihood in soft.items():
            plain = self.plain.get(node)
            if plain is not None:
                common = common * (np.asarray(likelihood) @ self.rows[plain : plain + len(likelihood)])
            else:
                self._enter(entries, of_block, opening, node, likelihood)
        if rows:
            common = common * np.multiply.reduce(self.rows.take(rows, axis=0), axis=0)
        opened = self._opened(opening, hard) if opening else self.nothing_opened
        return _Entered(common, of_block, entries, opening, opened)

    def _joined(self, parts: list[Array], entered: _Entered, hard: Hard) -> Array:
        """Return the weights of all blocks together, shape (opened configurations, S)."""
        weights = _outer(parts) * entered.common
        for several, state in entered.opening:
            weights = weights * self._opened_rows(several, state, hard, entered.opened)
        return weights

    def _enter(
        self,
        entries: tuple[list[tuple[str, State]], ...],
        of_block: tuple[list[int], ...],
        opening: list[tuple[Several, State]],
        node: str,
        state: State,
    ) -> None:
        """Put an entry that contexts bear on where its factor belongs."""
        kind, number, _, _ = self.slot[node]
        if kind is not Kind.SEVERAL:
            entries[number].append((node, state))
        elif state == 0:
            for number in self.several[node].floors:
                entries[number].append((node, state))
            for number, row in self.bare[node].of_block:
                of_block[number].append(row)
        else:
            opening.append((self.several[node], state))

    def _part(self, number: int, entered: _Entered, more: Sequence[tuple[str, State]] = ()) -> Array:
        """Return the weights of one block, shape (opened configurations, configurations of its causes).

        more : further entries of this block
        """
        part = self._kept(number, [*entered.of_block[number], *more], entered.opened[number])
        rows = entered.rows[number]
        return part * np.multiply.reduce(self.block_rows[number].take(rows, axis=0), axis=0) if rows else part

    def _kept(self, number: int, entries: list[tuple[str, State]], opened: tuple[str, ...]) -> Array:
        """Return what the contexts of a block add up to; its shape as of :meth:`_part`.

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
        local: dict[int, Array] = {}  # (L, 1) or (L, K) a cause
        factors: dict[int, Array] = {}
        for node, state in entries:
            kind, _, cause, table = self.slot[node]
            if kind is Kind.JOINT:
                prior = prior * _pick(table, state)
            elif kind is Kind.SEVERAL:
                prior = prior * self.several[node].floors[number]
            elif kind is Kind.INNER:
                factor = _pick(table, state)
                inner = factor if inner is None else inner * factor
            elif kind in (Kind.LOCAL, Kind.OWN):
                factor = _pick(table, state)
                factor = factor[:, None] if kind is Kind.LOCAL else factor
                local[cause] = local[cause] * factor if cause in local else factor
            else:
                factor = _pick(table, state)
                factors[cause] = factors[cause] * factor if cause in factors else factor
        tables = []
        for cause, table in enumerate(block.unobserved):
            if cause in local:
                table = (block.factors[cause] * local[cause]).sum(1)
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
