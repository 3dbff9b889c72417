"""The course among the entries of a patient: taken out, and what follows from it put onto the nodes it is about.

It stands under ``course``. What was answered counts before what follows, and a difference is told; so it is with a
neutrophil count that was entered beside the counts of the course.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from model.errors import EvidenceError, shown
from model.evidence.course import COURSE, read_course
from model.evidence.course_rules import CourseReading, Follow, follows
from model.evidence.lab_spellings import COUNT
from model.evidence.medicine_evidence import Entered
from model.evidence.units import lab_number
from model.knowledge import Knowledge
from model.wording import inside_sentence, state_label

_SAME = 1e-9  # relative: two counts that differ less are one


def is_course_entry(knowledge: Knowledge, key: object) -> bool:
    """Say whether an entry is the course; in tables with a node of that name it is that node."""
    return isinstance(key, str) and key.strip().casefold() == COURSE and COURSE not in knowledge.nodes


def split_course(knowledge: Knowledge, mapping: Mapping[str, Any]) -> tuple[dict[str, Any], CourseReading | None]:
    """Take the course out of entries; return the others and what follows from it, None where none is given.

    raises : EvidenceError for a line that cannot be read, or a course that is given twice.
    """
    keys = [key for key in mapping if is_course_entry(knowledge, key)]
    if len(keys) > 1:
        raise EvidenceError(f"Evidence: expected each node once, got {COURSE!r} twice.")
    others = {key: value for key, value in mapping.items() if key not in keys}
    course = read_course(knowledge, mapping[keys[0]]) if keys else None
    return others, follows(knowledge, course) if course and course.events else None


def put_course(knowledge: Knowledge, onto: Entered, read: CourseReading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put what follows onto its nodes; return a sentence for each reading, and for each that an answer overrules."""
    readings, notices = [], [f"{said}." for said in read.notices]
    for follow in read.follows:
        if not follow.state or follow.node not in knowledge.nodes:
            continue
        if follow.node in onto.given:
            if not _agrees(knowledge, onto, follow):
                was = _answer(knowledge, follow.node, onto.given[follow.node])
                notices.append(f"{follow_sentence(knowledge, follow)} But {was} was answered, and counts.")
            continue
        onto.hard[follow.node] = knowledge.nodes[follow.node].states.index(follow.state)
        onto.given[follow.node] = follow.state
        readings.append(follow_sentence(knowledge, follow).rstrip("."))
    if read.count is None:
        return tuple(readings), tuple(notices)
    entered = onto.guards.get(COUNT)
    if entered is None:
        onto.guards[COUNT] = read.count.value
        onto.given[COUNT] = read.count.text
        readings.append(f"{knowledge.nodes[COUNT].label} {read.count.text}, of {read.count.date}, from the course")
    elif isinstance(entered, float) and not math.isclose(entered, read.count.value, rel_tol=_SAME):
        notices.append(
            f"{COUNT}: {lab_number(entered)} /mm3 was entered, and the course has {read.count.text} on "
            f"{read.count.date}; what was entered counts."
        )
    return tuple(readings), tuple(notices)


def follow_sentence(knowledge: Knowledge, follow: Follow) -> str:
    """Return what follows for one node, and how, in one or two sentences."""
    node = knowledge.nodes[follow.node]
    said = f"{follow.said[:1].upper()}{follow.said[1:]}."
    state = inside_sentence(state_label(node, follow.state)) if follow.state else "nothing follows"
    return f"{node.short_label}, from the course: {state}. {said}"


def _answer(knowledge: Knowledge, node_id: str, given: object) -> str:
    """Return an answer in words."""
    word = given.strip().casefold() if isinstance(given, str) else ""
    node = knowledge.nodes[node_id]
    return f"“{inside_sentence(state_label(node, word))}”" if word in node.states else shown(given)


def _agrees(knowledge: Knowledge, onto: Entered, follow: Follow) -> bool:
    """Say whether an answer has the state that follows as its own, or as its likeliest."""
    place = knowledge.nodes[follow.node].states.index(follow.state)
    if follow.node in onto.soft:
        return onto.soft[follow.node][place] == max(onto.soft[follow.node])
    return onto.hard.get(follow.node) == place
