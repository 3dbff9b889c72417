"""The ranked causes: bars that glide, a mark for the starting share, and a live region that survives updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model.wording import percent
from views.components.inline import Inline
from views.result_view import ResultView
from views.wording import came_from

FOLLOWS = "range: a moment"  # as wide as what will stand there
_component = Inline(
    __file__,
    """
<p class="sr" role="status" aria-live="polite"></p>
<ol class="causes"></ol>
<div class="strip" aria-hidden="true"></div>
""",
)


def ranked_causes(
    view: ResultView, focus: str, on_explain: Callable[[str], None], key: str = "ranked", alone: bool = False
) -> None:
    """Draw the ranking; `on_explain` gets the cause that was clicked, before the panel is drawn again.

    alone : beside each cause what the findings alone say, in place of where it came from
    """
    alone = alone and bool(view.alone)
    rows: list[dict[str, Any]] = [
        {
            "id": row.id,
            "rank": row.rank,
            "label": row.label,
            "percent": row.percent,
            "width": round(100 * row.probability, 2),
            "mark": round(100 * (view.alone[row.id] if alone else row.prior), 2),
            "beside": f"◆ alone {percent(view.alone[row.id])}" if alone else came_from(row.probability, row.prior),
            "range": f"range {row.interval.between}" if row.interval else FOLLOWS,
            "band": row.interval is not None,
            "low": round(100 * row.interval.low, 2) if row.interval else 0,
            "high": round(100 * row.interval.high, 2) if row.interval else 0,
            "note": "" if row.in_article else "not a cause in the article",
        }
        for row in view.causes
    ]
    data = {
        "rows": rows,
        "live": view.summary,
        "strip": view.summary,
        "focus": focus,
        "stop": view.status == "refused",
        "held": view.status == "held",
        "outside": view.outside,
        "alone": alone,
    }
    _component.draw(data, "explain", on_explain, key)
