"""Medicines by name on a screen: what the list offers, what a row says, what a new one contradicts. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import EvidenceError
from model.evidence import Evidence, Unread, read_evidence
from model.evidence.in_words import in_words
from model.evidence.medicine import MEDICINES, find_medicine, medicine_lines, read_medicine
from model.evidence.medicine_rules import TIMING
from model.knowledge import Knowledge

MEDICINE = "medicine:"  # before the place of a medicine in its list, where entries of all kinds are named


@dataclass(frozen=True)
class MedicineRow:
    """One medicine of the list. said : how it is read, or why not;  usable : whether it has been read"""

    label: str
    said: str
    usable: bool


def offered(knowledge: Knowledge) -> dict[str, str]:
    """Return every name as it is to be read -> as the list shows it, in the order of letters."""
    found = [find_medicine(knowledge, name) for each in knowledge.medicines for name in each.spellings]
    names = [name for name in found if name is not None]
    return {name.spelling: name.text for name in sorted(names, key=lambda name: name.spelling.casefold())}


def medicine_line(name: str | None, duration: str | None, suspected: bool) -> str:
    """Return the three fields as one line."""
    parts = ((name or "").strip(), (duration or "").strip(), "suspected" if suspected else "")
    return ", ".join(filter(None, parts)) if parts[0] else ""


def medicine_problem(knowledge: Knowledge, lines: Sequence[Any]) -> str:
    """Return why lines cannot be read; nothing when they can."""
    said = []
    for line in lines:
        try:
            read_medicine(knowledge, line)
        except EvidenceError as error:
            reason = str(error).removeprefix(f"{MEDICINES}: ")
            said.append(reason[:1].upper() + reason[1:])
    return " ".join(said) if lines else "Choose a medicine first."


def contradicted(knowledge: Knowledge, evidence: Mapping[str, Any], lines: Sequence[Any]) -> tuple[str, ...]:
    """Return the entries that cannot be true together with these medicines."""
    found = []
    for node, value in evidence.items():
        try:
            if node != MEDICINES:
                read_evidence(knowledge, {node: value})
                found.append(node)
                read_evidence(knowledge, {node: value, MEDICINES: list(lines)})
                found.pop()
        except EvidenceError:
            continue
    return tuple(found)


def said_by_medicines(knowledge: Knowledge, read: Evidence, entered: Mapping[str, Any]) -> dict[str, str]:
    """Return node -> what named medicines say of it, for the questions that nobody answered otherwise."""
    labels = {node: [each.named.label for each in read.medicines if each.counts and each.named.node == node]
              for node in read.given}  # fmt: skip
    if TIMING in read.given:
        labels[TIMING] = [each.named.label for each in read.medicines if each.counts]
    return {
        node: f"Counts as “{in_words(knowledge, read, node).partition(': ')[2]}”, through {'; '.join(named)}."
        for node, named in labels.items()
        if named and node not in entered
    }


def lines_held(value: Any) -> tuple[Any, ...]:
    """Return the medicines that a case holds, one entry each; what is no list of them stays one entry."""
    try:
        return medicine_lines(value)
    except EvidenceError:
        return (value,)


def medicine_rows(lines: Sequence[Any], read: Evidence, unread: Sequence[Unread]) -> tuple[MedicineRow, ...]:
    """Return a row for each medicine that was named, in that order."""
    rows = []
    for line in lines:
        reading = next((each for each in read.medicines if each.named.typed == line), None)
        if reading is not None:
            said = f"{reading.said[:1].upper()}{reading.said[1:]}"
            rows.append(MedicineRow(reading.named.label, said, True))
        else:
            why = next((each.reason for each in unread if each.node == MEDICINES and each.given == line), "Not read.")
            rows.append(MedicineRow(_typed(line), why.removeprefix(f"{MEDICINES}: "), False))
    return tuple(rows)


def _typed(line: Any) -> str:
    return str(line.get("name", line)) if isinstance(line, Mapping) else str(line)
