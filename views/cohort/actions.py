"""The visitor's table of patients in Streamlit's session state, and what the buttons of the cohort screen do to it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from views import session
from views.cached_models import knowledge
from views.cohort.view import EXAMPLE, Scored, Upload, case_of_row, example, file_name

TABLE, SCORED, PENDING, WRONG = "cohort_table", "cohort_scored", "cohort_pending", "cohort_wrong"


@dataclass(frozen=True)
class Pending:
    """A file that came in and is not checked yet."""

    name: str
    content: bytes


def table() -> Upload | None:
    """Return the visitor's table."""
    return st.session_state.get(TABLE)


def scored() -> Scored | None:
    """Return the visitor's table with its probabilities."""
    return st.session_state.get(SCORED)


def take_file() -> None:
    """Handle an uploaded table; it is checked when the page is drawn, where a bar can show progress."""
    uploads = st.session_state.get("cohort_uploads", 0)
    uploaded = st.session_state.get(f"cohort_upload_{uploads}")
    if uploaded is None:
        return
    st.session_state["cohort_uploads"] = uploads + 1  # a new key empties the uploader, so the same file can come again
    st.session_state[PENDING] = Pending(file_name(uploaded.name), uploaded.getvalue())


def take_example() -> None:
    """Handle the button that tries the published cases."""
    st.session_state[PENDING] = Pending(EXAMPLE, example(knowledge()).encode())


def accept(upload: Upload) -> None:
    """Put a checked table in place of the one before."""
    st.session_state[TABLE], st.session_state[SCORED], st.session_state["cohort_page"] = upload, None, 0


def forget() -> None:
    """Drop the table and everything read from it."""
    for key in (TABLE, SCORED, PENDING, WRONG):
        st.session_state[key] = None


def score_asked() -> None:
    """Handle the button that scores; the work is done when the page is drawn."""
    st.session_state["cohort_score"] = True


def choice_changed() -> None:
    """Handle another setting or scope: what was scored with the other no longer holds."""
    st.session_state[SCORED] = None


def turn(page: int) -> None:
    """Go to a page of the preview."""
    st.session_state["cohort_page"] = page


def open_row(number: int) -> None:
    """Open a row as the visitor's case, and go to the case screen."""
    found, result = table(), scored()
    if found is None or result is None or not 1 <= number <= len(result.table):
        return
    opened, warnings = case_of_row(knowledge(), result, number, found.name)
    lines = (f"Opened: row {number} of {found.name}. Undo brings the case before back.", *warnings)
    session.open_case(opened, session.OWN_CASE, session.Notice("warning" if warnings else "info", lines))
    st.session_state["cohort_go"] = True
