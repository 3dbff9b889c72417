"""The sensitivity screen: which numbers decide this answer, one of them in detail, and what the answer rests on."""

from __future__ import annotations

from html import escape

import streamlit as st

from model import DiagnosticModel, Posterior
from model.charts import HAZARDS
from model.errors import ModelError
from model.sensitivity import one_way
from model.wording import percent
from views import actions, markup, session
from views.page_head import page_head
from views.result_view import ResultView, refusal
from views.sensitivity import view as texts
from views.sensitivity.number_detail import chosen_number, number_detail, number_places
from views.sensitivity.tabs import readers_tab, reliance_tab, remembered, surface_tab
from views.sensitivity.tornado import tornado
from views.wording import literal

SKELETON = 640  # pixels; about what the tornado takes


def show() -> None:
    """Draw the screen."""
    page_head("Sensitivity", "Which numbers of the model decide this answer, and how far each may move.")
    model = session.current_model()
    view = session.result()
    answer = view.posterior
    if answer is None:
        _refused(view)
        return
    for sentence in view.problems:
        st.warning(literal(sentence))
    cause = _cause(view)
    certificate = st.container(key="certificate")
    left, right = st.columns([11, 12], gap="medium")
    with right, st.container(key="number_side"):
        places = number_places(view)
    with left, st.container(key="tornado_side"):
        st.header("Numbers that move it most", anchor=False)
        st.html(
            '<p class="legend">Each number alone, from the low to the high end of its own 90 % interval. Right of the '
            "line (full) the cause becomes more probable, left of it (hatched) less. Choose a number to move it.</p>"
        )
        slot = st.container(key="tornado_slot")
    try:
        with slot, st.empty() if session.chosen("tornado_drawn") else st.skeleton(height=SKELETON):
            found = remembered(("one way", cause), lambda: one_way(model, answer, cause))
    except ModelError as error:
        slot.warning(literal(texts.impossible(error)))
        return
    shown = texts.sensitivity_view(model, found)
    certificate.html(f'<p class="scope"><b>Does one number decide?</b> {escape(shown.certificate)}</p>')
    session.choose("tornado_drawn", True)  # from then on the last one stays until the next is ready
    if not shown.bars:
        slot.html('<p class="legend">No number of the model moves this cause.</p>')
        return
    number, _ = chosen_number(shown)
    with slot:
        tornado(shown, number, lambda number: session.choose("number", number))
        _table(shown)
    number_detail(places, shown)
    _more(model, answer, shown)


def _refused(view: ResultView) -> None:
    title = "No answer" if view.banner.level == "in" else view.banner.title
    (st.error if view.banner.urgent else st.warning)(literal(refusal(view)), title=title)
    st.html(
        '<p class="legend">Without an answer there is nothing to be sensitive. Your entries are kept: '
        "change them on the Case screen.</p>"
    )


def _cause(view: ResultView) -> str:
    """Ask which cause: the one chosen here, else the one in focus on the case screen, else the leader."""
    rows = {row.id: row for row in view.causes}
    focus = session.chosen("focus", "")
    chosen, focus_then = session.chosen("asked_by_hand", ("", focus))
    by_hand = chosen if focus_then == focus else ""
    session.choose("asked", next(cause for cause in (by_hand, focus, view.causes[0].id) if cause in rows))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        cause = st.selectbox(
            "Cause",
            list(rows),
            format_func=lambda cause: rows[cause].label,  # the browser answers with the label: no number in it
            key="asked",
            on_change=actions.ask_cause,
            args=("asked",),
            width=420,
        )
        said = f"Rank {rows[cause].rank} of {len(rows)}, {percent(rows[cause].probability)}."
        st.html(f'<p class="legend">{said}</p>', width="content")
    return cause


def _table(shown: texts.SensitivityView) -> None:
    rows = [(bar.title, bar.ends, bar.turn_or_none) for bar in shown.bars[: 2 * texts.SHOWN]]
    with st.expander("The same as a table, and the next numbers"):
        caption = f"Numbers that move {shown.label}, now {percent(shown.probability)}"
        st.html(markup.table(("Number", "Probability over its interval", "Another cause leads"), rows, caption))
    st.html(f'<p class="legend">{escape(HAZARDS)}</p>')


def _more(model: DiagnosticModel, answer: Posterior, shown: texts.SensitivityView) -> None:
    """Draw the slower analyses, each only when its tab is open."""
    names = ("Two numbers at once", "What it rests on", "Swap the reader")
    tabs = st.tabs(names, key="more", on_change="rerun")
    for tab, draw in zip(tabs, (surface_tab, reliance_tab, readers_tab), strict=True):
        if tab.open:
            with tab:
                try:
                    draw(model, answer, shown)
                except ModelError as error:
                    st.warning(literal(texts.impossible(error)))
