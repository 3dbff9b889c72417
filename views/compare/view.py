"""What the compare screen draws: answers side by side, and what differs between them. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model import DiagnosticModel
from model.evidence import Case, read_each
from model.knowledge import Knowledge, Record
from model.knowledge.rows import RecordKey
from model.progress import Progress, silent
from model.report import course_in_words, follow_lines
from model.sensitivity import ParameterSpace, apart
from model.sensitivity.side_by_side import SideBySide, side_by_side
from model.sensitivity.swap_reader import AS_READ, orders
from model.wording import (
    MINUS,
    cause_labels,
    inside_sentence,
    led,
    number_text,
    percent,
    percent_range,
    state_label,
    words_of,
)
from views.record_card import RecordCard, record_card
from views.result_view import ResultView, refusal, result_view
from views.scope_banner import Outside

BIGGEST = 8  # differing numbers in sight
NOT_ENTERED = "not assessed"


@dataclass(frozen=True)
class Side:
    """One side: what it is called, the case it holds and the model that answers it."""

    title: str
    case: Case
    model: DiagnosticModel
    outside: Outside = "refuse"


@dataclass(frozen=True)
class CauseLine:
    """One cause across the sides that answer. cells : (probability and interval, how often it leads, change)."""

    label: str
    cells: tuple[tuple[str, str, str], ...]
    leads: tuple[bool, ...]


@dataclass(frozen=True)
class NumberPair:
    """One number that two models read differently. apart : distance in log-odds (of M, in ln(M - 1))."""

    title: str
    values: tuple[str, str]
    apart: float
    cards: tuple[RecordCard, ...]


@dataclass(frozen=True)
class ComparisonView:
    """Everything the screen draws.

    found    : the sides that answer;  refused : (title, sentence, urgent) of those that do not
    findings : (label, value on each side), only what differs
    """

    sides: tuple[str, ...]
    found: SideBySide | None
    refused: tuple[tuple[str, str, bool], ...]
    causes: tuple[CauseLine, ...]
    findings: tuple[tuple[str, ...], ...]
    summary: str


def comparison_view(sides: Sequence[Side], draws: int, progress: Progress = silent) -> ComparisonView:
    """Return what to draw for several sides.

    sides : with different titles;  draws : parameter draws behind the intervals
    raises: nothing on account of the evidence of a side; one that cannot be answered is listed with its sentence.
    """
    knowledge = sides[0].model.knowledge
    answers, refused = {}, []
    for side in sides:
        view = result_view(side.model, read_each(knowledge, side.case.evidence), side.outside)
        if view.posterior is not None:
            answers[side.title] = (side.model, view.posterior)
        else:
            refused.append((side.title, _refused(view), view.banner.urgent))
    found = side_by_side(answers, draws, progress=progress) if answers else None
    labels = cause_labels(knowledge)
    return ComparisonView(
        tuple(answers),
        found,
        tuple(refused),
        cause_lines(found, labels) if found else (),
        differing_findings(knowledge, sides),
        _summary(found, labels) if found else "",
    )


def _refused(view: ResultView) -> str:
    return f"{view.banner.title}. {refusal(view)}" if view.status == "refused" else refusal(view)


def cause_lines(found: SideBySide, labels: Mapping[str, str]) -> tuple[CauseLine, ...]:
    """Return the causes, those that are likeliest on any side first."""
    lines = []
    for cause, rows in found.frame.groupby("cause", sort=False):
        every = rows.to_dict("records")
        cells = tuple(
            (
                f"{percent(row['plug_in'])} ({percent_range(row['low'], row['high'])})",
                led(row["first"]),
                _points(row["difference"]) if position else "",
            )
            for position, row in enumerate(every)
        )
        most = max(row["plug_in"] for row in every)
        lines.append((most, CauseLine(labels[str(cause)], cells, tuple(bool(row["leads"]) for row in every))))
    return tuple(line for _, line in sorted(lines, key=lambda each: -each[0]))


def _points(difference: float) -> str:
    points = round(100 * difference)
    if not points:
        return "same" if abs(difference) < 0.0005 else "under 1 point apart"
    return f"{'+' if points > 0 else MINUS}{abs(points)} point{'s' if abs(points) > 1 else ''}"


def _summary(found: SideBySide, labels: Mapping[str, str]) -> str:
    leaders = found.leaders
    if len(leaders) == 1:
        return f"{labels[next(iter(leaders.values()))]} leads."
    if len(set(leaders.values())) == 1:
        return f"{labels[next(iter(leaders.values()))]} leads on every side."
    return "; ".join(f"{side}: {labels[cause]} leads" for side, cause in leaders.items()) + "."


def differing_findings(knowledge: Knowledge, sides: Sequence[Side]) -> tuple[tuple[str, ...], ...]:
    """Return the entries that are not the same on every side, in the order of ``nodes.csv``."""
    rows = []
    for name, node in knowledge.nodes.items():
        values = [side.case.evidence.get(name) for side in sides]
        if any(value != values[0] for value in values):
            rows.append((node.label, *(_entry(knowledge, name, value) for value in values)))
    medicines = [_medicines(knowledge, side.case) for side in sides]
    if len(set(medicines)) > 1:
        rows.append(("Medicines by name", *(said or NOT_ENTERED for said in medicines)))
    courses = [_course(knowledge, side.case) for side in sides]
    if len(set(courses)) > 1:
        rows.append(("Course over time", *(said or NOT_ENTERED for said in courses)))
    return tuple(rows)


def _medicines(knowledge: Knowledge, case: Case) -> str:
    found, _ = read_each(knowledge, case.evidence)
    return "; ".join(each.named.label for each in found.medicines)


def _course(knowledge: Knowledge, case: Case) -> str:
    """Return what a course holds, and what follows from it."""
    found, _ = read_each(knowledge, case.evidence)
    if found.course is None:
        return ""
    states = [
        f"{line.label}: {inside_sentence(line.state)}"
        for line in follow_lines(knowledge, found, case.evidence)
        if line.state and not line.answer
    ]
    return "; ".join((course_in_words(found.course.course), *states))


def _entry(knowledge: Knowledge, node: str, value: Any) -> str:
    if value is None:
        return NOT_ENTERED
    found = knowledge.nodes[node]
    if isinstance(value, Mapping) and found.role != "guard":  # of a guard it is something that cannot be read
        return ", ".join(f"{words_of(str(state))} {number_text(float(weight))}" for state, weight in value.items())
    return state_label(found, value) if value in found.states else str(value)


def differing_numbers(one: DiagnosticModel, other: DiagnosticModel) -> tuple[NumberPair, ...]:
    """Return the numbers that two models read differently, the farthest apart first.

    A number is the same number in two settings when kind, node, state and parent are the same; one that only one of
    them has is left out.
    """
    here, there = _stated(one), _stated(other)
    pairs = []
    for key in here.keys() & there.keys():
        (record, a), (other_record, b) = here[key], there[key]
        if abs(a - b) > 1e-9:
            cards = [record_card(one.knowledge, record, a)]
            if other_record.id != record.id:
                cards.append(record_card(one.knowledge, other_record, b))
            far = apart(a, b, record.kind)
            pairs.append(NumberPair(cards[0].title, (number_text(a), number_text(b)), far, tuple(cards)))
    return tuple(sorted(pairs, key=lambda pair: (-pair.apart, pair.title)))


def _stated(model: DiagnosticModel) -> dict[RecordKey, tuple[Record, float]]:
    space = ParameterSpace(model)
    return {record.key: (record, space.stated(record.id)) for record in space.index.records}


def reader_names(loaded: DiagnosticModel) -> dict[str, str]:
    """Return the readers that can be chosen: the published one, the other scales, the other orders of the causes.

    The ids are those that ``cached_models.reader_model`` takes.
    """
    names = {AS_READ: f"As read (words as {words_of(loaded.scale)} reads them)"}
    names |= {
        f"scale:{scale}": f"Words as read by {words_of(scale)}"
        for scale in loaded.knowledge.scales
        if scale != loaded.scale
    }
    names |= {f"order:{each.reading}": f"Order: {each.label}" for each in orders(loaded)}
    return names
