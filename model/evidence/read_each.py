"""Entries read one by one where they cannot all be read: what can be read, and what stands in the way of the rest.

>>> from model.knowledge import load_knowledge
>>> usable, unread = read_each(load_knowledge(), {"fever": "present", "rash": "perhaps"})
>>> dict(usable.hard), unread[0].sentence
({'fever': 1}, "Left out: rash: state 'perhaps' is unknown; allowed is 'absent' or 'present'.")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import EvidenceError, ImpossibleEvidence, shown
from model.evidence.cell import entered_value
from model.evidence.course import course_lines, is_medicine_line, may_be_count
from model.evidence.course_evidence import is_course_entry
from model.evidence.medicine import MEDICINES, lines_without, medicine_lines
from model.evidence.read import Evidence, bands_of_guards, is_guard, read_evidence
from model.evidence.renamed import old_names
from model.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Unread:
    """An entry that cannot be read: node and value as given, the sentence why, and whether it stands for a guard."""

    node: str
    given: Any
    reason: str
    guard: bool

    @property
    def sentence(self) -> str:
        """What becomes of it, and why. Without a guard nobody knows that the patient is in scope."""
        return f"{'No answer until this is corrected or taken out' if self.guard else 'Left out'}: {self.reason}"


def read_each(knowledge: Knowledge, mapping: Mapping[str, Any]) -> tuple[Evidence, tuple[Unread, ...]]:
    """Read what can be read: everything at once, or, where that fails, entries one by one; words as cells have them.

    returns : the evidence of the entries that can be read, and the others. Whoever answers from the first must not when
              one of the others is a guard.
    """
    mapping, unread = by_the_rule(knowledge, mapping)
    if not unread:
        try:
            return read_evidence(knowledge, mapping), ()
        except (EvidenceError, ImpossibleEvidence):
            pass
    usable: dict[str, Any] = {}
    beside: dict[str, Any] = {}  # the sex and numbers of guards: others are read by them, so they come first
    first = {"sex", *bands_of_guards(knowledge)}
    taken: set[str] = set()
    older = old_names(knowledge)
    for key in sorted(mapping, key=lambda key: (_folded(key) not in first, _folded(key) in older)):
        value, node = mapping[key], older.get(_folded(key), _folded(key))
        try:
            if node == MEDICINES and node not in taken:
                value = _readable_lines(knowledge, key, medicine_lines(value), unread)
            elif is_course_entry(knowledge, key) and node not in taken:
                value = _readable_lines(knowledge, key, course_lines(value), unread)
            read_evidence(knowledge, {**beside, key: value})
            if node in taken:
                raise EvidenceError(f"Evidence: expected each node once, got {shown(key)} twice.")
        except (EvidenceError, ImpossibleEvidence) as error:
            guard = is_guard(knowledge, key) or is_course_entry(knowledge, key)  # whose counts nobody knows then
            unread.append(Unread(key, value, str(error), value is not None and guard))
        else:
            beside |= {node: value} if node in first else {}
            usable[key] = value
            taken.add(node)
    unread += _contradictions(knowledge, usable)
    return read_evidence(knowledge, {key: usable[key] for key in mapping if key in usable}), tuple(unread)


def by_the_rule(knowledge: Knowledge, mapping: Mapping[str, Any]) -> tuple[dict[str, Any], list[Unread]]:
    """Return the entries of a file, a link or a screen with the words of cells as what they stand for, and the others.

    Not assessed is None. The others are those that may be a code: 1 where it can be a day or a yes.
    """
    values: dict[str, Any] = {}
    unread: list[Unread] = []
    for key, value in mapping.items():
        try:
            values[key] = entered_value(knowledge, key, value)
        except EvidenceError as error:
            unread.append(Unread(key, value, str(error), is_guard(knowledge, key)))
    return values, unread


def _readable_lines(knowledge: Knowledge, key: str, lines: tuple[Any, ...], unread: list[Unread]) -> list[Any]:
    """Return the medicines, or lines of a course, that can be read; each other goes to `unread` with its sentence.

    A line of a course that may be a count stands for the guard.
    """
    found = []
    for line in lines:
        try:
            read_evidence(knowledge, {key: [line]})
        except EvidenceError as error:
            unread.append(
                Unread(key, line, str(error), is_course_entry(knowledge, key) and may_be_count(knowledge, line))
            )
        else:
            found.append(line)
    return found


def _contradictions(knowledge: Knowledge, usable: dict[str, Any]) -> list[Unread]:
    """Take out of `usable` what a medicine contradicts, named or of the course, and that medicine.

    Nobody knows which of them is true.
    """
    found: list[Unread] = []
    listing = [key for key in usable if _folded(key) == MEDICINES or is_course_entry(knowledge, key)]
    for name in listing:
        node, gone = _folded(name), []
        lines = medicine_lines(usable[name]) if node == MEDICINES else course_lines(usable[name])
        beside = [] if node == MEDICINES else [line for line in lines if not is_medicine_line(knowledge, line)]
        for key in [key for key in usable if lines and key not in listing]:
            guard, sentence, against = is_guard(knowledge, key), "", []
            for line in lines:
                try:
                    read_evidence(knowledge, {key: usable[key], node: [line, *beside]})
                except EvidenceError as error:
                    sentence = str(error)
                    said = f"{node}: {shown(line)} cannot be true together with {key} {shown(usable[key])}."
                    against.append(Unread(str(name), line, said, guard))
            if against:
                gone += [Unread(key, usable.pop(key), sentence, guard), *against]
        away = [each.given for each in gone if each.node == name]
        usable[name] = lines_without(usable[name], away) if node == MEDICINES else [e for e in lines if e not in away]
        found += gone
    return found


def _folded(key: object) -> str:
    return key.strip().casefold() if isinstance(key, str) else ""
