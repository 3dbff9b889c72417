"""The neutrophil count from what stands beside it: leukocytes times a share, or segmented and bands added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from model.errors import EvidenceError
from model.evidence.lab_dates import same_day
from model.evidence.lab_line import LabEntry
from model.evidence.lab_spellings import BANDS, COUNT, LEUKOCYTES, PARTS, POLYMORPHS, SEGMENTED, SHARE
from model.evidence.units import Measurement, parse_quantity
from model.knowledge import Knowledge

SOURCES = (LEUKOCYTES, SHARE, *PARTS)
_WHOLE = 100  # per cent


@dataclass(frozen=True, slots=True)
class DerivedCount:
    """A count, or why none is computed. used : the entries it follows from;  said : how, or why not, in words"""

    entry: LabEntry | None
    used: tuple[LabEntry, ...]
    said: str


def derived_count(knowledge: Knowledge, found: Mapping[str, LabEntry], asked: frozenset[str]) -> DerivedCount:
    """Return the neutrophil count that follows from the entries of one text.

    found : quantity -> its one result, among them leukocytes, the neutrophil share and its parts
    asked : quantities that stand in the text without a result that could be read
    """
    bands = found.get(BANDS)
    segmented = found.get(SEGMENTED) or (found.get(POLYMORPHS) if bands or BANDS in asked else None)
    whole = found.get(SHARE) or (found.get(POLYMORPHS) if segmented is None else None)
    apart = asked & {SEGMENTED, BANDS}
    if apart or (segmented is None) != (bands is None):
        return DerivedCount(None, (), "bands or segments stand apart, and the neutrophil share may leave them out")
    if segmented and bands:
        if segmented.measurement.unit != bands.measurement.unit:
            return DerivedCount(None, (), "bands and segments stand in different units")
        if whole and whole.measurement.unit == bands.measurement.unit and _sum(segmented, bands) != _number(whole):
            return DerivedCount(None, (), "bands and segments together are not the neutrophil share")
        return _count(knowledge, found.get(LEUKOCYTES), (segmented, bands))
    return _count(knowledge, found.get(LEUKOCYTES), (whole,)) if whole else DerivedCount(None, (), "")


def _count(knowledge: Knowledge, white: LabEntry | None, parts: tuple[LabEntry, ...]) -> DerivedCount:
    """Return the count of parts that are counts, or leukocytes times parts that are shares."""
    first = parts[0]
    share = first.measurement.unit == "%"
    used = [white, *parts] if share and white else [*parts]
    if share and white is None:
        return DerivedCount(None, (), "")
    if any(each.measurement.bound for each in used):
        return DerivedCount(None, (), "one of its numbers is only bounded")
    if not all(same_day(first.date, other.date) for other in used):
        return DerivedCount(None, (), "leukocytes, share and parts are not all of one date")
    total, unit = _sum(*parts), first.measurement.unit
    added = " and ".join(f"{part.quantity.lower()} {part.value}" for part in parts)
    how = f"{added} were added" if len(parts) > 1 else f"{added} was taken for it"
    if share and white is not None:
        if total > _WHOLE:
            return DerivedCount(None, (), f"the shares together are {total.normalize():f} %")
        total, unit = _number(white) * total / _WHOLE, white.measurement.unit
        how = f"leukocytes {white.value} times " + (f"the sum of {added}" if len(parts) > 1 else _neutrophils(first))
    measured = _measured(knowledge, total.normalize(), unit)
    if measured is None:
        return DerivedCount(None, (), f"{total.normalize():f} {unit} is not plausible")
    quantity = next(lab.quantity for lab in knowledge.labs if lab.node == COUNT)
    text = "; ".join(dict.fromkeys(each.text for each in used))
    entry = LabEntry(max(each.line for each in used), text, quantity, COUNT, measured, first.date, first.at)
    return DerivedCount(entry, tuple(used), f"{quantity} {entry.value} was computed: {how}.")


def _neutrophils(share: LabEntry) -> str:
    return f"neutrophils {share.value}" if share.quantity == SHARE else f"{share.quantity.lower()} {share.value}"


def _measured(knowledge: Knowledge, count: Decimal, unit: str) -> Measurement | None:
    count = Decimal(round(count)) if unit.startswith("/") else count
    try:
        return parse_quantity(knowledge, COUNT, f"{count:f} {unit}")
    except EvidenceError:
        pass
    try:  # 1.302 could be read as 1302 where both are plausible; one more digit says which
        return parse_quantity(knowledge, COUNT, f"{count:f}0 {unit}") if "." in f"{count:f}" else None
    except EvidenceError:
        return None


def _sum(*entries: LabEntry) -> Decimal:
    return sum((_number(entry) for entry in entries), Decimal())


def _number(entry: LabEntry) -> Decimal:
    return Decimal(repr(entry.measurement.value))
