"""For and against the cause in focus, in words or as a sum of decibans; a line opens onto the records behind it."""

from __future__ import annotations

from html import escape

import streamlit as st

from model.log_odds import DECIBANS, probability_at
from model.wording import percent, signed
from views import markup
from views.case.reasons_view import Reason, ReasonsView

WORDS = "“Without it”: what would be left had it not been entered. Open a line for the numbers behind it."
SCALE = "Decibans: 10 = odds times ten, 3 = odds doubled. Open a line for the numbers behind it."
MOST = 3  # dots of the strongest word


def reasons_panel(view: ReasonsView, arithmetic: bool, mark: str = "") -> None:
    """Draw what speaks for and against. arithmetic : as a sum of decibans, with all the numbers, instead of in words"""
    body = _problem(view) or (_sheet(view) if arithmetic else _words(view))
    st.html(f'<section class="reasons"><h3>For and against: {escape(view.label)}{escape(mark)}</h3>{body}</section>')


def _problem(view: ReasonsView) -> str:
    if view.problem:
        return f'<p class="legend">{escape(view.problem)}</p>'
    if not view.reasons:
        return '<p class="legend">Nothing is entered yet, so this is its share among people with such a count.</p>'
    return ""


def _words(view: ReasonsView) -> str:
    sides = (_side(view, True, "favour", "▲", "For"), _side(view, False, "against", "▼", "Against"))
    return f'<p class="legend">{WORDS}</p>{"".join(sides)}{_little(view)}'


def _side(view: ReasonsView, favour: bool, name: str, sign: str, title: str) -> str:
    reasons = view.side(favour)
    if not reasons:
        return f'<p class="legend"><b>{title}</b>: nothing that was entered, to speak of.</p>'
    lines = "".join(_said(reason, name) for reason in reasons)
    return f'<h4 class="{name}"><span aria-hidden="true">{sign}</span> {title}</h4>{lines}'


def _said(reason: Reason, side: str) -> str:
    dots = "●" * reason.rank + "○" * (MOST - reason.rank)
    return (
        f'<details class="reason said"><summary><span>{escape(reason.label)}: <b>{escape(reason.state)}</b></span>'
        f'<span class="how"><span class="dots-{side}" aria-hidden="true">{dots}</span> {escape(reason.word)}</span>'
        f'<span class="without">without it {percent(reason.without)}</span></summary>{_detail(reason)}</details>'
        f"{_opposite(reason)}"
    )


def _little(view: ReasonsView) -> str:
    if not view.little:
        return ""
    names = ", ".join(f"{escape(reason.label)}: <b>{escape(reason.state)}</b>" for reason in view.little)
    turned = "".join(_opposite(reason) for reason in view.little)
    few = "1 entry says" if len(view.little) == 1 else f"{len(view.little)} entries say"
    return (
        f'<details class="record"><summary><span class="what">{few} little</span></summary>'
        f'<p class="legend">{names}.</p></details>{turned}'
    )


def _opposite(reason: Reason) -> str:
    if not reason.opposite:
        return ""
    return f'<p class="opposite"><b>{escape(reason.label)}.</b> {escape(reason.opposite)}</p>'


def _sheet(view: ReasonsView) -> str:
    most = max(abs(reason.decibans) for reason in view.reasons)
    lines = "".join(_line(reason, most) for reason in view.reasons)
    start, end = (probability_at(decibans / DECIBANS) for decibans in (view.start, view.end))
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in view.sentences)
    return (
        f'<p class="legend">{SCALE}</p>{_sum("Before anything was entered", start, view.start)}{lines}'
        f"{_sum('Together', end, view.end, 'together')}"
        f'<details class="record"><summary><span class="what">The same in sentences</span></summary>'
        f'<div class="words">{said}</div></details>'
    )


def _sum(name: str, probability: float, weight: float, kind: str = "") -> str:
    return f'<p class="sum {kind}"><span>{name} ({percent(probability)})</span><b>{signed(weight)}</b></p>'


def _line(reason: Reason, most: float) -> str:
    side = "favour" if reason.decibans >= 0 else "against"
    width = 50 * abs(reason.decibans) / most if most > 0 else 0
    error = f"<small>± {reason.error:.1f}</small>" if reason.error >= 0.05 else ""
    alone = f"By itself {signed(reason.alone)}, after all the others {signed(reason.last)}."
    alone += " Sampled over the orders of so many entries, hence the ±." if error else ""
    return (
        f'<details class="reason"><summary><span>{escape(reason.label)}: <b>{escape(reason.state)}</b></span>'
        f'<span class="scale" aria-hidden="true"><span class="{side}" style="width:{width:.1f}%"></span></span>'
        f'<span class="db">{signed(reason.decibans)}{error}</span></summary>'
        f'<p class="legend">{alone}</p>{_detail(reason)}</details>{_opposite(reason)}'
    )


def _detail(reason: Reason) -> str:
    none = "No number links it to this cause directly; it acts through the other causes."
    return markup.records(reason.records) or f'<p class="legend">{none}</p>'
