"""One stratum at many parameter points: the sums of ``stratum`` with a leading axis of parameter draws.

The likelihood of a finding is computed when it is asked for, because D copies of every row would not fit in memory. A
finding in its lowest state is a product over its causes, so only findings above it touch all configurations.

>>> from dataclasses import replace
>>> from model.network.toy import toy
>>> one = toy()  # at two points: each cause in a tenth of adults, or the first in a fifth
>>> tenth = np.array([[0.9, 0.1], [0.9, 0.1]])
>>> causes = (replace(one.causes[0], table=np.array([[0.9, 0.1], [0.8, 0.2]])), replace(one.causes[1], table=tenth))
>>> drawn = replace(one, causes=causes, findings=(), selection=np.stack([one.selection] * 2))
>>> StratumDraws(Stratum(one), drawn).sums(slice(0, 2), {})[:, -1].round(2)  # P(low count)
array([0.19, 0.28])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.inference.blocks import floors
from model.inference.slots import Kind, State
from model.inference.stratum import Stratum
from model.network import Array, Cause, Finding, Network, Pair, grid
from model.network.context_grid import ContextGrid, context_grid

ROWS = 60  # points at once where contexts of one cause are summed out


@dataclass
class _Entered:
    """The evidence of one query: factors by place, and what couples causes."""

    priors: dict[int, list[Any]] = field(default_factory=dict)
    local: dict[tuple[int, int], Array] = field(default_factory=dict)
    factors: dict[tuple[int, int], list[Any]] = field(default_factory=dict)
    inner: dict[int, list[Any]] = field(default_factory=dict)
    coupled: list[tuple[Finding, State]] = field(default_factory=list)

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
        columns = [(stratum.causes.index(cause.id), len(cause.states)) for cause in network.causes]
        self.indicator: Array = np.concatenate(
            [np.eye(card)[stratum.codes[:, column]] for column, card in columns], axis=1
        )  # (S, all cause states)
        tables = {context.id: (context.parents, context.table) for context in network.contexts}
        self.grids: list[ContextGrid] = []
        for block in stratum.blocks:
            inside = {*block.joint, *block.local_of}
            self.grids.append(context_grid({node: tables[node] for node in tables if node in inside}, block.joint))
        self.priors = [
            np.broadcast_to(drawn.probabilities, (self.points, len(block.prior)))
            for drawn, block in zip(self.grids, stratum.blocks, strict=True)
        ]
        every = [slice(start, min(start + ROWS, self.points)) for start in range(0, self.points, ROWS)]
        self.unobserved = [
            [np.concatenate([self._table(rows, number, position, None) for rows in every])
             for position in range(len(block.causes))]
            for number, block in enumerate(stratum.blocks)
        ]  # fmt: skip

    def _cause(self, cause: str) -> Cause:
        found = self.network.by_id[cause]
        assert isinstance(found, Cause)
        return found

    def _table(self, rows: slice, number: int, position: int, seen: Array | None) -> Array:
        """Return P(cause state, what was entered on its own contexts | j), shape (d, J, K).

        seen : (d or 1, L, K or 1), likelihood of each configuration of the contexts that bear on this cause alone and of
               its findings that depend on them; None for all ones
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
        table = cause.table[rows]
        flat = table.reshape(len(table), -1, table.shape[-1])[:, row]  # (d, J, L, K)
        weights = drawn.part(rows).weights(local)[..., kept]
        if seen is not None:
            flat = flat * seen[:, None, kept]
        return np.einsum("...jl,...jlk->...jk", weights, flat)

    def sums(self, rows: slice, entries: Mapping[str, State]) -> Array:
        """Return P(cause state, evidence, low count) of all cause states, then P(evidence, low count), at these points.

        entries : node -> state index or likelihood, both findings of a pair as one;  returns : (d, cause states + 1)
        Cost: for each point one product over the configurations of the causes per finding above its lowest state,
        doubled for each unanswered context that such a finding's background depends on.
        """
        entered = self._enter(rows, entries)
        unanswered = {
            c for finding, _ in entered.coupled for c in finding.contexts if not isinstance(entries.get(c), int)
        }
        blocks = [self._block(rows, number, entered, unanswered) for number in range(len(self.stratum.blocks))]
        common = self.network.selection[rows][:, self.stratum.size]
        opening: list[tuple[tuple[str, ...], dict[tuple[int, ...], Array]]] = []
        for finding, state in entered.coupled:
            asked = tuple(context for context in finding.contexts if context in unanswered)
            found = {}
            for code in grid([self.stratum.network.cardinality[context] for context in asked]):
                known = {**entries, **dict(zip(asked, code.tolist(), strict=True))}
                found[tuple(code.tolist())] = self._likelihood(rows, finding, state, known)
            if asked:
                opening.append((asked, found))
            else:
                common = common * found[()]
        whole: Any = 0.0
        for states in self._classes(unanswered):
            weights: Array = np.ones((1, 1))
            for block, parts in zip(self.stratum.blocks, blocks, strict=True):
                part = parts[tuple(states[context] for context in block.joint if context in unanswered)]
                weights = (weights[:, :, None] * part[:, None, :]).reshape(len(part), -1)
            for asked, found in opening:
                weights = weights * found[tuple(states[context] for context in asked)]
            whole = whole + weights  # not in place: a complex step comes through here too
        whole = whole * common
        return np.concatenate([whole @ self.indicator, whole.sum(-1)[:, None]], axis=1)

    def _enter(self, rows: slice, entries: Mapping[str, State]) -> _Entered:
        entered = _Entered()
        for node, state in entries.items():
            kind, number, cause, _ = self.stratum.slot[node]
            if kind in (Kind.JOINT, Kind.LOCAL):
                masks = self.stratum.blocks[number].masks[node]
                mask = np.tensordot(np.asarray(state), masks, 1) if isinstance(state, tuple) else masks[state]
                if kind is Kind.JOINT:
                    entered.priors.setdefault(number, []).append(mask)
                else:
                    entered.add_local(number, cause, mask[None, :, None])
            elif kind is Kind.CAUSE:
                card = self.stratum.blocks[number].cards[cause]
                factor = np.asarray(state, float) if isinstance(state, tuple) else np.eye(card)[state]
                entered.factors.setdefault((number, cause), []).append(factor)
            else:
                self._enter_finding(rows, entered, kind, number, state, self._finding(node))
        return entered

    def _finding(self, node: str) -> Finding:
        pairs = {pair.id: pair for pair in self.network.pairs}
        return pairs[node] if node in pairs else self.network.finding(node)

    def _enter_finding(
        self, rows: slice, entered: _Entered, kind: Kind, number: int, state: State, finding: Finding
    ) -> None:
        block = self.stratum.blocks[number]
        if kind is Kind.SEVERAL and state != 0:
            entered.coupled.append((finding, state))
            return
        if kind is Kind.SEVERAL:
            for part in self._parts_of(finding):
                drawn = replace(part, background=part.background[rows])
                for home, floor in floors(drawn, self.stratum.blocks, self.stratum.network, number).items():
                    entered.priors.setdefault(home, []).append(floor)
            for cause in finding.causes:
                _, home, position, _ = self.stratum.slot[cause]
                entered.factors.setdefault((home, position), []).append(finding.links[cause][rows][:, None, :, 0])
            return
        if kind is Kind.OWN:
            _, _, position, _ = self.stratum.slot[finding.causes[0]]
            states = np.stack([block.masks[context].argmax(0) for context in finding.contexts])
            cards = tuple(self.stratum.network.cardinality[context] for context in finding.contexts)
            background = _flat(finding.background[rows])[
                :, np.ravel_multi_index(tuple(states), cards)
            ]  # (d, L, states)
            link = finding.links[finding.causes[0]][rows]
            entered.add_local(number, position, _of_state(background[:, :, None, :] * link[:, None, :, :], state))
            return
        configuration = block.configuration(self.stratum.network, finding.contexts)
        background = _flat(finding.background[rows])[:, configuration]  # (d, J or 1, states)
        if kind is Kind.SINGLE:
            _, _, position, _ = self.stratum.slot[finding.causes[0]]
            link = finding.links[finding.causes[0]][rows]
            cumulative = background[:, :, None, :] * link[:, None, :, :]
            entered.factors.setdefault((number, position), []).append(_of_state(cumulative, state))
        else:
            codes = grid(block.cards)
            cumulative = background[:, :, None, :]
            for cause in finding.causes:
                column = codes[:, block.causes.index(cause)]
                cumulative = cumulative * finding.links[cause][rows][:, None, column, :]
            entered.inner.setdefault(number, []).append(_of_state(cumulative, state))

    def _parts_of(self, finding: Finding) -> tuple[Finding, ...]:
        """Return the findings whose backgrounds multiply to that of the lowest state: itself, or both of a pair."""
        if not isinstance(finding, Pair):
            return (finding,)
        return self.network.finding(finding.first), self.network.finding(finding.second)

    def _block(self, rows: slice, number: int, entered: _Entered, opened: set[str]) -> dict[tuple[int, ...], Array]:
        """Return opened states -> weights of the block's cause configurations, shape (d, product of K)."""
        block = self.stratum.blocks[number]
        prior = self.priors[number][rows]
        for factor in entered.priors.get(number, []):
            prior = prior * factor
        tables = []
        for position, unobserved in enumerate(self.unobserved[number]):
            local = entered.local.get((number, position))
            table = unobserved[rows] if local is None else self._table(rows, number, position, local)
            for other in entered.factors.get((number, position), []):
                table = table * other
            tables.append(np.broadcast_to(table, (len(prior), prior.shape[1], block.cards[position])))
        middle = (len(tables) + 1) // 2
        left, right = prior[:, :, None], np.ones((*prior.shape, 1))
        for table in tables[:middle]:
            left = (left[..., None] * table[:, :, None, :]).reshape(*prior.shape, -1)
        for table in tables[middle:]:
            right = (right[..., None] * table[:, :, None, :]).reshape(*prior.shape, -1)
        own = tuple(context for context in block.joint if context in opened)
        members = block.classes(own) if own else np.arange(prior.shape[1])[None]
        keys = grid([self.stratum.network.cardinality[context] for context in own])
        inner = entered.inner.get(number)
        if inner:
            whole = (left[..., None] * right[:, :, None, :]).reshape(*prior.shape, -1)
            for factor in inner:
                whole = whole * factor
            return {tuple(key.tolist()): whole[:, group].sum(1) for key, group in zip(keys, members, strict=True)}
        return {
            tuple(key.tolist()): (left[:, group].transpose(0, 2, 1) @ right[:, group]).reshape(len(prior), -1)
            for key, group in zip(keys, members, strict=True)
        }

    def _classes(self, opened: set[str]) -> Iterator[dict[str, int]]:
        contexts = [c for block in self.stratum.blocks for c in block.joint if c in opened]
        for code in grid([self.stratum.network.cardinality[context] for context in contexts]):
            yield dict(zip(contexts, code.tolist(), strict=True))

    def _likelihood(self, rows: slice, finding: Finding, state: State, contexts: Mapping[str, Any]) -> Array:
        """Return P(state | causes, these contexts) over every configuration of the causes, shape (d, S)."""
        row = 0
        for context in finding.contexts:
            row = row * self.stratum.network.cardinality[context] + contexts[context]
        cards = [self.stratum.network.cardinality[cause] for cause in self.stratum.causes]
        background = _flat(finding.background[rows])[:, row]  # (d, states)
        seen = np.asarray(state, float) if isinstance(state, tuple) else np.eye(len(finding.states))[state]
        coefficients = seen @ finding.coefficients()
        likelihood: Any = coefficients[-1]  # the last of the products is one
        for column in np.flatnonzero(coefficients[:-1]):
            cumulative = background[:, column].reshape(-1, *(1,) * len(cards))
            for cause in finding.causes:
                shape = [1] * len(cards)
                shape[self.stratum.causes.index(cause)] = -1
                cumulative = cumulative * finding.links[cause][rows, :, column].reshape(len(background), *shape)
            likelihood = likelihood + coefficients[column] * cumulative
        return np.broadcast_to(likelihood, (len(background), *cards)).reshape(len(background), -1)


def _flat(background: Array) -> Array:
    """Return a background of shape (d, *context cards, states) as (d, configurations, states)."""
    return background.reshape(len(background), -1, background.shape[-1])


def _of_state(cumulative: Array, state: State) -> NDArray[Any]:
    """Return the probability of a state, or the mixture a likelihood asks for, from P(F <= k) on the last axis."""
    return cumulative @ _coefficients(state, cumulative.shape[-1])


def _coefficients(state: State, states: int) -> Array:
    """Return c with sum_k c_k P(F <= k) the probability of a state, or sum_k l_k P(F = k) for a likelihood l."""
    likelihood = np.asarray(state, float) if isinstance(state, tuple) else np.eye(states)[state]
    return np.append(-np.diff(likelihood), likelihood[-1])
