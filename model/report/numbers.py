"""The numbers an answer leans on most, each with its record; and where article and literature part on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.knowledge.provenance import claims_cited, disagreements_about
from model.wording import number_text, percent, record_title

if TYPE_CHECKING:
    from model.diagnostic_model import DiagnosticModel
    from model.sensitivity.one_way import OneWay


@dataclass(frozen=True)
class NumberLine:
    """One number with its record.

    value : as used, with its own 90 % interval;  at : the leading cause at the ends of that interval, as percentages
    """

    title: str
    id: str
    value: str
    at: str
    grade: str
    replaced: bool
    claims: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    locator: str
    rationale: str
    conflict: str


def numbers_behind(model: DiagnosticModel, moved: OneWay, most: int) -> tuple[NumberLine, ...]:
    """Return the numbers that move the leading cause most over their own interval, widest first.

    moved : of the leading cause. A replaced number has no interval of its own, so it cannot be ranked: those stand
            before the others.
    """
    rows = moved.frame.head(most).to_dict("records")
    lines = [_line(model, number, f"{value:.4g}", "") for number, value in model.overridden.items()]
    for row in (row for row in rows if row["id"] not in model.overridden):
        value = f"{number_text(row['value'])} ({number_text(row['low'])} to {number_text(row['high'])})"
        lines.append(_line(model, row["id"], value, f"{percent(row['at_low'])} to {percent(row['at_high'])}"))
    return tuple(lines)


def _line(model: DiagnosticModel, number: str, value: str, at: str) -> NumberLine:
    knowledge = model.knowledge
    record = knowledge.record(number)
    return NumberLine(
        title=record_title(knowledge, record),
        id=number,
        value=value,
        at=at,
        grade=record.grade,
        replaced=number in model.overridden,
        claims=claims_cited(knowledge, record.claims),
        sources=tuple(knowledge.sources[name].citation for name in record.sources if name in knowledge.sources),
        locator=record.locator,
        rationale=record.rationale,
        conflict=record.conflict,
    )


def disagreements_behind(
    model: DiagnosticModel, causes: Iterable[str], numbers: Iterable[NumberLine]
) -> tuple[tuple[str, str, str, str, str], ...]:
    """Return where article and literature part on these causes and numbers: id, article, problem, figure, citations."""
    sources = model.knowledge.sources
    return tuple(
        (
            row.id, row.article_says, row.problem, row.better_figure,
            "; ".join(sources[name].citation for name in row.source if name in sources),
        )
        for row in disagreements_about(model.knowledge, {*causes, *(line.id for line in numbers)})
    )  # fmt: skip
