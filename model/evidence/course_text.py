"""Pasted text as lines of a course: one entry to a line, or laboratory text and cumulative tables with dates.

>>> from model.knowledge import load_knowledge
>>> table = "date;ANC (10^9/L)\\n2026-01-12;2.4\\n2026-03-12;0.9\\nclozapin from 1.2.2026"
>>> read = read_course_text(load_knowledge(), table)
>>> read.lines, read.unread[0].line
(('2026-01-12 ANC 2400 /mm3', '2026-03-12 ANC 900 /mm3'), 4)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.errors import EvidenceError, shown
from model.evidence.course import COURSE, Count, Event, course_of, first_day, read_event
from model.evidence.lab_dates import date_of, date_pattern, settled
from model.evidence.lab_line import NOT_BLOOD, NOT_UNDERSTOOD, LabEntry, LabLeftOut, read_line
from model.evidence.lab_sections import lab_sections
from model.evidence.lab_spellings import COUNT, name_at, spellings
from model.evidence.lab_text import MAX_BYTES, MAX_LINES
from model.evidence.lab_words import DATE, fold_words, lab_words
from model.evidence.units import unit_named
from model.knowledge import Knowledge

_AROUND = " \t\r,;:|=()[]"
_NOT_BLOOD = "It stands below a heading of another specimen."
_PARTING = re.compile(r"[\s;,|]")


@dataclass(frozen=True, slots=True)
class CourseText:
    """What a text gave.

    lines     : the entries in the order of their dates, as ``read_course`` takes them
    unread    : lines that were not read, and why;  sentences : what a reader should know besides
    """

    lines: tuple[str, ...]
    unread: tuple[LabLeftOut, ...]
    sentences: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How much of the text was read."""
        read = f"{len(self.lines)} entr{'y' if len(self.lines) == 1 else 'ies'} read"
        lost = len(self.unread)
        return f"{read}, {lost} line{'s' * (lost != 1)} not." if lost else f"{read}."


