"""The tables of a report, line by line: what was entered, what the case replaces, and the numbers behind the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from model.diagnostic_model import DiagnosticModel
from model.elicitation import plug_in
from model.evidence import Evidence, Unread, read_each, read_evidence
from model.evidence.course import COURSE
from model.evidence.medicine import MEDICINES, lines_without, medicine_lines
from model.evidence.units import lab_number
from model.knowledge import Disagreement, Knowledge, Node, Record, cited, claims_cited, disagreements_about
from model.report.course_lines import course_rows, follow_lines
from model.sensitivity import OneWay
from model.wording import number_text, percent, record_title, state_label, words_of

COURSE_TITLE = "Course over time"


@dataclass(frozen=True)
class InputLine:
    """One entry: its label, as it was entered, and how it was read."""

    label: str
    entered: str
    read: str


@dataclass(frozen=True)
class ReplacedLine:
    """One number of the model that this case replaces."""

    title: str
    id: str
    own: str
    used: str


@dataclass(frozen=True)
class NumberLine:
    """One number the answer leans on, with its record.

    value : as used, with its own 90 % interval;  at : the leading cause at the ends of that interval, as percentages
    """

    record: Record
    title: str
    value: str
    at: str
    replaced: bool
    claims: tuple[tuple[str, str], ...]
    sources: str


def input_lines(knowledge: Knowledge, evidence: Mapping[str, Any]) -> tuple[InputLine, ...]:
    """Return every entry in the order given; one that cannot be read says why."""
    found, unread = read_each(knowledge, evidence)
    reasons = {each.node: each.reason for each in unread}
    sex = {"sex": found.given["sex"]} if "sex" in found.given else {}
    lines = []
    for node_id, value in evidence.items():
        if value is None:
            continue
        if str(node_id).strip().casefold() == MEDICINES:
            lines += _medicine_lines(found, unread, value)
            continue
        if str(node_id).strip().casefold() == COURSE and COURSE not in knowledge.nodes:
            lines += _course_lines(knowledge, found, unread, evidence)
            continue
        node = knowledge.nodes.get(str(node_id).strip().casefold())
        if node_id in reasons:
            read = f"Not read. {reasons[node_id]}"
        else:
            beside = {} if node is None or node.id == "sex" else sex
            read = _read(knowledge, read_evidence(knowledge, {**beside, node_id: value}), node)
        entered = ", ".join(f"{words_of(str(state))} {weight}" for state, weight in value.items()) if isinstance(
            value, Mapping) else words_of(str(value))  # fmt: skip
        lines.append(InputLine(node.label if node else str(node_id), entered, read))
    return tuple(lines)


def _medicine_lines(found: Evidence, unread: Iterable[Unread], value: Any) -> list[InputLine]:
    """Return a line for each medicine of the list; one that cannot be read says why."""
    missed = [each for each in unread if each.node == MEDICINES]
    listed = medicine_lines(lines_without(value, [each.given for each in missed]))
    read = [each for each in found.medicines if each.named.typed in listed]
    return [
        *(InputLine("Medicine", each.named.label, f"{each.said[:1].upper()}{each.said[1:]}") for each in read),
        *(InputLine("Medicine", str(each.given), f"Not read. {each.reason}") for each in missed),
    ]


def _course_lines(
    knowledge: Knowledge, found: Evidence, unread: Iterable[Unread], entered: Mapping[str, Any]
) -> list[InputLine]:
    """Return a line for each entry of the course, and for each question that a state follows for."""
    missed = [each for each in unread if each.node.strip().casefold() == COURSE]
    follows = [line for line in follow_lines(knowledge, found, entered) if line.state and not line.answer]
    return [
        *(InputLine(COURSE_TITLE, row.typed, f"{row.what}{f': {row.read}' if row.read else ''}")
          for row in course_rows(knowledge, found)),
        *(InputLine(COURSE_TITLE, str(each.given), f"Not read. {each.reason}") for each in missed),
        *(InputLine(line.label, "from the course over time", f"{line.state}. {line.said}") for line in follows),
    ]  # fmt: skip


def _read(knowledge: Knowledge, evidence: Evidence, node: Node | None) -> str:
    if node is None:
        return ""
    if evidence.readings:
        return words_of(evidence.readings[-1])
    if node.id in evidence.hard:
        return state_label(node, node.states[evidence.hard[node.id]])
    if node.id in evidence.soft:
        weights = zip(node.states, evidence.soft[node.id], strict=True)
        return f"likelihood {', '.join(f'{words_of(state)} {weight:.3g}' for state, weight in weights)}"
    found = evidence.guards.get(node.id, "")
    if not isinstance(found, float):
        return state_label(node, found) if found in node.states else str(found)
    unit = next((lab.unit for lab in knowledge.labs if lab.node == node.id), "")
    return f"{lab_number(found)} {unit}"


def replaced_lines(model: DiagnosticModel, numbers: Mapping[str, float]) -> tuple[ReplacedLine, ...]:
    """Return the replaced numbers beside those of the published model."""
    own = plug_in(model.knowledge, model.setting, model.scale)[0]
    lines = []
    for number, value in numbers.items():
        title = record_title(model.knowledge, model.knowledge.record(number))
        lines.append(ReplacedLine(title, number, f"{own[number]:.4g}", f"{value:.4g}"))
    return tuple(lines)


def numbers_behind(model: DiagnosticModel, moved: OneWay, most: int) -> tuple[NumberLine, ...]:
    """Return the numbers that move the leading cause most over their own interval, widest first.

    moved : of the leading cause. A replaced number has no interval of its own, so it cannot be ranked: those stand
            before the others.
    """
    rows = moved.frame.head(most).to_dict("records")
    lines = [_number(model, number, f"{value:.4g}", "") for number, value in model.overridden.items()]
    for row in (row for row in rows if row["id"] not in model.overridden):
        value = f"{number_text(row['value'])} ({number_text(row['low'])} to {number_text(row['high'])})"
        lines.append(_number(model, row["id"], value, f"{percent(row['at_low'])} to {percent(row['at_high'])}"))
    return tuple(lines)


def _number(model: DiagnosticModel, number: str, value: str, at: str) -> NumberLine:
    record = model.knowledge.record(number)
    title, claims = record_title(model.knowledge, record), claims_cited(model.knowledge, record.claims)
    sources = cited(model.knowledge, record.sources)
    return NumberLine(record, title, value, at, number in model.overridden, claims, sources)


def disagreements_behind(
    knowledge: Knowledge, causes: Iterable[str], numbers: Iterable[NumberLine]
) -> tuple[tuple[Disagreement, str], ...]:
    """Return where article and literature part on these causes and numbers, each with what it cites."""
    rows = disagreements_about(knowledge, {*causes, *(line.record.id for line in numbers)})
    return tuple((row, cited(knowledge, row.source)) for row in rows)
