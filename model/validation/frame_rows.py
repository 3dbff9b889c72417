"""Rows of a frame as plain mappings."""

from __future__ import annotations

from typing import Any

from model.late import pd

Row = dict[str, Any]


def records(frame: pd.DataFrame, **where: object) -> list[Row]:
    """Return the rows whose cells equal `where`, in order, a named index included."""
    whole = frame.reset_index() if frame.index.name is not None else frame
    rows = [{str(column): cell for column, cell in row.items()} for row in whole.to_dict("records")]
    return [row for row in rows if all(row[column] == cell for column, cell in where.items())]


def grouped(frame: pd.DataFrame, *columns: str, **where: object) -> dict[tuple[Any, ...], list[Row]]:
    """Return the rows by the cells of some columns, in order of appearance."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(frame, **where):
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return groups


def plain_records(frame: pd.DataFrame) -> list[Row]:
    """Return every row ready for JSON, empty cells as None."""
    return records(frame.astype(object).where(frame.notna(), None))
