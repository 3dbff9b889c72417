"""What was entered for one node, in the few words that a chip or a line of a list has room for.

>>> from model.evidence.read import read_evidence
>>> from model.knowledge import load_knowledge
>>> tables = load_knowledge()
>>> read = read_evidence(tables, {"serum_folate": "2.8 ng/mL", "fever": "absent", "age": "52 years"})
>>> [in_words(tables, read, node) for node in ("serum_folate", "fever", "age")]
['Serum folate 2.8 ng/mL: low', 'Fever: no', 'Age 52 years']
"""

from __future__ import annotations

from collections.abc import Sequence

from model.errors import EvidenceError
from model.evidence.read import Evidence
from model.evidence.units import parse_quantity, units_of
from model.knowledge import Knowledge, Node
from model.wording import inside_sentence, state_label

NEAR = 0.8  # share of the likeliest state below which a number is said to lie near its limit


def in_words(knowledge: Knowledge, read: Evidence, node_id: str) -> str:
    """Return an entry that has been read, as ``Haemoglobin 11.2 g/dL: anaemia`` or ``Fever: no``."""
    node, given = knowledge.nodes[node_id], read.given[node_id]
    if measured := number_in_words(knowledge, node_id, given):
        said = _state(node, _likelihood(node, read))
        return f"{measured}: {said}" if said else measured
    weights = _likelihood(node, read)
    possible = [state_label(node, state) for state, weight in zip(node.states, weights, strict=True) if weight]
    return f"{node.short_label}: {' or '.join(map(inside_sentence, possible))}"


def number_in_words(knowledge: Knowledge, node_id: str, given: object) -> str:
    """Return a number with its quantity and unit; nothing where `given` is no number of this node."""
    if not units_of(knowledge, node_id) or not isinstance(given, str | int | float):
        return ""
    try:
        measured = parse_quantity(knowledge, node_id, given)
    except EvidenceError:
        return ""
    return f"{next(lab.quantity for lab in knowledge.labs if lab.node == node_id)} {measured}"


def _likelihood(node: Node, read: Evidence) -> tuple[float, ...]:
    if node.id in read.soft:
        return read.soft[node.id]
    state = read.guards.get(node.id, node.states[read.hard[node.id]] if node.id in read.hard else None)
    return tuple(float(each == state) for each in node.states) if state in node.states else ()


def _state(node: Node, weights: Sequence[float]) -> str:
    """Return the likeliest state; one that is absent or present, by what the node is called."""
    if not weights:
        return ""
    state = node.states[max(range(len(weights)), key=weights.__getitem__)]
    said = inside_sentence(state_label(node, state))
    if set(node.states) == {"absent", "present"}:
        label = inside_sentence(node.short_label)
        said = label if state == "present" else f"no {label}"
    return said if max(weights) / sum(weights) >= NEAR else f"{said}, near the limit"
