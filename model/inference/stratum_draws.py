"""One stratum at many parameter points: what ``stratum`` holds, with a leading axis of parameter draws.

The likelihood of a finding is computed when it is asked for, because D copies of every row would not fit in memory; and
a table that is alike at all points has one row for all of them. A
finding in its lowest state is a product over its causes, so only findings above it couple the blocks (``draw_engine``).

>>> from dataclasses import replace
>>> from model.network.toy import toy
>>> one = toy()  # at two points: each cause in a tenth of adults, or the first in a fifth
>>> tenth = np.array([[0.9, 0.1], [0.9, 0.1]])
>>> causes = (replace(one.causes[0], table=np.array([[0.9, 0.1], [0.8, 0.2]])), replace(one.causes[1], table=tenth))
>>> drawn = replace(one, causes=causes, findings=(), selection=np.stack([one.selection] * 2))
>>> draws = StratumDraws(Stratum(one), drawn)
>>> draws.block(slice(0, 2), 0, draws.enter(slice(0, 2), {}), ())[0].round(2)  # neither, second, first, both
array([[[0.81, 0.09, 0.09, 0.01]],
<BLANKLINE>
       [[0.72, 0.08, 0.18, 0.02]]])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np

from model.inference.blocks import floors
from model.inference.patterns import Codes
from model.inference.slots import Kind, State
from model.inference.stratum import Stratum
from model.network import Array, Cause, Finding, Network, grid
from model.network.context_grid import ContextGrid, Points, context_grid

ROWS = 60  # points at once where contexts of one cause are summed out


@dataclass
class Entered:
    """The evidence of one query as factors: of joint contexts, of contexts of one cause, of causes, of whole blocks.

    known : block -> which joint configurations agree with the contexts that are answered, (J,), 0 or 1
    """

    priors: dict[int, list[Any]] = field(default_factory=dict)
    local: dict[tuple[int, int], Array] = field(default_factory=dict)
    factors: dict[tuple[int, int], list[Any]] = field(default_factory=dict)
    inner: dict[int, list[Any]] = field(default_factory=dict)
    known: dict[int, Array] = field(default_factory=dict)

    def add_local(self, number: int, cause: int, likelihood: Array) -> None:
        """Enter what concerns the contexts of one cause, (d or 1, L, K or 1)."""
        known = self.local.get((number, cause))
        self.local[number, cause] = likelihood if known is None else known * likelihood


class StratumDraws:
    """A network at D parameter points, compiled. Immutable after construction; safe to share.

    stratum : the compiled network of the same structure at the plug-in point
    network : the same network, every table with a leading axis of D
    """

    def __init__(self, stratum: Stratum, network: Network):
        self.stratum = stratum
        self.network = network
        self.points = len(network.selection)
        tables = {context.id: (context.parents, context.table) for context in network.contexts}
        self.grids: list[ContextGrid] = []
        for block in stratum.blocks:
            inside = {*block.joint, *block.local_of}
            self.grids.append(context_grid({node: tables[node] for node in tables if node in inside}, block.joint))
        self.priors = [
            np.broadcast_to(drawn.probabilities, (self.points, len(block.prior)))
            for drawn, block in zip(self.grids, stratum.blocks, strict=True)
        ]
        self._unobserved: dict[tuple[int, int], Array] = {}

    def unobserved(self, number: int, position: int) -> Array:
        """Return P(cause state | j) of one cause of one block, its own contexts summed out, shape (D or 1, J, K)."""
        if (number, position) not in self._unobserved:
            every = [slice(start, min(start + ROWS, self.points)) for start in range(0, self.points, ROWS)]
            first = self._table(every[0], number, position, None)
            alike = len(first) == 1  # at all points, so one row says it
            rest = [self._table(rows, number, position, None) for rows in (() if alike else every[1:])]
            self._unobserved[number, position] = np.concatenate([first, *rest])
        return self._unobserved[number, position]

    def _cause(self, cause: str) -> Cause:
        found = self.network.by_id[cause]
        assert isinstance(found, Cause)
        return found

    def _table(self, rows: Points, number: int, position: int, seen: Array | None) -> Array:
        """Return P(cause state, what was entered on its own contexts | j), shape (d, J, K).

        seen : (d or 1, L, K or 1), likelihood of each configuration of the contexts that bear on this cause alone, its
               findings that depend on them included; None for all ones
        """
        block, cards = self.stratum.blocks[number], self.stratum.network.cardinality
        cause, drawn = self._cause(block.causes[position]), self.grids[number]
        local = [context for context in cause.contexts if block.local_of.get(context) == position]
        codes = grid([cards[context] for context in local])
        kept = np.arange(len(codes)) if seen is None else np.flatnonzero(seen.any((0, 2)))
        row = np.zeros((len(block.prior), len(kept)), np.intp)
        for context in cause.contexts:
            if context in local:
                state = codes[kept, local.index(context)][None, :]
            else:
                state = block.grid.codes[:, block.joint.index(context)][:, None]
            row = row * cards[context] + state
        table = at(cause.table, rows)
        flat = table.reshape(len(table), -1, table.shape[-1])[:, row]  # (d, J, L, K)
        few = len(kept) * len(local) < len(codes)
        weights = drawn.part(rows).weights(local, codes[kept]) if few else drawn.part(rows).weights(local)[..., kept]
        if seen is not None:
            flat = flat * seen[:, None, kept]
        return np.einsum("...jl,...jlk->...jk", weights, flat)

    def enter(self, rows: Points, entries: Mapping[str, State]) -> Entered:
        """Sort evidence by what it multiplies; findings above their lowest state that couple blocks are left to others.

        entries : node -> state index or likelihood, both findings of a pair as one
        """
        entered = Entered()
        for node, state in entries.items():
            kind, number, cause, _ = self.stratum.slot[node]
            if kind in (Kind.JOINT, Kind.LOCAL):
                masks = self.stratum.blocks[number].masks[node]
                mask = np.tensordot(np.asarray(state), masks, 1) if isinstance(state, tuple) else masks[state]
                if kind is Kind.JOINT and isinstance(state, tuple):
                    entered.priors.setdefault(number, []).append(mask)
                elif kind is Kind.JOINT:
                    entered.known[number] = entered.known.get(number, 1.0) * mask
                else:
                    entered.add_local(number, cause, mask[None, :, None])
            elif kind is Kind.CAUSE:
                card = self.stratum.blocks[number].cards[cause]
                factor = np.asarray(state, float) if isinstance(state, tuple) else np.eye(card)[state]
                entered.factors.setdefault((number, cause), []).append(factor)
            else:
                self._enter_finding(rows, entered, kind, number, state, self.finding(node))
        return entered

    def finding(self, node: str) -> Finding:
        """Return a finding or a pair."""
        pairs = {pair.id: pair for pair in self.network.pairs}
        return pairs[node] if node in pairs else self.network.finding(node)

    def _enter_finding(
        self, rows: Points, entered: Entered, kind: Kind, number: int, state: State, finding: Finding
    ) -> None:
        block = self.stratum.blocks[number]
        if kind is Kind.SEVERAL:
            for home, floor in self.floors(rows, finding, 0).items():
                entered.priors.setdefault(home, []).append(floor)
            for cause in finding.causes:
                _, home, position, _ = self.stratum.slot[cause]
                entered.factors.setdefault((home, position), []).append(at(finding.links[cause], rows)[:, None, :, 0])
            return
        if kind is Kind.OWN:
            _, _, position, _ = self.stratum.slot[finding.causes[0]]
            states = np.stack([block.masks[context].argmax(0) for context in finding.contexts])
            cards = tuple(self.stratum.network.cardinality[context] for context in finding.contexts)
            background = _flat(at(finding.background, rows))[
                :, np.ravel_multi_index(tuple(states), cards)
            ]  # (d, L, states)
            link = at(finding.links[finding.causes[0]], rows)
            entered.add_local(
                number, position, (background[:, :, None, :] * link[:, None, :, :]) @ coefficients_of(finding, state)
            )
            return
        configuration = block.configuration(self.stratum.network, finding.contexts)
        background = _flat(at(finding.background, rows))[:, configuration]  # (d, J or 1, states)
        if kind is Kind.SINGLE:
            _, _, position, _ = self.stratum.slot[finding.causes[0]]
            link = at(finding.links[finding.causes[0]], rows)
            cumulative = background[:, :, None, :] * link[:, None, :, :]
            entered.factors.setdefault((number, position), []).append(cumulative @ coefficients_of(finding, state))
        else:
            codes = grid(block.cards)
            cumulative = background[:, :, None, :]
            for cause in finding.causes:
                column = codes[:, block.causes.index(cause)]
                cumulative = cumulative * at(finding.links[cause], rows)[:, None, column, :]
            entered.inner.setdefault(number, []).append(cumulative @ coefficients_of(finding, state))

    def floors(self, rows: Points, finding: Finding, column: int) -> dict[int, Array]:
        """Return what the background multiplies one of the finding's products by: block -> (d, J or 1)."""
        network, home = self.stratum.network, self.stratum.slot[finding.causes[0]][1]
        drawn = replace(finding, background=at(finding.background, rows))
        return floors(drawn, self.stratum.blocks, network, home, column)

    def bare(self, rows: Points, finding: Finding, column: int) -> dict[int, Array]:
        """Return one of the finding's products without background, by block: block -> (d, product of K)."""
        found: dict[int, Array] = {}
        for cause in finding.causes:
            _, number, position, _ = self.stratum.slot[cause]
            row = at(finding.links[cause], rows)[:, :, column][:, grid(self.stratum.blocks[number].cards)[:, position]]
            found[number] = found[number] * row if number in found else row
        return found

    def block(self, rows: Points, number: int, entered: Entered, opened: Sequence[str]) -> tuple[Array, Codes]:
        """Return the weights of a block's cause configurations for each configuration of the opened contexts.

        returns : shape (d, classes, product of K); and of each class one of its joint configurations, (classes,)
        """
        block = self.stratum.blocks[number]
        own = tuple(context for context in block.joint if context in opened)
        members = block.classes(own) if own else np.arange(len(block.prior))[None]
        if number in entered.known:  # answered contexts are not opened: alike in every class
            members = members[:, np.flatnonzero(entered.known[number][members[0]])]
        chosen: Any = members if own or number in entered.known else None  # None is a view: all of them, one class
        prior = self.priors[number][rows]
        for factor in entered.priors.get(number, []):
            prior = prior * factor
        shape = (len(prior), *members.shape)
        left, right = prior[:, chosen].reshape(*shape, 1), np.ones((*shape, 1))
        middle = (len(block.cards) + 1) // 2
        for position, card in enumerate(block.cards):
            local = entered.local.get((number, position))
            table = at(self.unobserved(number, position), rows) if local is None else self._table(
                rows, number, position, local)  # fmt: skip
            if others := entered.factors.get((number, position), []):  # the small ones are multiplied first
                table = reduce(np.multiply, [*sorted(others, key=np.size), table])
            table = np.broadcast_to(table, (len(prior), len(block.prior), card))[:, chosen]  # (d, classes, m, K)
            if position < middle:
                left = (left[..., None] * table[..., None, :]).reshape(*shape, -1)
            else:
                right = (right[..., None] * table[..., None, :]).reshape(*shape, -1)
        inner = entered.inner.get(number)
        if inner:
            whole = (left[..., None] * right[..., None, :]).reshape(*shape, -1)
            for factor in inner:
                whole = whole * factor[:, members]
            return whole.sum(2), members[:, 0]
        return (np.swapaxes(left, 2, 3) @ right).reshape(*shape[:2], -1), members[:, 0]

    def likelihood(self, rows: Points, finding: Finding, state: State, contexts: Mapping[str, int]) -> Array:
        """Return P(state | causes, these contexts) over every configuration of the causes, shape (d or 1, S)."""
        row = 0
        for context in finding.contexts:
            row = row * self.stratum.network.cardinality[context] + contexts[context]
        cards = [self.stratum.network.cardinality[cause] for cause in self.stratum.causes]
        background = _flat(at(finding.background, rows))[:, row]  # (d or 1, states)
        coefficients = coefficients_of(finding, state)
        likelihood: Any = np.full((1,) * (1 + len(cards)), coefficients[-1])  # the last of the products is one
        for column in np.flatnonzero(coefficients[:-1]):
            cumulative = background[:, column].reshape(-1, *(1,) * len(cards))
            for cause in finding.causes:
                link = at(finding.links[cause], rows)[:, :, column]
                shape = [1] * len(cards)
                shape[self.stratum.causes.index(cause)] = -1
                cumulative = cumulative * link.reshape(len(link), *shape)
            likelihood = likelihood + coefficients[column] * cumulative
        return np.broadcast_to(likelihood, (len(likelihood), *cards)).reshape(len(likelihood), -1)


def at(table: Array, points: Points) -> Array:
    """Return a table at some parameter points; one that is alike at all of them keeps its leading axis of one."""
    return table[points] if len(table) > 1 else table


def coefficients_of(finding: Finding, state: State) -> Array:
    """Return c with sum_k c_k product_k the probability of a state, or the mixture that a likelihood asks for."""
    seen = np.asarray(state, float) if isinstance(state, tuple) else np.eye(len(finding.states))[state]
    return seen @ finding.coefficients()


def _flat(background: Array) -> Array:
    """Return a background of shape (d, *context cards, states) as (d, configurations, states)."""
    return background.reshape(len(background), -1, background.shape[-1])
