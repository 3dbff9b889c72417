"""Dates in laboratory text: which days a printed date can be, and which of two is the newer.

03/04/2024 is a day in March or in April: both are kept, unless another date of the same text says which comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from model.evidence.lab_words import MONTH, alternatives, fold_words, lab_words
from model.knowledge import Knowledge, kept_with_knowledge

_CENTURY = 2000  # added to a year of two digits
_MONTHS = 12
_TIME = (
    r"(?:(?:T|[\s,;]+(?:(?:at|um|à|a\s+las|às)\s+)?)(?P<hour>[01]?[0-9]|2[0-3])[:h](?P<minute>[0-5][0-9])"
    r"(?::[0-5][0-9])?(?:\s*(?:Uhr|h)\b)?)?"
)


@dataclass(frozen=True, slots=True)
class LabDate:
    """A date as printed. days : each moment it can be, the day first where day and month could be either

    swapped : whether `days` depends on the order of day and month;  timed : whether it has a time of day
    """

    text: str
    days: tuple[datetime, ...]
    swapped: bool = False
    timed: bool = False

    def __str__(self) -> str:
        return self.text


@kept_with_knowledge
def date_pattern(knowledge: Knowledge) -> re.Pattern[str]:
    """Return what a date looks like, with a time of day or without."""
    month = rf"(?P<word>{alternatives(knowledge, MONTH)})"
    forms = (
        r"(?P<y>[12][0-9]{3})(?P<ys>[-/.])(?P<ym>[0-9]{1,2})(?P=ys)(?P<yd>[0-9]{1,2})",
        r"(?P<a>[0-9]{1,2})(?P<s>[./-])(?P<b>[0-9]{1,2})(?P=s)(?P<c>[12][0-9]{3}|(?<![0-9]-)[0-9]{2})",
        rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+)?{month}\.?[\s,-]*(?:de\s+)?(?P<e>[12][0-9]{{3}}|(?<=-)[0-9]{{2}})",
        rf"{month.replace('word', 'first')}\.?\s+(?P<f>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<g>[12][0-9]{{3}})",
    )
    return re.compile(rf"(?<![0-9./])(?:{'|'.join(forms)})(?![0-9/]|[.-][0-9]){_TIME}", re.IGNORECASE)


def date_of(knowledge: Knowledge, found: re.Match[str]) -> LabDate | None:
    """Return the date a match of :func:`date_pattern` stands for; None where no calendar has it."""
    part = found.groupdict()
    time = (int(part["hour"]), int(part["minute"])) if part["hour"] else (0, 0)
    if part["y"]:
        wanted = [(part["y"], part["ym"], part["yd"])]
    elif part["a"]:
        wanted = [(part["c"], part["b"], part["a"])]
        if part["s"] != "." and part["a"] != part["b"]:
            wanted.append((part["c"], part["a"], part["b"]))
    else:
        number = lab_words(knowledge).known[MONTH][fold_words(part["word"] or part["first"])]
        wanted = [(part["e"] or part["g"], number, part["d"] or part["f"])]
    days: list[datetime] = []
    for year, month, day in wanted:
        try:
            days.append(datetime(int(year) + _CENTURY * (len(year) == 2), int(month), int(day), *time))
        except ValueError:
            continue  # no such day in this order
    swapped = len(wanted) == 2
    return LabDate(found[0].strip(), tuple(days), swapped, bool(part["hour"])) if days else None


def settled(dates: Iterable[LabDate]) -> dict[LabDate, LabDate]:
    """Return each date with the one order of day and month that the others of the text leave, where they leave one.

    A text with 13/04/2024 and 03/04/2024 writes the day first; one with 04/13/2024 as well is left as it is.
    """
    every = set(dates)
    sure = {date for date in every if date.swapped and len(date.days) == 1}
    first = {date for date in sure if _day_first(date)}
    if not sure or (first and first != sure):
        return {date: date for date in every}
    pick = 0 if first else 1
    return {date: replace(date, days=date.days[pick : pick + 1]) if len(date.days) == 2 else date for date in every}


def newer(one: LabDate, other: LabDate) -> bool | None:
    """Say whether one date is after the other, None where that is not certain: the same day, or either order fits."""
    if one.timed != other.timed:
        one, other = _day_only(one), _day_only(other)
    if min(one.days) > max(other.days):
        return True
    return False if max(one.days) < min(other.days) else None


def same_day(one: LabDate | None, other: LabDate | None) -> bool:
    """Say whether two results are of one day, or neither has a date."""
    if one is None or other is None:
        return one is other
    return {day.date() for day in one.days} == {day.date() for day in other.days}


def _day_only(date: LabDate) -> LabDate:
    return replace(date, days=tuple(day.replace(hour=0, minute=0) for day in date.days), timed=False)


def _day_first(date: LabDate) -> bool:
    return int(re.split(r"[/-]", date.text)[0]) == date.days[0].day and date.days[0].day > _MONTHS
