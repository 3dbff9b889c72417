"""Streamlit's session state, which nothing else reads or writes.

It holds three things of a visit: the case, as the widgets of the case screen hold it; what the visit remembers beside
it, such as undo, pins and guesses; and what was chosen on a screen, by the key of the widget.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import streamlit as st

import model
from model.calibrated_model import DEFAULT_SETTING
from model.errors import ModelError
from model.evidence import Case, entered_case, published_case, read_each
from model.evidence.case_link import read_link, to_link
from model.evidence.course import COURSE
from model.evidence.medicine import MEDICINES
from model.report import report as case_report
from model.wording import first_of
from views.cached_models import Numbers, key_of, knowledge, plain_model, questionnaire
from views.course import course_held
from views.medicines import lines_held
from views.questions import UNASSESSED, Entry, evidence_of
from views.result_view import Read, ResultView, result_view
from views.scope_banner import Outside
from views.share_address import Link, Serving, link_to
from views.visit import Guess, Pin, Visit, read_visit

RESULTS, DETAILS = "results", "details"  # keys of the fragments that show the answer, and what is behind it
UNDO_DEPTH = 50
MAX_PINS = 3
OWN_CASE = ""
LINK = "case"  # name in the address of a link that was asked for


@dataclass(frozen=True)
class Notice:
    """What was done last, in words, for the top of every screen."""

    kind: Literal["error", "warning", "info"]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """Everything undo brings back."""

    case: Case
    example: str


def begin() -> None:
    """Open the first example on a new visit; before any widget is made, whenever the whole page is drawn."""
    st.session_state.pop("whole_page", None)
    if "undo" in st.session_state:
        return
    st.session_state["undo"] = deque(maxlen=UNDO_DEPTH)
    st.session_state["notice"] = None
    st.session_state["pins"] = ()
    st.session_state["guesses"] = ()
    st.session_state["fresh"] = True  # until something is entered, what the tab remembers goes first
    put_case(Case(DEFAULT_SETTING), OWN_CASE)
    if knowledge().examples:
        first = knowledge().examples[0].case
        put_case(published_case(knowledge(), first, DEFAULT_SETTING), first)
    if LINK in st.query_params:
        _open_link(st.query_params[LINK])
        del st.query_params[LINK]  # the address keeps nothing of a case


def _open_link(token: str) -> None:
    """Open the case of the address, which a visitor was sent; a bad one leaves the example and says why."""
    try:
        opened, warnings = read_link(token, knowledge())
        loaded = plain_model(*key_of(opened.setting, opened.numbers))
        _, warnings = read_link(token, knowledge(), loaded.hash)  # now that the model it belongs to is known
    except ModelError as error:
        say("error", f"The link was not opened. {error}")
        return
    put_case(opened, OWN_CASE)
    st.session_state["fresh"] = False
    say("warning", *warnings)


def entries() -> dict[str, Entry]:
    """Return what the widgets hold, one entry a node."""
    state = st.session_state
    return {
        node: Entry(
            state.get(f"ev_{node}") or UNASSESSED,
            (state.get(f"num_{node}") or "") if question.units else "",
            state.get(f"unit_{node}") or (question.units[0] if question.units else ""),
        )
        for node, question in questionnaire().every.items()
    }


def evidence() -> dict[str, Any]:
    """Return the evidence of the visitor's case."""
    listed = {key: list(lines(key)) for key in (MEDICINES, COURSE) if lines(key)}
    return {**evidence_of(entries(), kept()), **listed}


def lines(key: str) -> tuple[Any, ...]:
    """Return the medicines named, or the course over time: each line as it was typed or as a file held it."""
    return st.session_state.get(key, ())


def put_lines(key: str, lines: Sequence[Any]) -> None:
    """Name these medicines, or let the course over time be these lines, and no others."""
    st.session_state[key] = tuple(lines)


def kept() -> Mapping[str, Any]:
    """Return what a file or link held that no widget can show, by node."""
    return st.session_state["kept"]


def read() -> Read:
    """Return the evidence as read, and what cannot be read; entries that stay as they are, are read once."""
    entered = evidence()
    text = repr(entered)
    if text not in (held := st.session_state.get("as_read", {})):
        held = st.session_state["as_read"] = {text: read_each(knowledge(), entered)}
    return held[text]


