"""The app as a visitor uses it, without a browser. Every answer is compared with the engine."""

import json
import re
from pathlib import Path
from random import Random

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.evidence import Case, published_case, read_case
from model.wording import percent
from views.markup import record
from views.numbers.rows import number_rows
from views.wording import change

ROOT = Path(__file__).resolve().parents[2]
FIRST = "D01"


def opened():
    """Return the app as it opens, on the first example."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


@pytest.fixture
def app():
    """Return the app with nothing entered."""
    return click(opened(), "Reset")


def click(at, label):
    next(button for button in at.button if button.label == label).click().run()
    return at.run()


def answer(at, node, state):
    """Choose a state; the callback draws only the results, so run once more for the whole page."""
    at.segmented_control(key=f"ev_{node}").set_value(state).run()
    return at.run()


def enter(at, node, number, unit=None):
    if unit:
        at.selectbox(key=f"unit_{node}").set_value(unit).run()
    at.text_input(key=f"num_{node}").set_value(str(number)).run()
    return at


def upload(at, content):
    at.file_uploader[0].upload("case.json", content, "application/json").run()
    return at


def sent(at):
    """Return what the browser gets to draw the ranking."""
    drawn = [json.loads(part.proto.json) for part in at.get("bidi_component")]
    return next(each for each in drawn if "strip" in each)


def drawn(at):
    """Return the view the results panel drew from, checked against the data that went to the browser."""
    view = at.session_state["last"]
    assert [(row["id"], row["percent"]) for row in sent(at)["rows"]] == [(row.id, row.percent) for row in view.causes]
    return view


def shown(at):
    return {row.id: row.probability for row in drawn(at).causes}


def engine(posterior):
    """Return the engine's answer to compare with; only the order of summation may differ."""
    return pytest.approx(posterior.causes.to_dict(), abs=1e-12)


def text(at):
    return " ".join(str(element.value) for kind in ("error", "warning", "markdown", "html") for element in at.get(kind)
                    if hasattr(element, "value")) + " ".join(str(h.proto.body) for h in at.get("html"))  # fmt: skip


def entered(at):
    """Return the evidence of the visitor, read back from the widgets."""
    values = {}
    for control in at.segmented_control:
        if control.key.startswith("ev_") and control.value:
            values[control.key[3:]] = control.value
    return values


def test_opens_on_the_first_example_with_the_engines_answer(m):
    at = opened()
    assert not at.exception
    case = published_case(m.knowledge, FIRST)
    assert shown(at) == engine(m.posterior(case.evidence))
    assert at.selectbox(key="example").value == FIRST
    assert at.text_input(key="num_anc").value == "1400"


@pytest.mark.parametrize("example", ["V01", "N11", "B02", "A03", "M06", "O02"])
def test_every_example_opens(m, example):
    at = opened()
    at.selectbox(key="example").set_value(example).run()
    assert not at.exception
    assert shown(at) == engine(m.posterior(published_case(m.knowledge, example).evidence))


def test_with_nothing_entered_the_starting_shares_show(app, m):
    assert shown(app) == engine(m.posterior({}))
    assert all(change(row.probability, row.prior) == "no change" for row in drawn(app).causes)


@pytest.mark.parametrize("seed", range(2))
def test_answers_equal_the_engine_in_any_order(app, m, seed):
    rng = Random(seed)
    nodes = rng.sample(m.knowledge.role("context", "finding"), 6)
    evidence = {node.id: rng.choice(node.states) for node in nodes}
    for node, state in evidence.items():
        answer(app, node, state)
    assert not app.exception
    assert shown(app) == engine(m.posterior(evidence))
    first = shown(app)
    click(app, "Reset")
    for node, state in reversed(evidence.items()):
        answer(app, node, state)
    assert shown(app) == first


def test_unknown_yes_unknown_returns_exactly(app):
    before = shown(app)
    answer(app, "fever", "present")
    assert shown(app) != before
    answer(app, "fever", "")
    assert shown(app) == before


def test_a_number_decides_and_its_conversion_is_said(app, m):
    answer(app, "serum_b12", "normal")
    enter(app, "serum_b12", 110.0, "pmol/L")
    assert shown(app) == engine(m.posterior({"serum_b12": "110 pmol/L"}))
    assert "110 pmol/L" in text(app)
    assert app.segmented_control(key="ev_serum_b12").disabled
    enter(app, "serum_b12", "")
    assert shown(app) == engine(m.posterior({"serum_b12": "normal"}))


