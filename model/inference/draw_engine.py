"""One patient at many parameter points: the exact engine with a leading axis of parameter draws.

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

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeVar

import numpy as np

from model.inference.engine import Engine
from model.inference.pairs import paired
from model.inference.slots import Kind, State
from model.inference.stratum import Hard, Soft
from model.inference.stratum_draws import StratumDraws, coefficients_of
from model.network import Array, Finding, Network
from model.network.context_grid import context_grid

CELLS = 1 << 16  # numbers (0.5 MB) of the widest array, draws x configurations of the causes, that stay in the cache
EVERY = slice(None)
SomeFinding = TypeVar("SomeFinding", bound=Finding)


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


class DrawEngine:
    """A network at D parameter points, compiled. Immutable but for strata compiled when first asked for.

    engine  : the engine of the same structure at the plug-in point
    network : the same network, every table with a leading axis of D
    """

    def __init__(self, engine: Engine, network: Network):
        self.engine = engine
        self.network = network
        self.points = len(network.selection)
        tables = {node.id: (node.parents, node.table) for node in network.contexts if node.id in engine.cutset}
        prior = context_grid(tables, engine.cutset).probabilities
        self.prior: Array = np.broadcast_to(prior, (self.points, len(engine.strata)))
        self._strata: dict[int, StratumDraws] = {}

    def stratum(self, number: int) -> StratumDraws:
        """Return one stratum, compiled."""
        if number not in self._strata:
            codes = self.engine.stratum_codes[number].tolist()
            known = dict(zip(self.engine.cutset, codes, strict=True))
            network = self.network.given(known) if known else self.network
            self._strata[number] = StratumDraws(self.engine.strata[number], network)
        return self._strata[number]

    def solve(self, hard: Hard, soft: Soft | None = None, points: slice = EVERY) -> DrawnPosterior:
        """Return the posterior of one patient at every parameter point, or at those of `points` (in steps of one).

        hard : node -> state index;  soft : node -> likelihood of each state.
        Cost: for each point one product over the configurations of the causes per finding above its lowest state; one
        for each signed product where the background of such findings is open.
        """
        hard, soft = paired(self.network.pairs, hard, soft or {})
        open_, hard, soft = self.engine.open_strata(hard, soft)
        strata = [(self.stratum(number), number, weight / self.engine.prior[number]) for number, weight in open_]
        entries: dict[str, State] = {**hard, **soft}
        step = max(CELLS // len(self.engine.codes), 1)
        first, last, _ = points.indices(self.points)
        chunks = [slice(start, min(start + step, last)) for start in range(first, last, step)]
        with ThreadPoolExecutor(max_workers=2) as pool:  # numpy lets go of the interpreter lock
            whole = np.concatenate(list(pool.map(lambda rows: self._sums(rows, strata, entries), chunks)))
        states, total = whole[:, :-1] / whole[:, -1:], whole[:, -1]
        absent, start = [], 0
        for cause in self.engine.network.causes:
            absent.append(start)
            start += len(cause.states)
        return DrawnPosterior(1 - states[:, absent], states, total)

    def _sums(
        self, rows: slice, strata: Sequence[tuple[StratumDraws, int, float]], entries: Mapping[str, State]
    ) -> Array:
        """Return P(cause state, evidence, low count) of all cause states, then P(evidence, low count), at these points.

        A finding above its lowest state whose background is open is a sum of signed products (Heckerman's Quickscore
        1989), each of which factorises over the blocks; so strata and contexts are summed before anything touches all
        configurations of the causes.

        strata : (stratum, its number, likelihood of what was entered on the cutset);  returns : (d, cause states + 1)
        """
        first = strata[0][0]
        coupled = [(first.finding(node), state) for node, state in entries.items() if self._couples(first, node, state)]
        settled = [(finding, state) for finding, state in coupled if self._is_settled(finding, entries, len(strata))]
        opening = [(finding, state) for finding, state in coupled if (finding, state) not in settled]
        opened = {c for finding, _ in opening for c in finding.contexts if not isinstance(entries.get(c), int)}
        rest = {node: state for node, state in entries.items() if node not in {finding.id for finding, _ in coupled}}
        terms = _terms(opening)
        of_strata = [self._products(rows, *each, rest, terms, opened) for each in strata]
        whole: Any = 0.0
        last = len(first.stratum.blocks) - 1
        for place, (coefficient, columns) in enumerate(terms):
            sides = [[products[place][number] for products in of_strata] for number in range(last + 1)]
            others: Any = np.ones((1, len(strata), 1))
            for number in range(last):
                side = np.stack(sides[number], axis=1)  # (d, strata, K)
                others = (others[..., None] * side[:, :, None, :]).reshape(len(side), len(strata), -1)
            term = np.swapaxes(others, 1, 2) @ np.stack(sides[last], axis=1)  # strata are summed here
            for finding, column in columns:
                bare = first.bare(rows, first.finding(finding), column)
                term = term * _row(bare, range(last), first)[:, :, None] * _row(bare, [last], first)[:, None, :]
            whole = whole + coefficient * term  # not in place: a complex step comes through here too
        whole = whole.reshape(len(whole), -1) * self.network.selection[rows][:, self.engine.size]
        for finding, state in settled:
            known = {context: entries[context] for context in finding.contexts}
            whole = whole * first.likelihood(rows, finding, state, known)  # type: ignore[arg-type]
        return np.concatenate([whole @ self.engine.state_indicator, whole.sum(-1)[:, None]], axis=1)

    def _couples(self, stratum: StratumDraws, node: str, state: State) -> bool:
        return stratum.stratum.slot[node][0] is Kind.SEVERAL and state != 0

    def _is_settled(self, finding: Finding, entries: Mapping[str, State], strata: int) -> bool:
        """Return whether nothing that bears on a finding's background is open: no context, no stratum."""
        if not all(isinstance(entries.get(context), int) for context in finding.contexts):
            return False
        by_id = {each.id: each for each in (*self.network.findings, *self.network.pairs)}
        return strata == 1 or not {*by_id[finding.id].contexts} & {*self.engine.cutset}

    def _products(
        self, rows: slice, stratum: StratumDraws, number: int, likelihood: float, entries: Mapping[str, State],
        terms: Sequence[Term], opened: set[str],
    ) -> list[list[Array]]:  # fmt: skip
        """Return, for each term, what each block adds up to in one stratum, (d, product of K), its prior included."""
        entered = stratum.enter(rows, entries)
        blocks = [stratum.block(rows, each, entered, sorted(opened)) for each in range(len(stratum.stratum.blocks))]
        columns = dict.fromkeys(column for _, columns in terms for column in columns)
        floors = {column: stratum.floors(rows, stratum.finding(column[0]), column[1]) for column in columns}
        found = []
        for _, columns_of_term in terms:
            products = []
            for block, (weights, member) in enumerate(blocks):
                factor: Any = np.ones((1, 1))
                for column in columns_of_term:
                    floor = floors[column].get(block)
                    if floor is not None:
                        factor = factor * (floor[:, member] if floor.shape[1] > 1 else floor)
                products.append((weights * factor[..., None]).sum(1))
            products[0] = products[0] * (self.prior[rows, number] * likelihood)[:, None]
            found.append(products)
        return found


