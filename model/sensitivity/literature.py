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
from model.inference.leader import leading
from model.knowledge import Disagreement
from model.knowledge.rows import BetterFigure
from model.posterior import Posterior
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
    replaced: tuple[Replaced, ...]
    model: CalibratedModel
    low: CalibratedModel | None = None
    high: CalibratedModel | None = None


def literature_against_article(
    model: CalibratedModel, answer: Posterior, *, ends: bool = True
) -> LiteratureAgainstArticle:
    """Return what every better figure would answer to the same evidence.

    answer : a posterior of `model`
    ends   : also at both ends of each figure's interval
    Cost: one pass a figure, some 10 ms together. The first time some 25 ms for each of about thirty models, with `ends`
    about seventy; they are kept.
    """
    runnable, not_run = alternatives(model, ends)
    figures = []
    for each in runnable:
        causes, low, high = (_acting(chosen, answer) for chosen in (each.model, each.low, each.high))
        change = {cause: causes[cause] - answer.acting[cause] for cause in causes}
        moved, first = max(change.items(), key=lambda item: abs(item[1]))[0], each.replaced[0].row
        figures.append(
            UnderFigure(first.disagreement, first.figure, first.label, each.replaced, causes, low, high, moved,
                        change[moved], list(causes)[leading(np.array(list(causes.values())))])
        )  # fmt: skip
    ids = {disagreement.id: disagreement for disagreement in model.knowledge.disagreements}
    return LiteratureAgainstArticle(model.setting, dict(answer.acting), answer.leader, tuple(figures), not_run, ids)


def _acting(model: CalibratedModel | None, answer: Posterior) -> dict[str, float]:
    return {} if model is None else dict(model.answer(answer.evidence, answer.scope).acting)


@lru_cache(maxsize=4)
def alternatives(model: CalibratedModel, ends: bool = True) -> tuple[tuple[_Alternative, ...], tuple[NotRun, ...]]:
    """Return the model under each better figure that concerns its setting, and what cannot be run, with the reason."""
    grouped: dict[tuple[str, str], list[BetterFigure]] = {}
    not_run = []
    for row in model.knowledge.better_figures:
        if row.change not in RUN:
            not_run.append(NotRun(row.disagreement, row.change, row.rationale))
        elif (elsewhere := _elsewhere(model, row)) is not None:
            not_run.append(NotRun(row.disagreement, "another setting", f"{row.label}: {elsewhere}"))
        else:
            grouped.setdefault((row.disagreement, row.figure), []).append(row)
    return tuple(_alternative(model, tuple(rows), ends) for rows in grouped.values()), tuple(not_run)


def _elsewhere(model: CalibratedModel, row: BetterFigure) -> str | None:
    """Return why a figure does not concern this setting, or None when it does."""
    if row.change == "setting":
        return f"the answer is already given in setting {model.setting}." if row.target == model.setting else None
    if row.change == "share":
        return None if orders(model) else "only the article ranks its causes."
    held = {record.id for record in model.knowledge.records_of(model.setting)}
    return None if row.target in held else f"{row.target} does not hold in setting {model.setting}."


def _alternative(model: CalibratedModel, rows: tuple[BetterFigure, ...], ends: bool) -> _Alternative:
    replaced = tuple(Replaced(row, _in_model(model, row)) for row in rows)
    if rows[0].change == "setting":
        return _Alternative(replaced, CalibratedModel.of(model.knowledge, rows[0].target, model.scale))
    interval = ("low", "high") if ends and len(rows) == 1 and rows[0].low is not None else ()
    return _Alternative(replaced, *(_under(model, rows, at) for at in ("value", *interval)))


def _under(model: CalibratedModel, rows: tuple[BetterFigure, ...], end: str) -> CalibratedModel:
    """Return the model with the rows' numbers, or the ends of their intervals, in place of its own."""
    values = {row.target: float(getattr(row, end)) for row in rows}
    if rows[0].change == "number":
        return model.override(values)
    return model.with_shares(shares_with(_shares(model), values))


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
