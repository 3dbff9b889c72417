"""Tables with one column a test and one row a date: every cell under its test, of its date; the newest counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.evidence.lab_text import read_lab_text
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
NEWEST = {"anaemia": "13 g/dL", "macrocytosis": "99 fL", "thrombocytopenia": "120 10^9/L"}


def read(text):
    return read_lab_text(KNOWLEDGE, text)


@pytest.mark.parametrize(
    "text",
    [
        "Date\tHb (g/dL)\tMCV fL\tPlatelets 10^9/L\n12.03.2017\t12.9\t104\t98\n10.05.2024\t13.0\t99\t120 L",
        "Date        Hb (g/dL)  MCV (fL)  Plt (10^9/L)\n10.05.2024  13.0     99    120\n12.03.2017  12.9     104   98",
        "Datum Hb MCV Thrombozyten\n g/dl fl G/l\n12.03.2017 12,9 104 98\n10.05.2024 13,0 99 120",
        "Date;Hb;MCV;Plt\n;g/dL;fL;10^9/L\n2024-05-10;13.0;99;120\n2017-03-12;12.9;104;98",
        "| Hb (g/dL) | MCV (fL) | Plt (K/uL)\n2017-03-12 | 12.9 | 104 | 98\n2024-05-10 | 13.0 | 99 | 120",
    ],
)
def test_the_newest_row_counts_and_the_older_is_told(text):
    found = read(text)
    assert found.evidence == NEWEST
    assert len([sentence for sentence in found.sentences if "is the newest; older:" in sentence]) == 3
    assert not found.not_understood


def test_an_empty_cell_takes_the_older_result_and_says_so():
    found = read("Date\tHb (g/dL)\tMCV (fL)\n2024-05-10\t13.0\t-\n2023-01-01\t12\t101")
    assert found.evidence == {"anaemia": "13 g/dL", "macrocytosis": "101 fL"}
    assert any("Mean cell volume 101 fL is of 2023-01-01" in sentence for sentence in found.sentences)


@pytest.mark.parametrize("row", ["2024-05-10 13.0", "2024-05-10 13.0 99 4", "2024-05-10 13.0 see note"])
def test_a_row_that_does_not_fit_is_not_read(row):
    found = read(f"Date Hb (g/dL) MCV (fL)\n{row}")
    assert found.evidence == {}
    assert found.not_understood == (2,)
    assert "expected a date and 2 results" in found.left_out[0].reason


def test_a_cell_that_is_no_number_is_named_and_the_rest_of_its_row_read():
    found = read("Date\tHb (g/dL)\tMCV (fL)\n2024-05-10\tclotted\t99")
    assert found.evidence == {"macrocytosis": "99 fL"}
    assert "'clotted' under 'Hb (g/dL)' is not understood" in found.left_out[0].reason


def test_below_a_foreign_heading_no_table_is_read():
    found = read("Urine\nDate\tNeutrophils (/uL)\tHb (g/dL)\n2024-05-10\t1200\t13.0")
    assert found.evidence == {}


def test_a_table_without_a_unit_is_asked_about():
    found = read("Date\tANC\tMCV\n2024-05-10\t1.2\t99")
    assert "anc" not in found.evidence
    assert any("Absolute neutrophil count" in left.reason for left in found.left_out)


TESTS = {"Hb (g/dL)": "anaemia", "MCV (fL)": "macrocytosis", "Plt (10^9/L)": "thrombocytopenia",
         "Vitamin B12 (pg/mL)": "serum_b12", "ANC (10^9/L)": "anc"}  # fmt: skip
VALUES = {"anaemia": 13.1, "macrocytosis": 97, "thrombocytopenia": 131, "serum_b12": 317, "anc": 1.21}


@given(st.permutations(list(TESTS)), st.integers(2, 5), st.permutations(range(4)), st.sampled_from(["\t", ";", "   "]))
def test_every_cell_is_read_under_its_own_test_in_any_order(tests, width, days, mark):
    tests = tests[:width]
    rows = [(f"2024-05-1{day}", *(VALUES[TESTS[test]] + day for test in tests)) for day in days]
    found = read("\n".join(mark.join(map(str, row)) for row in [("Date", *tests), *rows]))
    assert {node: float(value.split()[0]) for node, value in found.evidence.items()} == {
        TESTS[test]: pytest.approx(VALUES[TESTS[test]] + 3) for test in tests
    }
