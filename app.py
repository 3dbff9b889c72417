"""The Streamlit app: the list of pages. Everything drawn is in ``views/``, everything computed in ``model/``.

Run with ``streamlit run app.py`` from any working directory.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import streamlit as st

ROOT = str(Path(__file__).resolve().parent)
if ROOT not in sys.path:  # Streamlit puts it there; other launchers may not
    sys.path.insert(0, ROOT)

from views import session  # noqa: E402
from views.components.tab_memory import tab_memory  # noqa: E402
from views.page_head import apply_styles  # noqa: E402

SCREENS = {
    "case": "Case",
    "compare": "Compare",
    "sensitivity": "Sensitivity",
    "network": "Network",
    "numbers": "Numbers and sources",
    "cohort": "Cohort",
    "learn": "Learn",
    "about": "About",
}


def drawing(screen: str) -> Callable[[], None]:
    """Return what draws a screen; its module is loaded when first shown, so that the first chart waits for one only."""
    return lambda: import_module(f"views.{screen}.page").show()


pages = {
    name: st.Page(drawing(name), title=title, url_path=name, default=name == "case") for name, title in SCREENS.items()
}
page = st.navigation(list(pages.values()), position="top")
st.set_page_config(page_title=f"{page.title} · Causes of mild neutropenia", page_icon="🩸", layout="wide")
apply_styles()
session.begin()
if wanted := session.wanted_screen():
    st.switch_page(pages[wanted])
page.run()
if page.url_path:  # the case screen, at the root, does both each time its results are drawn
    session.take_snapshot()
    tab_memory()
