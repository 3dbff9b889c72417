"""The typed line, the chips and the search by every name, without a browser; answers are compared with the engine."""

import json

import pytest

from model.evidence.medicine import MEDICINES
from model.knowledge import load_knowledge
from tests.evidence.test_typed_line import VIGNETTE
from tests.views.case_screen import done, empty_case
from tests.views.test_app import engine, shown
from views.case.typed_line_view import typed_view
from views.line import Line
from views.questions import Questionnaire

KNOWLEDGE = load_knowledge()
ASKED = Questionnaire(KNOWLEDGE)


@pytest.fixture
def case():
    return empty_case()


def drawn(at, key):
    """Return the data of the component that has this key in it."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component")]
    return next(each for each in found if key in each)


def line(at):
    return drawn(at, "turn")


def chips(at):
    return drawn(at, "chips")["chips"]


def test_the_vignette_is_entered_by_one_line_and_taken_back_by_one_undo(case, m):
    at = done(case, "enter_line", VIGNETTE)
    expected = {
        "age": 52, "sex": "female", MEDICINES: ["mtx 2 y"], "rheumatoid_arthritis": "present", "fever": "absent",
        "serum_folate": "2.8 ng/mL", "macrocytosis": 104, "anaemia": "11.2 g/dL", "thrombocytopenia": 98,
        "splenomegaly": "absent",
    }  # fmt: skip
    assert shown(at) == engine(m.posterior(expected))
    assert line(at)["text"] == ""
    assert [chip["text"] for chip in chips(at)] == [
        "Age 52 years", "Sex: female", "MTX (Methotrexate), 2 y", "Rheumatoid arthritis: yes", "Fever: no",
        "Splenomegaly: no", "Mean cell volume 104 fL: macrocytosis", "Haemoglobin 11.2 g/dL: anaemia",
        "Platelets 98 10⁹/L: thrombocytopenia", "Serum folate 2.8 ng/mL: low",
    ]  # fmt: skip
    assert at.text_input(key="num_serum_folate").value == "2.8"
    assert any("through MTX (Methotrexate)" in each.value for each in at.caption)
    at.button[[each.label for each in at.button].index("Undo")].click().run()
    assert shown(at) == engine(m.posterior({}))
    assert chips(at) == []


def test_what_is_not_understood_stays_in_the_line_with_its_reason(case, m):
    at = done(case, "enter_line", "fever?, no rash, hb 11.2")
    assert shown(at) == engine(m.posterior({"rash": "absent"}))
    assert line(at)["text"] == "fever?, hb 11.2"
    assert [piece["understood"] for piece in line(at)["pieces"]] == [False, False]
    assert "depends on the sex" in line(at)["pieces"][1]["said"]
    at = done(at, "enter_line", "f, hb 11.2")
    assert shown(at) == engine(m.posterior({"rash": "absent", "sex": "female", "anaemia": "11.2 g/dL"}))


def test_a_contradiction_replaces_what_stood_there_and_says_so(case, m):
    at = done(case, "enter_line", "fever, mtx 2 y, folate 2.8, 40 y")
    at = done(at, "enter_line", "no fever, no mtx, folate 9 ng/mL, 71 y")
    told = " ".join(line(at)["told"])
    assert "“Fever: yes” was replaced by “Fever: no”" in told
    assert "Serum folate 2.8 ng/mL" in told
    assert "“MTX (Methotrexate), 2 y” was taken back" in told
    expected = {"fever": "absent", "methotrexate": "absent", "serum_folate": "9 ng/mL", "age": 71}
    assert shown(at) == engine(m.posterior(expected))
    at = done(at, "enter_line", "mtx 2 y")
    assert "“Methotrexate: no” was replaced by “Methotrexate: yes”" in " ".join(line(at)["told"])
    assert shown(at) == engine(m.posterior({**expected, "methotrexate": "present"}))
    at.button[[each.label for each in at.button].index("Undo")].click().run()
    assert shown(at) == engine(m.posterior(expected))


@pytest.mark.parametrize(
    ("typed", "gone"), [("fever, rash", "fever"), ("52 f, ra", "age"), ("mtx 2 y, f", "medicine:0")]
)
def test_a_chip_is_taken_back(case, m, typed, gone):
    at = done(case, "enter_line", typed)
    before = {chip["id"] for chip in chips(at)}
    at = done(at, "take_back", gone)
    assert {chip["id"] for chip in chips(at)} == before - {gone}
    at.button[[each.label for each in at.button].index("Undo")].click().run()
    assert {chip["id"] for chip in chips(at)} == before


def test_what_cannot_be_read_has_a_chip_too(case):
    case.text_input(key="num_anc").set_value("1.200").run()
    (chip,) = chips(case.run())
    assert (chip["id"], chip["target"], chip["usable"]) == ("anc", "num_anc", False)
    assert "not read" in chip["text"]


def test_every_chip_leads_to_a_widget(case):
    at = done(case, "enter_line", VIGNETTE)
    keys = {each.key for kind in ("text_input", "segmented_control", "button") for each in at.get(kind)}
    assert {chip["target"] for chip in chips(at)} <= keys


def test_the_line_says_nothing_of_a_piece_that_is_still_being_typed():
    beside = {"sex": ""}
    typing = typed_view(KNOWLEDGE, Line("52 f, spleen not pal"), beside, {})
    assert [piece.said for piece in typing.pieces] == ["Age 52 years; Sex: female", ""]
    assert typed_view(KNOWLEDGE, Line("spleen not pal", 1, True), beside, {}).pieces[0].said
    assert typed_view(KNOWLEDGE, Line("spleen not pal,"), beside, {}).pieces[0].said
    assert typed_view(KNOWLEDGE, Line(), beside, {}).status == ""


def found(words):
    groups = [*ASKED.groups, ASKED.settled]
    return {q.id for group in groups for q in group.matching(words).questions} | {
        node for node, question in ASKED.patient.items() if question.found_by(words)
    }


NAMES = {
    "ANC": "anc", "neutrophils": "anc", "Hb": "anaemia", "hgb": "anaemia", "MTX": "methotrexate", "MCV": "macrocytosis",
    "plt": "thrombocytopenia", "keppra": "other_culprit_drug", "mesalazine": "other_culprit_drug",
    "chemo": "chemotherapy", "augmentin": "antibiotic_course", "lad": "lymphadenopathy", "ra": "rheumatoid_arthritis",
    "afebrile": "fever", "VGM": "macrocytosis", "cyclophosphamide": "chemotherapy",
}  # fmt: skip


@pytest.mark.parametrize("words", NAMES)
def test_search_finds_by_every_name(words):
    assert NAMES[words] in found(words)


def test_search_finds_every_name_that_paste_line_and_medicines_know():
    missed = [
        row.spelling for row in KNOWLEDGE.lab_names if row.node in ASKED.every and row.node not in found(row.spelling)
    ]
    missed += [row.phrase for row in KNOWLEDGE.typed_phrases for node in row.node if node not in found(row.phrase)]
    missed += [
        name for each in KNOWLEDGE.medicines for name in each.spellings
        if each.node in ASKED.every and each.node not in found(name)
    ]  # fmt: skip
    assert missed == []


def test_a_search_shows_the_patients_own_questions(case):
    case.text_input(key="find_question").set_value("anc").run()
    assert case.text_input(key="num_anc")
    assert not [each for each in case.text_input if each.key == "num_age"]
    assert not case.exception
