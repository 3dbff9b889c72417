"""What the answer rests on: Sobol indices, the share of a posterior's variance that comes from each group of numbers.

Groups are the claims of the article, the sources, the grades, the kinds of number, or any other split. The first-order
index of a group is Var(E[Y | group]) / Var(Y), what goes when the group becomes known; its total index is what would
remain if all others were (Sobol 1993; estimators of Saltelli et al. 2010, with SALib on the unit cube, one group a
factor). Numbers are independent coordinates there, an order being one group. Y is the log-odds of one cause, for near
zero and one a probability cannot move.

Before that, groups are screened by the part of the variance that a straight line in each coordinate explains. By hand:
Y = 3 a + b on the unit square has the variance 9/12 + 1/12, so `a` explains nine tenths.

>>> corners = np.array([[a, b] for a in (0.25, 0.75) for b in (0.25, 0.75)])
>>> explained = linear_variance(corners, corners @ [3.0, 1.0])
>>> (explained / explained.sum()).round(3).tolist()
[0.9, 0.1]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError, listed
from model.inference.draw_engine import DrawEngine
from model.knowledge import Record
from model.late import pd
from model.log_odds import log_odds
from model.network import Array
from model.posterior import Posterior
from model.progress import Progress, silent
from model.sensitivity.parameter_space import ParameterSpace

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

    frame    : index group, most influential first; columns total (total Sobol index), total_error (half-width of its
        95 % bootstrap interval), first (first-order index), first_error, numbers (how many numbers the group holds)
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
    progress: Progress = silent,
) -> Reliance:
    """Return what part of the uncertainty of one posterior rests on each claim, source, grade, reading or kind.

    answer  : a posterior of `model`;  by : one of `GROUPINGS`
    base    : points per group, a power of two
    largest : groups kept apart, those with the largest share in a cheap screening; the others are "the rest"
    raises  : EvidenceError for an unknown cause or grouping.
    A number with several claims or sources counts with the first. Cost: base * (groups + 2) passes, calibrated.
    """
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sampler

    model.network.cause(cause)
    if by not in GROUPINGS:
        raise EvidenceError(f"Grouping {by!r} is unknown; allowed is {listed(GROUPINGS)}.")
    asked = [node.id for node in model.network.causes].index(cause)
    space = ParameterSpace(model)
    groups = _groups(space, by)
    distinct = len(set(groups))
    screening = SCREENING if distinct > largest else 0
    every = screening + base * (min(distinct, largest + 1) + 2)
    kept = set(groups)
    if screening:
        uniforms = np.random.default_rng(seed).random((SCREENING, len(groups)))
        output = _log_odds(space, answer, asked, uniforms, lambda done: progress(done / every, "screening the groups"))
        kept = _largest(groups, linear_variance(uniforms, output), largest)
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
        space, answer, asked, np.clip(points, 1e-6, 1 - 1e-6),
        lambda done: progress((screening + done) / every, "freezing one group after the other"),
    )  # fmt: skip
    found = analyse.analyze(problem, output, calc_second_order=False, seed=chosen)
    order = list(dict.fromkeys(names))
    frame = pd.DataFrame(
        {"total": found["ST"], "total_error": found["ST_conf"], "first": found["S1"], "first_error": found["S1_conf"],
         "numbers": [names.count(group) for group in order]},
        index=pd.Index(order, name=by),
    )  # fmt: skip
    return Reliance(frame.sort_values("total", ascending=False), cause, by, float(output.var()), len(points))


def linear_variance(uniforms: Array, output: Array) -> Array:
    """Return the variance of the output that a straight line in each coordinate explains, shape (coordinates,).

    uniforms : (n, coordinates), in (0, 1);  output : (n,)
    """
    centred = uniforms - uniforms.mean(0)
    slopes = centred.T @ (output - output.mean()) / (centred**2).sum(0)
    return slopes**2 / 12  # the variance of a coordinate that is uniform over the unit interval


def _largest(groups: list[str], explained: Array, most: int) -> set[str]:
    """Return the groups that explain most; of equal ones those that come first."""
    total = dict.fromkeys(groups, 0.0)
    for group, variance in zip(groups, explained, strict=True):
        total[group] += variance
    return set(sorted(total, key=lambda group: -total[group])[:most])


def _groups(space: ParameterSpace, by: str) -> list[str]:
    """Return the group of each coordinate; an order's axes share the group of its first row."""
    name = GROUPINGS[by]
    order = next((record for record in space.index.of("share_order") if record.reading == "order"), None)
    rows = [name(record) for record in space.records]
    return rows + [name(order)] * (len(space.coordinates) - len(rows)) if order else rows


def _log_odds(
    space: ParameterSpace, answer: Posterior, cause: int, points: Array, done: Callable[[int], object]
) -> Array:
    """Return the log-odds of one cause at points of the cube; the median where a point has no priors."""
    parts, solved = [], []
    for start in range(0, len(points), CHUNK):
        batch = space.at(points[start : start + CHUNK])
        engine = DrawEngine(answer.engine, batch.network)
        parts.append(engine.solve(answer.evidence.hard, answer.evidence.soft).acting[:, cause])
        solved.append(batch.calibration.solved)
        done(min(start + CHUNK, len(points)))
    odds = log_odds(np.concatenate(parts))
    return np.where(np.concatenate(solved), odds, np.median(odds))
