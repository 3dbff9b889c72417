"""Case files: what is saved comes back; what cannot be read is said and loses nothing else."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import CaseFileError, EvidenceError
from model.evidence import Case, published_case, published_cases, read_case, read_evidence
from model.evidence.case import MAX_BYTES
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
ENTERABLE = KNOWLEDGE.role("context", "finding", "cause")
evidence = st.fixed_dictionaries({}, optional={node.id: st.sampled_from(node.states) for node in ENTERABLE})


@given(evidence, st.sampled_from(sorted(KNOWLEDGE.settings)), st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_round_trip(entered, setting, note):
    case = Case(setting, entered, note)
    again, warnings = read_case(case.to_json("abc"), KNOWLEDGE)
    assert again == case
    assert warnings == ()
    assert read_case(case.to_json("abc").encode(), KNOWLEDGE)[0] == case


def written(**changes):
    content = {"schema": 1, "setting": "article", "evidence": {"fever": "present"}, "note": "", "model_hash": "abc"}
    return json.dumps({**content, **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "expected an object"),
        ("{}", "expected schema 1, got None"),
        (written(schema=2), "expected schema 1, got 2"),
        (written(setting="ward"), "setting 'ward' is unknown; allowed is 'article'"),
        (written(setting=["article"]), "setting \\['article'\\] is unknown"),
        (written(evidence=[1]), "expected 'evidence' as a mapping"),
        (written(note=3), "expected 'note' as text"),
        ('{"schema": 1, "evidence": {"fever": "present", "fever": "absent"}}', "'fever' given twice"),
        ('{"schema": 1, "evidence": {"serum_b12": NaN}}', "NaN is not a number"),
        (" " * (MAX_BYTES + 1), f"at most {MAX_BYTES} bytes"),
    ],
)
def test_a_bad_file_is_one_sentence(text, message):
    with pytest.raises(CaseFileError, match=message):
        read_case(text, KNOWLEDGE)


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
@settings(max_examples=200, deadline=None)
def test_garbage_never_gives_anything_but_a_case_file_error(text):
    with pytest.raises(CaseFileError):
        read_case(text, KNOWLEDGE)


def test_what_is_not_known_is_left_out_and_named():
    text = written(
        evidence={"fever": "present", "fevr": "present", "rash": "maybe", "serum_b12": "150", "sex": "x"}, extra=1
    )
    case, warnings = read_case(text, KNOWLEDGE, "abc")
    assert case.evidence == {"fever": "present"}
    assert len(warnings) == 5
    assert any("'extra'" in warning for warning in warnings)
    assert any("did you mean 'fever'" in warning for warning in warnings)


UNREADABLE = [
    ("blasts", 3), ("blasts", "perhaps"), ("chemotherapy", 2.5), ("chemotherapy", ["present"]), ("age", "7 ans"),
    ("age", {"years": 7}), ("age", ""), ("anc", 0.3), ("anc", "low"), ("anc", "300 furlongs"),
    ("chemotherpy", "present"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "given"), UNREADABLE)
def test_a_guard_that_cannot_be_read_is_never_answered_without(node, given, article):
    case, warnings = read_case(written(evidence={"fever": "present", node: given}), KNOWLEDGE)
    assert case.evidence == {"fever": "present", node: given}
    assert len(warnings) == 1
    assert warnings[0].startswith("No answer until this is corrected or taken out: ")
    assert repr(node) in warnings[0] or f"{node}: " in warnings[0]
    with pytest.raises(EvidenceError, match=re.escape(warnings[0].partition(": ")[2])):
        article.posterior(case.evidence)
    with pytest.raises(EvidenceError, match=node):
        article.posterior(case.evidence, "allow")
    assert read_case(case.to_json("abc"), KNOWLEDGE) == (case, warnings)


def test_a_guard_that_is_null_is_not_assessed(article):
    case, warnings = read_case(written(evidence=dict.fromkeys(("anc", "blasts", "sex"), None)), KNOWLEDGE)
    assert warnings == ()
    assert article.posterior(case.evidence).scope.verdict == "in"


def test_words_of_cells_stand_for_what_they_do_in_a_table():
    given = {"fever": "yes", "rash": False, "viral_test": "NA", "blasts": 0, "age": "?", "antibiotic_course": "none"}
    case, warnings = read_case(written(evidence={**given, "methotrexate": 1}), KNOWLEDGE)
    assert case.evidence == {"fever": "present", "rash": "absent", "blasts": "absent", "antibiotic_course": "none",
                             "methotrexate": "present"}  # fmt: skip
    assert not warnings
    case, warnings = read_case(written(evidence={"antibiotic_course": 2}), KNOWLEDGE)
    assert not case.evidence
    assert "antibiotic_course: 2 can be a code or a number of days" in warnings[0]
    assert json.loads(case.to_json("abc"))["evidence"] == {"antibiotic_course": 2}


def test_what_is_left_out_is_saved_as_given_and_said_again():
    entries = {"fever": "present", "rash": "maybe", "fevr": {"a": [1]}, "serum_b12": "150", "blasts": 3}
    case, warnings = read_case(written(evidence=entries, numbers={"link.of.nothing": 0.5}, extra=1), KNOWLEDGE)
    assert {each.node: each.given for each in case.unread} == {node: entries[node] for node in list(entries)[1:4]}
    assert len(case.left_out) == 5
    assert len(warnings) == 6
    assert json.loads(case.to_json("abc"))["evidence"] == entries
    again, _ = read_case(case.to_json("abc"), KNOWLEDGE)
    assert (again.evidence, again.unread) == (case.evidence, case.unread)


def test_another_model_is_named():
    _, warnings = read_case(written(), KNOWLEDGE, "def")
    assert "saved with model abc" in warnings[0]


def test_haemoglobin_is_kept_with_its_sex():
    case, warnings = read_case(written(evidence={"anaemia": "12.5 g/dL", "sex": "male"}), KNOWLEDGE)
    assert set(case.evidence) == {"anaemia", "sex"}
    assert not warnings


def test_published_cases_hide_what_was_known_afterwards():
    case = published_cases(KNOWLEDGE.folder)["C02"]
    assert "serum_folate" in case.presenting()
    assert "serum_folate" not in case.presenting(decisive=False)
    afterwards = published_cases(KNOWLEDGE.folder)["D28"]
    assert "recovery_after_stopping" not in afterwards.presenting()


def test_published_cases_are_shown_in_the_words_of_today():
    for case_id in published_cases(KNOWLEDGE.folder):
        case = published_case(KNOWLEDGE, case_id)
        assert not {"age", "age_band"} <= set(case.evidence)  # one says what the other says
        read = read_evidence(KNOWLEDGE, case.evidence)
        assert bool(read.notices) == (case_id in ("D06", "D07"))  # a medicine of which only the list is known


def test_examples_open_in_scope_or_are_asked_for(article):
    first = published_case(KNOWLEDGE, KNOWLEDGE.examples[0].case)
    assert article.posterior(first.evidence).scope.verdict == "in"
    with pytest.raises(CaseFileError, match="'XYZ' is unknown"):
        published_case(KNOWLEDGE, "XYZ")


def test_nodes_are_kept_by_their_own_names():
    case, warnings = read_case(written(evidence={" Fever ": "present", "RASH": "absent"}), KNOWLEDGE)
    assert case.evidence == {"fever": "present", "rash": "absent"}
    assert warnings == ()
    with pytest.raises(CaseFileError, match="expected each node once, got 'fever' twice"):
        read_case(written(evidence={"fever": "present", "Fever": "absent"}), KNOWLEDGE)


@pytest.mark.parametrize(
    ("word", "sex"), [("F", "female"), ("m", "male"), (" Female", "female"), ("MALE", "male"), ("male", "male")]
)
def test_any_word_for_the_sex_is_understood_beside_haemoglobin(word, sex):
    case, warnings = read_case(written(evidence={"anaemia": "11 g/dL", "Sex": word}), KNOWLEDGE)
    assert case.evidence == {"anaemia": "11 g/dL", "sex": sex}
    assert warnings == ()


@pytest.mark.parametrize("sex", ["x", None, 3, ["female"]])
def test_haemoglobin_without_a_sex_is_left_out(sex):
    case, warnings = read_case(written(evidence={"anaemia": "11 g/dL", "sex": sex, "fever": "present"}), KNOWLEDGE)
    assert "anaemia" not in case.evidence
    assert case.evidence["fever"] == "present"
    assert any("depends on the sex" in warning for warning in warnings)


@pytest.mark.parametrize("content", [None, 3, bytearray(b"{}"), ["{}"]])
def test_only_text_or_bytes_can_be_a_file(content):
    with pytest.raises(CaseFileError, match=f"expected text or bytes, got {type(content).__name__}"):
        read_case(content, KNOWLEDGE)


@pytest.mark.parametrize(
    "text",
    ["\ud800", written(note="\ud800"), written(evidence={"\udfff": "present"}), written(evidence={"fever": "\ud800"}),
     written(note="x").replace('"x"', '"\ud800"')],
)  # fmt: skip
def test_text_that_cannot_be_encoded_is_refused(text):
    with pytest.raises(CaseFileError, match="cannot be read .*surrogates not allowed"):
        read_case(text, KNOWLEDGE)


def test_replaced_numbers_come_back_and_those_of_no_model_are_said():
    number = "link.fever.present.viral.present"
    case = Case("article", {"fever": "present"}, numbers={number: 0.4})
    assert read_case(case.to_json("abc"), KNOWLEDGE) == (case, ())
    given = {number: 0.4, "link.of.nothing": 0.5, "leak.fever.present": 1.5, "leak.rash.present": "many"}
    again, warnings = read_case(written(numbers=given), KNOWLEDGE)
    assert again.numbers == {number: 0.4}
    assert [name in " ".join(warnings) for name in given] == [False, True, True, True]
    with pytest.raises(CaseFileError, match="expected 'numbers' as a mapping"):
        read_case(written(numbers=[0.4]), KNOWLEDGE)
