"""Pictures that are text as well, as HTML: bars with their error, a table with shaded cells. No Streamlit.

Everything from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from views.markup import framed


@dataclass(frozen=True)
class ErrorBar:
    """One bar of a list. value, low, high, mark : places from 0 to 1;  text : the same in words."""

    label: str
    value: float
    low: float
    high: float
    mark: float
    text: str


def error_bars(bars: Iterable[ErrorBar], caption: str) -> str:
    """Return bars from 0 to 1, each with its error bar and a mark, label and numbers in words above and below it."""
    items = "".join(
        f'<li><span class="what">{escape(bar.label)}</span><span class="bar-track" aria-hidden="true">'
        f'<span class="bar-value" style="width:{_place(bar.value)}"></span>'
        f'<span class="bar-error" style="left:{_place(bar.low)};width:{_place(bar.high - max(0.0, bar.low))}"></span>'
        f'<span class="bar-mark" style="left:{_place(bar.mark)}"></span></span>'
        f'<span class="said">{escape(bar.text)}</span></li>'
        for bar in bars
    )
    return f'<ol class="error-bars" aria-label="{escape(caption)}">{items}</ol>'


def shaded_table(
    head: Sequence[str], rows: Iterable[tuple[str, Sequence[tuple[str, float]], int]], caption: str
) -> str:
    """Return a table whose cells are the darker the likelier, the leading cell of each row framed.

    rows : heading of the row, (text, probability) of each cell, position of the leading cell
    """
    body = (
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(
            f'<td{" class=leads" if position == leader else ""} style="--p:{_place(0.5 * share)}">{escape(text)}'
            f"{'<span class=sr-only>, leads</span>' if position == leader else ''}</td>"
            for position, (text, share) in enumerate(cells)
        )
        + "</tr>"
        for name, cells, leader in rows
    )
    return framed(head, body, caption, "shaded")


def _place(share: float) -> str:
    return f"{100 * min(1.0, max(0.0, share)):.2f}%"
