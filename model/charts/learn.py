"""Charts of learning: one cause's way through the findings, and stated belief against how often it was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.charts.style import LIGHT, STEP, Palette, finished, lined_up
from model.explanation import ReplayStep
from model.late import alt, pd
from model.wording import percent, signed

Line = tuple[str, float, float]  # finding, decibans, probability after it


def replay_lines(steps: Sequence[ReplayStep], cause: str, names: Mapping[str, str]) -> tuple[Line, ...]:
    """Return what :func:`replay_steps` draws; `names` gives each finding in words."""
    return tuple((names.get(step.node, "Before"), step.decibans[cause], step.acting[cause]) for step in steps)


def replay_steps(lines: Sequence[Line], palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw each finding's step in decibans, in the order they were entered."""
    frame = pd.DataFrame([(f"{at}. {name}", step, f"{signed(step)}  ({percent(after, 1)})")
                          for at, (name, step, after) in enumerate(lines) if at],
                         columns=["name", "step", "shown"])  # fmt: skip
    frame["end"] = frame["step"].clip(lower=0)
    moves = [step for _, step, _ in lines[1:]]
    least, most = min(moves, default=0.0), max(moves, default=0.0)
    least, most = min(least, 0.0), max(most, 0.0)
    domain = [least, most + 0.9 * max(most - least, 1.0)]  # room for the numbers at the right
    base = alt.Chart(frame).encode(y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)))
    bar = base.mark_bar(height=13).encode(
        x=alt.X("step:Q", title="decibans (10 = ten times the odds)", scale=alt.Scale(domain=domain),
                axis=alt.Axis(tickCount=4)),
        color=alt.condition("datum.step >= 0", alt.value(palette.favour), alt.value(palette.against)),
    )  # fmt: skip
    number = base.mark_text(align="left", dx=5, fontSize=11, color=palette.ink).encode(x="end:Q", text="shown:N")
    zero = base.mark_rule(color=palette.ink).encode(x=alt.datum(0))
    chart = alt.layer(bar, zero, number)
    subtitle = ["Right (+) for, left (\N{MINUS SIGN}) against.", "In brackets: the probability then."]
    return finished(chart, "Finding by finding", subtitle, replay_steps_text(lines), palette, STEP)


def replay_steps_text(lines: Sequence[Line]) -> str:
    """Return the same as a table, the starting probability first."""
    rows = [(name, signed(step) if at else "", percent(after, 1)) for at, (name, step, after) in enumerate(lines)]
    return lined_up(("finding", "decibans", "probability"), rows)