@pytest.mark.parametrize(
    ("node", "typed", "evidence", "left"),
    [
        ("serum_folate", "2,8", "2.8 ng/mL", ("2,8", "ng/mL")),
        ("serum_folate", " 2.8 ", "2.8 ng/mL", ("2.8", "ng/mL")),
        ("serum_folate", "6,3 nmol/l", "6.3 nmol/L", ("6,3", "nmol/L")),
        ("serum_copper", "0,6 mg/L", "0.6 mg/L", ("0,6 mg/L", "ug/dL")),  # a unit that the list does not offer
        ("serum_b12", "<50", "< 50 pg/mL", ("< 50", "pg/mL")), ("serum_b12", "1,200", "1200 pg/mL", ("1,200", "pg/mL")),
        ("anc", "1,2 10^9/L", "1200 /mm3", ("1,2", "10^9/L")), ("anc", "1,200", "1200 /mm3", ("1,200", "/mm3")),
        ("antibiotic_course", "1,5 weeks", "10.5 days", ("1,5", "weeks")),
    ],
)  # fmt: skip
def test_a_number_is_read_as_the_library_reads_it(app, m, node, typed, evidence, left):
    enter(app, node, typed)
    assert not app.exception
    assert shown(app) == engine(m.posterior({node: evidence}))
    assert any(caption.value.startswith("Read as: ") for caption in app.caption)
    units = [box.value for box in app.selectbox if box.key == f"unit_{node}"]
    assert (app.text_input(key=f"num_{node}").value, *units) == left


@pytest.mark.parametrize("count", ["1.200", "1,2,3", "a lot", "1 200", "-1200", "1200 per drop"])
def test_a_count_that_cannot_be_read_is_not_taken_for_none(app, count):
    """Nor by another setting, by undo, or by another screen in between."""
    enter(app, "anc", count)
    for act in (lambda: None, lambda: app.selectbox(key="setting").set_value("primary_care"), lambda: None):
        act()
        app.run()
        assert not app.exception
        assert app.text_input(key="num_anc").value == count
        assert "An entry is not understood" in app.error[0].proto.title
        assert sent(app)["rows"] == []
        assert any("Absolute neutrophil count" in warning.value for warning in app.warning)
        assert not any("If left empty" in caption.value for caption in app.caption)
    click(app, "Reset")
    assert sent(app)["rows"]
    click(app, "Undo")
    assert app.text_input(key="num_anc").value == count
    assert sent(app)["rows"] == []


def test_a_finding_that_can_be_read_in_two_ways_is_left_out_with_a_sentence(app, m):
    enter(app, "thrombocytopenia", "1,500")
    assert shown(app) == engine(m.posterior({}))
    assert [warning.value.count("can be read in two ways") for warning in app.warning] == [1, 1]
    click(app, "Rest: no")
    assert not app.segmented_control(key="ev_thrombocytopenia").value  # it is answered, though not understood
    assert app.text_input(key="num_thrombocytopenia").value == "1,500"


def test_a_cost_is_typed_with_either_mark(app):
    app.session_state["cost"] = True  # the popover is open
    app.session_state["arithmetic"] = True
    app.run()
    field = next(each for each in app.text_input if each.key and each.key.startswith("cost_"))
    node = field.key.removeprefix("cost_")
    for typed, cost in (("0,4", 0.4), ("0.3", 0.3)):
        app.text_input(key=field.key).set_value(typed).run()
        rows = [row for part in app.get("bidi_component") for row in json.loads(part.proto.json).get("rows", ())]
        (worth,) = (row["worth"] for row in rows if row["id"] == node and "worth" in row)
        assert f"cost {cost} blood tests" in worth
    app.text_input(key=field.key).set_value("1,200").run()
    assert any("Expected a number from 0 to 1000" in warning.value for warning in app.warning)


