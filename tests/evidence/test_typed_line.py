"""One typed line: what is read, what is not and why; nothing is guessed and nothing is lost."""

import dataclasses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.errors import KnowledgeError
from model.evidence import read_evidence
from model.evidence.medicine import MEDICINES
from model.evidence.typed_line import LONGEST, read_typed
from model.evidence.typed_vocabulary import fold_typed, typed_vocabulary
from model.knowledge import load_knowledge
from model.knowledge.typed_tables import TYPED_KINDS, check_typed, is_known

KNOWLEDGE = load_knowledge()
VIGNETTE = "52 f, mtx 2 y, ra, no fever, folate 2.8, mcv 104, hb 11.2, plt 98, spleen not palpable"


def read(text, **options):
    return read_typed(KNOWLEDGE, text, **options)


def only(text, **options):
    (piece,) = read(text, **options).pieces
    return piece


def test_the_vignette_is_read_piece_by_piece():
    line = read(VIGNETTE)
    assert dict(line.evidence) == {
        "age": "52 years", "sex": "female", "rheumatoid_arthritis": "present", "fever": "absent",
        "serum_folate": "2.8 ng/mL", "macrocytosis": "104 fL", "anaemia": "11.2 g/dL",
        "thrombocytopenia": "98 10^9/L", "splenomegaly": "absent",
    }  # fmt: skip
    assert line.medicines == ("mtx 2 y",)
    assert line.left == ""
    assert [piece.reading for piece in line.pieces] == [
        "Age 52 years; Sex: female", "MTX (Methotrexate), 2 y", "Rheumatoid arthritis: yes", "Fever: no",
        "Serum folate 2.8 ng/mL: low", "Mean cell volume 104 fL: macrocytosis", "Haemoglobin 11.2 g/dL: anaemia",
        "Platelets 98 10^9/L: thrombocytopenia", "Splenomegaly: no",
    ]  # fmt: skip


KNOWN = {
    "52 f": {"age": "52 years", "sex": "female"}, "52f": {"age": "52 years", "sex": "female"},
    "f 52": {"age": "52 years", "sex": "female"}, "52 year old woman": {"age": "52 years", "sex": "female"},
    "52-year-old man": {"age": "52 years", "sex": "male"}, "52 y/o female": {"age": "52 years", "sex": "female"},
    "71M": {"age": "71 years", "sex": "male"}, "age 71": {"age": "71 years"}, "sex: f": {"sex": "female"},
    "woman": {"sex": "female"}, "anc 1.2": {"anc": "1.2 10^9/L"}, "anc 1200": {"anc": "1200 /mm3"},
    "anc 1,200": {"anc": "1200 /mm3"}, "neutrophils 1.2 x10^9/L": {"anc": "1.2 10^9/L"},
    "folate 2,8": {"serum_folate": "2.8 ng/mL"}, "folate 2.8 nmol/l": {"serum_folate": "2.8 nmol/L"},
    "plt 98000": {"thrombocytopenia": "98000 /mm3"}, "low folate": {"serum_folate": "low"},
    "b12 borderline": {"serum_b12": "borderline"}, "low platelets": {"thrombocytopenia": "present"},
    "mcv normal": {"macrocytosis": "absent"}, "ra": {"rheumatoid_arthritis": "present"},
    "RA ruled out": {"rheumatoid_arthritis": "absent"}, "ra: no": {"rheumatoid_arthritis": "absent"},
    "sle": {"lupus_or_other_autoimmune": "present"}, "afebrile": {"fever": "absent"},
    "denies fever": {"fever": "absent"}, "without rash": {"rash": "absent"}, "w/o rash": {"rash": "absent"},
    "no evidence of splenomegaly": {"splenomegaly": "absent"}, "spleen not palpable": {"splenomegaly": "absent"},
    "no splenomegaly": {"splenomegaly": "absent"}, "splenomegaly": {"splenomegaly": "present"},
    "lad": {"lymphadenopathy": "present"}, "no nodes": {"lymphadenopathy": "absent"},
    "duffy-null": {"duffy_null": "present"}, "Fy(a-b-)": {"duffy_null": "present"},
    "Fy(a+b-)": {"duffy_null": "absent"}, "cirrhosis": {"portal_hypertension": "present"},
    "s/p gastric bypass": {"malabsorption_or_gastric_surgery": "present"}, "lifelong": {"duration": "lifelong"},
    "African": {"african_or_middle_eastern_ancestry": "present"}, "previously normal": {"duration": "earlier_normal"},
    "ana+": {"autoimmune_serology": "present"}, "hiv neg": {"chronic_virus_test": "negative"},
    "ana (-)": {"autoimmune_serology": "absent"}, "no fever or rash": {"fever": "absent", "rash": "absent"},
    "fever and cough": {"fever": "present", "respiratory_symptoms": "present"}, "no chemo": {"chemotherapy": "absent"},
    "no mtx": {"methotrexate": "absent"}, "antibiotics 10 days": {"antibiotic_course": "10 days"},
    "no abx": {"antibiotic_course": "none"}, "lymphs 0.8 10^9/L": {"lymphocytes": "0.8 10^9/L"},
    "isolated neutropenia": {"anaemia": "absent", "thrombocytopenia": "absent"},
}  # fmt: skip


