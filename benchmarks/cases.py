"""Realistic patients for the benchmarks: causes given a low count, then their contexts, then their findings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.diagnostic_model import DiagnosticModel
from model.inference import Engine


def draw_codes(engine: Engine, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return node -> state of each of `count` patients with a low count, drawn from the network itself."""
    network = engine.network
    weights = engine.no_evidence.weights / engine.no_evidence.total
    configurations = engine.codes[rng.choice(len(weights), size=count, p=weights)]
    drawn = {cause: configurations[:, position] for position, cause in enumerate(engine.causes)}
    for component in engine.components:
        causes = [drawn[cause] for cause in component.causes]
        weight = np.tile(component.prior, (count, 1))
        for table, states in zip(component.unobserved, causes, strict=True):
            weight = weight * table[:, states].T
        joint = _choose(weight, rng)
        for position, context in enumerate(component.joint):
            drawn[context] = component.grid.codes[joint, position]
        for position, (table, states) in enumerate(zip(component.factors, causes, strict=True)):
            local = _choose(table[joint, :, states], rng)
            for context, owner in component.local_of.items():
                if owner == position:
                    drawn[context] = component.masks[context].argmax(0)[local]
    for finding in network.findings:
        parents = tuple(drawn[parent] for parent in (*finding.causes, *finding.contexts))
        drawn[finding.id] = _choose(finding.table()[parents], rng)
    return drawn


def draw_frame(model: DiagnosticModel, count: int, seed: int, findings: float, contexts: float) -> pd.DataFrame:
    """Return `count` different rows of state names; a finding is assessed in this share of rows, so is a context."""
    rng = np.random.default_rng(seed)
    kept = pd.DataFrame()
    while len(kept) < count:
        drawn = draw_codes(model.engine, count, rng)
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
    drawn = draw_codes(model.engine, count, rng)
    cases = []
    for row in range(count):
        chosen = []
        for nodes, number in ((model.network.contexts, contexts), (model.network.findings, findings)):
            chosen += [nodes[position] for position in rng.choice(len(nodes), size=number, replace=False)]
        cases.append({node.id: node.states[drawn[node.id][row]] for node in chosen})
    return cases


def _choose(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one column of each row, drawn in proportion to the weights."""
    cumulative = weights.cumsum(1)
    return (rng.random(len(weights))[:, None] * cumulative[:, -1:] < cumulative).argmax(1)
