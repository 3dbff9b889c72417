"""Chart of several answers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

from model.charts.style import LIGHT, WIDTH, Palette, finished, lined_up, records, rows, share_axis, told_apart
from model.late import alt
from model.sensitivity.side_by_side import SideBySide
from model.wording import percent, signed

ROW = 17  # height of one side of one cause
SHAPES = ["circle", "square", "triangle-up", "diamond"]


def comparison(result: SideBySide, labels: Mapping[str, str] | None = None, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw every cause once per side: its probability on its 90 % interval. Shape and colour tell the sides apart.

    labels : cause id -> what to call it
    """
    names = [(labels or {}).get(cause, cause) for cause in result.frame["cause"]]
    frame = result.frame.assign(name=names)
    sides = result.sides
    looks = zip([palette.favour, palette.against, palette.neutral, palette.ink], SHAPES, strict=True)
    kinds = told_apart("side", dict(zip(sides, cycle(looks), strict=False)), direction="vertical", labelLimit=320,
                       symbolOpacity=1)  # fmt: skip
    base = rows(frame, by="plug_in").encode(yOffset=alt.YOffset("side:N", sort=sides))
    span = base.mark_rule(strokeWidth=4, opacity=0.45).encode(
        x=share_axis("low", "probability that the cause is acting", tickCount=5), x2="high:Q", color=kinds["color"]
    )
    dot = base.mark_point(filled=True, size=75, opacity=1).encode(x="plug_in:Q", **kinds)
    chart = alt.layer(span, dot).properties(width=WIDTH, height=frame["name"].nunique() * (ROW * len(sides) + 8))
    subtitle = [
        "Mark: the published answer. Line: 5 % to 95 % over draws of every number of the model, not over patients."
    ]
    return finished(chart, "Side by side", subtitle, comparison_text(result, labels), palette)


def comparison_text(result: SideBySide, labels: Mapping[str, str] | None = None) -> str:
    """Return the same as a table, with how often each cause ranks first and the difference from the first side."""
    lines = [
        (row["side"], str((labels or {}).get(row["cause"], row["cause"])),
         *(percent(row[name], 1) for name in ("plug_in", "low", "high", "first")),
         signed(100 * row["difference"]), "leads" if row["leads"] else "")
        for row in records(result.frame)
    ]  # fmt: skip
    head = ("side", "cause", "published", "5 %", "95 %", "ranks first", "difference (points)", "")
    return lined_up(head, lines)