def test_a_value_that_cannot_be_read_loses_nothing(app, m):
    answer(app, "fever", "present")
    enter(app, "anaemia", 9.5, "g/dL")
    assert "depends on the sex" in text(app)
    assert shown(app) == engine(m.posterior({"fever": "present"}))
    app.segmented_control(key="ev_sex").set_value("female").run()
    expected = m.posterior({"fever": "present", "anaemia": "9.5 g/dL", "sex": "female"})
    assert shown(app) == engine(expected)


def test_switching_the_setting_keeps_every_entry(app, m):
    answer(app, "methotrexate", "present")
    enter(app, "serum_folate", 3.0)
    before = entered(app)
    for setting in m.knowledge.settings:
        app.selectbox(key="setting").set_value(setting).run()
        assert entered(app) == before
        assert app.text_input(key="num_serum_folate").value == "3.0"
        expected = model.load(setting).posterior({"methotrexate": "present", "serum_folate": "3 ng/mL"})
        assert shown(app) == engine(expected)
        assert m.knowledge.settings[setting].label in text(app)


@pytest.mark.parametrize(
    ("count", "outside", "title", "answered"),
    [
        (1200.0, False, None, True),
        (1500.0, False, "Outside this model", False),
        (800.0, False, "Outside the model's range", False),
        (800.0, True, "Outside the model's range", True),
        (400.0, False, "Outside this model", False),
    ],
)
def test_the_scope_banner(app, count, outside, title, answered):
    enter(app, "anc", count)
    if outside:
        app.toggle(key="outside").set_value(True).run()
    titles = [alert.proto.title for alert in (*app.error, *app.warning)]
    assert [found.startswith(title) for found in titles] == [True] if title else titles == []
    assert bool(sent(app)["rows"]) == answered
    if outside:
        assert drawn(app).outside
        assert any("outside the model's range" in header.value for header in app.header)


def test_fever_with_a_very_low_count_is_an_emergency(app):
    enter(app, "anc", 300.0)
    answer(app, "fever", "present")
    assert app.error[0].proto.title.startswith("Emergency")
    assert sent(app)["rows"] == []
    assert sent(app)["live"].startswith("Emergency")


@pytest.mark.parametrize("guard", ["chemotherapy", "blasts"])
def test_a_guard_stops_the_answer(app, guard):
    answer(app, guard, "present")
    assert app.error
    assert sent(app)["rows"] == []
    answer(app, guard, "absent")
    assert drawn(app).causes


def test_impossible_evidence_keeps_the_last_result_and_the_entries(app, m):
    for cause in m.knowledge.role("cause")[:-1]:
        answer(app, cause.id, "absent")
    last = app.session_state["last"]
    answer(app, "other", "absent")
    assert not app.exception
    assert app.session_state["last"] == last
    assert sent(app)["held"]
    assert "cannot all be true" in app.warning[0].value
    assert len(entered(app)) == 7


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"[]", b'{"schema": 99}', b'{"schema": 1, "setting": "mars", "evidence": {}}', b"\xff\xfe\x00",
     b'{"schema": 1, "evidence": {"fever": NaN}}', b"[" * 100_000],
)  # fmt: skip
def test_a_bad_file_gives_a_sentence_and_changes_nothing(app, content):
    answer(app, "fever", "present")
    before = entered(app), shown(app)
    upload(app, content)
    assert not app.exception
    assert "Nothing was changed" in app.error[0].value
    assert (entered(app), shown(app)) == before


def test_a_file_with_unknown_findings_loads_the_rest_and_says_so(app):
    upload(app, json.dumps({"schema": 1, "evidence": {"fever": "present", "feverish": "yes"}}).encode())
    assert entered(app) == {"fever": "present"}
    assert "feverish" in app.warning[0].value


UNREADABLE = {"blasts": 3, "chemotherapy": "soon", "age": "7 ans", "anc": 0.3}


def refused(at):
    """Return the sentence of the banner; nothing is ranked below it."""
    assert not at.exception
    assert (at.session_state["shown"].status, sent(at)["rows"]) == ("refused", [])
    return at.error[0].value


