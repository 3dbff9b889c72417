"""How sure is the answer: second-order intervals, by Monte Carlo over every elicited number.

The interval of a posterior is where it lies when every number of the model is drawn from its own distribution; it says
nothing of the patient's own luck. Draws and their calibration depend on setting, reading of the words, number of draws
and seed only, so they are made once, kept, and the same for every patient.

The prior predictive check (Box 1980; Gabry et al. 2019) asks the same draws before anything is known: if a frequency
looks wrong to somebody who sees such patients, a number behind it is wrong, whatever its own record says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation.quantity import TAILS
from model.inference.draw_engine import DrawEngine, DrawnPosterior
from model.inference.leader import leading
from model.late import pd
from model.posterior import Posterior
from model.progress import Progress, silent
from model.sensitivity.parameter_space import ParameterBatch, ParameterSpace
from model.wording import SPACE, led, percent_range

DRAWS = 2000
QUICK_DRAWS = 500  # where somebody waits, or where many answers are drawn


@dataclass(frozen=True)
class ParameterDraws:
    """Draws of every number, calibrated and compiled.

    engine  : answers a patient at every draw;  batch : the draws
    redrawn : how many points had no solution and were drawn again
    """

    batch: ParameterBatch
    engine: DrawEngine
    redrawn: int


def parameter_draws(
    model: CalibratedModel, draws: int = DRAWS, seed: int = 0, progress: Progress = silent
) -> ParameterDraws:
    """Return `draws` points of the parameter space; kept for the next call with the same model, draws and seed.

    Cost: about a second for 2000 draws, then nothing.
    """
    progress(0.0, "drawing the numbers")
    found = _draws(model, draws, seed)
    progress(1.0, "done")
    return found


@lru_cache(maxsize=6)  # 0.2 GB each
def _draws(model: CalibratedModel, draws: int, seed: int) -> ParameterDraws:
    batch, redrawn = ParameterSpace(model).drawn(draws, seed)
    return ParameterDraws(batch, DrawEngine(model.engine, batch.network), redrawn)


@dataclass(frozen=True, slots=True)
class CauseInterval:
    """One cause: the published answer; 5 %, 95 % and mean of the draws; share of the draws in which it leads."""

    plug_in: float
    low: float
    high: float
    mean: float
    first: float

    @property
    def text(self) -> str:
        """The interval as shown."""
        return f"90{SPACE}% range {self.between}"

    @property
    def between(self) -> str:
        """Its ends, as shown."""
        return percent_range(self.low, self.high)

    @property
    def lead(self) -> str:
        """How often the cause leads, as shown."""
        return led(self.first)


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals of one patient's posterior.

    causes  : cause -> its interval
    leader  : the cause that leads at the plug-in point
    leader_changes : share of the draws in which another cause leads
    drawn   : the posterior at every draw;  draws, seed, redrawn : how it was made
    """

    causes: Mapping[str, CauseInterval]
    leader: str
    leader_changes: float
    answer: Posterior = field(repr=False)
    drawn: DrawnPosterior = field(repr=False)
    draws: int
    seed: int
    redrawn: int

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Index cause; columns plug_in, low (5 %), high (95 %), mean, first."""
        rows = {cause: asdict(interval) for cause, interval in self.causes.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cause")

    @cached_property
    def states(self) -> pd.DataFrame:
        """Index (cause, state); columns plug_in, low, high."""
        low, high = np.quantile(self.drawn.states, TAILS, axis=0)
        return pd.DataFrame({"plug_in": self.answer.states, "low": low, "high": high})


def intervals(
    model: CalibratedModel, answer: Posterior, draws: int = DRAWS, seed: int = 0, progress: Progress = silent
) -> Intervals:
    """Return how far the posterior of `answer` moves when every number is drawn from its distribution.

    answer : a posterior of `model`;  draws : parameter points;  seed : 0 is a seed
    Unit: probabilities. `plug_in` is the published answer, at the mean of every number; it need not be the mean or the
    middle of the draws. Probability of ranking first counts draws, ties broken by the order of the causes.
    Cost: the first call draws and calibrates; each further patient takes the time of one pass at every draw.
    """
    prepared = parameter_draws(model, draws, seed, progress)
    drawn = prepared.engine.solve(answer.evidence.hard, answer.evidence.soft)
    names = [cause.id for cause in model.network.causes]
    low, high = np.quantile(drawn.acting, TAILS, axis=0)
    first = np.bincount(leading(drawn.acting), minlength=len(names)) / len(drawn.acting)
    columns = (list(answer.acting.values()), low, high, drawn.acting.mean(0), first)
    causes = {name: CauseInterval(*map(float, row)) for name, *row in zip(names, *columns, strict=True)}
    changes = 1 - causes[answer.leader].first
    return Intervals(causes, answer.leader, changes, answer, drawn, draws, seed, prepared.redrawn)


@dataclass(frozen=True)
class PriorPredictive:
    """Expected frequencies given a low count and nothing else.

    frame : index (node, state), every state but a node's first; columns role, label, plug_in, low (5 %), high (95 %)
    draws, seed : parameter points, as in :func:`intervals`
    """

    frame: pd.DataFrame
    draws: int
    seed: int


def prior_predictive(model: CalibratedModel, draws: int = QUICK_DRAWS, seed: int = 0) -> PriorPredictive:
    """Return P(state | low count) of every finding and context, with its interval over parameter draws.

    Cost: one pass at all draws per state, a few seconds for 500 draws.
    """
    engine = parameter_draws(model, draws, seed).engine
    whole = engine.solve({}).total
    published = model.posterior({}).nodes
    rows = {}
    for node in (*model.network.findings, *model.network.contexts):
        known = model.knowledge.nodes[node.id]
        for code, state in enumerate(node.states[1:], start=1):
            low, high = np.quantile(engine.solve({node.id: code}).total / whole, TAILS)
            rows[node.id, state] = (known.role, known.label, published[node.id, state], low, high)
    index = pd.MultiIndex.from_tuples(list(rows), names=("node", "state"))
    columns = ["role", "label", "plug_in", "low", "high"]
    return PriorPredictive(pd.DataFrame(list(rows.values()), index, columns), draws, seed)
