"""Charts of one patient's answer: the ledger of what each entry contributed, and what to ask next."""

from __future__ import annotations

import numpy as np

from model.charts.style import LIGHT, STEP, WIDTH, Palette, finished, lined_up, records, rows
from model.decision import NextTests
from model.explanation import Explanation
from model.late import alt, pd
from model.validation.intervals import Z95
from model.wording import percent, signed, words_of


def ledger(result: Explanation, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw the Shapley weight of every entry in decibans, with a mark for leaving that entry out."""
    frame = _entries(result)
    base = rows(frame)
    bar = base.mark_bar(height=13).encode(
        x=alt.X("shapley:Q", title="decibans (10 = ten times the odds)", scale=alt.Scale(nice=True, padding=30)),
        color=alt.condition("datum.shapley >= 0", alt.value(palette.favour), alt.value(palette.against)),
    )
    text = {"fontSize": 10, "color": palette.ink}
    plus = base.transform_filter("datum.shapley >= 0").mark_text(align="left", dx=10, **text)
    minus = base.transform_filter("datum.shapley < 0").mark_text(align="right", dx=-10, **text)
    numbers = [side.encode(x="reach:Q", text="shown:N") for side in (plus, minus)]
    last = base.mark_point(shape="diamond", size=55, filled=True, opacity=1, color=palette.ink).encode(x="last:Q")
    zero = base.mark_rule(color=palette.ink).encode(x=alt.datum(0))
    layers = [bar, zero, last, *numbers]
    if result.method == "sampled":
        layers.append(base.mark_rule(color=palette.ink).encode(x="least:Q", x2="most:Q"))
    subtitle = [
        _sum(result),
        "Bar: Shapley weight, right (+) for, left (\N{MINUS SIGN}) against. Diamond: leaving that entry out.",
        _away(result),
    ]
    title = f"What moved the odds: {result.label}"
    return finished(alt.layer(*layers), title, subtitle, ledger_text(result), palette, STEP)


def ledger_text(result: Explanation) -> str:
    """Return the same as a table, strongest entry first, with the sum."""
    lines = [
        (row["name"], *(signed(row[weight]) for weight in ("shapley", "alone", "last")))
        for row in records(_entries(result))
    ]
    table = lined_up(("entry", "decibans", "alone", "left out"), lines)
    return f"{table}\n{_sum(result)}\n{_away(result)}"


def _sum(result: Explanation) -> str:
    return (
        f"Before {signed(result.prior)} + entries {signed(result.total)} = after {signed(result.together)} decibans, "
        f"a probability of {percent(result.posterior, 1)}."
    )


def _away(result: Explanation) -> str:
    own = result.total - result.explaining_away
    return (
        f"Of the {signed(result.total)}, {signed(own)} is what the entries say by themselves and "
        f"{signed(result.explaining_away)} explaining away by other causes."
    )


def _entries(result: Explanation) -> pd.DataFrame:
    frame = result.items.sort_values("shapley", key=abs, ascending=False, kind="stable", ignore_index=True)
    reach = np.where(frame["shapley"] >= 0, frame[["shapley", "last"]].clip(lower=0).max(axis=1),
                     frame[["shapley", "last"]].clip(upper=0).min(axis=1))  # fmt: skip
    return frame.assign(
        name=[f"{item}: {words_of(state)}" for item, state in zip(frame["item"], frame["state"], strict=True)],
        shown=[signed(weight) for weight in frame["shapley"]],
        reach=reach,
        least=frame["shapley"] - Z95 * frame["standard_error"],
        most=frame["shapley"] + Z95 * frame["standard_error"],
    )


def waterfall(result: Explanation, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw the same sum from prior to posterior, explaining away as a line of its own."""
    frame = result.lines.assign(before=lambda lines: lines["running"] - lines["decibans"])
    frame.loc[0, "before"] = 0.0
    frame["shown"] = [signed(step) for step in frame["decibans"]]
    frame["right"] = frame[["before", "running"]].max(axis=1)
    base = rows(frame, "line")
    steps = base.mark_bar(height=13).encode(
        x=alt.X("before:Q", title="log-odds in decibans (0 = even odds)", scale=alt.Scale(padding=30)),
        x2="running:Q",
        color=alt.condition("datum.decibans >= 0", alt.value(palette.favour), alt.value(palette.against)),
    )
    zero = base.mark_rule(color=palette.ink).encode(x=alt.datum(0))
    numbers = base.mark_text(align="left", dx=5, color=palette.ink, fontSize=10).encode(x="right:Q", text="shown:N")
    subtitle = [
        _sum(result),
        "Each entry by itself, in adults in general; the last line is what the low count then adds.",
    ]
    title = f"From prior to posterior: {result.label}"
    return finished(alt.layer(steps, zero, numbers), title, subtitle, waterfall_text(result), palette, STEP)


def waterfall_text(result: Explanation) -> str:
    """Return the same as a table with the running total."""
    lines = [(row["line"], signed(row["decibans"]), signed(row["running"])) for row in records(result.lines)]
    return f"{lined_up(('line', 'decibans', 'running total'), lines)}\n{_sum(result)}"


def next_tests(result: NextTests, top: int = 12, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw the information of each open question, test and panel for its cost, in the order to do them."""
    frame = _tests(result, top)
    base = rows(frame)
    bar = base.mark_bar(height=13).encode(
        x=alt.X("per_cost:Q", title="bits for the cost of one blood draw", axis=alt.Axis(tickCount=6)),
        color=alt.condition("datum.net > 0", alt.value(palette.favour), alt.value(palette.neutral)),
    )
    notes = base.mark_text(align="left", color=palette.ink, fontSize=10).encode(x=alt.value(WIDTH - 72), text="shown:N")
    subtitle = [
        f"Now {result.leader} leads at {percent(result.leads_now, 1)}. In the order to do them: first what is worth "
        "its cost (blue, marked +),",
        "then by information for the cost; what is known only at follow-up comes last. Costs are assumptions.",
    ]
    chart = alt.layer(bar, notes).properties(width=WIDTH - 80, height=alt.Step(STEP))
    chart = chart if len(frame) else chart.properties(height=STEP)
    return finished(chart, "What to ask or test next", subtitle, next_tests_text(result, top), palette)


def next_tests_text(result: NextTests, top: int = 12) -> str:
    """Return the same as a table, with the advice to stop or go on."""
    lines = [
        (row["name"], f"{row['information']:.4f}", f"{row['cost']:.1f}", f"{row['value']:.4f}",
         percent(row["change"], 1))
        for row in records(_tests(result, top))
    ]  # fmt: skip
    return lined_up(("test", "bits", "cost", "value", "changes the leader"), lines) + f"\n{result.stop.reason}"


def _tests(result: NextTests, top: int) -> pd.DataFrame:
    tests = []
    for row in records(result.table)[:top]:
        mark, kind = "+ " if row["net"] > 0 else "", " (panel)" if row["kind"] == "panel" else ""
        name = f"{mark}{row['test']}{kind}" + (" (later)" if row["follow_up"] else "")
        said = f"{row['information']:.3f} bits, cost {row['cost']:.1f}; new leader {percent(row['change'], 1)}"
        if np.isinf(row["per_cost"]):
            row["per_cost"] = np.nan  # no bar is long enough
            said += "; no cost"
        tests.append({**row, "name": name, "shown": said})
    return pd.DataFrame(tests, columns=None if tests else ["test", "name", "per_cost", "net", "shown"])
