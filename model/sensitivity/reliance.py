"""What the answer rests on: the share of a posterior's variance that comes from each group of numbers.

Groups are the claims of the article, the sources, the grades, the kinds of number, or any other split. Sobol indices
(Sobol 1993; estimators of Saltelli 2010) on the unit cube with SALib, one group a factor; numbers are independent
coordinates there, an order being one group. The output is the log-odds of one cause, for near zero and one a
probability cannot move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.errors import EvidenceError, listed
from model.inference.draw_engine import DrawEngine
from model.knowledge.rows import Record
from model.network.cpt import Array
from model.sensitivity.parameter_space import ParameterSpace

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel
    from model.posterior import Posterior
    from model.sensitivity.uncertainty import Progress

BASE = 256  # a power of two; points = BASE * (groups + 2)
NO_CLAIM = "no claim of the article"
NO_SOURCE = "no source"
CHUNK = 512  # points between two words of progress
SCREENING = 2048  # points


def _first_claim(record: Record) -> str:
    return record.claims[0] if record.claims else NO_CLAIM


def _first_source(record: Record) -> str:
    return record.sources[0] if record.sources else NO_SOURCE


GROUPINGS: Mapping[str, Callable[[Record], str]] = {
    "claim": _first_claim,
    "source": _first_source,
    "grade": lambda record: f"grade {record.grade}",
    "reading": lambda record: record.reading,
    "kind": lambda record: record.kind,
}


@dataclass(frozen=True)
class Reliance:
    """Variance of one cause's log-odds by group.

    frame    : index group, most influential first; columns total (share of the variance that would remain if all
        but this group were known), total_error (half-width of its 95 % bootstrap interval), first (share that goes
        when this group becomes known), first_error, numbers (how many numbers the group holds)
    variance : variance of the log-odds (nats squared);  points : parameter points evaluated
    """

    frame: pd.DataFrame
    cause: str
    by: str
    variance: float
    points: int


def reliance(
    model: CalibratedModel,
    answer: Posterior,
    cause: str,
    by: str = "claim",
    base: int = BASE,
    seed: int = 0,
    largest: int = 12,
    progress: Progress | None = None,
) -> Reliance:
    """Return what part of the uncertainty of one posterior rests on each claim, source, grade, reading or kind.

    answer  : a posterior of `model`;  by : one of `GROUPINGS`
    base    : points per group, a power of two
    largest : groups kept apart (by a cheap first screening on each group's own share); the rest is one group, "the
    rest"
    progress : called with a fraction in [0, 1] and what is being done
    raises  : EvidenceError for an unknown cause or grouping.
    A number with several claims or sources counts with the first. Cost: base * (groups + 2) passes, calibrated.
    """
    import pandas as pd
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sampler

    causes = [node.id for node in model.network.causes]
    if cause not in causes:
        raise EvidenceError(f"Cause {cause!r} is unknown; allowed is {listed(causes)}.")
    if by not in GROUPINGS:
        raise EvidenceError(f"Grouping {by!r} is unknown; allowed is {listed(GROUPINGS)}.")
    space = ParameterSpace(model)
    groups = _groups(space, by)
    tell = progress or (lambda fraction, what: None)
    distinct = len(dict.fromkeys(groups))
    screening = SCREENING if distinct > largest else 0
    every = screening + base * (min(distinct, largest + 1) + 2)
    kept = _screened(
        space,
        answer,
        causes.index(cause),
        groups,
        largest,
        seed,
        lambda done: tell(done / every, "screening the groups"),
    )
    names = [group if group in kept else "the rest" for group in groups]
    problem = {
        "num_vars": len(space.coordinates),
        "names": list(space.coordinates),
        "bounds": [[0.0, 1.0]] * len(space.coordinates),
        "groups": names,
    }
    chosen = seed + 1  # SALib takes a seed of 0 for none
    points = sampler.sample(problem, base, calc_second_order=False, seed=chosen)
    output = _log_odds(
        space, answer, causes.index(cause), np.clip(points, 1e-6, 1 - 1e-6),
        lambda done: tell((screening + done) / every, "freezing one group after the other"),
    )  # fmt: skip
    found = analyse.analyze(problem, output, calc_second_order=False, seed=chosen)
    order = list(dict.fromkeys(names))
    frame = pd.DataFrame(
        {"total": found["ST"], "total_error": found["ST_conf"], "first": found["S1"], "first_error": found["S1_conf"],
         "numbers": [names.count(group) for group in order]},
        index=pd.Index(order, name=by),
    )  # fmt: skip
    return Reliance(frame.sort_values("total", ascending=False), cause, by, float(output.var()), len(points))


def _groups(space: ParameterSpace, by: str) -> list[str]:
    """Return the group of each coordinate; an order's axes share the group of its first row."""
    name = GROUPINGS[by]
    order = next((record for record in space.index.of("share_order") if record.reading == "order"), None)
    rows = [name(record) for record in space.records]
    return rows + [name(order)] * (len(space.coordinates) - len(rows)) if order else rows


def _log_odds(
    space: ParameterSpace, answer: Posterior, cause: int, points: Array, done: Callable[[int], None]
) -> Array:
    parts, solved = [], []
    for start in range(0, len(points), CHUNK):
        batch = space.at(points[start : start + CHUNK])
        engine = DrawEngine(answer.engine, batch.network)
        parts.append(engine.solve(answer.evidence.hard, answer.evidence.soft).acting[:, cause])
        solved.append(batch.calibration.solved)
        done(min(start + CHUNK, len(points)))
    found = np.clip(np.concatenate(parts), 1e-12, 1 - 1e-12)
    odds = np.log(found) - np.log1p(-found)
    return np.where(np.concatenate(solved), odds, np.median(odds))


def _screened(
    space: ParameterSpace,
    answer: Posterior,
    cause: int,
    groups: list[str],
    largest: int,
    seed: int,
    done: Callable[[int], None],
) -> set[str]:
    """Return the groups to keep apart: the largest by the variance that each explains linearly in its normal scores."""
    distinct = list(dict.fromkeys(groups))
    if len(distinct) <= largest:
        return set(distinct)
    points = np.random.default_rng(seed).random((SCREENING, len(groups)))
    output = _log_odds(space, answer, cause, points, done)
    centred = points - points.mean(0)
    slopes = centred.T @ (output - output.mean()) / (centred**2).sum(0)
    explained = dict.fromkeys(distinct, 0.0)
    for group, part in zip(groups, slopes**2 / 12, strict=True):
        explained[group] += part
    return set(sorted(distinct, key=lambda group: -explained[group])[:largest])
