"""The left side of the case screen: the patient on top, then the questions in the order a history is taken.

What tells most stands open; the other groups are folded, each with a count of what is entered in it.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from model.evidence.medicine import MEDICINES
from views import actions, cached_models, session
from views.case.course_panel import course_panel
from views.case.lab_paste import lab_paste
from views.case.medicine_panel import medicine_panel
from views.case.typed_line_panel import typed_line_panel
from views.course import said_by_course
from views.medicines import said_by_medicines
from views.questions import OPEN, SETTLED, UNASSESSED, Entry, Group, Question, fills_of
from views.wording import literal, unit_text

LONGEST_SHOWN = 200  # letters of what a file held
COUNT_HINT = "If left empty, the count is taken to be 1000 to 1499 /mm³."
LONGEST_NUMBER = 40  # characters, with a bound and a unit


def evidence_panel() -> None:
    """Draw every question; what is entered lives in the session, so nothing is lost when this is drawn again."""
    held = session.entries()
    with st.container(key="evidence"):
        with st.container(key="line"):
            typed_line_panel()
        with st.container(key="find", horizontal=True, gap="small", vertical_alignment="center"):
            words = _search()
            lab_paste()
        patient = _patient(held, words)
        if not words:
            _kept()
            course_panel()
        groups = [group.matching(words) for group in cached_models.questionnaire().groups]
        groups.append(cached_models.questionnaire().settled.matching(words))
        for group in groups:
            if group.questions and (words or group.id in OPEN):
                _group(group, held)
            elif group.questions:
                st.fragment(_folded, key=actions.folded(group.id))(group)
        if not patient and not any(group.questions for group in groups):
            st.caption(f"No question holds “{literal(words)}”. Try fewer letters; clear the field to see them all.")


def _search() -> str:
    found = st.text_input(
        "Find a question",
        key="find_question",
        type="search",
        live=True,
        placeholder="Find a question: fever, ANC, MTX …",
        label_visibility="collapsed",
        persist_state="session",
    )
    return found or ""


def _patient(held: dict[str, Entry], words: str) -> bool:
    """Draw the questions about the patient, of a search those it finds; return whether there are any."""
    asked = {node: each for node, each in cached_models.questionnaire().patient.items() if each.found_by(words)}
    if not asked:
        return False
    with st.container(key="group_guard", border=True):
        st.header("The patient", anchor=False)
        if "anc" in asked:
            _number(asked["anc"], held["anc"], "e.g. 1200", "Absolute neutrophil count")
            if not held["anc"].typed and "anc" not in session.kept():
                told = said_by_course(cached_models.knowledge(), session.read()[0], session.evidence())
                st.caption(literal(told.get("anc", COUNT_HINT)))
        if "age" in asked:
            _number(asked["age"], held["age"], "e.g. 43", "Age")
        for node in ("age_band", "sex", "chemotherapy", "blasts"):
            if node in asked and (node != "age_band" or not held["age"].typed):  # which follows from the age
                _states(asked[node], whole_page=node == "sex")
    return True


def _group(group: Group, held: dict[str, Entry]) -> None:
    with st.container(key=f"group_{group.id}", border=True):
        with st.container(key=f"head_{group.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.header(group.title, anchor=False)
            _fills(group)
        if group.id == MEDICINES:
            medicine_panel()
        _rows(group, held)


def _folded(group: Group) -> None:
    """Draw a group behind its heading; it is drawn again alone when an answer in it changes the count there."""
    session.page_wanted()
    held = session.entries()
    entered = sum(held[question.id].evidence is not None for question in group.questions)
    heading = f"**{group.title}**{f' · {entered} entered' if entered else ''}"
    opened = bool(session.chosen(f"open_{group.id}"))  # the browser folds an expander whose heading changes
    with st.expander(heading, opened, key=f"group_{group.id}", on_change=actions.unfold, args=(group.id,)):
        if group.id != SETTLED:
            with st.container(key=f"head_{group.id}", horizontal=True, horizontal_alignment="right", gap="small"):
                _fills(group)
        _rows(group, held, actions.folded(group.id))


def _fills(group: Group) -> None:
    for fill in fills_of(group):
        st.button(
            fill.label, key=f"fill_{fill.id}", help=fill.help, type="tertiary",
            on_click=actions.fill, args=(fill.states, fill.only_open),
        )  # fmt: skip


def _rows(group: Group, held: dict[str, Entry], fragment: str = "") -> None:
    """Draw the questions of a group; `fragment` is the one it stands in, if any: found by a word, it stands in none."""
    known, read, entered = cached_models.knowledge(), session.read()[0], session.evidence()
    told = {**said_by_medicines(known, read, entered), **said_by_course(known, read, entered)}
    for question in group.questions:
        entry = held[question.id]
        if question.units:
            _number(question, entry, "number", question.label)
        _states(question, fragment, entry.typed)
        if said := told.get(question.id):
            st.caption(literal(said))


def _states(question: Question, fragment: str = "", disabled: bool = False, whole_page: bool = False) -> None:
    """Draw the states to choose from; under a number field, whose line has the label, they stand without one."""
    labels = {UNASSESSED: question.neutral, **question.labels}
    st.segmented_control(
        question.label,
        (UNASSESSED, *question.states),
        format_func=labels.__getitem__,
        required=True,
        key=f"ev_{question.id}",
        help=None if question.units else question.help,
        label_visibility="collapsed" if question.units else "visible",
        disabled=disabled,
        on_change=session.remember if whole_page else actions.answered,
        args=() if whole_page else (fragment,),
        persist_state="session",
    )


def _number(question: Question, entry: Entry, placeholder: str, label: str) -> None:
    """Draw label, number, unit and, once something is typed, how it reads. A number decides over the state below it."""
    name = question.quantity if question.states else label
    with st.container(
        key=f"lab_{question.id}",
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="xsmall",
        wrap=False,
    ):
        st.markdown(label, help=question.help)
        st.text_input(  # not a number input, for a browser takes a decimal comma out of that without a word
            f"{name}, number",
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
                f"{name}, unit",
                question.units,
                format_func=unit_text,
                key=f"unit_{question.id}",
                label_visibility="collapsed",
                on_change=actions.unit_chosen,
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
