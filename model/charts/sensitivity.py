"""Charts of what single numbers do to an answer: tornado, the curve of one number, the surface of two."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from textwrap import wrap
from typing import Any

from model.charts.style import AS_IN_TEXT, LIGHT, STEP, WIDTH, Palette, finished, lined_up, records
from model.late import alt, pd
from model.sensitivity import OneWay
from model.sensitivity.curves import SensitivityFunction, TwoWay
from model.wording import percent

HAZARDS = (
    "Hazards are identified only as ratios within a cause: the calibration returns the elicited share whatever their "
    "level, so a hazard's bar shows how it divides its cause among exposures."
)
SHOWN = 0.05  # a cause that never reaches this probability has no line of its own
WIDEST = 112  # letters in a line above the chart
LABELLED = 0.05  # a leader of less of the surface than this gets no label: it would not fit


def tornado(
    result: OneWay, top: int = 15, labels: Mapping[str, str] | None = None, palette: Palette = LIGHT
) -> alt.LayerChart:
    """Draw how far each number, over its own 90 % interval, moves the probability; widest swing first.

    top : how many numbers;  labels : record id -> what to call it
    """
    bars, names = _ends(result, top, labels)
    y = alt.Y("name:N", sort=names, title=None)
    x = alt.X("probability:Q", title=f"probability that {result.cause} is acting", axis=alt.Axis(format="%"),
              scale=alt.Scale(zero=False, nice=True, padding=34))  # fmt: skip
    colour = alt.Color("side:N", legend=None, scale=alt.Scale(
        domain=["raises", "lowers", "same"], range=[palette.favour, palette.against, palette.neutral]))  # fmt: skip
    base = alt.Chart(bars)
    bar = base.mark_bar(height=13).encode(y=y, x=x, x2="published:Q", color=colour)
    style = {"fontSize": 10, "color": palette.ink, "baseline": "middle"}
    left = base.transform_filter("datum.probability < datum.published").mark_text(align="right", dx=-4, **style)
    right = base.transform_filter("datum.probability >= datum.published").mark_text(align="left", dx=4, **style)
    ends = [side.encode(y=y, x="probability:Q", text="shown:N") for side in (left, right)]
    now = base.mark_rule(color=palette.ink).encode(x="mean(published):Q")
    flips = (
        base.transform_filter("datum.end == 'high'")
        .mark_text(align="left", color=palette.ink, fontSize=10)
        .encode(y=y, x=alt.value(WIDTH + 8), text="flips:N")
    )
    subtitle = [
        f"Each number alone, over its own 90 % interval; the line is the published {percent(result.posterior, 1)}.",
        "Right of the line the number raises the probability, left of it lowers it. At a bar's end: the number there.",
        *wrap(result.certificate, WIDEST),
        *wrap(HAZARDS, WIDEST),
    ]
    title, text = f"Which numbers move the probability of {result.cause}", tornado_text(result, top, labels)
    return finished(alt.layer(bar, *ends, now, flips), title, subtitle, text, palette, STEP)


def tornado_text(result: OneWay, top: int = 15, labels: Mapping[str, str] | None = None) -> str:
    """Return the same as a table, with the certificate and what is not identified."""
    rows = [
        (_called(row["id"], labels), *(f"{row[name]:.3g}" for name in ("low", "value", "high")),
         *(percent(row[name], 1) for name in ("at_low", "at_high")), _flip(row) if row["inside"] else "none inside")
        for row in records(result.frame.head(top))
    ]  # fmt: skip
    head = ("number", "low", "stated", "high", "at low", "at high", "another leader")
    published = f"Published: {result.cause} {percent(result.posterior, 1)}."
    return "\n".join([lined_up(head, rows), published, result.certificate, HAZARDS])


def _ends(result: OneWay, top: int, labels: Mapping[str, str] | None) -> tuple[pd.DataFrame, list[str]]:
    """Return one row for each end of each number, and the names in order."""
    rows, names = [], []
    for row in records(result.frame.head(top)):
        name = _called(row["id"], labels)
        names.append(name)
        flips = _flip(row) if row["inside"] else ""
        for end in ("low", "high"):
            at = row[f"at_{end}"]
            side = "same" if abs(at - result.posterior) < 1e-12 else "raises" if at > result.posterior else "lowers"
            rows.append((row["id"], name, end, row[end], f"{row[end]:.3g}", at, result.posterior, side, flips))
    columns = ["id", "name", "end", "value", "shown", "probability", "published", "side", "flips"]
    return pd.DataFrame(rows, columns=columns), names


def _called(number: str, labels: Mapping[str, str] | None) -> str:
    return labels.get(number, number) if labels else number


def _flip(row: Mapping[str, Any]) -> str:
    side = "above" if row["flip"] > row["value"] else "below"
    return f"{row['rival']} leads {side} {row['flip']:.3g}"


def curve(result: SensitivityFunction, label: str = "", palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw every cause's probability while one number moves over its interval, and where the leader changes.

    label : what to call the number; its id when empty
    """
    shown = result.frame.loc[:, result.frame.max() >= SHOWN]
    frame = shown.reset_index().melt("value", var_name="cause", value_name="probability")
    leader = _leader(result)
    frame["leads"] = frame["cause"] == leader
    x = alt.X("value:Q", title=label or result.number, scale=alt.Scale(domain=[result.low, result.high], nice=False))
    y = alt.Y("probability:Q", title="probability that the cause is acting", axis=alt.Axis(format="%", grid=True),
              scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    ends = frame[frame["value"] == frame["value"].max()].copy()
    ends["place"] = _apart(ends["probability"].tolist(), 0.075)
    line = alt.Chart(frame).mark_line().encode(
        x=x, y=y, detail="cause:N", strokeWidth=alt.condition("datum.leads", alt.value(3.5), alt.value(1.5)),
        color=alt.condition("datum.leads", alt.value(palette.favour), alt.value(palette.neutral)),
    )  # fmt: skip
    names = alt.Chart(ends).mark_text(align="left", dx=6, color=palette.ink, fontSize=11).encode(
        x="value:Q", y="place:Q", text="cause:N"
    )  # fmt: skip
    marks = [(result.value, f"stated {result.value:.3g}", "stated", 0)]
    for at, below, above in result.flips:
        said = f"above {at:.3g} {above} leads" if at > result.value else f"below {at:.3g} {below} leads"
        marks.append((at, said, "flip", 14 * len(marks)))
    points = pd.DataFrame(marks, columns=["value", "text", "kind", "down"])
    place = (points["value"] - result.low) / (result.high - result.low)
    outside = (points["kind"] == "flip") & (points["value"] < result.value)  # notes stand away from the stated value
    points["left"] = (place > 0.68) | (outside & (place > 0.32))
    rules = alt.Chart(points).mark_rule().encode(
        x="value:Q", strokeDash=alt.condition("datum.kind == 'flip'", alt.value([4, 3]), alt.value([1, 0])),
        color=alt.condition("datum.kind == 'flip'", alt.value(palette.against), alt.value(palette.ink)),
    )  # fmt: skip
    notes = [
        alt.Chart(pd.DataFrame([row]))
        .mark_text(align="right" if row["left"] else "left", dx=-4 if row["left"] else 4, color=palette.ink)
        .encode(x="value:Q", y=alt.value(8 + row["down"]), text="text:N")
        for row in records(points)
    ]
    chart = alt.layer(line, names, rules, *notes).properties(width=WIDTH, height=240)
    subtitle = ["Over the number's own 90 % interval, everything else as stated. Thick: the cause that leads now.",
                "Dashed: where the leading cause changes. Causes that never reach 5 % are left out."]  # fmt: skip
    return finished(chart, "One number, every cause", subtitle, curve_text(result), palette)


def curve_text(result: SensitivityFunction) -> str:
    """Return the same in sentences: both ends, the stated value and every change of leader."""
    lines = [f"{result.number}: stated {result.value:.3g}, interval {result.low:.3g} to {result.high:.3g}."]
    low, high = result.frame.iloc[0], result.frame.iloc[-1]
    for cause, most in result.frame.max().items():
        if most >= SHOWN:
            lines.append(
                f"{cause}: {percent(low[cause], 1)} at the low end, {percent(high[cause], 1)} at the high end."
            )
    lines += [f"At {at:.3g} the leading cause changes from {below} to {above}." for at, below, above in result.flips]
    return "\n".join(lines if result.flips else [*lines, "The leading cause does not change inside the interval."])


def two_way(
    result: TwoWay,
    stated: tuple[float, float] | None = None,
    palette: Palette = LIGHT,
    titles: tuple[str, str] | None = None,
) -> alt.LayerChart:
    """Draw the probability over two numbers, the border where the leading cause changes, and who leads on each side.

    stated : the published pair of values, drawn as a cross
    titles : what to call the two numbers on the axes; their columns when None
    """
    cells, borders, regions = _surface(result)
    across, upwards = titles or (result.first, result.second)
    x = alt.X("left:Q", title=across, scale=alt.Scale(nice=False, zero=False))
    y = alt.Y("bottom:Q", title=upwards, scale=alt.Scale(nice=False, zero=False))
    legend = alt.Legend(format="%", labelExpr=AS_IN_TEXT, title=f"P({result.cause})")
    # neighbours overlap by a hair so that no white lines show between cells
    surface = alt.Chart(cells).mark_rect(strokeWidth=0.6, aria=False).encode(
        x=x, x2="right:Q", y=y, y2="top:Q",
        color=alt.Color("probability:Q", scale=alt.Scale(range=[palette.least, palette.most]), legend=legend),
        stroke=alt.Stroke("probability:Q", scale=alt.Scale(range=[palette.least, palette.most]), legend=None),
    )  # fmt: skip
    layers = [surface]
    if len(borders):
        layers.append(alt.Chart(borders).mark_rule(color=palette.against, strokeWidth=2.5, aria=False).encode(
            x="left:Q", x2="right:Q", y="bottom:Q", y2="top:Q"))  # fmt: skip
    layers.append(alt.Chart(regions).mark_text(color=palette.ink, fontWeight="bold").encode(
        x="x:Q", y="y:Q", text="text:N"))  # fmt: skip
    if stated is not None:
        point = pd.DataFrame({"x": [stated[0]], "y": [stated[1]]})
        layers.append(alt.Chart(point).mark_point(shape="cross", size=110, filled=True, opacity=1, color=palette.ink)
                      .encode(x="x:Q", y="y:Q"))  # fmt: skip
    chart = alt.layer(*layers).properties(width=WIDTH, height=340)
    cross = " Cross: the published values." if stated is not None else ""
    subtitle = [f"Probability of {result.cause} while two numbers move over their own 90 % intervals.",
                f"Line: where the leading cause changes.{cross}"]  # fmt: skip
    return finished(chart, "Two numbers at once", subtitle, two_way_text(result), palette)


def two_way_text(result: TwoWay) -> str:
    """Return the same in sentences: the four corners, and how much of the rectangle each cause leads."""
    frame, first, second = result.frame, result.first, result.second
    ends = {name: (frame[name].min(), frame[name].max()) for name in (first, second)}
    rows = [
        (f"{first} {row[first]:.3g}, {second} {row[second]:.3g}", percent(row["probability"], 1), row["leader"])
        for row in records(frame)
        if row[first] in ends[first] and row[second] in ends[second]
    ]
    shares = frame["leader"].value_counts(normalize=True)
    led = "; ".join(f"{cause} leads in {percent(share, 1)} of the rectangle" for cause, share in shares.items())
    return f"{lined_up(('corner', result.cause, 'leader'), rows)}\n{led}."


def _surface(result: TwoWay) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return cells with their edges, the edges between cells with different leaders, and a label for each leader."""
    frame = result.frame.rename(columns={result.first: "x", result.second: "y"})
    columns, rows = sorted(frame["x"].unique()), sorted(frame["y"].unique())
    dx, dy = ((side[-1] - side[0]) / (len(side) - 1) / 2 for side in (columns, rows))
    cells = frame.assign(left=frame["x"] - dx, right=frame["x"] + dx, bottom=frame["y"] - dy, top=frame["y"] + dy)
    leader = {
        (columns.index(x), rows.index(y)): who
        for x, y, who in zip(cells["x"], cells["y"], cells["leader"], strict=True)
    }
    edges = []
    for (i, j), who in leader.items():
        x, y = columns[i] + dx, rows[j] + dy
        if leader.get((i + 1, j), who) != who:
            edges.append((x, x, y - 2 * dy, y))
        if leader.get((i, j + 1), who) != who:
            edges.append((x - 2 * dx, x, y, y))
    borders = pd.DataFrame(edges, columns=["left", "right", "bottom", "top"])
    regions = frame.groupby("leader", sort=False)[["x", "y"]].median().reset_index()
    regions["text"] = regions["leader"] + " leads"
    shares = frame["leader"].value_counts(normalize=True)
    regions = regions.set_index("leader").loc[[who for who, share in shares.items() if share >= LABELLED]].reset_index()
    return cells, borders, regions


def _leader(result: SensitivityFunction) -> str:
    """Return the cause that leads at the point nearest to the stated value."""
    at = min(range(len(result.frame)), key=lambda i: abs(float(result.frame.index[i]) - result.value))
    return str(result.frame.iloc[at].idxmax())


def _apart(places: list[float], least: float) -> list[float]:
    """Return label positions moved up until no two are nearer than `least`."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    return moved
