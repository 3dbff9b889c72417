"""The left side of the case screen: the guard on top, then the questions in the order a history is taken."""

from __future__ import annotations

from html import escape

import streamlit as st

from model.evidence.medicine import MEDICINES
from views import actions, cached_models, session
from views.case.lab_paste import lab_paste
from views.case.medicine_panel import medicine_panel
from views.questions import UNASSESSED, Entry, Group, Question, fills_of
from views.wording import literal, unit_text

LONGEST_SHOWN = 200  # letters of what a file held
COUNT_HINT = "If left empty, the count is taken to be 1000 to 1499 /mm³."
LONGEST_NUMBER = 40  # characters, with a bound and a unit


def evidence_panel() -> None:
    """Draw every question; what is entered lives in the session, so nothing is lost when this is drawn again."""
    held = session.entries()
    with st.container(key="evidence"):
        with st.container(key="find", horizontal=True, gap="small", vertical_alignment="center"):
            words = _search()
            lab_paste()
        if not words:
            _guard(held)
            _kept()
        groups = [group.matching(words) for group in cached_models.questionnaire().groups]
        for group in groups:
            if group.questions:
                _group(group, held)
        settled = cached_models.questionnaire().settled.matching(words)
        if settled.questions:
            with st.expander("Causes already settled (ruled out or established)", expanded=bool(words)):
                _rows(settled, held)
        if not any(group.questions for group in (*groups, settled)):
            st.caption(f"No question holds “{literal(words)}”. Try fewer letters; clear the field to see them all.")


def _search() -> str:
    found = st.text_input(
        "Find a question",
        key="find_question",
        type="search",
        live=True,
        placeholder="Find a question: fever, B12, spleen …",
        label_visibility="collapsed",
        persist_state="session",
    )
    return found or ""


def _guard(held: dict[str, Entry]) -> None:
    guards = cached_models.questionnaire().guards
    with st.container(key="group_guard", border=True):
        st.header("The patient", anchor=False)
        _number(guards["anc"], held["anc"], "e.g. 1200", label="Absolute neutrophil count")
        if not held["anc"].typed and "anc" not in session.kept():
            st.caption(COUNT_HINT)
        _number(guards["age"], held["age"], "e.g. 43", label="Age")
        for node in ("sex", "chemotherapy", "blasts"):
            _states(guards[node], whole_page=node == "sex")


def _group(group: Group, held: dict[str, Entry]) -> None:
    with st.container(key=f"group_{group.id}", border=True):
        with st.container(key=f"head_{group.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.header(group.title, anchor=False)
            for fill in fills_of(group):
                st.button(
                    fill.label, key=f"fill_{fill.id}", help=fill.help, type="tertiary",
                    on_click=actions.fill, args=(fill.states, fill.only_open),
                )  # fmt: skip
        if group.id == MEDICINES:
            medicine_panel()
        _rows(group, held)


def _rows(group: Group, held: dict[str, Entry]) -> None:
    for question in group.questions:
        entry = held[question.id]
        _states(question, disabled=entry.typed)
        if question.units:
            _number(question, entry, "or number")


def _states(question: Question, disabled: bool = False, whole_page: bool = False) -> None:
    labels = {UNASSESSED: question.neutral, **question.labels}
    st.segmented_control(
        question.label,
        (UNASSESSED, *question.states),
        format_func=labels.__getitem__,
        required=True,
        key=f"ev_{question.id}",
        help=question.help,
        disabled=disabled,
        on_change=session.remember if whole_page else actions.answered,
        persist_state="session",
    )


def _number(question: Question, entry: Entry, placeholder: str, label: str = "") -> None:
    """Draw number, unit and, once something is typed, how it reads. A number decides over the state above it."""
    with st.container(
        key=f"lab_{question.id}",
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="xsmall",
        wrap=False,
    ):
        if label:
            st.markdown(label, help=question.help)
        st.text_input(  # not a number input, for a browser takes a decimal comma out of that without a word
            f"{label or question.quantity}, number",
            max_chars=LONGEST_NUMBER,
            placeholder=placeholder,
            key=f"num_{question.id}",
            label_visibility="collapsed",
            on_change=actions.typed,
            args=(question.id,),
            persist_state="session",
        )
        if len(question.units) > 1:
            st.selectbox(
                f"{label or question.quantity}, unit",
                question.units,
                format_func=unit_text,
                key=f"unit_{question.id}",
                label_visibility="collapsed",
                on_change=session.remember,
                persist_state="session",
            )
        else:
            st.html(f'<span class="unit">{escape(unit_text("".join(question.units)))}</span>', width="content")
    reading = cached_models.questionnaire().reading_of(question.id, entry, session.sex())
    if reading is not None and reading.usable:
        decides = " The number decides; clear it to choose a state." if question.states else ""
        st.caption(f"Read as: {literal(reading.text)}.{decides}")
    elif reading is not None:
        st.warning(literal(reading.text))


def _kept() -> None:
    """Show what a file or link held that no widget can show, read or not, so that it is neither lost nor hidden."""
    entered = {node for node, entry in session.entries().items() if entry.evidence is not None}
    shown = {node: value for node, value in session.kept().items() if node not in entered}
    if not shown:
        return
    with st.container(key="group_kept", border=True):
        st.header("From the file, kept as written", anchor=False)
        for node, value in shown.items():
            known = cached_models.knowledge().nodes.get(node)
            text = " ".join(f"{known.label if known else node}: {value}".split())
            cut = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(literal(cut))
                st.button("Remove", key=f"drop_{node}", on_click=actions.drop_kept, args=(node,))
