"""Charts of how sure a number is: elicited distributions, prior predictive frequencies, intervals of a posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from model.charts.style import LIGHT, STEP, WIDTH, Palette, finished, lined_up, records, rows, share_axis
from model.elicitation import Quantity
from model.elicitation.quantity import TAILS
from model.late import alt, pd
from model.sensitivity.uncertainty import Intervals, PriorPredictive
from model.wording import percent, words_of

QUANTILES = 100  # slices of equal probability that draw an area


def intervals(result: Intervals, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw each cause's published probability on its 90 % interval, with how often it ranks first."""
    frame = result.frame.reset_index()
    frame["shown"] = [percent(share, 1) for share in frame["first"]]
    base = rows(frame, "cause", by="plug_in")
    span = base.mark_rule(strokeWidth=7, opacity=0.35, color=palette.favour).encode(
        x=share_axis("low", "probability that the cause is acting"), x2="high:Q"
    )
    published = base.mark_point(filled=True, size=70, opacity=1, color=palette.ink).encode(x="plug_in:Q")
    first = base.mark_text(align="left", color=palette.ink, fontSize=11).encode(x=alt.value(WIDTH + 12), text="shown:N")
    subtitle = [
        f"Dot: the published answer. Bar: 5 % to 95 % over {result.draws} draws of every number of the model,",
        "not over patients. Right: share of the draws in which the cause ranks first.",
    ]
    chart = alt.layer(span, published, first)
    return finished(chart, "How sure the model is of each cause", subtitle, intervals_text(result), palette, STEP)


def intervals_text(result: Intervals) -> str:
    """Return the same as a table, most probable cause first."""
    lines = [
        (row["cause"], *(percent(row[name], 1) for name in ("plug_in", "low", "high", "first")))
        for row in records(result.frame.sort_values("plug_in", ascending=False))
    ]
    table = lined_up(("cause", "published", "5 %", "95 %", "ranks first"), lines)
    changes = percent(result.leader_changes, 1)
    return f"{table}\nThe leader ({result.leader}) changes in {changes} of {result.draws} draws."


def elicitation(
    quantities: Sequence[Quantity], labels: Mapping[str, str] | None = None, palette: Palette = LIGHT
) -> alt.FacetChart:
    """Draw the fitted distribution of each number, with the stated 5 % point, mean and 95 % point."""
    labels = labels or {}
    parts = []
    for quantity in quantities:
        name = labels.get(quantity.id, quantity.id)
        points = quantity.ppf((np.arange(QUANTILES) + 0.5) / QUANTILES)
        middle, gaps = (points[1:] + points[:-1]) / 2, np.maximum(np.diff(points), 1e-9)
        height = gaps.min() / gaps  # of equally likely slices: the narrowest is the densest
        parts.append(pd.DataFrame({"number": name, "x": middle, "density": height}))
        stated = pd.DataFrame({"number": name, "stated": ["5 %", "mean", "95 %"],
                               "at": [quantity.low, quantity.value, quantity.high]})  # fmt: skip
        parts.append(stated)
    frame = pd.concat(parts, ignore_index=True)
    order = [labels.get(quantity.id, quantity.id) for quantity in quantities]
    base = alt.Chart(frame)
    area = base.transform_filter("isValid(datum.x)").mark_area(color=palette.favour, opacity=0.35).encode(
        x=alt.X("x:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
        y=alt.Y("density:Q", axis=None),
    )  # fmt: skip
    ends = base.transform_filter("isValid(datum.at)").mark_tick(thickness=2, height=22, color=palette.ink).encode(
        x="at:Q", y=alt.value(24)
    )  # fmt: skip
    chart = alt.layer(area, ends).properties(width=WIDTH, height=36).facet(
        row=alt.Row("number:N", sort=order, title=None, header=alt.Header(
            labelAngle=0, labelAlign="left", labelLimit=420, labelColor=palette.ink)),
        spacing=4,
    )  # fmt: skip
    chart = chart.resolve_scale(x="independent", y="independent")
    subtitle = [
        "Area: the fitted distribution, each on its own scale. Ticks: the 5 % point, mean and 95 % point as",
        "stated. The mean is kept exactly; the ends are met as nearly as one family can.",
    ]
    return finished(chart, "What was elicited for each number", subtitle, elicitation_text(quantities, labels), palette)


def elicitation_text(quantities: Sequence[Quantity], labels: Mapping[str, str] | None = None) -> str:
    """Return the same as a table: stated and fitted ends, and how many patients the number is worth."""
    lines = []
    for quantity in quantities:
        low, high = quantity.ppf(TAILS)
        worth = quantity.effective_sample_size
        lines.append((
            (labels or {}).get(quantity.id, quantity.id),
            *(f"{x:.3g}" for x in (quantity.value, quantity.low, quantity.high, low, high)),
            "" if worth is None else "fixed" if np.isinf(worth) else f"{worth:.0f}",
        ))  # fmt: skip
    return lined_up(("number", "mean", "5 %", "95 %", "fitted 5 %", "fitted 95 %", "worth (patients)"), lines)


def prior_predictive(result: PriorPredictive, role: str = "finding", palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw how common the model expects each finding (or context) to be among people with this count."""
    frame = _expected(result, role)
    base = rows(frame)
    span = base.mark_rule(strokeWidth=7, opacity=0.35, color=palette.favour).encode(
        x=alt.X("low:Q", title="share of people with this count", axis=alt.Axis(format="%")), x2="high:Q"
    )
    published = base.mark_point(filled=True, size=60, opacity=1, color=palette.ink).encode(x="plug_in:Q")
    subtitle = [
        f"Before anything is entered. Dot: at the stated numbers. Bar: 5 % to 95 % over {result.draws} draws.",
        "A frequency that looks wrong to somebody who sees such patients points to a wrong number.",
    ]
    title, text = f"How common the model expects each {role} to be", prior_predictive_text(result, role)
    return finished(alt.layer(span, published), title, subtitle, text, palette, 18)


def prior_predictive_text(result: PriorPredictive, role: str = "finding") -> str:
    """Return the same as a table, most common first."""
    frame = _expected(result, role)
    lines = [(row["name"], *(percent(row[name], 1) for name in ("plug_in", "low", "high"))) for row in records(frame)]
    return lined_up((role, "expected", "5 %", "95 %"), lines)


def _expected(result: PriorPredictive, role: str) -> pd.DataFrame:
    frame: pd.DataFrame = result.frame.sort_values("plug_in", ascending=False, kind="stable").reset_index()
    frame = frame.loc[frame["role"] == role]
    said = frame["state"].map(words_of)
    return frame.assign(name=frame["label"].where(said == "present", frame["label"] + ": " + said))
