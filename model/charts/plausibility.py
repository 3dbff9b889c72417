"""The chart of what the model expects against what is plausible."""

from __future__ import annotations

from textwrap import fill

from model.charts.style import LIGHT, Palette, finished, lined_up, records, rows, share_axis, told_apart
from model.late import alt, pd
from model.validation import Plausibility
from model.wording import percent

LINE = 120  # letters in a line of the text


def plausibility(result: Plausibility, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw each frequency that the model expects, with its interval, on the range that is plausible."""
    frame = _probabilities(result)
    base = rows(frame, "label")
    kinds = told_apart(
        "verdict", {"plausible": (palette.favour, "circle"), "implausible": (palette.against, "diamond")}
    )
    band = base.mark_bar(height=12, opacity=0.4, color=palette.neutral).encode(
        x=share_axis("range_low", "share of people with this count", tickCount=6), x2="range_high:Q"
    )
    span = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=kinds["color"])
    point = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="plug_in:Q", tooltip=["label:N", "plug_in:Q", "tag:N", "reason:N", "exception:N"], **kinds
    )
    subtitle = [
        f"Setting {result.setting}, nothing entered. Grey: plausible range, wide where nobody counted.",
        f"Mark: at the stated numbers; line: 5 % to 95 % over {result.draws} draws. Reasons stand in the table.",
    ]
    title, text = "Does the model expect plausible patients", plausibility_text(result)
    return finished(alt.layer(band, span, point), title, subtitle, text, palette, 18)


def plausibility_text(result: Plausibility) -> str:
    """Return the same as a table, with the reason of everything that lies outside."""
    items = [
        (row["label"], _figure(row, "plug_in"), f"{_figure(row, 'low')} to {_figure(row, 'high')}",
         f"{_figure(row, 'range_low')} to {_figure(row, 'range_high')}", row["tag"], row["verdict"])
        for row in records(result.frame)
    ]  # fmt: skip
    lines = [lined_up(("with the count", "expected", "90 % of draws", "plausible", "range is", "verdict"), items)]
    outside = [row for row in records(result.frame) if row["verdict"] == "implausible"]
    for row in outside:
        why = row["exception"] or "no reason is stated."
        lines.append(fill(f"{row['label']}: {why} Range: {row['reason']}.", LINE, subsequent_indent="  "))
    others = f"; {_known(result)}" if outside or not result.expected else ""
    lines.append(f"{len(items) - len(outside)} of {len(items)} inside their range{others}.")
    return "\n".join(lines)


def _known(result: Plausibility) -> str:
    return "the others are known and explained" if result.expected else f"not as stated: {'; '.join(result.surprises)}"


def _figure(row: dict, column: str) -> str:
    return percent(row[column], 1) if row["range_high"] <= 1 else f"{row[column]:.1f}"


def _probabilities(result: Plausibility) -> pd.DataFrame:
    frame: pd.DataFrame = result.frame.reset_index()
    frame = frame.loc[frame["range_high"] <= 1]
    return frame.drop(columns="sources").sort_values("plug_in", ascending=False, kind="stable")
