"""The numbers screen: every record with its reason and source; every claim; every source; where literature differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TypeVar

import streamlit as st

from model.sensitivity.literature import LiteratureAgainstArticle, literature_against_article
from model.wording import GRADES, KINDS, TAGS
from views import cached_models, session
from views.markup import record
from views.numbers import markup
from views.numbers.rows import number_rows, search, to_csv
from views.numbers.sources import claim_rows, difference_rows, matching, source_rows
from views.page_head import page_head
from views.record_card import RecordCard

PAGE = 40
READINGS = ("order", "word", "number", "literature", "assumption")
PARTS = ("Numbers", "Claims of the article", "Where literature differs", "Sources")
Row = TypeVar("Row")


@st.cache_resource(max_entries=8)
def _rows(setting: str) -> tuple[RecordCard, ...]:
    return number_rows(cached_models.diagnostic_model(setting))


def show() -> None:
    """Draw the screen."""
    rows = _rows(session.setting())
    knowledge = cached_models.knowledge()
    page_head(
        "Numbers and sources",
        f"All {len(rows)} numbers of the model, in every setting, each with its grade, its claim and its source.",
    )
    part = st.segmented_control("Show", PARTS, default=PARTS[0], required=True, key="part", on_change=_first_page,
                                label_visibility="collapsed", persist_state="session")  # fmt: skip
    words = st.text_input(
        "Search",
        key="find",
        type="search",
        live=True,
        placeholder="fever, Felty, link, V1, NHANES …",
        on_change=_first_page,
        persist_state="session",
    )
    if part == PARTS[1]:
        found = matching(claim_rows(knowledge, rows), words or "")
        _listing("claims", found, len(knowledge.claims), markup.claim, words)
    elif part == PARTS[2]:
        found = matching(difference_rows(knowledge, rows, _under_better_figures()), words or "")
        _listing("places where article and literature differ", found, len(knowledge.disagreements),
                 markup.difference, words)  # fmt: skip
    elif part == PARTS[3]:
        found = matching(source_rows(knowledge, rows), words or "")
        _listing("sources, those behind most numbers first", found, len(knowledge.sources), markup.source_row, words)
    else:
        _numbers(rows, words or "")


def _under_better_figures() -> LiteratureAgainstArticle | None:
    """Return what the visitor's case says under each better figure; None when it has no answer."""
    answer = session.result().posterior
    if answer is None:
        st.caption("The case on the Case screen has no answer, so what it would say under each figure is left out.")
        return None
    with st.spinner("Asking your case anew under each better figure", show_time=True):
        return literature_against_article(session.current_model(), answer, ends=False)


def _numbers(rows: Sequence[RecordCard], words: str) -> None:
    with st.container(horizontal=True, gap="medium", key="filters"):
        grades = st.pills("Grade", list(GRADES), selection_mode="multi", key="grades", wrap=True,
                          on_change=_first_page, persist_state="session")  # fmt: skip
        readings = st.pills("Reading", READINGS, selection_mode="multi", key="readings", wrap=True,
                            on_change=_first_page, persist_state="session")  # fmt: skip
        kinds = st.pills("Kind", list(KINDS), selection_mode="multi", key="kinds", format_func=KINDS.__getitem__,
                         wrap=True, on_change=_first_page, persist_state="session")  # fmt: skip
    grade_words = "; ".join(f"{grade}: {meaning}" for grade, meaning in GRADES.items())
    tag_words = "; ".join(f"{tag}: {meaning}" for tag, meaning in TAGS.items())
    st.html(f'<details class="scope"><summary>What grades and tags mean</summary>Grade {escape(grade_words)}. '
            f"{escape(tag_words)}.</details>")  # fmt: skip
    found = search(rows, words, grades, readings, kinds)
    _listing("numbers", found, len(rows), lambda card: record(card, where=True), words, download=lambda: to_csv(found))


def _listing(
    what: str,
    found: Sequence[Row],
    total: int,
    drawn: Callable[[Row], str],
    words: str | None,
    download: Callable[[], str] | None = None,
) -> None:
    """Draw what was found, a page at a time."""
    pages = max(1, -(-len(found) // PAGE))
    page = min(session.chosen("page", 0), pages - 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="legend" role="status">{len(found)} of {total} {what}</p>', width="content")
        if download:
            st.download_button("Download as CSV", data=download, file_name="neutropenia-numbers.csv", mime="text/csv",
                               on_click="ignore")  # fmt: skip
    st.html("".join(drawn(row) for row in found[page * PAGE : (page + 1) * PAGE]) or _nothing(words or ""))
    _turn(page, pages)


def _nothing(words: str) -> str:
    return f'<p class="legend">Nothing holds “{escape(words)}” with this choice. Try fewer words.</p>'


def _turn(page: int, pages: int) -> None:
    if pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Earlier", disabled=page == 0, on_click=session.choose, args=("page", page - 1))
        st.html(f'<p class="legend">Page {page + 1} of {pages}</p>', width="content")
        st.button("Later", disabled=page == pages - 1, on_click=session.choose, args=("page", page + 1))


def _first_page() -> None:
    session.choose("page", 0)
