"""What the model expects against what is plausible, in words."""

from __future__ import annotations

from textwrap import fill

from model.charts.style import lined_up, records
from model.validation import Plausibility
from model.wording import percent

LINE = 120  # letters in a line of the text


def plausibility_text(result: Plausibility) -> str:
    """Return each frequency beside its range as a table, with the reason of everything that lies outside."""
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
