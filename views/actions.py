"""What buttons and fields do to the visitor's case; Streamlit calls these before it draws the page again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from model.errors import ModelError
from model.evidence import Case, Evidence, entered_case, published_case, read_case
from model.evidence.course import COURSE, is_medicine_line
from model.evidence.fhir import looks_like_bundle, read_bundle
from model.evidence.in_words import in_words
from model.evidence.lab_text import read_lab_text
from model.evidence.medicine import MEDICINES
from model.evidence.typed_line import TypedLine, read_typed
from views import session
from views.cached_models import key_of, knowledge, plain_model, questionnaire
from views.course import LINE as COURSE_LINE
from views.course import added, against_course, dated_medicine
from views.line import LINE, Line, units_beside
from views.medicines import MEDICINE, contradicted, lines_held, medicine_line, medicine_problem
from views.questions import UNASSESSED, Entry

FIRST_STEPS = "first_steps_asked"  # how often the first steps were asked for again in this visit
BUNDLE = "bundle"  # where what was read of one stands, until it is opened or dropped


def answered(fragment: str = "") -> None:
    """Handle a finding: only the results are drawn again, and the fragment of its group where that holds a count."""
    session.remember()
    if session.lines(COURSE):  # whose panel says which answers count instead
        session.want_page()
    st.rerun([session.RESULTS, session.DETAILS, *([fragment] if fragment else [])])


def unfold(group: str) -> None:
    """Handle a group that was opened or folded."""
    session.choose(f"open_{group}", bool(session.chosen(f"group_{group}")))


def folded(group: str) -> str:
    """Return the key of the fragment that holds a folded group."""
    return f"folded_{group}"


def unit_chosen() -> None:
    """Handle another unit of a number field."""
    session.remember()
    session.want_page()


def typed(node: str) -> None:
    """Handle a number field: a unit typed in it is chosen in the list beside it, where that offers it."""
    session.remember()
    session.want_page()
    if node in questionnaire().bands and session.entries()[node].typed:
        session.put_entry(questionnaire().bands[node], Entry())
    evidence = session.entries()[node].evidence
    shown, _ = questionnaire().entries_of({} if evidence is None else {node: evidence})
    if node in shown and shown[node].typed:
        session.put_typed(node, shown[node])


def fill(states: Mapping[str, str], only_open: bool = True) -> None:
    """Enter several states at once, one step for undo; by default only where nothing is entered yet."""
    session.remember()
    session.want_page()
    held, named = session.entries(), {each.named.node for each in session.read()[0].medicines}
    if not only_open and named & states.keys():
        session.put_lines(MEDICINES, ())
        session.put_lines(COURSE, [line for line in session.lines(COURSE) if not is_medicine_line(knowledge(), line)])
    for node, state in states.items():
        if not (only_open and (held[node].state or held[node].typed or node in named)):
            session.put_state(node, state)


def add_medicines(name: str, duration: str, suspected: str, text: str) -> None:
    """Name the medicine of three fields and those of a text; where one cannot be read nothing is, with a sentence."""
    line = medicine_line(session.chosen(name), session.chosen(duration), bool(session.chosen(suspected)))
    lines = (*((line,) if line else ()), *lines_held(session.chosen(text) or ""))
    session.choose(f"{name}_said", problem := medicine_problem(knowledge(), lines))
    if problem:
        return
    session.remember()
    held, taken = session.evidence(), []
    for node in contradicted(knowledge(), held, lines):
        session.put_entry(node, Entry())
        was = f"{knowledge().nodes[node].short_label}: “{held[node]}”"
        taken.append(f"{was} was taken back, for a medicine is named that says otherwise.")
    session.say("info", *taken)
    session.put_lines(MEDICINES, (*session.lines(MEDICINES), *lines))
    for field, empty in ((name, None), (duration, ""), (suspected, False), (text, "")):
        session.choose(field, empty)


def drop_medicine(place: int) -> None:
    """Take a named medicine back."""
    session.remember()
    session.put_lines(MEDICINES, [line for at, line in enumerate(session.lines(MEDICINES)) if at != place])


def add_course(field: str) -> None:
    """Add what of a text can be read to the course over time; the rest stays in the field, with its reasons."""
    found = added(knowledge(), session.lines(COURSE), session.chosen(field) or "")
    session.choose(f"{field}_said", found.said)
    session.choose(field, found.left)
    session.want_page()
    if found.new:
        session.remember()
        _put_course(found.lines)


def add_dated_medicine(name: str, start: str, stop: str, suspected: str, field: str) -> None:
    """Add the medicine of four fields to the course over time; where it cannot be read, why stands below them."""
    line = dated_medicine(
        session.chosen(name), session.chosen(start), session.chosen(stop), bool(session.chosen(suspected))
    )
    found = added(knowledge(), session.lines(COURSE), line)
    session.choose(f"{field}_said", found.said)
    session.want_page()
    if found.new:
        session.remember()
        _put_course(found.lines)
        for key, empty in ((name, None), (start, ""), (stop, ""), (suspected, False)):
            session.choose(key, empty)


def _put_course(lines: Sequence[Any]) -> None:
    """Put a course in place; answers that cannot be true together with it are taken back, and that is said."""
    held, taken = session.evidence(), []
    for node in against_course(knowledge(), held, lines):
        session.put_entry(node, Entry())
        was = f"{knowledge().nodes[node].short_label}: “{held[node]}”"
        taken.append(f"{was} was taken back, for a medicine of the course says otherwise.")
    session.say("info", *taken)
    session.put_lines(COURSE, lines)


def drop_course(widget: str) -> None:
    """Take the line that a widget holds out of the course over time."""
    gone = session.chosen(widget)
    if gone is not None:
        session.remember()
        session.want_page()
        session.put_lines(COURSE, [line for line in session.lines(COURSE) if line != gone])


def enter(evidence: Mapping[str, Any]) -> None:
    """Enter evidence, numbers with units included, over what stands there; one step for undo."""
    session.remember()
    shown, kept = questionnaire().entries_of(evidence)
    for node, entry in shown.items():
        session.put_entry(node, entry)
    session.put_kept({**session.kept(), **kept})


def type_line(text: str) -> None:
    """Handle a pause in typing: only how the line reads is drawn again."""
    session.choose(LINE, session.chosen(LINE, Line()).typed(text))


def enter_line(text: str) -> None:
    """Enter what of a typed line is understood, over what stands there; the rest stays in the line. One undo step."""
    line = read_typed(knowledge(), text, {"sex": session.sex()}, units_beside(session.entries()))
    told = _enter_typed(line) if line.evidence or line.medicines else []
    session.choose(LINE, session.chosen(LINE, Line()).entered(line.left, tuple(told)))
    session.want_page()


def _enter_typed(line: TypedLine) -> list[str]:
    """Enter a line that was read; return a sentence for each entry that it replaced.

    Whatever stood there and cannot be true together with it goes, named medicines and their questions included; a
    number replaces the band that was entered in its place, and a band the number.
    """
    before, held = session.read()[0], session.evidence()
    for key in (MEDICINES, COURSE):
        held.pop(key, None)
    stays = [each for each in session.lines(MEDICINES) if not contradicted(knowledge(), line.evidence, [each])]
    new = [each for each in line.medicines if each not in stays]
    gone = {*contradicted(knowledge(), {**held, **line.evidence}, (*stays, *new))}
    for guard, band in questionnaire().bands.items():
        gone |= {band} if guard in line.evidence else {guard} if band in line.evidence else set()
    enter(line.evidence)
    for node in gone - line.evidence.keys():
        session.put_entry(node, Entry())
    session.put_kept({node: value for node, value in session.kept().items() if node not in (*line.evidence, *gone)})
    session.put_lines(MEDICINES, (*stays, *new))
    session.say("info")
    return _replaced(before, held)


def _replaced(before: Evidence, held: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each entry that stood there and reads differently now, or is gone."""
    after, said = session.read()[0], []
    for node in held:
        was = in_words(knowledge(), before, node) if node in before.given else ""
        now = in_words(knowledge(), after, node) if node in after.given else "nothing"
        if was and was != now:
            said.append(f"“{was}” was replaced by “{now}”.")
    stay = (*session.lines(MEDICINES), *session.lines(COURSE))
    gone = [each.named.label for each in before.medicines if each.named.typed not in stay]
    return [*said, *(f"“{label}” was taken back, for the line says otherwise." for label in gone)]


