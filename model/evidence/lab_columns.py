"""Tables with several columns of results: the current one beside the previous, or one column a date.

The current column is read, or that of the newest date, and a line whose numbers do not fit the columns is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.errors import shown
from model.evidence.lab_dates import LabDate, date_of, newer
from model.evidence.lab_spellings import Spellings, name_at
from model.evidence.lab_words import COLUMN, fold_words, lab_words
from model.knowledge import Knowledge

_CURRENT, _PREVIOUS, _UNIT, _DATE = "current", "previous", "unit", "date"
_VALUE = r"(?:[<>≤≥]=?\s*)?(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)(?!\s*[-–—]\s*[0-9]|[0-9]|[.,][0-9])"
_NONE = r"(?:-{1,3}|–|—|n/?a|\.{3})(?=\s|$)"
_CELLS = (re.compile(r"\t"), re.compile(r"\s*[;|]\s*"), re.compile(r"\s{2,}"))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table, in order. heading : its line as pasted;  line : where it stands, from 1

    kinds  : name, current, previous, unit, reference, flag, date, code; a date column has its date in `dates`
    cells  : the heading in cells, where tabs, semicolons, bars or wide gaps part them
    """

    heading: str
    line: int
    kinds: tuple[str, ...]
    dates: tuple[LabDate | None, ...]
    cells: tuple[str, ...]

    @property
    def values(self) -> tuple[int, ...]:
        """Where the columns of results stand among `kinds`: current and previous, or else the dated ones."""
        named = tuple(at for at, kind in enumerate(self.kinds) if kind in (_CURRENT, _PREVIOUS))
        if any(self.kinds[at] == _PREVIOUS for at in named) or len(self.dated) < 2:
            return named
        return self.dated

    @property
    def dated(self) -> tuple[int, ...]:
        """Where a date stands in the heading."""
        return tuple(at for at, date in enumerate(self.dates) if date is not None)

    def chosen(self) -> int | str:
        """Return which of `values` is read, or why none is."""
        kinds = [self.kinds[at] for at in self.values]
        if _PREVIOUS in kinds:
            if kinds.count(_CURRENT) != 1:
                return "it has a column of previous results and not one of current ones"
            return kinds.index(_CURRENT)
        dates = [date for at in self.values if (date := self.dates[at])]
        if len(dates) != len(kinds):
            return "it has several columns of results and does not say which is the current one"
        for at, date in enumerate(dates):
            if all(other is date or newer(date, other) for other in dates):
                return at
        return f"which of {' and '.join(map(str, dates))} is the newest is not certain"

    @property
    def date(self) -> LabDate | None:
        """The date of the column that is read; None where it has none."""
        chosen = self.chosen() if len(self.values) > 1 else (0 if self.values else None)
        if isinstance(chosen, int) and self.values == self.dated:
            return self.dates[self.values[chosen]]
        return self.dates[self.dated[0]] if len(self.values) < 2 and len(self.dated) == 1 else None


def heading_of(knowledge: Knowledge, words: Spellings, number: int, line: str) -> Columns | None:
    """Return the columns a line names; None for a line that is no heading of a table."""
    kinds: list[str] = []
    dates: list[LabDate | None] = []
    at = 0
    for found in (*words.date.finditer(line), None):
        for kind, meaning in lab_words(knowledge).parts(
            fold_words(line[at : found.start() if found else None]), COLUMN
        ):
            if not kind:
                return None
            if meaning:
                kinds.append(meaning)
                dates.append(None)
        if found:
            kinds.append(_DATE)
            dates.append(date_of(knowledge, found))
            at = found.end()
    columns = Columns(line, number, tuple(kinds), tuple(dates), _split(line))
    named = sum(kind != _DATE for kind in kinds)
    return columns if len(kinds) >= 2 and (named >= 2 or len(columns.dated) >= 2 or columns.values) else None


