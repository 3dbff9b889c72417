"""Everything around one answer in one go: posteriors, retractions of each entry, derivatives for every number.

The differential approach to inference (Darwiche 2003) in the form this network allows: retractions are rows of one
batch; derivatives are one pass with a complex step in each number, the calibration differentiated too.

The complex step (``one_way``): f'(x) is the imaginary part of f(x + ih) over h. By hand, of x / (x + 3) at 1: 3 / 16.

>>> x = 1 + 1j * STEP
>>> (x / (x + 3)).imag / STEP
0.1875
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from model.calibrated_model import CalibratedModel
from model.explanation.coalition import batch_engines, entries, stated, subset_columns
from model.late import pd
from model.network import Array
from model.posterior import Posterior
from model.sensitivity.one_way import STEP, probes


@dataclass(frozen=True, eq=False)
class Differential:
    """One answer and its surroundings.

    causes       : P(cause acting | evidence);  log_evidence : ln P(evidence | low count)
    retractions  : one row per entry: state, log_evidence without it, and P(each cause | evidence without it). A context
        goes back to its base rate: retraction is not the opposite finding, and nothing is divided by a likelihood
    derivatives  : one row per number as stated: kind, value, log_evidence (d ln P(evidence, low count) / d number), and
        d P(cause) / d number for each cause. Exact to rounding. For a share of the article's order, the others keep
        their proportions
    """

    causes: pd.Series
    log_evidence: float
    retractions: pd.DataFrame
    derivatives: pd.DataFrame


def differential(model: CalibratedModel, answer: Posterior) -> Differential:
    """Return posteriors, retractions and all derivatives of one answer.

    Unit: probabilities and natural logarithms; derivatives per unit of the number.
    Cost: a batch of one row per entry and one complex pass at as many points as there are numbers (tens of ms); the
    first call for a model compiles those points.
    """
    causes = [cause.id for cause in model.network.causes]
    names, logs, without = _retracted(model, answer)
    retractions = pd.DataFrame(without, index=pd.Index(names, name="entry"), columns=causes)
    retractions.insert(0, "log_evidence", logs)
    retractions.insert(0, "state", [stated(model, answer.evidence, name) for name in names])
    return Differential(answer.causes, answer.log_evidence, retractions, _derivatives(model, answer, causes))


def _retracted(model: CalibratedModel, answer: Posterior) -> tuple[list[str], list[float], Array]:
    names = entries(answer.evidence)
    if not names:
        return [], [], np.zeros((0, len(model.network.causes)))
    inside = ~np.eye(len(names), dtype=bool)
    engine, _ = batch_engines(model.engine)
    acting, total = engine.score(subset_columns(answer.evidence, names, inside), len(names))
    base = log(model.engine.no_evidence.total)
    return names, [log(value) - base for value in total], acting


def _derivatives(model: CalibratedModel, answer: Posterior, causes: list[str]) -> pd.DataFrame:
    probe = probes(model)
    found = probe.derivative.solve(answer.evidence.hard, answer.evidence.soft)
    frame = pd.DataFrame(found.acting.imag / STEP, index=pd.Index(probe.names, name="number"), columns=causes)
    frame.insert(0, "log_evidence", (found.total.imag / found.total.real) / STEP)
    frame.insert(0, "value", probe.values)
    frame.insert(0, "kind", [model.knowledge.record(name).kind for name in probe.names])
    return frame
