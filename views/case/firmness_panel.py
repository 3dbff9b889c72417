"""How firm the answer is: other settings, whether the entries fit together, and what alone would change the leader."""

from __future__ import annotations

from html import escape

import streamlit as st

from model import Posterior
from views import markup, session
from views.case.firmness_view import ConflictView, Flip, conflict_view, flip_view
from views.result_view import ResultView

SIGNS = {"fits": "✓", "unusual": "!", "clash": "!"}


def firmness_panel(view: ResultView, answer: Posterior) -> None:
    """Draw the three lines of the visitor's case; the last needs a moment, so the others stand before it."""
    model = session.current_model()
    found = conflict_view(model, answer)
    lines = [_conflict(found)] if found else []
    if view.elsewhere:
        lines.append(f"<p>{escape(view.elsewhere)}</p>")
    if lines:
        st.html(f'<div class="firmness">{"".join(lines)}</div>')
    with st.container(key="flip"):
        st.html(f'<div class="firmness">{_flip(flip_view(model, answer))}</div>')


def _conflict(found: ConflictView) -> str:
    check = f" {escape(found.check)}" if found.check else ""
    return (
        f'<p class="{found.level}"><b aria-hidden="true">{SIGNS[found.level]}</b> {escape(found.sentence)}{check}</p>'
    )


def _flip(flip: Flip) -> str:
    record = markup.record(flip.card) if flip.card else ""
    return f"<p>What would flip it: {escape(flip.sentence)}</p>{record}"
