"""Cumulative tables with one column a test and one row a date, turned into one line a result.

    Date        Hb (g/dL)  MCV fL  Plt 10^9/L
    12.03.2017  12.9       104     98
    10.05.2024  13.0       99      120

Every row is of its own date; which counts is decided where all results are. A row that does not fit is not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.errors import shown
from model.evidence.lab_dates import LabDate, date_of
from model.evidence.lab_spellings import HEADING, Spellings, name_at
from model.evidence.lab_words import COLUMN, DATE, fold_words, lab_words
from model.evidence.numerals import fold_unit
from model.knowledge import Knowledge

_PARTED = (re.compile(r"\t"), re.compile(r"\s*[;|]\s*"), re.compile(r"\s{2,}"))
_SINGLE = re.compile(r"\s+")
_EMPTY = re.compile(r"(?:-{1,3}|–|—|n/?a|\.{3})?", re.IGNORECASE)
_FLAG = r"(?:\s*(?:HH?|LL?|\*+|\+|-|\([HL]\)))?"
_VALUE = re.compile(rf"(?:[<>≤≥]=?\s*)?(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+){_FLAG}", re.IGNORECASE)
_FEWEST = 2  # tests beside each other


@dataclass(frozen=True, slots=True)
class DatedResult:
    """One cell: the row it stands in, as a line of text to read, and its date."""

    line: int
    text: str
    date: LabDate


@dataclass(frozen=True, slots=True)
class Cumulative:
    """A table. lines : how many it takes;  results : its cells;  unread : (line, text, why) of what is not read"""

    lines: int
    results: tuple[DatedResult, ...]
    unread: tuple[tuple[int, str, str], ...]


def cumulative_at(knowledge: Knowledge, words: Spellings, lines: Sequence[tuple[int, str]]) -> Cumulative | None:
    """Return the table that begins at the first of some lines; None when none does.

    It begins with a line of two names of tests or more, each with its unit or none, the word for a date before them or
    nothing; a line of units may follow; then rows that each begin with a date.
    """
    number, heading = lines[0]
    tests = _tests(knowledge, words, heading)
    if tests is None:
        return None
    at, units = 1, [""] * len(tests)
    if len(lines) > 1 and (below := _units(words, lines[1][1], len(tests))):
        at, units = 2, below
    results: list[DatedResult] = []
    unread: list[tuple[int, str, str]] = []
    said = f"Below the tests of line {number}, {shown(heading)}"
    first = at
    while at < len(lines) and (found := words.date.match(lines[at][1].lstrip(" \t|;"))):
        line, text = lines[at]
        date, rest = date_of(knowledge, found), text.lstrip(" \t|;")[found.end() :]
        cells = _cells(text, rest, len(tests))
        if date is None or cells is None:
            unread.append(
                (line, text, f"{said}: expected a date and {len(tests)} results; which is which is not certain.")
            )
        else:
            for test, unit, cell in zip(tests, units, cells, strict=True):
                if _EMPTY.fullmatch(cell):
                    continue
                if _VALUE.fullmatch(cell):
                    results.append(DatedResult(line, f"{test} {cell} {unit}".strip(), date))
                else:
                    unread.append((line, cell, f"{said}: {shown(cell)} under {test!r} is not understood."))
        at += 1
    return Cumulative(at, tuple(results), tuple(unread)) if at > first else None


def _tests(knowledge: Knowledge, words: Spellings, heading: str) -> list[str] | None:
    """Return the tests of a heading as typed, with their units; None for a line that is none."""
    parted = next((parts for mark in _PARTED if len(parts := mark.split(heading.strip(" \n"))) > _FEWEST), None)
    tests = [cell.strip() for cell in parted] if parted else _run_of_names(words, heading)
    if tests and (not tests[0] or _is_date_word(knowledge, tests[0])):
        tests = tests[1:]
    known = [test for test in tests if _is_test(words, test)]
    plain = all(test and not re.fullmatch(r"[0-9.,\s]+", test) for test in tests)
    return tests if len(known) >= _FEWEST and plain and 2 * len(known) > len(tests) else None


def _run_of_names(words: Spellings, heading: str) -> list[str]:
    """Return the names of a heading whose words are parted by single spaces; empty where one is not known."""
    found: list[str] = []
    at, text = 0, heading.strip()
    first = _SINGLE.split(text)[0]
    if not name_at(words, text, 0)[0]:
        found, at = [first], len(first)
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        rows, end = name_at(words, text, at)
        if not rows or rows[0].quantity == HEADING:
            return []
        unit = re.match(r"\s*[(\[][^()\[\]]*[)\]]", text[end:])
        end += unit.end() if unit else 0
        found.append(text[at:end])
        at = end
    return found


def _is_test(words: Spellings, cell: str) -> bool:
    """Say whether a cell is a name that is known, alone or with a unit."""
    rows, end = name_at(words, cell, 0)
    if not rows or rows[0].quantity == HEADING:
        return False
    rest = cell[end:].strip(" ()[],")
    return not rest or any(fold_unit(rest) in units for units in words.units.values())


def _is_date_word(knowledge: Knowledge, cell: str) -> bool:
    folded, known = fold_words(cell), lab_words(knowledge).known
    return bool(folded) and (folded in known[DATE] or known[COLUMN].get(folded) == "date")


def _units(words: Spellings, line: str, count: int) -> list[str] | None:
    """Return the units of a line that holds one for each test, an empty or other first cell apart."""
    for mark in (*_PARTED, _SINGLE):
        cells = [cell.strip(" ()[]") for cell in mark.split(line.strip("\n"))]
        cells = cells[-count:] if len(cells) in (count, count + 1) else []
        if cells and all(not cell or any(fold_unit(cell) in units for units in words.units.values()) for cell in cells):
            return cells if any(cells) else None
    return None


def _cells(text: str, rest: str, count: int) -> list[str] | None:
    """Return the results of a row; None where they are not one a test."""
    for mark in _PARTED:
        if len(parts := mark.split(text.strip(" \n"))) > _FEWEST or (mark.search(text.strip()) and count < _FEWEST):
            cells = [part.strip() for part in parts[1:]]
            if "\t" in text:
                cells += [""] * (count - len(cells))  # empty cells at the end of a line are often lost
            return cells if len(cells) == count else None
    cells = re.findall(rf"{_VALUE.pattern}|-{{1,3}}(?=\s|$)|–(?=\s|$)", rest, re.IGNORECASE)
    return [cell.strip() for cell in cells] if len(cells) == count and not _rest(rest, cells) else None


def _rest(text: str, cells: Sequence[str]) -> str:
    for cell in cells:
        text = text.replace(cell, " ", 1)
    return text.strip()
