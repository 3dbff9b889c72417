"""The course over time on the case screen, without a browser; answers are compared with the engine."""

import json

import pytest

import model
from model.evidence import read_case, read_evidence
from model.evidence.case_link import read_link
from model.evidence.course import COURSE
from model.knowledge import load_knowledge
from tests.evidence.test_course import clozapine, on
from tests.views.case_screen import done, empty_case
from tests.views.steps import html
from tests.views.test_app import engine, shown
from views.course import added, said_by_course
from views.visit import Visit, read_visit

K = load_knowledge()
TEXT = "\n".join([on(-400, "3200"), on(-28, "1100"), on(0, "1250"), clozapine(-80, -27, ", suspected")])
LINES = [f"{on(-400, 'ANC 3200 /mm3')}", clozapine(-80, -27, ", suspected"), on(-28, "ANC 1100 /mm3"),
         on(0, "ANC 1250 /mm3")]  # fmt: skip


@pytest.fixture
def case():
    return empty_case()


def answer(evidence):
    return engine(model.load().posterior(evidence))


def add(at, text):
    at.text_area(key="course_text").set_value(text)
    next(button for button in at.button if button.label == "Add to the course").click()
    at.run().run()
    assert not at.exception
    return at


def drawn(at, key):
    found = [json.loads(part.proto.json) for part in at.get("bidi_component")]
    return next((each for each in found if key in each), None)


def chips(at):
    return {chip["id"]: chip for chip in drawn(at, "chips")["chips"]}


def test_what_is_added_counts_is_drawn_and_says_what_follows(case):
    add(case, TEXT)
    assert shown(case) == answer({COURSE: LINES})
    picture = drawn(case, "shapes")
    assert picture["name"].startswith("Time line: 3 counts, 1 medicine, ")
    assert "What earlier counts show: normal before." in html(case)
    found = chips(case)
    assert found[COURSE]["text"].startswith("Course over time: 3 counts, 1 medicine, ")
    assert {name for name, chip in found.items() if chip["fixed"]} == {"follows:duration", "follows:drug_timing"}
    assert found["follows:duration"]["text"] == "What earlier counts show: normal before, from the course"
    captions = [caption.value for caption in case.caption]
    assert any("Counts as 1250 /mm³, of 2026" in said.replace("\\", "") for said in captions)
    assert any(said.startswith("Counts as “normal before”, from the course over time") for said in captions)
    assert case.text_area(key="course_text").value == ""


def test_an_answer_counts_instead_and_is_told(case):
    add(case, TEXT)
    done(case, "answer", "duration", "chronic")
    assert shown(case) == answer({COURSE: LINES, "duration": "chronic"})
    assert "Answered: chronic, which counts." in html(case)
    assert "follows:duration" not in chips(case)
    assert any("The course over time says “normal before”" in caption.value for caption in case.caption)


def test_what_cannot_be_read_stays_in_the_field_with_its_reason(case):
    add(case, f"{on(0, '1250')}\n03/04/2026 900 /mm3\nclozapin from 2026-01-01")
    assert case.text_area(key="course_text").value == "03/04/2026 900 /mm3\nclozapin from 2026-01-01"
    said = " ".join(warning.value for warning in case.warning).replace("\\", "")
    assert "can be 2026-03-04 or 2026-04-03" in said
    assert "did you mean 'Clozapine'" in said
    add(case, "")
    assert "Write a date and what was then" in " ".join(warning.value for warning in case.warning)


def test_undo_reset_and_the_chip_take_it_back(case):
    add(case, TEXT)
    done(case, "take_back", COURSE)
    assert shown(case) == answer({})
    done(case, "go_back")
    assert shown(case) == answer({COURSE: LINES})
    done(case, "reset")
    assert COURSE not in chips(case)


def test_one_entry_is_taken_out(case):
    add(case, TEXT)
    case.selectbox(key="course_gone").set_value(LINES[0])
    next(button for button in case.button if button.label == "Take out").click()
    case.run().run()
    assert not case.exception
    assert shown(case) == answer({COURSE: LINES[1:]})


def test_a_medicine_is_added_by_fields(case):
    add(case, on(0, "1250"))
    case.selectbox(key="course_name").set_value("Clozapine")
    case.text_input(key="course_start").set_value(on(-50, "").strip())
    next(button for button in case.button if button.label == "Add medicine").click()
    case.run().run()
    assert shown(case) == answer({COURSE: [on(0, "1250"), clozapine(-50)]})
    assert case.text_input(key="course_start").value == ""


def test_an_answer_that_a_medicine_contradicts_is_taken_back_with_a_word(case):
    done(case, "answer", "other_culprit_drug", "absent")
    add(case, f"{on(0, '1250')}\n{clozapine(-50)}")
    assert shown(case) == answer({COURSE: [on(0, "1250"), clozapine(-50)]})
    assert any("was taken back, for a medicine of the course" in info.value for info in case.info)


def test_file_link_and_reload(case):
    add(case, TEXT)
    case.session_state["keep"] = True
    case.run()
    file, address, visit = case.session_state["made"]
    again, warnings = read_case(file, K)
    assert list(again.evidence[COURSE]) == LINES
    assert warnings == ()
    token = address.partition("case=")[2]
    assert "2026-" not in address
    assert COURSE not in token
    opened, _ = read_link(token, K)
    loaded = model.load()
    assert loaded.posterior(opened.evidence).acting == loaded.posterior({COURSE: LINES}).acting
    assert read_visit(visit, K).case == again
    assert isinstance(read_visit(visit, K), Visit)


def test_a_file_with_a_line_that_may_be_a_count_gives_no_answer_until_it_is_taken_out(case):
    opened, _ = read_case(json.dumps({"schema": 1, "evidence": {COURSE: [on(0, "1250"), "03/04/2026 300"]}}), K)
    case.session_state[COURSE] = tuple(opened.entries[COURSE])
    case.run()
    assert not case.exception
    assert chips(case)["course:1"]["usable"] is False
    assert case.session_state["shown"].posterior is None
    done(case, "take_back", "course:1")
    assert shown(case) == answer({COURSE: [on(0, "1250")]})


def test_what_is_added_twice_is_there_once():
    once = added(K, (), TEXT)
    again = added(K, once.lines, TEXT)
    assert (once.new, again.new, again.lines) == (4, 0, once.lines)
    assert added(K, (on(-40000, "900"),), on(0, "900")).said[0].startswith("Expected dates at most")


def test_captions_only_where_something_follows():
    read = read_evidence(K, {COURSE: [on(0, "1250")]})
    assert set(said_by_course(K, read, {})) == {"anc"}
    assert said_by_course(K, read, {"anc": 1250}) == {}
