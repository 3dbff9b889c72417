"""The rows of one of the project's own tables, each with its place in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from model.errors import KnowledgeError


def table_text(path: Path) -> str:
    """Return the content of a table; KnowledgeError for one that cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise KnowledgeError(f"{path.name}: the table cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(f"{path.name}: expected UTF-8, got another encoding at byte {error.start}.") from None


def table_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, column -> cell without spaces around it) of a CSV file; the header is row 1.

    raises : KnowledgeError for a file that cannot be read and for a row with more or fewer cells than the header.
    """
    try:
        read = list(csv.DictReader(table_text(path).splitlines()))
    except csv.Error as error:  # a quotation mark that nothing closes, in a long table
        raise KnowledgeError(f"{path.name}: expected CSV, got something else ({error}).") from None
    for number, row in enumerate(read, start=2):
        if None in row or None in row.values():
            raise KnowledgeError(f"{path.name} row {number}: the row has more or fewer cells than the header.")
        yield number, {column: cell.strip() for column, cell in row.items()}


def cell_items(cell: str) -> tuple[str, ...]:
    """Return the items of a cell that lists several.

    >>> cell_items("fever; rash;")
    ('fever', 'rash')
    """
    return tuple(part.strip() for part in cell.split(";") if part.strip())
