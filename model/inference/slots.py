"""Where each entry of evidence goes in the engine's arrays: into a block of contexts, or over all configurations.

>>> from model.inference.engine import Engine
>>> from model.network.toy import toy
>>> engine = Engine(toy())
>>> start = engine.plain["sign"]  # no context bears on the sign: one row for each of its states, over (first, second)
>>> engine.codes.tolist(), engine.rows[start + 1].tolist()
([[0, 0], [0, 1], [1, 0], [1, 1]], [0.0, 0.0, 1.0, 1.0])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from model.inference.blocks import Block, floors
from model.network import Array, Finding, Network, grid
from model.network.network import Pair

State = int | tuple[float, ...]


class Kind(Enum):
    """What an entry multiplies: a block's contexts, one cause (through a local context or not), or everything."""

    JOINT = "joint context"
    LOCAL = "context of one cause"
    CAUSE = "cause"
    SINGLE = "finding of one cause"
    OWN = "finding of one cause and of contexts that concern it alone"
    INNER = "finding inside one block"
    SEVERAL = "finding of several blocks"


@dataclass(frozen=True, slots=True)
class Several:
    """A finding that couples causes of several blocks: where its rows start, and its contexts.

    floors : block -> (J,), what the background multiplies P(lowest state) by in each joint configuration of the block,
             for blocks whose contexts bear on it
    """

    offset: int
    states: int
    contexts: tuple[str, ...]
    strides: tuple[int, ...]
    floors: Mapping[int, Array]


@dataclass(frozen=True, slots=True)
class Rows:
    """One state of a node as likelihood rows: over all configurations (`whole`, -1 for none), and over blocks.

    of_block : (block, row of it) for what factorises over the blocks
    """

    whole: int
    of_block: tuple[tuple[int, int], ...]