def result(
    loaded: model.DiagnosticModel | None = None,
    last: ResultView | None = None,
    draws: int = 0,
    others: Sequence[model.DiagnosticModel] = (),
) -> ResultView:
    """Return what is shown of the visitor's case, by the visitor's model unless another is given."""
    return result_view(loaded or current_model(), read(), outside(), last, draws, others)


def setting() -> str:
    """Return the setting the visitor chose."""
    return st.session_state.get("setting", DEFAULT_SETTING)


def numbers() -> Mapping[str, float]:
    """Return the numbers of the model that the visitor replaced, by record id."""
    return st.session_state.get("numbers", {})


def model_key() -> tuple[str, Numbers]:
    """Return what names the visitor's model among the cached ones."""
    return key_of(setting(), numbers())


def current_model() -> model.DiagnosticModel:
    """Return the model of the visitor's setting, with the numbers the visitor replaced."""
    return plain_model(*model_key())


def case() -> Case:
    """Return the visitor's case."""
    state = st.session_state
    note, dropped, notices = state.get("note") or "", state.get("dropped", ()), state.get("notices", ())
    return entered_case(knowledge(), setting(), evidence(), note, dict(numbers()), dropped, read(), notices)[0]


def link() -> Link:
    """Return the address that opens this case here, made only when asked for; the note is not in it.

    raises : CaseFileError for a case that no link can hold.
    """
    serving = Serving(
        st.get_option("browser.serverAddress"),
        st.get_option("browser.serverPort"),
        st.get_option("server.baseUrlPath"),
        bool(st.get_option("server.sslCertFile")),
    )
    return link_to(f"{LINK}={to_link(case(), knowledge(), current_model().hash)}", st.context.url or "", serving)


def case_file() -> str:
    """Return the case as a file, with the model it was entered for. Needs a run: a download cannot read the session."""
    return case().to_json(current_model().hash)


