"""What can be checked without patients, in charts and words: clinical laws, self-consistency, recovery, ranks."""

from __future__ import annotations

from typing import Any

from model.charts.style import LIGHT, STEP, WIDTH, Palette, finished, lined_up, records, rows, share_axis
from model.late import alt, pd
from model.validation import LawReport, RobustRecovery, SelfConsistency, SimulationBasedCalibration
from model.wording import counted, counted_share, percent, signed, words_of

SMALL = 150  # side of one small panel
SCORES = {"top1": "a cause that acts ranks first", "top2": "a cause that acts ranks first or second"}


def laws_text(result: LawReport) -> str:
    """Return in how many pairs of patients each law fails as a table, with what was not expected below."""
    lines = [
        (words_of(row["law"]), "must hold" if row["must"] else "may fail", str(row["checks"]),
         _thousands(row["patterns"]), _failing(row))
        for row in records(result.by_law)
    ]  # fmt: skip
    table = lined_up(("law", "status", "checks", "pairs", "fails in"), lines)
    if result.expected:
        return f"{table}\nEvery law comes out as listed."
    wrong = "; ".join(f"{check.law}: {check.check}" for check in result.surprises)
    return f"{table}\nNot as listed: {wrong}."


def _failing(row: dict) -> str:
    """Return in how many pairs a law fails, and by how much: in probability, or in log odds for a law about odds."""
    if not row["violations"]:
        return "holds" if row["must"] else "holds here"
    worst = "less than 0.001" if row["worst"] < 0.001 else f"up to {row['worst']:.3f}"
    return f"{_thousands(row['violations'])}, by {worst}"


def _thousands(count: float) -> str:
    return f"{count:,.0f}"


def reliability(result: SelfConsistency, palette: Palette = LIGHT) -> alt.ConcatChart:
    """Draw the share of simulated patients who have the cause against the probability that they were given."""
    frame = result.bins
    base = alt.Chart(frame)
    line = base.transform_calculate(one="datum.bin / 9").mark_line(color=palette.neutral, strokeDash=[4, 3]).encode(
        x=alt.X("one:Q", title="probability given", axis=alt.Axis(format="%", tickCount=3)),
        y=alt.Y("one:Q", title="share who have it", axis=alt.Axis(format="%", tickCount=3, grid=True)),
    )  # fmt: skip
    span = base.mark_rule(color=palette.favour, strokeWidth=2).encode(x="expected:Q", y="low:Q", y2="high:Q")
    point = base.mark_point(filled=True, size=40, opacity=1, color=palette.favour).encode(
        x="expected:Q", y="observed:Q", tooltip=["cause:N", "patients:Q", "expected:Q", "observed:Q"]
    )
    chart = _by_cause(alt.layer(line, span, point), list(dict.fromkeys(frame["cause"])), palette)
    subtitle = [
        f"{_thousands(result.patients)} patients drawn from the model itself, a tenth of them in each dot, with 95 %",
        "intervals. The dashed line is perfect. It tests the engine, not the medicine.",
    ]
    return finished(chart, "Self-consistency", subtitle, reliability_text(result), palette)


def _by_cause(panel: Any, causes: list[str], palette: Palette) -> alt.ConcatChart:
    """Return one small panel a cause; a facet would leave an axis in the place that no panel fills."""
    parts = [
        panel.transform_filter(f"datum.cause == '{cause}'").properties(
            width=SMALL, height=SMALL, title=alt.TitleParams(
                cause, anchor="middle", frame="group", fontSize=11, fontWeight="normal", color=palette.ink, offset=4
            ),
        )
        for cause in causes
    ]  # fmt: skip
    return alt.concat(*parts, columns=4, spacing=16).resolve_scale(x="shared", y="shared")


