"""Charts of the model against a survey of the population: both intervals for each quantity, by what was held out."""

from __future__ import annotations

from math import isnan
from typing import Any

from model.charts.style import LIGHT, WIDTH, Palette, finished, lined_up, records, told_apart
from model.late import alt, pd
from model.validation import NhanesComparison
from model.validation.population.checks import CARRIED
from model.wording import percent, percent_range, signed

USES = {
    "held out": "Held out: no number was set from it",
    "near": "Near: a number was set with it in view",
    "input": "Input: a number was taken from it",
}
VERDICTS = {"agree": "", "model higher": "model higher", "model lower": "model lower"}


def survey(result: NhanesComparison, setting: str | None = None, palette: Palette = LIGHT) -> alt.VConcatChart:
    """Draw the comparison of one setting, by default the first. `result` is what ``nhanes_comparison`` returns."""
    chosen = _rows(result, setting)
    blocks = [chosen.loc[(chosen["use"] == use) & (chosen["kind"] != "risk")] for use in USES]
    titles = [*USES.values(), "Adults with this count, of all adults of the group"]
    parts = [
        _panel(block, title, palette)
        for block, title in zip([*blocks, chosen.loc[chosen["kind"] == "risk"]], titles, strict=True)
        if len(block)
    ]
    chart = alt.vconcat(*parts, spacing=14)
    name = chosen["setting"].iloc[0]
    subtitle = [f"Setting {name}. Circle: survey with 95 % interval; square: model with 90 % interval of its draws.",
                "In brackets: people behind the survey's figure. At the right: what differs by two standard errors.",
                *_population(result, name)]  # fmt: skip
    return finished(chart, "The model against the population", subtitle, survey_text(result, setting), palette)


def survey_text(result: NhanesComparison, setting: str | None = None) -> str:
    """Return the same as a table."""
    lines = []
    for row in records(_rows(result, setting)):
        found, model = (
            f"{percent(row[name], 1)} ({percent_range(row[f'{name}_low'], row[f'{name}_high'], 1)})"
            for name in ("survey", "model")
        )
        lines.append((row["name"], row["use"], found, model, _errors(row["z"]), row["verdict"]))
    head = ("of adults with the count, unless said", "use", "survey (95 %)", "model (90 %)", "z", "verdict")
    return lined_up(head, lines)


def _errors(z: float) -> str:
    return "–" if isnan(z) else signed(z)  # nobody of the survey had it, or everybody: no log odds


def _rows(result: NhanesComparison, setting: str | None) -> pd.DataFrame:
    frame = result.frame
    chosen = frame.loc[frame["setting"] == (frame["setting"].iloc[0] if setting is None else setting)]
    names = [f"{row['label']}{'' if row['years'] == CARRIED else ', ' + row['years']} ({row['people']})"
             for row in records(chosen)]  # fmt: skip
    order = {use: position for position, use in enumerate(USES)}
    return chosen.assign(name=names, order=[order[use] for use in chosen["use"]]).sort_values("order", kind="stable")


def _population(result: NhanesComparison, setting: str) -> list[str]:
    same, _ = result.populations[setting]
    return [] if same else ["This setting is about other people than the survey: a difference is no error in itself."]


def _panel(block: pd.DataFrame, title: str, palette: Palette) -> Any:
    sources = ["survey", "model"]
    kinds = told_apart("from", {"survey": (palette.against, "circle"), "model": (palette.favour, "square")})
    rows = [
        {"name": row["name"], "verdict": VERDICTS[row["verdict"]], "from": source, "share": row[source],
         "low": row[f"{source}_low"], "high": row[f"{source}_high"]}
        for row in records(block) for source in sources
    ]  # fmt: skip
    order = list(block["name"])
    base = alt.Chart(alt.InlineData(rows)).encode(
        y=alt.Y("name:N", sort=order, title=None), yOffset=alt.YOffset("from:N", sort=sources)
    )
    top = max(row["high"] for row in rows)
    axis = alt.X("low:Q", title=None, scale=alt.Scale(domain=[0, 1 if top > 0.2 else top * 1.05], nice=False),
                 axis=alt.Axis(format="%" if top > 0.2 else ".1%", tickCount=6))  # fmt: skip
    span = base.mark_rule(strokeWidth=2).encode(x=axis, x2="high:Q", color=kinds["color"])
    point = base.mark_point(filled=True, size=45, opacity=1).encode(x="share:Q", **kinds)
    verdict = (
        alt.Chart(alt.InlineData([row for row in rows if row["from"] == "model"]))
        .mark_text(align="left", color=palette.ink, fontSize=11)
        .encode(y=alt.Y("name:N", sort=order, title=None), x=alt.value(WIDTH + 6), text="verdict:N")
    )
    heading = alt.TitleParams(title, anchor="start", frame="group", fontSize=12, fontWeight="normal", color=palette.ink)
    return alt.layer(span, point, verdict).properties(width=WIDTH, height=alt.Step(9), title=heading)
