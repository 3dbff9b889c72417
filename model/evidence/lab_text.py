"""Pasted laboratory text as evidence: what was read, what was not and why. Nothing is guessed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from model.errors import EvidenceError
from model.evidence.lab_line import COUNT, LEUKOCYTES, PARTS, SHARE, LabEntry, LabLeftOut, printable, read_line, said
from model.evidence.units import parse_quantity
from model.knowledge import Knowledge

MAX_BYTES = 20_000
MAX_LINES = 400
LONGEST_LINE = 400  # characters

_SAME = 1e-9  # relative: two results that differ less are one result in two units


@dataclass(frozen=True, slots=True)
class LabConflict:
    """One quantity with different results: none of them is used."""

    entries: tuple[LabEntry, ...]

    @property
    def sentence(self) -> str:
        """The conflict in words."""
        quantity, each = (
            self.entries[0].quantity,
            " and ".join(f"{one.value} (line {one.line})" for one in self.entries),
        )
        return f"{quantity} stands here with different results, {each}; none was used. Keep the one that counts."


@dataclass(frozen=True, slots=True)
class LabText:
    """What a text gave.

    entries   : results to enter, one a node, in the order of the text
    left_out  : lines that were not read;  conflicts : nodes with different results, not among the entries
    sentences : what a reader should know besides: a count that was derived, a result that stands twice
    """

    entries: tuple[LabEntry, ...]
    left_out: tuple[LabLeftOut, ...]
    conflicts: tuple[LabConflict, ...]
    sentences: tuple[str, ...]

    @property
    def evidence(self) -> Mapping[str, str]:
        """Node -> number with its unit, as ``read_evidence`` takes it."""
        return {entry.node: entry.value for entry in self.entries}

    def __str__(self) -> str:
        return "\n".join(map(str, self.entries))


def read_lab_text(knowledge: Knowledge, text: str) -> LabText:
    """Read pasted laboratory results: one or more to a line, CSV, tabs or semicolons, English or German names.

    text    : at most 20 kB and 400 lines; more is refused as a whole
    returns : see :class:`LabText`. A number without a unit is left out where the unit matters, and so is one whose
              comma or point can be read in two ways, a name that ``lab_names.csv`` does not have, and a line with
              anything in it that is not understood. The neutrophil count is computed from leukocytes and the neutrophil
              share only when both are there, no count is, and neither bands nor segments stand apart: the share may
              leave them out.
    raises  : nothing on account of `text`.
    """
    size = len(text.encode("utf-8", "replace"))
    lines = text.splitlines()
    if size > MAX_BYTES or len(lines) > MAX_LINES:
        allowed = f"Expected at most {MAX_BYTES} bytes and {MAX_LINES} lines"
        return LabText((), (), (), (f"{allowed}, got {size} and {len(lines)}; nothing was read.",))
    found: dict[str, list[LabEntry]] = {}
    left_out: list[LabLeftOut] = []
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            reason = f"The line has {len(line)} characters; at most {LONGEST_LINE} are read."
            left_out.append(LabLeftOut(number, f"{printable(line[:60])}...", reason))
            continue
        entries, unread = read_line(knowledge, number, line)
        left_out += unread
        for entry in entries:
            found.setdefault(entry.quantity, []).append(entry)
    sentences: list[str] = []
    conflicts = [LabConflict(tuple(same)) for same in found.values() if not _agree(same)]
    agreed = {quantity: same[0] for quantity, same in found.items() if _agree(same)}
    for quantity, first in agreed.items():
        if len(found[quantity]) > 1:
            again = ", ".join(str(other.line) for other in found[quantity][1:])
            sentences.append(f"{quantity} {first.value} stands again in line {again}, with the same result.")
    has_count = any(entry.node == COUNT for same in found.values() for entry in same)
    white, share = agreed.get(LEUKOCYTES), agreed.get(SHARE)
    apart = any(line.reason.startswith(f"{PARTS}: ") for line in left_out)
    derived = _derived(knowledge, white, share) if white and share and not has_count and not apart else None
    if derived and white and share:
        sentences.append(
            f"{derived.quantity} {derived.value} was computed: leukocytes {white.value} times neutrophils "
            f"{share.value}."
        )
    else:
        left_out += [_unused(knowledge, each, has_count, apart) for each in (white, share) if each is not None]
    entries = [each for each in agreed.values() if each.node] + ([derived] if derived else [])
    entries.sort(key=lambda entry: entry.line)
    left_out.sort(key=lambda line: line.line)
    return LabText(tuple(entries), tuple(left_out), tuple(conflicts), tuple(sentences))


def _agree(same: list[LabEntry]) -> bool:
    first, *others = (entry.measurement for entry in same)
    return all(
        other.bound == first.bound and math.isclose(other.canonical, first.canonical, rel_tol=_SAME) for other in others
    )


def _derived(knowledge: Knowledge, white: LabEntry, share: LabEntry) -> LabEntry | None:
    """Return the neutrophil count as leukocytes times share, in the unit of the leukocytes; None for a mere bound."""
    measured = white.measurement
    if measured.bound:
        return None
    part = Decimal(repr(share.measurement.value)) / 100
    count = (Decimal(repr(measured.value)) * part).normalize()
    count = round(count) if measured.unit.startswith("/") else count
    try:
        measured = parse_quantity(knowledge, COUNT, f"{count:f} {measured.unit}")
    except EvidenceError:
        return None
    quantity = next(lab.quantity for lab in knowledge.labs if lab.node == COUNT)
    both = white.text if white.line == share.line else f"{white.text}; {share.text}"
    return LabEntry(max(white.line, share.line), both, quantity, COUNT, measured)


def _unused(knowledge: Knowledge, entry: LabEntry, has_count: bool, apart: bool) -> LabLeftOut:
    note = next(row.note for row in knowledge.lab_names if row.spelling == row.quantity == entry.quantity)
    if has_count:
        note = "Not an entry of this model; the neutrophil count stands in the text itself"
    elif apart:
        note = "No count is computed: bands or segments stand apart, and the neutrophil share may leave them out"
    return LabLeftOut(entry.line, entry.text, f"{entry.quantity}: {said(note)}")
