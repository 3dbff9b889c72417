"""Everything that is entered, one chip each: its reading, and where its question stands. No Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.evidence.course import COURSE
from model.evidence.in_words import in_words
from model.evidence.medicine import MEDICINES
from model.knowledge import Knowledge
from model.report import course_in_words, follow_lines
from model.wording import inside_sentence
from views.course import FOLLOWED, LINE
from views.medicines import MEDICINE, medicine_rows
from views.questions import Questionnaire
from views.result_view import Read
from views.wording import unit_text

OVER_TIME = "over_time"  # the panel of the course, as a group


@dataclass(frozen=True)
class Chip:
    """One entry. id : a node, or a medicine by its place;  target : key of the widget it stands in;  group : of it

    usable : it counts; otherwise it could not be read;  fixed : it follows from others, and goes with them
    """

    id: str
    text: str
    target: str
    group: str
    usable: bool
    fixed: bool = False


def entered_chips(
    knowledge: Knowledge, asked: Questionnaire, evidence: Mapping[str, Any], kept: Iterable[str], read: Read
) -> tuple[Chip, ...]:
    """Return a chip for each entry, in the order of the questions, the medicines where the group of medicines stands.

    evidence : node -> value as entered, the medicines among it;  kept : nodes that no widget can show
    """
    groups = {question.id: group.id for group in (*asked.groups, asked.settled) for question in group.questions}
    kept, usable = set(kept), read[0]
    unread = {each.node for each in read[1]}
    chips = []
    for node in (*asked.patient, MEDICINES, *(node for node in asked.every if node not in asked.patient)):
        if node == MEDICINES:
            chips += _medicines(evidence.get(MEDICINES, ()), read)
        elif node in evidence:
            value, readable = evidence[node], node in usable.given and node not in unread
            label = knowledge.nodes[node].short_label
            text = in_words(knowledge, usable, node) if readable else f"{label}: {value}, not read"
            typed = value not in asked.every[node].states
            target = f"drop_{node}" if node in kept else f"{'num' if typed else 'ev'}_{node}"
            chips.append(Chip(node, unit_text(text), target, groups.get(node, "guard"), readable))
    chips += _course(knowledge, evidence, groups, read)
    others = [node for node in evidence if node not in asked.every and node not in (MEDICINES, COURSE)]
    chips += [Chip(node, f"{node}: {evidence[node]}, not read", f"drop_{node}", "kept", False) for node in others]
    return tuple(chips)


def _course(knowledge: Knowledge, evidence: Mapping[str, Any], groups: Mapping[str, str], read: Read) -> list[Chip]:
    """Return a chip for the course over time, one for each state that follows from it, and for each line not read."""
    lines, usable = evidence.get(COURSE, ()), read[0]
    target, chips = "course_text", []
    if usable.course is not None:
        said = f"Course over time: {course_in_words(usable.course.course)}"
        chips.append(Chip(COURSE, said, target, OVER_TIME, True))
        chips += [
            Chip(f"{FOLLOWED}{line.node}", f"{line.label}: {inside_sentence(line.state)}, from the course",
                 f"ev_{line.node}", groups.get(line.node, "guard"), True, True)
            for line in follow_lines(knowledge, usable, evidence)
            if line.state and not line.answer
        ]  # fmt: skip
    missed = [each.given for each in read[1] if each.node == COURSE]
    return chips + [
        Chip(f"{LINE}{place}", f"Course over time: {line}, not read", target, OVER_TIME, False)
        for place, line in enumerate(lines)
        if line in missed or missed == [lines]
    ]


def _medicines(lines: Sequence[Any], read: Read) -> list[Chip]:
    rows = medicine_rows(lines, *read)
    return [
        Chip(f"{MEDICINE}{place}", row.label, f"drop_medicine_{place}", MEDICINES, row.usable)
        for place, row in enumerate(rows)
    ]
