"""The table of medicines, checked: known nodes and states, windows in order, and names that mean one medicine each."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from model.errors import KnowledgeError, listed
from model.knowledge.medicine_tables import Medicine
from model.knowledge.rows import Node

RARE, TIERS = "rare", ("rare", "occasional", "frequent")
PRESENT = "present"
MECHANISMS = ("immune", "toxic", "both")


def fold_medicine(name: str) -> str:
    """Return a name without capitals, accents, spaces, hyphens and other signs.

    >>> fold_medicine("Co-Trimoxazole"), fold_medicine("Névirapine")
    ('cotrimoxazole', 'nevirapine')
    """
    return "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if sign.isalnum())


def state_of(medicine: Medicine, node: Node) -> str:
    """Return the state a medicine is entered as: its own, or ``present`` where the node does not tell the tiers apart.

    Releases before 0.3 do not.
    """
    tells = medicine.state in node.states or medicine.state not in TIERS or PRESENT not in node.states
    return medicine.state if tells else PRESENT


def check_medicines(medicines: Iterable[Medicine], nodes: Mapping[str, Node], in_days: Collection[str]) -> None:
    """Check every row; `in_days` are the nodes that a number of days decides. raises : KnowledgeError."""
    taken: dict[str, str] = {}
    for medicine in medicines:
        where = f"drugs.csv: {medicine.name!r}"
        for spelling in medicine.spellings:
            key = fold_medicine(spelling)
            if not key or taken.setdefault(key, medicine.name) != medicine.name:
                said = f"the name {spelling!r} also means {taken[key]!r}" if key else f"{spelling!r} is no name"
                raise KnowledgeError(f"{where}: {said}.")
        _check_place(where, medicine, nodes, in_days)
        if medicine.mechanism not in MECHANISMS:
            raise KnowledgeError(f"{where}: mechanism {medicine.mechanism!r} is not {listed(MECHANISMS)}.")
        low, high = medicine.window_low_days, medicine.window_high_days
        if (low is None) != (high is None) or (low is not None and high is not None and not 0 <= low < high):
            raise KnowledgeError(f"{where}: expected a window 0 <= low < high in days, or none, got {low} to {high}.")


def _check_place(where: str, medicine: Medicine, nodes: Mapping[str, Node], in_days: Collection[str]) -> None:
    if not medicine.node:
        if medicine.state or not medicine.note:
            raise KnowledgeError(f"{where}: without a node it has no state, and its note says why.")
        return
    node = nodes.get(medicine.node)
    if node is None or node.role not in ("context", "guard") or not node.states:
        raise KnowledgeError(f"{where}: {medicine.node!r} is no context or guard with states in nodes.csv.")
    if medicine.state and state_of(medicine, node) not in node.states[1:]:
        allowed = listed(node.states[1:])
        raise KnowledgeError(f"{where}: {node.id!r} has no state {medicine.state!r}; allowed is {allowed}.")
    if not medicine.state and node.id not in in_days:
        raise KnowledgeError(f"{where}: {node.id!r} needs a state, for no number of days decides it.")
