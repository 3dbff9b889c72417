"""The right side of the case screen: scope and entries first, then the ranked causes, how firm, why, and what next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from model.sensitivity import CauseLine
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.wording import percent
from views import actions, cached_models, markup, session
from views.case.entered_chips import draw_chips
from views.case.entered_view import entered_chips
from views.case.firmness_panel import firmness_panel
from views.case.next_panel import next_panel
from views.case.reasons_panel import reasons_panel
from views.case.reasons_view import reasons_view
from views.case.share_basis import KappaLine, share_basis
from views.components.ranked_causes import ranked_causes
from views.components.tab_memory import tab_memory
from views.result_view import ResultView, mark
from views.wording import change, literal


@st.fragment(key=session.RESULTS)
def result_panel() -> None:
    """Draw scope and ranking. A finding that is clicked draws only this, and then the details, again.

    A model that is new to the server answers before its numbers are drawn; the ranges follow.
    """
    session.page_wanted()
    draws = QUICK_DRAWS if cached_models.has_ranges(*session.model_key()) else 0
    others = cached_models.other_models(session.setting())
    view = session.result(last=session.chosen("last"), draws=draws, others=others)
    if view.status == "answer":
        session.choose("last", view)
    session.choose("shown", view)
    _banner(view)
    _problems(view)
    asked, held = cached_models.questionnaire(), session.evidence()
    draw_chips(
        entered_chips(cached_models.knowledge(), asked, held, session.kept(), session.read()),
        actions.take_back,
        actions.show_question,
    )
    alone = _heading(view) if view.causes else False
    ranked_causes(view, _focus(view), actions.focus_on, alone=alone)
    session.take_snapshot()
    tab_memory()


@st.fragment(key=session.DETAILS)
def detail_panel() -> None:
    """Draw how firm the ranking is, why, and what to ask next; what takes longest is drawn last."""
    session.page_wanted()
    view: ResultView = session.chosen("shown")
    answer = view.posterior
    if answer is None:
        return
    if not cached_models.has_ranges(*session.model_key()):
        cached_models.diagnostic_model(*session.model_key())
        st.rerun()
    focus = _focus(view)
    firmness = st.container(key="firmness")  # its place above what is drawn before it
    arithmetic = st.toggle("Show the arithmetic", key="arithmetic", persist_state="session", help=ARITHMETIC)
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="reasons"):
        reasons_panel(reasons_view(session.current_model(), answer, focus), arithmetic, mark(view))
    with right, st.container(key="next_panel"):
        following = next_panel(answer, arithmetic)
    _behind(view, focus, arithmetic)
    with firmness:
        firmness_panel(view, answer, following.tests, arithmetic)


COLUMNS = ("Cause", "Now", "90 % range", "Leads", "Before", "Change")
ARITHMETIC = "Decibans that add up, bits, costs and κ, in place of words"
NOW = '<span class="key bar"></span> now'
SPREAD = '<span class="key range"></span> range'
BEFORE = '<span class="key prior"></span> before'
ALONE = '<span class="key diamond"></span> the findings alone'
RANGE = (
    "Before: before anything was entered. The range: nine of ten answers lie there when the model’s own uncertain "
    "numbers vary; it says nothing of this patient. Causes can act together, so the percentages may add up to more "
    "than 100."
)


def _focus(view: ResultView) -> str:
    """Return the cause in focus: the one that was chosen, else the leading one."""
    chosen = session.chosen("focus", "")
    return chosen if view.cause(chosen) or not view.causes else view.causes[0].id


def _banner(view: ResultView) -> None:
    banner = view.banner
    body = literal(f"{banner.reason} {banner.advice}")
    cited = f"  \n:small[Source: {literal('; '.join(banner.sources))}]" if banner.sources else ""
    if banner.urgent:
        st.error(body + cited, title=banner.title)
    elif banner.level == "near":
        st.warning(body + cited, title=banner.title)
        st.toggle("Show the probabilities all the same, marked as outside the model", key="outside",
                  persist_state="session")  # fmt: skip
    else:
        st.html(
            f'<details class="scope"><summary><b>{escape(banner.title)}.</b> {escape(banner.reason)}</summary>'
            f"{escape(banner.advice)}</details>"
        )


def _problems(view: ResultView) -> None:
    for sentence in view.problems:
        st.warning(literal(sentence))
    if view.status == "held" and view.causes:
        st.html('<p class="scope">Greyed below: the last valid result. Nothing you entered was lost.</p>')


def _heading(view: ResultView) -> bool:
    """Draw what stands over the ranking; return whether the findings alone are to stand beside it."""
    setting = cached_models.knowledge().settings[view.setting].label
    with st.container(key="ranking_head", horizontal=True, vertical_alignment="center"):
        st.header(f"Ranked causes{mark(view)}", anchor=False)
        alone = bool(view.alone) and st.toggle(
            "What the findings alone say", key="alone", persist_state="session",
            help="Beside each cause its probability if all causes had started alike, as in the setting of that name",
        )  # fmt: skip
    marks = f"{NOW} {ALONE if alone else BEFORE} {SPREAD}"
    st.html(
        f'<details class="legend"><summary>{view.entered} entered · {marks}</summary>'
        f"Setting: {escape(setting)}. {RANGE}</details>"
    )
    if alone:
        st.html(f'<p class="legend">{escape(view.alone_sentence)}</p>')
    return alone


def _behind(view: ResultView, focus: str, arithmetic: bool) -> None:
    row = view.cause(focus)
    if row is not None:
        with st.expander(f"{row.label}: states, and where its starting share comes from"):
            st.html(_records(row, arithmetic))
    with st.expander("By which mechanism"):
        st.html(
            markup.table(
                ("Mechanism", "Now", "Before"),
                [(row.label, percent(row.probability), percent(row.prior)) for row in view.mechanisms],
                f"Mechanisms, following from the causes{mark(view)}",
            )
        )
    _table(view)


def _records(row: CauseLine, arithmetic: bool) -> str:
    model = session.current_model()
    basis = share_basis(model, row.id)
    differ = markup.disagreements(basis.disagreements, model.knowledge)
    return (
        f'<section class="behind"><h3>{escape(row.long_label)}</h3>{_states(row)}'
        f"<h4>Where the starting share comes from</h4>"
        f'<p class="equation">{escape(basis.equation)}</p>{_kappas(basis.kappas, arithmetic)}'
        f"{markup.records(basis.records)}"
        f"{'<h4>Where article and literature differ</h4>' + differ if differ else ''}</section>"
    )


def _kappas(lines: Sequence[KappaLine], arithmetic: bool) -> str:
    """Return how far shares and epidemiology agree, one line a cause state; what is far apart stands out."""
    items = []
    for line in lines:
        label = f"<b>{escape(line.label)}</b> " if len(lines) > 1 else ""
        said = line.sentence if arithmetic else line.words
        items.append(f"<li{' class=apart' if line.far_apart else ''}>{label}{escape(said)}</li>")
    return f'<ul class="kappas">{"".join(items)}</ul>'


def _states(row: CauseLine) -> str:
    if not row.states:
        return ""
    rows = [(state.label, percent(state.probability), percent(state.prior)) for state in row.states]
    return markup.table(("State", "Now", "Before"), rows, f"States of {row.label}")


def _table(view: ResultView) -> None:
    rows = [
        (
            f"{row.rank}. {row.label}",
            row.percent,
            row.interval.between if row.interval else "",
            row.interval.lead if row.interval else "",
            percent(row.prior),
            change(row.probability, row.prior),
        )
        for row in view.causes
    ]
    with st.expander("The ranking as a table"):
        st.html(markup.table(COLUMNS, rows, f"Ranked causes{mark(view)}"))
        if view.readings:
            st.html(f'<p class="legend">Read: {escape("; ".join(view.readings))}.</p>')
