"""One patient at many parameter points: the exact engine with a leading axis of parameter draws.

The sums are those of ``engine``; what differs is that every table carries D parameter points and that the likelihood
of a finding is computed when it is asked for, because D copies of every row would not fit in memory. A finding in its
lowest state is a product over its causes, so only findings above it touch all configurations.

>>> from dataclasses import replace
>>> from model.network.toy import toy
>>> one = toy()  # at two points: each cause in a tenth of adults, or the first in a fifth
>>> tenth = np.array([[0.9, 0.1], [0.9, 0.1]])
>>> causes = (replace(one.causes[0], table=np.array([[0.9, 0.1], [0.8, 0.2]])), replace(one.causes[1], table=tenth))
>>> (sign,) = one.findings
>>> sign = replace(sign, links={"first": np.stack([sign.links["first"]] * 2)}, background=np.ones((2, 2)))
>>> drawn = replace(one, causes=causes, findings=(sign,), selection=np.stack([one.selection] * 2))
>>> DrawEngine(Engine(one), drawn).solve({}).acting.round(3).tolist()  # 10 of 19, and 20 of 28 with the first
[[0.526, 0.526], [0.714, 0.357]]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.inference.blocks import Block
from model.inference.engine import Engine, Hard, Soft
from model.inference.slots import Kind, State
from model.network import Array, Cause, Finding, Network, grid
from model.network.context_grid import context_grid

CHUNK = 60  # draws at once: the widest array, CHUNK x configurations of the causes, stays in the cache (0.4 MB)


EVERY = slice(None)


@dataclass(frozen=True)
class DrawnPosterior:
    """One patient at D parameter points.

    acting : (D, causes), P(cause acting | evidence), causes in the network's order
    states : (D, all cause states), the same by state, ``absent`` first
    total  : (D,), P(evidence, low count)
    """

    acting: Array
    states: Array
    total: Array


@dataclass
class _Entered:
    """The evidence of one query: factors by place, and what couples causes."""

    priors: dict[int, list[Any]] = field(default_factory=dict)
    local: dict[tuple[int, int], Array] = field(default_factory=dict)
    factors: dict[tuple[int, int], list[Any]] = field(default_factory=dict)
    inner: dict[int, list[Any]] = field(default_factory=dict)
    coupled: list[tuple[Finding, State]] = field(default_factory=list)


class DrawEngine:
    """A network at D parameter points, compiled. Immutable after construction; safe to share.

    engine  : the engine of the same structure at the plug-in point
    network : the same network, every table with a leading axis of D
    """

    def __init__(self, engine: Engine, network: Network):
        self.engine = engine
        self.network = network
        self.points = len(network.selection)
        tables = {context.id: (context.parents, context.table) for context in network.contexts}
        self.priors: list[Array] = []
        self.factors: list[list[Array]] = []
        for block in engine.blocks:
            inside = {*block.joint, *block.local_of}
            drawn = context_grid({node: tables[node] for node in tables if node in inside}, block.joint)
            self.priors.append(np.broadcast_to(drawn.probabilities, (self.points, len(block.prior))))
            self.factors.append(
                [self._factor(block, drawn, self._cause(cause), position)
                 for position, cause in enumerate(block.causes)]
            )  # fmt: skip
        self.unobserved = [[factor.sum(-1) for factor in factors] for factors in self.factors]

    def _cause(self, cause: str) -> Cause:
        found = self.network.by_id[cause]
        assert isinstance(found, Cause)
        return found

    def _factor(self, block: Block, drawn: Any, cause: Cause, position: int) -> Array:
        """Return P(local configuration | j) P(cause state | contexts), shape (D, J, K, L)."""
        local = [context for context in cause.contexts if block.local_of.get(context) == position]
        codes = grid([self.engine.network.cardinality[context] for context in local])
        row = np.zeros((len(block.prior), len(codes)), np.intp)
        for context in cause.contexts:
            if context in local:
                state = codes[:, local.index(context)][None, :]
            else:
                state = block.grid.codes[:, block.joint.index(context)][:, None]
            row = row * self.engine.network.cardinality[context] + state
        flat = cause.table.reshape(len(cause.table), -1, cause.table.shape[-1])[:, row]  # (D, J, L, K)
        weighted = drawn.weights(local)[..., None] * flat
        return np.ascontiguousarray(np.moveaxis(np.broadcast_to(weighted, (self.points, *flat.shape[1:])), 2, 3))

    def solve(self, hard: Hard, soft: Soft | None = None, points: slice = EVERY) -> DrawnPosterior:
        """Return the posterior of one patient at every parameter point, or at those of `points` (in steps of one).

        hard : node -> state index;  soft : node -> likelihood of each state.
        Cost: for each point one product over the configurations of the causes per finding above its lowest state,
        doubled for each unanswered context that such a finding's background depends on.
        """
        entries: dict[str, State] = {**hard, **(soft or {})}
        first, last, _ = points.indices(self.points)
        chunks = [slice(start, min(start + CHUNK, last)) for start in range(first, last, CHUNK)]
        with ThreadPoolExecutor(max_workers=2) as pool:  # numpy lets go of the interpreter lock
            parts = list(pool.map(lambda rows: self._chunk(rows, entries), chunks))
        weights_states, total = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        states = weights_states / total[:, None]
        absent, start = [], 0
        for cause in self.engine.network.causes:
            absent.append(start)
            start += len(cause.states)
        return DrawnPosterior(1 - states[:, absent], states, total)

    def _chunk(self, rows: slice, entries: Mapping[str, State]) -> tuple[Array, Array]:
        entered = self._enter(rows, entries)
        unanswered = {
            c for finding, _ in entered.coupled for c in finding.contexts if not isinstance(entries.get(c), int)
        }
        blocks = [self._block(rows, number, entered, unanswered) for number in range(len(self.engine.blocks))]
        common = self.network.selection[rows][:, self.engine.size]
        opening: list[tuple[tuple[str, ...], dict[tuple[int, ...], Array]]] = []
        for finding, state in entered.coupled:
            asked = tuple(context for context in finding.contexts if context in unanswered)
            found = {}
            for code in grid([self.engine.network.cardinality[context] for context in asked]):
                known = {**entries, **dict(zip(asked, code.tolist(), strict=True))}
                found[tuple(code.tolist())] = self._likelihood(rows, finding, state, known)
            if asked:
                opening.append((asked, found))
            else:
                common = common * found[()]
        whole: Any = 0.0
        for states in self._classes(unanswered):
            weights: Array = np.ones((1, 1))
            for block, parts in zip(self.engine.blocks, blocks, strict=True):
                part = parts[tuple(states[context] for context in block.joint if context in unanswered)]
                weights = (weights[:, :, None] * part[:, None, :]).reshape(len(part), -1)
            for asked, found in opening:
                weights = weights * found[tuple(states[context] for context in asked)]
            whole = whole + weights  # not in place: a complex step comes through here too
        whole = whole * common
        return whole @ self.engine.state_indicator, whole.sum(-1)

    def _enter(self, rows: slice, entries: Mapping[str, State]) -> _Entered:
        entered = _Entered()
        for node, state in entries.items():
            kind, number, cause, _ = self.engine.slot[node]
            if kind in (Kind.JOINT, Kind.LOCAL):
                masks = self.engine.blocks[number].masks[node]
                mask = np.tensordot(np.asarray(state), masks, 1) if isinstance(state, tuple) else masks[state]
                if kind is Kind.JOINT:
                    entered.priors.setdefault(number, []).append(mask)
                else:
                    known = entered.local.get((number, cause))
                    entered.local[number, cause] = mask if known is None else known * mask
            elif kind is Kind.CAUSE:
                card = self.engine.blocks[number].cards[cause]
                factor = np.asarray(state, float) if isinstance(state, tuple) else np.eye(card)[state]
                entered.factors.setdefault((number, cause), []).append(factor)
            else:
                self._enter_finding(rows, entered, kind, number, state, self._finding(node))
        return entered

    def _finding(self, node: str) -> Finding:
        found = self.network.by_id[node]
        assert isinstance(found, Finding)
        return found

    def _enter_finding(
        self, rows: slice, entered: _Entered, kind: Kind, number: int, state: State, finding: Finding
    ) -> None:
        block = self.engine.blocks[number]
        if kind is Kind.SEVERAL and state != 0:
            entered.coupled.append((finding, state))
            return
        configuration = block.configuration(self.engine.network, finding.contexts)
        background = _flat(finding.background[rows])[:, configuration]  # (d, J or 1, states)
        if kind is Kind.SEVERAL:
            if finding.contexts:
                entered.priors.setdefault(number, []).append(background[..., 0])
            else:
                entered.priors.setdefault(number, []).append(background[:, :1, 0])
            for cause in finding.causes:
                _, home, position, _ = self.engine.slot[cause]
                entered.factors.setdefault((home, position), []).append(finding.links[cause][rows][:, None, :, 0])
        elif kind is Kind.SINGLE:
            _, _, position, _ = self.engine.slot[finding.causes[0]]
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

    def _block(self, rows: slice, number: int, entered: _Entered, opened: set[str]) -> dict[tuple[int, ...], Array]:
        """Return opened states -> weights of the block's cause configurations, shape (d, product of K)."""
        block = self.engine.blocks[number]
        prior = self.priors[number][rows]
        for factor in entered.priors.get(number, []):
            prior = prior * factor
        tables = []
        for position, factor in enumerate(self.factors[number]):
            local = entered.local.get((number, position))
            table = self.unobserved[number][position][rows] if local is None else factor[rows] @ local
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
        keys = grid([self.engine.network.cardinality[context] for context in own])
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
        contexts = [c for block in self.engine.blocks for c in block.joint if c in opened]
        for code in grid([self.engine.network.cardinality[context] for context in contexts]):
            yield dict(zip(contexts, code.tolist(), strict=True))

    def _likelihood(self, rows: slice, finding: Finding, state: State, contexts: Mapping[str, Any]) -> Array:
        """Return P(state | causes, these contexts) over every configuration of the causes, shape (d, S)."""
        row = 0
        for context in finding.contexts:
            row = row * self.engine.network.cardinality[context] + contexts[context]
        cards = [self.engine.network.cardinality[cause] for cause in self.engine.causes]
        background = _flat(finding.background[rows])[:, row]  # (d, states)
        coefficients = _coefficients(state, len(finding.states))
        likelihood: Any = coefficients[-1]  # P(F <= last state) is one
        for column in np.flatnonzero(coefficients[:-1]):
            cumulative = background[:, column].reshape(-1, *(1,) * len(cards))
            for cause in finding.causes:
                shape = [1] * len(cards)
                shape[self.engine.causes.index(cause)] = -1
                cumulative = cumulative * finding.links[cause][rows, :, column].reshape(len(background), *shape)
            likelihood = likelihood + coefficients[column] * cumulative
        return np.broadcast_to(likelihood, (len(background), *cards)).reshape(len(background), -1)


def at_point(network: Network, point: int) -> Network:
    """Return the network at one parameter point: every table without its leading axis; no mechanisms."""
    return replace(
        network,
        contexts=tuple(replace(node, table=node.table[point]) for node in network.contexts),
        causes=tuple(replace(node, table=node.table[point]) for node in network.causes),
        findings=tuple(
            replace(
                node,
                links={cause: link[point] for cause, link in node.links.items()},
                background=node.background[point],
            )
            for node in network.findings
        ),
        mechanisms=(),
        selection=network.selection[point],
    )


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