def reliability_text(result: SelfConsistency) -> str:
    """Return calibration in the large, slope and Brier score of each cause as a table."""
    lines = [
        (row["cause"], percent(row["expected"], 1), percent(row["observed"], 1), signed(row["large_z"]),
         f"{row['slope']:.3f}", signed(row["slope_z"]), f"{row['brier']:.4f}", signed(row["brier_z"]))
        for row in records(result.frame)
    ]  # fmt: skip
    table = lined_up(("cause", "expected", "observed", "z", "slope", "z", "Brier", "z"), lines)
    verdict = "nothing is out of line" if result.consistent else "something is out of line"
    smallest = "under 0.0001" if result.smallest_p < 1e-4 else f"{result.smallest_p:.4f}"
    return (
        f"{table}\nEach z lies within 2 in 19 of 20 when the model is consistent. "
        f"Smallest p of {result.tests} tests {smallest}: {verdict}."
    )


def recovery(result: RobustRecovery, palette: Palette = LIGHT) -> alt.FacetChart:
    """Draw how often a cause that acts ranks first, asked with published numbers, true numbers, or nothing."""
    parts = []
    for score, label in SCORES.items():
        columns = {name: result.frame[f"{score}{end}"] for name, end in
                   (("share", ""), ("low", "_low"), ("high", "_high"), ("p5", "_p5"), ("p95", "_p95"))}  # fmt: skip
        parts.append(pd.DataFrame({**columns, "score": label}).reset_index())
    frame = pd.concat(parts, ignore_index=True)
    base = rows(frame, "asked")
    worlds = base.mark_rule(strokeWidth=7, opacity=0.35, color=palette.favour).encode(
        x=share_axis("p5", "share of the patients"), x2="p95:Q"
    )  # fmt: skip
    span = base.mark_rule(strokeWidth=2, color=palette.ink).encode(x="low:Q", x2="high:Q")
    point = base.mark_point(filled=True, size=60, opacity=1, color=palette.ink).encode(
        x="share:Q", tooltip=["asked:N", "share:Q", "low:Q", "high:Q"]
    )
    chart = alt.layer(worlds, span, point).properties(width=WIDTH // 2, height=alt.Step(STEP)).facet(
        column=alt.Column("score:N", sort=list(SCORES.values()), title=None), spacing=24
    )  # fmt: skip
    subtitle = [
        f"{result.worlds} worlds, their numbers drawn from the intervals, {result.patients} simulated patients each.",
        "Dot: mean. Bar: 5 % to 95 % of the worlds. A ceiling if structure and intervals are right; no real patients.",
    ]
    title = "What accuracy could be, with numbers as wrong as admitted"
    return finished(chart, title, subtitle, recovery_text(result), palette)


def recovery_text(result: RobustRecovery) -> str:
    """Return the same as a table, with log score, Brier score and each cause below."""
    lines = [
        (row["asked"], *(counted_share(row, score, 1) for score in SCORES),
         *(f"{row[score]:.2f}" for score in ("log_score", "brier")))
        for row in records(result.frame)
    ]  # fmt: skip
    causes = [
        (row["cause"], _thousands(row["patients"]), counted(row["top1"], 1), counted(row["top2"], 1))
        for row in records(result.causes)
    ]
    head = ("asked with", "first", "first or second", "log score", "Brier")
    return (
        f"{lined_up(head, lines)}\n\n"
        f"{lined_up(('acting cause, published numbers', 'patients', 'first', 'first or second'), causes)}"
    )


def truth_ranks_text(result: SimulationBasedCalibration) -> str:
    """Return coverage of the 90 % interval and the tests of uniformity as a table."""
    lines = [
        (row["cause"], *(cell for name in ("rank", "weighted") for cell in (
            counted_share({**row, name: row[f"{name}_coverage"]}, name, 1), f"{row[f'{name}_chi_square_p']:.3f}")))
        for row in records(result.frame)
    ]  # fmt: skip
    head = ("cause", "90 % interval holds the truth", "p uniform", "weighed by the entries", "p uniform")
    verdict = "as they must be" if result.consistent else "not uniform, so sampler and engine disagree"
    return f"{lined_up(head, lines)}\nWeighed ranks: {verdict}."
