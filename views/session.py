"""The visitor's case in Streamlit's session state: the only place that reads and writes it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import streamlit as st

import model
from model.case import Case, published_case, read_case
from model.errors import ModelError
from model.knowledge import Knowledge, load_knowledge
from model.uncertainty import parameter_draws
from views.questions import UNASSESSED, Entry, Questionnaire, evidence_of
from views.scope_banner import Outside

DRAWS = 500  # parameter draws behind the ranges on screen; the command line takes 2000
RESULTS = "results"  # key of the fragment that shows the answer
DEFAULT_SETTING = "article"
UNDO_DEPTH = 50
OWN_CASE = ""


@dataclass(frozen=True)
class Notice:
    """What the last load did, for the top of the screen."""

    kind: Literal["error", "warning", "info"]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """Everything undo brings back."""

    case: Case
    example: str


@st.cache_resource
def knowledge() -> Knowledge:
    """Return the tables, read once for every visitor."""
    return load_knowledge()


@st.cache_resource
def questionnaire() -> Questionnaire:
    """Return the questions, made once for every visitor."""
    return Questionnaire(knowledge())


@st.cache_resource(max_entries=8, show_spinner="Drawing the numbers of this setting")
def diagnostic_model(setting: str) -> model.DiagnosticModel:
    """Return the model of one setting, calibrated and its numbers drawn once for every visitor."""
    loaded = model.load(setting)
    parameter_draws(loaded, DRAWS)
    return loaded


@st.cache_resource(max_entries=8)
def other_models(setting: str) -> tuple[model.DiagnosticModel, ...]:
    """Return the models of the other settings, without draws, for comparison."""
    return tuple(model.load(other) for other in knowledge().settings if other != setting)


def current_model() -> model.DiagnosticModel:
    """Return the model of the setting the visitor chose."""
    return diagnostic_model(st.session_state.get("setting", DEFAULT_SETTING))


def begin() -> None:
    """Open the first example on a new visit; before any widget is made."""
    if "undo" in st.session_state:
        return
    st.session_state["undo"] = deque(maxlen=UNDO_DEPTH)
    st.session_state["notice"] = None
    st.session_state["uploads"] = 0
    _apply(Case(DEFAULT_SETTING), OWN_CASE)
    if knowledge().examples:
        open_example(knowledge().examples[0].case)
        st.session_state["undo"].clear()


def entries() -> dict[str, Entry]:
    """Return what the widgets hold, one entry a node."""
    state = st.session_state
    return {
        node: Entry(
            state.get(f"ev_{node}") or UNASSESSED,
            state.get(f"num_{node}") if question.units else None,
            state.get(f"unit_{node}") or (question.units[0] if question.units else ""),
        )
        for node, question in questionnaire().every.items()
    }


def evidence() -> dict[str, Any]:
    """Return the evidence of the visitor's case."""
    return evidence_of(entries(), st.session_state.get("kept", {}))


def case() -> Case:
    """Return the visitor's case."""
    return Case(st.session_state.get("setting", DEFAULT_SETTING), evidence(), st.session_state.get("note") or "")


def case_file() -> str:
    """Return the case as a file, with the model it was entered for. Needs a run: a download cannot read the session."""
    return case().to_json(current_model().hash)


def outside() -> Outside:
    """Return whether an answer outside the scope was asked for."""
    return "allow" if st.session_state.get("outside") else "refuse"


def sex() -> str:
    """Return the sex entered, or an empty string."""
    return st.session_state.get("ev_sex") or ""


def remember() -> None:
    """Keep the case as it was before the change that is being handled; in callbacks only."""
    before: Snapshot | None = st.session_state.get("current")
    if before is not None:
        st.session_state["undo"].append(before)


def take_snapshot() -> None:
    """Note the case as it is now; at the end of every run, so that `remember` finds it."""
    st.session_state["current"] = Snapshot(case(), st.session_state.get("opened", OWN_CASE))


def answered() -> None:
    """Handle a finding: only the results are drawn again."""
    remember()
    st.rerun(RESULTS)


def undo() -> None:
    """Go back one change."""
    stack: deque[Snapshot] = st.session_state["undo"]
    if stack:
        before = stack.pop()
        _apply(before.case, before.example)
        st.session_state["notice"] = None


def reset() -> None:
    """Clear every entry; the setting stays. Undo brings them back."""
    remember()
    _apply(Case(st.session_state.get("setting", DEFAULT_SETTING)), OWN_CASE)
    st.session_state["notice"] = None


def open_example(case_id: str) -> None:
    """Open a published case in the setting that is chosen."""
    remember()
    st.session_state["notice"] = None
    try:
        opened = published_case(knowledge(), case_id, st.session_state.get("setting", DEFAULT_SETTING))
    except ModelError as error:
        st.session_state["notice"] = Notice("error", (str(error),))
        return
    _apply(opened, case_id)


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
    try:
        opened, warnings = read_case(uploaded.getvalue(), knowledge(), current_model().hash)
    except ModelError as error:
        st.session_state["notice"] = Notice("error", (f"Nothing was changed. {error}",))
        return
    remember()
    _apply(opened, OWN_CASE)
    st.session_state["notice"] = Notice("warning", warnings) if warnings else None


def drop_kept(node: str) -> None:
    """Forget an entry of a file that no widget can show."""
    remember()
    st.session_state["kept"] = {other: value for other, value in st.session_state["kept"].items() if other != node}


def explain(cause: str) -> None:
    """Open what stands behind a cause, or close it when it is open."""
    st.session_state["focus"] = "" if st.session_state.get("focus") == cause else cause


def _apply(opened: Case, example: str) -> None:
    """Put a case into the widgets; in callbacks or before any widget is made."""
    state = st.session_state
    shown, kept = questionnaire().entries_of(opened.evidence)
    for node, question in questionnaire().every.items():
        entry = cast(Mapping[str, Entry], shown).get(node, Entry())
        if question.states:
            state[f"ev_{node}"] = entry.state
        if question.units:
            state[f"num_{node}"] = entry.number
            state[f"unit_{node}"] = entry.unit or question.units[0]
    state["kept"] = kept
    state["setting"] = opened.setting
    state["note"] = opened.note
    state["outside"] = False
    state["last"] = None  # the last valid answer was about another case
    state["example"] = example or None
    state["opened"] = example
