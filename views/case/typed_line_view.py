"""What the typed line shows while it is typed and after it was entered. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.evidence.typed_line import TypedLine, read_typed
from model.knowledge import Knowledge
from views.wording import unit_text

_ENDS = (",", ";")


@dataclass(frozen=True)
class PieceView:
    """One piece as shown. said : how it is read, or why not; nothing for one that is still being typed"""

    text: str
    said: str
    understood: bool


@dataclass(frozen=True)
class TypedView:
    """What stands below the line. pieces : those of the line;  status : one sentence for screen readers"""

    pieces: tuple[PieceView, ...]
    status: str


def typed_view(
    knowledge: Knowledge, text: str, beside: Mapping[str, Any], units: Mapping[str, str], done: bool
) -> TypedView:
    """Return how a line reads; `done` once it was entered, when the reason of every piece that stays is said."""
    line = read_typed(knowledge, text, beside, units)
    pieces = tuple(_piece(line, place, done) for place in range(len(line.pieces)))
    read, left = sum(each.understood for each in pieces), len(line.unread)
    if done:
        status = f"{left} not understood." if left else ""
    else:
        status = f"{read} understood. Enter puts {'it' if read == 1 else 'them'} into the case." if read else ""
    return TypedView(pieces, status)


def _piece(line: TypedLine, place: int, done: bool) -> PieceView:
    piece = line.pieces[place]
    if not piece.reason:
        return PieceView(piece.text, unit_text(piece.reading), True)
    typing = place == len(line.pieces) - 1 and not line.text.rstrip().endswith(_ENDS)
    return PieceView(piece.text, "" if typing and not done else _sentence(piece.reason), False)


def _sentence(reason: str) -> str:
    return unit_text(f"{reason[:1].upper()}{reason[1:]}")
