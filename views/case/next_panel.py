"""What to ask or test next: answered in place, weighed by cost, with the article's own next step beside it."""

from __future__ import annotations

from html import escape

import streamlit as st

from model import Posterior
from model.knowledge import Guidance
from views import actions, cached_models, session
from views.case.next_questions import next_questions
from views.case.next_view import NextView, as_cost, next_view, not_a_cost
from views.wording import literal, plain_number

LONGEST_COST = 12  # characters
ORDERS = ("Worth its cost", "Information alone")
KEY = "In the order of a work-up. Within a step the longer bar comes first: it tells more about all the causes."
BITS = "Bits: the same as a number. Cost: 1 is a routine blood test."


def next_panel(answer: Posterior, arithmetic: bool) -> NextView:
    """Draw the open questions of the visitor's case, and return them. arithmetic : with bits and costs"""
    st.html("<h3>Ask or test next</h3>")
    found = next_view(session.current_model(), answer, _costs(), session.chosen("order") != ORDERS[1])
    sums = f" {found.arithmetic}" if arithmetic and found.arithmetic else ""
    st.html(f'<p class="stop">{escape(found.reason)}{escape(sums)}</p>')
    if found.questions:
        st.html(f'<p class="legend">{KEY}{f" {BITS}" if arithmetic else ""}</p>')
    next_questions(found, arithmetic, actions.answer)
    if found.step:
        st.html(_step(found.step))
    _cost(found)
    return found


def _step(step: Guidance) -> str:
    claim = escape(step.claim.replace(";", ", "))
    return (
        f'<p class="scope"><b>The article’s next step</b> (claim {claim}): {escape(step.action)} '
        f"<b>Mind:</b> {escape(step.safety)}</p>"
    )


def _costs() -> dict[str, float]:
    """Return the costs the visitor changed, node -> cost in blood tests; what cannot be read changes nothing."""
    own = {row.node: row.burden for row in cached_models.knowledge().costs}
    held = {node: as_cost(session.chosen(f"cost_{node}", "")) for node in own}
    return {node: value for node, value in held.items() if value is not None and value != own[node]}


def _cost(found: NextView) -> None:
    with st.popover("Order and cost", key="cost", on_change="rerun") as opened:
        if not opened.open:
            return
        st.segmented_control("Choose by", ORDERS, default=ORDERS[0], required=True, key="order",
                             persist_state="session")  # fmt: skip
        st.caption(
            "Cost in blood tests: 1 is one routine draw for one test, on top of what it shares with others of its "
            "panel. The starting values are assumptions."
        )
        own = {row.node: plain_number(row.burden) for row in cached_models.knowledge().costs}
        offered = {question.test.test for question in found.questions}
        for node, cost in own.items():  # in the order of the table, and what was changed stays though it is not offered
            key = f"cost_{node}"
            if node not in offered and session.chosen(key, cost) == cost:
                continue
            session.offer(key, cost)
            label = cached_models.knowledge().nodes[node].short_label
            typed = st.text_input(label, max_chars=LONGEST_COST, key=key, persist_state="session")
            if as_cost(typed) is None:
                st.warning(literal(not_a_cost(typed, float(cost))))
        if found.later:
            st.caption(f"Known only later, so not on offer: {', '.join(found.later)}.")
