"""The chart of what the model expects against what is plausible."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from model.charts.style import LIGHT, WIDTH, Palette, finished, lined_up, records
from model.wording import tenths

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from model.validation.plausibility import Plausibility

LINE = 120  # letters in a line of the text


def plausibility(result: Plausibility, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw each frequency that the model expects, with its interval, on the range that is plausible."""
    import altair as alt

    frame = _probabilities(result)
    base = alt.Chart(frame).encode(y=alt.Y("label:N", sort=frame["label"].tolist(), title=None))
    verdicts = ["plausible", "implausible"]
    colour = alt.Color("verdict:N", legend=alt.Legend(title=None, orient="top"),
                       scale=alt.Scale(domain=verdicts, range=[palette.favour, palette.against]))  # fmt: skip
    shape = alt.Shape("verdict:N", legend=alt.Legend(title=None, orient="top"),
                      scale=alt.Scale(domain=verdicts, range=["circle", "diamond"]))  # fmt: skip
    band = base.mark_bar(height=12, opacity=0.4, color=palette.neutral).encode(
        x=alt.X("range_low:Q", title="share of people with this count", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=6)),
        x2="range_high:Q",
    )  # fmt: skip
    span = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="plug_in:Q", color=colour, shape=shape, tooltip=["label:N", "plug_in:Q", "tag:N", "reason:N", "exception:N"]
    )
    chart = alt.layer(band, span, point).properties(width=WIDTH, height=alt.Step(18))
    subtitle = [
        f"Setting {result.setting}, nothing entered. Grey: plausible range, wide where nobody counted.",
        f"Mark: at the stated numbers; line: 5 % to 95 % over {result.draws} draws. Reasons stand in the table.",
    ]
    return finished(chart, "Does the model expect plausible patients", subtitle, plausibility_text(result), palette)


def plausibility_text(result: Plausibility) -> str:
    """Return the same as a table, with the reason of everything that lies outside."""
    rows = [
        (row["label"], _figure(row, "plug_in"), f"{_figure(row, 'low')} to {_figure(row, 'high')}",
         f"{_figure(row, 'range_low')} to {_figure(row, 'range_high')}", row["tag"], row["verdict"])
        for row in records(result.frame)
    ]  # fmt: skip
    lines = [lined_up(("with the count", "expected", "90 % of draws", "plausible", "range is", "verdict"), rows)]
    outside = [row for row in records(result.frame) if row["verdict"] == "implausible"]
    for row in outside:
        why = row["exception"] or "no reason is stated."
        lines.append(fill(f"{row['label']}: {why} Range: {row['reason']}.", LINE, subsequent_indent="  "))
    others = f"; {_known(result)}" if outside or not result.expected else ""
    lines.append(f"{len(rows) - len(outside)} of {len(rows)} inside their range{others}.")
    return "\n".join(lines)


def _known(result: Plausibility) -> str:
    return "the others are known and explained" if result.expected else f"not as stated: {'; '.join(result.surprises)}"


def _figure(row: dict, column: str) -> str:
    return tenths(row[column]) if row["range_high"] <= 1 else f"{row[column]:.1f}"


def _probabilities(result: Plausibility) -> pd.DataFrame:
    frame: pd.DataFrame = result.frame.reset_index()
    frame = frame.loc[frame["range_high"] <= 1]
    return frame.drop(columns="sources").sort_values("plug_in", ascending=False, kind="stable")
