"""The course of one patient over time: counts with dates, medicines with start and stop, fever and infections.

Each entry is one line of text, a date and what was then. A line is read as a whole or refused: a date that can be two
days, a number whose unit is open and a name that no table has are asked about, never guessed.

>>> from model.knowledge import load_knowledge
>>> tables = load_knowledge()
>>> course = read_course(tables, ["2026-03-12 900", "12 Jan 2026 ANC 2.4 10^9/L", "clozapine from 2026-01-20"])
>>> [(str(count.date), count.value) for count in course.counts]
[('2026-01-12', 2400.0), ('2026-03-12', 900.0)]
>>> str(course.medicines[0].start), course.medicines[0].named.name.spelling
('2026-01-20', 'Clozapine')
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from model.errors import EvidenceError, shown
from model.evidence.lab_dates import date_of, date_pattern
from model.evidence.lab_spellings import COUNT, name_at, spellings
from model.evidence.lab_words import fold_words
from model.evidence.medicine import MEDICINES, NamedMedicine, find_medicine, read_medicine
from model.evidence.units import lab_number, parse_quantity
from model.knowledge import Knowledge, kept_with_knowledge
from model.knowledge.course_tables import FEVER, INFECTION, PASSED, START, STOP

COURSE = "course"  # the key of evidence
LINE = (
    "expected a date and a count ('2026-03-12 900 /mm3'), a medicine with its start or stop ('clozapine from "
    "2026-01-20 to 2026-03-01'), 'fever' or 'infection'"
)
MOST_LINES = 300
LONGEST_LINE = 300  # characters
_AROUND = " \t\r,;:|=()[]"

_DASH = re.compile(r"(?<!\S)[-–—](?!\S)")
_NUMBER_START = re.compile(r"[<>≤≥]?=?\s*[+-]?[.,]?[0-9]")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Count:
    """A neutrophil count of one day. value : in /mm3;  typed : the line as given"""

    date: date
    value: float
    typed: str

    @property
    def text(self) -> str:
        """The count with its unit."""
        return f"{lab_number(self.value)} /mm3"

    @property
    def line(self) -> str:
        """The count as a line that reads alike everywhere."""
        return f"{self.date} ANC {self.value:.12g} /mm3"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of one day that is no count. kind : ``fever`` or ``infection``;  typed : the line as given"""

    date: date
    kind: str
    typed: str


@dataclass(frozen=True, slots=True)
class MedicineCourse:
    """A medicine with its dates, one of them at least. stop : None while it is taken, or when nobody says

    named : as the readers of medicines have it, without a duration;  typed : the line as given
    """

    named: NamedMedicine
    start: date | None
    stop: date | None
    typed: str

    @property
    def label(self) -> str:
        """The medicine as a screen or page names it."""
        return self.named.label

    @property
    def name(self) -> str:
        """The medicine alone."""
        return self.named.name.text

    @property
    def dates(self) -> str:
        """When it was taken, in words."""
        begun = f"from {self.start}" if self.start else ""
        return " ".join(filter(None, (begun, f"to {self.stop}" if self.stop else "")))


Event = Count | Mark | MedicineCourse


