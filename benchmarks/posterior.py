"""One posterior of all seven causes given 12 findings: this engine, pgmpy and pyAgrum, on the same cases."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import numpy as np

import model
from benchmarks.cases import draw_cases
from benchmarks.peers import ask_pgmpy, ask_pyagrum, timings
from benchmarks.table import duration, ratio, table

CASES = 100
TARGET = 40.0


def run() -> str:
    """Time every asker on the same cases, in turn, and compare the answers to 1e-9."""
    loaded = model.load()

    def arrays(case: Mapping[str, str]) -> np.ndarray:
        states = loaded.posterior(case).state_probabilities
        return np.array([1 - states[cause.id][0] for cause in loaded.network.causes])

    asks = {
        "model, posterior as arrays": arrays,
        "model, posterior as a pandas Series": lambda case: loaded.posterior(case).causes.to_numpy(),
        "pgmpy, one joint query": ask_pgmpy(loaded.network, joint=True),
        "pyAgrum, default targets": ask_pyagrum(loaded.network, targets=False),
        "pyAgrum, setTargets(causes)": ask_pyagrum(loaded.network, targets=True),
    }
    found = ""
    for contexts in (0, 4):
        timings(asks, draw_cases(loaded, 5, seed=1, findings=12, contexts=contexts), perf_counter)  # warm
        cases = draw_cases(loaded, CASES, seed=2 + contexts, findings=12, contexts=contexts)
        seconds, answers = timings(asks, cases, perf_counter)
        exact, *others = answers.values()
        worst = max(float(np.abs(other - exact).max()) for other in others)
        if worst > 1e-9:
            raise AssertionError(f"the answers differ by {worst:.1e}, expected at most 1e-9")
        middle = {name: float(np.median(values)) for name, values in seconds.items()}
        own, series, *_ = middle.values()
        rows = [[name, duration(value), *_ratios(name, value, own, series)] for name, value in middle.items()]
        title = f"One posterior: 12 findings, {contexts} contexts; {CASES} cases; largest difference {worst:.0e}"
        found += table(title, ["", "time", "slower than arrays", "than Series"], rows)
    return found


def _ratios(name: str, value: float, own: float, series: float) -> list[str]:
    return [ratio(value, own, None if name.startswith("model") else TARGET), ratio(value, series, None)]


if __name__ == "__main__":
    print(run())
