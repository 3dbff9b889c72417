"""Pasted laboratory text: known answers for lines as laboratories write them, and what must never be read."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.evidence import read_evidence
from model.evidence.lab_neutrophils import SOURCES
from model.evidence.lab_text import LONGEST_LINE, MAX_BYTES, MAX_LINES, read_lab_text
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()


def read(text):
    return read_lab_text(KNOWLEDGE, text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Hb 13.2 g/dL", {"anaemia": "13.2 g/dL"}),
        ("Haemoglobin: 132 g/L", {"anaemia": "132 g/L"}),
        ("HEMOGLOBIN = 8.2 mmol/L", {"anaemia": "8.2 mmol/L"}),
        ("Hämoglobin 8,2 mmol/l", {"anaemia": "8.2 mmol/L"}),
        ("Hgb 13.2g/dL", {"anaemia": "13.2 g/dL"}),
        ("Hb - 13,2 g/dl", {"anaemia": "13.2 g/dL"}),
        ("Hb: *11.2 g/dL L [12.0 - 15.5]", {"anaemia": "11.2 g/dL"}),
        ("Hb 11.2 (L) g/dL 12-16", {"anaemia": "11.2 g/dL"}),
        ("Hb 11.2 12.0-15.5 g/dL", {"anaemia": "11.2 g/dL"}),
        ("Haemoglobin,13.2,g/dL,12.0-15.5,L", {"anaemia": "13.2 g/dL"}),
        ("Hb;13,2;g/dl;12-16;", {"anaemia": "13.2 g/dL"}),
        ("Haemoglobin\t132\tg/L\t(130 - 180)\t", {"anaemia": "132 g/L"}),
        ("2024-05-01 Hb 13.2 g/dL", {"anaemia": "13.2 g/dL"}),
        ("Hb 13.2 g/dL 01.05.2024 08:15", {"anaemia": "13.2 g/dL"}),
        ("MCV 104.3 fL (80-100) H", {"macrocytosis": "104.3 fL"}),
        ("MCV 104", {"macrocytosis": "104 fL"}),
        ("Mean corpuscular volume (MCV) 104 fl", {"macrocytosis": "104 fL"}),
        ("Plt 143 x10^9/L", {"thrombocytopenia": "143 10^9/L"}),
        ("PLT 143 K/uL", {"thrombocytopenia": "143 10^9/L"}),
        ("Platelets,143,150-400,10^9/L", {"thrombocytopenia": "143 10^9/L"}),
        ("Platelets 143 10⁹/L", {"thrombocytopenia": "143 10^9/L"}),
        ("Platelets 143,000 /uL", {"thrombocytopenia": "143000 /mm3"}),
        ("Thrombozyten 143 Tsd./µl 150 - 400", {"thrombocytopenia": "143 10^9/L"}),
        ("Vitamin B12 150 pg/mL (ref 200-900) L", {"serum_b12": "150 pg/mL"}),
        ("Vit. B12: 110 pmol/L (ref. range: 145 - 569 pmol/L)", {"serum_b12": "110 pmol/L"}),
        ("B12, serum 150 ng/L", {"serum_b12": "150 pg/mL"}),
        ("B12 < 50 pg/mL", {"serum_b12": "< 50 pg/mL"}),
        ("B12 >2000 pg/mL", {"serum_b12": "> 2000 pg/mL"}),
        ("Folate (serum) 3,1 ng/ml", {"serum_folate": "3.1 ng/mL"}),
        ("Folsäure 3,1 µg/l (> 4,0)", {"serum_folate": "3.1 ng/mL"}),
        ("Cu 55 µg/dL", {"serum_copper": "55 ug/dL"}),
        ("Kupfer im Serum 8,6 µmol/l", {"serum_copper": "8.6 umol/L"}),
        ("ANC 1.2 x10*9/L", {"anc": "1.2 10^9/L"}),
        ("ANC .9 K/uL", {"anc": "0.9 10^9/L"}),
        ("Neutrophils abs 1,200 /mm3", {"anc": "1200 /mm3"}),
        ('"Neutrophils","1,200","/mm3","1500-7000","L"', {"anc": "1200 /mm3"}),
        ("Neutrophile 1,2 Tsd./µl", {"anc": "1.2 10^9/L"}),
        ("NEUT# 1.2 10^3/uL", {"anc": "1.2 10^9/L"}),
        ("Hb 13.2 g/dL MCV 104 fL Plt 143 10^9/L",
         {"anaemia": "13.2 g/dL", "macrocytosis": "104 fL", "thrombocytopenia": "143 10^9/L"}),
        ("Hb 13.2 g/dL, Albumin 40 g/L, MCV 104 fL", {"anaemia": "13.2 g/dL", "macrocytosis": "104 fL"}),
        ("FBC: Hb 132 g/L; MCV 104 fL", {"anaemia": "132 g/L", "macrocytosis": "104 fL"}),
        ("• Hb 132 g/L", {"anaemia": "132 g/L"}),
        ("", {}),
        ("Full blood count:", {}),
    ],
)  # fmt: skip
def test_a_line_as_laboratories_write_it(line, expected):
    found = read(line)
    assert found.evidence == expected
    assert not found.conflicts
    read_evidence(KNOWLEDGE, {**expected, "sex": "female"})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Hb 13.2", "needs its unit, got '13.2'; allowed is 'g/dL', 'g/L' or 'mmol/L'"),
        ("Hb 13.2 mg/dL", "the unit 'mg/dL' is unknown"),
        ("Hb 132 g/dL", "expected 2 to 25 g/dL"),
        ("Hb 12.0-15.5 g/dL", "the unit '-15.5 g/dL' is unknown"),
        ("Hb 13.2 11.4 g/dL", "the unit '11.4 g/dL' is unknown"),
        ("Hb 13.2 g/dL 11.4 g/dL", "'11.4 g/dL' after the number is not understood"),
        ("Hb 13.2 g/dL previously", "'previously' after the number is not understood"),
        ("Hb,13,2,g/dl", "the unit '2"),
        ("Hb -13.2 g/dL", "expected a number after the name"),
        ("Hb....13 g/dL", "expected a number after the name"),
        ("Hb pending", "expected a number after the name, got 'pending'"),
        ("Hb", "expected a number after the name, got nothing"),
        ("Hb 13.2.4 g/dL", "expected digits with one decimal mark"),
        ("HbA1c 42 mmol/mol", "another test than haemoglobin"),
        ("Hb A2 2.5 %", "another test than haemoglobin"),
        ("Folate (red cell) 500 ng/mL", "another test than serum folate"),
        ("RBC folate 20 ng/mL", "another test than serum folate"),
        ("Folate 20 ng/mL red cell", "'red cell' after the number is not understood"),
        ("24-hour urine copper 55 ug/L", "another test than serum copper"),
        ("Copper 55 ug/dL urine", "is of urine, not of the patient's blood"),
        ("Urine Cu 55 ug/dL", "is of urine, not of the patient's blood"),
        ("Active B12 30 pmol/L", "another test than serum vitamin B12"),
        ("B12 < 250 pg/mL", "a bound that leaves one state"),
        ("B12 20.000 pg/mL", "can be read in two ways; write '20' or '20000'"),
        ("B12 1,200 pg/mL x", "'x' after the number is not understood"),
        ("Platelets 143.000 /µl", "143 10^9/L or 10^4/uL would be plausible"),
        ("ANC 1.200 /µl", "1.2 10^9/L or 10^2/uL or 10^4/uL would be plausible"),
        ("ANC < 0.5 10^9/L fever", "'fever' after the number"),
        ("Neutrophils 1,200 10^9/L", "can be read in two ways"),
        ("Neutrophils 1.2", "needs its unit, got '1.2'; allowed is '/mm3', '10^9/L'"),
        ("Neutrophils 42 %", "with the leukocytes and their unit the neutrophil count follows from it"),
        ("Neutrophils 4,2,1 %", "expected 0 to 100 %"),
        ("Neutrophils 420 %", "expected 0 to 100 %"),
        ("WBC 3.1", "Not an entry of this model"),
        ("WBC 3.1 10^9/L", "not an entry of this model"),
        ("Segs 40 %", "a part of the neutrophils only"),
        ("Foo 3 g/L", "The name is not known; nothing was guessed."),
        ("patient Jane", "The name of the patient; nothing on this line is read."),
        ("Hb " + "1" * LONGEST_LINE, "at most 400 are read"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_left_out_with_its_reason(line, reason):
    found = read(line)
    assert found.evidence == {}
    assert reason in " ".join(left.reason for left in found.left_out)
    assert all(left.line == 1 for left in found.left_out)


def test_different_results_of_one_quantity_are_both_shown_and_neither_is_used():
    found = read("Hb 13.2 g/dL\nMCV 104 fL\nHaemoglobin 11.2 g/dL")
    assert found.evidence == {"macrocytosis": "104 fL"}
    (conflict,) = found.conflicts
    assert {entry.node for entry in conflict.entries} == {"anaemia"}
    assert [(entry.line, entry.value) for entry in conflict.entries] == [(1, "13.2 g/dL"), (3, "11.2 g/dL")]
    assert "13.2 g/dL (line 1) and 11.2 g/dL (line 3); none was used" in conflict.sentence


def test_a_bound_and_a_number_are_different_results():
    assert read("B12 < 50 pg/mL\nB12 50 pg/mL").evidence == {}


def test_one_result_in_two_units_is_one_entry():
    found = read("Hb 13.2 g/dL\nHb 132 g/L")
    assert found.evidence == {"anaemia": "13.2 g/dL"}
    assert "stands again in line 2, with the same result" in found.sentences[0]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("WBC 3.1 x10^9/L, neutrophils 42 %", "1.302 10^9/L"),
        ("Leukozyten 3,1 Tsd/µl; Neutrophile 42 %", "1.302 10^9/L"),
        ("Neut % 41.5\nWBC 3,150 /uL", "1307 /mm3"),
        ("WBC 3.1 x10^9/L, neutrophils 42 %, ANC 1.4 10^9/L", "1.4 10^9/L"),
        ("WBC 3.1 x10^9/L\nWBC 4.1 x10^9/L\nneutrophils 42 %", None),
        ("WBC 3.1 x10^9/L, neutrophils 42 %, ANC 1.4 10^9/L, ANC 1.2 10^9/L", None),
        ("WBC < 3.1 x10^9/L, neutrophils 42 %", None),
        ("WBC 3.1, neutrophils 42 %", None),
        ("WBC 3.1 x10^9/L, neutrophils 32 %, bands 2 %", None),
        ("Leukozyten 3,1 Tsd/µl; Neutrophile 42 %; Stabkernige 3 %", None),
        ("WBC 3.1 x10^9/L, neutrophils 42 %, bands 2 %, ANC 1.4 10^9/L", "1.4 10^9/L"),
    ],
)
def test_the_count_follows_from_leukocytes_and_share_only_when_both_are_there(text, count):
    found = read(text)
    assert found.evidence.get("anc") == count
    derived = any("was computed: leukocytes" in sentence for sentence in found.sentences)
    assert derived == (count in ("1.302 10^9/L", "1307 /mm3"))


def test_a_whole_report():
    text = """Laboratory results 01.05.2024
    Haemoglobin            118    g/L       130 - 180    L
    MCV                    104.3  fL        80 - 100     H
    White cell count       3.1    10^9/L    4.0 - 11.0   L
    Neutrophils            1.2    10^9/L    2.0 - 7.5    L
    Lymphocytes            1.4    10^9/L    1.0 - 4.0
    Platelets              143    10^9/L    150 - 400    L
    Serum vitamin B12      110    pmol/L    145 - 569    L
    Serum folate           12.0   nmol/L    > 8.8
    Comment: film shows macrocytes.
    """
    found = read(text)
    assert found.evidence == {
        "anaemia": "118 g/L", "macrocytosis": "104.3 fL", "anc": "1.2 10^9/L", "thrombocytopenia": "143 10^9/L",
        "serum_b12": "110 pmol/L", "serum_folate": "12 nmol/L",
        "lymphocytes": "1.4 10^9/L",
    }  # fmt: skip
    assert [left.line for left in found.left_out] == [4, 10]


@pytest.mark.parametrize("text", ["a\n" * (MAX_LINES + 1), "x" * (MAX_BYTES + 1), "ä" * (MAX_BYTES // 2 + 1)])
def test_too_much_is_refused_as_a_whole(text):
    found = read(text)
    assert (found.entries, found.left_out, found.conflicts) == ((), (), ())
    assert "Expected at most 20000 bytes and 400 lines" in found.sentences[0]


spellings = st.sampled_from([name.spelling for name in KNOWLEDGE.lab_names])
units = st.sampled_from([unit.unit for unit in KNOWLEDGE.units] + ["%", "x10^9/L", "pg/ml", "(80-100)", "H", "12-16"])
numbers = st.from_regex(r"[<>]? ?[0-9]{1,4}([.,][0-9]{1,3})?", fullmatch=True)
signs = st.sampled_from([" ", "\t", ": ", ";", ",", "=", "\n", " - ", "(", ")", '"', ""])
pasted = st.lists(st.tuples(spellings | units | numbers | st.text(max_size=5), signs), max_size=40).map(
    lambda parts: "".join(word + sign for word, sign in parts)
)


@given(st.text(max_size=300) | pasted)
@example("\ud800 Hb 13.2 g/dL")
@example('"Hb\x00,13')
@settings(max_examples=250, deadline=None)
def test_any_text_is_read_and_nothing_is_made_up(text):
    found = read(text)
    read_evidence(KNOWLEDGE, {**found.evidence, "sex": "male"})
    lines = text.splitlines()
    computed = any("was computed" in sentence for sentence in found.sentences)
    for entry in (*found.entries, *(entry for conflict in found.conflicts for entry in conflict.entries)):
        if computed and entry.node == "anc":
            continue
        digits = re.search(r"[0-9.]+", entry.value)[0].lstrip("0")
        there = re.sub("[’'\u2009\u202f]", "", lines[entry.line - 1]).replace(",", ".")
        assert digits.rstrip("0").rstrip(".") in there or digits in there.replace(".", "")
    assert len({entry.node for entry in found.entries}) == len(found.entries)
    again = read(str(found))
    assert again.evidence == found.evidence
    assert not again.left_out


@given(st.sampled_from(KNOWLEDGE.units), st.floats(0, 1), st.sampled_from([" ", "\t", ": ", " = "]))
@settings(max_examples=200, deadline=None)
def test_every_spelling_of_every_unit_is_read(unit, share, sign):
    names = [name.spelling for name in KNOWLEDGE.lab_names if name.node == unit.node]
    lab = next(lab for lab in KNOWLEDGE.labs if lab.node == unit.node)
    middle = (0.9 * lab.plausible_low + 0.1 * lab.plausible_high) / unit.factor
    digits = str(round(middle)) if middle > 3 else f"{middle:.2f}"
    for name in names[:3]:
        spelling = unit.spellings[int(share * (len(unit.spellings) - 1))]
        found = read(f"{name}{sign}{digits} {spelling}")
        if spelling[0].isdigit() and spelling.partition("/")[0] in ("1000", "103") and "." not in digits:
            assert "can be one number" in found.left_out[0].reason  # 10 1000/uL may be two columns
        else:
            assert found.evidence == {unit.node: f"{float(digits):g} {unit.unit}"}, spelling


def test_the_names_fit_the_other_tables():
    quantities = {(lab.node, lab.quantity) for lab in KNOWLEDGE.labs}
    named = {(name.node, name.quantity) for name in KNOWLEDGE.lab_names}
    assert {pair for pair in named if pair[0]} <= quantities
    asked = {("age", "Age"), ("age_band", "Age"), ("antibiotic_course", "Length of the antibiotic course")}
    assert quantities - named == asked
    spelled = {(name.quantity, name.spelling) for name in KNOWLEDGE.lab_names}
    assert len(spelled) == len(KNOWLEDGE.lab_names)
    for name in KNOWLEDGE.lab_names:
        assert not name.node or (name.quantity, name.quantity) in spelled
        assert name.node or name.note, name.spelling
    shared = {}
    for name in KNOWLEDGE.lab_names:
        folded = re.sub(r"[^\w%#]", "", name.spelling).casefold()
        shared.setdefault(folded, set()).add(name.quantity)
    twice = {frozenset(found) for found in shared.values() if len(found) > 1}
    noted = {name.quantity: name.note for name in KNOWLEDGE.lab_names if name.spelling == name.quantity}
    assert all(noted.get(quantity) for quantity in SOURCES)
    pairs = {"Absolute neutrophil count": "Neutrophil share", "Lymphocytes": "Lymphocyte share"}
    pairs["Monocytes"] = "Monocyte share"
    assert twice == {frozenset(pair) for pair in pairs.items()}
