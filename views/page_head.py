"""The top of every screen: title, what the model is not, what the last action did, and which numbers are replaced."""

from __future__ import annotations

import streamlit as st

from model.wording import record_title
from views import actions, cached_models, session
from views.wording import literal, number_text

DISCLAIMER = "Educational model of one article. Not validated on patients. Not for emergencies."


def page_head(title: str, about: str = "A ranking with its reasons, never a verdict.") -> None:
    """Draw the title, the disclaimer with one sentence `about` the screen, the notice and the replaced numbers."""
    with st.container(key="page_head"):
        st.title(title, anchor=False)
        st.html(f'<p class="disclaimer"><b>{DISCLAIMER}</b> {about}</p>')
    notice()
    replaced_numbers()


def notice() -> None:
    """Say what the last load or change did."""
    found: session.Notice | None = st.session_state.get("notice")
    if found is None:
        return
    show_it = {"error": st.error, "warning": st.warning, "info": st.info}[found.kind]
    show_it("  \n".join(literal(line) for line in found.lines))


def replaced_numbers() -> None:
    """Mark, on every screen, that numbers of the model are replaced in this visit, and offer them back."""
    numbers = session.numbers()
    if not numbers:
        return
    known = cached_models.knowledge()
    said = "; ".join(
        f"{literal(record_title(known, known.record(number)))} = {number_text(value)}"
        for number, value in numbers.items()
    )
    with st.container(key="replaced", horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**Not the model as published.** Replaced in this visit: {said}", width="stretch")
        st.button("Back to the model's own", key="restore_numbers", on_click=actions.restore_numbers)
