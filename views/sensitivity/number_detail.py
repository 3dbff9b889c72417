"""One number of the model in detail: its slider, what that does to the ranking, its curve and its record."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from model import DiagnosticModel
from model.charts import curve
from model.errors import ModelError
from model.sensitivity import sensitivity_function
from model.wording import number_text, record_title
from views import actions, cached_models, chart_frame, markup, session
from views.record_card import card_maker
from views.result_view import ResultView
from views.sensitivity import tables
from views.sensitivity import view as texts
from views.wording import literal

INTERVAL, WHOLE = "Its interval", "0 to 1"


@dataclass(frozen=True)
class Places:
    """Where each part goes, in the order it is read; they are filled in the order they are ready."""

    choice: Any
    slider: Any
    ranking: Any
    curve: Any
    record: Any


def number_places(view: ResultView) -> Places:
    """Make the places, and fill at once what a moved slider changes first: the ranking before and after."""
    st.header("One number", anchor=False)
    places = Places(*(st.container() for _ in range(5)))
    with places.ranking:
        _before_after(view)
    return places


def chosen_number(shown: texts.SensitivityView) -> tuple[str, dict[str, str]]:
    """Return the number that is chosen, the widest bar when none is, and the titles of all there are."""
    titles = {bar.id: bar.title for bar in shown.bars}
    knowledge = cached_models.knowledge()
    for number in session.numbers():
        titles.setdefault(number, record_title(knowledge, knowledge.record(number)))
    if session.chosen("number") not in titles:
        session.choose("number", next(iter(titles)))
    return session.chosen("number"), titles


def number_detail(places: Places, shown: texts.SensitivityView) -> None:
    """Draw the number that is chosen."""
    _, titles = chosen_number(shown)
    with places.choice:
        number = st.selectbox("Number, the widest bar first", list(titles), format_func=titles.__getitem__,
                              key="number", persist_state="session")  # fmt: skip
    with places.slider:
        _slider(number, shown)
    with places.curve:
        _curve(number, titles[number])
    with places.record:
        _record(number)


def _published() -> DiagnosticModel:
    return cached_models.plain_model(session.setting())


def _slider(number: str, shown: texts.SensitivityView) -> None:
    record = cached_models.knowledge().record(number)
    whole = False
    if record.kind not in texts.ONE_OF_ITS_KIND:
        whole = session.chosen("slider_over") == WHOLE
    found = texts.slider_range(_published(), number, session.numbers().get(number), whole)
    if found is None:
        st.html(
            '<p class="scope">This share follows from the order in which the article ranks the causes, so it has no '
            "slider of its own: see <b>Swap the reader</b> below, or another setting.</p>"
        )
        return
    key = f"slide_{number}"
    if session.chosen(key) != found.value:  # undone, restored or refused; else the slider knows best
        session.choose(key, found.value)
    st.slider("Value in this visit", found.low, found.high, step=found.step, format="%.3g", key=key,
              on_change=actions.replace_number, args=(number, key))  # fmt: skip
    bar = shown.bar(number)
    turn = bar.turn_or_none if bar is not None else "It does not move this cause"
    low, high = found.interval
    replaced = number in session.numbers()
    said = f"Stated {number_text(found.stated)}, interval {number_text(low)} to {number_text(high)}. {turn}."
    outside = " <b>The value set lies outside the interval.</b>" if not low <= found.value <= high else ""
    with st.container(horizontal=True, vertical_alignment="center", key="slider_foot"):
        st.html(f'<p class="legend">{escape(said)}{outside}</p>', width="stretch")
        if record.kind not in texts.ONE_OF_ITS_KIND:
            st.segmented_control("The slider runs over", (INTERVAL, WHOLE), default=INTERVAL, required=True,
                                 key="slider_over", persist_state="session", label_visibility="collapsed")  # fmt: skip
        st.button(f"Back to {number_text(found.stated)}", key="restore_one", on_click=actions.restore_numbers,
                  args=((number,),), disabled=not replaced)  # fmt: skip


def _before_after(view: ResultView) -> None:
    if not session.numbers():
        st.html('<p class="legend">Move the slider to see the ranking before and after. The value holds for this visit '
                "only, is marked on every screen and is saved with the case.</p>")  # fmt: skip
        return
    rows = texts.before_after(session.result(_published()), view)
    caption = "The ranking with the model's own numbers and with those of this visit"
    st.html(f'<div class="fits">{markup.table(("Cause", "Model’s own", "This visit", "Change"), rows, caption)}</div>')


def _curve(number: str, title: str) -> None:
    others = {name: value for name, value in session.numbers().items() if name != number}
    model = cached_models.plain_model(session.setting(), tuple(sorted(others.items())))
    view = session.result(model)
    if view.posterior is None:
        return
    try:
        found = sensitivity_function(model, view.posterior, number)
    except ModelError as error:
        st.warning(literal(texts.impossible(error)))
        return
    found = tables.labelled_curve(found, model.knowledge)
    turns = "; ".join(f"{above} leads above {number_text(at)}" for at, _, above in found.flips)
    alt = f"Probability of every cause over the interval of one number. {turns or 'The lead does not change'}."
    legend = (
        "Every cause over the number's own interval; thick: the cause that leads now. Causes under 5 % are left out."
    )
    chart_frame.chart(curve(found, chart_frame.axis_title(title), chart_frame.palette()), "curve", alt, escape(legend))
    head = ("Cause", *(f"at {number_text(x)}" for x in (found.low, found.value, found.high)))
    chart_frame.twin(head, tables.curve_rows(found), f"{title}. {turns or 'The lead does not change'}")


def _record(number: str) -> None:
    model = _published()
    st.html(markup.record(card_maker(model)(model.knowledge.record(number)), opened=True))