@pytest.mark.parametrize("typed", KNOWN)
def test_known_answers(typed):
    assert dict(only(typed).evidence) == KNOWN[typed], only(typed).reason


REFUSED = {
    "fever?": "not certain", "possible ra": "not certain", "r/o sle": "not certain", "? ra": "not certain",
    "family history of sle": "somebody else", "mother has ra": "somebody else", "h/o fever": "was, not what is",
    "fh: no ra": "somebody else", "previous rash": "was, not what is", "hb": "expected a number",
    "plt 98 mg/dL": "unit 'mg/dL' is unknown", "hb 11.2": "depends on the sex", "folate 5": "The unit decides",
    "b12 150": "near its limit", "anc 12": "The unit decides", "copper 60": "The unit decides",
    "52": "not known", "130 f": "expected 0 to 120", "neutrophils 35 %": "absolute count", "ana": "without its result",
    "not afebrile": "leaves", "no cough": "leaves", "no sle": "leaves", "no ra ruled out": "more than once",
    "cough or rash": "nobody says which", "no fever and rash": "can mean yes or no", "new": "earlier normal",
    "no cbz": "another medicine", "mtx 15 mg weekly": "A dose is left out", "methotrexat 2 y": "did you mean",
    "spleen": "palpable or not", "viral infection": "not known", "drug": "not known", "dysplasia": "of the marrow",
    "black": "does not say", "antibiotics": "for how long", "no azathioprine": "another medicine", "hello": "not known",
    "gastric bypass ruled out": "leaves", "alt raised": "more than twice", "fever 39": "not known",
}  # fmt: skip


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_not_certain_is_not_read_and_says_why(typed):
    piece = only(typed)
    assert not piece.evidence
    assert not piece.medicine
    assert REFUSED[typed].casefold() in piece.reason.casefold()
    assert read(typed).left == typed


def test_haemoglobin_needs_the_sex_from_wherever_it_comes():
    assert only("hb 12.8", beside={"sex": "male"}).reading == "Haemoglobin 12.8 g/dL: anaemia, near the limit"
    assert read("hb 12.4, f").pieces[0].reading.startswith("Haemoglobin 12.4 g/dL: no anaemia")
    assert read("hb 12.4 g/dL; m; f").evidence == {}


def test_a_unit_on_screen_is_taken_where_the_state_does_not_hang_on_it():
    assert only("folate 2.8", units={"serum_folate": "nmol/L"}).evidence == {"serum_folate": "2.8 nmol/L"}
    assert only("folate 5", units={"serum_folate": "nmol/L"}).evidence == {}


def test_medicines_are_read_as_lines_and_go_on_over_commas():
    line = read("CBZ, 3 weeks, suspected; mtx 2 y, ra")
    assert line.medicines == ("CBZ, 3 weeks, suspected", "mtx 2 y")
    assert [piece.text for piece in line.pieces] == ["CBZ, 3 weeks, suspected", "mtx 2 y", "ra"]
    asked = read("mtx, 52 y, f")
    assert asked.medicines == ("mtx",)
    assert asked.left == "52 y"
    assert "age 52 y" in asked.unread[0].reason
    assert read("mtx 2 y, 52 f").evidence == {"age": "52 years", "sex": "female"}


def test_a_finding_after_a_negated_one_is_asked_about():
    line = read("no fever, rash, cough, mcv 104, lad")
    assert line.left == "rash, cough"
    assert "no rash" in line.unread[0].reason
    assert line.evidence == {"fever": "absent", "macrocytosis": "104 fL", "lymphadenopathy": "present"}
    assert read("no fever, ra").left == ""
    assert read("no fever, rash: yes").evidence == {"fever": "absent", "rash": "present"}


@pytest.mark.parametrize("text", ["fever, no fever", "mtx 2 y, no mtx", "52 f, 61 y", "anc 1.2, anc 1300", "f, m"])
def test_what_contradicts_itself_is_not_read(text):
    line = read(text)
    assert not line.evidence
    assert not line.medicines
    assert all("contradicts" in piece.reason for piece in line.pieces)


def test_the_same_said_twice_is_no_contradiction():
    assert read("anc 1.2, anc 1200 /mm3, afebrile, no fever").left == ""


def test_a_line_that_is_too_long_is_left_as_it_is():
    line = read("ra, " * LONGEST)
    assert not line.evidence
    assert "at most" in line.unread[0].reason


signs = st.sampled_from(list("0123456789.,;:+-?()/<>= \n\tfmyéß%\u2028\u0660½"))
phrases = st.sampled_from([row.phrase for row in KNOWLEDGE.typed_phrases])
words = st.sampled_from([each for row in KNOWLEDGE.typed_words for each in row.spelling])
names = st.sampled_from([name.spelling for name in KNOWLEDGE.lab_names] + [m.name for m in KNOWLEDGE.medicines])
bits = st.one_of(phrases, words, names, st.text(max_size=8), signs, st.sampled_from(VIGNETTE.split()))
lines = st.lists(bits, max_size=12).flatmap(
    lambda parts: st.sampled_from([", ", " ", ",", "; ", ""]).map(lambda sign: sign.join(parts))
)


