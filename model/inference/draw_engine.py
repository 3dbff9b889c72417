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
from model.inference.patterns import Codes
from model.inference.slots import Kind, State
from model.inference.stratum import Hard, Soft
from model.inference.stratum_draws import StratumDraws, at, coefficients_of
from model.network import Array, Finding, Network
from model.network.context_grid import Points, context_grid

CELLS = 1 << 20  # numbers (8 MB) of the widest array, draws x configurations: more draws at once, less overhead a draw
KEPT_NEAR = 1 << 17  # of the passes over all configurations: a megabyte stays in a core’s own cache
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
        self.network = _alike_once(network)
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

    def solve(self, hard: Hard, soft: Soft | None = None, points: Points = EVERY) -> DrawnPosterior:
        """Return the posterior of one patient at every parameter point, or at those of `points`.

        hard : node -> state index;  soft : node -> likelihood of each state.
        Cost: for each point one product over the configurations of the causes per finding above its lowest state; one
        for each signed product where the background of such findings is open.
        """
        hard, soft = paired(self.network.pairs, hard, soft or {})
        open_, hard, soft = self.engine.open_strata(hard, soft)
        strata = [(self.stratum(number), number, weight / self.engine.prior[number]) for number, weight in open_]
        entries: dict[str, State] = {**hard, **soft}
        step = max(CELLS // len(self.engine.codes), 1)
        places = np.arange(self.points)[points]
        chunks = [_run(places[start : start + step]) for start in range(0, max(len(places), 1), step)]
        with ThreadPoolExecutor(max_workers=2) as pool:  # numpy lets go of the interpreter lock
            whole = np.concatenate(list(pool.map(lambda rows: self._sums(rows, strata, entries), chunks)))
        states, total = whole[:, :-1] / whole[:, -1:], whole[:, -1]
        absent, start = [], 0
        for cause in self.engine.network.causes:
            absent.append(start)
            start += len(cause.states)
        return DrawnPosterior(1 - states[:, absent], states, total)

    def _sums(
        self, rows: Points, strata: Sequence[tuple[StratumDraws, int, float]], entries: Mapping[str, State]
    ) -> Array:
        """Return P(cause state, evidence, low count) of all cause states, then P(evidence, low count), at these points.

        A finding above its lowest state whose background is open is a sum of signed products (Heckerman's Quickscore
        1989), each of which factorises over the blocks; so strata and contexts are summed before anything touches all
        configurations of the causes, and one matrix product adds up the strata and the signed products together.

        strata : (stratum, its number, likelihood of what was entered on the cutset);  returns : (d, cause states + 1)
        """
        first = strata[0][0]
        coupled = [(first.finding(node), state) for node, state in entries.items() if self._couples(first, node, state)]
        settled = [(finding, state) for finding, state in coupled if self._is_settled(finding, entries, len(strata))]
        opening = [(finding, state) for finding, state in coupled if (finding, state) not in settled]
        opened = {c for finding, _ in opening for c in finding.contexts if not isinstance(entries.get(c), int)}
        rest = {node: state for node, state in entries.items() if node not in {finding.id for finding, _ in coupled}}
        terms = [_Terms(*each) for each in opening]
        last = len(first.stratum.blocks) - 1
        bare = [[first.bare(rows, each.finding, column) for column in each.columns] for each in terms]
        rows_of = [
            _multiplied_out([[_row(row, numbers, first) for row in each] for each in bare])
            for numbers in (range(last), [last])
        ]
        weights = _multiplied_out([[np.full((1, 1), x) for x in each.coefficients] for each in terms])
        left, right = [], []
        for stratum, number, likelihood in strata:
            *others, tail = self._products(rows, stratum, rest, terms, opened)
            side: Any = weights * (self.prior[rows, number] * likelihood)[:, None, None]
            for other in others:
                side = (side[..., None] * other[:, :, None, :]).reshape(len(other), len(weights[0]), -1)
            left.append(side * rows_of[0])
            right.append(tail * rows_of[1])
        sides = np.swapaxes(np.concatenate(left, axis=1), 1, 2), np.concatenate(right, axis=1)
        places = np.arange(self.points)[rows]
        step = max(KEPT_NEAR // len(self.engine.codes), 1)
        return np.concatenate([
            self._added_up(
                _run(places[start : start + step]), [at(side, slice(start, start + step)) for side in sides],
                [(first, *each) for each in settled], entries,
            )
            for start in range(0, len(places), step)
        ])  # fmt: skip

    def _added_up(
        self, rows: Points, sides: Sequence[Array], settled: Sequence[tuple[StratumDraws, Finding, State]],
        entries: Mapping[str, State],
    ) -> Array:  # fmt: skip
        """Return what ``_sums`` returns at these points. sides : (d, left, terms) and (d, terms, right)."""
        whole = sides[0] @ sides[1]
        whole = whole.reshape(len(whole), -1) * self.network.selection[rows][:, self.engine.size]
        for stratum, finding, state in settled:
            known = {context: entries[context] for context in finding.contexts}
            # not in place: a complex step comes through here too
            whole = whole * stratum.likelihood(rows, finding, state, known)  # type: ignore[arg-type]
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
        self, rows: Points, stratum: StratumDraws, entries: Mapping[str, State], terms: Sequence[_Terms],
        opened: set[str],
    ) -> list[Array]:  # fmt: skip
        """Return what each block adds up to in one stratum for every signed product, (d, products, product of K)."""
        entered = stratum.enter(rows, entries)
        drawn = [(stratum.finding(each.finding.id), each.columns) for each in terms]  # background as in this stratum
        floors = [[stratum.floors(rows, finding, column) for column in columns] for finding, columns in drawn]
        found = []
        for number in range(len(stratum.stratum.blocks)):
            weights, member = stratum.block(rows, number, entered, sorted(opened))
            factors = _multiplied_out([[_floor(floor, number, member) for floor in each] for each in floors])
            found.append(np.broadcast_to(factors, (*factors.shape[:2], len(member))) @ weights)
        return found


class _Terms:
    """The signed products that one finding above its lowest state is a sum of: those that do not vanish.

    columns, coefficients : which of its products, and their signs; the last product is one, whatever the causes
    """

    def __init__(self, finding: Finding, state: State):
        self.finding = finding
        coefficients = coefficients_of(finding, state)
        self.columns: list[int] = np.flatnonzero(coefficients).tolist()
        self.coefficients: list[float] = coefficients[self.columns].tolist()


def _run(places: Codes) -> Points:
    """Return a run of places as a slice, which copies nothing."""
    run = len(places) and places[-1] - places[0] + 1 == len(places)
    return slice(int(places[0]), int(places[-1]) + 1) if run else places


def _multiplied_out(findings: Sequence[Sequence[Array]]) -> Array:
    """Return the product of one entry of each finding, for every choice, the last finding's varying fastest.

    findings : of each finding its entries, every one (d or 1, X or 1);  returns : (d or 1, choices, X or 1)
    """
    found: Any = np.ones((1, 1, 1))
    for entries in findings:
        each = np.stack(np.broadcast_arrays(*entries), axis=1)
        whole = found[:, :, None, :] * each[:, None, :, :]
        found = whole.reshape(len(whole), -1, whole.shape[-1])
    return found


def _floor(floor: Mapping[int, Array], number: int, member: Codes) -> Array:
    """Return what a product's background multiplies the classes of one block by, (d or 1, classes or 1)."""
    if number not in floor:
        return np.ones((1, 1))
    own = np.atleast_2d(floor[number])
    return own[:, member] if own.shape[1] > 1 else own


def _row(bare: Mapping[int, Array], numbers: Iterable[int], stratum: StratumDraws) -> Array:
    """Return the outer product of what some blocks have of a product over the causes, (d or 1, product of K)."""
    row: Array = np.ones((1, 1))
    for number in numbers:
        width = prod(stratum.stratum.blocks[number].cards)
        own = bare.get(number, np.ones((1, width)))
        row = (row[:, :, None] * own[:, None, :]).reshape(max(len(row), len(own)), -1)
    return row


def _alike_once(network: Network) -> Network:
    """Return the network with one row for all points in every table that is alike at all of them."""

    def once(table: Array) -> Array:
        return table[:1].copy() if len(table) > 1 and bool((table == table[:1]).all()) else table

    def of_finding(node: SomeFinding) -> SomeFinding:
        links = {cause: once(link) for cause, link in node.links.items()}
        return replace(node, links=links, background=once(node.background))

    return replace(
        network,
        contexts=tuple(replace(node, table=once(node.table)) for node in network.contexts),
        causes=tuple(replace(node, table=once(node.table), hazards=None) for node in network.causes),
        findings=tuple(of_finding(node) for node in network.findings),
        pairs=tuple(of_finding(pair) for pair in network.pairs),
        mechanisms=(),
    )


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
