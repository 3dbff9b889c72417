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

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from model.inference.engine import Engine
from model.inference.pairs import paired
from model.inference.stratum import Hard, Soft
from model.inference.stratum_draws import StratumDraws
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
        Cost: that of ``StratumDraws.sums`` for each stratum left open.
        """
        hard, soft = paired(self.network.pairs, hard, soft or {})
        open_, hard, soft = self.engine.open_strata(hard, soft)
        likelihood = {number: weight / self.engine.prior[number] for number, weight in open_}
        strata = {number: self.stratum(number) for number in likelihood}
        entries = {**hard, **soft}
        step = max(CELLS // len(self.engine.codes), 1)
        first, last, _ = points.indices(self.points)
        chunks = [slice(start, min(start + step, last)) for start in range(first, last, step)]

        def sums(rows: slice) -> Array:
            found = [(self.prior[rows, number] * seen)[:, None] * strata[number].sums(rows, entries)
                     for number, seen in likelihood.items()]  # fmt: skip
            return np.sum(found, axis=0)

        with ThreadPoolExecutor(max_workers=2) as pool:  # numpy lets go of the interpreter lock
            whole = np.concatenate(list(pool.map(sums, chunks)))
        states, total = whole[:, :-1] / whole[:, -1:], whole[:, -1]
        absent, start = [], 0
        for cause in self.engine.network.causes:
            absent.append(start)
            start += len(cause.states)
        return DrawnPosterior(1 - states[:, absent], states, total)


def at_point(network: Network, point: int) -> Network:
    """Return the network at one parameter point: every table without its leading axis; no mechanisms."""

    def of_finding(node: SomeFinding) -> SomeFinding:
        links = {cause: link[point] for cause, link in node.links.items()}
        return replace(node, links=links, background=node.background[point])

    return replace(
        network,
        contexts=tuple(replace(node, table=node.table[point]) for node in network.contexts),
        causes=tuple(replace(node, table=node.table[point]) for node in network.causes),
        findings=tuple(of_finding(node) for node in network.findings),
        pairs=tuple(of_finding(pair) for pair in network.pairs),
        mechanisms=(),
        selection=network.selection[point],
    )
