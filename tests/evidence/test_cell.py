"""One cell of a table: its words, codes and units by one rule, and what is left is read_evidence's."""

from __future__ import annotations

import numpy as np
import pytest

from model.errors import EvidenceError
from model.evidence import read_cell, read_evidence
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
ENTERED = KNOWLEDGE.role("cause", "context", "finding", "guard")
TWO = [node.id for node in ENTERED if set(node.states) == {"absent", "present"}]
MISSING = ["", "  ", None, float("nan"), np.nan, "NA", "N/A", "n.a.", "-", "?", "nan", "NULL", "not assessed",
           "Unknown", "NOT  ASSESSED", "na", " null "]  # fmt: skip


@pytest.mark.parametrize("cell", MISSING)
def test_what_stands_for_a_missing_cell_is_not_assessed_in_every_column(cell):
    assert {node.id: read_cell(KNOWLEDGE, node.id, cell) for node in ENTERED} == dict.fromkeys(n.id for n in ENTERED)
    assert read_cell(KNOWLEDGE, "anc", cell, "10^9/L") is None


@pytest.mark.parametrize("node", ENTERED, ids=lambda node: node.id)
def test_a_state_is_that_state_however_it_is_spelled(node):
    for state in node.states:
        for cell in (state, state.upper(), f" {state.capitalize()} "):
            read = read_evidence(KNOWLEDGE, {node.id: read_cell(KNOWLEDGE, node.id, cell)})
            assert read.key == read_evidence(KNOWLEDGE, {node.id: state}).key


def test_none_is_no_course_and_an_empty_cell_is_not_assessed():
    for cell in ("None", "none", "NONE"):
        assert read_evidence(
            KNOWLEDGE, {"antibiotic_course": read_cell(KNOWLEDGE, "antibiotic_course", cell)}
        ).hard == {"antibiotic_course": 0}
    assert read_cell(KNOWLEDGE, "antibiotic_course", "") is read_cell(KNOWLEDGE, "antibiotic_course", None) is None
    assert read_cell(KNOWLEDGE, "fever", "none") == "none"  # no fever, or not asked? read_evidence refuses it


@pytest.mark.parametrize("node", TWO)
def test_words_for_present_and_absent(node):
    for present in ("yes", "Y", "TRUE", True, np.True_, "ja", "oui"):
        assert read_cell(KNOWLEDGE, node, present) == "present"
    for absent in ("no", "N", "False", False, np.False_, "nein", "non"):
        assert read_cell(KNOWLEDGE, node, absent) == "absent"


@pytest.mark.parametrize("node", [node for node in TWO if not any(unit.node == node for unit in KNOWLEDGE.units)])
def test_codes_stand_for_states_where_no_number_can_be_meant(node):
    for cells, state in (((1, 1.0, "1", "1.0", np.int64(1)), "present"), ((0, 0.0, "0", "0.0"), "absent")):
        assert [read_cell(KNOWLEDGE, node, cell) for cell in cells] == [state] * len(cells)
    for cell in ("x", "+", "2", 2, "-1", "01"):
        with pytest.raises(EvidenceError, match=f"{node}: .*'absent' or 'present'"):
            read_evidence(KNOWLEDGE, {node: read_cell(KNOWLEDGE, node, cell)})


@pytest.mark.parametrize("node", ["antibiotic_course", "macrocytosis", "thrombocytopenia", "anaemia", "serum_b12"])
@pytest.mark.parametrize("cell", ["0", "1", "2", 0, 1, 2, 1.0, "1.0", " 2 "])
def test_a_number_that_may_be_a_code_is_asked_about_with_the_unit(node, cell):
    units = [unit.unit for unit in KNOWLEDGE.units if unit.node == node]
    with pytest.raises(EvidenceError, match=f"{node}: .* can be a code or a number of ") as refused:
        read_cell(KNOWLEDGE, node, cell)
    assert any(f"{node} ({unit})" in str(refused.value) for unit in units)
    number = str(cell).strip() if isinstance(cell, str) else f"{cell:g}"
    assert read_cell(KNOWLEDGE, node, cell, units[0]) == f"{number} {units[0]}"


def test_a_bare_number_gets_the_unit_of_the_header_and_another_keeps_its_own():
    for cell, expected in ((0.3, 300), ("0,3", 300), ("0.3", 300), ("450 /mm3", 450), (np.float64(1.2), 1200)):
        read = read_evidence(KNOWLEDGE, {"anc": read_cell(KNOWLEDGE, "anc", cell, "10^9/L")})
        assert read.guards["anc"] == pytest.approx(expected)
    assert read_cell(KNOWLEDGE, "anc", 50.0, "/mm3") == "50 /mm3"
    assert read_cell(KNOWLEDGE, "anc", "<0.5", "10^9/L") == "<0.5 10^9/L"


@pytest.mark.parametrize("cell", ["present", "yes", "absent", "x", True])
def test_under_a_quantity_stands_a_number_only(cell):
    with pytest.raises(EvidenceError, match="thrombocytopenia: expected a number under a header that names platelets"):
        read_cell(KNOWLEDGE, "thrombocytopenia", cell, "", "Platelets")
    assert read_cell(KNOWLEDGE, "thrombocytopenia", 98, "10^9/L", "Platelets") == "98 10^9/L"
