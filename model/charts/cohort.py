"""Charts of a scored table of patients: which causes lead, how probable each is on average, how clear the leader is."""

from __future__ import annotations

from model.charts.style import LIGHT, STEP, WIDTH, Palette, finished, lined_up, rows, share_axis
from model.cohort import CohortSummary
from model.late import alt, pd
from model.wording import percent


def cohort_leaders(result: CohortSummary, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw how many patients each cause leads."""
    frame = pd.DataFrame({"cause": result.labels.values(), "rows": result.leads.values()})
    base = rows(frame, "cause")
    bar = base.mark_bar(height=13, color=palette.favour).encode(
        x=alt.X("rows:Q", title="patients", axis=alt.Axis(tickMinStep=1, tickCount=4, format="d"))
    )
    number = base.mark_text(align="left", dx=4, fontSize=11, color=palette.ink).encode(x="rows:Q", text="rows:Q")
    subtitle = [f"Of {result.answered} patients with an answer."]
    return finished(alt.layer(bar, number), "Leading cause", subtitle, cohort_leaders_text(result), palette, STEP)


def cohort_leaders_text(result: CohortSummary) -> str:
    """Return the same as a table."""
    lines = [(label, str(result.leads[cause])) for cause, label in result.labels.items()]
    return lined_up(("cause", "patients it leads"), lines)


def cohort_means(result: CohortSummary, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw the mean probability of each cause over the patients with an answer."""
    frame = pd.DataFrame({"cause": list(result.labels.values()),
                          "mean": [result.mean.get(cause) for cause in result.labels]})  # fmt: skip
    frame["shown"] = ["" if mean != mean else percent(mean, 1) for mean in frame["mean"].astype(float)]
    base = rows(frame, "cause")
    bar = base.mark_bar(height=13, color=palette.favour).encode(x=share_axis("mean", "mean probability", tickCount=3))
    number = base.mark_text(align="left", dx=4, fontSize=11, color=palette.ink).encode(x="mean:Q", text="shown:N")
    subtitle = ["Causes can act together, so the", "sum may be more than 100 %."]
    return finished(alt.layer(bar, number), "Mean probability", subtitle, cohort_means_text(result), palette, STEP)


def cohort_means_text(result: CohortSummary) -> str:
    """Return the same as a table."""
    lines = [(label, percent(result.mean[cause], 1)) for cause, label in result.labels.items() if cause in result.mean]
    return lined_up(("cause", "mean probability"), lines)


def cohort_clarity(result: CohortSummary, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw how probable the likeliest cause is, patient by patient, in tenths."""
    frame = pd.DataFrame(result.clarity, columns=["low", "high", "rows"])
    x = share_axis("low", "probability of the likeliest cause", tickCount=5)
    top = alt.Y("rows:Q", title="patients", axis=alt.Axis(tickMinStep=1, tickCount=4, format="d"))
    base = alt.Chart(frame)
    bar = base.mark_bar(color=palette.favour, stroke=palette.background).encode(
        x=x, x2="high:Q", y=top, y2=alt.datum(0)
    )
    number = base.transform_filter("datum.rows > 0").transform_calculate(middle="(datum.low + datum.high) / 2")
    number = number.mark_text(dy=-7, fontSize=11, color=palette.ink).encode(x="middle:Q", y="rows:Q", text="rows:Q")
    subtitle = ["To the left nothing stands out: more is to", "be found out, or no cause of the model fits."]
    chart = alt.layer(bar, number).properties(width=WIDTH, height=11 * STEP)
    return finished(chart, "How clear the leader is", subtitle, cohort_clarity_text(result), palette)


def cohort_clarity_text(result: CohortSummary) -> str:
    """Return the same as a table."""
    lines = [(f"{100 * low:.0f} to {100 * high:.0f} %", str(count)) for low, high, count in result.clarity]
    return lined_up(("likeliest cause", "patients"), lines)
