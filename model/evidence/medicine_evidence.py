"""Named medicines among the entries of a patient: taken out, read by the rules, and put onto the nodes they are about.

A name stands under ``medicines``, or as the value of its own node (``methotrexate=mtx``). What a medicine says of a node
and what was entered there must agree, or both are refused by name. A timing that was entered counts all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import EvidenceError, shown
from model.evidence.medicine import MEDICINES, NamedMedicine, find_medicine, medicine_lines, read_medicine
from model.evidence.medicine_rules import TIMING, Implied, Medicines, judge
from model.knowledge import Knowledge, kept_with_knowledge

NO_MEDICINES = Medicines((), {})


@dataclass(frozen=True, slots=True)
class Split:
    """Entries with the medicines taken out. others : the rest;  lines : the medicines as given, of every entry."""

    others: Mapping[str, Any]
    lines: tuple[Any, ...]
    named: tuple[NamedMedicine, ...]

    def judged(self, knowledge: Knowledge) -> Medicines:
        """Return what they say."""
        return judge(knowledge, self.named) if self.named else NO_MEDICINES


def is_medicine_entry(knowledge: Knowledge, key: object, value: object) -> bool:
    """Say whether an entry names medicines: under their own key, or a name in place of a state."""
    node_id = key.strip().casefold() if isinstance(key, str) else ""
    if node_id == MEDICINES:
        return True
    if node_id not in _nodes(knowledge) or not isinstance(value, str):
        return False
    word = value.strip().casefold()
    return word not in knowledge.nodes[node_id].states and _begins_with_a_name(knowledge, value)


def split_medicines(knowledge: Knowledge, mapping: Mapping[str, Any]) -> Split:
    """Take the medicines out of entries. raises : EvidenceError for one that cannot be read, or under a wrong node."""
    others: dict[str, Any] = {}
    lines: list[Any] = []
    named: list[NamedMedicine] = []
    for key, value in mapping.items():
        if not is_medicine_entry(knowledge, key, value):
            others[key] = value
            continue
        here = medicine_lines(value)
        read = [read_medicine(knowledge, line) for line in here]
        node_id = key.strip().casefold()
        for each in read if node_id != MEDICINES else ():
            _check_node(each, node_id)
        lines += here
        named += read
    return Split(others, tuple(lines), tuple(named))


def agree(
    knowledge: Knowledge, node_id: str, said: Implied, entered: Sequence[float] | None, given: object
) -> tuple[float, ...] | None:
    """Return the likelihood of the states when the medicines and what was entered hold together.

    entered : the likelihood of each state as entered, with what was `given`; None when nothing was
    returns : None for a timing that was entered, for it counts before what a medicine says
    raises  : EvidenceError naming both when they cannot both be true.
    """
    states = knowledge.nodes[node_id].states
    if entered is None:
        return tuple(float(place in said.states) for place in range(len(states)))
    if node_id == TIMING:
        return None
    both = tuple(weight * (place in said.states) for place, weight in enumerate(entered))
    if not any(both):
        raise EvidenceError(f"{node_id}: {contradiction(knowledge, node_id, said, given)}; take one of the two back.")
    return tuple(weight / max(both) for weight in both)


def contradiction(knowledge: Knowledge, node_id: str, said: Implied, given: object) -> str:
    """Return both sides of a contradiction."""
    states = knowledge.nodes[node_id].states
    meant = " or ".join(states[place] for place in sorted(said.states))
    return f"{shown(given)} was entered, and the medicine “{said.labels}” means {meant!r}"


def _check_node(named: NamedMedicine, node_id: str) -> None:
    if named.medicine.node != node_id:
        where = f"it belongs to {named.medicine.node!r}" if named.medicine.node else "it is left out of the question"
        raise EvidenceError(f"{node_id}: {named.name.text} is no entry here, {where}; enter it under {MEDICINES!r}.")


def _begins_with_a_name(knowledge: Knowledge, value: str) -> bool:
    words = " ".join(value.replace(",", " , ").replace(";", " ; ").split()).split()
    return any(find_medicine(knowledge, " ".join(words[:end])) is not None for end in range(1, len(words) + 1))


@kept_with_knowledge
def _nodes(knowledge: Knowledge) -> frozenset[str]:
    """Return the nodes that medicines are entered under."""
    return frozenset(medicine.node for medicine in knowledge.medicines if medicine.node)
