"""A chart with its text twin, in the colours of the visitor's theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from views.chart_frame import palette


def chart_panel(draw: Callable[..., Any], text: Callable[[Any], str], result: Any, about: str, key: str) -> None:
    """Draw ``draw(result)`` on the page's own background and offer ``text(result)``; `about` names both."""
    chart = draw(result, palette=palette()).properties(background="transparent", description="")
    st.altair_chart(chart, theme=None, width="stretch", key=key, alt=f"{about}. The same as text follows.")
    with st.expander(f"{about} as text", type="compact"):
        st.code(text(result), language=None)