def test_guards_of_a_file_that_cannot_be_read_stop_the_answer_until_they_are_removed(app):
    upload(app, json.dumps({"schema": 1, "evidence": {**UNREADABLE, "fever": "present"}}).encode())
    said = refused(app)
    assert all(f"{given}" in said for given in UNREADABLE.values())
    assert app.text_input(key="num_age").value == UNREADABLE["age"]  # a number field shows what it holds, read or not
    assert app.session_state["kept"] == {node: given for node, given in UNREADABLE.items() if node != "age"}
    saved = json.loads(app.session_state["current"].case.to_json("abc"))
    assert saved["evidence"] == {**UNREADABLE, "fever": "present"}
    for node in UNREADABLE:
        assert refused(app)
        if node == "age":
            enter(app, node, "")
        else:
            app.button(key=f"drop_{node}").click().run()
        app.run()
    assert shown(app) == engine(model.load().posterior({"fever": "present"}))


def test_a_guard_of_a_link_that_cannot_be_read_stops_the_answer_until_it_is_corrected():
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["case"] = "1~article~0a1b2c3d4e5f~anc.0.3~fever.y"
    at.run()
    assert "0.3" in refused(at)
    assert at.session_state["kept"] == {"anc": 0.3}
    enter(at, "anc", 1.2, "10^9/L")
    assert shown(at) == engine(model.load().posterior({"anc": "1.2 10^9/L", "fever": "present"}))


def test_what_a_file_held_that_cannot_be_read_is_text_and_stays_until_removed(app):
    upload(app, json.dumps({"schema": 1, "evidence": {"fever": "present", "rash": "`[a](//b.c)"}, "extra": 1}).encode())
    assert shown(app) == engine(model.load().posterior({"fever": "present"}))
    kept = next(each.value for each in app.markdown if each.value.startswith("Rash"))
    assert "\\`\\[a\\](" in kept
    case = app.session_state["current"].case
    assert [each.node for each in case.unread] == ["rash"]
    assert len(case.left_out) == 2
    app.button(key="drop_rash").click().run()
    assert app.session_state["kept"] == {}


def test_a_case_survives_saving_and_loading(app, m):
    evidence = {"fever": "absent", "serum_b12": "150 pg/mL", "rash": {"present": 1, "absent": 0.25},
                "serum_copper": "< 20 ug/dL", "drug": "absent", "anc": "1.3 10^9/L"}  # fmt: skip
    upload(app, Case("primary_care", evidence, "a note").to_json(m.hash).encode())
    assert not app.exception
    assert shown(app) == engine(model.load("primary_care").posterior(evidence))
    snapshot = app.session_state["current"].case
    again, _ = read_case(snapshot.to_json(m.hash), m.knowledge)
    assert (again.setting, again.note) == ("primary_care", "a note")
    assert shown(app) == engine(model.load("primary_care").posterior(again.evidence))


def test_undo_brings_back_what_reset_and_an_example_replaced(app):
    answer(app, "fever", "present")
    answer(app, "rash", "absent")
    before = entered(app), shown(app)
    app.selectbox(key="example").set_value("V01").run()
    assert entered(app) != before[0]
    click(app, "Undo")
    assert (entered(app), shown(app)) == before
    click(app, "Reset")
    assert entered(app) == {}
    click(app, "Undo")
    assert (entered(app), shown(app)) == before
    click(app, "Undo")
    assert entered(app) == {"fever": "present"}


def test_two_visitors_do_not_share_a_case():
    first, second = opened(), opened()
    before = shown(second)
    answer(first, "fever", "present")
    second.run()
    assert shown(second) == before


def test_the_words_never_claim_a_diagnosis(app):
    assert "diagnosis:" not in text(app).casefold()
    assert "Not validated on patients" in text(app)
    assert "Not for emergencies" in text(app)


@pytest.mark.parametrize(("page", "title"), [("numbers", "Numbers and sources"), ("about", "About")])
def test_the_other_screens_open(page, title):
    at = AppTest.from_string(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom views.{page} import page\npage.show()",
        default_timeout=60,
    ).run()
    assert not at.exception
    assert at.title[0].value == title
    assert at.segmented_control[0].value == at.segmented_control[0].options[0]  # the part shown is the part marked


def test_a_list_of_all_settings_never_shows_two_numbers_under_one_name(m):
    titles = [record(card, where=True).partition('class="value"')[0] for card in number_rows(m)]
    assert len(set(titles)) == len(titles)


