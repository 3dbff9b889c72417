"""Scenarios kept for comparison: what happens when one is pinned, renamed, opened or dropped."""

from __future__ import annotations

from views import session
from views.visit import MAX_TITLE, Pin


def pin(title: str) -> None:
    """Keep the case as it stands for comparison, at most three; the oldest goes first."""
    session.keep_pins((*session.pins(), Pin(title, session.case())))


def pin_as(field: str) -> None:
    """Pin the case under the title that stands in a field, a numbered one when it is empty; the field is emptied."""
    pin(_title(field) or f"Scenario {len(session.pins()) + 1}")
    session.choose(field, "")


def unpin(position: int) -> None:
    """Drop a pinned scenario."""
    session.keep_pins(tuple(each for i, each in enumerate(session.pins()) if i != position))


def rename_pin(position: int, field: str) -> None:
    """Give a pinned scenario the title that stands in a field; an empty one leaves it as it is."""
    title = _title(field)
    if title:
        renamed = [Pin(title, each.case) if i == position else each for i, each in enumerate(session.pins())]
        session.keep_pins(tuple(renamed))


def _title(field: str) -> str:
    return str(session.chosen(field)).strip()[:MAX_TITLE]


def open_pin(position: int) -> None:
    """Make a pinned scenario the case; undo brings the one before back."""
    session.open_case(session.pins()[position].case)
