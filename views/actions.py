"""What buttons and fields do to the visitor's case; Streamlit calls these before it draws the page again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from model.errors import ModelError
from model.evidence.case import Case, read_case
from model.evidence.lab_text import read_lab_text
from model.evidence.published_cases import published_case
from views import session
from views.cached_models import knowledge, plain_model, questionnaire
from views.questions import UNASSESSED, Entry
from views.visit import MAX_TITLE, Pin


def answered() -> None:
    """Handle a finding: only the results are drawn again."""
    session.remember()
    st.rerun([session.RESULTS, session.DETAILS])


def typed(node: str) -> None:
    """Handle a number field: a unit typed in it is chosen in the list beside it, where that offers it."""
    session.remember()
    evidence = session.entries()[node].evidence
    shown, _ = questionnaire().entries_of({} if evidence is None else {node: evidence})
    if node in shown and shown[node].typed:
        session.put_typed(node, shown[node])


def fill(states: Mapping[str, str], only_open: bool = True) -> None:
    """Enter several states at once, one step for undo; by default only where nothing is entered yet."""
    session.remember()
    held = session.entries()
    for node, state in states.items():
        if not (only_open and (held[node].state or held[node].typed)):
            st.session_state[f"ev_{node}"] = state


def enter(evidence: Mapping[str, Any]) -> None:
    """Enter evidence, numbers with units included, over what stands there; one step for undo."""
    session.remember()
    shown, kept = questionnaire().entries_of(evidence)
    for node, entry in shown.items():
        session.put_entry(node, entry)
    st.session_state["kept"] = {**st.session_state.get("kept", {}), **kept}


def paste() -> None:
    """Read the pasted laboratory text and enter what was understood."""
    read = read_lab_text(knowledge(), st.session_state.get("pasted") or "")
    st.session_state["read"] = read
    if read.entries:
        enter(read.evidence)


def undo() -> None:
    """Go back one change."""
    stack: deque[session.Snapshot] = st.session_state["undo"]
    if stack:
        before = stack.pop()
        session.put_case(before.case, before.example)
        st.session_state["notice"] = None


def reset() -> None:
    """Clear every entry; the setting and replaced numbers stay. Undo brings the entries back."""
    session.remember()
    session.put_case(Case(session.setting(), numbers=session.numbers()), session.OWN_CASE)
    st.session_state["notice"] = None


def setting_chosen() -> None:
    """Handle another setting: a replaced number that it does not have goes, and that is said."""
    session.remember()
    known = {record.id for record in knowledge().records_of(session.setting())}
    gone = [number for number in session.numbers() if number not in known]
    st.session_state["numbers"] = {number: value for number, value in session.numbers().items() if number in known}
    lines = tuple(f"{number} is not a number of this setting, so its replaced value was dropped." for number in gone)
    st.session_state["notice"] = session.Notice("info", lines) if lines else None


def replace_number(number: str, value: float) -> None:
    """Use another value for one number in this visit; one that fits no model is refused with a sentence."""
    wanted = {**session.numbers(), number: float(value)}
    try:
        plain_model(session.setting(), tuple(sorted(wanted.items())))
    except ModelError as error:
        st.session_state["notice"] = session.Notice("error", (f"Nothing was changed. {error}",))
        return
    session.remember()
    st.session_state["numbers"] = wanted
    st.session_state["notice"] = None


def number_moved(number: str, slider: str) -> None:
    """Handle a slider: its number has another value in this visit."""
    replace_number(number, st.session_state[slider])


def pick_number(number: str) -> None:
    """Choose the number that the sensitivity screen shows in detail."""
    st.session_state["number"] = number


def ask_cause(selectbox: str) -> None:
    """Choose the cause that the sensitivity screen is about, until another one comes into focus."""
    st.session_state["asked_by_hand"] = (st.session_state[selectbox], st.session_state.get("focus", ""))


def restore_numbers(which: Sequence[str] = ()) -> None:
    """Go back to the model's own value of these numbers; of all when none is named."""
    session.remember()
    st.session_state["numbers"] = {n: value for n, value in session.numbers().items() if which and n not in which}


