"""One line of pasted laboratory text: name, number, unit, flags and reference range, or why it is not read.

Strict on purpose. A name is read only when ``lab_names.csv`` has it, and a result only when everything up to the next
result is understood: "Folate 500 ng/mL red cell" is another test, and two numbers in a row are two columns.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from model.errors import EvidenceError, shown
from model.evidence.numerals import fold_unit, readings
from model.evidence.units import Measurement, parse_quantity
from model.knowledge import Knowledge, kept_with_knowledge
from model.knowledge.rows import LabName

COUNT, LEUKOCYTES, SHARE, HEADING = "anc", "Leukocytes", "Neutrophil share", "Heading"
PARTS = "Segmented or band neutrophils"

_FLAG = r"(?:HH?|LL?|N|high|low|normal|hoch|niedrig|erhöht|erniedrigt|abnormal|critical|\*+|!+|\++|[↑↓▲▼]+)"
_NUM = r"(?:[0-9]+(?:[.,][0-9]+)*|(?<!\.)\.[0-9]+)"
_BOUND = r"[<>≤≥]=?"
_REFERENCE = (
    r"(?:ref(?:erence)?\.?(?:\s*(?:range|interval))?|normal(?:\s*range)?|norm(?:al)?bereich|referenz(?:bereich)?|"
    r"NR|RR|RI)"
)
_SEPARATOR = re.compile(r"[\s;|,:=]*")
_AFTER_NAME = re.compile(r"(?:[\s;|,:=*!↑↓]|\.(?![0-9])|[-–](?=\s)|\((?:H|L|HH|LL)\))*", re.IGNORECASE)
_NUMBER = re.compile(rf"({_BOUND})?\s*({_NUM})")
_RANGE = re.compile(
    rf"(?:{_REFERENCE}\s*[:=]?\s*)?(?:{_NUM}\s*(?:-|–|—|to\b|bis\b)\s*{_NUM}|{_BOUND}\s*{_NUM})(?![0-9.,]*[0-9])",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./][0-9]{1,2}[./](?:[0-9]{4}|[0-9]{2}))"
    r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?(?![0-9./])"
)
_LONE_FLAG = re.compile(rf"{_FLAG}(?![^\s;|,)\]])", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_ANY_UNIT = re.compile(r"(?:[x×*·]\s*)?(?:10\s*[\^*][^\s;|,]*|[^\s;|,()0-9][^\s;|,]*)")
_LEADING = re.compile(r"[\s;|,:=•·*>-]*")
_LONGEST_UNIT = 32


@dataclass(frozen=True, slots=True)
class LabEntry:
    """One number that was read. line : number of the line, from 1; text : the line as pasted.

    node : empty for leukocytes and the neutrophil share, which are no entries of the model
    """

    line: int
    text: str
    quantity: str
    node: str
    measurement: Measurement

    @property
    def value(self) -> str:
        """The number with its unit, as ``read_evidence`` takes it."""
        bound = self.measurement.bound
        digits = format(Decimal(repr(self.measurement.value)), "f").removesuffix(".0")
        return f"{bound}{' ' * bool(bound)}{digits} {self.measurement.unit}"

    def __str__(self) -> str:
        return f"{self.quantity} {self.value}"


@dataclass(frozen=True, slots=True)
class LabLeftOut:
    """A line, or a part of one, that was not read, and why in one sentence."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The spellings of the tables, folded; `longest` name in letters, punctuation allowed for."""

    names: Mapping[str, tuple[LabName, ...]]
    units: Mapping[str, Mapping[str, str]]
    longest: int


def read_line(knowledge: Knowledge, number: int, line: str) -> tuple[list[LabEntry], list[LabLeftOut]]:
    """Return the results of one line, in order, and what of it was not read. Raises nothing on account of `line`."""
    words, pasted = _words(knowledge), printable(line)
    text = _cells(words, pasted)
    entries: list[LabEntry] = []
    left_out: list[LabLeftOut] = []
    at = _skip(_LEADING, text, 0)
    at = _skip(_SEPARATOR, text, _skip(_DATE, text, at))
    while at < len(text):
        start = at
        rows, at = _name(words, text, at)
        if not rows:
            left_out.append(LabLeftOut(number, text[start:].strip(), "The name is not known; nothing was guessed."))
            break
        if rows[0].quantity == HEADING:
            at = _skip(_AFTER_NAME, text, _skip(_DATE, text, _skip(_AFTER_NAME, text, at)))
            continue
        row, found, at = _result(knowledge, words, rows, text, at)
        at = _skip(_SEPARATOR, text, at)
        another = bool(_name(words, text, at)[0])
        if isinstance(found, Measurement) and at < len(text) and not another:
            found = (
                f"{row.quantity}: {shown(text[at:].strip())} after the number is not understood; put one result on a "
                "line, without a comment."
            )
        if isinstance(found, Measurement):
            entries.append(LabEntry(number, pasted, row.quantity, row.node, found))
        else:
            at = at if another else len(text)
            left_out.append(LabLeftOut(number, text[start:at].strip(" \t;|,"), found))
    return entries, left_out