@dataclass(frozen=True, slots=True)
class Course:
    """Everything with a date, each kind in the order of its dates whatever the order of entry."""

    counts: tuple[Count, ...] = ()
    medicines: tuple[MedicineCourse, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def events(self) -> tuple[Event, ...]:
        """Every entry in the order of dates, a medicine by its start."""
        return tuple(sorted((*self.counts, *self.medicines, *self.marks), key=_order))

    @property
    def days(self) -> tuple[date, ...]:
        """Every day that is named, in order."""
        ends = (day for each in self.medicines for day in (each.start, each.stop) if day)
        return tuple(sorted({*(each.date for each in (*self.counts, *self.marks)), *ends}))


def first_day(event: Event) -> date:
    """Return the day an entry begins, of a medicine without a start the day it was stopped."""
    if isinstance(event, MedicineCourse):
        found = event.start or event.stop
        assert found is not None  # a medicine has one of the two
        return found
    return event.date


def course_lines(value: Any) -> tuple[Any, ...]:
    """Return the lines of a value of ``course``: a list of lines, or text with one to a line or parted by ``;``.

    raises : EvidenceError for anything else, and for more than 300 lines.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        value = [line.strip() for line in re.split(r"[;\n]", value) if line.strip()]
    if not isinstance(value, list | tuple):
        raise EvidenceError(f"{COURSE}: expected a list of lines, got {shown(value)}; in each line {LINE}.")
    if len(value) > MOST_LINES:
        raise EvidenceError(f"{COURSE}: expected at most {MOST_LINES} lines, got {len(value)}.")
    return tuple(value)


def read_course(knowledge: Knowledge, value: Any) -> Course:
    """Read every line of a course.

    value  : as ``course_lines`` takes it
    raises : EvidenceError for the first line that cannot be read, and for dates over a hundred years apart.
    """
    events = [read_event(knowledge, line) for line in course_lines(value)]
    course = course_of(events)
    days, rule = course.days, knowledge.course_rules.get("longest_course")
    if days and rule and (days[-1] - days[0]).days > rule.value:
        raise EvidenceError(
            f"{COURSE}: expected dates at most {rule.value:.0f} days apart, got {days[0]} and {days[-1]}; check both."
        )
    return course


def course_of(events: Iterable[Event]) -> Course:
    """Return entries as a course, one that is given twice once."""
    ordered = sorted(set(events), key=_order)
    return Course(
        tuple(each for each in ordered if isinstance(each, Count)),
        tuple(each for each in ordered if isinstance(each, MedicineCourse)),
        tuple(each for each in ordered if isinstance(each, Mark)),
    )


def read_event(knowledge: Knowledge, line: Any) -> Event:
    """Read one line: a date and a count, a medicine with its start or stop, fever, or an infection.

    A count stands with its unit, or without one where one unit alone makes sense of it.
    raises : EvidenceError that says what of the line is not read.
    """
    if not isinstance(line, str) or not line.strip():
        raise EvidenceError(f"{COURSE}: {LINE}, got {shown(line)}.")
    if len(line) > LONGEST_LINE:
        raise EvidenceError(f"{COURSE}: expected a line of at most {LONGEST_LINE} characters, got {len(line)}.")
    typed = line.strip()
    days, parts = _dates(knowledge, typed)
    rest = _plain(knowledge, " ".join(parts))
    words = fold_words(rest)
    for kind in (FEVER, INFECTION):
        if words in _words(knowledge)[kind]:
            return Mark(_only(days, typed), kind, typed)
    if (counted := _counted(knowledge, rest)) is not None:
        return Count(_only(days, typed), _count(knowledge, counted, typed), typed)
    return _medicine(knowledge, days, parts, typed)


def is_medicine_line(knowledge: Knowledge, line: Any) -> bool:
    """Say whether a line can be read and is about a medicine."""
    try:
        return isinstance(read_event(knowledge, line), MedicineCourse)
    except EvidenceError:
        return False


def may_be_count(knowledge: Knowledge, line: Any) -> bool:
    """Say whether a line that cannot be read may be a count, so that nothing is answered as if there were none."""
    if not isinstance(line, str):
        return True
    rest = date_pattern(knowledge).sub(" ", line)
    named = any(find_medicine(knowledge, word) for word in re.split(r"[\s,;]+", rest) if word[:1].isalpha())
    return bool(_DIGIT.search(rest)) and not named


def _dates(knowledge: Knowledge, typed: str) -> tuple[list[date], list[str]]:
    """Return the days of a line in its order, and the text before, between and after them."""
    days, parts, at = [], [], 0
    for found in date_pattern(knowledge).finditer(typed):
        read = date_of(knowledge, found)
        if read is None:
            raise EvidenceError(f"{COURSE}: {shown(typed)}: no calendar has the day {shown(found[0].strip())}.")
        if len(possible := {day.date() for day in read.days}) > 1:
            first, second = sorted(possible)
            raise EvidenceError(
                f"{COURSE}: {shown(typed)}: the date {shown(read.text)} can be {first} or {second}; write it as one of "
                "these."
            )
        days.append(possible.pop())
        parts.append(typed[at : found.start()])
        at = found.end()
    if not days:
        raise EvidenceError(f"{COURSE}: {shown(typed)}: no date such as 2026-03-12 or 12 Mar 2026 is in it; {LINE}.")
    return days, [*parts, typed[at:]]


def _plain(knowledge: Knowledge, text: str) -> str:
    """Return text without the signs that part it, and without words that are passed over."""
    return " ".join(_DASH.sub(" ", _pattern(knowledge)[PASSED].sub(" ", text)).split()).strip(_AROUND)


def _only(days: list[date], typed: str) -> date:
    if len(days) != 1:
        raise EvidenceError(f"{COURSE}: {shown(typed)}: expected one date on this line, got {len(days)}.")
    return days[0]


def _counted(knowledge: Knowledge, rest: str) -> str | None:
    """Return the number of a count, its name taken away; None where the text is none."""
    rows, end = name_at(spellings(knowledge), rest, 0)
    if any(row.node == COUNT for row in rows):
        return rest[end:].strip(_AROUND)
    return rest if _NUMBER_START.match(rest) else None


def _count(knowledge: Knowledge, text: str, typed: str) -> float:
    """Return a count in /mm3, in the one unit that makes sense of it where it has none."""
    try:
        read = parse_quantity(knowledge, COUNT, text)
    except EvidenceError as error:
        found = {}
        for unit in knowledge.nodes[COUNT].unit:
            try:
                found[unit] = parse_quantity(knowledge, COUNT, f"{text} {unit}")
            except EvidenceError:
                continue
        if len({round(each.canonical, 6) for each in found.values()}) != 1:
            said = str(error).removeprefix(f"{COUNT}: ")
            raise EvidenceError(f"{COURSE}: {shown(typed)}: {said}") from None
        read = next(iter(found.values()))
    if read.bound:
        raise EvidenceError(f"{COURSE}: {shown(typed)}: expected the number of the count, got a bound.")
    return read.canonical


def _medicine(knowledge: Knowledge, days: list[date], parts: list[str], typed: str) -> MedicineCourse:
    """Read a medicine with one date or two; of one date a word says whether it is the start or the stop."""
    rest, said = _without_words(knowledge, " ".join(parts))
    rest = _plain(knowledge, rest)
    if not rest or not rest[0].isalpha():
        raise EvidenceError(f"{COURSE}: {shown(typed)}: {LINE}.")
    try:
        named = read_medicine(knowledge, rest)
    except EvidenceError as error:
        reason = str(error).removeprefix(f"{MEDICINES}: ")
        raise EvidenceError(
            f"{COURSE}: {shown(typed)}: {reason} Allowed besides is a count, fever or infection."
        ) from None
    if named.duration or named.after_low_count:
        raise EvidenceError(f"{COURSE}: {shown(typed)}: expected dates alone to say for how long it was taken.")
    if len(days) > 2:
        raise EvidenceError(f"{COURSE}: {shown(typed)}: expected a start and a stop, got {len(days)} dates.")
    if len(days) == 1:
        if len(said) != 1:
            raise EvidenceError(
                f"{COURSE}: {shown(typed)}: expected a word that says what the date is, as in 'from {days[0]}' or "
                f"'stopped {days[0]}'."
            )
        start, stop = (days[0], None) if START in said else (None, days[0])
    else:
        start, stop = days if _in_order(knowledge, parts) else days[::-1]
        if start > stop:
            raise EvidenceError(f"{COURSE}: {shown(typed)}: expected a stop after the start, got {stop} after {start}.")
    return MedicineCourse(named, start, stop, typed)


def _in_order(knowledge: Knowledge, parts: list[str]) -> bool:
    """Say whether the start stands before the stop; only where words say so does it not."""
    first, second = (_without_words(knowledge, part)[1] for part in parts[:2])
    return not (STOP in first and START not in first and START in second)


def _without_words(knowledge: Knowledge, text: str) -> tuple[str, set[str]]:
    """Return text without the words that say what a date is, and which kinds of them it had."""
    said = {kind for kind in (START, STOP) if _pattern(knowledge)[kind].search(text)}
    for kind in said:
        text = _pattern(knowledge)[kind].sub(" ", text)
    return text, said


def _order(event: Event) -> tuple[date, str, float, str]:
    """Return what entries are ordered by; of several counts of one day the lowest is the last."""
    value = -event.value if isinstance(event, Count) else 0.0
    return first_day(event), type(event).__name__, value, event.typed


@kept_with_knowledge
def _words(knowledge: Knowledge) -> Mapping[str, frozenset[tuple[str, ...]]]:
    """Return kind -> its words, folded."""
    found = {kind: frozenset[tuple[str, ...]]() for kind in (FEVER, INFECTION)}
    for row in knowledge.course_words:
        found[row.kind] = frozenset(map(fold_words, row.spelling)) | found.get(row.kind, frozenset())
    return found


@kept_with_knowledge
def _pattern(knowledge: Knowledge) -> Mapping[str, re.Pattern[str]]:
    """Return what the words for a start, for a stop, and those passed over look like."""
    found = {}
    for kind in (START, STOP, PASSED):
        spelled = [each for row in knowledge.course_words if row.kind == kind for each in row.spelling]
        either = "|".join(map(re.escape, sorted(spelled, key=len, reverse=True))) or "(?!)"
        found[kind] = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
    return found