@settings(max_examples=200, deadline=None)
@given(lines)
@example("52 f,,; ,")
@example("mtx, 2 y, " + "x" * 990)
def test_every_line_is_read_or_left_and_nothing_is_lost(text):
    line = read(text)
    at = 0
    for piece in line.pieces:
        assert all(sign.isspace() or sign in ",;" for sign in text[at : piece.start])
        assert text[piece.start : piece.end].startswith(piece.text.split(",")[0])
        assert bool(piece.reading) != bool(piece.reason)
        assert bool(piece.reading) == bool(piece.evidence or piece.medicine)
        at = piece.end
    assert all(sign.isspace() or sign in ",;" for sign in text[at:])
    entries = {**line.evidence, **({MEDICINES: list(line.medicines)} if line.medicines else {})}
    read_evidence(KNOWLEDGE, entries)  # what was read, the library reads
    again = read(line.left, beside=line.evidence)
    assert [piece.text for piece in again.pieces] == [piece.text for piece in line.unread] or not line.left


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*KNOWN, "mtx 2 y", "cbz 3 weeks, suspected"]), max_size=6))
def test_a_line_is_the_sum_of_its_pieces(pieces):
    line = read("; ".join(pieces))
    for piece in line.pieces:
        if not piece.reason:
            assert (piece.evidence, piece.medicine) == (only(piece.text).evidence, only(piece.text).medicine)


@pytest.mark.parametrize("row", KNOWLEDGE.typed_phrases, ids=lambda row: row.phrase)
def test_every_row_is_read_as_it_says(row):
    """Typed alone, or with its result; a phrase that another reader takes differently would be refused."""
    found = only(f"{row.phrase}: positive" if row.result else row.phrase)
    if not row.node or not row.state:
        assert found.reason
    else:
        assert dict(found.evidence) == dict(zip(row.node, row.state, strict=True)), found.reason
    if row.negated:
        assert dict(only(f"no {row.phrase}").evidence) == dict(zip(row.node, row.negated, strict=True))
    elif row.node:
        assert only(f"no {row.phrase}").reason or (row.node, only(f"no {row.phrase}").evidence)


def test_without_the_tables_the_other_readers_still_read():
    """As a release from before them, whose tables are compared with today's."""
    bare = dataclasses.replace(KNOWLEDGE, typed_phrases=(), typed_words=())
    line = read_typed(bare, "mtx 2 y, plt 98, no fever, fever, 52 y")
    assert line.medicines == ("mtx 2 y",)
    assert line.evidence == {"thrombocytopenia": "98 10^9/L", "fever": "present", "age": "52 years"}


def test_the_tables_hold_every_kind_and_no_phrase_twice():
    assert {word.kind for word in KNOWLEDGE.typed_words} == set(TYPED_KINDS)
    folded = [fold_typed(row.phrase) for row in KNOWLEDGE.typed_phrases]
    assert len(set(folded)) == len(folded)
    assert all(typed_vocabulary(KNOWLEDGE).phrases[each] for each in folded)
    assert [row for row in KNOWLEDGE.typed_phrases if not is_known(row, KNOWLEDGE.nodes)] == []


def changed(**cells):
    row = next(row for row in KNOWLEDGE.typed_phrases if row.phrase == "ra")
    return dataclasses.replace(row, **{"phrase": "new phrase", **cells})


FORM = [
    {"phrase": ""},
    {"phrase": "SLE"},
    {"state": ("present",) * 2},
    {"result": "perhaps"},
    {"node": (), "note": "why"},
]


@pytest.mark.parametrize("wrong", FORM)
def test_a_wrong_row_is_refused(wrong):
    with pytest.raises(KnowledgeError, match=r"typed_phrases\.csv"):
        check_typed([*KNOWLEDGE.typed_phrases, changed(**wrong)], KNOWLEDGE.typed_words)


@pytest.mark.parametrize(
    "wrong", [{"node": ("nowhere",)}, {"node": ("drug",)}, {"state": ("high",)}, {"negated": ("x",)}]
)
def test_a_row_of_something_that_is_not_there_is_not_read(wrong):
    row = changed(**wrong)
    assert not is_known(row, KNOWLEDGE.nodes)
    assert read_typed(dataclasses.replace(KNOWLEDGE, typed_phrases=(row,)), "new phrase").left == "new phrase"


@pytest.mark.parametrize("wrong", [{"kind": "maybe"}, {"meaning": "medium"}, {"spelling": ()}])
def test_a_wrong_word_is_refused(wrong):
    row = next(row for row in KNOWLEDGE.typed_words if row.kind == "level")
    with pytest.raises(KnowledgeError, match=r"typed_words\.csv"):
        check_typed(KNOWLEDGE.typed_phrases, [dataclasses.replace(row, **wrong)])
