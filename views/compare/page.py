"""The compare screen: pinned scenarios, two settings or two readers, side by side with what differs."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from model.charts import comparison
from model.errors import ModelError
from model.evidence import Case
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.wording import cause_labels
from views import cached_models, chart_frame, markup, pin_actions, session
from views.compare.markup import side_table
from views.compare.view import (
    BIGGEST,
    ComparisonView,
    NumberPair,
    Side,
    comparison_view,
    differing_numbers,
    reader_names,
)
from views.page_head import page_head
from views.visit import MAX_TITLE
from views.wording import literal

SCENARIOS, SETTINGS, READERS = "Scenarios", "Settings", "Readers of the article"
THIS = "This case"


def show() -> None:
    """Draw the screen."""
    page_head("Compare", "Answers side by side, and what differs between them.")
    way = st.segmented_control("What to compare", (SCENARIOS, SETTINGS, READERS), default=SCENARIOS, required=True,
                               key="compare_way", persist_state="session")  # fmt: skip
    choose = {SCENARIOS: _scenarios, SETTINGS: _settings, READERS: _readers}[way]
    sides = choose()
    if not sides:
        return
    place = st.empty()
    view = comparison_view(sides, QUICK_DRAWS, chart_frame.progress_bar(place, "Drawing the numbers"))
    place.empty()
    for title, sentence, urgent in view.refused:
        (st.error if urgent else st.warning)(literal(sentence), title=literal(title))
    if view.found is not None:
        _answers(view)
    if way == SCENARIOS:
        _findings(view, sides)
    for other in sides[1:]:
        _numbers(sides[0], other)


def _scenarios() -> list[Side]:
    pins = session.pins()
    with st.container(border=True, key="pins"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Title for this case", placeholder=f"Scenario {len(pins) + 1}", max_chars=MAX_TITLE,
                                  key="pin_title", width=280)  # fmt: skip
            said = "The oldest pin makes room" if len(pins) >= session.MAX_PINS else "Keep the case as it stands"
            st.button("Pin this case", on_click=pin_actions.pin_as, args=("pin_title",), help=said)
        for position, pin in enumerate(pins):
            _pin(position, pin.title)
        if not pins:
            st.html('<p class="legend">Nothing is pinned yet. Pin this case, change something on the Case screen, and '
                    "come back: both stand side by side here, up to three beside the case as it is.</p>")  # fmt: skip
    titles = _distinct([THIS, *(pin.title for pin in pins)])
    cases = (session.case(), *(pin.case for pin in pins))
    return [side for title, case in zip(titles, cases, strict=True) for side in _side(title, case)]


def _pin(position: int, title: str) -> None:
    key = f"pin_{position}_title"
    if session.chosen(key) != title:
        session.choose(key, title)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(f"Title of pin {position + 1}", key=key, max_chars=MAX_TITLE, width=280,
                      on_change=pin_actions.rename_pin, args=(position, key))  # fmt: skip
        st.button("Open", key=f"pin_{position}_open", on_click=pin_actions.open_pin, args=(position,),
                  help="Make it the case; Undo brings the other one back")  # fmt: skip
        st.button("Unpin", key=f"pin_{position}_drop", on_click=pin_actions.unpin, args=(position,))


def _side(title: str, case: Case, reader: str = "") -> list[Side]:
    """Return one side, answered by another reader where one is named; none, and why, where there is no such model."""
    setting, numbers = cached_models.key_of(case.setting, case.numbers)
    try:
        if reader:
            loaded = cached_models.reader_model(setting, reader, numbers)
        else:
            loaded = cached_models.diagnostic_model(setting, numbers)
    except ModelError as error:
        st.warning(literal(str(error)), title=literal(title))
        return []
    return [Side(title, case, loaded, session.outside())]


def _settings() -> list[Side]:
    knowledge = cached_models.knowledge()
    labels = {name: setting.label for name, setting in knowledge.settings.items()}
    others = [name for name in labels if name != session.setting()]
    chosen = _two("Setting", labels, session.setting(), others[0])
    sides = []
    for setting in chosen:
        numbers = knowledge.numbers_in(setting, session.numbers())
        sides += _side(labels[setting], replace(session.case(), setting=setting, numbers=numbers))
    return sides


def _readers() -> list[Side]:
    names = reader_names(cached_models.plain_model(session.setting()))
    first, second, *_ = names
    chosen = _two("Reader", names, first, second)
    return [side for reader in chosen for side in _side(names[reader], session.case(), reader)]


def _two(what: str, names: dict[str, str], first: str, second: str) -> tuple[str, ...]:
    """Ask for two different ones."""
    left, right = st.columns(2, gap="small")
    one = left.selectbox(f"{what} A", list(names), format_func=names.__getitem__, key=f"compare_{what}_a",
                         index=list(names).index(first))  # fmt: skip
    rest = [name for name in names if name != one]
    other = right.selectbox(f"{what} B", rest, format_func=names.__getitem__, key=f"compare_{what}_b",
                            index=rest.index(second) if second in rest else 0)  # fmt: skip
    return tuple(name for name in (one, other) if name is not None)


def _distinct(titles: list[str]) -> list[str]:
    """Return the titles, a repeated one with its place."""
    return [title if titles.index(title) == i else f"{title} ({i + 1})" for i, title in enumerate(titles)]


def _answers(view: ComparisonView) -> None:
    assert view.found is not None
    st.html(f'<p class="scope" role="status"><b>{escape(view.summary)}</b></p>')
    labels = cause_labels(cached_models.knowledge())
    legend = (
        "Mark: the probability now. Line: its 90 % range over draws of every number of the model, not over patients."
    )
    chart_frame.chart(comparison(view.found, labels, chart_frame.palette()), "comparison", view.summary, legend)
    st.html(side_table(view.sides, view.causes, f"Causes side by side; differences from {view.sides[0]}"))


def _findings(view: ComparisonView, sides: list[Side]) -> None:
    if len(sides) == 1:
        return
    st.header("Findings that differ", anchor=False)
    if not view.findings:
        st.html('<p class="legend">The same findings on every side.</p>')
        return
    head = ("Finding", *(side.title for side in sides))
    st.html(markup.table(head, view.findings, "Only what is not the same on every side"))


def _numbers(one: Side, other: Side) -> None:
    pairs = differing_numbers(one.model, other.model)
    if not pairs:
        return
    st.header(f"{len(pairs)} numbers differ: {literal(one.title)} and {literal(other.title)}", anchor=False)
    st.html(_pairs(one, other, pairs[:BIGGEST], f"The {min(BIGGEST, len(pairs))} farthest apart"))
    if len(pairs) > BIGGEST:
        with st.expander("All of them as a table"):
            st.html(_pairs(one, other, pairs, "Every number that differs, the farthest apart first"))
    with st.expander("The records behind them"):
        st.html("".join(markup.records(pair.cards) for pair in pairs[:BIGGEST]))


def _pairs(one: Side, other: Side, pairs: tuple[NumberPair, ...], caption: str) -> str:
    rows = [(pair.title, *pair.values) for pair in pairs]
    return f'<div class="fits">{markup.table(("Number", one.title, other.title), rows, caption)}</div>'
