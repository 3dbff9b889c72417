"""The value of a FHIR Observation: a number with its unit, or whether it is positive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from model.errors import shown
from model.evidence.fhir_codes import ANSWER, POSITIVE, concept_of, word_row
from model.evidence.lab_words import fold_words
from model.evidence.numerals import certain, fold_unit
from model.knowledge import Knowledge

_UCUM = "http://unitsofmeasure.org"


def typed_number(given: Mapping[str, Any], units: set[str]) -> tuple[str, str] | str:
    """Return bound and digits, and the unit, of a value; or why there is none."""
    quantity = given.get("valueQuantity")
    if not isinstance(quantity, Mapping):
        absent = "it says that there is none" if "dataAbsentReason" in given else "expected a quantity with its unit"
        return f"The value cannot be read: {absent}; enter the number yourself."
    value, bound = quantity.get("value"), quantity.get("comparator", "")
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value < 0:
        return f"The value cannot be read: expected a number of 0 or more, got {shown(value)}."
    if bound not in ("", "<", "<=", ">", ">="):
        return f"The value cannot be read: the comparator {shown(bound)} is not known."
    spelled = []
    if quantity.get("system", _UCUM) == _UCUM and isinstance(quantity.get("code"), str):
        spelled.append(_plain_unit(quantity["code"]))
    if isinstance(quantity.get("unit"), str):
        spelled.append(_plain_unit(quantity["unit"]))
    unit = next((each for each in spelled if fold_unit(each) in units), spelled[0] if spelled else "")
    if not unit or len(unit) > 32 or " " in unit:
        return f"The value cannot be read: expected a unit, got {shown(quantity.get('unit', quantity.get('code')))}."
    digits = format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"{bound}{certain(digits)}", unit


def _plain_unit(code: str) -> str:
    """Return a UCUM code without its annotations: ``10*3/uL``, ``/uL`` for ``{cells}/uL``."""
    kept, depth = "", 0
    for sign in code.strip():
        depth += sign == "{"
        kept += sign if depth == 0 else ""
        depth -= sign == "}"
    return kept.strip(". ")


def positives(knowledge: Knowledge, given: Mapping[str, Any]) -> Iterator[bool]:
    """Yield what value and interpretation say, True for positive; nothing for one that says neither."""
    for concept in (given.get("valueCodeableConcept"), *listed_items(given.get("interpretation"))):
        found = concept_of(knowledge, concept)
        rows = [row for row in found.rows if row.kind == ANSWER and not found.clash]
        rows += [row for words in found.words if (row := word_row(knowledge, words, ANSWER))]
        yield from (row.state == POSITIVE for row in rows)
    text = given.get("valueString")
    if isinstance(text, str) and (row := word_row(knowledge, fold_words(text), ANSWER)):
        yield row.state == POSITIVE
    if isinstance(given.get("valueBoolean"), bool):
        yield given["valueBoolean"]


def listed_items(given: Any) -> list[Any]:
    """Return a list as it is, and an empty one for anything else."""
    return given if isinstance(given, list) else []
