"""The article otherwise: what each of its sentences dropped, and each other reading of its order, would answer.

The same readers as in ``swap_reader`` (``claim dropped`` and ``order``), as points of one batch instead of a model
each, so that a patient costs some milliseconds. Settings and scales are other accounts, not sentences, and stay there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model.calibrated_model import CalibratedModel
from model.inference.draw_engine import DrawEngine
from model.inference.leader import leading
from model.network import Array
from model.posterior import Posterior
from model.sensitivity.parameter_space import ParameterSpace
from model.sensitivity.swap_reader import muted, orders, shares_of_reading


@dataclass(frozen=True, slots=True)
class ArticleOtherwise:
    """One sentence of the article dropped, or its order read otherwise.

    kind  : ``claim`` or ``order``;  id : of the claim or of the reading;  label : what it says
    now, then : P(the cause that leads now is acting) as read, and so
    leader, leads : the cause that would lead, and its probability
    """

    kind: str
    id: str
    label: str
    now: float
    then: float
    leader: str
    leads: float


@dataclass(frozen=True, eq=False)
class _Readings:
    named: tuple[tuple[str, str, str], ...]  # kind, id, label
    engine: DrawEngine


def article_otherwise(model: CalibratedModel, answer: Posterior) -> tuple[ArticleOtherwise, ...]:
    """Return what every sentence dropped and every other order would answer, the one that takes most first.

    answer : a posterior of `model`
    Cost   : one pass at some thirty points; the first call for a model calibrates them.
    """
    readings = _readings(model)
    if readings is None:
        return ()
    acting: Array = readings.engine.solve(answer.evidence.hard, answer.evidence.soft).acting
    causes = [cause.id for cause in model.network.causes]
    place, first = causes.index(answer.leader), leading(acting)
    found = [
        ArticleOtherwise(kind, name, label, answer.acting[answer.leader], float(row[place]), causes[lead],
                         float(row[lead]))
        for (kind, name, label), row, lead in zip(readings.named, acting, first, strict=True)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.then))


@lru_cache(maxsize=5)  # as many as there are settings
def _readings(model: CalibratedModel) -> _Readings | None:
    space = ParameterSpace(model)
    numbers, shares = space.net_plug_in
    points: list[tuple[tuple[str, str, str], dict[str, float], dict[str, float]]] = []
    for claim in model.knowledge.claims.values():
        changed = muted(model, claim.claim)
        if changed:
            net = {name: float(space.net(name, value)) for name, value in changed.items()}
            points.append((("claim", claim.claim, claim.paraphrase), {**numbers, **net}, shares))
    for reading in orders(model):
        read = shares_of_reading(model, reading.reading)
        points.append((("order", reading.reading, reading.label), numbers, read))
    if not points:
        return None
    batch = space.at_numbers(
        {name: np.array([each[name] for _, each, _ in points]) for name in numbers},
        {cause: np.array([each[cause] for _, _, each in points]) for cause in shares},
    )
    solved = np.flatnonzero(batch.calibration.solved)
    if len(solved) < len(points):  # a reading that no priors fit is none
        batch = space.at_numbers(
            {name: row[solved] for name, row in batch.numbers.items()},
            {cause: row[solved] for cause, row in batch.shares.items()},
        )
    named = tuple(points[row][0] for row in solved.tolist())
    return _Readings(named, DrawEngine(model.engine, batch.network)) if named else None
