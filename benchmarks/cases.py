"""Realistic patients for the benchmarks, drawn from the model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.diagnostic_model import DiagnosticModel
from model.inference.sampling import draw


def draw_frame(model: DiagnosticModel, count: int, seed: int, findings: float, contexts: float) -> pd.DataFrame:
    """Return `count` different rows of state names; a finding is assessed in this share of rows, so is a context."""
    rng = np.random.default_rng(seed)
    kept = pd.DataFrame()
    while len(kept) < count:
        drawn = draw(model.engine, count, rng)
        cells = {}
        for nodes, share in ((model.network.contexts, contexts), (model.network.findings, findings)):
            for node in nodes:
                names = np.array(["", *node.states], dtype=object)
                cells[node.id] = names[np.where(rng.random(count) < share, drawn[node.id] + 1, 0)]
        kept = pd.concat([kept, pd.DataFrame(cells)]).drop_duplicates(ignore_index=True)
    return kept.iloc[:count].reset_index(drop=True)


def draw_cases(model: DiagnosticModel, count: int, seed: int, findings: int, contexts: int) -> list[dict[str, str]]:
    """Return `count` cases with exactly this many findings and answered contexts, chosen at random."""
    rng = np.random.default_rng(seed)
    drawn = draw(model.engine, count, rng)
    cases = []
    for row in range(count):
        chosen = []
        for nodes, number in ((model.network.contexts, contexts), (model.network.findings, findings)):
            chosen += [nodes[position] for position in rng.choice(len(nodes), size=number, replace=False)]
        cases.append({node.id: node.states[drawn[node.id][row]] for node in chosen})
    return cases