def test_the_note_on_an_empty_count_goes_when_there_is_one(app):
    assert "If left empty" in " ".join(caption.value for caption in app.caption)
    enter(app, "anc", 1.2, "10^9/L")
    said = " ".join(caption.value for caption in app.caption)
    assert "If left empty" not in said
    assert "Absolute neutrophil count 1.2" in said
    assert "choose a state" not in said  # it has none


def test_the_bits_beside_a_question_are_explained(app):
    assert "the longer bar comes first" in text(app)
    assert "Bits: the same as a number" not in text(app)
    app.toggle(key="arithmetic").set_value(True).run()
    assert "Bits: the same as a number" in text(app.run())


def test_one_switch_shows_the_arithmetic_and_takes_it_back(m):
    at = opened()

    def worths():
        rows = [row for part in at.get("bidi_component") for row in json.loads(part.proto.json).get("rows", ())]
        return " ".join(row["worth"] for row in rows if "worth" in row)

    words = text(at).partition("For and against")[2]
    assert "strongly" in words
    assert "without it" in words
    for sign in ("Decibans:", "κ =", "±"):
        assert sign not in words
    assert "bits" not in worths()
    at.toggle(key="arithmetic").set_value(True).run()
    at.run()
    sums = text(at).partition("For and against")[2]
    assert all(sign in sums for sign in ("Decibans:", "κ ="))
    assert "bits" in worths()
    at.toggle(key="arithmetic").set_value(False).run()
    assert text(at.run()).partition("For and against")[2] == words


def test_the_findings_alone_stand_beside_the_ranking_at_one_switch(m):
    at = opened()
    alone = model.load("even").posterior(published_case(m.knowledge, FIRST).evidence).causes
    before = [(row["id"], row["percent"], row["beside"]) for row in sent(at)["rows"]]
    at.toggle(key="alone").set_value(True).run()
    at.run()
    rows = sent(at)["rows"]
    assert [(row["id"], row["percent"]) for row in rows] == [row[:2] for row in before]  # the ranking stays
    assert all(row["beside"] == f"◆ alone {percent(alone[row['id']])}" for row in rows)
    assert all(row["mark"] == round(100 * alone[row["id"]], 2) for row in rows)
    assert "Every cause starting alike" in text(at)
    at.toggle(key="alone").set_value(False).run()
    at.run()
    assert [(row["id"], row["percent"], row["beside"]) for row in sent(at)["rows"]] == before
    at.selectbox(key="setting").set_value("even").run()
    assert "alone" not in [toggle.key for toggle in at.toggle]


def test_no_number_stands_twice_in_a_row():
    for row in sent(opened())["rows"]:
        shown = re.findall(r"[<>]?\d+", " ".join(row[name] for name in ("percent", "beside")))
        assert len(shown) == len(set(shown)), row


def test_a_summary_to_copy_holds_the_case(m):
    at = opened()
    at.session_state["save"] = True  # the popover is open
    at.run()
    assert not at.exception
    (said,) = [code.value for code in at.code if "model's ranking" in code.value]
    case = published_case(m.knowledge, FIRST)
    posterior = m.posterior(case.evidence)
    assert m.hash in said
    assert "not a verdict" in said
    assert f"Setting: {m.knowledge.settings['article'].label}" in said
    places = [said.index(f"{place}. {m.knowledge.nodes[cause].short_label} ")
              for place, cause in enumerate(posterior.ranked, start=1)]  # fmt: skip
    assert places == sorted(places)
    for cause in posterior.ranked:
        assert f"{m.knowledge.nodes[cause].short_label} {percent(posterior.acting[cause])}".replace(
            "\N{NO-BREAK SPACE}", " ") in said  # fmt: skip
    assert said.count("\n- ") >= len(case.evidence) + 3
    assert "strongly: Another drug known to lower neutrophils, Occasional (without it" in said


@pytest.mark.parametrize(
    ("word", "node", "state"), [("b12", "serum_b12", "low"), ("spleen", "splenomegaly", "present")]
)
def test_a_question_found_by_a_word_is_answered_wherever_it_stands(app, word, node, state):
    app.text_input(key="find_question").set_value(word).run()
    app.segmented_control(key=f"ev_{node}").set_value(state).run()
    assert not app.exception
    assert shown(app) == engine(model.load().posterior({node: state}))
