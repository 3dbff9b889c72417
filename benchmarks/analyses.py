"""The analyses, and the same questions asked of pyAgrum in a loop where it can answer them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from math import factorial, log10
from time import perf_counter
from typing import Any

import numpy as np

import model
from benchmarks.cases import draw_cases
from benchmarks.peers import ask_pyagrum
from benchmarks.table import duration, ratio, table
from model.inference.draw_engine import at_point
from model.sensitivity import parameter_draws
from model.sensitivity.uncertainty import DRAWS

SLICES = 3  # draws whose network pyAgrum is given; the rest is extrapolated


def run() -> str:
    """Time each analysis on one case of 12 findings, beside a loop over pyAgrum (setTargets), answers compared."""
    loaded = model.load()
    case = draw_cases(loaded, 1, seed=7, findings=12, contexts=0)[0]
    peer = ask_pyagrum(loaded.network, targets=True)
    rows = [_differential(loaded, case, peer), _shapley(loaded, case, peer), _next(loaded, case, peer)]
    rows += _intervals(loaded, case)
    return table("Analyses: one case of 12 findings", ["", "time", "pyAgrum in a loop", "ratio", "difference"], rows)


def _timed(call: Callable[[], Any], repeats: int = 5) -> tuple[float, Any]:
    found = call()
    times = []
    for _ in range(repeats):
        began = perf_counter()
        found = call()
        times.append(perf_counter() - began)
    return float(np.median(times)), found


def _row(name: str, own: float, peer: float | None, worst: float | None) -> list[str]:
    if peer is None or worst is None:
        return [name, duration(own), "cannot", "", ""]
    return [name, duration(own), duration(peer), ratio(peer, own, None), f"{worst:.0e}"]


def _differential(loaded: model.DiagnosticModel, case: Mapping[str, str], peer: Callable) -> list[str]:
    own, found = _timed(lambda: loaded.differential(case))
    without = [{node: state for node, state in case.items() if node != left} for left in case]
    theirs, answers = _timed(lambda: [peer(rest) for rest in without], 3)
    worst = np.abs(found.retractions[list(found.causes.index)].to_numpy(float) - np.array(answers)).max()
    return _row("12 retractions and every derivative (pyAgrum: retractions only)", own, theirs, float(worst))


def _shapley(loaded: model.DiagnosticModel, case: Mapping[str, str], peer: Callable) -> list[str]:
    cause = "viral"
    position = [node.id for node in loaded.network.causes].index(cause)
    own, found = _timed(lambda: loaded.explain(case, cause), 3)
    items = list(case)

    def loop() -> dict[str, float]:
        value = {}
        for size in range(len(items) + 1):
            for subset in combinations(range(len(items)), size):
                p = peer({items[i]: case[items[i]] for i in subset})[position]
                value[subset] = 10 * log10(p / (1 - p))
        shares = dict.fromkeys(items, 0.0)
        n = len(items)
        for i, item in enumerate(items):
            for subset, worth in value.items():
                if i not in subset:
                    weight = factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n)
                    shares[item] += weight * (value[tuple(sorted((*subset, i)))] - worth)
        return shares

    began = perf_counter()
    shares = loop()
    theirs = perf_counter() - began
    mine = found.items.set_index("item")["shapley"].to_dict()
    return _row("exact Shapley values, 4096 coalitions", own, theirs, max(abs(mine[i] - shares[i]) for i in items))


def _next(loaded: model.DiagnosticModel, case: Mapping[str, str], peer: Callable) -> list[str]:
    own, found = _timed(lambda: loaded.next_tests(case))
    answer = loaded.posterior(case)
    predicted = answer.nodes.to_dict()

    def loop() -> dict[str, float]:
        best = max(peer(case))
        worth: dict[str, float] = {}
        for (node, state), probability in predicted.items():
            worth[node] = worth.get(node, -best) + probability * max(peer({**case, node: state}))
        return worth

    theirs, worth = _timed(loop, 1)
    mine = {line.test: line.worth.value for line in found.lines if line.kind != "panel"}
    worst = max(abs(mine[node] - value) for node, value in worth.items() if node in mine)
    return _row("next test over all open nodes, and panels (pyAgrum: without panels)", own, theirs, worst)


def _intervals(loaded: model.DiagnosticModel, case: Mapping[str, str]) -> list[list[str]]:
    began = perf_counter()
    draws = parameter_draws(loaded, DRAWS, seed=1)
    first = perf_counter() - began
    answer = loaded.posterior(case)
    own, found = _timed(lambda: draws.engine.solve(answer.evidence.hard, answer.evidence.soft))
    began = perf_counter()
    answers = [ask_pyagrum(at_point(draws.engine.network, draw), targets=True)(case) for draw in range(SLICES)]
    theirs = (perf_counter() - began) / SLICES * DRAWS
    worst = np.abs(np.array(answers) - found.acting[:SLICES]).max()
    return [
        _row(f"draw and calibrate {DRAWS} parameter points, once per setting", first, None, None),
        _row(
            f"intervals of one case, {DRAWS} draws (pyAgrum: {SLICES} draws, extrapolated)", own, theirs, float(worst)
        ),
    ]


if __name__ == "__main__":
    print(run())
