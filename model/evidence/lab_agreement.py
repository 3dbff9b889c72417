"""Which of several results counts: one a quantity, the newest where dates say so; and the count they give together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.errors import listed
from model.evidence.lab_dates import LabDate, newer, same_day, settled
from model.evidence.lab_line import NOT_OURS, NOT_UNDERSTOOD, LabEntry, LabLeftOut, said
from model.evidence.lab_neutrophils import SOURCES, DerivedCount, derived_count
from model.evidence.lab_spellings import COUNT
from model.knowledge import Knowledge

MOST_OLDER = 5  # of the older results that are named

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
class LabAgreement:
    """What counts of some results. Fields as those of ``LabText``."""

    entries: tuple[LabEntry, ...]
    left_out: tuple[LabLeftOut, ...]
    conflicts: tuple[LabConflict, ...]
    sentences: tuple[str, ...]


def agreed_results(
    knowledge: Knowledge, every: Sequence[LabEntry], left_out: Sequence[LabLeftOut], sentences: Sequence[str] = ()
) -> LabAgreement:
    """Return one result a quantity, the neutrophil count that follows from others where none is there, and what to say.

    every : the results as read;  left_out, sentences : what is known of the rest, returned with what comes in addition
    """
    left_out, sentences = list(left_out), list(sentences)
    known = settled(entry.date for entry in every if entry.date)
    found: dict[str, list[LabEntry]] = {}
    for entry in every:
        found.setdefault(entry.quantity, []).append(replace(entry, date=known[entry.date] if entry.date else None))
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
    return LabAgreement(tuple(entered), tuple(left_out), tuple(conflicts), tuple(sentences))


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
        named = [f"{other.value} ({other.place})" for other in older[:MOST_OLDER]]
        named += [f"{len(older) - MOST_OLDER} more"] if len(older) > MOST_OLDER else []
        rest = " and ".join(named)
        sentences.append(f"{first.quantity} {first.value} ({first.place}) is the newest; older: {rest}, not used.")
    again = [str(other.line) for other in same if other is not first and other not in older]
    if again:
        sentences.append(
            f"{first.quantity} {first.value} stands again in {first.at} {', '.join(again)}, with the same result."
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
    return LabLeftOut(entry.line, entry.text, f"{entry.quantity}: {said(note)}", NOT_OURS, entry.at)


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
        f"{entry} is of {entry.date} ({entry.at} {entry.line}), other results are of {last}; it was entered as well. "
        "Delete it if it no longer holds."
        for entry in older
    ]
    if bare:
        out.append(f"No date stands with {listed(map(str, bare))}, while other results are of {last}.")
    return out