Term = tuple[
    float, tuple[tuple[str, int], ...]
]  # coefficient; (finding, which of its products) of each that is not one


def _terms(opening: Sequence[tuple[Finding, State]]) -> list[Term]:
    """Return the signed products that the findings multiply out to."""
    found: list[Term] = [(1.0, ())]
    for finding, state in opening:
        coefficients = coefficients_of(finding, state)
        last = len(coefficients) - 1
        found = [
            (coefficient * coefficients[column], (*columns, (finding.id, column)) if column < last else columns)
            for coefficient, columns in found
            for column in np.flatnonzero(coefficients).tolist()
        ]
    return found


def _row(bare: Mapping[int, Array], numbers: Iterable[int], stratum: StratumDraws) -> Array:
    """Return the outer product of what some blocks have of a product over the causes, (d or 1, product of K)."""
    row: Array = np.ones((1, 1))
    for number in numbers:
        width = prod(stratum.stratum.blocks[number].cards)
        own = bare.get(number, np.ones((1, width)))
        row = (row[:, :, None] * own[:, None, :]).reshape(max(len(row), len(own)), -1)
    return row


def at_point(network: Network, point: int) -> Network:
    """Return the network at one parameter point: every table without its leading axis; no mechanisms."""

    def of_finding(node: SomeFinding) -> SomeFinding:
        links = {cause: link[point] for cause, link in node.links.items()}
        return replace(node, links=links, background=node.background[point])

    return replace(
        network,
        contexts=tuple(replace(node, table=node.table[point]) for node in network.contexts),
        causes=tuple(replace(node, table=node.table[point], hazards=None) for node in network.causes),
        findings=tuple(of_finding(node) for node in network.findings),
        pairs=tuple(of_finding(pair) for pair in network.pairs),
        mechanisms=(),
        selection=network.selection[point],
    )
