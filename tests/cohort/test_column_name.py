"""No header that is recognisably ours is passed over: it is read with its unit, or it is refused by name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cohort.column_name import read_column_name
from model.cohort.header import read_header
from model.evidence import units_of
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
ENTERED = KNOWLEDGE.role("cause", "context", "finding", "guard")
NAMES = [(node.id, name) for node in ENTERED for name in sorted({node.id, node.label, node.short_label})]
NAMES += [(row.node, row.spelling) for row in KNOWLEDGE.lab_names if row.node]
NUMERIC = [(node, name) for node, name in NAMES if units_of(KNOWLEDGE, node)]
KNOWN = {row.spelling for row in KNOWLEDGE.lab_names if not row.node and row.quantity != "Heading"} - {
    row.spelling for row in KNOWLEDGE.lab_names if row.node
}
KNOWN = {name for name in KNOWN if name.casefold() not in {known.casefold() for _, known in NAMES}}  # Blasts is a node
AROUND = [
    "{} ({})",
    "{} [{}]",
    "{} {}",
    "{}, {}",
    "{}_{}",
    "{}: {}",
    "{} in {}",
    "{}..{}.",
    "{} / {}",
    "{}({})",
    "{}-{}",
]
CASES = [str, str.upper, str.casefold]


@st.composite
def headers(draw):
    node, name = draw(st.sampled_from(NUMERIC))
    unit = draw(st.sampled_from([unit for unit in KNOWLEDGE.units if unit.node == node]))
    spelling = draw(st.sampled_from([unit.unit, *unit.spellings]))
    return node, unit.unit, draw(st.sampled_from(CASES))(draw(st.sampled_from(AROUND)).format(name, spelling))


@given(headers())
def test_a_name_with_a_unit_is_read_with_it(drawn):
    node, unit, label = drawn
    found = read_column_name(KNOWLEDGE, label)
    assert (found.node, found.unit, found.problem) == (node, unit, "")


@pytest.mark.parametrize(("node", "name"), NAMES, ids=lambda value: value)
def test_a_name_alone_is_read(node, name):
    for label in (name, name.upper(), f" {name} ", name.replace(" ", "_")):
        found = read_column_name(KNOWLEDGE, label)
        assert (found.node, found.unit, found.problem) == (node, "", "")
    for unit in KNOWLEDGE.units:
        if unit.node == node:
            found = read_column_name(KNOWLEDGE, f"{name} ({unit.unit})")
            assert (found.node, found.unit) == (node, unit.unit)


@pytest.mark.parametrize("label", sorted(KNOWN))
def test_a_quantity_that_is_no_entry_is_refused_by_name(label):
    header = read_header(KNOWLEDGE, ["fever", label])
    assert not header.problems
    assert [column.label for column in header.unread] == [label]
    assert ": " in header.unread[0].reason


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("ANC (x10^12/L)", "'\\(x10\\^12/L\\)' is not understood"),
        ("ANC (10^3)", "is not understood; allowed is 'anc' alone or with a unit, '/mm3', '10\\^9/L'"),
        ("ANC baseline", "'baseline' is not understood"),
        ("Hb (stone)", "names anaemia, but '\\(stone\\)' is not understood"),
        ("baseline neutrophils", "looks like absolute neutrophil count"),
        ("patient age", "looks like age"),
        ("CSF neutrophils (/uL)", "looks like absolute neutrophil count"),
        ("current chemotherapy", "looks like cancer chemotherapy"),
        ("sex (0/1)", "names sex, but '\\(0/1\\)' is not understood"),
        ("Neutrofils", "did you mean 'Neutrophils'"),
        ("Haemoglobine", "did you mean 'Haemoglobin'"),
    ],
)
def test_what_looks_like_ours_and_cannot_be_read_is_a_question(label, words):
    (problem,) = read_header(KNOWLEDGE, ["fever", label]).problems
    assert repr(label) in problem
    assert re.search(words, problem), problem


@pytest.mark.parametrize(
    "label", ["Fever (yes/no)", "Fever (absent|present)", "fever (Y/N)", "Sex (M/F)", "Blasts [0/1]"]
)
def test_brackets_may_list_what_stands_in_the_cells(label):
    assert read_column_name(KNOWLEDGE, label).node == label.split()[0].casefold()


@pytest.mark.parametrize(
    "label", ["patient", "name", "drug name", "fever_date", "B12 injections", "note", "authors_cause"]
)
def test_foreign_columns_pass_and_are_named(label):
    header = read_header(KNOWLEDGE, ["fever", label])
    assert (header.problems, header.nodes) == ((), {"fever": 0})
    assert header.sentences == ("Read: 'fever'.", f"Not read: {label!r}.")


def test_two_columns_for_one_node_are_named_both():
    (problem,) = read_header(KNOWLEDGE, ["ANC (10^9/L)", "fever", "Neutrophils"]).problems
    assert "'ANC (10^9/L)'" in problem
    assert "'Neutrophils'" in problem


def test_leukocytes_and_share_without_the_count_are_asked_about():
    (problem,) = read_header(KNOWLEDGE, ["fever", "WBC (10^9/L)", "Neutrophils (%)"]).problems
    assert "'WBC (10^9/L)'" in problem
    assert "'Neutrophils (%)'" in problem
    assert not read_header(KNOWLEDGE, ["ANC", "fever", "WBC (10^9/L)", "Neutrophils (%)"]).problems


def test_the_unit_is_said():
    header = read_header(KNOWLEDGE, ["ANC (10^9/L)", "age", "serum_b12", "id", "WBC"])
    read, unread = header.sentences
    assert read == "Read: 'ANC (10^9/L)' as anc in 10^9/L, 'age' in years, 'serum_b12'."
    assert unread.startswith("Not read: 'id', 'WBC' (Leukocytes: not an entry of this model;")
