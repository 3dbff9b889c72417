"""Cells and rows of a CSV file that somebody will open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet may run, cf. OWASP on CSV injection


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe goes before what looks like one.

    >>> safe_cell("=1+1"), safe_cell("0.5")
    ("'=1+1", '0.5')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def safe_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows, the header first, as CSV of safe cells."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([[safe_cell(cell) for cell in row] for row in rows])
    return buffer.getvalue()
