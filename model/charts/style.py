"""How every chart looks: colours with enough contrast, titles, axes; and how its text twin is laid out.

Blue speaks for, vermillion against (Okabe and Ito 2008), always with a sign and a side, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.late import alt, pd
from model.validation.frame_rows import records as records  # every chart and text reads its rows with it

WIDTH = 460
STEP = 22  # height of one row
LABELS = 420  # the widest row label, in pixels
AS_IN_TEXT = "replace(datum.label, '%', '\N{NO-BREAK SPACE}%')"  # axes write per cent as the texts do


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, as ``#rrggbb``.

    ink, quiet   : text, at least 4.5:1 on the background;  grid : lines that only guide the eye
    favour, against, neutral : marks, at least 3:1 on the background
    least, most  : the ends of a colour scale on which `ink` stays readable
    """

    background: str
    ink: str
    quiet: str
    grid: str
    favour: str
    against: str
    neutral: str
    least: str
    most: str


LIGHT = Palette("#FFFFFF", "#1F1F1F", "#595959", "#E3E3E3", "#0072B2", "#D55E00", "#767676", "#F4F9FD", "#56B4E9")
DARK = Palette("#171614", "#F2F2F2", "#B8B8B8", "#3A3936", "#56B4E9", "#E69F00", "#8C8C8C", "#1E2428", "#2A6488")


def rows(frame: pd.DataFrame, column: str = "name", by: str = "") -> alt.Chart:
    """Return a chart with one row for each value of a column: in the order of the frame, or the largest `by` first."""
    order = frame.sort_values(by, ascending=False, kind="stable") if by else frame
    return alt.Chart(frame).encode(y=alt.Y(f"{column}:N", sort=list(dict.fromkeys(order[column])), title=None))


def share_axis(field: str, title: str | None, **axis: Any) -> alt.X:
    """Return an axis that runs from 0 % to 100 %."""
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", **axis))


def told_apart(field: str, kinds: Mapping[str, tuple[str, str]], **legend: Any) -> dict[str, Any]:
    """Return the channels that tell kinds apart by colour and, for who sees no colour, by shape.

    kinds : what a kind is called in the legend -> its colour and its shape
    """
    key = alt.Legend(**{"title": None, "orient": "top", **legend})
    colours, shapes = zip(*kinds.values(), strict=True)
    return {
        "color": alt.Color(f"{field}:N", legend=key, scale=alt.Scale(domain=list(kinds), range=list(colours))),
        "shape": alt.Shape(f"{field}:N", legend=key, scale=alt.Scale(domain=list(kinds), range=list(shapes))),
    }


def finished(chart: Any, title: str, subtitle: Sequence[str], text: str, palette: Palette, step: float = 0) -> Any:
    """Return the chart with its title, its text twin as description, and the colours of `palette` on every label.

    step : height of a row of a chart as wide as all others; 0 leaves its size alone
    """
    if step:
        chart = chart.properties(width=WIDTH, height=alt.Step(step))
    heading = alt.TitleParams(title, subtitle=list(subtitle), anchor="start", frame="group", offset=10)
    return (
        chart.properties(title=heading, description=text, background=palette.background)
        .configure(font="Source Sans, sans-serif", padding=8)
        .configure_title(fontSize=14, subtitleFontSize=11, color=palette.ink, subtitleColor=palette.quiet)
        .configure_axis(
            labelColor=palette.ink, titleColor=palette.ink, gridColor=palette.grid, tickColor=palette.grid,
            domainColor=palette.neutral, labelFontSize=11, titleFontSize=11, titleFontWeight="normal",
            labelExpr=AS_IN_TEXT,
        )
        .configure_axisY(labelLimit=LABELS, grid=False, ticks=False, domain=False, labelPadding=6)
        .configure_legend(labelColor=palette.ink, titleColor=palette.ink, titleFontWeight="normal")
        .configure_header(labelColor=palette.ink, titleColor=palette.ink, labelFontSize=11)
        .configure_view(stroke=None)
    )  # fmt: skip


def lined_up(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a plain-text table: first column to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )
