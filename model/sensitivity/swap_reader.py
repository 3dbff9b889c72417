"""Swap the reader: the same article read by somebody else, side by side.

A reader can use another verbal scale, another setting, another order of the causes, or drop one claim. Each gives a
model of its own; the posteriors and the published cases whose leading cause changes say what the reading decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise, permutations

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation.ordered_simplex import rank_order_centroid
from model.errors import KnowledgeError, nearest
from model.evidence import published_cases
from model.knowledge.rows import AlternativeReading
from model.late import pd
from model.posterior import Posterior
from model.progress import Progress, part, silent

AS_READ = "as read"
NEGLIGIBLE = 1e-9  # a hazard that a dropped claim leaves: none, but a positive number


@dataclass(frozen=True)
class Reader:
    """One reading of the article. `kind` is as read, scale, setting, order or claim dropped."""

    id: str
    kind: str
    label: str
    model: CalibratedModel


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


def readers(model: CalibratedModel, progress: Progress = silent) -> tuple[Reader, ...]:
    """Return the reading as published, then every other: scales, settings, orders, and each claim dropped.

    Cost: some 30 ms a reader, calibrated once and kept.
    """
    found = [Reader(AS_READ, AS_READ, f"{model.setting}, {model.scale}", model)]
    others = list(_others(model))
    for position, (reader, kind, label, calibrate) in enumerate(others):
        progress(position / len(others), "calibrating the readers")
        other = calibrate()
        if other is not None:
            found.append(Reader(reader, kind, label, other))
    return tuple(found)


def _others(model: CalibratedModel) -> Iterator[tuple[str, str, str, Callable[[], CalibratedModel | None]]]:
    """Yield id, kind, label and what makes the model, for every other reader."""
    knowledge = model.knowledge
    for scale in knowledge.scales:
        if scale != model.scale:
            yield f"scale:{scale}", "scale", scale, partial(type(model).load, model.setting, scale)
    for setting in knowledge.settings.values():
        if setting.setting != model.setting:
            calibrate = partial(type(model).load, setting.setting, model.scale)
            yield f"setting:{setting.setting}", "setting", setting.label, calibrate
    for reading in orders(model):
        yield f"order:{reading.reading}", "order", reading.label, partial(reordered, model, reading.reading)
    for claim in knowledge.claims.values():
        label = f"without {claim.claim}: {claim.paraphrase}"
        yield f"claim:{claim.claim}", "claim dropped", label, partial(_without_claim, model, claim.claim)


def orders(model: CalibratedModel) -> tuple[AlternativeReading, ...]:
    """Return the other readings of the order of the causes; none where the shares are numbers, not an order."""
    shares = model.knowledge.records_of(model.setting, "share_order")
    return model.knowledge.alternative_readings if all(record.reading == "order" for record in shares) else ()


@lru_cache(maxsize=64)
def reordered(model: CalibratedModel, reading: str) -> CalibratedModel:
    """Return the model under another reading of the order.

    reading : an id of ``data/alternative_readings.csv``; raises KnowledgeError for another.
    """
    return model.with_shares(shares_of_reading(model, reading))


def shares_of_reading(model: CalibratedModel, reading: str) -> dict[str, float]:
    """Return cause -> share under another reading of the order; raises KnowledgeError as `reordered`."""
    known = {each.reading: each for each in orders(model)}
    if reading not in known:
        raise KnowledgeError(
            f"Reading {reading!r} of the order is unknown in setting {model.setting!r}{nearest(reading, known)}."
        )
    causes = [record.node for record in model.knowledge.records_of(model.setting, "share_order")]
    return centroid_of_constraints(causes, known[reading].value)


@lru_cache(maxsize=256)
def _without_claim(model: CalibratedModel, claim: str) -> CalibratedModel | None:
    """Return the model as if the article had not made a claim; None where no link and no hazard names it."""
    numbers = muted(model, claim)
    return model.override(numbers) if numbers else None


def muted(model: CalibratedModel, claim: str) -> dict[str, float]:
    """Return the numbers, as stated, that make the links and hazards that name a claim of the article say nothing."""
    from model.network import RecordIndex

    index = RecordIndex(model.knowledge, model.setting)
    stated = {record.id: record.value for record in index.records}
    found: dict[str, float] = {}
    for record in index.records:
        if claim in record.claims and record.kind == "hazard":
            found[record.id] = NEGLIGIBLE
        elif claim in record.claims and record.kind == "link":
            background = index.background_of(record)
            found[record.id] = float(stated[background] or 0.0) if background else NEGLIGIBLE
    return found


def swap_reader(model: CalibratedModel, answer: Posterior, progress: Progress = silent) -> SwappedReaders:
    """Return what every other reader answers to the same evidence, and which published cases change their leader.

    answer : a posterior of `model`
    Cost: one pass per reader; a few seconds the first time, to calibrate them and to rank the published cases.
    """
    causes = [cause.id for cause in model.network.causes]
    cases = _leaders(model)
    rows = []
    every = readers(model, part(progress, 0, 2))
    for position, reader in enumerate(every):
        part(progress, 1, 2)(position / len(every), "ranking the published cases")
        read = reader.model.answer(answer.evidence, answer.scope)
        other = _leaders(reader.model)
        changed = [case for case, leader in cases.items() if other[case] != leader]
        rows.append([reader.id, reader.kind, reader.label, *read.acting.values(), read.leader, ";".join(changed)])
    frame = pd.DataFrame(rows, columns=["reader", "kind", "label", *causes, "leader", "cases"]).set_index("reader")
    published = frame.loc[AS_READ, causes].to_numpy(float)
    frame.insert(len(frame.columns) - 1, "moved", np.abs(frame[causes].to_numpy(float) - published).max(1))
    return SwappedReaders(frame, str(frame.loc[AS_READ, "leader"]))


@lru_cache(maxsize=128)
def _leaders(model: CalibratedModel) -> dict[str, str]:
    """Return the leading cause of each published case as it presented, the scope guard off."""
    cases = published_cases(model.knowledge.folder).values()
    return {case.id: model.posterior(case.presenting(), scope=False).leader for case in cases}
