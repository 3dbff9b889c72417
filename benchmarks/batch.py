"""A data frame of 100,000 different patients, read and scored; peers are timed on a sample of the same rows."""

from __future__ import annotations

import tracemalloc
from time import perf_counter

import numpy as np
import pandas as pd

import model
from benchmarks.cases import draw_frame
from benchmarks.peers import ask_pgmpy, ask_pyagrum, timings
from benchmarks.table import duration, ratio, table

ROWS = 100_000
ROUNDS = 5
SAMPLE = 20  # rows for each peer in each round
ASSESSED = 12 / 23  # the share of findings; of contexts it is one half


def run() -> str:
    """Time the whole frame and a sample for each peer in turn, and compare the answers to 1e-9."""
    loaded = model.load()
    frame = draw_frame(loaded, ROWS, seed=0, findings=ASSESSED, contexts=0.5)
    peers = {
        "pgmpy, one query per cause": (ask_pgmpy(loaded.network, joint=False), 2000.0),
        "pgmpy, one joint query": (ask_pgmpy(loaded.network, joint=True), None),
        "pyAgrum, default targets": (ask_pyagrum(loaded.network, targets=False), 500.0),
        "pyAgrum, setTargets(causes)": (ask_pyagrum(loaded.network, targets=True), 500.0),
    }
    asks = {name: ask for name, (ask, _) in peers.items()}
    rows = np.random.default_rng(0).choice(ROWS, size=(ROUNDS, SAMPLE), replace=False)
    own, peer, worst = [], [], 0.0
    timings(asks, [_case(frame, 0)], perf_counter)  # warm
    probabilities = loaded.posterior_batch(frame)[[f"p_{cause.id}" for cause in loaded.network.causes]].to_numpy()
    for sample in rows:
        start = perf_counter()
        loaded.posterior_batch(frame)
        own.append((perf_counter() - start) / ROWS)
        seconds, answers = timings(asks, [_case(frame, row) for row in sample], perf_counter)
        peer.append(seconds)
        worst = max(worst, *(float(np.abs(found - probabilities[sample]).max()) for found in answers.values()))
    if worst > 1e-9:
        raise AssertionError(f"the answers differ by {worst:.1e}, expected at most 1e-9")
    middle = float(np.median(own))
    lines = [["model.posterior_batch", duration(middle), ""]]
    for name, (_, target) in peers.items():
        value = float(np.median(np.concatenate([seconds[name] for seconds in peer])))
        lines.append([name, duration(value), ratio(value, middle, target)])
    title = f"Batch: {ROWS:,} different rows, {_entries(frame):.0f} entries a row; largest difference {worst:.0e}"
    return table(title, ["", "per case", "slower"], lines) + _growth(loaded, frame)


def _growth(loaded: model.DiagnosticModel, frame: pd.DataFrame) -> str:
    """Return time per row and peak memory beside the frame, by number of rows."""
    lines = []
    for count in (ROWS // 10, ROWS // 2, ROWS, 4 * ROWS):
        some = pd.concat([frame] * 4, ignore_index=True).iloc[:count]
        start = perf_counter()
        loaded.posterior_batch(some)
        seconds = perf_counter() - start
        tracemalloc.start()
        found = loaded.posterior_batch(some)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        size = found.memory_usage(deep=True).sum() / 2**20
        lines.append([f"{count:,}", duration(seconds / count), f"{peak:.0f} MB", f"{size:.0f} MB"])
    return table("Batch: growth with the rows", ["rows", "per row", "peak beside the frame", "of it the answer"], lines)


def _case(frame: pd.DataFrame, row: int) -> dict[str, str]:
    return {node: cell for node, cell in frame.iloc[row].items() if cell}


def _entries(frame: pd.DataFrame) -> float:
    return float((frame.to_numpy(dtype=object) != "").sum(axis=1).mean())


if __name__ == "__main__":
    print(run())
