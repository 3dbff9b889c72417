"""Pasted laboratory text as evidence: what was read, what was not and why. Nothing is guessed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model.errors import listed
from model.evidence.lab_dates import LabDate, newer, same_day, settled
from model.evidence.lab_line import NOT_BLOOD, NOT_OURS, NOT_UNDERSTOOD, LabEntry, LabLeftOut, read_line, said
from model.evidence.lab_neutrophils import SOURCES, DerivedCount, derived_count
from model.evidence.lab_sections import LONGEST_LINE, lab_sections
from model.evidence.lab_spellings import COUNT
from model.knowledge import Knowledge

__all__ = ["LONGEST_LINE", "MAX_BYTES", "MAX_LINES", "NOT_OURS", "LabConflict", "LabText", "read_lab_text"]

MAX_BYTES = 20_000
MAX_LINES = 400

_SAME = 1e-9  # relative: two results that differ less are one result in two units


@dataclass(frozen=True, slots=True)
class LabConflict:
    """One quantity with different results, none of which is certainly the newest: none of them is used."""

    entries: tuple[LabEntry, ...]

    @property
    def sentence(self) -> str:
        """The conflict in words."""
        quantity = self.entries[0].quantity
        each = " and ".join(f"{one.value} ({one.place})" for one in self.entries)
        dated = any(one.date for one in self.entries)
        why = ", and their dates do not say which is the newest" if dated else ""
        return f"{quantity} stands here with different results, {each}{why}; none was used. Keep the one that counts."


@dataclass(frozen=True, slots=True)
class LabText:
    """What a text gave.

    entries   : results to enter, one a node, in the order of the text
    left_out  : lines that were not read, each ``not ours``, ``not blood`` or ``not understood``
    conflicts : quantities with different results, not among the entries
    sentences : what a reader should know besides: another specimen, an older date, a count that was derived
    lines     : numbers of the lines with anything on them
    """

    entries: tuple[LabEntry, ...]
    left_out: tuple[LabLeftOut, ...]
    conflicts: tuple[LabConflict, ...]
    sentences: tuple[str, ...]
    lines: tuple[int, ...] = ()

    @property
    def evidence(self) -> Mapping[str, str]:
        """Node -> number with its unit, as ``read_evidence`` takes it."""
        return {entry.node: entry.value for entry in self.entries}

    @property
    def not_understood(self) -> tuple[int, ...]:
        """Numbers of the lines that were not understood, or only in part."""
        return self._lines_of(NOT_UNDERSTOOD)

    @property
    def not_ours(self) -> tuple[int, ...]:
        """Numbers of the lines that were understood, and hold something that is no entry of this model."""
        return tuple(line for line in self._lines_of(NOT_OURS) if line not in self.not_understood)

    @property
    def not_blood(self) -> tuple[int, ...]:
        """Numbers of the lines that are of another specimen, or stand below a heading of one."""
        return self._lines_of(NOT_BLOOD)

    def _lines_of(self, status: str) -> tuple[int, ...]:
        return tuple(sorted({left.line for left in self.left_out if left.status == status}))

    @property
    def summary(self) -> str:
        """How much of the text was read, to stand above everything else."""
        if not self.lines:
            return "Nothing was read." if self.sentences else "There is no text."
        lost, total = self.not_understood, f"{len(self.lines)} line{'s' * (len(self.lines) != 1)}"
        parts = [f"Every line was understood, {total} in all."]
        if lost:
            parts = [f"{len(lost)} of {total} {'was' if len(lost) == 1 else 'were'} not understood ({_lines(lost)})."]
        if other := self.not_blood:
            parts.append(f"Not read, for {'it is' if len(other) == 1 else 'they are'} not of blood: {_lines(other)}.")
        if self.conflicts:
            parts.append(f"To be decided by you: {', '.join(each.entries[0].quantity for each in self.conflicts)}.")
        return " ".join(parts)

    def __str__(self) -> str:
        return "\n".join(map(str, self.entries))


def read_lab_text(knowledge: Knowledge, text: str) -> LabText:
    """Read pasted laboratory results: one or more to a line, CSV, tabs, semicolons or columns, in five languages.

    text    : at most 20 kB and 400 lines; more is refused as a whole
    returns : see :class:`LabText`. Left out are a number without a unit where the unit matters, one whose comma or
              point can be read in two ways, a name that ``lab_names.csv`` does not have, a line with anything in it
              that is not understood, and everything below a heading of another specimen, of another patient, or that
              is not known. Of several dates the newest counts, and that is said; where it is not certain, no result of
              the quantity is used. The neutrophil count is computed only when no count is there, see
              :mod:`model.evidence.lab_neutrophils`.
    raises  : nothing on account of `text`.
    """
    size = len(text.encode("utf-8", "replace"))
    lines = text.splitlines()
    if size > MAX_BYTES or len(lines) > MAX_LINES:
        allowed = f"Expected at most {MAX_BYTES} bytes and {MAX_LINES} lines"
        return LabText((), (), (), (f"{allowed}, got {size} and {len(lines)}; nothing was read.",))
    sections = lab_sections(knowledge, lines)
    every, left_out = [], list(sections.left_out)
    for line in sections.results:
        entries, unread = read_line(knowledge, line.line, line.text)
        left_out += unread
        every += [replace(entry, date=entry.date or line.date) for entry in entries]
    known = settled(entry.date for entry in every if entry.date)
    found: dict[str, list[LabEntry]] = {}
    for entry in every:
        found.setdefault(entry.quantity, []).append(replace(entry, date=known[entry.date] if entry.date else None))
    sentences = list(sections.sentences)
    conflicts: list[LabConflict] = []
    agreed: dict[str, LabEntry] = {}
    for quantity, same in found.items():
        one = _one_of(same, sentences)
        if one is None:
            conflicts.append(LabConflict(tuple(same)))
        else:
            agreed[quantity] = one
    has_count = any(entry.node == COUNT for same in found.values() for entry in same)
    derived = DerivedCount(None, (), "")
    if not has_count:
        derived = derived_count(knowledge, agreed, frozenset(_asked(left_out, conflicts)))
    if derived.entry:
        sentences.append(derived.said)
    why = derived.said if derived.entry is None else "the neutrophil count was computed from the other numbers"
    if has_count:
        why = "the neutrophil count stands in the text itself"
    sources = [agreed[quantity] for quantity in SOURCES if quantity in agreed]
    left_out += [_unused(knowledge, each, why) for each in sources if each not in derived.used]
    entered = [each for each in agreed.values() if each.node] + ([derived.entry] if derived.entry else [])
    entered.sort(key=lambda entry: entry.line)
    left_out.sort(key=lambda line: line.line)
    sentences += _dates_said(entered)
    return LabText(tuple(entered), tuple(left_out), tuple(conflicts), tuple(sentences), sections.lines)


def _one_of(same: Sequence[LabEntry], sentences: list[str]) -> LabEntry | None:
    """Return the result of one quantity that counts, the newest of several; None where that is not certain."""
    if len(same) == 1:
        return same[0]
    kinds: dict[tuple[object, ...], LabEntry] = {}
    for one in same:
        kinds.setdefault((one.date, one.measurement.bound, one.measurement.canonical), one)
    different = tuple(kinds.values())
    newest = (one for one in different if all(other is one or _newer_or_same(one, other) for other in different))
    first = next(newest, same[0] if _agree(same) else None)
    if first is None:
        return None
    older = [other for other in same if other is not first and not _agree((first, other))]
    if older:
        rest = " and ".join(f"{other.value} ({other.place})" for other in older)
        sentences.append(f"{first.quantity} {first.value} ({first.place}) is the newest; older: {rest}, not used.")
    again = [str(other.line) for other in same if other is not first and other not in older]
    if again:
        sentences.append(
            f"{first.quantity} {first.value} stands again in line {', '.join(again)}, with the same result."
        )
    return first


def _newer_or_same(one: LabEntry, other: LabEntry) -> bool:
    """Say whether a result is certainly newer than another, or of the same date with the same result."""
    if one.date and other.date and newer(one.date, other.date):
        return True
    return same_day(one.date, other.date) and _agree((one, other))


def _agree(same: Sequence[LabEntry]) -> bool:
    first, *others = (entry.measurement for entry in same)
    return all(
        other.bound == first.bound and math.isclose(other.canonical, first.canonical, rel_tol=_SAME) for other in others
    )


def _asked(left_out: Sequence[LabLeftOut], conflicts: Sequence[LabConflict]) -> list[str]:
    """Return the quantities the count could follow from that stand in the text without a result."""
    reasons = [left.reason for left in left_out if left.status == NOT_UNDERSTOOD]
    unread = [quantity for quantity in SOURCES if any(reason.startswith(f"{quantity}: ") for reason in reasons)]
    return [*unread, *(conflict.entries[0].quantity for conflict in conflicts)]


def _unused(knowledge: Knowledge, entry: LabEntry, why: str) -> LabLeftOut:
    """Return why leukocytes or a share that were read give no entry."""
    note = next(row.note for row in knowledge.lab_names if row.spelling == row.quantity == entry.quantity)
    note = f"{note.split(';')[0]}; {why}" if why else note
    return LabLeftOut(entry.line, entry.text, f"{entry.quantity}: {said(note)}", NOT_OURS)


def _dates_said(entered: Sequence[LabEntry]) -> list[str]:
    """Say which results are older than the newest of the text, and which have no date beside dated ones."""
    dated: list[LabDate] = [entry.date for entry in entered if entry.date]
    last = next(
        (date for date in dated if all(other is date or newer(other, date) is not True for other in dated)), None
    )
    if last is None:
        return []
    older = [entry for entry in entered if entry.date and not same_day(entry.date, last)]
    bare = [entry for entry in entered if entry.date is None]
    out = [
        f"{entry} is of {entry.date} (line {entry.line}), other results are of {last}; it was entered as well. Delete "
        "it if it no longer holds."
        for entry in older
    ]
    if bare:
        out.append(f"No date stands with {listed(map(str, bare))}, while other results are of {last}.")
    return out


def _lines(numbers: Sequence[int]) -> str:
    """Return line numbers in words, runs as ranges.

    >>> _lines((2, 5, 6, 7))
    'lines 2, 5 to 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"line{'s' * (len(numbers) > 1)} {', '.join(words)}"
