"""Named medicines among the entries of a patient: taken out, and what they say put onto the nodes they are about.

A name stands under ``medicines``, or as the value of its own node (``methotrexate=mtx``). What a medicine says of a
node and what was entered there must agree, or both are refused by name. A timing that was entered counts all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import EvidenceError, shown
from model.evidence.medicine import MEDICINES, NamedMedicine, find_medicine, medicine_lines, read_medicine
from model.evidence.medicine_rules import TIMING, Implied, Medicines
from model.knowledge import Knowledge, kept_with_knowledge


@dataclass(frozen=True, slots=True)
class Split:
    """Entries with the medicines taken out: what is left, and the medicines of every entry."""

    others: Mapping[str, Any]
    named: tuple[NamedMedicine, ...]


def is_medicine_entry(knowledge: Knowledge, key: object, value: object) -> bool:
    """Say whether an entry names medicines: under their own key, or a name in place of a state."""
    node_id = key.strip().casefold() if isinstance(key, str) else ""
    if node_id == MEDICINES:
        return True
    if node_id not in _nodes(knowledge) or not isinstance(value, str):
        return False
    return value.strip().casefold() not in knowledge.nodes[node_id].states and _begins_with_a_name(knowledge, value)


def split_medicines(knowledge: Knowledge, mapping: Mapping[str, Any]) -> Split:
    """Take the medicines out of entries. raises : EvidenceError for one that cannot be read, or under a wrong node."""
    others: dict[str, Any] = {}
    named: list[NamedMedicine] = []
    for key, value in mapping.items():
        if not is_medicine_entry(knowledge, key, value):
            others[key] = value
            continue
        for line in medicine_lines(value):
            read, node_id = read_medicine(knowledge, line), key.strip().casefold()
            if node_id not in (MEDICINES, read.medicine.node):
                where = f"belongs to {read.medicine.node!r}" if read.medicine.node else "is left out of the question"
                said = f"{node_id}: {read.name.text} {where}, so it is no entry here"
                raise EvidenceError(f"{said}; enter it under {MEDICINES!r}.")
            named.append(read)
    return Split(others, tuple(named))


@dataclass(frozen=True, slots=True)
class Entered:
    """The entries of a patient that are no medicines, as ``Evidence`` holds them, to be added to."""

    hard: dict[str, int]
    soft: dict[str, tuple[float, ...]]
    guards: dict[str, str | float]
    given: dict[str, object]

    def put(self, knowledge: Knowledge, judged: Medicines) -> tuple[str, ...]:
        """Put what medicines say onto their nodes; return a sentence for what was entered and counts before it.

        raises : EvidenceError naming both where a medicine and an entry cannot both be true.
        """
        overruled = []
        for node_id, said in judged.implied.items():
            states = knowledge.nodes[node_id].states
            entered = self._likelihood(node_id, states)
            both = tuple(weight * (place in said.states) for place, weight in enumerate(entered))
            if not any(both):
                contradiction = _contradiction(node_id, states, said, self.given[node_id])
                if node_id != TIMING:
                    raise EvidenceError(f"{contradiction}; take one of the two back.")
                overruled.append(f"{contradiction}; what was entered counts.")
            elif node_id != TIMING or TIMING not in self.given:
                self._put(knowledge, node_id, tuple(weight / max(both) for weight in both), both == entered)
        return tuple(overruled)

    def _likelihood(self, node_id: str, states: tuple[str, ...]) -> tuple[float, ...]:
        """Return the likelihood of each state as entered; 1 for all when nothing was."""
        if node_id in self.soft:
            return self.soft[node_id]
        state = self.guards.get(node_id, states[self.hard[node_id]] if node_id in self.hard else None)
        return tuple(float(state in (None, each)) for each in states)

    def _put(self, knowledge: Knowledge, node_id: str, likelihood: tuple[float, ...], as_entered: bool) -> None:
        states = knowledge.nodes[node_id].states
        possible = [place for place, weight in enumerate(likelihood) if weight]
        self.soft.pop(node_id, None)
        if len(possible) > 1:
            self.soft[node_id] = likelihood
        elif knowledge.nodes[node_id].role == "guard":
            self.guards[node_id] = states[possible[0]]
        else:
            self.hard[node_id] = possible[0]
        if not as_entered:
            weights = {states[place]: likelihood[place] for place in possible}
            self.given[node_id] = states[possible[0]] if len(possible) == 1 else weights


def _contradiction(node_id: str, states: tuple[str, ...], said: Implied, given: object) -> str:
    meant = " or ".join(states[place] for place in sorted(said.states))
    return f"{node_id}: {shown(given)} was entered, and the medicine “{said.labels}” means {meant!r}"


def _begins_with_a_name(knowledge: Knowledge, value: str) -> bool:
    words = value.replace(",", " ").replace(";", " ").split()
    return any(find_medicine(knowledge, " ".join(words[:end])) is not None for end in range(1, len(words) + 1))


@kept_with_knowledge
def _nodes(knowledge: Knowledge) -> frozenset[str]:
    """Return the nodes that medicines are entered under."""
    return frozenset(medicine.node for medicine in knowledge.medicines if medicine.node)
