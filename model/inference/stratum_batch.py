"""Many patients of one stratum, exactly: the sums of ``stratum`` done once per pattern of entries, not once per row.

Three things make a row cheap. A finding in its lowest state is a product over causes, so it never touches the S
configurations. Blocks and findings are worked out per distinct pattern. And with two *sides*, groups of blocks with
configurations b and a, the weights B(b) A(a) U(b, a) need no outer product: every marginal follows from U A and B U.

>>> from model.network.toy import toy
>>> sums = StratumBatch(Stratum(toy())).sums_of({"sign": Column(np.array([UNOBSERVED, 0, 1]))}, 3)
>>> sums.round(2).tolist()  # nothing entered, sign absent, sign present: P(low count), with the first, with the second
[[0.19, 0.1, 0.1], [0.09, 0.0, 0.09], [0.1, 0.1, 0.01]]
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from model.inference.batch_tables import Above, BatchTables, Place
from model.inference.columns import UNOBSERVED, Column, Columns
from model.inference.patterns import Codes, Patterns, by_frequency, distinct, merged, ones, product, tabled, times
from model.inference.stratum import Stratum
from model.network import Array, grid

CHUNK = 1 << 14  # rows at once, each counted as often as the contexts it opens split it
SLAB = 1 << 17  # numbers (1 MB) of U at once, so that they stay in the cache
PLAIN = 1 << 18  # multiplications of one matrix product; OpenBLAS starts threads above, which stall on a busy machine


class StratumBatch:
    """Scores columns of coded entries with the tables of a :class:`~model.inference.stratum.Stratum`; safe to share."""

    def __init__(self, stratum: Stratum):
        self.network = stratum.network
        self.tables = BatchTables(stratum)
        acting = [(codes > 0).astype(float) for codes in self.tables.codes_of]
        self.sums = np.column_stack([np.ones(len(acting[0])), acting[0]]), acting[1]
        order = ["", *self.tables.causes_of[0], *self.tables.causes_of[1]]
        self.output = [0, *(order.index(cause.id) for cause in self.network.causes)]

    def sums_of(self, columns: Columns, count: int) -> Array:
        """Return P(row, low count), then P(row, low count, cause acting) of each cause, (count, 1 + causes).

        Causes are in the network's order. Cost: linear in the rows; memory beyond input and output is one chunk's.
        """
        masks, contexts = self._opened(columns, count)
        shares = np.ones(1 << len(contexts), np.intp)  # opened contexts, as bits -> their configurations
        for bit, context in enumerate(contexts):
            shares[np.arange(len(shares)) >> bit & 1 == 1] *= self.network.cardinality[context]
        ends = np.cumsum(shares[masks])
        sums = np.zeros((count, 1 + len(self.network.causes)))
        start = 0
        while start < count:
            done = ends[start - 1] if start else 0
            stop = max(int(np.searchsorted(ends, done + CHUNK, side="right")), start + 1)
            rows = slice(start, stop)
            chunk = {node: column.part(rows) for node, column in columns.items()}
            sums[rows] = self._chunk(chunk, masks[rows], contexts)
            start = stop
        return sums[:, self.output]

    def _opened(self, columns: Columns, count: int) -> tuple[Codes, list[str]]:
        """Return (per row the contexts it opens, as bits; the contexts that any row opens)."""
        needed: dict[str, NDArray[np.bool_]] = {}
        for node, above in self.tables.above.items():
            for context in above.contexts if node in columns else ():
                asks = columns[node].codes > 0
                if context in columns:
                    asks &= ~columns[context].answered(self.network.cardinality[context])
                needed[context] = needed.get(context, False) | asks
        contexts = [context for context, asks in needed.items() if asks.any()]
        masks = np.zeros(count, np.intp)
        for bit, context in enumerate(contexts):
            masks |= needed[context].astype(np.intp) << bit
        return masks, contexts

    def _chunk(self, columns: Columns, masks: Codes, contexts: list[str]) -> Array:
        """Return the sums of weights of each row: all of them, then those with each cause acting, side by side.

        A row that opens contexts is split into one row for each of their configurations.
        """
        cards = np.array([self.network.cardinality[context] for context in contexts], np.intp)
        parents, answers, firsts, owners, start = [], [], [], [], 0
        for mask in np.unique(masks):
            rows, opened = np.flatnonzero(masks == mask), mask >> np.arange(len(contexts)) & 1 == 1
            codes = np.full((prod(cards[opened].tolist()), len(contexts)), UNOBSERVED)
            codes[:, opened] = grid(cards[opened].tolist())
            owners.append(rows)
            parents.append(np.repeat(rows, len(codes)))
            answers.append(np.tile(codes, (len(rows), 1)))
            firsts.append(start + len(codes) * np.arange(len(rows)))
            start += len(codes) * len(rows)
        parent, answer = np.concatenate(parents), np.concatenate(answers)
        split = {node: column.part(parent) for node, column in columns.items()}
        weight = np.ones(len(parent))
        for position, context in enumerate(contexts):
            opened, column = answer[:, position] >= 0, split.get(context, Column(answer[:, position]))
            soft = opened & (column.codes >= cards[position])
            weight[soft] *= column.levels(cards[position])[column.codes[soft] + 1, answer[soft, position]]
            split[context] = Column(np.where(opened, answer[:, position], column.codes), column.soft)
        sums = self._weigh(split, len(parent)) * weight[:, None]
        found = np.empty((len(masks), sums.shape[1]))
        found[np.concatenate(owners)] = np.add.reduceat(sums, np.concatenate(firsts))
        return found

    def _weigh(self, columns: Columns, count: int) -> Array:
        """Return the sums of weights of rows that open no context."""
        factors = self._factors(columns)
        first, second = self._couplings(columns, count)
        pairs, codes = distinct(first.codes * len(second.table) + second.codes, len(first.table) * len(second.table))
        widths = [len(codes) for codes in self.tables.codes_of]
        order, slices = by_frequency(codes, len(pairs), max(PLAIN // prod(widths), 1))
        sides = []
        for side, blocks in enumerate(self.tables.blocks_of):
            parts = [self._block(number, factors, count) for number in blocks]
            whole = merged([*factors.get(("side", side), ()), *parts]) or [ones(count, 1)]
            sides.append([factor.part(order) for factor in whole])
        sums = np.empty((count, 1 + len(self.network.causes)))
        most = PLAIN // (max(widths) * sums.shape[1])
        for rows, patterns in slices:
            each = (rows.stop - rows.start) // len(patterns)
            step = max(min(SLAB // prod(widths), most // each), 1)
            for start in range(0, len(patterns), step):
                some = pairs[patterns[start : start + step]]
                u = first.table[some // len(second.table)]
                u *= second.table[some % len(second.table)]
                here = slice(rows.start + start * each, rows.start + (start + len(some)) * each)
                b, a = (_multiplied(side, here) for side in sides)
                sums[order[here]] = self._contract(u.reshape(len(some), *widths), b, a)
        return sums

    def _contract(self, u: Array, b: Array, a: Array) -> Array:
        """Return the sums of b(row) a(row) u(pattern) over all configurations; every pattern has equally many rows."""
        over_a = (a.reshape(len(u), -1, a.shape[1]) @ u.transpose(0, 2, 1)).reshape(b.shape)
        over_b = (b.reshape(len(u), -1, b.shape[1]) @ u).reshape(a.shape)
        return np.concatenate([(over_a * b) @ self.sums[0], (over_b * a) @ self.sums[1]], axis=1)

    def _factors(self, columns: Columns) -> dict[Place, list[Patterns]]:
        """Return the factors that entries make, by the place they multiply."""
        factors: dict[Place, list[Patterns]] = {}
        for node, column in columns.items():
            for place, table in self.tables.linear.get(node, ()):
                factors.setdefault(place, []).append(_linear(column, table))
            for place, table in self.tables.lowest.get(node, ()):
                both = np.stack([np.ones(len(table)), table])
                factors.setdefault(place, []).append(Patterns((column.codes == 0).astype(np.intp), both))
        return factors

    def _block(self, number: int, factors: dict[Place, list[Patterns]], count: int) -> Patterns:
        """Return what the joint contexts of one block add up to, over its side."""
        block, halves = self.tables.blocks[number], self.tables.halves[number]
        own = {half.place: [*factors.get(half.place, ())] for half in halves}
        always = {half.place: half.always for half in halves}
        for position, cause in enumerate(block.causes):
            half = self.tables.half_of(number, cause)
            local = factors.get(self.tables.local.get(cause, ("", 0)))
            if local:
                factor = block.factors[position]  # (J, L, K)
                seen = product(local, factor[0].size, count)
                table = np.einsum("plk,jlk->pjk", seen.table.reshape(-1, *factor.shape[1:]), factor)
                own[half.place].append(Patterns(seen.codes, half.spread(cause, table)))
            else:
                always[half.place] = always[half.place] * half.spread(cause, block.unobserved[position])
        joint = len(block.prior)
        left, right = (product(own[half.place], joint * len(half.codes), count) for half in halves)
        lefts = (left.table * always[halves[0].place]).reshape(len(left.table), -1, joint)
        rights = (right.table * always[halves[1].place]).reshape(len(right.table), joint, -1)
        pairs, codes = distinct(left.codes * len(rights) + right.codes, len(lefts) * len(rights))
        joined = np.empty((len(pairs), lefts.shape[1], rights.shape[2]))
        most = max(PLAIN // (joint * lefts.shape[1] * rights.shape[2]), 1)
        order, slices = by_frequency(pairs % len(rights), len(rights), most)
        for rows, patterns in slices:
            some = lefts[pairs[order[rows]] // len(rights)].reshape(len(patterns), -1, joint) @ rights[patterns]
            joined[order[rows]] = some.reshape(-1, *joined.shape[1:])
        return Patterns(codes, joined.reshape(len(pairs), -1)[:, self.tables.block_index[number]])

    def _couplings(self, columns: Columns, count: int) -> tuple[Patterns, Patterns]:
        """Return two factors whose product is the selection times the findings above their lowest state, over S."""
        found = [Patterns(np.zeros(count, np.intp), self.tables.selection[None])]
        for node, above in self.tables.above.items():
            if node in columns and (columns[node].codes > 0).any():
                found.append(_above(columns, node, above))
        found = merged(found)
        while len(found) > 2:
            found = [times(found[0], found[1]), *found[2:]]
        return found[0], found[1] if len(found) > 1 else ones(count, 1)


def _multiplied(factors: list[Patterns], rows: slice) -> Array:
    """Return the product of the factors of these rows, (rows, width)."""
    result = factors[0].table[factors[0].codes[rows]]
    for factor in factors[1:]:
        result *= factor.table[factor.codes[rows]]
    return result


def _linear(column: Column, table: Array) -> Patterns:
    """Return the factor of a column whose likelihoods weigh the rows of `table`, (states, width)."""
    levels = column.levels(len(table))
    return tabled(column.codes + 1, len(levels), lambda keys: np.einsum("nk,kw->nw", levels[keys], table))


def _above(columns: Columns, node: str, above: Above) -> Patterns:
    """Return the factor of a finding where it stands above its lowest state, ones elsewhere."""
    column, (configurations, states, width) = columns[node], above.rows.shape
    levels = column.levels(states)[2:]  # those of code 1, 2 and so on
    configuration = np.zeros(len(column.codes), np.intp)
    for context, stride in above.contexts.items():
        if context in columns:  # answered, or opened, wherever the finding is above its lowest state
            configuration += stride * np.maximum(columns[context].codes, 0)
    keys = np.where(column.codes > 0, configuration * len(levels) + column.codes, 0)

    def table(keys: Codes) -> Array:
        rows = np.ones((len(keys), width))
        where, level = np.divmod(keys[keys > 0] - 1, len(levels))
        rows[keys > 0] = np.einsum("nk,nkS->nS", levels[level], above.rows[where])
        return rows

    return tabled(keys, 1 + configurations * len(levels), table)
