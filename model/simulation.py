"""Patients drawn from the model: contexts, causes and findings, given a low count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.components import Component
from model.context_grid import grid
from model.cpt import Array
from model.errors import EvidenceError
from model.inference import Engine
from model.patterns import Codes

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel

CHUNK = 1 << 14  # rows that are compared with a whole distribution at once


def simulate(model: CalibratedModel, n: int, seed: int) -> pd.DataFrame:
    """Return `n` patients drawn exactly and independently from P(contexts, causes, findings | low count).

    Definition : first the causes from their joint posterior given the low count, then each block's contexts given its
                 causes, then the contexts of one cause, then every finding given its parents (forward sampling from the
                 exact joint: no rejection, no weights).
    Columns    : every context, cause and finding, in the order of the network, as state names; no mechanisms. Without
                 the cause columns it is a table for ``posterior_batch``.
    Reference  : Henrion 1988 (logic sampling), with the observed low count summed out beforehand instead of rejected.
    Cost       : linear in n; 1e5 patients take about a second. The same seed and n give the same patients.
    raises     : EvidenceError unless n is a whole number of 0 or more.
    """
    import pandas as pd

    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
        raise EvidenceError(f"simulate: expected a whole number of patients, 0 or more, got {n!r}.")
    codes = draw(model.engine, int(n), np.random.default_rng(seed))
    nodes = (*model.network.contexts, *model.network.causes, *model.network.findings)
    return pd.DataFrame({node.id: np.array(node.states, object)[codes[node.id]] for node in nodes})


def draw(engine: Engine, n: int, rng: np.random.Generator) -> dict[str, Codes]:
    """Return node -> (n,) state indices of contexts, causes and findings."""
    configuration = sample(engine.no_evidence.weights[None], np.zeros(n, np.intp), rng)
    codes: dict[str, Codes] = {
        cause: engine.codes[configuration, position] for position, cause in enumerate(engine.causes)
    }
    for component in engine.components:
        codes |= _contexts(component, codes, n, rng)
    for finding in engine.network.findings:
        table = finding.table()
        parents = tuple(codes[parent] for parent in engine.network.parents(finding.id))
        row = np.ravel_multi_index(parents, table.shape[:-1])
        codes[finding.id] = sample(table.reshape(-1, table.shape[-1]), row, rng)
    return codes


def _contexts(component: Component, causes: dict[str, Codes], n: int, rng: np.random.Generator) -> dict[str, Codes]:
    """Return the contexts of one block, given its causes: the joint ones, then those of one cause alone."""
    states = tuple(causes[cause] for cause in component.causes)
    row = np.ravel_multi_index(states, component.cards) if states else np.zeros(n, np.intp)
    given = np.repeat(component.prior[None], int(np.prod(component.cards, dtype=int)), axis=0)
    for code, factor in zip(grid(component.cards).T, component.unobserved, strict=True):
        given = given * factor.T[code]
    joint = sample(given, row, rng)
    found = {context: component.masks[context].argmax(0)[joint] for context in component.joint}
    for position, factor in enumerate(component.factors):  # (J, L, K)
        local = [context for context, owner in component.local_of.items() if owner == position]
        if local:
            rows = np.moveaxis(factor, 2, 1).reshape(-1, factor.shape[1])
            drawn = sample(rows, joint * factor.shape[2] + states[position], rng)
            found |= {context: component.masks[context].argmax(0)[drawn] for context in local}
    return found


def sample(weights: Array, rows: Codes, rng: np.random.Generator) -> Codes:
    """Return one draw for each entry of `rows`, from that row of `weights`, shape (rows, outcomes), not normalised.

    By inversion: one uniform number a draw. A row that is never asked for may be all zero.
    """
    uniform = rng.random(len(rows))
    edges = np.cumsum(weights, axis=1)
    edges = edges[:, :-1] / np.where(edges[:, -1:] > 0, edges[:, -1:], 1.0)
    if len(weights) == 1:
        return np.searchsorted(edges[0], uniform, side="right")
    drawn = np.empty(len(rows), np.intp)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        drawn[part] = (edges[rows[part]] <= uniform[part, None]).sum(1)
    return drawn
