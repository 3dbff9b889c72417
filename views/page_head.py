"""The top of every screen: its look, title, what the model is not, what was done last, which numbers are replaced."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from model.wording import number_text, record_title
from views import actions, cached_models, session
from views.wording import literal

DISCLAIMER = "Educational model of one article. Not validated on patients. Not for emergencies."


STYLES = ("styles.css", "contrast.css", "paper.css")
_in_the_page: set[str] = set()


def styles_are_in_the_page() -> str:
    """Return the style sheet for a server that puts it into the page itself: then no screen brings it along."""
    _in_the_page.update(STYLES)
    return _styles()


def apply_styles() -> None:
    """Add the style sheets: the look that Streamlit's theme cannot give, for light and dark alike."""
    if not _in_the_page:
        st.html(f"<style>{_styles()}</style>")


def _styles() -> str:
    return "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in STYLES)


def page_head(title: str, about: str = "A ranking with its reasons, never a verdict.") -> None:
    """Draw the title, the disclaimer with one sentence `about` the screen, the notice and the replaced numbers."""
    with st.container(key="page_head"):
        st.title(title, anchor=False)
        st.html(f'<p class="disclaimer"><b>{DISCLAIMER}</b> {about}</p>')
    notice()
    replaced_numbers()


def notice() -> None:
    """Say what the last load or change did."""
    found = session.notice()
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
