"""The tab's memory: keeps the visit in the browser's own storage for this tab, and brings it back after a reload.

Nothing is sent anywhere and nothing goes into the address; the browser forgets it when the tab is closed.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from views import session

KEY = "tab_memory"
_component = component(
    "tab_memory",
    html="<span hidden></span>",
    js=(Path(__file__).parent / "tab_memory.js").read_text(encoding="utf-8"),
)


def tab_memory() -> None:
    """Keep the visit as it stands; at the end of every run."""
    _component(
        data={"fresh": st.session_state["fresh"], "visit": session.visit().to_text()},
        key=KEY,
        on_restore_change=_restore,
        height="content",
    )


def _restore() -> None:
    text = st.session_state[KEY].restore
    if text and st.session_state["fresh"]:
        session.restore_visit(str(text))
