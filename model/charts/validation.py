"""Charts of how good the model is: how often the published authors' cause ranks first or second, and against what."""

from __future__ import annotations

from model.charts.style import LIGHT, WIDTH, Palette, finished, lined_up, records, rows, share_axis, told_apart
from model.late import alt, pd
from model.validation import CaseScores, Comparison
from model.wording import counted_share, signed


def accuracy(result: CaseScores, palette: Palette = LIGHT) -> alt.FacetChart:
    """Draw top-1 and top-2 accuracy of each cause with Wilson 95 % intervals."""
    shown = _groups(result)
    within = [
        shown[["findings", "group", "cases"]].assign(
            within=name, share=shown[key], low=shown[f"{key}_low"], high=shown[f"{key}_high"]
        )
        for key, name in (("top1", "first"), ("top2", "first or second"))
    ]
    frame = pd.concat(within, ignore_index=True)
    frame["name"] = [f"{group} ({cases})" for group, cases in zip(frame["group"], frame["cases"], strict=True)]
    kinds = told_apart(
        "within", {"first": (palette.favour, "circle"), "first or second": (palette.neutral, "square")},
        title="ranked", orient="right",
    )  # fmt: skip
    base = rows(frame).encode(yOffset=alt.YOffset("within:N", sort=["first", "first or second"]))
    span = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2).encode(
        x=share_axis("low", "share of the cases, with Wilson 95 % interval"), x2="high:Q", color=kinds["color"]
    )  # fmt: skip
    point = base.mark_point(filled=True, size=60, opacity=1).encode(x="share:Q", **kinds)
    chart = alt.layer(span, point).properties(width=WIDTH // 2, height=alt.Step(11)).facet(
        column=alt.Column("findings:N", title=None, sort=list(shown["findings"].drop_duplicates())), spacing=24
    )  # fmt: skip
    subtitle = ["Published patients, severe and exotic on the whole: they test the ranking, not how common causes are.",
                "In brackets: cases. Circle: the authors' cause ranks first; square: first or second."]  # fmt: skip
    return finished(chart, "How often the authors' cause comes first", subtitle, accuracy_text(result), palette)


def accuracy_text(result: CaseScores) -> str:
    """Return the same as a table."""
    lines = [
        (
            f"{row['group']}, {row['findings']}",
            str(row["cases"]),
            *(counted_share(row, top) for top in ("top1", "top2")),
        )
        for row in records(_groups(result))
    ]
    return lined_up(("cause", "cases", "first (95 % interval)", "first or second"), lines)


def _groups(result: CaseScores) -> pd.DataFrame:
    """Return the scores by cause and together; whether the diagnosis was our reading is left out."""
    scores: pd.DataFrame = result.scores
    return scores.loc[~scores["group"].isin(["implied", "without implied"])]


def baselines(result: Comparison, palette: Palette = LIGHT) -> alt.FacetChart:
    """Draw by how much the log score of each baseline is worse. `result` is what ``validation.compare`` returns."""
    frame = pd.DataFrame(_log_differences(result))
    frame["verdict"] = [_VERDICT[bool(beaten)] for beaten in frame["beaten"]]
    kinds = told_apart(
        "verdict", {_VERDICT[True]: (palette.favour, "circle"), _VERDICT[False]: (palette.against, "triangle-up")},
        orient="bottom",
    )  # fmt: skip
    base = rows(frame, "method")
    zero = alt.Chart().mark_rule(color=palette.ink, strokeDash=[4, 3]).encode(x=alt.datum(0))
    span = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="log score worse than the model's, nats a case"), x2="high:Q", color=kinds["color"]
    )
    point = base.mark_point(filled=True, size=70, opacity=1).encode(x="difference:Q", **kinds)
    chart = alt.layer(zero, span, point, data=frame).properties(width=WIDTH // 2, height=alt.Step(24)).facet(
        column=alt.Column("findings:N", title=None, sort=list(dict.fromkeys(frame["findings"]))), spacing=24
    )  # fmt: skip
    subtitle = [f"Setting {result.setting}. Bars: 95 % of {result.replicates} bootstrap samples of the patients.",
                "Right of the dashed line the model is better. A triangle: chance could explain it."]  # fmt: skip
    return finished(chart, "The model against methods that know less", subtitle, baselines_text(result), palette)


def baselines_text(result: Comparison) -> str:
    """Return the same as a table."""
    lines = [
        (f"{row['method']}, {row['findings']}", signed(row["difference"], 2),
         f"{signed(row['low'], 2)} to {signed(row['high'], 2)}", _VERDICT[bool(row["beaten"])])
        for row in _log_differences(result)
    ]  # fmt: skip
    return lined_up(("method", "log score worse by", "95 % interval", "verdict"), lines)


_VERDICT = {True: "model better", False: "could be chance"}


def _log_differences(result: Comparison) -> list[dict]:
    return [row for row in records(result.differences) if row["score"] == "log_score"]
