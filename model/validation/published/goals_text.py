"""The figures a version is judged by, as text: a line a setting and vocabulary, what it is compared with beside it."""

from __future__ import annotations

from typing import Any

from model.validation.frame_rows import grouped, records
from model.validation.published.goals import CONTROL, MEASURES, Goals

NAMES = {"top1": "first", "top2": "first two", "macro": "macro", "six_log": "log, six", "log": "log, all"}


def goals_text(found: Goals) -> str:
    """Return the measures of every setting and vocabulary, then the differences to the control and the rivals."""
    head = f"{'setting':<20}{'entries':<9}{'method':<20}" + "".join(f"{NAMES[name]:>10}" for name in MEASURES)
    lines = [head]
    lines += [_line(row) for row in records(found.references)]
    lines += [_line(row) for row in records(found.table, method=CONTROL)]
    for _, rows in grouped(found.table, "setting", "vocabulary").items():
        lines += [_line(row) for row in rows if row["method"] != CONTROL]
    lines += [
        "",
        f"Log score of the other method less the model's, {found.replicates} bootstrap replicates over people:",
    ]
    for (setting, vocabulary), rows in grouped(found.differences, "setting", "vocabulary").items():
        for score in ("six_log", "log"):
            said = [f"{row['against']} {row['difference']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
                    for row in rows if row["score"] == score]  # fmt: skip
            lines.append(f"{setting:<20}{vocabulary:<9}{NAMES[score]}: {'; '.join(said)}")
    lines += [
        "",
        "First, first two, macro (mean over the six causes) and log, six: cases with one of the six causes. Ranked",
        "by share; a second cause the authors name and another name of the disease are right too. Log: -ln share,",
        "lower is better. Control: the tables of version 0.2, every cause with the same share. Above 0 the model is",
        "better.",
    ]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    cells = "".join(f"{'' if row[name] != row[name] else f'{row[name]:.2f}':>10}" for name in MEASURES)
    return f"{row['setting'] or '-':<20}{row['vocabulary']:<9}{row['method']:<20}{cells}"
