"""The course over time on a screen: what is added, what contradicts it, what its questions and its rows say.

No Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import EvidenceError
from model.evidence import Evidence, read_evidence
from model.evidence.course import COURSE, course_lines, read_course, read_event
from model.evidence.course_text import read_course_text
from model.evidence.lab_spellings import COUNT
from model.evidence.medicine import MEDICINES
from model.knowledge import Knowledge
from model.report import follow_lines
from model.wording import inside_sentence
from views.wording import unit_text

FOLLOWED = "follows:"  # before the node of a state that follows, where entries of all kinds are named
LINE = "course:"  # before the place of a line that cannot be read
NOTHING = "Write a date and what was then, such as “2026-03-12 900”."


@dataclass(frozen=True)
class Added:
    """What a text added to a course. lines : all of it now;  left : what was not read, to stay in the field

    said : one sentence for each line that was not read, or why nothing was added
    """

    lines: tuple[Any, ...]
    left: str
    said: tuple[str, ...]
    new: int


def added(knowledge: Knowledge, lines: Sequence[Any], text: str) -> Added:
    """Return a course with what of a text can be read."""
    if not text.strip():
        return Added(tuple(lines), "", (NOTHING,), 0)
    read = read_course_text(knowledge, text)
    said = (*read.sentences, *(f"Line {left.line}, “{left.text}”: {_sentence(left.reason)}" for left in read.unread))
    new = [line for line in read.lines if line not in lines]
    together = (*lines, *new)
    try:
        read_course(knowledge, [line for line in together if _readable(knowledge, line)])
    except EvidenceError as error:
        return Added(tuple(lines), text, (_sentence(str(error).removeprefix(f"{COURSE}: ")),), 0)
    if not read.lines and not said:
        said = (NOTHING,)
    return Added(together, "\n".join(left.text for left in read.unread), said, len(new))


def dated_medicine(name: str | None, start: str | None, stop: str | None, suspected: bool) -> str:
    """Return four fields as one line; empty without a name."""
    if not name:
        return ""
    begun, ended = (each.strip() if each else "" for each in (start, stop))
    dates = " ".join(filter(None, (f"from {begun}" if begun else "", f"to {ended}" if ended else "")))
    return f"{name} {dates}{', suspected' if suspected else ''}"


def course_held(value: Any) -> tuple[Any, ...]:
    """Return the lines that a case holds; what is no list of them stays one line, which is not read."""
    try:
        return course_lines(value)
    except EvidenceError:
        return (value,)


def against_course(knowledge: Knowledge, evidence: Mapping[str, Any], lines: Sequence[Any]) -> tuple[str, ...]:
    """Return the entries that cannot be true together with the medicines of a course."""
    course = [line for line in lines if _readable(knowledge, line)]
    found = []
    for node, value in evidence.items():
        if node in (COURSE, MEDICINES):
            continue
        try:
            read_evidence(knowledge, {node: value})
            found.append(node)
            read_evidence(knowledge, {node: value, COURSE: course})
            found.pop()
        except EvidenceError:
            continue
    return tuple(found)


def said_by_course(knowledge: Knowledge, read: Evidence, entered: Mapping[str, Any]) -> dict[str, str]:
    """Return node -> what the course says of it, for the captions below questions; the count among them."""
    found = {}
    for line in follow_lines(knowledge, read, entered):
        if not line.state:
            continue
        if line.answer:
            if line.answer != line.state:
                state = inside_sentence(line.state)
                found[line.node] = f"The course over time says “{state}”; what is answered here counts."
        else:
            found[line.node] = f"Counts as “{inside_sentence(line.state)}”, from the course over time. {line.said}"
    if read.course is not None and read.course.count is not None and COUNT not in entered:
        count = read.course.count
        found[COUNT] = f"Counts as {count.text}, of {count.date}, from the course over time."
    return {node: unit_text(said) for node, said in found.items()}


def _readable(knowledge: Knowledge, line: Any) -> bool:
    try:
        read_event(knowledge, line)
    except EvidenceError:
        return False
    return True


def _sentence(reason: str) -> str:
    return unit_text(f"{reason[:1].upper()}{reason[1:]}")
