"""Some rows of a table as text, whatever the file they come from: one rule for how a value is written as a cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol

from model.late import pd


class Chunk:
    """Some rows. places : where each begins, the line or row of the file, from 1;  rows : their cells as text"""

    def __init__(self, places: Sequence[int], rows: Sequence[Sequence[str]]):
        self.places, self._rows = places, rows

    def __len__(self) -> int:
        return len(self.places)

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """The cells of every row as text."""
        return self._rows

    def column(self, place: int) -> pd.Series:
        """Return the cells of one column as text."""
        return pd.Series([row[place] for row in self._rows], dtype=object)


class TableFile(Protocol):
    """A file of patients that is open for reading.

    name   : stands in every error;  header : labels of the columns;  blank : rows left out so far, all cells empty
    part   : of the file that was read, 0 to 1;  unit : what a place counts, ``line`` or ``row``
    """

    name: str
    header: list[str]
    blank: int
    unit: str

    @property
    def part(self) -> float:
        """The part of the file that was read."""
        ...

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield the rows in their order, at most `size` at a time. raises : TableError naming the place."""
        ...


def cell_text(value: Any) -> str:
    """Return a value of a typed table as a cell of text; nothing for a missing one.

    >>> [cell_text(each) for each in (1200.0, 0.3, 1e-05, True, None, float("nan"), "NA")]
    ['1200', '0.3', '0.00001', 'True', '', '', 'NA']
    """
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float | Decimal) and not isinstance(value, bool):
        if not math.isfinite(value):
            return "" if math.isnan(value) else str(value)
        return format(Decimal(repr(value)) if isinstance(value, float) else value, "f").removesuffix(".0")
    return str(value)
