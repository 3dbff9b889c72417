"""How near each engine is to what the machine can do, for rows with none, a third, half and all contexts answered.

A row costs at least what its arithmetic costs: the products over the configurations of the causes, at the rate of a
large matrix product, or the numbers that they read and write, at the rate of memory, whichever takes longer. Both rates
are measured beside the rows. `opt_einsum` stands for a fixed tensor contraction: the path is found once for each
pattern of evidence, and only the contraction along it is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np
import opt_einsum

import model
from benchmarks.cases import draw_frame
from benchmarks.peers import Answer, Ask, ask_pgmpy, ask_pyagrum, timings
from benchmarks.table import duration, ratio, table
from model.inference.stratum_batch import StratumBatch
from model.network import Network
from model.network.exchange import expanded_tables

ROWS = 20_000
SAMPLE = 12  # rows for each peer
FINDINGS = 12 / 23  # the share of findings assessed
MIXES = {"none": 0.0, "a third": 1 / 3, "half": 0.5, "all": 1.0}  # the share of contexts answered
GEMM, COPY = 1024, 1 << 24  # side of a square matrix; numbers copied
HALF = 2.0  # times the limit that counts as reaching half of it


def run() -> str:
    """Time every asker on the same rows of each mix, and compare the answers to 1e-9."""
    loaded = model.load()
    flops, bandwidth = _gemm(), _bandwidth()
    peers: dict[str, Ask] = {
        "pgmpy, one joint query": ask_pgmpy(loaded.network, joint=True),
        "pyAgrum, setTargets(causes)": ask_pyagrum(loaded.network, targets=True),
        "opt_einsum, path known": ask_opt_einsum(loaded.network),
    }
    lines = []
    for mix, contexts in MIXES.items():
        frame = draw_frame(loaded, ROWS, seed=3, findings=FINDINGS, contexts=contexts)
        probabilities = loaded.posterior_batch(frame)[[f"p_{c.id}" for c in loaded.network.causes]].to_numpy()
        start = perf_counter()
        loaded.posterior_batch(frame)
        own = (perf_counter() - start) / ROWS
        with _counted() as work:
            loaded.posterior_batch(frame)
        least = {"matrix product": work["operations"] / flops / ROWS, "memory": work["bytes"] / bandwidth / ROWS}
        binds = max(least, key=least.__getitem__)
        some = np.random.default_rng(0).choice(ROWS, SAMPLE, replace=False)
        cases = [{node: cell for node, cell in frame.iloc[row].items() if cell} for row in some]
        seconds, answers = timings(peers, cases, perf_counter)
        worst = max(float(np.abs(found - probabilities[some]).max()) for found in answers.values())
        if worst > 1e-9:
            raise AssertionError(f"the answers differ by {worst:.1e}, expected at most 1e-9")
        others = [ratio(float(np.median(seconds[name])), own, None) for name in peers]
        lines.append([mix, duration(own), *others, f"{duration(least[binds])}, {binds}",
                      ratio(own, least[binds], None) + (" (half)" if own <= HALF * least[binds] else "")])  # fmt: skip
    title = (f"Limits: {flops / 1e9:.1f} GFLOP/s in a matrix product, {bandwidth / 1e9:.1f} GB/s copied; "
             f"{ROWS:,} rows a mix, {FINDINGS:.0%} of the findings assessed")  # fmt: skip
    head = ["contexts answered", "model, a row", *(f"{name}, slower" for name in peers), "least, and what binds",
            "model against it"]  # fmt: skip
    return table(title, head, lines)


def ask_opt_einsum(network: Network) -> Ask:
    """Return the query as one contraction: every table that bears on the evidence, sliced at it, to the causes."""
    tables = expanded_tables(network)
    place = {node: number for number, node in enumerate(tables)}
    causes = [cause.id for cause in network.causes]
    paths: dict[frozenset[str], Callable[..., Any]] = {}

    def sliced(case: Mapping[str, str]) -> list[tuple[np.ndarray, tuple[int, ...]]]:
        seen = {**case, network.selection_id: network.selection_states[1]}
        codes = {node: tables[node][0].index(state) for node, state in seen.items()}
        wanted, above = [*seen, *causes], set()
        while wanted:  # what is below neither evidence nor causes sums to one
            node = wanted.pop()
            if node not in above:
                above.add(node)
                wanted += tables[node][1]
        return [
            (table[tuple(codes.get(axis, slice(None)) for axis in (*parents, node))],
             tuple(place[axis] for axis in (*parents, node) if axis not in codes))
            for node, (_, parents, table) in tables.items() if node in above
        ]  # fmt: skip

    def ask(case: Mapping[str, str]) -> Answer:
        operands = sliced(case)
        free = [cause for cause in causes if cause not in case]
        key = frozenset(case)
        if key not in paths:
            shapes: list[Any] = [part for table, axes in operands for part in (table.shape, axes)]
            paths[key] = opt_einsum.contract_expression(*shapes, tuple(place[cause] for cause in free), optimize="auto")
        joint = paths[key](*(table for table, _ in operands))
        total, found = joint.sum(), []
        for cause in causes:
            if cause in case:
                found.append(float(case[cause] != tables[cause][0][0]))
            else:
                found.append(1 - np.moveaxis(joint, free.index(cause), 0)[0].sum() / total)
        return np.array(found)

    return ask


@contextmanager
def _counted():
    """Count what the contractions of a batch multiply, and what they read and write, while the block lasts."""
    work = {"operations": 0.0, "bytes": 0.0}
    contract = StratumBatch._contract

    def counting(self: StratumBatch, u: np.ndarray, b: np.ndarray, a: np.ndarray) -> np.ndarray:
        rows, first, second = len(b), b.shape[1], a.shape[1]
        sums = contract(self, u, b, a)
        work["operations"] += rows * (4 * first * second + 3 * (first + second) + (first + second) * sums.shape[1])
        work["bytes"] += 8 * (u.size + 4 * b.size + 4 * a.size + sums.size)
        return sums

    with patch.object(StratumBatch, "_contract", counting):
        yield work


def _gemm() -> float:
    """Return the floating point operations a second of a large matrix product, the best of five."""
    left, right = np.random.default_rng(0).random((2, GEMM, GEMM))
    return 2 * GEMM**3 / _best(lambda: left @ right)


def _bandwidth() -> float:
    """Return the bytes a second that a long copy reads and writes, the best of five."""
    source = np.ones(COPY)
    target = np.empty_like(source)
    return 2 * source.nbytes / _best(lambda: np.copyto(target, source))


def _best(work: Callable[[], object]) -> float:
    work()
    seconds = []
    for _ in range(5):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    print(run())
