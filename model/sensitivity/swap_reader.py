"""Swap the reader: the same article read by somebody else, side by side.

A reader can use another verbal scale, another setting, another order of the causes, or drop one claim. Each gives a
model of its own; the posteriors and the published cases whose leading cause changes say what the reading decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.elicitation.ordered_simplex import rank_order_centroid
from model.errors import KnowledgeError, nearest
from model.evidence import published_cases, read_evidence
from model.inference.draw_engine import DrawEngine
from model.inference.leader import leading
from model.knowledge.rows import AlternativeReading
from model.late import pd
from model.posterior import Posterior
from model.progress import Progress, silent
from model.sensitivity.parameter_space import ParameterSpace

AS_READ = "as read"
NEGLIGIBLE = 1e-9  # a hazard that a dropped claim leaves: none, but a positive number


@dataclass(frozen=True)
class SwappedReaders:
    """What other readers would answer.

    frame : index reader; columns kind, label, one per cause (P(acting | evidence)), leader, moved (largest difference
        of a cause from the reading as published), cases (published cases whose leader differs, ``;`` between ids)
    """

    frame: pd.DataFrame
    leader: str

    @property
    def agreement(self) -> float:
        """Share of the other readers under whom the same cause leads."""
        leaders = self.frame["leader"].to_dict()
        others = [leader for reader, leader in leaders.items() if reader != AS_READ]
        return sum(leader == self.leader for leader in others) / len(others)


def centroid_of_constraints(causes: Sequence[str], constraints: str) -> dict[str, float]:
    """Return mean shares given a partial order: the rank-order centroid averaged over every ranking that respects it.

    constraints : chains of ids, ``a>b>c;a>d``; empty for none
    raises      : KnowledgeError for an unknown cause or constraints that contradict each other.
    Unranked causes float up: they are placed everywhere the constraints allow.
    """
    pairs = []
    for chain in filter(None, constraints.split(";")):
        names = [name.strip() for name in chain.split(">")]
        unknown = set(names) - set(causes)
        if unknown:
            raise KnowledgeError(f"Order {constraints!r}: unknown cause {sorted(unknown)[0]!r}.")
        pairs += list(pairwise(names))
    centroid = rank_order_centroid(len(causes))
    total, count = dict.fromkeys(causes, 0.0), 0
    for ranking in permutations(causes):
        place = {cause: position for position, cause in enumerate(ranking)}
        if all(place[before] < place[after] for before, after in pairs):
            count += 1
            for cause, position in place.items():
                total[cause] += centroid[position]
    if not count:
        raise KnowledgeError(f"Order {constraints!r}: no ranking respects it.")
    return {cause: value / count for cause, value in total.items()}


@dataclass(frozen=True, eq=False)
class ReadingPoints:
    """Readers who differ in some numbers or in the order alone: each a parameter point. No patient is in it.

    readers : id, kind and label of each;  drawn : the model at these points
    """

    readers: tuple[tuple[str, str, str], ...]
    drawn: DrawEngine
    model: CalibratedModel

    @cached_property
    def leaders(self) -> NDArray[np.intp]:
        """The place of the cause that leads in each published case, shape (readers, cases)."""
        knowledge = self.model.knowledge
        cases = [read_evidence(knowledge, case.presenting()) for case in published_cases(knowledge.folder).values()]
        return np.stack([leading(self.drawn.solve(case.hard, case.soft).acting) for case in cases], axis=1)


def _models(model: CalibratedModel) -> list[tuple[str, str, str, CalibratedModel]]:
    """Return id, kind, label and model of the readers with another scale or setting."""
    knowledge = model.knowledge
    scales = [(f"scale:{scale}", "scale", scale, model.elsewhere(model.setting, scale))
              for scale in knowledge.scales if scale != model.scale]  # fmt: skip
    return scales + [(f"setting:{each.setting}", "setting", each.label, model.elsewhere(each.setting))
                     for each in knowledge.settings.values() if each.setting != model.setting]  # fmt: skip


@lru_cache(maxsize=6)  # as many as there are settings, and one with numbers replaced
def reading_points(model: CalibratedModel) -> ReadingPoints:
    """Compile the readers with another order of the causes, or with one claim dropped; some 60 ms, then kept."""
    knowledge, space = model.knowledge, ParameterSpace(model)
    plain, as_read = space.net_plug_in
    readers, points = [], {}
    for reading in orders(model):
        readers.append((f"order:{reading.reading}", "order", reading.label))
        points[readers[-1][0]] = plain, _shares_under(model, reading)
    for claim in knowledge.claims.values():
        if muted := _muted(space, claim.claim):
            readers.append((f"claim:{claim.claim}", "claim dropped", f"without {claim.claim}: {claim.paraphrase}"))
            points[readers[-1][0]] = {**plain, **muted}, as_read
    return ReadingPoints(tuple(readers), DrawEngine(model.engine, space.at_each(points).network), model)


def orders(model: CalibratedModel) -> tuple[AlternativeReading, ...]:
    """Return the other readings of the order of the causes; none where the shares are numbers, not an order."""
    shares = model.knowledge.records_of(model.setting, "share_order")
    return model.knowledge.alternative_readings if all(record.reading == "order" for record in shares) else ()


@lru_cache(maxsize=4)
def reordered(model: CalibratedModel, reading: str) -> CalibratedModel:
    """Return the model under another reading of the order.

    reading : an id of ``data/alternative_readings.csv``; raises KnowledgeError for another.
    """
    known = {each.reading: each for each in orders(model)}
    if reading not in known:
        raise KnowledgeError(
            f"Reading {reading!r} of the order is unknown in setting {model.setting!r}{nearest(reading, known)}."
        )
    return model.with_shares(_shares_under(model, known[reading]))


def _shares_under(model: CalibratedModel, reading: AlternativeReading) -> dict[str, float]:
    causes = [record.node for record in model.knowledge.records_of(model.setting, "share_order")]
    return centroid_of_constraints(causes, reading.value)


def _muted(space: ParameterSpace, claim: str) -> dict[str, float]:
    """Return net numbers as if the article had not made a claim: the links and hazards that name it say nothing."""
    muted: dict[str, float] = {}
    for record in space.index.records:
        if claim in record.claims and record.kind in ("hazard", "link"):
            nothing = record.kind == "link" and space.index.background_of(record)
            muted[record.id] = 0.0 if nothing else NEGLIGIBLE
    return muted


def swap_reader(model: CalibratedModel, answer: Posterior, progress: Progress = silent) -> SwappedReaders:
    """Return what every other reader answers to the same evidence, and which published cases change their leader.

    answer : a posterior of `model`
    Cost: one pass per reader; a few seconds the first time for a model.
    """
    causes = [cause.id for cause in model.network.causes]
    ids, ours = list(published_cases(model.knowledge.folder)), _leaders(model)

    def row(reader: tuple[str, str, str], acting: Sequence[float], leaders: Sequence[str]) -> list[Any]:
        changed = ";".join(case for case, our, their in zip(ids, ours, leaders, strict=True) if our != their)
        return [*reader, *acting, causes[int(leading(np.array(acting)))], changed]

    rows = [row((AS_READ, AS_READ, f"{model.setting}, {model.scale}"), [*answer.acting.values()], ours)]
    others = _models(model)
    for position, (reader, kind, label, other) in enumerate(others):
        progress(position / (len(others) + 1), "ranking the published cases")
        acting = other.answer(answer.evidence, answer.scope).acting
        rows.append(row((reader, kind, label), [*acting.values()], _leaders(other)))
    progress(len(others) / (len(others) + 1), "ranking the published cases")
    points = reading_points(model)
    found = points.drawn.solve(answer.evidence.hard, answer.evidence.soft).acting.tolist()
    for reader, acting, leaders in zip(points.readers, found, points.leaders, strict=True):
        rows.append(row(reader, acting, [causes[place] for place in leaders]))
    frame = pd.DataFrame(rows, columns=["reader", "kind", "label", *causes, "leader", "cases"]).set_index("reader")
    published = frame.loc[AS_READ, causes].to_numpy(float)
    frame.insert(len(frame.columns) - 1, "moved", np.abs(frame[causes].to_numpy(float) - published).max(1))
    return SwappedReaders(frame, answer.leader)


@lru_cache(maxsize=64)
def _leaders(model: CalibratedModel) -> tuple[str, ...]:
    """Return the leading cause of each published case as it presented, the scope guard off."""
    cases = published_cases(model.knowledge.folder).values()
    return tuple(model.posterior(case.presenting(), scope=False).leader for case in cases)