def pin(title: str) -> None:
    """Keep the case as it stands for comparison, at most three; the oldest goes first."""
    _keep_pins((*session.pins(), Pin(title, session.case()))[-session.MAX_PINS :])


def pin_as(field: str) -> None:
    """Pin the case under the title that stands in a field, a numbered one when it is empty; the field is emptied."""
    pin(str(st.session_state[field]).strip()[:MAX_TITLE] or f"Scenario {len(session.pins()) + 1}")
    st.session_state[field] = ""


def unpin(position: int) -> None:
    """Drop a pinned scenario."""
    _keep_pins(tuple(each for i, each in enumerate(session.pins()) if i != position))


def rename_pin(position: int, field: str) -> None:
    """Give a pinned scenario the title that stands in a field; an empty one leaves it as it is."""
    title = str(st.session_state[field]).strip()[:MAX_TITLE]
    if title:
        renamed = [Pin(title, each.case) if i == position else each for i, each in enumerate(session.pins())]
        _keep_pins(tuple(renamed))


def _keep_pins(pins: tuple[Pin, ...]) -> None:
    st.session_state["pins"] = pins
    st.session_state["fresh"] = False  # a pin is worth a reload's memory, even before anything was entered


def open_pin(position: int) -> None:
    """Make a pinned scenario the case; undo brings the one before back."""
    session.open_case(session.pins()[position].case)


def open_example(case_id: str) -> None:
    """Open a published case in the setting that is chosen."""
    try:
        opened = published_case(knowledge(), case_id, session.setting())
    except ModelError as error:
        st.session_state["notice"] = session.Notice("error", (str(error),))
        return
    session.open_case(opened, case_id)


def choose_example() -> None:
    """Handle the list of examples."""
    chosen = st.session_state.get("example")
    if chosen:
        open_example(chosen)


def open_file() -> None:
    """Handle an uploaded case file; a bad one leaves everything as it is."""
    uploads = st.session_state["uploads"]
    uploaded = st.session_state.get(f"upload_{uploads}")
    if uploaded is None:
        return
    st.session_state["uploads"] = uploads + 1  # a new key empties the uploader, so the same file can be chosen again
    _open_read(lambda: read_case(uploaded.getvalue(), knowledge(), session.current_model().hash))


def _open_read(read: Callable[[], tuple[Case, tuple[str, ...]]]) -> None:
    try:
        opened, warnings = read()
        plain_model(opened.setting, tuple(sorted(opened.numbers.items())))
    except ModelError as error:
        st.session_state["notice"] = session.Notice("error", (f"Nothing was changed. {error}",))
        return
    session.open_case(opened, session.OWN_CASE, session.Notice("warning", warnings) if warnings else None)


def drop_kept(node: str) -> None:
    """Forget an entry of a file that no widget can show."""
    session.remember()
    st.session_state["kept"] = {other: value for other, value in st.session_state["kept"].items() if other != node}


def answer(node: str, state: str) -> None:
    """Answer one question from elsewhere than its own widget; unassessed takes the entry back."""
    question = questionnaire().every.get(node)
    if question is not None and state in (UNASSESSED, *question.states):
        session.remember()
        session.put_entry(node, Entry(state))
        st.session_state["kept"] = {n: value for n, value in st.session_state.get("kept", {}).items() if n != node}
        session.want_page()


def answer_with(node: str, widget: str) -> None:
    """Answer one question with the state that another widget holds."""
    answer(node, st.session_state.get(widget) or UNASSESSED)


def explain(cause: str) -> None:
    """Put a cause into focus: its reasons, states and records."""
    st.session_state["focus"] = cause
    st.rerun([session.RESULTS, session.DETAILS])
