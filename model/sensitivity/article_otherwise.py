"""The article otherwise: what each of its sentences dropped, and each other reading of its order, would answer.

The same readers as in ``swap_reader`` (``claim dropped`` and ``order``), as points of one batch instead of a model
each, so that a patient costs some milliseconds. Settings and scales are other accounts, not sentences, and stay there.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.calibrated_model import CalibratedModel
from model.inference.leader import leading
from model.network import Array
from model.posterior import Posterior
from model.sensitivity.swap_reader import reading_points


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


def article_otherwise(model: CalibratedModel, answer: Posterior) -> tuple[ArticleOtherwise, ...]:
    """Return what every sentence dropped and every other order would answer, the one that takes most first.

    answer : a posterior of `model`
    Cost   : one pass at some thirty points; the first call for a model calibrates them.
    """
    points = reading_points(model)
    acting: Array = points.drawn.solve(answer.evidence.hard, answer.evidence.soft).acting
    causes = [cause.id for cause in model.network.causes]
    place, found = causes.index(answer.leader), []
    for (reader, _, label), row, lead in zip(points.readers, acting, leading(acting), strict=True):
        kind, _, name = reader.partition(":")
        said = model.knowledge.claims[name].paraphrase if kind == "claim" else label
        now, then = answer.acting[answer.leader], float(row[place])
        found.append(ArticleOtherwise(kind, name, said, now, then, causes[lead], float(row[lead])))
    return tuple(sorted(found, key=lambda each: each.then))
