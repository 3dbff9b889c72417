"""The tornado: one button a number, its bar over the number's own interval; a click picks the number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model.wording import percent
from views.components.inline import Inline
from views.sensitivity.view import SHOWN, SensitivityView

_component = Inline(
    __file__,
    """
<p class="scale" aria-hidden="true"><span class="least"></span><span class="now"></span><span class="most"></span></p>
<ol class="numbers"></ol>
""",
)


def tornado(view: SensitivityView, picked: str, on_pick: Callable[[str], None]) -> None:
    """Draw the widest bars; `on_pick` gets the number that was clicked, before the page is drawn again."""
    least, most = view.axis

    def place(probability: float) -> float:
        return round(100 * (probability - least) / (most - least), 2) if most > least else 50.0

    rows: list[dict[str, Any]] = [
        {
            "id": bar.id,
            "title": bar.title + (" (replaced)" if bar.replaced else ""),
            "low": place(bar.at_low),
            "high": place(bar.at_high),
            "ends": bar.ends,
            "turn": bar.turn,
            "inside": bar.inside,
        }
        for bar in view.bars[:SHOWN]
    ]
    data = {
        "rows": rows,
        "picked": picked,
        "now": place(view.probability),
        "scale": [percent(least), f"now {percent(view.probability)}", percent(most)],
    }
    _component.draw(data, "pick", on_pick)
