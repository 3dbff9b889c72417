"""A case as a link: what is written comes back, nothing typed freely gets in, and a bad link is one sentence."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import CaseFileError, EvidenceError
from model.evidence import (
    Case,
    bands_of_guards,
    published_case,
    published_cases,
    read_each,
    read_evidence,
    todays_words,
)
from model.evidence.case_link import LONGEST, read_link, to_link
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
HASH = "0a1b2c3d4e5f"
LINK = "link.fever.present.viral.present"
ENTERED = KNOWLEDGE.role("context", "finding", "cause")
BANDS = {band: guard for guard, band in bands_of_guards(KNOWLEDGE).items()}
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")  # RFC 3986: no address has to escape these


def link(*entries):
    return "~".join(("1", "article", HASH, *entries))


def numbers_of(node):
    """Numbers of one node as a reader may type them, in each unit, inside the plausible range of labs.csv."""
    lab = next(lab for lab in KNOWLEDGE.labs if lab.node == node)
    units = [unit for unit in KNOWLEDGE.units if unit.node == node]

    def typed(unit, share, digits):
        value = (lab.plausible_low + share * (lab.plausible_high - lab.plausible_low)) / unit.factor
        return f"{round(value) if unit.unit.startswith('/') else round(value, digits)} {unit.unit}"

    return st.builds(typed, st.sampled_from(units), st.floats(0.05, 0.95), st.integers(2, 6))


def values_of(node):
    states = st.sampled_from(node.states)
    weights = st.floats(1e-9, 1e9) | st.integers(0, 5)
    soft = st.dictionaries(states, weights, min_size=1).filter(lambda given: any(given.values()))
    labs = {unit.node for unit in KNOWLEDGE.units}
    typed = node.id in labs and node.id not in BANDS  # a number for a band is the number of its guard
    return states | soft | numbers_of(node.id) if typed else states | soft


def one_of_band_and_guard(entries):
    """A band says again what its guard says: enter it where the guard is not."""
    return {node: value for node, value in entries.items() if BANDS.get(node) not in entries}


GUARDS = {
    "anc": numbers_of("anc"),
    "age": st.integers(0, 120) | st.floats(0, 120) | numbers_of("age"),
    "chemotherapy": st.sampled_from(["present", "absent"]),
    "blasts": st.sampled_from(["present", "absent"]),
}
replaced = st.dictionaries(st.sampled_from([LINK, "leak.rash.present", "leak.fever.present"]), st.floats(0, 1))
cases = st.builds(
    Case,
    st.sampled_from(sorted(KNOWLEDGE.settings)),
    st.fixed_dictionaries(
        {"sex": st.sampled_from(["female", "male"])},
        optional={**{node.id: values_of(node) for node in ENTERED if node.id != "sex"}, **GUARDS},
    ).map(one_of_band_and_guard),
    st.text(max_size=50),
    replaced,
)


@given(cases)
@settings(max_examples=100, deadline=None)
def test_round_trip(case):
    token = to_link(case, KNOWLEDGE, HASH)
    again, warnings = read_link(token, KNOWLEDGE, HASH)
    assert warnings == ()
    assert again.setting == case.setting
    assert again.numbers == case.numbers
    assert set(again.evidence) == set(case.evidence)
    assert read_evidence(KNOWLEDGE, again.evidence).key == read_evidence(KNOWLEDGE, case.evidence).key
    assert to_link(again, KNOWLEDGE, HASH) == token
    assert UNRESERVED.fullmatch(token)
    assert len(token) <= LONGEST


@pytest.mark.parametrize("case_id", sorted(published_cases(KNOWLEDGE.folder)))
def test_every_published_case_fits_and_comes_back(case_id):
    case = published_case(KNOWLEDGE, case_id)
    token = to_link(case, KNOWLEDGE, HASH)
    again, warnings = read_link(token, KNOWLEDGE, HASH)
    words, notices = todays_words(KNOWLEDGE, case.evidence)
    assert bool(notices) == (case_id in ("D06", "D07"))  # a medicine of which only the list is known
    assert {node: str(value) for node, value in again.evidence.items()} == {node: str(words[node]) for node in words}
    assert (again.note, warnings) == ("", ())
    assert len(token) < 1500  # short enough for a mail


@pytest.mark.parametrize(
    ("evidence", "entry"),
    [
        ({"fever": "present"}, "fever.y"),
        ({" FEVER": " Absent "}, "fever.n"),
        ({"nutritional": "b12"}, "nutritional.b12"),
        ({"drug": "absent"}, "drug.n"),
        ({"serum_b12": "150 pg/mL"}, "serum_b12.150_pg_per_mL"),
        ({"serum_b12": "< 50 ng/L"}, "serum_b12.lt50_pg_per_mL"),
        ({"anc": "1,200 /mm3"}, "anc.1200_per_mm3"),
        ({"anc": "1.2 x10^9/L"}, "anc.1.2_10e9_per_L"),
        ({"antibiotic_course": 21}, "antibiotic_course.21"),
        ({"age": 45.5}, "age.45.5"),
        ({"age": " 45 "}, "age.45"),
        ({"sex": "F"}, "sex.female"),
        ({"rash": {"absent": 0.2, "present": 0.8}}, "rash..n.0.2..y.0.8"),
        ({"fever": None}, ""),
    ],
)
def test_entries_can_be_read_by_a_person(evidence, entry):
    token = to_link(Case("article", evidence), KNOWLEDGE, HASH)
    assert token == (link(entry) if entry else link())


def test_the_order_of_entry_does_not_change_the_link():
    one = to_link(Case("article", {"rash": "present", "fever": "absent"}), KNOWLEDGE, HASH)
    assert one == to_link(Case("article", {"fever": "absent", "rash": "present"}), KNOWLEDGE, HASH)


def test_the_note_is_never_in_a_link():
    token = to_link(Case("article", {"fever": "present"}, "Mrs Example"), KNOWLEDGE, HASH)
    assert token == to_link(Case("article", {"fever": "present"}), KNOWLEDGE, HASH)
    assert read_link(token, KNOWLEDGE)[0].note == ""


@pytest.mark.parametrize(
    "case",
    [
        Case("article", {"serum_b12": "Mrs Example"}),
        Case("article", {"Mrs Example": "present"}),
        Case("article", {"fever": "maybe"}),
        Case("article", {"anaemia": "11 g/dL"}),  # its limit depends on the sex
        Case("ward", {"fever": "present"}),
        Case("article", {}, numbers={"link.of.nothing": 0.5}),
        Case("article", {}, numbers={LINK: 2.0}),
    ],
)
def test_what_cannot_be_read_never_gets_into_a_link(case):
    with pytest.raises(CaseFileError, match="cannot be put into a link"):
        to_link(case, KNOWLEDGE, HASH)


def test_a_link_is_bounded():
    records = [r for r in KNOWLEDGE.records_of("article") if r.kind in ("link", "leak", "hazard") and r.value]
    case = Case("article", {}, numbers={record.id: 0.12345678 for record in records})
    with pytest.raises(CaseFileError, match="at most 8000 characters.*save the case as a file"):
        to_link(case, KNOWLEDGE, HASH)
    with pytest.raises(CaseFileError, match="at most 8000 characters"):
        read_link(link("fever.y" * LONGEST), KNOWLEDGE)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("", "expected the word of a link"),
        ("   ", "expected the word of a link"),
        (None, "expected the word of a link"),
        (b"1~article~abc", "expected the word of a link"),
        ("1", "expected version~setting~model"),
        ("1~article", "expected version~setting~model"),
        ("~~", "expected version '1', got ''"),
        ("2~article~abc~fever.y", "expected version '1', got '2'"),
        ("1.0~article~abc", "expected version '1', got '1.0'"),
        ("1~ward~abc~fever.y", "setting 'ward' is unknown; allowed is 'article'"),
        ("1~~abc~fever.y", "setting '' is unknown"),
        ("1~article~~fever.y", "expected the hash of a model"),
        (f"1~article~{'a' * 65}", "expected the hash of a model"),
        ("1~article~abc~fever=y", "expected version~setting~model"),
        ("1~article~abc~fever.y\n~rash.y", "expected version~setting~model"),
        ("1~article~abc~<script>", "expected version~setting~model"),
        ("1~article~abc~fever.\N{ARABIC-INDIC DIGIT ONE}", "expected version~setting~model"),
        ("%31~article~abc", "expected version~setting~model"),
        ('{"schema": 1}', "expected version~setting~model"),
        ("1~article~abc~fever.y~fever.n", "expected each entry once, got 'fever' twice"),
        ("1~article~abc~fever.y~FEVER.y", "expected each entry once, got 'fever' twice"),
        (f"1~article~abc~n.{LINK}..0.4~n.{LINK}..0.5", "expected each entry once, got 'link.fever"),
    ],
)
def test_a_malformed_link_is_one_sentence(token, message):
    with pytest.raises(CaseFileError, match=f"^Link: {message}"):
        read_link(token, KNOWLEDGE)


@pytest.mark.parametrize(
    "entry",
    [
        "fever", "fever.", ".y", "fevr.y", "fever.maybe", "fever.150_pg_per_mL", "serum_b12.150",
        "serum_b12.9_pg_per_mL", "serum_b12.150_furlong", "serum_b12.lt250_pg_per_mL", "anaemia.11_g_per_dL", "rash..",
        "sex.x", "rash..y", "rash..y.-1", "rash..y.0.5..y.0.6", "rash..y.1e999", "rash..y.0..n.0", "rash..maybe.1",
        "decreased_production.y", "neutropenia.yes", "n.link.of.nothing..0.5",
        f"n.{LINK}", f"n.{LINK}..", f"n.{LINK}..1.5", f"n.{LINK}..inf", "n", "n.",
    ],
)  # fmt: skip
def test_what_is_not_known_is_left_out_and_named(entry):
    case, warnings = read_link(link("viral_test.y", entry), KNOWLEDGE, HASH)
    assert dict(case.evidence) == {"viral_test": "present"}
    assert dict(case.numbers) == {}
    assert len(warnings) == 1
    assert warnings[0].startswith("Left out: ")
    assert entry.split(".")[0].casefold() in warnings[0]


@pytest.mark.parametrize(
    "entry",
    [
        "age", "age.", "age.-4", "age..5", "age.7_ans", f"age.{'9' * 400}", f"age.{'9' * 5000}", "anc.0.3", "anc.low",
        "anc..y.1", "anc..5_10e9_per_L", "blasts.perhaps", "blasts..y.1", "chemotherapy.soon", "chemotherpy.y",
        "age_band..y.1",
    ],
)  # fmt: skip
def test_a_guard_that_cannot_be_read_is_kept_and_nothing_answers(entry, article):
    token = link("fever.y", "rash.maybe", entry)
    case, warnings = read_link(token, KNOWLEDGE, HASH)
    name = entry.split(".")[0]
    assert set(case.evidence) == {"fever", name}
    assert [warning.partition(":")[0] for warning in warnings if name in warning] == [
        "No answer until this is corrected or taken out"
    ]
    with pytest.raises(EvidenceError, match=name):
        article.posterior(case.evidence)
    with pytest.raises(CaseFileError, match="cannot be put into a link"):
        to_link(case, KNOWLEDGE, HASH)


def test_words_of_cells_stand_for_what_they_do_in_a_table():
    token = link("fever.yes", "rash.0", "blasts.true", "viral_test.unknown", "chemotherapy.nein", "antibiotic_course.1")
    case, warnings = read_link(token, KNOWLEDGE, HASH)
    assert case.evidence == {"fever": "present", "rash": "absent", "blasts": "present", "chemotherapy": "absent"}
    assert len(warnings) == 1
    assert "antibiotic_course: 1 can be a code or a number of days, got 1; write '1 days'" in warnings[0]


def test_a_number_that_may_be_a_code_stands_in_a_link_with_its_unit():
    for value in (1, "1", "1 days"):
        token = to_link(Case("article", {"antibiotic_course": value}), KNOWLEDGE, HASH)
        assert "antibiotic_course.1_days" in token
        assert read_link(token, KNOWLEDGE, HASH)[0].evidence == {"antibiotic_course": "1 days"}


def test_whatever_is_left_out_of_a_link_stands_in_the_case():
    case, warnings = read_link(link("fever.y", "rash.maybe", "n.link.of.nothing..0.5", "n.x"), KNOWLEDGE, HASH)
    assert case.evidence == {"fever": "present"}
    assert len(case.left_out) == 3
    assert sorted(warnings) == sorted(f"Left out: {sentence}" for sentence in case.left_out)


def test_another_model_is_named():
    assert "saved with model 0a1b2c3d4e5f; this is fff" in read_link(link("fever.y"), KNOWLEDGE, "fff")[1][0]
    assert read_link(link("fever.y"), KNOWLEDGE)[1] == ()


pieces = st.lists(
    st.sampled_from(["1", "article", "abc", "~", ".", "..", "fever", "serum_b12", "y", "n", "150", "_", "pg_per_mL",
                     "lt", "0.5", "e", "-", LINK, "age", "1e9"]), max_size=20,
).map("".join)  # fmt: skip


@given(
    st.text(max_size=200) | pieces | pieces.map(lambda text: link(text)) | pieces.map(lambda text: link(f"n.{text}"))
)
@settings(max_examples=200, deadline=None)
def test_nothing_but_a_case_file_error_ever(token):
    try:
        case, _ = read_link(token, KNOWLEDGE, HASH)
    except CaseFileError:
        return
    assert all(each.guard for each in read_each(KNOWLEDGE, case.evidence)[1])
