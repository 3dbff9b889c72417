"""The table of FHIR codes: every code is one, every row can be read, and a row that says nothing is an error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.errors import KnowledgeError
from model.evidence.fhir_codes import FACT, SYSTEMS, TEXT, _codes, concept_of
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()


def verhoeff(code):
    def times(a, b):
        turn, flip = a % 5, b % 5
        if a < 5:
            return (turn + flip) % 5 + (0 if b < 5 else 5)
        return (turn - flip) % 5 + (5 if b < 5 else 0)

    step = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    total = 0
    for place, digit in enumerate(reversed(code)):
        number = int(digit)
        for _ in range(place % 8):
            number = step[number]
        total = times(total, number)
    return total == 0


def luhn(code):
    digits, check = code.split("-")
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return -total % 10 == int(check)


def test_every_code_has_its_check_digit_and_every_row_is_used():
    for row in KNOWLEDGE.fhir_codes:
        if row.system == "loinc":
            assert luhn(row.code), row.code
        if row.system == "snomed":
            assert verhoeff(row.code), row.code
        assert row.label or row.system in (TEXT, "atc"), row.code
        if row.system != TEXT:
            uri = next(uri for uri, system in SYSTEMS.items() if system == row.system)
            coding = {"system": uri, "code": row.code.rstrip("*"), "display": row.label}
            assert concept_of(KNOWLEDGE, {"coding": [coding]}).rows == (row,), row.code


@pytest.mark.parametrize(
    ("change", "match"),
    [({"kind": "guess"}, "expected a kind"), ({"node": "nothing"}, "not in nodes.csv"),
     ({"state": "maybe"}, "has only"), ({"state": ""}, "expected a node and a state")],
)  # fmt: skip
def test_a_row_that_says_nothing_is_an_error(change, match):
    row = next(row for row in KNOWLEDGE.fhir_codes if row.kind == FACT)
    wrong = replace(KNOWLEDGE, fhir_codes=(replace(row, **change),))
    with pytest.raises(KnowledgeError, match=match):
        _codes(wrong)
    with pytest.raises(KnowledgeError, match="stands twice"):
        _codes(replace(KNOWLEDGE, fhir_codes=(row, row)))
