"""The course over time: added as text or as a medicine with its dates, drawn, listed, and what follows from it."""

from __future__ import annotations

from html import escape

import streamlit as st

from model.evidence.course import COURSE
from model.report import course_picture, course_rows, follow_lines
from views import actions, cached_models, markup, session
from views.case.entered_view import OVER_TIME
from views.case.time_line import time_line
from views.wording import literal, unit_text

TEXT, NAME, START, STOP, SUSPECTED, GONE = (
    f"course_{name}" for name in ("text", "name", "start", "stop", "suspected", "gone")
)
LONGEST = 20_000  # characters of a text
EXAMPLE = "2026-03-12 900\nclozapine from 2026-01-20\n2026-03-10 fever"
PICTURE = 380  # units of the picture from left to right


@st.fragment(key=actions.folded(OVER_TIME))
def course_panel() -> None:
    """Draw the panel behind its heading; it is drawn again alone while nothing is added."""
    session.page_wanted()
    lines = session.lines(COURSE)
    heading = f"**Course over time**{f' · {len(lines)} entered' if lines else ''}"
    opened = bool(session.chosen(f"open_{OVER_TIME}"))
    with st.expander(heading, opened, key=f"group_{OVER_TIME}", on_change=actions.unfold, args=(OVER_TIME,)):
        _text()
        _medicine()
        for said in session.chosen(f"{TEXT}_said", ()):
            st.warning(literal(said))
        if lines:
            _course(lines)


def _text() -> None:
    with st.form("course_form", border=False):
        st.text_area(
            "Counts, medicines, fever and infections, one a line with its date",
            key=TEXT,
            height=104,
            max_chars=LONGEST,
            placeholder=EXAMPLE,
            help="Dates as 2026-03-12 or 12 Mar 2026. Laboratory text with several dates can be pasted too. Dates stay "
            "in the case and its file; a link holds only what follows from them.",
        )
        st.form_submit_button("Add to the course", on_click=actions.add_course, args=(TEXT,))


def _medicine() -> None:
    names = cached_models.medicine_names()
    with st.form("course_medicine", border=False):
        st.selectbox(
            "Or a medicine with its dates",
            list(names),
            index=None,
            format_func=lambda spelling: names.get(spelling, spelling),
            key=NAME,
            placeholder="Three letters of a name, then Enter",
        )
        with st.container(key="course_dates", horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input("Start", key=START, max_chars=40, placeholder="2026-01-20", width=120)
            st.text_input("Stop, if stopped", key=STOP, max_chars=40, placeholder="2026-03-12", width=120)
            st.checkbox("Suspected", key=SUSPECTED)
            st.form_submit_button(
                "Add medicine",
                on_click=actions.add_dated_medicine,
                args=(NAME, START, STOP, SUSPECTED, TEXT),
            )


def _course(lines: tuple[object, ...]) -> None:
    """Draw the time line, its table, what follows, and the way to take an entry out."""
    knowledge, (read, unread), entered = cached_models.knowledge(), session.read(), session.evidence()
    for each in unread:
        if each.node == COURSE:
            st.warning(literal(each.sentence))
    if read.course is not None:
        follows = "".join(
            f"<li{' class=open' if not line.state else ''}>{escape(unit_text(line.sentence))}</li>"
            for line in follow_lines(knowledge, read, entered)
        )
        rows = [(row.when, unit_text(row.what), row.read) for row in course_rows(knowledge, read)]
        twin = markup.table(("Date", "Entry", "How it counts"), rows, "Course over time")
        if picture := course_picture(knowledge, read.course, PICTURE):
            time_line(picture)
        st.html(
            f'<h3 class="course">What follows</h3><ul class="follows">{follows}</ul>'
            '<p class="legend">Answer a question itself, and that answer counts instead.</p>'
            f'<details><summary>The entries as a table</summary><div class="fits">{twin}</div></details>'
        )
    with st.container(key="course_out", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox("Take an entry out", lines, index=None, key=GONE, format_func=str, placeholder="Choose an entry")
        st.button("Take out", key="course_drop", on_click=actions.drop_course, args=(GONE,))
