"""The tornado: one button a number, its bar over the number's own interval; a click picks the number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from views.sensitivity.view import SHOWN, SensitivityView
from views.wording import percent

HERE = Path(__file__).parent
HTML = """
<p class="scale" aria-hidden="true"><span class="least"></span><span class="now"></span><span class="most"></span></p>
<ol class="numbers"></ol>
"""

_component = component(
    "tornado",
    html=HTML,
    css=(HERE / "tornado.css").read_text(encoding="utf-8"),
    js=(HERE / "tornado.js").read_text(encoding="utf-8"),
)


def tornado(view: SensitivityView, picked: str, on_pick: Callable[[str], None], key: str = "tornado") -> None:
    """Draw the widest bars; `on_pick` gets the number that was clicked, before the page is drawn again."""

    def clicked() -> None:
        chosen = st.session_state[key].pick
        if chosen:
            on_pick(str(chosen))

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
    _component(data=data, key=key, on_pick_change=clicked, height="content")
