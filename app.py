"""The Streamlit app: the list of pages. Everything drawn is in ``views/``, everything computed in ``model/``.

Run with ``streamlit run app.py`` from any working directory.
"""

import sys
from pathlib import Path

import streamlit as st

ROOT = str(Path(__file__).resolve().parent)
if ROOT not in sys.path:  # Streamlit puts it there; other launchers may not
    sys.path.insert(0, ROOT)

from views import (  # noqa: E402
    about_page,
    case_page,
    cohort_page,
    compare_page,
    learn_page,
    network_page,
    numbers_page,
    sensitivity_page,
    session,
)
from views.components.tab_memory import tab_memory  # noqa: E402
from views.theme import apply_theme  # noqa: E402

page = st.navigation(
    [
        st.Page(case_page.show, title="Case", url_path="case", default=True),
        st.Page(compare_page.show, title="Compare", url_path="compare"),
        st.Page(sensitivity_page.show, title="Sensitivity", url_path="sensitivity"),
        st.Page(network_page.show, title="Network", url_path="network"),
        st.Page(numbers_page.show, title="Numbers and sources", url_path="numbers"),
        st.Page(cohort_page.show, title="Cohort", url_path="cohort"),
        st.Page(learn_page.show, title="Learn", url_path="learn"),
        st.Page(about_page.show, title="About", url_path="about"),
    ],
    position="top",
)
st.set_page_config(page_title=f"{page.title} · Causes of mild neutropenia", page_icon="🩸", layout="wide")
apply_theme()
session.begin()
page.run()
if page.url_path:  # the case screen, at the root, does both each time its results are drawn
    session.take_snapshot()
    tab_memory()