def take_back(chip: str) -> None:
    """Take one entry back: a node, a medicine by its place, the course over time or one line of it."""
    if chip.startswith(MEDICINE):
        drop_medicine(int(chip.removeprefix(MEDICINE)))
        session.want_page()
    elif chip == COURSE or chip.startswith(COURSE_LINE):
        session.remember()
        place = chip.removeprefix(COURSE_LINE)
        left = [line for at, line in enumerate(session.lines(COURSE)) if str(at) != place]
        session.put_lines(COURSE, () if chip == COURSE else left)
        session.want_page()
    else:
        answer(chip, UNASSESSED)
        if chip not in questionnaire().every:
            drop_kept(chip)
            session.want_page()


def show_question(_chip: str) -> None:
    """Show every question again, so that one can be reached that a search keeps hidden."""
    session.choose("find_question", "")
    session.want_page()


def paste() -> None:
    """Read the pasted laboratory text and enter what was understood."""
    read = read_lab_text(knowledge(), session.chosen("pasted") or "")
    session.choose("read", read)
    if read.entries:
        enter(read.evidence)


def reset() -> None:
    """Clear every entry; the setting and replaced numbers stay. Undo brings the entries back."""
    session.open_case(Case(session.setting(), numbers=session.numbers()))


def setting_chosen() -> None:
    """Handle another setting: a replaced number that it does not have goes, and that is said."""
    session.remember()
    before = session.numbers()
    session.put_numbers(knowledge().numbers_in(session.setting(), before))
    gone = [number for number in before if number not in session.numbers()]
    dropped = "is not a number of this setting, so its replaced value was dropped."
    session.say("info", *(f"{number} {dropped}" for number in gone))


