"""A stratum rearranged for many patients: every factor as a table over the configurations that it touches.

The blocks form two *sides*, with the fewest configurations together. In a block the causes are *left* or *right*: right
are those of findings inside the block and those with little evidence of their own, so that right patterns repeat.

>>> from model.network.toy import toy
>>> tables = BatchTables(Stratum(toy()))
>>> tables.causes_of  # one block only, so one side is empty
((), ('first', 'second'))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from model.inference.patterns import Codes
from model.inference.slots import Kind
from model.inference.stratum import Stratum
from model.network import Array, Finding, grid

Place = tuple[str, int]  # ("side", number), ("left", block), ("right", block) or ("local", cause number)
LEFT_FROM = 2  # a cause with this many entries of its own that depend on contexts stands left


@dataclass(frozen=True)
class Half:
    """Left or right causes of a block, J its joint contexts.

    codes : (product of K, causes), their configurations;  prior : (J,), ones on the right
    """

    place: Place
    causes: tuple[str, ...]
    codes: Codes
    prior: Array

    @property
    def always(self) -> Array:
        """What stands here whatever is entered, flat."""
        return self.flat(np.repeat(self.prior[:, None], len(self.codes), 1))

    def spread(self, cause: str, table: Array) -> Array:
        """Return (..., J, K) of one cause over this half: (..., K, J) flat on the left, (..., J, K) on the right."""
        return self.flat(table[..., self.codes[:, self.causes.index(cause)]])

    def flat(self, table: Array) -> Array:
        """Return (..., J, product of K) in the layout of this half, flat."""
        table = table if self.place[0] == "right" else np.swapaxes(table, -1, -2)
        return np.ascontiguousarray(table).reshape(*table.shape[:-2], -1)


@dataclass(frozen=True)
class Above:
    """A finding that couples both sides, or opens contexts, when it is above its lowest state.

    rows : (context configurations, states, S);  contexts : context -> what one of its states adds to the configuration
    """

    rows: Array
    contexts: dict[str, int]


class BatchTables:
    """The tables. `linear`: node -> where its states' factors go; `lowest`: the same for the lowest state alone."""

    def __init__(self, stratum: Stratum):
        self.network, self.blocks = stratum.network, stratum.blocks
        self.own = _own_entries(stratum)
        self.halves = [self._halves(number) for number in range(len(self.blocks))]
        arranged = [left.causes + right.causes for left, right in self.halves]
        sizes = [prod(block.cards) for block in self.blocks]
        cut = min(range(len(sizes) + 1), key=lambda k: prod(sizes[:k]) + prod(sizes[k:]))
        self.blocks_of = (tuple(range(cut)), tuple(range(cut, len(sizes))))
        self.causes_of = tuple(tuple(cause for number in side for cause in arranged[number]) for side in self.blocks_of)
        self.codes_of = tuple(grid([self.network.cardinality[cause] for cause in side]) for side in self.causes_of)
        self.side_of = {cause: side for side, causes in enumerate(self.causes_of) for cause in causes}
        # for each block, which of its configurations each configuration of its side holds
        self.block_index = {
            number: self._index(arranged[number], self.causes_of[side], self.codes_of[side])
            for side, members in enumerate(self.blocks_of) for number in members
        }  # fmt: skip
        order = self.causes_of[0] + self.causes_of[1]
        self.permutation = self._index(
            stratum.causes, order, grid([self.network.cardinality[cause] for cause in order])
        )
        self.selection = stratum.selection[self.permutation]
        self.local: dict[str, Place] = {}  # cause -> where the evidence on its local contexts is collected
        self.linear: dict[str, list[tuple[Place, Array]]] = {}
        self.lowest: dict[str, list[tuple[Place, Array]]] = {}
        self.above: dict[str, Above] = {}
        for node, (kind, number, position, table) in stratum.slot.items():
            self._place(stratum, node, kind, number, position, table)

    def _halves(self, number: int) -> tuple[Half, Half]:
        block = self.blocks[number]
        tied = {
            cause for finding in self.network.findings for cause in finding.causes
            if finding.contexts and len(finding.causes) > 1 and set(finding.causes) <= set(block.causes)
        }  # fmt: skip
        right = tuple(cause for cause in block.causes if cause in tied or self.own.get(cause, 0) < LEFT_FROM)
        left = tuple(cause for cause in block.causes if cause not in right)
        card = self.network.cardinality
        return (
            Half(("left", number), left, grid([card[cause] for cause in left]), block.prior),
            Half(("right", number), right, grid([card[cause] for cause in right]), np.ones_like(block.prior)),
        )

    def _index(self, of: Sequence[str], causes: Sequence[str], codes: Codes) -> Codes:
        """Return, for configurations `codes` of `causes`, the index of the configuration of `of`."""
        index = np.zeros(len(codes), np.intp)
        for cause in of:
            index = index * self.network.cardinality[cause] + codes[:, causes.index(cause)]
        return index

    def half_of(self, number: int, cause: str) -> Half:
        """Return the half of its block in which a cause stands."""
        left, right = self.halves[number]
        return left if cause in left.causes else right

    def _place(self, stratum: Stratum, node: str, kind: Kind, number: int, position: int, table: Array) -> None:
        """Say where the factor of each state of a node goes."""
        block = self.blocks[number]
        if kind is Kind.JOINT:
            left = self.halves[number][0]
            self.linear[node] = [(left.place, left.flat(np.repeat(table[..., None], len(left.codes), -1)))]
        elif kind is Kind.LOCAL:
            place = self.local.setdefault(block.causes[position], ("local", len(self.local)))
            self.linear[node] = [(place, np.repeat(table, block.cards[position], axis=1))]
        elif kind is Kind.OWN:
            place = self.local.setdefault(block.causes[position], ("local", len(self.local)))
            self.linear[node] = [(place, table.reshape(len(table), -1))]
        elif kind is Kind.CAUSE:
            self.linear[node] = [self._on_side(node, table)]
        elif kind is Kind.SINGLE and not self._finding(node).contexts:
            self.linear[node] = [self._on_side(block.causes[position], table[:, 0])]
        elif kind is Kind.SINGLE:
            half = self.half_of(number, block.causes[position])
            self.linear[node] = [(half.place, half.spread(block.causes[position], table))]
        elif kind is Kind.INNER:
            self.linear[node] = [self._inner(number, self._finding(node))]
        else:
            self._several(stratum, self._finding(node))

    def _finding(self, node: str) -> Finding:
        pairs = {pair.id: pair for pair in self.network.pairs}
        return pairs[node] if node in pairs else self.network.finding(node)

    def _on_side(self, cause: str, table: Array) -> tuple[Place, Array]:
        """Return a table (states, K) of one cause over its side."""
        side = self.side_of[cause]
        return ("side", side), table[:, self.codes_of[side][:, self.causes_of[side].index(cause)]]

    def _inner(self, number: int, finding: Finding) -> tuple[Place, Array]:
        """Return P(state | causes, j) of a finding inside one block, over its right half."""
        half = self.halves[number][1]
        table = finding.table().reshape(
            *(self.network.cardinality[cause] for cause in finding.causes), -1, len(finding.states)
        )
        table = table[tuple(half.codes[:, half.causes.index(cause)] for cause in finding.causes)]
        table = table[:, self.blocks[number].configuration(self.network, finding.contexts)]
        return half.place, half.flat(np.moveaxis(table, (2, 1, 0), (0, 1, 2)))

    def _several(self, stratum: Stratum, finding: Finding) -> None:
        """Place a finding of several causes: on one side if it lies there, else split by its lowest state."""
        several = stratum.several[finding.id]
        configurations = prod(self.network.cardinality[context] for context in several.contexts)
        rows = stratum.rows[several.offset : several.offset + configurations * several.states, self.permutation]
        sides = {self.side_of[cause] for cause in finding.causes}
        widths = [len(codes) for codes in self.codes_of]
        if not finding.contexts and len(sides) == 1:
            (side,) = sides
            one = rows.reshape(several.states, *widths)[:, 0, :] if side else rows.reshape(-1, *widths)[:, :, 0]
            self.linear[finding.id] = [(("side", side), one)]
            return
        factors: list[tuple[Place, Array]] = []
        for side in sides:
            factor = np.ones(widths[side])
            for cause in finding.causes:
                if self.side_of[cause] == side:
                    column = self.codes_of[side][:, self.causes_of[side].index(cause)]
                    factor = factor * finding.links[cause][column, 0]
            factors.append((("side", side), factor))
        if not finding.contexts:
            factors[0] = (factors[0][0], factors[0][1] * finding.background[0])
        else:
            for number, floor in several.floors.items():
                left = self.halves[number][0]
                factors.append((left.place, left.flat(np.repeat(floor[:, None], len(left.codes), 1))))
        self.lowest[finding.id] = factors
        strides = [stride // several.states for stride in several.strides]
        self.above[finding.id] = Above(
            rows.reshape(configurations, several.states, -1), dict(zip(several.contexts, strides, strict=True))
        )


def _own_entries(stratum: Stratum) -> dict[str, int]:
    """Return, per cause, how many nodes concern it alone and depend on the joint contexts."""
    found: dict[str, int] = {}
    for node, (kind, number, position, _) in stratum.slot.items():
        finding = stratum.network.by_id.get(node)
        if kind is Kind.LOCAL or (kind is Kind.SINGLE and isinstance(finding, Finding) and finding.contexts):
            cause = stratum.blocks[number].causes[position]
            found[cause] = found.get(cause, 0) + 1
    return found