def current_only(knowledge: Knowledge, words: Spellings, columns: Columns, line: str) -> tuple[str, str]:
    """Return a line with the result of the chosen column only, or why it is not read. One of the two is empty.

    A line without a name that is known, or below a heading with one column of results, is returned as it is.
    """
    start = len(line) - len(line.lstrip())
    rows, at = name_at(words, line, start)
    if not rows or (len(columns.values) < 2 and _PREVIOUS not in columns.kinds):
        return line, ""
    chosen = columns.chosen()
    said = f"Below the columns of line {columns.line}, {shown(columns.heading)}"
    if isinstance(chosen, str):
        return "", f"{said}: {chosen}; keep one column."
    cells = _split(line)
    if "\t" in line:
        cells += ("",) * (len(columns.cells) - len(cells))  # empty cells at the end of a line are often lost
    if len(cells) == len(columns.cells) == len(columns.kinds) > 2:
        return _of_cells(columns, cells, columns.values[chosen], said)
    name, rest = line[start:at], line[at:]
    found = _of_two(words, columns, rest, chosen) if _PREVIOUS in columns.kinds else _of_dates(columns, rest, chosen)
    if found is None:
        return "", f"{said}: expected {len(columns.values)} results, so which number is the current one is not certain."
    return f"{name} {found}", ""


def _of_cells(columns: Columns, cells: tuple[str, ...], chosen: int, said: str) -> tuple[str, str]:
    """Keep every cell but the other results, with their flags and dates."""
    if not re.search(r"[0-9]", cells[chosen]):
        return "", f"{said}: the current column is empty, and an older result is not entered instead."
    kept, dropped = [cells[0]], False
    for at in range(1, len(cells)):
        kind = columns.kinds[at]
        if at in columns.values:
            dropped = at != chosen
        elif kind not in ("flag", _DATE):
            dropped = False
        if at == chosen or not (dropped or at in columns.values or kind in (_DATE, "code")):
            kept.append(cells[at])
    return "\t".join(kept), ""


def _of_two(words: Spellings, columns: Columns, rest: str, chosen: int) -> str | None:
    """Return what follows the name with the current result only; None where two columns cannot be told apart."""
    flag, date = words.flag.pattern, words.date
    one = re.compile(
        rf"[\s;|,:=]*(?:0[0-9]\s+)?(?P<one>{_VALUE}(?:\s+{flag})*)"
        rf"(?:\s+(?!{date.pattern})(?P<two>{_VALUE}(?:\s+{flag})*))?",
        re.IGNORECASE,
    )
    found = one.match(rest)
    if found is None:
        return None if re.search(r"[0-9]", rest) else rest
    after = rest[found.end() :].lstrip(" \t;|,")
    dated = date.match(after)
    if found["two"]:
        after = after[dated.end() :] if dated else after
        return f"{found['one'] if chosen == 0 else found['two']} {after}"
    if chosen or dated:
        return None  # one number only, and its date or the order of the columns says that it may be the previous one
    values = columns.values
    if values[1] < len(columns.kinds) - 1 and columns.kinds[values[1] + 1] == _DATE:
        return rest  # a previous result would have its date beside it
    if _UNIT not in columns.kinds[values[0] : values[1]]:
        return None
    last = re.compile(rf"(?<![-–—])(?<=\s)(?<!-\s){_VALUE}(?:\s+{flag})*(?:\s+{date.pattern})?\s*$", re.IGNORECASE)
    previous = last.search(rest, found.end())
    return rest[: previous.start()] if previous else rest


def _of_dates(columns: Columns, rest: str, chosen: int) -> str | None:
    """Return what follows the name with the result of one date only; None where the numbers do not fit the dates."""
    row = re.compile(rf"[\s;|,:=]*(?P<unit>[^\s0-9][^\s]*\s+)??((?:(?:{_VALUE}|{_NONE})(?:\s+(?:HH?|LL?|\*+))?\s*)+)")
    found = row.match(rest)
    values = re.findall(rf"(?:{_VALUE}|{_NONE})(?:\s+(?:HH?|LL?|\*+)(?=\s|$))?", found[2]) if found else []
    if found is None or len(values) != len(columns.values):
        return None
    return f"{found['unit'] or ''}{values[chosen]} {rest[found.end() :]}"


def _split(line: str) -> tuple[str, ...]:
    """Return the cells of a line: parted by tabs, else by semicolons or bars, else by gaps of two spaces and more."""
    for mark in _CELLS:
        if len(parts := mark.split(line.strip("\n"))) > 2:
            return tuple(part.strip() for part in parts)
    return (line.strip(),)
