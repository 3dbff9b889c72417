"""One value as people and programs write it: the one rule for its words, its codes and its unit.

It holds for the cells of tables and for the entries of case files, links and ``--set``; Python takes states alone.

1. A state of the node is that state: ``none`` in a column of antibiotic courses is no course.
2. An empty cell and the words of ``cell_words.csv`` for it (NA, ?, unknown ...) are *not assessed*.
3. Where the states are absent and present, its words for them (yes, N, TRUE, 1 ...) are those states. Where something
   can be present in several ways, so are its words, but no number: 1 may be the first of those ways.
4. A bare number gets the unit of the column's header. Without one, 0, 1 and 2 are refused where a number and a state
   can both be entered: they may be codes.

Anything else is left to ``read_evidence``.

>>> from model.knowledge import load_knowledge
>>> tables = load_knowledge()
>>> read_cell(tables, "fever", "Yes"), read_cell(tables, "fever", "n.a."), read_cell(tables, "anc", 0.3, "10^9/L")
('present', None, '0.3 10^9/L')
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from model.errors import EvidenceError, as_number, listed, shown
from model.evidence.numerals import split_quantity
from model.evidence.renamed import old_states
from model.evidence.units import bare_unit, units_of
from model.knowledge import Knowledge, kept_with_knowledge

NOT_ASSESSED = "not_assessed"
NOT_ENTERED = ("mechanism", "selection")  # roles of nodes
TWO_STATES = frozenset(("absent", "present"))


def read_cell(knowledge: Knowledge, node_id: str, cell: Any, unit: str = "", quantity: str = "") -> Any:
    """Return what ``read_evidence`` takes for a cell; None when it is not assessed.

    node_id  : of a node, or its name in an earlier version
    unit     : of the column's header, spelled as in ``units.csv``; empty when the header has none
    quantity : what the header measures, where it names that and not the node: under *Platelets* stands a number only
    raises   : EvidenceError for 0, 1 or 2 that may be a code, and for a word where only a number can stand
    """
    word, states = _word(cell), _states(knowledge, node_id)
    meaning = _meanings(knowledge).get(word, "")
    if cell is None or word == "" or (meaning == NOT_ASSESSED and word not in states):
        return None
    two, units = TWO_STATES.issuperset(states) and bool(states), units_of(knowledge, node_id)
    number = _bare(cell)
    if quantity and two and number is None and not (isinstance(cell, str) and split_quantity(cell)):
        raise EvidenceError(
            f"{node_id}: expected a number under a header that names {quantity.lower()}, got {shown(cell)}; allowed is "
            f"a number in {listed(units)}. States belong into a column named {node_id!r}."
        )
    if word in states:
        return cell
    if number is not None and unit:
        return f"{number} {unit}"
    code = meaning and number is not None
    if code and states and units:
        example = bare_unit(knowledge, node_id) or units[0]
        raise EvidenceError(
            f"{node_id}: {word} can be a code or a number of {example}, got {shown(cell)}; write "
            f"{f'{word} {example}'!r} or put the unit into the header, as in "
            f"{f'{node_id} ({example})'!r}, or give {listed(states)}."
        )
    if meaning in TWO_STATES and (two or (not number and _kinds(knowledge, node_id))):
        return meaning
    return bool(cell) if isinstance(cell, np.bool_) else cell


def entered_value(knowledge: Knowledge, key: Any, value: Any) -> Any:
    """Return an entry of a file, a link or ``--set`` by the same rule; None when it is not assessed.

    Only that an empty entry is none: an empty cell stands in a column, an empty text was written for something.
    raises : EvidenceError as :func:`read_cell`. A key that names nothing that can be entered is for others to refuse.
    """
    if isinstance(value, str) and not value.strip():
        return value
    node = knowledge.nodes.get(key.strip().casefold()) if isinstance(key, str) else None
    return value if node is None or node.role in NOT_ENTERED else read_cell(knowledge, node.id, value)


def cell_words(knowledge: Knowledge, node_id: str) -> tuple[str, ...]:
    """Return the words beside its states that a cell of this node may hold for one of them, folded."""
    states = _states(knowledge, node_id)
    two, kinds = TWO_STATES.issuperset(states) and bool(states), _kinds(knowledge, node_id)
    words = [word for word, meaning in _meanings(knowledge).items() if meaning in TWO_STATES]
    return tuple(word for word in words if two or (kinds and _bare(word) is None))


def _states(knowledge: Knowledge, node_id: str) -> tuple[str, ...]:
    """Return the states of a node, or the old ones of a name of an earlier version."""
    return knowledge.nodes[node_id].states if node_id in knowledge.nodes else old_states(knowledge, node_id)


def _kinds(knowledge: Knowledge, node_id: str) -> tuple[str, ...]:
    return knowledge.nodes[node_id].kinds if node_id in knowledge.nodes else ()


def _word(cell: Any) -> str:
    """Return a cell as a word to look up: folded text, true and false, a whole number without its point."""
    if isinstance(cell, str):
        text = " ".join(cell.split()).casefold()
        whole, point, part = text.partition(".")
        return whole if point and whole.isdecimal() and part and not part.strip("0") else text
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell)).casefold()
    number = as_number(cell)
    if number is None:
        return "\0"  # no word: a likelihood, for instance
    if math.isnan(number):
        return ""
    return str(int(number)) if math.isfinite(number) and number == int(number) else repr(number)


def _bare(cell: Any) -> str | None:
    """Return a number without a unit as text with its bound; None for anything else."""
    number = None if isinstance(cell, np.bool_) else as_number(cell)
    if number is not None:
        return format(Decimal(repr(number)), "f").removesuffix(".0") if math.isfinite(number) else None
    parts = split_quantity(cell) if isinstance(cell, str) else None
    return f"{parts[0]}{parts[1]}" if parts and not parts[2] else None


@kept_with_knowledge
def _meanings(knowledge: Knowledge) -> Mapping[str, str]:
    return {_word(row.word): row.meaning for row in knowledge.cell_words}
