"""What the typed line shows while it is typed and after it was entered. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.evidence.typed_line import TypedLine, read_typed
from model.knowledge import Knowledge
from views.line import Line
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
    """What stands below the line. pieces : those of the line;  told : what it replaced;  status : for screen readers"""

    pieces: tuple[PieceView, ...]
    told: tuple[str, ...]
    status: str


def typed_view(knowledge: Knowledge, held: Line, beside: Mapping[str, Any], units: Mapping[str, str]) -> TypedView:
    """Return how a line reads; once it was entered, with the reason of every piece that stayed in it."""
    line = read_typed(knowledge, held.text, beside, units)
    pieces = tuple(_piece(line, place, held.done) for place in range(len(line.pieces)))
    read, left = sum(each.understood for each in pieces), len(line.unread)
    told = tuple(map(unit_text, held.told))
    if held.done:
        status = " ".join(["Entered.", *([f"{left} not understood."] if left else []), *told])
    else:
        status = f"{read} understood. Enter puts {'it' if read == 1 else 'them'} into the case." if read else ""
    return TypedView(pieces, told, status)


def _piece(line: TypedLine, place: int, done: bool) -> PieceView:
    piece = line.pieces[place]
    if not piece.reason:
        return PieceView(piece.text, unit_text(piece.reading), True)
    typing = place == len(line.pieces) - 1 and not line.text.rstrip().endswith(_ENDS)
    return PieceView(piece.text, "" if typing and not done else _sentence(piece.reason), False)


def _sentence(reason: str) -> str:
    return unit_text(f"{reason[:1].upper()}{reason[1:]}")
