"""How firm the answer is: other settings, whether the entries fit together, and what alone would change the leader."""

from __future__ import annotations

from html import escape

import streamlit as st

from model import Posterior
from views import markup, session
from views.case.firmness_view import ConflictView, Flip, conflict_view, exposures_view, flip_view
from views.result_view import ResultView

SIGNS = {"fits": "✓", "unusual": "!", "clash": "!"}


def firmness_panel(view: ResultView, answer: Posterior) -> None:
    """Draw what applies to the visitor's case, a line each; the last needs a moment, so the others stand before it."""
    model = session.current_model()
    found = conflict_view(model, answer)
    lines = [_conflict(found)] if found else []
    lines += [f"<p>{escape(said)}</p>" for said in (exposures_view(model, answer), view.elsewhere) if said]
    if lines:
        st.html(f'<div class="firmness">{"".join(lines)}</div>')
    with st.container(key="flip"):
        st.html(f'<div class="firmness">{_flip(flip_view(model, answer))}</div>')


def _conflict(found: ConflictView) -> str:
    return f'<p class="{found.level}"><b aria-hidden="true">{SIGNS[found.level]}</b> {escape(found.sentence)}</p>'


def _flip(flip: Flip) -> str:
    record = markup.record(flip.card) if flip.card else ""
    return f"<p>What would flip it: {escape(flip.sentence)}</p>{record}"
