"""Chart of several answers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from model.charts.style import LIGHT, WIDTH, Palette, finished, lined_up, records
from model.wording import signed, tenths

if TYPE_CHECKING:
    import altair as alt

    from model.sensitivity.side_by_side import SideBySide

ROW = 17  # height of one side of one cause
SHAPES = ["circle", "square", "triangle-up", "diamond"]


def comparison(result: SideBySide, labels: Mapping[str, str] | None = None, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw every cause once per side: its probability on its 90 % interval. Shape and colour tell the sides apart.

    labels : cause id -> what to call it
    """
    import altair as alt

    frame = result.frame.assign(name=[(labels or {}).get(cause, cause) for cause in result.frame["cause"]])
    most: dict[str, float] = {}
    for row in records(frame):
        most[row["name"]] = max(most.get(row["name"], 0.0), row["plug_in"])
    order = sorted(most, key=lambda name: -most[name])
    sides = result.sides
    colours = [palette.favour, palette.against, palette.neutral, palette.ink]
    legend = alt.Legend(orient="top", direction="vertical", title=None, labelLimit=320, symbolOpacity=1)
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=order, title=None),
        yOffset=alt.YOffset("side:N", sort=sides),
        color=alt.Color("side:N", sort=sides, legend=legend, scale=alt.Scale(
            domain=sides, range=[colours[i % len(colours)] for i in range(len(sides))])),
    )  # fmt: skip
    span = base.mark_rule(strokeWidth=4, opacity=0.45).encode(
        x=alt.X("low:Q", title="probability that the cause is acting", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5)),
        x2="high:Q",
    )  # fmt: skip
    dot = base.mark_point(filled=True, size=75, opacity=1).encode(
        x="plug_in:Q",
        shape=alt.Shape("side:N", sort=sides, legend=legend, scale=alt.Scale(
            domain=sides, range=[SHAPES[i % len(SHAPES)] for i in range(len(sides))])),
    )  # fmt: skip
    chart = alt.layer(span, dot).properties(width=WIDTH, height=len(most) * (ROW * len(sides) + 8))
    subtitle = [
        "Mark: the published answer. Line: 5 % to 95 % over draws of every number of the model, not over patients."
    ]
    return finished(chart, "Side by side", subtitle, comparison_text(result, labels), palette)


def comparison_text(result: SideBySide, labels: Mapping[str, str] | None = None) -> str:
    """Return the same as a table, with how often each cause ranks first and the difference from the first side."""
    rows = [
        (
            row["side"],
            str((labels or {}).get(row["cause"], row["cause"])),
            *(tenths(row[name]) for name in ("plug_in", "low", "high", "first")),
            signed(100 * row["difference"]),
            "leads" if row["leads"] else "",
        )
        for row in records(result.frame)
    ]
    head = ("side", "cause", "published", "5 %", "95 %", "ranks first", "difference (points)", "")
    return lined_up(head, rows)