def _result(
    knowledge: Knowledge, words: _Words, rows: tuple[LabName, ...], text: str, at: int
) -> tuple[LabName, Measurement | str, int]:
    """Return the row meant, the result that follows the name or why it is not read, and where it ends."""
    row = rows[0]
    at = _skip(_AFTER_NAME, text, at)
    number = _NUMBER.match(text, at)
    if number is None:
        got = shown(text[at:].strip()) if text[at:].strip() else "nothing"
        return row, f"{row.quantity}: expected a number after the name, got {got}.", len(text)
    units = {row.quantity: words.units.get(_scale_of(row), {}) for row in rows}
    at, spelled = _tail(text, number.end(), {unit for known in units.values() for unit in known})
    row = next((row for row in rows if spelled in units[row.quantity]), row)
    if not row.node and row.quantity not in (LEUKOCYTES, SHARE):
        return row, f"{rows[0].quantity}: {said(row.note)}", at if spelled else _skip(_ANY_UNIT, text, at)
    bound, digits = number[1] or "", number[2]
    if row.quantity == SHARE:
        return row, _share(bound, digits), at
    unread = text[at : at + _LONGEST_UNIT] if not spelled and not _name(words, text, at)[0] else ""
    try:
        unit = units[row.quantity].get(spelled, unread)
        measured = parse_quantity(knowledge, _scale_of(row), f"{bound}{digits} {unit}".strip())
    except EvidenceError as error:
        reason = str(error).removeprefix(f"{_scale_of(row)}: ")
        note = "" if row.node else f" {row.note}."
        return row, f"{row.quantity}: {reason}{note}", at
    return row, measured, at


def _tail(text: str, at: int, units: set[str]) -> tuple[int, str]:
    """Pass over unit, flags, date and reference range in any order; return where they end and the unit, folded."""
    spelled = ""
    while True:
        at = _skip(_SEPARATOR, text, at)
        if not spelled and (end := _unit_end(text, at, units)):
            spelled, at = fold_unit(text[at:end]), end
            continue
        brackets = _BRACKETS.match(text, at)
        if brackets and _remark(brackets[1], units):
            at = brackets.end()
            continue
        found = _DATE.match(text, at) or _RANGE.match(text, at) or _LONE_FLAG.match(text, at)
        if not found:
            return at, spelled
        at = found.end()
        if found.re is _RANGE and (end := _unit_end(text, _skip(_SEPARATOR, text, at), units)) and spelled:
            at = end


def _remark(inside: str, units: set[str]) -> bool:
    """Say whether brackets hold only a flag or a reference range, with or without its unit."""
    inside = inside.strip()
    found = _LONE_FLAG.match(inside) or _RANGE.match(inside)
    rest = inside[found.end() :].strip() if found else inside
    return found is not None and (not rest or fold_unit(rest) in units)


def _unit_end(text: str, at: int, units: set[str]) -> int:
    """Return the end of the longest known unit that starts here, or 0."""
    for end in range(min(len(text), at + _LONGEST_UNIT), at, -1):
        if text[end - 1].isspace() or (end < len(text) and (text[end].isalnum() or text[end] in "/^*%")):
            continue
        if fold_unit(text[at:end]) in units:
            return end
    return 0


def _share(bound: str, digits: str) -> Measurement | str:
    read = readings(digits)
    share = float(read[0]) if read and not bound else -1.0  # in thousands it would be no share
    if not 0 <= share <= 100:
        return f"{SHARE}: expected 0 to 100 %, got {shown(f'{bound}{digits}')}."
    return Measurement("", share, "%", share, "%")


def _name(words: _Words, text: str, at: int) -> tuple[tuple[LabName, ...], int]:
    """Return the rows of the longest known name that starts here, and where it ends; no rows when there is none."""
    for end in range(min(len(text), at + words.longest), at, -1):
        last = text[end - 1]
        if not (last.isalnum() or last in "%#)]") or (end < len(text) and (text[end].isalnum() or text[end] in "%#")):
            continue
        part = text[at:end]
        if not set("<>=|;\t").intersection(part) and (rows := words.names.get(_fold_name(part))):
            return rows, end
    return (), at


def _fold_name(name: str) -> str:
    """Return a name without capitals, accents, spaces and punctuation; ``%`` and ``#`` tell counts from shares."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if sign.isalnum() or sign in "%#")


def _cells(words: _Words, line: str) -> str:
    """Return the line with the cells of a CSV row parted by tabs, so that no number runs into the next cell."""
    first, _, rest = line.partition(",")
    if '"' not in line and not (_fold_name(first) in words.names and _NUMBER.match(rest.lstrip())):
        return line
    try:
        return "\t".join(next(csv.reader([line], skipinitialspace=True), []))
    except csv.Error:
        return line


def _scale_of(row: LabName) -> str:
    """Return the node whose units a quantity is given in; leukocytes are counted as neutrophils are."""
    return COUNT if row.quantity == LEUKOCYTES else row.node or row.quantity


def printable(line: str) -> str:
    """Return a line without signs that do not print; a tab stays, for it parts cells."""
    return "".join(sign if sign == "\t" or sign.isprintable() else " " for sign in line).strip()


def said(note: str) -> str:
    """Return a note of a table as the end of a sentence."""
    return f"{note[:1].lower()}{note[1:]}."


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


@kept_with_knowledge
def _words(knowledge: Knowledge) -> _Words:
    """Return the spellings of the tables, folded."""
    names: dict[str, tuple[LabName, ...]] = {}
    for row in knowledge.lab_names:
        key = _fold_name(row.spelling)
        if all(row.quantity != other.quantity for other in names.get(key, ())):
            names[key] = (*names.get(key, ()), row)
    units: dict[str, dict[str, str]] = {SHARE: {"%": "%"}}
    for unit in knowledge.units:
        for spelling in (unit.unit, *unit.spellings):
            units.setdefault(unit.node, {})[fold_unit(spelling)] = unit.unit
    longest = max((len(row.spelling) for row in knowledge.lab_names), default=0) + 8
    return _Words(names, units, longest)
