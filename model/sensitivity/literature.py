"""The literature against the article: what the answer would be if a claim of the article gave way to a better figure.

Each disagreement of ``disagreements.csv`` has rows in ``better_figures.csv``: numbers, shares or a whole setting that
stand against the article, run one figure at a time, everything else as it is; or the reason why nothing can be run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation import stated
from model.errors import KnowledgeError
from model.inference.draw_engine import DrawEngine
from model.inference.leader import leading
from model.knowledge import Disagreement
from model.knowledge.rows import BetterFigure
from model.posterior import Posterior
from model.sensitivity.parameter_space import ParameterSpace
from model.sensitivity.swap_reader import orders

RUN = ("number", "share", "setting")  # kinds of change that can be run; the others say why not


@dataclass(frozen=True)
class Replaced:
    """One row of a better figure, and what the model has in its place; a whole setting has no number."""

    row: BetterFigure
    in_model: float | None


@dataclass(frozen=True)
class UnderFigure:
    """The answer under one better figure.

    causes  : cause -> P(acting | evidence)
    at_low, at_high : the same at the ends of the figure's interval; empty when it has none or replaces several numbers
    moved   : the cause it moves most, and `change` by how much;  leader : the cause that leads
    """

    disagreement: str
    figure: str
    label: str
    replaced: tuple[Replaced, ...]
    causes: Mapping[str, float]
    at_low: Mapping[str, float]
    at_high: Mapping[str, float]
    moved: str
    change: float
    leader: str


@dataclass(frozen=True)
class NotRun:
    """A disagreement, or a part of it, without a figure to run here: wording, scope, no figure or another setting."""

    disagreement: str
    why: str
    reason: str


@dataclass(frozen=True)
class LiteratureAgainstArticle:
    """The answer of the model, and what it would be under each better figure.

    causes        : cause -> P(acting | evidence) as the model stands
    figures       : in the order of the table;  not_run : what could not be run, with the reason
    disagreements : id -> what the article says, what is wrong, the better figure in words
    """

    setting: str
    causes: Mapping[str, float]
    leader: str
    figures: tuple[UnderFigure, ...]
    not_run: tuple[NotRun, ...]
    disagreements: Mapping[str, Disagreement]

    @property
    def leader_changes(self) -> tuple[UnderFigure, ...]:
        """The figures under which another cause leads."""
        return tuple(figure for figure in self.figures if figure.leader != self.leader)


@dataclass(frozen=True)
class _Alternative:
    """What a figure replaces, and where its answer is: the model of another setting, or points of one engine.

    points : of the figure, and of both ends of its interval if it has one
    """

    replaced: tuple[Replaced, ...]
    elsewhere: CalibratedModel | None = None
    points: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class _Alternatives:
    """Everything that can be run, compiled, and what cannot; no patient is in it."""

    figures: tuple[_Alternative, ...]
    drawn: DrawEngine | None
    not_run: tuple[NotRun, ...]


def literature_against_article(
    model: CalibratedModel, answer: Posterior, *, ends: bool = True
) -> LiteratureAgainstArticle:
    """Return what every better figure would answer to the same evidence.

    answer : a posterior of `model`
    ends   : also at both ends of each figure's interval
    Cost: one pass a figure, some 10 ms together; the first time for a model a second, to compile them.
    """
    found, names = alternatives(model), list(answer.acting)
    acting = None if found.drawn is None else found.drawn.solve(answer.evidence.hard, answer.evidence.soft).acting
    figures = []
    for each in found.figures:
        if each.elsewhere is not None:
            read: list[Mapping[str, float]] = [dict(each.elsewhere.answer(answer.evidence, answer.scope).acting)]
        else:
            assert acting is not None  # whatever is no other setting is a point
            read = [dict(zip(names, acting[point].tolist(), strict=True)) for point in each.points]
        causes, low, high = (*read, {}, {})[:3] if len(read) == 1 or not ends else read
        change = {cause: causes[cause] - answer.acting[cause] for cause in causes}
        moved, first = max(change.items(), key=lambda item: abs(item[1]))[0], each.replaced[0].row
        figures.append(
            UnderFigure(first.disagreement, first.figure, first.label, each.replaced, causes, low, high, moved,
                        change[moved], list(causes)[leading(np.array(list(causes.values())))])
        )  # fmt: skip
    ids = {disagreement.id: disagreement for disagreement in model.knowledge.disagreements}
    return LiteratureAgainstArticle(
        model.setting, dict(answer.acting), answer.leader, tuple(figures), found.not_run, ids
    )


@lru_cache(maxsize=6)  # as many as there are settings, and one with numbers replaced
def alternatives(model: CalibratedModel) -> _Alternatives:
    """Return every better figure that concerns the setting of a model, compiled, and what cannot be run, and why."""
    grouped: dict[tuple[str, str], list[BetterFigure]] = {}
    not_run = []
    for row in model.knowledge.better_figures:
        if row.change not in RUN:
            not_run.append(NotRun(row.disagreement, row.change, row.rationale))
        elif (elsewhere := _elsewhere(model, row)) is not None:
            not_run.append(NotRun(row.disagreement, "another setting", f"{row.label}: {elsewhere}"))
        else:
            grouped.setdefault((row.disagreement, row.figure), []).append(row)
    space = ParameterSpace(model)
    plain, as_read = space.net_plug_in
    figures, points = [], {}
    for rows in grouped.values():
        replaced, first = tuple(Replaced(row, _in_model(model, row)) for row in rows), rows[0]
        if first.change == "setting":
            figures.append(_Alternative(replaced, elsewhere=model.elsewhere(first.target)))
            continue
        start = len(points)
        for end in ("value", "low", "high") if len(rows) == 1 and first.low is not None else ("value",):
            values = {row.target: float(getattr(row, end)) for row in rows}
            name = f"{first.disagreement} {first.figure} {end}"
            if first.change == "number":
                points[name] = (
                    {**plain, **{row: float(space.net(row, value)) for row, value in values.items()}},
                    as_read,
                )
            else:
                points[name] = plain, shares_with(_shares(model), values)
        figures.append(_Alternative(replaced, points=tuple(range(start, len(points)))))
    drawn = DrawEngine(model.engine, space.at_each(points).network) if points else None
    return _Alternatives(tuple(figures), drawn, tuple(not_run))


def _elsewhere(model: CalibratedModel, row: BetterFigure) -> str | None:
    """Return why a figure does not concern this setting, or None when it does."""
    if row.change == "setting":
        return f"the answer is already given in setting {model.setting}." if row.target == model.setting else None
    if row.change == "share":
        return None if orders(model) else "only the article ranks its causes."
    held = {record.id for record in model.knowledge.records_of(model.setting)}
    return None if row.target in held else f"{row.target} does not hold in setting {model.setting}."


def shares_with(shares: Mapping[str, float], given: Mapping[str, float]) -> dict[str, float]:
    """Return shares of the ordered causes, summing to one, when some causes have a given share of all patients.

    shares : cause -> share of all patients, the unexplained left out;  given : cause -> its share of all patients
    The other causes keep their proportions, and the unexplained its share.
    raises : KnowledgeError when the given shares leave nothing to the others.
    """
    explained = sum(shares.values())
    left = explained - sum(given.values())
    if left <= 0:
        raise KnowledgeError(f"better_figures.csv: expected shares below {explained:.3f} together, got {dict(given)}.")
    others = sum(share for cause, share in shares.items() if cause not in given)
    return {
        cause: (given[cause] if cause in given else share * left / others) / explained
        for cause, share in shares.items()
    }


def _shares(model: CalibratedModel) -> dict[str, float]:
    """Return cause -> share of all patients as the model has it, the unexplained left out."""
    total = sum(model.calibrated.targets.values())
    shares: dict[str, float] = {}
    for (cause, _), target in model.calibrated.targets.items():
        shares[cause] = shares.get(cause, 0.0) + target / total
    ordered = {record.node for record in model.knowledge.records_of(model.setting, "share_order")}
    return {cause: share for cause, share in shares.items() if cause in ordered}


def _in_model(model: CalibratedModel, row: BetterFigure) -> float | None:
    if row.change == "setting":
        return None
    if row.change == "share":
        return _shares(model)[row.target]
    words = model.knowledge.scales[model.scale]
    return model.overridden.get(row.target, stated(model.knowledge.record(row.target), words)[0])
