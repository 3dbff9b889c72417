"""Causes across the sides as HTML. Everything from outside is escaped; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from views.compare.view import CauseLine
from views.markup import framed


def side_table(sides: Sequence[str], rows: Iterable[CauseLine], caption: str) -> str:
    """Return causes across sides; on a narrow screen each cause becomes a block with one line per side."""
    body = []
    for row in rows:
        cells = []
        for side, (number, lead, apart), leads in zip(sides, row.cells, row.leads, strict=True):
            mark = '<span class="mark">leads</span> ' if leads else ""
            moved = f'<span class="apart">{escape(apart)}</span>' if apart else ""
            cells.append(
                f'<td data-side="{escape(side)}"{" class=leads" if leads else ""}>{mark}<b>{escape(number)}</b> '
                f"<span>{escape(lead)}</span> {moved}</td>"
            )
        body.append(f'<tr><th scope="row">{escape(row.label)}</th>{"".join(cells)}</tr>')
    return framed(("Cause", *sides), body, caption, "sides")