def read_course_text(knowledge: Knowledge, text: str) -> CourseText:
    """Read pasted text. At most 20 kB and 400 lines; more is refused as a whole.

    A line is an entry by itself, a result in laboratory text, or a row of a cumulative table; of the results only the
    neutrophil count is taken. A number without the name of the count is not read beside a line that is not understood
    and has no date, for that may be the heading of another test. 03/04/2026 is read where other dates of the text say
    which comes first.
    raises : nothing on account of `text`.
    """
    size, lines = len(text.encode("utf-8", "replace")), text.splitlines()
    if size > MAX_BYTES or len(lines) > MAX_LINES:
        said = (
            f"Expected at most {MAX_BYTES} bytes and {MAX_LINES} lines, got {size} and {len(lines)}; nothing was read."
        )
        return CourseText((), (), (said,))
    lines = _with_sure_dates(knowledge, lines)
    unit, head = _heading(knowledge, lines)
    events: dict[int, Event] = {}
    reasons: dict[int, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or number == head:
            continue
        try:
            events[number] = _event(knowledge, line, unit)
        except EvidenceError as error:
            reasons[number] = str(error).removeprefix(f"{COURSE}: ").removeprefix(f"{shown(line.strip())}: ")
    counts, left = _laboratory(knowledge, lines, frozenset((*events, head)))
    taken = {count.line for count in counts}
    unread = [
        LabLeftOut(number, lines[number - 1].strip(), left[number] or reason)
        for number, reason in reasons.items()
        if number not in taken and number in left
    ]
    for number in _not_blood(knowledge, lines) if reasons else ():
        if isinstance(events.get(number), Count):
            unread.append(LabLeftOut(number, events.pop(number).typed, _NOT_BLOOD))
    dated = date_pattern(knowledge)
    if not head and any(not dated.search(lines[number - 1]) for number in reasons):  # which may be a heading of others
        bare = [number for number, event in events.items() if isinstance(event, Count) and not _named(knowledge, event)]
        said = "It does not say what it counts, and a line without a date may; write ANC before the number."
        unread += [LabLeftOut(number, events.pop(number).typed, said) for number in bare]
    found = [*events.values(), *(_count_of(count) for count in counts)]
    ordered = sorted(course_of(found).events, key=first_day)
    kept = tuple(each.line if isinstance(each, Count) else each.typed for each in ordered)
    return CourseText(tuple(dict.fromkeys(kept)), tuple(sorted(unread, key=lambda one: one.line)))


def counts_of(knowledge: Knowledge, entries: Iterable[LabEntry]) -> tuple[str, ...]:
    """Return the neutrophil counts among results, those that are of one certain day, as lines of a course."""
    found = [entry for entry in entries if entry.node == COUNT and not entry.measurement.bound and _day(entry)]
    return tuple(dict.fromkeys(_count_of(entry).line for entry in found))


def _with_sure_dates(knowledge: Knowledge, lines: list[str]) -> list[str]:
    """Return lines with those dates plainly written that other dates of the text leave one reading of."""
    pattern = date_pattern(knowledge)
    known = settled(read for line in lines for found in pattern.finditer(line) if (read := date_of(knowledge, found)))

    def plain(found: re.Match[str]) -> str:
        read = date_of(knowledge, found)
        sure = known[read].days if read else ()
        return f"{sure[0].date()}" if read and read.swapped and len(sure) == 1 and not read.timed else found[0]

    return [pattern.sub(plain, line) for line in lines]


def _event(knowledge: Knowledge, line: str, unit: str) -> Event:
    """Read a line; a number alone in the unit that a heading gives."""
    if unit:
        try:
            found = read_event(knowledge, f"{line.strip()} {unit}")
        except EvidenceError:
            return read_event(knowledge, line)
        return found if isinstance(found, Count) else read_event(knowledge, line)
    return read_event(knowledge, line)


def _heading(knowledge: Knowledge, lines: list[str]) -> tuple[str, int]:
    """Return the unit of a heading of dates and counts, and its line, from 1; 0 where the text has none."""
    number = next((number for number, line in enumerate(lines, start=1) if line.strip()), 0)
    text = lines[number - 1].strip(_AROUND) if number else ""
    if not text or date_pattern(knowledge).search(text):
        return "", 0
    first = _PARTING.split(text)[0]
    if fold_words(first) in lab_words(knowledge).known[DATE]:
        text = text[len(first) :].strip(_AROUND)
    rows, end = name_at(spellings(knowledge), text, 0)
    unit = text[end:].strip(_AROUND)
    if not any(row.node == COUNT for row in rows) or (unit and not unit_named(knowledge, COUNT, unit)):
        return "", 0
    return unit, number


def _not_blood(knowledge: Knowledge, lines: list[str]) -> frozenset[int]:
    """Return the lines that stand below a heading of another specimen, such as spinal fluid, which is counted too."""
    return frozenset(one.line for one in lab_sections(knowledge, lines).left_out if one.status == NOT_BLOOD)


def _named(knowledge: Knowledge, count: Count) -> bool:
    """Say whether a count stands with its name."""
    rest = date_pattern(knowledge).sub(" ", count.typed).strip(_AROUND)
    return any(row.node == COUNT for row in name_at(spellings(knowledge), rest, 0)[0])


def _laboratory(knowledge: Knowledge, lines: list[str], away: frozenset[int]) -> tuple[list[LabEntry], dict[int, str]]:
    """Return the dated counts of laboratory text, and line -> why, for those that were not understood.

    The reason is empty where the line is no laboratory result either.
    """
    rest = ["" if number in away else line for number, line in enumerate(lines, start=1)]
    if not any(rest):
        return [], {}
    sections = lab_sections(knowledge, rest)
    quantity = next(lab.quantity for lab in knowledge.labs if lab.node == COUNT)
    left = {one.line: "" for one in sections.left_out if one.status == NOT_UNDERSTOOD}
    found: list[LabEntry] = []
    for line in sections.results:
        entries, unread = read_line(knowledge, line.line, line.text)
        counts = [replace(each, date=each.date or line.date) for each in entries if each.node == COUNT]
        for one in unread if line.line not in left else ():
            if one.status == NOT_UNDERSTOOD:
                left[one.line] = one.reason if one.reason.startswith(quantity) else ""
        for count in counts:
            if count.measurement.bound:
                left[count.line] = f"{count}: expected the number of the count, got a bound."
            elif count.date is None:
                left[count.line] = f"{count} stands without a date."
            else:
                found.append(count)
    known = settled(entry.date for entry in found if entry.date)
    found = [replace(entry, date=known[entry.date]) for entry in found if entry.date]
    for entry in found:
        if not _day(entry):
            left[entry.line] = f"{entry}: {shown(str(entry.date))} can be two days; write it as 2026-03-12."
    return [entry for entry in found if _day(entry)], left


def _day(entry: LabEntry) -> bool:
    return entry.date is not None and len({day.date() for day in entry.date.days}) == 1


def _count_of(entry: LabEntry) -> Count:
    assert entry.date is not None
    count = Count(entry.date.days[0].date(), entry.measurement.canonical, entry.text)
    return Count(count.date, count.value, count.line)
