"""Pasted printouts as laboratories write them: specimens, patients, dates, columns; what is never blood."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.evidence.lab_text import read_lab_text
from model.evidence.lab_words import KINDS, OTHER
from model.evidence.units import lab_likelihood, parse_quantity
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
ANC = {"anc": "1.2 10^9/L"}
BLOOD = "Hb 13.2 g/dL\nWBC 4.0 10^9/L"


def read(text):
    return read_lab_text(KNOWLEDGE, text)


def reasons(found):
    return " ".join([*(left.reason for left in found.left_out), *(each.sentence for each in found.conflicts)])


PRINTOUTS = {
    "LabCorp: the current column": (
        "Test Current Result and Flag Previous Result and Date Units Reference Interval\n"
        "WBC 01 3.2 Low 3.6 01/02/2024 x10E3/uL 3.4-10.8\n"
        "Neutrophils (Absolute) 01 1.2 Low 1.5 01/02/2024 x10E3/uL 1.4-7.0\n"
        "Platelets 01 210 x10E3/uL 150-450\nHemoglobin 01 13.2 g/dL 11.1-15.9\nMCV 01 92 fL 79-97\n"
        "Vitamin B12 01 180 Low pg/mL 232-1245",
        {**ANC, "thrombocytopenia": "210 10^9/L", "anaemia": "13.2 g/dL", "macrocytosis": "92 fL",
         "serum_b12": "180 pg/mL"},
    ),
    "NHS": (
        "Neutrophil count 1.21 10*9/L [1.7 - 7.5]; Outside reference range; Below low reference limit\n"
        "Haemoglobin concentration 128 g/L [115.0 - 165.0]\nPlatelet count - observation 210 10*9/L [150.0 - 450.0]\n"
        "Total white blood count 3.1 10*9/L [4.0 - 11.0] Below low reference limit\n"
        "Mean cell volume 104.2 fL [80.0 - 100.0] Above high reference limit\n"
        "Serum vitamin B12 level 143 ng/L [197.0 - 771.0]\nSerum folate level 2.8 ug/L",
        {"anc": "1.21 10^9/L", "anaemia": "128 g/L", "thrombocytopenia": "210 10^9/L", "macrocytosis": "104.2 fL",
         "serum_b12": "143 pg/mL", "serum_folate": "2.8 ng/mL"},
    ),
    "French": (
        "Leucocytes 3,20 G/L 4,00 - 10,00\nHémoglobine 12,9 g/dL\nV.G.M. 104 fL\nPlaquettes 98 G/L\n"
        "Polynucléaires neutrophiles 38,0 % 1,21 G/L\nVitamine B12 143 pg/mL\nAcide folique 2,8 µg/L\nCuivre 55 µg/dL",
        {"anc": "1.21 10^9/L", "anaemia": "12.9 g/dL", "macrocytosis": "104 fL", "thrombocytopenia": "98 10^9/L",
         "serum_b12": "143 pg/mL", "serum_folate": "2.8 ng/mL", "serum_copper": "55 ug/dL"},
    ),
    "German": (
        "Kleines Blutbild\nLeukozyten 3,1 Tsd./µl\nHämoglobin 8,0 mmol/l\nThrombozyten 98 Tsd/µl\n"
        "Neutrophile Granulozyten 38 % 1,2 Tsd/µl\nVitamin B12 143 ng/l\nKupfer im Serum 8,6 µmol/l",
        {**ANC, "anaemia": "8 mmol/L", "thrombocytopenia": "98 10^9/L", "serum_b12": "143 pg/mL",
         "serum_copper": "8.6 umol/L"},
    ),
    "Spanish": (
        "Hemograma\nHemoglobina 12,9 g/dL\nVCM 104 fL\nPlaquetas 98 x10^3/uL\nLeucocitos 3,2 x10^3/uL\n"
        "Neutrófilos 38 %\nVitamina B12 143 pg/mL\nÁcido fólico 2,8 ng/mL",
        {"anaemia": "12.9 g/dL", "macrocytosis": "104 fL", "thrombocytopenia": "98 10^9/L", "anc": "1.216 10^9/L",
         "serum_b12": "143 pg/mL", "serum_folate": "2.8 ng/mL"},
    ),
    "Portuguese": (
        "Hemograma completo\nHemoglobina 12,9 g/dL\nPlaquetas 98.000 /mm3\nLeucócitos 3,2 x10^3/uL\nSegmentados 36 %\n"
        "Bastonetes 2 %",
        {"anaemia": "12.9 g/dL", "anc": "1.216 10^9/L"},  # 98.000 is asked about
    ),
    "LOINC": (
        "Neutrophils [#/volume] in Blood by Automated count 1.2 10*3/uL\n"
        "Neutrophils/100 leukocytes in Blood by Automated count 38 %\n"
        "Leukocytes [#/volume] in Blood by Automated count 3.2 10*3/uL\nHemoglobin [Mass/volume] in Blood 12.9 g/dL\n"
        "MCV [Entitic volume] by Automated count 104 fL\n"
        "Platelets [#/volume] in Blood by Automated count 98 10*3/uL\n"
        "Cobalamin (Vitamin B12) [Mass/volume] in Serum or Plasma 143 pg/mL",
        {**ANC, "anaemia": "12.9 g/dL", "macrocytosis": "104 fL", "thrombocytopenia": "98 10^9/L",
         "serum_b12": "143 pg/mL"},
    ),
    "the value below its name": (
        "Haemoglobin\n132 g/L\nMCV\n104\nfL\n80-100\nPlatelets\nL 98\n10^9/L",
        {"anaemia": "132 g/L", "macrocytosis": "104 fL", "thrombocytopenia": "98 10^9/L"},
    ),
    "names and numbers come apart": ("Hb\nMCV\nPlatelets\n13.2\n104\n98", {}),
    "names come apart from one number": ("Hb\nMCV\n104 fL", {}),
    "two numbers below a name": ("MCV\n92\n90\nfL", {}),
    "a letterhead": ("Dr Smith\nRoyal Hospital\nCollected: 12/03/2017 08:15\nHb 132 g/L", {"anaemia": "132 g/L"}),
    "words as results": ("Hb 132 g/L\nHepatitis B surface antigen negative\nMCV 104 fL",
                         {"anaemia": "132 g/L", "macrocytosis": "104 fL"}),
    "the unit before the number": ("Hb (g/dL) 13.2\nMCV [fL]: 104\nPlt 10^9/L 98",
                                   {"anaemia": "13.2 g/dL", "macrocytosis": "104 fL", "thrombocytopenia": "98 10^9/L"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PRINTOUTS.values(), ids=PRINTOUTS)
def test_a_printout_gives_these_values(text, expected):
    assert read(text).evidence == expected


@pytest.mark.parametrize(
    ("result", "value"),
    [(line, ANC["anc"]) for line in (
        "1.2 E9/L", "1.2 x1000/uL", "1.2 10^3 / uL", "1.2 x 10^3/uL", "1.2 x10~9/L", "1.2 thou/cumm", "1.2 10^9/ L",
        "1.2 X10E9/L", "1.2 x 10 9/L", "1.2 x109/L", "1.2 giga/L", "1.2 10e3/uL", "1.2 1000/mm3", "1.2 10³/mm³",
        r"1.2 10\S\9/L", "1.2 bil/L", "1.2 (L) 10^9/L", "1.2 C 10^9/L", "1.2 * 10^9/L", "*1.2 10^9/L", "1.2* 10^9/L",
        "1.2 ↓ 10^9/L", "(L) 1.2 10^9/L", "L 1.2 10^9/L", "1.2 10^9/L LL", "1.2 10^9/L [A]", "1.2 10^9/L critical low",
        "1.2 10^9/L (1,5 à 7,0)", "01 1.2 x10E3/uL",
    )]
    + [(line, "1200 /mm3") for line in (
        "1200 10^6/L", "1200 cells/cu mm", "1200 per cumm", "1200 #/cumm", "1200 /cu. mm", "1200 /cc.mm", "1,200 /µL",
        "1'200 /µL", "1\N{NARROW NO-BREAK SPACE}200 /µL",
    )]
    + [("12 10^2/uL", "12 10^2/uL"), ("<0.5 10^9/L", "< 0.5 10^9/L"), ("1.2 mil/mm3", "the unit 'mil/mm3' is unknown"),
       ("1.200 /µL", "can be|would be plausible"), ("1 200 /µL", "can be one number or several"),
       ("1.2 L", "a number needs its unit"), ("< 1.0 10^9/L", "a bound that leaves one rule"),
       ("12 1000/mm3", "can be one number with its unit or two"), ("98 103/uL", "can be one number or several"),
       ("(10^9/L) 1.2 /mm3", "expected one unit"), ("12-16 10^9/L", "'-16 10"), ("1.2 10^9/L 1.4 10^9/L", "after")],
)  # fmt: skip
def test_a_count_is_read_as_this_size_or_a_sentence_says_why_not(result, value):
    found = read(f"ANC {result}")
    if re.match("[<0-9]", value):
        assert found.evidence == {"anc": value}
        assert not found.left_out
    else:
        assert found.evidence == {}
        assert re.search(value, reasons(found))


@pytest.mark.parametrize(
    ("line", "expected"),
    [("Plt 0.98 lakhs/cmm", 98), ("Plt 0.98 lakh", 98), ("Plt 9.8 x10^4/uL", 98), ("Plt 9.8 万/µL", 98),
     ("Plt 98 lakh/cumm", None), ("WBC 98", None), ("Plt% 98 10^9/L", None), ("Hb 12.9 gm%", 12.9)],
)  # fmt: skip
def test_other_factors_of_ten(line, expected):
    found = read(line)
    canonical = [parse_quantity(KNOWLEDGE, node, value).canonical for node, value in found.evidence.items()]
    assert canonical == ([] if expected is None else [pytest.approx(expected)])
    assert expected or found.left_out


def test_a_bound_is_a_state_beyond_the_reach_of_the_limit_and_a_likelihood_nearer_to_it():
    def reading(text):
        (value,) = read(text).evidence.values()
        return lab_likelihood(KNOWLEDGE, parse_quantity(KNOWLEDGE, "serum_b12", value))

    assert reading("Vitamin B12 < 83 pg/mL").state is not None
    near = reading("Vitamin B12 <150 pg/mL")
    assert near.state is None
    assert max(near.likelihood) == near.likelihood[KNOWLEDGE.nodes["serum_b12"].states.index("low")] == 1
    assert "< 150 pg/mL: low 0.8" in near.sentence
    assert "counted as the number at its bound" in near.sentence
    for text in ("Vitamin B12 <250 pg/mL", "Vitamin B12 >150 pg/mL"):  # leave a state open in the middle
        assert read(text).evidence == {}
        assert "expected a bound that leaves one state" in reasons(read(text))


@pytest.mark.parametrize(
    "heading",
    ["Spinal fluid", "CSF", "Urine:", "24-hour urine", "Synovial fluid", "Pleural", "Ascites", "BONE MARROW", "Stool",
     "Specimen: CSF", "CSF tube 4", "Lumbar puncture 12.03.2017", "Liquor", "Sammelurin", "Gelenkpunktat",
     "Knochenmark",
     "Liquide céphalo-rachidien", "Urines de 24 heures", "Moelle osseuse", "Orina", "Líquido pleural", "Médula ósea",
     "Urina", "Líquor", "Fezes", "Cord blood", "Drain 1", "CSF: WBC 3 /mm3", "Neutrophils (CSF) 60 %",
     "Neutrophils [#/volume] in Cerebral spinal fluid by Manual count 1.2 10*3/uL"],
)  # fmt: skip
def test_nothing_below_another_specimen_is_read_as_blood(heading):
    found = read(f"{BLOOD}\n{heading}\nNeutrophils 50 %\nCopper 55 ug/dL\nMCV 104 fL")
    assert found.evidence == {"anaemia": "13.2 g/dL"}
    assert found.not_blood == (3, 4, 5, 6)
    assert heading[:20] in found.sentences[0]
    assert "not of blood: lines 3 to 6" in found.summary
    again = read(f"{heading}\nNeutrophils 50 %\nBlood\nMCV 104 fL")
    assert again.evidence == {"macrocytosis": "104 fL"}


@pytest.mark.parametrize("heading", ["Random words", "Left cubital, second", "Specimen 2", "Foo:", "Sample 7 of 9"])
def test_a_heading_that_is_not_understood_ends_the_reading_and_is_named(heading):
    found = read(f"{BLOOD}\n{heading}\nMCV 104 fL\nFull blood count\nPlt 98 G/L")
    assert found.evidence == {"anaemia": "13.2 g/dL", "thrombocytopenia": "98 10^9/L"}
    assert found.not_understood == (3, 4)
    assert heading in found.sentences[0]
    assert found.summary.startswith("2 of 6 lines were not understood (lines 3 to 4).")


def test_a_dipstick_with_blood_in_it_is_still_urine():
    assert read("Urine\nBlood\nNegative\nMCV 104 fL").evidence == {}
    assert read("Urine\nBlood +++\nMCV 104 fL").evidence == {}


def test_a_named_test_of_another_specimen_ends_nothing():
    found = read("Hb 13 g/dL\nUrine copper 42 ug/L\nMCV 104 fL, urine creatinine 5 mmol/L, Plt 98 G/L")
    assert set(found.evidence) == {"anaemia", "macrocytosis", "thrombocytopenia"}
    assert found.not_ours == (2, 3)


@pytest.mark.parametrize(
    "second",
    ["Name: John Roe", "DOB: 02.02.1960", "MRN 77", "Patient: John Roe", "Page 1 Name: John Roe",
     "Geburtsdatum 2.2.1960",
     "Nom: Roe", "Paciente: Roe", "Sex: M"],
)  # fmt: skip
def test_a_second_patient_ends_the_reading(second):
    first = "Name: Jane Doe\nDOB: 01.02.1950\nSex: F\nHb 13 g/dL\nPage 2 Name: Jane Doe\nMCV 104 fL"
    found = read(f"{first}\n{second}\nPlt 98 G/L\nBlood\nB12 143 pg/mL")
    assert found.evidence == {"anaemia": "13 g/dL", "macrocytosis": "104 fL"}
    assert "reads as the heading of another patient" in found.sentences[0]
    assert found.not_understood == (7, 8, 9, 10)


@pytest.mark.parametrize(
    ("older", "later"),
    [("12.03.2017", "10.05.2024"), ("2017-03-12", "2024-05-10"), ("12/31/2017", "01/15/2024"),
     ("12 Mar 2017", "10 May 2024"),
     ("12-Mar-17", "10-May-24"), ("March 12, 2017", "May 10, 2024"), ("12. März 2017", "10. Mai 2024"),
     ("12 mars 2017", "10 mai 2024"), ("12 de marzo de 2017", "10 de mayo de 2024"),
     ("01.05.2024 08:15", "01.05.2024 14:00"),
     ("03/04/2017", "04/03/2024"), ("Collected: 12.03.2017 08:15", "Entnahme 10.05.2024")],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_dates_the_newest_counts_and_that_is_said(older, later, turned):
    parts = [f"{older}\nB12 143 pg/mL", f"{later}\nB12 300 pg/mL"]
    found = read("\n".join(parts[::-1] if turned else parts))
    assert found.evidence == {"serum_b12": "300 pg/mL"}
    assert "is the newest; older: 143 pg/mL (line" in found.sentences[0]


@pytest.mark.parametrize(
    "text",
    ["03/04/2024\nB12 143 pg/mL\n04/03/2024\nB12 300 pg/mL", "B12 143 pg/mL\n10.05.2024\nB12 300 pg/mL",
     "10.05.2024\nB12 143 pg/mL\nB12 300 pg/mL", "B12 143 pg/mL 10.05.2024\nB12 300 pg/mL"],
)  # fmt: skip
def test_what_the_dates_do_not_settle_is_asked_about(text):
    found = read(text)
    assert found.evidence == {}
    assert "143 pg/mL" in found.conflicts[0].sentence
    assert "300 pg/mL" in found.conflicts[0].sentence
    assert "To be decided by you: Serum vitamin B12." in found.summary


def test_another_date_of_the_text_says_which_of_day_and_month_comes_first():
    found = read("13/04/2024\nHb 13 g/dL\n03/04/2024\nB12 143 pg/mL\n04/03/2024\nB12 300 pg/mL")
    assert found.evidence["serum_b12"] == "143 pg/mL"


def test_results_of_two_dates_are_not_mixed_without_a_word():
    found = read("12.03.2017\nVitamin B12 143 pg/ml\nFerritin 40\n10.05.2024\nNeutrophile absolut 1,2 Tsd/µl")
    assert found.evidence == {"serum_b12": "143 pg/mL", **ANC}
    assert "143 pg/mL is of 12.03.2017 (line 2), other results are of 10.05.2024" in found.sentences[0]
    apart = read("12.03.2017\nWBC 4.0 10^9/L\n10.05.2024\nNeutrophils 38 %")
    assert apart.evidence == {}
    assert "not all of one date" in reasons(apart)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Test 12.03.2017 10.05.2024 Unit\nHb 13.2 12.1 g/dL", "12.1 g/dL"),
        ("Test 10.05.2024 12.03.2017 Unit\nHb 12.1 13.2 12.0-15.5 g/dL", "12.1 g/dL"),
        ("Test\t12.03.2017\t10.05.2024\tUnit\nHb\t13.2\t12.1\tg/dL", "12.1 g/dL"),
        ("Test\t12.03.2017\t10.05.2024\tUnit\nHb\t13.2\t\tg/dL", None),
        ("Test 12.03.2017 10.05.2024 Unit\nHb 13.2 g/dL", None),
        ("Test 03/04/2024 04/03/2024 Unit\nHb 13.2 12.1 g/dL", None),
        ("Test Previous Current Unit\nHb 13.2 12.1 g/dL", "12.1 g/dL"),
        ("Test Previous Current Unit\nHb 13.2 g/dL", None),
        ("Test Current Previous Unit\nHb 12.1 g/dL", None),
        ("Test Current Previous Date Units\nHb 13.2 01/02/2024 g/dL", None),
        ("Untersuchung  Ergebnis  Einheit  Referenz  Vorwert\nHb  12,1  g/dl  12-16  13,1", "12.1 g/dL"),
        ("Untersuchung Ergebnis Einheit Referenz Vorwert\nHb 12,1 g/dl 12-16 13,1", "12.1 g/dL"),
        ("Test Current Previous Date Units\nHb 13.2 01.02.2024 g/dL", None),
        ("Test\tCurrent\tPrevious\tUnit\nHb\t12.1\t\tg/dL", "12.1 g/dL"),
        ("Test\tCurrent\tPrevious\tUnit\nHb\t\t13.2\tg/dL", None),
        ("Untersuchung\tErgebnis\tEinheit\tVorwert\nHb\t\tg/dl\t13,1", None),
        ("Test Previous Unit\nHb 13.2 g/dL", None),
        ("Test Result Units Reference range\nHb 12.1 g/dL 12-15", "12.1 g/dL"),
    ],
)
def test_of_several_columns_the_current_one_is_read(text, expected):
    found = read(text)
    assert found.evidence == ({"anaemia": expected} if expected else {})
    assert expected or found.not_understood == (2,)


@pytest.mark.parametrize(
    ("text", "count", "said"),
    [
        ("WBC 4.2 10*3/uL\nNeutrophils % 0.309 %\nLymphocytes % 0.55 %", None, "may be a part of one (30.9 %)"),
        ("WBC 4.2 10*3/uL\nNeutrophils 0.38 %", None, "may be a part of one (38 %)"),
        ("WBC 4.0 10^9/L\nSegs 30 %\nBands 2 %", "1.28 10^9/L", "segmented neutrophils 30 % and band neutrophils 2 %"),
        ("WBC 4.0 10^9/L\nPolymorphs 30 %\nBands 2 %", "1.28 10^9/L", "the sum of polymorphonuclear neutrophils 30 %"),
        ("Polys 1.2 10^9/L\nBands 0.1 10^9/L", "1.3 10^9/L", "were added"),
        ("WBC 4.0 10^9/L\nPolys 30 %", "1.2 10^9/L", "times polymorphonuclear neutrophils 30 %"),
        ("Polys 1.2 10^9/L", "1.2 10^9/L", "was taken for it"),
        ("WBC 4.0 10^9/L\nPolys 30 %\nBands pending", None, "may leave them out"),
        ("WBC 4.0 10^9/L\nSegs 30 %", None, "may leave them out"),
        ("WBC 4.0 10^9/L\nSegs 30 %\nBands 0.1 10^9/L", None, "different units"),
        ("WBC 4.0 10^9/L\nNeutrophils 40 %\nSegs 30 %\nBands 2 %", None, "together are not the neutrophil share"),
        ("WBC 4.0 10^9/L\nSegs 99 %\nBands 2 %", None, "the shares together are 101 %"),
    ],
)
def test_the_count_from_shares_and_parts(text, count, said):
    found = read(text)
    assert found.evidence.get("anc") == count
    assert said in " ".join([reasons(found), *found.sentences])


def test_every_line_is_one_of_these():
    text = "Name: Jane\n\nHb 13 g/dL\nFerritin 40\nFoo 3\nMCV pending\nCSF\nWBC 3 /uL\n01.02.2024"
    found = read(text)
    assert found.lines == (1, 3, 4, 5, 6, 7, 8, 9)
    assert (found.not_ours, found.not_understood, found.not_blood) == ((1, 4), (5, 6), (7, 8))
    assert found.summary.startswith("2 of 8 lines were not understood (lines 5 to 6).")
    assert read("Hb 13 g/dL").summary == "Every line was understood, 1 line in all."
    assert read("").summary == "There is no text."


SCALED = [
    (name, unit)
    for name in KNOWLEDGE.lab_names
    if name.node
    for unit in KNOWLEDGE.units
    if unit.node == name.node
]  # fmt: skip
FLAGS = st.sampled_from(["", "", " L", " (H)", " *", " ↓", " critical", " [L]", " Below low reference limit"])
SPACES = st.sampled_from([" ", "  ", "\t", ": ", " = ", "; ", " 01 "])


@st.composite
def digits(draw):
    """A number as printed, and what a reader takes it for."""
    value = draw(st.sampled_from(["0.9", "1.2", "12.5", "38", "98", "143", "950", "1200", "98000", "0.309"]))
    comma = value.replace(".", ",")
    grouped = f"{int(value):,}" if value.isdigit() else value
    return draw(st.sampled_from([value, comma, grouped, grouped.replace(",", "’")])), float(value)


@given(st.sampled_from(SCALED), st.data(), digits(), FLAGS, SPACES, st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_composed_line_is_read_as_its_value_or_not_at_all(row, data, number, flag, space, before):
    name, unit = row
    printed, value = number
    spelling = data.draw(st.sampled_from((unit.unit, *unit.spellings)))
    gap = data.draw(st.sampled_from([" ", "", "  "])) if not spelling[0].isdigit() else " "
    tail = f"{flag}{gap}{spelling}" if before and flag else f"{gap}{spelling}{flag}"
    for node, given_value in read(f"{name.spelling}{space}{printed}{tail}").evidence.items():
        assert node == name.node
        assert parse_quantity(KNOWLEDGE, node, given_value).canonical == pytest.approx(value * unit.factor)


@pytest.mark.parametrize(
    ("line", "read_as"),
    [
        ("Platelet count 1.2 *platelets/uL", {}),  # no such count: refused, not taken for thousands
        ("Platelet count 1200 *platelets/uL", {"thrombocytopenia": "1200 /mm3"}),
        ("Platelet count 98000 *platelets/uL", {"thrombocytopenia": "98000 /mm3"}),
        ("Platelet count 98 platelets/xL", {}),
    ],
)
def test_a_flag_that_touches_the_unit_does_not_hide_it(line, read_as):
    assert set(read(line).evidence) <= set(read_as)
    assert read_as.items() <= dict(read(line).evidence).items()


def test_most_composed_lines_are_read():
    wanted = got = 0
    for name, unit in SCALED[:: len(SCALED) // 300]:
        lab = next(lab for lab in KNOWLEDGE.labs if lab.node == name.node)
        value = round(max((0.95 * lab.plausible_low + 0.05 * lab.plausible_high) / unit.factor, 1))
        try:
            parse_quantity(KNOWLEDGE, name.node, f"{value} {unit.unit}")
        except EvidenceError:
            continue
        wanted += 1
        got += read(f"{name.spelling} {value} {unit.spellings[-1]}").evidence == {name.node: f"{value} {unit.unit}"}
    assert got == wanted > 250


others = st.sampled_from([word.spelling for word in KNOWLEDGE.lab_words if word.kind == OTHER])
lines = st.lists(
    st.sampled_from(["Neutrophils 50 %", "WBC 2300 /mm3", "Copper 42 ug/L", "Hb 8 g/dL", "ANC 1.2 10^9/L",
                     "MCV\n90 fL",
                     "B12 < 50 pg/mL", "01.02.2030", "Differential", "Results", "Foo 3", "Test Result Unit",
                     "Name: x"]),
    max_size=6,
)  # fmt: skip


@given(others, lines, st.sampled_from(["{}", "{}:", "{} 12.03.2017", "Specimen: {}", "Report on {}", "{} 2"]))
@settings(max_examples=200, deadline=None)
def test_text_below_a_foreign_heading_never_changes_the_blood_reading(other, below, form):
    blood = f"{BLOOD}\nB12 143 pg/mL"
    found = read("\n".join([blood, form.format(other), *below]))
    assert found.evidence == read(blood).evidence
    assert not found.conflicts
    assert found.not_blood or other in found.sentences[0]


def test_the_words_fit_the_code():
    assert {word.kind for word in KNOWLEDGE.lab_words} == set(KINDS)
    assert len({(word.kind, word.spelling) for word in KNOWLEDGE.lab_words}) == len(KNOWLEDGE.lab_words)
    months = {word.meaning for word in KNOWLEDGE.lab_words if word.kind == "month"}
    assert months == {str(month) for month in range(1, 13)}
