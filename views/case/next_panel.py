"""What to ask or test next: answered in place, weighed by effort, with the article's own next step beside it."""

from __future__ import annotations

from html import escape

import streamlit as st

from views import actions, cached_models, session
from views.case.next_questions import next_questions
from views.case.next_view import ArticleStep, NextView, next_view
from views.result_view import ResultView

ORDERS = ("Worth its effort", "Information alone")
BITS = "Bar and bits: how much the answer is expected to tell about all the causes. Effort: 1 is a routine blood test."


def next_panel(view: ResultView) -> None:
    """Draw the open questions of the visitor's case."""
    st.html("<h3>Ask or test next</h3>")
    found = next_view(
        session.current_model(), view.usable, session.outside(), _costs(), st.session_state.get("order") != ORDERS[1]
    )
    if found.problem:
        st.html(f'<p class="legend">{escape(found.problem)}</p>')
        return
    going_on = " Below, what would tell most if one went on." if found.stop else ""
    st.html(f'<p class="legend">{escape(found.reason)}{going_on}</p>')
    if found.questions:
        st.html(f'<p class="legend">{BITS}</p>')
    next_questions(found, actions.answer)
    if found.step:
        st.html(_step(found.step))
    _effort(found)


def _step(step: ArticleStep) -> str:
    return (
        f'<p class="scope"><b>The article’s next step</b> (claim {escape(step.claim)}): {escape(step.action)} '
        f"<b>Mind:</b> {escape(step.safety)}</p>"
    )


def _costs() -> dict[str, float]:
    """Return the efforts the visitor changed, node -> burden in blood tests."""
    held = {
        row.node: (st.session_state.get(f"cost_{row.node}"), row.burden) for row in cached_models.knowledge().burdens
    }
    return {node: float(value) for node, (value, own) in held.items() if value is not None and value != own}


def _effort(found: NextView) -> None:
    with st.popover("Order and effort", key="effort", on_change="rerun") as opened:
        if not opened.open:
            return
        st.segmented_control("Order by", ORDERS, default=ORDERS[0], required=True, key="order",
                             persist_state="session")  # fmt: skip
        st.caption(
            "Effort in blood tests: 1 is one routine draw for one test, on top of what it shares with others of its "
            "panel. The starting values are assumptions."
        )
        own = {row.node: row.burden for row in cached_models.knowledge().burdens}
        for question in found.questions:
            st.session_state.setdefault(f"cost_{question.id}", float(own[question.id]))
            st.number_input(
                question.label, min_value=0.0, max_value=1000.0, step=0.5, format="%g", key=f"cost_{question.id}",
                persist_state="session",
            )  # fmt: skip
        if found.later:
            st.caption(f"Known only later, so not on offer: {', '.join(found.later)}.")
