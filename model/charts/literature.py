"""Chart of the literature against the article: one answer as it is, and under each better figure."""

from __future__ import annotations

from model.charts.style import LIGHT, STEP, WIDTH, Palette, finished, lined_up, rows, share_axis
from model.late import alt, pd
from model.sensitivity.literature import LiteratureAgainstArticle, Replaced, UnderFigure
from model.wording import percent, percent_range, signed

VISIBLE = 0.0005  # a smaller change shows neither in a chart nor in a rounded percentage


def literature(result: LiteratureAgainstArticle, palette: Palette = LIGHT) -> alt.LayerChart:
    """Draw, for each figure that moves the answer, the cause it moves most: as it stands and under the figure."""
    moving = []
    for figure in sorted(result.figures, key=lambda figure: -abs(figure.change)):
        if abs(figure.change) >= VISIBLE:
            low, high = _ends(figure)
            moving.append({
                "name": f"{figure.disagreement}  {figure.label}: {figure.moved}",
                "model": result.causes[figure.moved], "figure": figure.causes[figure.moved], "low": low, "high": high,
                "direction": "up" if figure.change > 0 else "down",
                "said": f"{figure.leader} leads" if figure.leader != result.leader else "",
            })  # fmt: skip
    columns = ["name", "model", "figure", "low", "high", "direction", "said"]
    base = rows(pd.DataFrame(moving, columns=columns))
    colour = alt.Color(
        "direction:N", legend=None, scale=alt.Scale(domain=["up", "down"], range=[palette.favour, palette.against])
    )
    acts = share_axis("model", "probability that the cause acts")
    layers = [
        base.mark_rule(strokeWidth=7, opacity=0.25).encode(x="low:Q", x2="high:Q", color=colour),
        base.mark_rule(strokeWidth=2).encode(x=acts, x2="figure:Q", color=colour),
        base.mark_tick(color=palette.ink, thickness=2, height=13, opacity=1).encode(x="model:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x="figure:Q", color=colour),
        base.mark_text(align="left", color=palette.ink, fontSize=10).encode(x=alt.value(WIDTH + 8), text="said:N"),
    ]
    still = len(result.figures) - len(moving)
    subtitle = [
        "Tick: the model as it is. Point: under that one figure, everything else as it is; band: its interval.",
        f"{still} other figures do not move this answer; {len(result.not_run)} points have no figure that can be run.",
    ]
    title = "The literature against the article"
    return finished(alt.layer(*layers), title, subtitle, literature_text(result), palette, STEP)


def literature_text(result: LiteratureAgainstArticle) -> str:
    """Return the same as a table, the figures that move nothing included, then why the rest could not be run."""
    lines = []
    for figure in result.figures:
        before, after = result.causes[figure.moved], figure.causes[figure.moved]
        if abs(figure.change) < VISIBLE:
            moves: tuple[str, ...] = ("nothing", "", "", "", "")
        else:
            low, high = _ends(figure)
            between = "" if low is None or high is None else percent_range(low, high, 1)
            moves = (figure.moved, percent(before, 1), percent(after, 1), between, signed(100 * figure.change))
        head = f"{figure.disagreement} {figure.label}"
        lines.append((head, _replaced(figure.replaced), *moves, figure.leader))
    head = ("better figure", "in place of", "moves most", "model", "under it", "over its interval", "points", "leads")
    table = lined_up(head, lines)
    why = [f"{point.disagreement}, {point.why}: {point.reason}" for point in result.not_run]
    return "\n".join([table, "", "Not run:", *why])


def _ends(figure: UnderFigure) -> tuple[float | None, float | None]:
    """Return the least and the largest probability of the moved cause over the figure's interval, or None twice."""
    if not figure.at_low:
        return None, None
    ends = (figure.at_low[figure.moved], figure.at_high[figure.moved])
    return min(ends), max(ends)


def _replaced(replaced: tuple[Replaced, ...]) -> str:
    if any(each.in_model is None for each in replaced):
        return "the setting"
    return ", ".join(f"{each.in_model:.3g} -> {each.row.value:.3g}" for each in replaced)
