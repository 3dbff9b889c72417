"""The numbers screen: every record of the model, searchable, with its reason and source."""

from __future__ import annotations

from html import escape

import streamlit as st

from views import cached_models, markup, session
from views.number_rows import number_rows, search, to_csv
from views.page_head import page_head
from views.provenance import RecordCard
from views.wording import GRADES

PAGE = 40
READINGS = ("order", "word", "number", "literature", "assumption")


@st.cache_resource(max_entries=8)
def _rows(setting: str) -> tuple[RecordCard, ...]:
    return number_rows(cached_models.diagnostic_model(setting))


def show() -> None:
    """Draw the screen."""
    rows = _rows(session.setting())
    page_head(
        "Numbers and sources",
        f"All {len(rows)} numbers of the model, in every setting, each with its grade, its claim and its source. "
        "Open a line for the reason.",
    )
    words = st.text_input(
        "Search",
        key="find",
        type="search",
        live=True,
        placeholder="fever, Felty, link, V1, NHANES …",
        on_change=_first_page,
        persist_state="session",
    )
    with st.container(horizontal=True, gap="large"):
        grades = st.pills("Grade", list(GRADES), selection_mode="multi", key="grades", on_change=_first_page,
                          persist_state="session")  # fmt: skip
        readings = st.pills("Reading", READINGS, selection_mode="multi", key="readings", on_change=_first_page,
                            persist_state="session")  # fmt: skip
    found = search(rows, words or "", grades, readings)
    pages = max(1, -(-len(found) // PAGE))
    page = min(st.session_state.get("page", 0), pages - 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="legend" role="status">{len(found)} of {len(rows)} numbers</p>', width="content")
        st.download_button("Download as CSV", data=lambda: to_csv(found), file_name="neutropenia-numbers.csv",
                           mime="text/csv", on_click="ignore")  # fmt: skip
    st.html("".join(markup.record(card) for card in found[page * PAGE : (page + 1) * PAGE]) or _nothing(words or ""))
    _turn(page, pages)


def _nothing(words: str) -> str:
    return f'<p class="legend">No number holds “{escape(words)}” with this choice. Try fewer words.</p>'


def _turn(page: int, pages: int) -> None:
    if pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Earlier", disabled=page == 0, on_click=_go, args=(page - 1,))
        st.html(f'<p class="legend">Page {page + 1} of {pages}</p>', width="content")
        st.button("Later", disabled=page == pages - 1, on_click=_go, args=(page + 1,))


def _go(page: int) -> None:
    st.session_state["page"] = page


def _first_page() -> None:
    st.session_state["page"] = 0
