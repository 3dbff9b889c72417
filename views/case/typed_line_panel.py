"""The line on top of the questions: drawn again alone while it is typed, and with everything once it is entered."""

from __future__ import annotations

import streamlit as st

from views import actions, cached_models, session
from views.case.typed_line import typed_line
from views.case.typed_line_view import typed_view
from views.line import LINE, Line, units_beside


@st.fragment(key="typed_line_panel")
def typed_line_panel() -> None:
    """Draw the line and how it reads so far."""
    session.page_wanted()
    line: Line = session.chosen(LINE, Line())
    units = units_beside(session.entries())
    view = typed_view(cached_models.knowledge(), line, {"sex": session.sex()}, units)
    typed_line(line.text, line.turn, view, actions.type_line, actions.enter_line)