def report() -> Callable[[], str]:
    """Return what makes the printable page of this case, once it is asked for; the session cannot be read then."""
    loaded, entered, allowed = current_model(), case(), outside()
    return lambda: case_report(loaded, entered, allowed, datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"))


def outside() -> Outside:
    """Return whether an answer outside the scope was asked for."""
    return "allow" if st.session_state.get("outside") else "refuse"


def sex() -> str:
    """Return the sex entered, or an empty string."""
    return st.session_state.get("ev_sex") or ""


def pins() -> tuple[Pin, ...]:
    """Return the scenarios the visitor pinned for comparison."""
    return st.session_state["pins"]


def guesses() -> tuple[Guess, ...]:
    """Return the visitor's guesses at the teaching cases, oldest first."""
    return st.session_state["guesses"]


def remember() -> None:
    """Keep the case as it was before the change that is being handled; in callbacks only."""
    st.session_state["fresh"] = False
    before: Snapshot | None = st.session_state.get("current")
    if before is not None:
        st.session_state["undo"].append(before)


def go_back() -> None:
    """Bring back the case before the last change, if there is one."""
    stack: deque[Snapshot] = st.session_state["undo"]
    if stack:
        before = stack.pop()
        put_case(before.case, before.example)
        say("info")


def want_screen(screen: str) -> None:
    """Ask for another screen, from a callback; the app turns to it."""
    st.session_state["screen_wanted"] = screen


def wanted_screen() -> str | None:
    """Return the screen that was asked for, once."""
    return st.session_state.pop("screen_wanted", None)


def want_page() -> None:
    """Ask for the whole page from a callback inside a fragment, which would draw only its fragment again."""
    st.session_state["whole_page"] = True


def page_wanted() -> None:
    """Draw the whole page when that was asked for; first in every fragment."""
    if st.session_state.pop("whole_page", False):
        st.rerun()


def take_snapshot() -> None:
    """Note the case as it is now; at the end of every run, so that `remember` finds it."""
    st.session_state["current"] = Snapshot(case(), opened_example())


def open_case(opened: Case, example: str = OWN_CASE) -> None:
    """Replace the visitor's case; undo brings the one before back."""
    remember()
    put_case(opened, example)
    say("info")


def notice() -> Notice | None:
    """Return what was done last, None when there is nothing to say of it."""
    return st.session_state.get("notice")


def say(kind: Literal["error", "warning", "info"], *lines: str) -> None:
    """Say something on top of every screen until the next change; without lines, nothing."""
    st.session_state["notice"] = Notice(kind, first_of(lines, "in the report")) if lines else None


def opened_example() -> str:
    """Return the published case that was opened last, or an empty string for the visitor's own."""
    return st.session_state.get("opened", OWN_CASE)


def fresh() -> bool:
    """Return whether nothing was entered yet, so that what the tab remembers goes first."""
    return st.session_state["fresh"]


def keep_pins(pins: tuple[Pin, ...]) -> None:
    """Remember these scenarios for comparison, at most three; the oldest go first."""
    st.session_state["pins"] = pins[-MAX_PINS:]
    st.session_state["fresh"] = False  # worth a reload's memory, even before anything was entered


def keep_guesses(guesses: tuple[Guess, ...]) -> None:
    """Remember these guesses at the teaching cases."""
    st.session_state["guesses"] = guesses
    st.session_state["fresh"] = False  # a reload brings a guess back


def visit() -> Visit:
    """Return what a reload of the page should bring back."""
    return Visit(case(), opened_example(), pins(), guesses())


def restore_visit(text: str) -> None:
    """Bring back what this tab held before a reload; what cannot be read is left, without a word lost elsewhere."""
    try:
        held = read_visit(text, knowledge())
        plain_model(*key_of(held.case.setting, held.case.numbers))
    except ModelError:
        return
    want_page()
    put_case(held.case, held.example)
    keep_pins(held.pins)
    keep_guesses(held.guesses)


def put_state(node: str, state: str) -> None:
    """Choose the state of one node; what stands in its number field stays."""
    st.session_state[f"ev_{node}"] = state


def put_kept(held: Mapping[str, Any]) -> None:
    """Keep what no widget can show, by node, in place of what was kept."""
    st.session_state["kept"] = dict(held)


def put_numbers(replaced: Mapping[str, float]) -> None:
    """Replace these numbers of the model in this visit, and no others."""
    st.session_state["numbers"] = dict(replaced)


def put_entry(node: str, entry: Entry) -> None:
    """Enter what a file, link or paste says of one node, as if it had been typed."""
    question = questionnaire().every[node]
    if question.states:
        put_state(node, entry.state)
    if question.units:
        put_typed(node, entry)


def put_typed(node: str, entry: Entry) -> None:
    """Put text into a number field and choose its unit; the state beside them stays as it is."""
    st.session_state[f"num_{node}"] = entry.text
    st.session_state[f"unit_{node}"] = entry.unit or questionnaire().every[node].units[0]


def put_case(opened: Case, example: str) -> None:
    """Put a case into the widgets; in callbacks or before any widget is made."""
    state = st.session_state
    shown, kept = questionnaire().entries_of(opened.entries)
    put_lines(MEDICINES, lines_held(kept.pop(MEDICINES, None)))
    put_lines(COURSE, course_held(kept.pop(COURSE, None)))
    for node in questionnaire().every:
        put_entry(node, cast(Mapping[str, Entry], shown).get(node, Entry()))
    state["kept"] = kept
    state["dropped"], state["notices"] = opened.dropped, opened.notices
    state["setting"] = opened.setting
    state["numbers"] = dict(opened.numbers)
    state["note"] = opened.note
    state["outside"] = False
    state["last"] = None  # the last valid answer was about another case
    state["example"], state["opened"] = example or None, example


def chosen(key: str, default: Any = None) -> Any:
    """Return what was chosen on a screen: what the widget `key` holds, or what `choose` put there."""
    return st.session_state.get(key, default)


def choose(key: str, value: Any) -> None:
    """Choose for the visitor; before the widget `key` is made, or in a callback."""
    st.session_state[key] = value


def offer(key: str, value: Any) -> Any:
    """Return what was chosen; `value` becomes the choice where there was none."""
    return st.session_state.setdefault(key, value)


def take(key: str, default: Any = None) -> Any:
    """Return what was chosen and forget it."""
    return st.session_state.pop(key, default)


def upload_key(name: str) -> str:
    """Return the key of an uploader; it changes with each file taken, so that the same file can be chosen again."""
    return f"{name}_{chosen(f'{name}s', 0)}"


def uploaded(name: str) -> Any:
    """Take the file out of an uploader; None when there is none."""
    found = chosen(upload_key(name))
    if found is not None:
        choose(f"{name}s", chosen(f"{name}s", 0) + 1)
    return found


def forget(beginning: str) -> None:
    """Forget every choice whose key begins so."""
    for key in [key for key in st.session_state if str(key).startswith(beginning)]:
        del st.session_state[key]
