"""One line of pasted laboratory text: name, number, unit, flags and reference range, or why it is not read.

Strict on purpose. A name is read only when ``lab_names.csv`` has it, and a result only when everything up to the next
result is understood: "Folate 500 ng/mL red cell" is another test, and two numbers in a row are two columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from model.errors import EvidenceError, shown
from model.evidence.lab_dates import LabDate, date_of
from model.evidence.lab_spellings import (
    COUNT,
    HEADING,
    LEUKOCYTES,
    PARTS,
    SHARE,
    Spellings,
    fold_name,
    is_share,
    name_at,
    spellings,
)
from model.evidence.numerals import fold_unit, readings
from model.evidence.units import Measurement, parse_quantity
from model.knowledge import Knowledge
from model.knowledge.rows import LabName

NOT_OURS, NOT_UNDERSTOOD, NOT_BLOOD = "not ours", "not understood", "not blood"

_NUM = r"(?:[0-9]+(?:[.,][0-9]+)*|(?<!\.)\.[0-9]+)"
_BOUND = r"[<>≤≥]=?"
_DASH = r"(?:-|–|—|to\b|bis\b|à\b|a\b)"
_REFERENCE = (
    r"(?:ref(?:erence)?\.?(?:\s*(?:range|interval))?|normal(?:\s*range)?|norm(?:al)?bereich|referenz(?:bereich)?|"
    r"NR|RR|RI|VR|VN|N)"
)
_SEPARATOR = re.compile(r"[\s;|,:=]*")
_AFTER_NAME = re.compile(
    r"(?:[\s;|,:=*!↑↓▲▼]|\.(?![0-9])|[-–](?=\s)|\((?:HH?|LL?|\*+)\)|(?:HH?|LL?|high|low)(?=\s+[<>≤≥]?\s*\.?[0-9]))*",
    re.IGNORECASE,
)
_CODE = re.compile(r"0[0-9](?=\s+[<>≤≥]?\s*\.?[0-9])\s+")  # the laboratory that did the test: WBC 01 3.2
_NUMBER = re.compile(rf"({_BOUND})?\s*({_NUM})")
_IN_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9.,])")
_A_RANGE = re.compile(rf"\s*{_DASH}\s*{_NUM}", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?:{_REFERENCE}\s*[:=]?\s*)?(?:{_NUM}\s*{_DASH}\s*{_NUM}|{_BOUND}\s*{_NUM})(?![0-9.,]*[0-9])",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_ANY_UNIT = re.compile(r"(?:[x×*·]\s*)?(?:10\s*[\^*][^\s;|,]*|[^\s;|,()0-9][^\s;|,]*)")
_LEADING = re.compile(r"[\s;|,:=•·*>-]*")
_THOUSANDS = re.compile(r"(?<![0-9.,])([1-9][0-9]{0,2}(?:['’\u2009\u202f][0-9]{3})+)(?![0-9])")
_STARS = re.compile(r"\*+\s*")
_PER = re.compile(r"\W*\w+/")  # a word that goes on as "per" is a unit, even if it is also the name of a result
_TIMES = re.compile(r"\s*[x×*·]")
_LONGEST_UNIT = 32


@dataclass(frozen=True, slots=True)
class LabEntry:
    """One number that was read. line : number of the line, from 1; text : the line as pasted.

    node : empty for leukocytes and shares, which are no entries of the model;  date : of the result, where it has one
    at   : what `line` counts: lines of a text, or entries of a Bundle
    """

    line: int
    text: str
    quantity: str
    node: str
    measurement: Measurement
    date: LabDate | None = None
    at: str = "line"

    @property
    def value(self) -> str:
        """The number with its unit, as ``read_evidence`` takes it."""
        bound = self.measurement.bound
        digits = format(Decimal(repr(self.measurement.value)), "f").removesuffix(".0")
        return f"{bound}{' ' * bool(bound)}{digits} {self.measurement.unit}"

    @property
    def place(self) -> str:
        """Where it stands: the line, and the date where it has one."""
        return f"{self.at} {self.line}, {self.date}" if self.date else f"{self.at} {self.line}"

    def __str__(self) -> str:
        return f"{self.quantity} {self.value}"


@dataclass(frozen=True, slots=True)
class LabLeftOut:
    """A line, or a part of one, that was not read, and why in one sentence.

    status : ``not ours`` for what is understood and no entry, ``not blood`` for another specimen and what stands below
             its heading, ``not understood`` for the rest
    """

    line: int
    text: str
    reason: str
    status: str = NOT_UNDERSTOOD
    at: str = "line"

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.at} {self.line}"


def read_line(knowledge: Knowledge, number: int, line: str) -> tuple[list[LabEntry], list[LabLeftOut]]:
    """Return the results of one line, in order, and what of it was not read. Raises nothing on account of `line`."""
    words, pasted = spellings(knowledge), printable(line)
    text = cells(words, pasted)
    entries: list[LabEntry] = []
    left_out: list[LabLeftOut] = []
    at = _skip(_LEADING, text, 0)
    first = words.date.match(text, at)
    before = date_of(knowledge, first) if first else None
    at = _skip(_SEPARATOR, text, first.end() if first else at)
    while at < len(text):
        start = at
        rows, at = name_at(words, text, at)
        if not rows:
            left_out.append(LabLeftOut(number, text[start:].strip(), "The name is not known; nothing was guessed."))
            break
        if rows[0].quantity == HEADING:
            at = _skip(_AFTER_NAME, text, at)
            if found := words.date.match(text, at):
                before, at = date_of(knowledge, found), _skip(_AFTER_NAME, text, found.end())
            continue
        read, at, another = _results(knowledge, words, rows, text, at)
        for row, found, date in read:
            if isinstance(found, Measurement):
                entries.append(LabEntry(number, pasted, row.quantity, row.node, found, date or before))
        why = next(((row, found) for row, found, _ in read if isinstance(found, str)), None)
        if why:
            at = at if another else len(text)
            status = NOT_UNDERSTOOD if _entry(why[0]) else NOT_OURS
            left_out.append(LabLeftOut(number, text[start:at].strip(" \t;|,"), why[1], status))
    return entries, left_out


def _results(
    knowledge: Knowledge, words: Spellings, rows: tuple[LabName, ...], text: str, at: int
) -> tuple[list[tuple[LabName, Measurement | str, LabDate | None]], int, bool]:
    """Return the results that follow one name, where they end, and whether another name follows.

    One result, or a share and a count in either order. All are one sentence where anything is not understood.
    """
    read = [_result(knowledge, words, rows, text, at)]
    at = _skip(_SEPARATOR, text, read[0][2])
    if _passed(read[0]) and _NUMBER.match(text, at):  # a share that is not read, and the count after it
        read = [_result(knowledge, words, rows, text, at)]
        at = _skip(_SEPARATOR, text, read[0][2])
    row, found, _, _ = read[0]
    if isinstance(found, Measurement) and at < len(text) and _NUMBER.match(text, at):
        second = _result(knowledge, words, rows, text, at)
        if isinstance(second[1], Measurement) and (found.unit == "%") != (second[1].unit == "%"):
            read.append(second)
        if len(read) == 2 or _passed(second):
            at = _skip(_SEPARATOR, text, second[2])
    another = any(row.quantity != HEADING for row in name_at(words, text, at)[0])
    if isinstance(found, Measurement) and at < len(text) and not another:
        rest = (
            f"{row.quantity}: {shown(text[at:].strip())} after the number is not understood; put one result on a "
            "line, without a comment."
        )
        return [(row, rest, None)], at, another
    return [(row, found, date) for row, found, _, date in read], at, another


def _passed(result: tuple[LabName, Measurement | str, int, LabDate | None]) -> bool:
    """Say whether this is a share that no entry follows from, beside which a count may stand."""
    return isinstance(result[1], str) and is_share(result[0].quantity) and not _entry(result[0])


def _result(
    knowledge: Knowledge, words: Spellings, rows: tuple[LabName, ...], text: str, at: int
) -> tuple[LabName, Measurement | str, int, LabDate | None]:
    """Return the row meant, the result that follows the name or why it is not read, where it ends, and its date."""
    row = rows[0]
    units = {row.quantity: words.units.get(row.quantity, words.units.get(_scale_of(row), {})) for row in rows}
    known = {unit for each in units.values() for unit in each}
    at, ahead = _unit_ahead(text, _skip(_CODE, text, _skip(_AFTER_NAME, text, at)), known)
    number = _NUMBER.match(text, at)
    if number is None:
        got = shown(text[at:].strip()) if text[at:].strip() else "nothing"
        if not _entry(row) and row.note:
            return row, f"{row.quantity}: {said(row.note)}", len(text), None
        return row, f"{row.quantity}: expected a number after the name, got {got}.", len(text), None
    grouped = _IN_GROUPS.match(text, at)
    at, spelled, date = _tail(knowledge, words, text, number.end(), known)
    typed, spelled = spelled or ahead, fold_unit(spelled or ahead)
    row = next((row for row in rows if spelled in units[row.quantity]), row)
    if not _entry(row):
        end = at if spelled else _skip(_ANY_UNIT, text, at)
        return row, f"{rows[0].quantity}: {said(row.note)}", end, None
    bound, digits = number[1] or "", number[2]
    if reason := _two_ways(row, digits, typed, ahead, spelled, units[row.quantity], grouped, text):
        return row, reason, at, None
    if row.quantity == SHARE or spelled == "%":
        return row, _share(row, bound, digits), at, date
    unread = (
        text[at : at + _LONGEST_UNIT]
        if not spelled and (_PER.match(text, at) or not name_at(words, text, at)[0])
        else ""
    )
    try:
        unit = units[row.quantity].get(spelled, unread)
        measured = parse_quantity(knowledge, _scale_of(row), f"{bound}{digits} {unit}".strip())
    except EvidenceError as error:
        reason = str(error).removeprefix(f"{_scale_of(row)}: ")
        note = "" if row.node else f" {row.note}."
        return row, f"{row.quantity}: {reason}{note}", at, None
    return row, measured, at, date


def _two_ways(
    row: LabName, digits: str, typed: str, ahead: str, spelled: str, units: Mapping[str, str],
    grouped: re.Match[str] | None, text: str,
) -> str:  # fmt: skip
    """Return why a number is asked about: its digits in groups, digits of a unit that may be a column, two units."""
    if grouped and any(_unit_end(text, _skip(_SEPARATOR, text, grouped.end()), {unit}) for unit in units):
        whole = grouped[0].replace(" ", "")
        return f"{row.quantity}: {shown(grouped[0])} can be one number or several; write '{whole}' if it is one."
    power = re.match(r"[0-9]+(?=/)", spelled)
    if power and spelled[power.end() :] in units and not _TIMES.match(typed) and not {".", ","} & set(digits):
        return (
            f"{row.quantity}: {shown(f'{digits} {typed}')} can be one number with its unit or two numbers; write the "
            "unit as 10^9/L or as /mm3."
        )
    if ahead and typed != ahead and units.get(fold_unit(ahead)) != units.get(spelled):
        return f"{row.quantity}: expected one unit, got {shown(ahead)} before the number and {shown(typed)} after it."
    return ""


def _unit_ahead(text: str, at: int, units: set[str]) -> tuple[int, str]:
    """Pass over a unit between name and number, as in "Hb (g/dL) 13.2"; return where it ends and the unit as typed."""
    brackets = _BRACKETS.match(text, at)
    if brackets and fold_unit(brackets[1]) in units:
        return _skip(_AFTER_NAME, text, brackets.end()), brackets[1]
    end = _unit_end(text, at, units)
    after = _skip(_AFTER_NAME, text, end)
    number = _NUMBER.match(text, after) if end else None
    if number is None or re.match(r"[0-9]+\s*/", text[at:]) or _A_RANGE.match(text, number.end()):
        return at, ""
    return after, text[at:end]


def _tail(
    knowledge: Knowledge, words: Spellings, text: str, at: int, units: set[str]
) -> tuple[int, str, LabDate | None]:
    """Pass over unit, flags, date and reference range in any order; return where they end, the unit and the date."""
    spelled, date = "", None
    while True:
        at = _skip(_SEPARATOR, text, at)
        if not spelled and (end := _unit_end(text, at, units)):
            spelled, at = text[at:end], end
            continue
        starred = _STARS.match(text, at)
        if starred and not spelled and _unit_end(text, starred.end(), units):  # a flag that touches the unit
            at = starred.end()
            continue
        brackets = _BRACKETS.match(text, at)
        if brackets and _remark(words, brackets[1], units):
            at = brackets.end()
            continue
        found = words.date.match(text, at) or _RANGE.match(text, at) or words.flag.match(text, at)
        if not found:
            return at, spelled, date
        at = found.end()
        if found.re is words.date:
            date = date_of(knowledge, found)
        if found.re is _RANGE and (end := _unit_end(text, _skip(_SEPARATOR, text, at), units)) and spelled:
            at = end


def _remark(words: Spellings, inside: str, units: set[str]) -> bool:
    """Say whether brackets hold only a flag or a reference range, with or without its unit."""
    inside = inside.strip()
    found = words.flag.match(inside) or _RANGE.match(inside)
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


def _share(row: LabName, bound: str, digits: str) -> Measurement | str:
    read = readings(digits)
    share = float(read[0]) if read and not bound else -1.0  # in thousands it would be no share
    if not 0 <= share <= 100:
        return f"{row.quantity}: expected 0 to 100 %, got {shown(f'{bound}{digits}')}."
    if 0 < share < 1:
        return (
            f"{row.quantity}: expected a share in per cent, got {shown(digits)}, which may be a part of one "
            f"({100 * share:.4g} %); write it in per cent, or give the absolute neutrophil count."
        )
    return Measurement("", share, "%", share, "%")


def cells(words: Spellings, line: str) -> str:
    """Return the line with the cells of a CSV row parted by tabs, so that no number runs into the next cell."""
    first, _, rest = line.partition(",")
    if '"' not in line and not (fold_name(first) in words.names and _NUMBER.match(rest.lstrip())):
        return line
    try:
        return "\t".join(next(csv.reader([line], skipinitialspace=True), []))
    except csv.Error:
        return line


def _scale_of(row: LabName) -> str:
    """Return the node whose units a quantity is given in; leukocytes and parts are counted as neutrophils are."""
    return COUNT if row.quantity in (LEUKOCYTES, *PARTS) else row.node or row.quantity


def _entry(row: LabName) -> bool:
    """Say whether a quantity is an entry of the model, or one that an entry follows from."""
    return bool(row.node) or row.quantity in (LEUKOCYTES, SHARE, *PARTS)


def printable(line: str) -> str:
    """Return a line without signs that do not print and without marks that only part thousands; a tab stays."""
    line = _THOUSANDS.sub(lambda found: re.sub(r"[^0-9]", "", found[0]), line)
    return "".join(sign if sign == "\t" or sign.isprintable() else " " for sign in line).strip()


def said(note: str) -> str:
    """Return a note of a table as the end of a sentence."""
    return f"{note[:1].lower()}{note[1:]}."


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
