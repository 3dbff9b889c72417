"""How firm the answer is: do the entries fit together, do other settings agree, and what alone would change it."""

from __future__ import annotations

from html import escape

import streamlit as st

from model import Posterior
from model.decision import NextTests
from views import markup, session
from views.case.changes_view import TITLES, ChangesView, changes_view
from views.case.firmness_view import ConflictView, conflict_view, exposures_view
from views.result_view import ResultView

LEGEND = '<p class="legend">What alone would put another cause first; if nothing would, what moves the leader most.</p>'
SIGNS = {"fits": "✓", "unusual": "!", "clash": "!"}


def firmness_panel(view: ResultView, answer: Posterior, following: NextTests, arithmetic: bool) -> None:
    """Draw what applies to the visitor's case, a line each; the last needs a moment, so the others stand before it."""
    model = session.current_model()
    found = conflict_view(model, answer)
    lines = [_conflict(found)] if found else []
    lines += [f"<p>{escape(said)}</p>" for said in (exposures_view(model, answer, arithmetic), view.elsewhere) if said]
    if lines:
        st.html(f'<div class="firmness">{"".join(lines)}</div>')
    st.html(_changes(changes_view(model, answer, following)))


def _conflict(found: ConflictView) -> str:
    return f'<p class="{found.level}"><b aria-hidden="true">{SIGNS[found.level]}</b> {escape(found.sentence)}</p>'


def _changes(found: ChangesView) -> str:
    rows = "".join(
        f"<dt{' class=turns' if line.changes else ''}>{TITLES[line.kind]}</dt><dd>{escape(line.sentence)}"
        f"{markup.record(found.card) if line.kind == 'number' and found.card else ''}</dd>"
        for line in found.lines
    )
    return f'<section class="changes"><h3>What would change it</h3>{LEGEND}<dl>{rows}</dl></section>'