def replace_number(number: str, slider: str) -> None:
    """Use the value of a slider for one number in this visit; one that fits no model is refused with a sentence."""
    wanted = {**session.numbers(), number: float(session.chosen(slider))}
    try:
        plain_model(session.setting(), tuple(sorted(wanted.items())))
    except ModelError as error:
        session.say("error", f"Nothing was changed. {error}")
        return
    session.remember()
    session.put_numbers(wanted)
    session.say("info")


def ask_cause(selectbox: str) -> None:
    """Choose the cause that the sensitivity screen is about, until another one comes into focus."""
    session.choose("asked_by_hand", (session.chosen(selectbox), session.chosen("focus", "")))


def restore_numbers(which: Sequence[str] = ()) -> None:
    """Go back to the model's own value of these numbers; of all when none is named."""
    session.remember()
    session.put_numbers({n: value for n, value in session.numbers().items() if which and n not in which})


def open_example(case_id: str) -> None:
    """Open a published case in the setting that is chosen."""
    try:
        opened = published_case(knowledge(), case_id, session.setting())
    except ModelError as error:
        session.say("error", str(error))
        return
    session.open_case(opened, case_id)


def choose_example() -> None:
    """Handle the list of examples."""
    chosen = session.chosen("example")
    if chosen:
        open_example(chosen)


def open_file() -> None:
    """Handle an uploaded case file, or Bundle, which is shown first; a bad one leaves everything as it is."""
    uploaded = session.uploaded("upload")
    if uploaded is None:
        return
    content = uploaded.getvalue()
    if looks_like_bundle(content):
        _take_bundle(content)
        return
    try:
        opened, warnings = read_case(content, knowledge(), session.current_model().hash)
        plain_model(*key_of(opened.setting, opened.numbers))
    except ModelError as error:
        session.say("error", f"Nothing was changed. {error}")
        return
    session.open_case(opened)
    session.say("warning", *warnings)


def _take_bundle(content: bytes) -> None:
    try:
        read = read_bundle(knowledge(), content)
    except ModelError as error:
        session.say("error", f"Nothing was changed. {error}")
        return
    session.choose(BUNDLE, read)
    session.say("info", "The Bundle was read. Look through what was understood, then open it as the case.")


def open_bundle() -> None:
    """Make what was read of the Bundle the case, in the setting that is chosen."""
    read = session.take(BUNDLE)
    if read is not None:
        opened, unread = entered_case(knowledge(), session.setting(), read.evidence, dropped=read.told)
        session.open_case(opened)
        session.say("warning", *(each.sentence for each in unread), read.summary)


def drop_bundle() -> None:
    """Forget the Bundle; the case stays as it is."""
    session.choose(BUNDLE, None)
    session.say("info")


def drop_kept(node: str) -> None:
    """Forget an entry of a file that no widget can show."""
    session.remember()
    session.put_kept({other: value for other, value in session.kept().items() if other != node})


def answer(node: str, state: str) -> None:
    """Answer one question from elsewhere than its own widget; unassessed takes the entry back."""
    question = questionnaire().every.get(node)
    if question is not None and state in (UNASSESSED, *question.states):
        drop_kept(node)
        session.put_entry(node, Entry(state))
        for guard, band in questionnaire().bands.items():
            if node == band:  # a state chosen replaces the number it followed from
                session.put_entry(guard, Entry())
        session.want_page()


def answer_with(node: str, widget: str) -> None:
    """Answer one question with the state that another widget holds."""
    answer(node, session.chosen(widget) or UNASSESSED)


def focus_on(cause: str) -> None:
    """Put a cause into focus: its reasons, states and records."""
    session.choose("focus", cause)
    st.rerun([session.RESULTS, session.DETAILS])


def show_first_steps() -> None:
    """Go to the case and tell the four first steps again."""
    session.choose(FIRST_STEPS, session.chosen(FIRST_STEPS, 0) + 1)
    session.want_screen("case")
