"""Medicines by name: found, searched for, and read from one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.evidence.medicine import find_medicine, lines_without, medicine_lines, read_medicine, starting_with
from model.knowledge import load_knowledge

K = load_knowledge()
MONTH, YEAR = 30.4, 365.25


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("carbamazepine", "Carbamazepine"),
        ("  CARBAMAZEPINE ", "Carbamazepine"),
        ("Tegretol", "Carbamazepine"),
        ("co trimoxazole", "Co-trimoxazole"),
        ("Cotrimoxazole", "Co-trimoxazole"),
        ("mtx", "Methotrexate"),
        ("methotrexate sodium", "Methotrexate"),
        ("Méthotrexate", "Methotrexate"),
        ("quinine sulphate", "Quinine"),
        ("nafcillin sodium iv", "Antistaphylococcal penicillins and benzylpenicillin, intravenous"),
    ],
)
def test_a_name_is_found_however_it_is_written(typed, name):
    assert find_medicine(K, typed).medicine.name == name


@pytest.mark.parametrize("typed", ["", "sodium", "metformin", "carbamazepin", "methotrexate 15 mg", "mtx forte"])
def test_what_is_no_name_is_not_found(typed):
    assert find_medicine(K, typed) is None


def test_every_spelling_finds_its_own_row():
    for medicine in K.medicines:
        for spelling in medicine.spellings:
            found = find_medicine(K, spelling)
            assert found.medicine is medicine
            assert read_medicine(K, f"{spelling}, 3 weeks").medicine is medicine


def test_three_letters_give_beginnings_first():
    found = [name.spelling for name in starting_with(K, "Met")]
    begins = [name.casefold().startswith("met") for name in found]
    assert {"Methotrexate", "methimazole", "metronidazole"} <= set(found[: sum(begins)])
    assert begins == sorted(begins, reverse=True)
    assert all("met" in name.casefold().replace("-", "").replace(" ", "") for name in found)
    assert starting_with(K, " - ") == ()
    assert starting_with(K, "zzz") == ()


@pytest.mark.parametrize(
    ("line", "name", "days", "suspected", "after"),
    [
        ("carbamazepine, 3 weeks", "Carbamazepine", 21, False, False),
        ("mtx 2 y", "MTX", 2 * YEAR, False, False),
        ("co-trimoxazole since 10 days, suspected", "Co-trimoxazole", 10, True, False),
        ("CBZ for 1 month", "CBZ", MONTH, False, False),
        ("CBZ 2,5 wk", "CBZ", 17.5, False, False),
        ("CBZ 2.5wk", "CBZ", 17.5, False, False),
        ("CBZ (3 d)", "CBZ", 3, False, False),
        ("5-FC,2 w", "5-FC", 14, False, False),
        ("6-MP 1 year 2 months", "6-MP", YEAR + 2 * MONTH, False, False),
        ("omeprazole", "omeprazole", None, False, False),
        ("Omeprazole: suspected", "omeprazole", None, True, False),
        ("omeprazole, begun after the low count", "omeprazole", None, False, True),
        ("omeprazole begun 2 d ago", "omeprazole", 2, False, False),
        ({"name": "Tegretol", "days": 21, "suspected": True}, "Tegretol", 21, True, False),
        ({"name": "Tegretol", "after_low_count": True}, "Tegretol", None, False, True),
        ({"name": "Tegretol", "days": None}, "Tegretol", None, False, False),
    ],
)
def test_a_line_is_read(line, name, days, suspected, after):
    read = read_medicine(K, line)
    assert read.name.spelling == name
    assert read.days == (None if days is None else pytest.approx(days))
    assert (read.suspected, read.after_low_count) == (suspected, after)
    assert read.typed == line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("carbamazepin, 3 weeks", "did you mean 'Carbamazepine'"),
        ("amox", "did you mean"),
        ("metformin", "not in the table, so nothing is entered."),
        ("methotrexate 15 mg weekly, 2 y", "'15 mg weekly, 2 y' after Methotrexate is not understood"),
        ("methotrexate 3", "'3' after Methotrexate is not understood"),
        ("methotrexate 3-4 weeks", "is not understood"),
        ("methotrexate 1,200 d", "read in two ways"),
        ("methotrexate 1.2.3 d", "read in two ways or in none"),
        ("methotrexate 0 d", "expected above 0"),
        ("methotrexate 1000 y", "expected above 0 and at most 36525 days"),
        ("", "expected a line"),
        (5, "expected a line"),
        (None, "expected a line"),
        ({"name": "mtx", "dose": 3}, "expected a mapping with 'name'"),
        ({"days": 3}, "expected a mapping with 'name'"),
        ({"name": "mtx", "days": "3 weeks"}, "expected a number of days"),
        ({"name": "mtx", "days": -3}, "expected above 0"),
        ({"name": "mtx", "days": float("nan")}, "expected above 0"),
        ({"name": "mtx", "suspected": "yes"}, "expected true or false"),
        ({"name": "foo"}, "not in the table"),
    ],
)
def test_what_is_not_understood_is_a_sentence(line, said):
    with pytest.raises(EvidenceError, match="^medicines: ") as error:
        read_medicine(K, line)
    assert said in str(error.value)
    assert str(error.value).endswith((".", "?"))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        read = read_medicine(K, text)
    except EvidenceError:
        return
    assert find_medicine(K, read.name.spelling) == read.name


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (None, ()),
        ("", ()),
        ("a; b;\nc ;", ("a", "b", "c")),
        (["a", "b; c", {"name": "d"}], ("a", "b", "c", {"name": "d"})),
        ({"name": "d"}, ({"name": "d"},)),
        ((), ()),
    ],
)
def test_a_value_is_parted_into_lines(value, lines):
    assert medicine_lines(value) == lines


def test_lines_are_taken_out_and_others_stay_as_typed():
    assert lines_without("a; b", []) == "a; b"
    assert lines_without("a; b", ["b"]) == ["a"]
    assert lines_without(5, [5]) == []
    with pytest.raises(EvidenceError, match="expected a line"):
        medicine_lines(5)


def test_the_label_names_what_the_table_calls_it():
    assert read_medicine(K, "carbamazepine 3 weeks").label == "Carbamazepine, 3 weeks"
    assert read_medicine(K, "Tegretol, suspected").label == "Tegretol (Carbamazepine), suspected"
    assert read_medicine(K, {"name": "mtx", "days": 1}).label == "MTX (Methotrexate), 1 day"
