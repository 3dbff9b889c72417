"""The slower analyses of the sensitivity screen: two numbers at once, what the answer rests on, other readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any, TypeVar

import streamlit as st

from model import DiagnosticModel, Posterior
from model.charts import two_way
from model.sensitivity import ParameterSpace
from model.sensitivity import two_way as surface
from model.sensitivity.reliance import reliance as analyse
from model.sensitivity.swap_reader import swap_reader
from model.wording import cause_labels, percent
from views import chart_frame, session
from views.sensitivity import markup as markup_pictures
from views.sensitivity import tables
from views.sensitivity import view as texts

ROOM_UPWARDS = 44  # characters beside a chart of this height
KEPT = 6  # analyses remembered a visit
READERS = 13  # in sight; the others one click away
T = TypeVar("T")


def remembered(what: tuple[str, ...], compute: Callable[[], T]) -> T:
    """Return an analysis of the case as it stands, kept in the visit so that choosing a number does not repeat it."""
    case = session.case()
    key = json.dumps([what, case.setting, dict(case.evidence), dict(case.numbers), session.outside()], sort_keys=True)
    memory = session.offer("analyses", {})
    if key not in memory:
        found = compute()
        while len(memory) >= KEPT:
            del memory[next(iter(memory))]
        memory[key] = found
    return memory[key]


def surface_tab(model: DiagnosticModel, answer: Posterior, shown: texts.SensitivityView) -> None:
    """Draw the probability over two numbers."""
    titles = {bar.id: bar.title for bar in shown.bars}
    first = session.chosen("number", "")
    left, right = st.columns(2, gap="small")
    a = left.selectbox("Number A, across", list(titles), format_func=titles.__getitem__, key="number_a",
                       index=list(titles).index(first) if first in titles else 0)  # fmt: skip
    rest = [number for number in titles if number != a]
    b = right.selectbox("Number B, upwards", rest, format_func=titles.__getitem__, key="number_b")
    if a is None or b is None:
        return
    with st.spinner("Computing the surface"):
        found = remembered(("two way", shown.cause, a, b), lambda: surface(model, answer, shown.cause, a, b))
    space = ParameterSpace(model)
    stated = (space.stated(a), space.stated(b))
    found = tables.labelled_surface(found, model.knowledge)
    led = tables.led(found)
    names = (chart_frame.axis_title(f"A: {titles[a]}"), chart_frame.axis_title(f"B: {titles[b]}", ROOM_UPWARDS))
    legend = f"Probability of {shown.label} over both intervals; line: where the lead changes; cross: as stated. {led}."
    alt = f"Two numbers at once. {led}."
    chart_frame.chart(two_way(found, stated, chart_frame.palette(), names), "surface", alt, escape(legend))
    chart_frame.twin(*tables.surface_rows(found), f"Probability of {shown.label}; across: number A, upwards: number B")


def reliance_tab(model: DiagnosticModel, answer: Posterior, shown: texts.SensitivityView) -> None:
    """Draw what part of the uncertainty rests on each claim, source, grade or kind; on demand."""
    st.html(
        '<p class="legend">All numbers of a group drawn at once from their own distributions: which part of the '
        f"uncertainty about {escape(shown.label)} goes away when that group becomes known.</p>"
    )
    by: str = st.segmented_control("By", tables.GROUPS, default=tables.GROUPS[0], required=True, key="rests_on",
                              format_func=str.capitalize)  # fmt: skip
    asked = st.button(f"Compute by {by}, some seconds", key="rest")
    place = st.empty()
    what = ("reliance", shown.cause, by)

    def compute() -> Any:
        if not asked:
            raise LookupError
        return analyse(model, answer, shown.cause, by, progress=chart_frame.progress_bar(place, "Drawing the numbers"))

    try:
        found = remembered(what, compute)
    except LookupError:
        return
    place.empty()
    legend = (
        f"Bar: the group and everything it acts together with, with its 95 % error bar ({found.points} parameter "
        "points). Mark: the group alone. The shares can add up to more than 100 %, for groups act together."
    )
    names = tables.reliance_groups(model.knowledge, found)
    caption = f"What the uncertainty about {shown.label} rests on, by {by}"
    bars = markup_pictures.error_bars(tables.reliance_bars(found, names), caption)
    st.html(f'<p class="legend">{legend}</p>{bars}')


def readers_tab(model: DiagnosticModel, answer: Posterior, shown: texts.SensitivityView) -> None:
    """Draw what other readers of the article would answer."""
    place = st.empty()

    def compute() -> Any:
        return swap_reader(model, answer, chart_frame.progress_bar(place, "Calibrating the readers"))

    found = remembered(("readers",), compute)
    place.empty()
    leader = cause_labels(model.knowledge)[found.leader]
    agree = "All" if found.agreement == 1 else percent(found.agreement)
    said = (
        "The same patient and the same article, read by somebody else: another scale for its words, another setting, "
        f"another order of the causes, or without one claim. {agree} of the other readers put "
        f"{leader} first too; of the published cases, {tables.cases_that_change(found)} change their leader with some "
        "reader. Framed: the cause that leads."
    )
    head, rows = tables.reader_rows(found, model.knowledge)
    table = markup_pictures.shaded_table(head, rows[:READERS], "As read, and the readers who move the answer most")
    st.html(f'<p class="legend">{escape(said)}</p>{table}')
    with st.expander(f"The other {len(rows[READERS:])} readers"):
        st.html(markup_pictures.shaded_table(head, rows[READERS:], "Readers who move the answer least"))
