"""The course over time as text: a row for each entry, and for each question what follows, how, and whether it counts.

What is drawn in ``course_picture`` stands here for whoever reads or hears it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.evidence import Evidence
from model.evidence.course import Count, Event, MedicineCourse
from model.evidence.course_rules import FOLLOWING, TIMING, CourseReading, Follow
from model.evidence.medicine_rules import MedicineReading
from model.knowledge import Knowledge
from model.wording import inside_sentence, state_label


@dataclass(frozen=True)
class CourseRow:
    """One entry of a course. when : its date or dates;  what : the entry;  read : how it counts;  typed : as given"""

    when: str
    what: str
    read: str
    typed: str


@dataclass(frozen=True)
class FollowLine:
    """What a course says of one question.

    state  : the state that follows, in words; empty where nothing does;  said : how, or why not, as a sentence
    answer : what was answered besides, in words, which counts; empty where nothing was
    """

    node: str
    label: str
    state: str
    said: str
    answer: str = ""

    @property
    def sentence(self) -> str:
        """Label, state and how it follows; an answer beside it is said to count."""
        counts = f" Answered: {inside_sentence(self.answer)}, which counts." if self.answer else ""
        return f"{self.label}: {inside_sentence(self.state) or 'nothing follows'}. {self.said}{counts}"


def course_rows(knowledge: Knowledge, read: Evidence) -> tuple[CourseRow, ...]:
    """Return the entries in the order of their dates; none without a course."""
    if read.course is None:
        return ()
    named = {each.named.typed: each for each in read.medicines}
    return tuple(_row(read.course, event, named) for event in read.course.course.events)


def _row(course: CourseReading, event: Event, named: Mapping[Any, MedicineReading]) -> CourseRow:
    if isinstance(event, Count):
        in_spell, asked = event in course.spell, event == course.count
        read = "the count in question" if asked else "of the same low spell" if in_spell else ""
        return CourseRow(str(event.date), f"neutrophils {event.text}", read, event.typed)
    if isinstance(event, MedicineCourse):
        reading = named.get(event.typed)
        read = reading.said if reading else "stopped long before the low count, so not counted"
        return CourseRow(event.dates, event.label, read, event.typed)
    return CourseRow(str(event.date), event.kind, "", event.typed)


def follow_lines(knowledge: Knowledge, read: Evidence, entered: Mapping[str, Any]) -> tuple[FollowLine, ...]:
    """Return what follows for each question that a course says something of; none without a course.

    entered : the entries, for an answer to a question counts before what follows
    """
    if read.course is None:
        return ()
    answered = {str(node).strip().casefold() for node, value in entered.items() if value is not None}
    found = {each.node: each for each in (*read.course.follows, _timing(knowledge, read, TIMING in answered))}
    lines = []
    for node in (knowledge.nodes[name] for name in FOLLOWING if name in knowledge.nodes):
        follow = found[node.id]
        state = state_label(node, follow.state) if follow.state else ""
        said = f"{follow.said[:1].upper()}{follow.said[1:]}."
        answer = _answer(knowledge, read, node.id) if node.id in answered else ""
        lines.append(FollowLine(node.id, node.short_label, state, said, answer))
    return tuple(lines)


def _timing(knowledge: Knowledge, read: Evidence, answered: bool) -> Follow:
    """Return what the medicines of the course say of the timing; an answer leaves it open here."""
    course = read.course
    assert course is not None
    typed = {each.typed for each in course.medicines}
    medicines = [each for each in read.medicines if each.named.typed in typed and each.counts]
    if any(each.named.suspected for each in medicines):
        medicines = [each for each in medicines if each.named.suspected]
    if not medicines:
        return Follow(TIMING, "", "no medicine that counts has a start")
    said = "; ".join(each.sentence for each in medicines)
    place = None if answered else read.hard.get(TIMING)
    return Follow(TIMING, "" if place is None else knowledge.nodes[TIMING].states[place], said)


def _answer(knowledge: Knowledge, read: Evidence, node_id: str) -> str:
    node = knowledge.nodes[node_id]
    if node_id in read.hard:
        return state_label(node, node.states[read.hard[node_id]])
    return "a likelihood" if node_id in read.soft else ""
