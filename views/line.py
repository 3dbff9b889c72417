"""The typed line as the visit remembers it. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from views.questions import Entry

LINE = "line"  # where the visit keeps it


@dataclass(frozen=True)
class Line:
    """What stands in the line. turn : counts how often the field is to take it over;  done : it stayed when entered.

    told : what entering it replaced, one sentence each, until something else is typed
    """

    text: str = ""
    turn: int = 0
    done: bool = False
    told: tuple[str, ...] = ()

    def typed(self, text: str) -> Line:
        """Return the line after a pause in typing."""
        return Line(text, self.turn)

    def entered(self, left: str, told: tuple[str, ...] = ()) -> Line:
        """Return the line after Enter, with what stays in it."""
        return Line(left, self.turn + 1, True, told)


def units_beside(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the unit that stands beside each number field."""
    return {node: entry.unit for node, entry in entries.items() if entry.unit}