class Layout:
    """What kind of factor each node makes, and the likelihood rows over all configurations of the causes.

    slot       : node -> (kind, block, position of the cause in it, table to pick a state from)
    several    : the findings that couple blocks;  plain : node -> its first row, for nodes that no context bears on
    rows       : shape (R, S)
    placed     : node -> for each state its Rows, for nodes that no context bears on
    bare       : node -> the Rows of its lowest state without background, for findings that contexts bear on
    block_rows : per block, shape (rows, configurations of its causes)

    A state that factorises over the blocks, as every lowest state does, needs no row over all S: that is what
    Heckerman's Quickscore (1989) gains for findings that are absent.
    """

    def __init__(self, network: Network, blocks: Sequence[Block], causes: tuple[str, ...], codes: NDArray[np.intp]):
        self.network, self.blocks, self.causes, self.codes = network, blocks, causes, codes
        self.slot: dict[str, tuple[Kind, int, int, Array]] = {}
        nothing = np.zeros(0)
        home: dict[str, tuple[int, int]] = {}
        for number, block in enumerate(self.blocks):
            for context in block.joint:
                self.slot[context] = (Kind.JOINT, number, 0, block.masks[context])
            for context, position in block.local_of.items():
                self.slot[context] = (Kind.LOCAL, number, position, block.masks[context])
            for position, cause in enumerate(block.causes):
                home[cause] = (number, position)
                self.slot[cause] = (Kind.CAUSE, number, position, np.eye(block.cards[position]))
        self._home = home
        rows: list[Array] = []
        self._of_block: list[list[Array]] = [[] for _ in blocks]
        self._block_codes = [grid(block.cards) for block in blocks]
        self.several: dict[str, Several] = {}
        self.placed: dict[str, tuple[Rows, ...]] = {}
        self.bare: dict[str, Rows] = {}
        for finding in (*self.network.findings, *self.network.pairs):
            blocks_met = {home[cause][0] for cause in finding.causes}
            number = self.slot[finding.contexts[0]][1] if finding.contexts else min(blocks_met)
            blocks_met |= {self.slot[context][1] for context in finding.contexts}
            if len(finding.causes) == 1 and not isinstance(finding, Pair):
                number, position = home[finding.causes[0]]
                block = self.blocks[number]
                if any(context in block.local_of for context in finding.contexts):
                    self.slot[finding.id] = (Kind.OWN, number, position, block.local_finding_factor(finding, position))
                else:
                    table = block.finding_factor(self.network, finding)
                    self.slot[finding.id] = (Kind.SINGLE, number, position, table)
            elif finding.contexts and blocks_met == {number} and not isinstance(finding, Pair):
                table = self.blocks[number].inner_factor(self.network, finding)
                self.slot[finding.id] = (Kind.INNER, number, 0, table)
            else:
                self.several[finding.id] = self._several(finding, rows)
                self.slot[finding.id] = (Kind.SEVERAL, number, 0, nothing)
        self.plain = {node: several.offset for node, several in self.several.items() if not several.contexts}
        self._index_plain(rows)
        self.rows: Array = np.array(rows)
        self.block_rows: list[Array] = [
            np.array(of_block).reshape(len(of_block), len(codes))
            for of_block, codes in zip(self._of_block, self._block_codes, strict=True)
        ]

    def _index_plain(self, rows: list[Array]) -> None:
        """Append rows for what concerns one cause and no context: a row is quicker to enter than a factor."""
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        for cause in self.network.causes:
            self._plain(cause.id, cause.id, np.eye(len(cause.states)), column, rows)
        for finding in self.network.findings:
            if len(finding.causes) == 1 and not finding.contexts:
                self._plain(finding.id, finding.causes[0], finding.table(), column, rows)

    def _plain(
        self, node: str, cause: str, table: Array, column: Mapping[str, NDArray[np.intp]], rows: list[Array]
    ) -> None:
        """Append the rows of P(state | cause), shape (cause states, states)."""
        self.plain[node] = len(rows)
        rows.extend(table[column[cause]].T)
        self.placed[node] = tuple(Rows(-1, (self._block_row({cause: factor}),)) for factor in table.T)

    def _block_row(self, factors: Mapping[str, Array]) -> tuple[int, int]:
        """Append the product of factors, one a cause of one block, over the block's configurations."""
        number = self._home[next(iter(factors))][0]
        codes, row = self._block_codes[number], np.ones(len(self._block_codes[number]))
        for cause, factor in factors.items():
            row = row * factor[codes[:, self._home[cause][1]]]
        self._of_block[number].append(row)
        return number, len(self._of_block[number]) - 1

    def _lowest(self, finding: Finding, background: float) -> Rows:
        """Append the rows of the lowest state, a product over the causes, with the background once."""
        by_block: dict[int, dict[str, Array]] = {}
        for cause in finding.causes:
            link = finding.links[cause][:, 0]
            by_block.setdefault(self._home[cause][0], {})[cause] = link if by_block else link * background
        return Rows(-1, tuple(self._block_row(factors) for factors in by_block.values()))

    def _several(self, finding: Finding, rows: list[Array]) -> Several:
        """Append the rows of a finding, (context configuration, state) each over S, and say where they are."""
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        cards = [self.network.cardinality[context] for context in finding.contexts]
        offset, states = len(rows), len(finding.states)
        table = finding.table()[tuple(column[cause] for cause in finding.causes)]
        rows.extend(table.reshape(len(self.codes), -1).T)
        strides = tuple(states * int(np.prod(cards[position + 1 :], dtype=int)) for position in range(len(cards)))
        if not finding.contexts:
            lowest = self._lowest(finding, float(finding.background[0]))
            self.placed[finding.id] = (lowest, *(Rows(offset + state, ()) for state in range(1, states)))
            return Several(offset, states, (), (), {})
        self.bare[finding.id] = self._lowest(finding, 1.0)
        found = {
            number: np.broadcast_to(floor, len(self.blocks[number].prior))
            for number, floor in floors(finding, self.blocks, self.network, self._home[finding.causes[0]][0]).items()
        }
        return Several(offset, states, finding.contexts, strides, found)
