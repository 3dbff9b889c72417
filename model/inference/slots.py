"""Where each entry of evidence goes in the engine's arrays: into a block of contexts, or over all configurations.

>>> from model.inference.engine import Engine
>>> from model.network.toy import toy
>>> engine = Engine(toy())
>>> start = engine.plain["sign"]  # no context bears on the sign: one row for each of its states, over (first, second)
>>> engine.codes.tolist(), engine.rows[start + 1].tolist()
([[0, 0], [0, 1], [1, 0], [1, 1]], [0.0, 0.0, 1.0, 1.0])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from model.inference.blocks import Block
from model.network import Array, Finding, Network

State = int | tuple[float, ...]


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
    number: int
    bare: int  # row of P(lowest state | causes) without background
    floor: Array  # (J,), P(lowest state | background) in each joint configuration of the block; empty without contexts


class Layout:
    """What kind of factor each node makes, and the likelihood rows over all configurations of the causes.

    slot    : node -> (kind, block, position of the cause in it, table to pick a state from)
    several : the findings that couple blocks;  plain : node -> its first row, for nodes that no context bears on
    rows    : shape (R, S)
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
        rows: list[Array] = []
        self.several: dict[str, Several] = {}
        for finding in self.network.findings:
            blocks_met = {home[cause][0] for cause in finding.causes}
            number = self.slot[finding.contexts[0]][1] if finding.contexts else min(blocks_met)
            if len(finding.causes) == 1:
                number, position = home[finding.causes[0]]
                table = self.blocks[number].finding_factor(self.network, finding)
                self.slot[finding.id] = (Kind.SINGLE, number, position, table)
            elif finding.contexts and blocks_met == {number}:
                table = self.blocks[number].inner_factor(self.network, finding)
                self.slot[finding.id] = (Kind.INNER, number, 0, table)
            else:
                self.several[finding.id] = self._several(finding, number, rows)
                self.slot[finding.id] = (Kind.SEVERAL, number, 0, nothing)
        self.plain = {node: several.offset for node, several in self.several.items() if not several.contexts}
        self._index_plain(rows)
        self.rows: Array = np.array(rows)

    def _index_plain(self, rows: list[Array]) -> None:
        """Append rows for what concerns one cause and no context: a row is quicker to enter than a factor."""
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        for cause in self.network.causes:
            self.plain[cause.id] = len(rows)
            rows.extend(np.eye(len(cause.states))[:, column[cause.id]])
        for finding in self.network.findings:
            if len(finding.causes) == 1 and not finding.contexts:
                self.plain[finding.id] = len(rows)
                rows.extend(finding.table()[column[finding.causes[0]]].T)

    def _several(self, finding: Finding, number: int, rows: list[Array]) -> Several:
        """Append the rows of a finding, (context configuration, state) each over S, and say where they are."""
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        cards = [self.network.cardinality[context] for context in finding.contexts]
        offset, states = len(rows), len(finding.states)
        table = finding.table()[tuple(column[cause] for cause in finding.causes)]
        rows.extend(table.reshape(len(self.codes), -1).T)
        strides = tuple(states * int(np.prod(cards[position + 1 :], dtype=int)) for position in range(len(cards)))
        if not finding.contexts:
            return Several(offset, states, (), (), number, -1, np.zeros(0))
        background = finding.background.reshape(-1, states)[:, 0]
        floor = background[self.blocks[number].configuration(self.network, finding.contexts)]
        rows.append(np.multiply.reduce([finding.links[cause][column[cause], 0] for cause in finding.causes], axis=0))
        return Several(offset, states, finding.contexts, strides, number, len(rows) - 1, floor)
