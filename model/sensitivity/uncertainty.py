"""How sure is the answer: second-order Monte Carlo over every elicited number, the same draws for every patient.

The interval of a posterior is where it lies when every number of the model is drawn from its own distribution; it says
nothing of the patient's own luck. Draws and their calibration depend on setting, reading of the words, number of draws
and seed only, so they are made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.inference.draw_engine import DrawEngine, DrawnPosterior, at_point
from model.inference.engine import Engine
from model.sensitivity.parameter_space import ParameterBatch, ParameterSpace

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel
    from model.posterior import Posterior

DRAWS = 2000
QUANTILES = (0.05, 0.95)
Progress = Callable[[float, str], None]


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
    model: CalibratedModel, draws: int = DRAWS, seed: int = 0, progress: Progress | None = None
) -> ParameterDraws:
    """Return `draws` points of the parameter space; kept for the next call with the same model, draws and seed.

    progress : called with a fraction in [0, 1] and what is being done
    Cost: about a second for 2000 draws, then nothing.
    """
    tell = progress or (lambda fraction, what: None)
    tell(0.0, "drawing the numbers")
    found = _draws(model, draws, seed)
    tell(1.0, "done")
    return found


@lru_cache(maxsize=8)
def _draws(model: CalibratedModel, draws: int, seed: int) -> ParameterDraws:
    batch, redrawn = ParameterSpace(model).drawn(draws, seed)
    return ParameterDraws(batch, DrawEngine(model.engine, batch.network), redrawn)


def drawn_models(model: CalibratedModel, count: int = 50, seed: int = 0) -> tuple[CalibratedModel, ...]:
    """Return the model at `count` parameter draws, each compiled: for analyses that take alternative models.

    ``next_tests(evidence, draws=drawn_models(m))`` averages the worth of each test over them. Cost: some ms a model.
    """
    prepared = parameter_draws(model, max(count, 2), seed)
    network = prepared.batch.network
    return tuple(replace(model, engine=Engine(at_point(network, draw))) for draw in range(count))


@dataclass(frozen=True, slots=True)
class CauseInterval:
    """One cause: the published answer; 5 %, 95 % and mean of the draws; share of the draws in which it leads."""

    plug_in: float
    low: float
    high: float
    mean: float
    first: float


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
        import pandas as pd

        rows = {cause: asdict(interval) for cause, interval in self.causes.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cause")

    @cached_property
    def states(self) -> pd.DataFrame:
        """Index (cause, state); columns plug_in, low, high."""
        import pandas as pd

        low, high = np.quantile(self.drawn.states, QUANTILES, axis=0)
        return pd.DataFrame({"plug_in": self.answer.states, "low": low, "high": high})


def intervals(
    model: CalibratedModel,
    answer: Posterior,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
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
    low, high = np.quantile(drawn.acting, QUANTILES, axis=0)
    first = np.bincount(drawn.acting.argmax(1), minlength=len(names)) / len(drawn.acting)
    columns = (list(answer.acting.values()), low, high, drawn.acting.mean(0), first)
    causes = {name: CauseInterval(*map(float, row)) for name, *row in zip(names, *columns, strict=True)}
    leader = max(answer.acting, key=answer.acting.__getitem__)
    return Intervals(causes, leader, 1 - causes[leader].first, answer, drawn, draws, seed, prepared.redrawn)
