"""For and against the cause in focus, as a balance sheet whose lines open onto the records behind them."""

from __future__ import annotations

from html import escape

import streamlit as st

from model.log_odds import DECIBANS, probability_at
from model.wording import percent, signed
from views import markup
from views.case.reasons_view import Reason, ReasonsView

SCALE = "Decibans: 10 = odds times ten, 3 = odds doubled. Open a line for the numbers behind it."


def reasons_panel(view: ReasonsView, mark: str = "") -> None:
    """Draw the balance sheet."""
    st.html(
        f'<section class="reasons"><h3>For and against: {escape(view.label)}{escape(mark)}</h3>{_body(view)}</section>'
    )


def _body(view: ReasonsView) -> str:
    if view.problem:
        return f'<p class="legend">{escape(view.problem)}</p>'
    if not view.reasons:
        return '<p class="legend">Nothing is entered yet, so this is its share among people with such a count.</p>'
    most = max(abs(reason.decibans) for reason in view.reasons)
    lines = "".join(_line(reason, most) for reason in view.reasons)
    start, end = (probability_at(decibans / DECIBANS) for decibans in (view.start, view.end))
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in view.sentences)
    return (
        f'<p class="legend">{SCALE}</p>{_sum("Before anything was entered", start, view.start)}{lines}'
        f"{_sum('Together', end, view.end, 'together')}"
        f'<details class="record"><summary><span class="what">The same in words</span></summary>'
        f'<div class="words">{said}</div></details>'
    )


def _sum(name: str, probability: float, weight: float, kind: str = "") -> str:
    return f'<p class="sum {kind}"><span>{name} ({percent(probability)})</span><b>{signed(weight)}</b></p>'


def _line(reason: Reason, most: float) -> str:
    side = "favour" if reason.decibans >= 0 else "against"
    width = 50 * abs(reason.decibans) / most if most > 0 else 0
    note = "depends on the others" if reason.depends else ""
    error = f"<small>± {reason.error:.1f}</small>" if reason.error >= 0.05 else ""
    records = markup.records(reason.records)
    none = "No number links it to this cause directly; it acts through the other causes."
    detail = records or f'<p class="legend">{none}</p>'
    alone = f"By itself {signed(reason.alone)}, after all the others {signed(reason.last)}."
    alone += " Sampled over the orders of so many entries, hence the ±." if error else ""
    return (
        f'<details class="reason"><summary><span>{escape(reason.label)}: <b>{escape(reason.state)}</b></span>'
        f'<span class="scale" aria-hidden="true"><span class="{side}" style="width:{width:.1f}%"></span></span>'
        f'<span class="db">{signed(reason.decibans)}{error}</span></summary>'
        f'<p class="legend">{alone} {note}</p>{detail}</details>'
    )
