"""Charts of what an answer rests on: groups of numbers, sentences to verify first, and other readers of the article."""

from __future__ import annotations

from collections.abc import Mapping

from model.charts.style import LIGHT, STEP, WIDTH, Palette, finished, lined_up, records, rows
from model.late import alt, pd
from model.sensitivity.reliance import Reliance
from model.sensitivity.swap_reader import SwappedReaders
from model.sensitivity.verify_first import VerifyFirst
from model.validation.intervals import Z95
from model.wording import percent

CELL = 66


def reliance(result: Reliance, labels: Mapping[str, str] | None = None, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw the share of the variance that rests on each group, with its 95 % error bar; a tick is the group alone."""
    frame = _named(result.frame, labels)
    frame = frame.assign(least=frame["total"] - frame["total_error"], most=frame["total"] + frame["total_error"])
    base = rows(frame)
    bar = base.mark_bar(height=13, color=palette.favour, opacity=0.6).encode(
        x=alt.X("total:Q", title="share of the variance of the log-odds", axis=alt.Axis(format="%"))
    )
    error = base.mark_rule(color=palette.ink).encode(x="least:Q", x2="most:Q")
    alone = base.mark_tick(color=palette.against, thickness=3, height=17, opacity=1).encode(x="first:Q")
    subtitle = [
        f"Bar: total Sobol index, with its 95 % error bar ({result.points} parameter points). Tick: the group alone.",
        "Totals can sum to more than 100 %, for groups interact; a small negative index is noise.",
    ]
    title = f"What the uncertainty about {result.cause} rests on, by {result.by}"
    return finished(alt.layer(bar, error, alone), title, subtitle, reliance_text(result, labels), palette, STEP)


def reliance_text(result: Reliance, labels: Mapping[str, str] | None = None) -> str:
    """Return the same as a table."""
    indices = ("total", "total_error", "first", "first_error")
    lines = [
        (row["name"], *(f"{row[name]:.3f}" for name in indices), str(row["numbers"]))
        for row in records(_named(result.frame, labels))
    ]
    return lined_up((result.by, "total", "±", "alone", "±", "numbers"), lines)


def verify_first(
    result: VerifyFirst, top: int = 12, labels: Mapping[str, str] | None = None, palette: Palette = LIGHT
) -> alt.LayerChart:
    """Draw what verifying each group would be worth, with a 95 % error bar over simulated patients."""
    frame = _named(result.frame.head(top), labels)
    half = Z95 * frame["evppi_error"]
    shown = [f"changes the leader in {percent(share, 1)}" for share in frame["changes"]]
    frame = frame.assign(least=frame["evppi"] - half, most=frame["evppi"] + half, shown=shown)
    base = rows(frame)
    bar = base.mark_bar(height=13, color=palette.favour, opacity=0.6).encode(
        x=alt.X(
            "evppi:Q",
            title="how much more often the right cause would be named",
            axis=alt.Axis(format=".1%", tickCount=5),
        )
    )
    error = base.mark_rule(color=palette.ink).encode(x="least:Q", x2="most:Q")
    zero = base.mark_rule(color=palette.neutral).encode(x=alt.datum(0))
    changes = base.mark_text(align="left", color=palette.ink, fontSize=10).encode(
        x=alt.value(WIDTH + 8), text="shown:N"
    )
    subtitle = [
        f"Value of knowing a group's numbers, averaged over {result.patients} simulated patients; bars: 95 % error.",
        "A bar whose error reaches zero is not told apart from no value.",
    ]
    title, text = f"Which {result.by} to verify first", verify_first_text(result, top, labels)
    return finished(alt.layer(bar, error, zero, changes), title, subtitle, text, palette, STEP)


def verify_first_text(result: VerifyFirst, top: int = 12, labels: Mapping[str, str] | None = None) -> str:
    """Return the same as a table."""
    lines = [
        (row["name"], f"{row['evppi']:.4f}", f"{row['evppi_error']:.4f}", percent(row["changes"], 1),
         str(row["numbers"]))
        for row in records(_named(result.frame.head(top), labels))
    ]  # fmt: skip
    table = lined_up((result.by, "EVPPI", "standard error", "changes the leader", "numbers"), lines)
    flips = f"the leader differs from the published one in {percent(result.flips, 1)} of draws and patients"
    return f"{table}\nWith every number drawn, {flips}."


def readers(result: SwappedReaders, top: int = 24, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw every reader's probabilities as a table of shaded cells; the leading cause of each reader is framed.

    top : how many other readers, those who move the answer most
    """
    frame, order, causes = _cells(result, top)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "cause:N", sort=causes, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)
        ),
        y=alt.Y("reader:N", sort=order, title=None),
    )
    shade = base.mark_rect(aria=False).encode(
        color=alt.Color(
            "probability:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[palette.least, palette.most])
        )
    )
    frames = base.transform_filter("datum.leads").mark_rect(
        aria=False, filled=False, stroke=palette.ink, strokeWidth=1.5
    )
    numbers = base.mark_text(aria=False, color=palette.ink, fontSize=10).encode(text="shown:N")
    width, height = CELL * len(causes), 20 * len(order)
    chart = alt.layer(shade, frames, numbers).properties(width=width, height=height)
    subtitle = [
        f"Same patient, other readers: {percent(result.agreement, 1)} of them name the same leader ({result.leader}).",
        f"Shown: as read, and the {len(order) - 1} who move the answer most. Framed: the leading cause of each reader.",
    ]
    return finished(chart, "Swap the reader", subtitle, readers_text(result, top), palette)


def readers_text(result: SwappedReaders, top: int = 24) -> str:
    """Return the same as a table, with how many published cases change their leader."""
    _, order, causes = _cells(result, top)
    lines = []
    for reader in order:
        row = result.frame.loc[reader]
        changed = len([case for case in str(row["cases"]).split(";") if case])
        lines.append((reader, *(percent(row[cause], 1) for cause in causes), str(row["leader"]), str(changed)))
    return lined_up(("reader", *causes, "leader", "cases changed"), lines)


def _cells(result: SwappedReaders, top: int) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return one row per reader and cause; the readers, as read first, then those who move most; the causes."""
    kept = result.frame.iloc[1:].sort_values("moved", ascending=False, kind="stable").head(top)
    order = [str(reader) for reader in (result.frame.index[0], *kept.index)]
    causes = [
        str(column) for column in result.frame.columns if column not in ("kind", "label", "leader", "moved", "cases")
    ]
    frame = result.frame.loc[order].reset_index().melt(["reader", "leader"], causes, "cause", "probability")
    frame["leads"] = frame["leader"] == frame["cause"]
    frame["shown"] = [percent(float(p), 1) for p in frame["probability"]]
    return frame, order, causes


def _named(frame: pd.DataFrame, labels: Mapping[str, str] | None) -> pd.DataFrame:
    frame = frame.reset_index(names="group")
    return frame.assign(name=[(labels or {}).get(group, group) for group in frame["group"]])
