"""Words of earlier versions: what an old case file, link, table or command says, in the words of today.

A row of ``renamed_states.csv`` holds where its word is no state of ``nodes.csv`` any more, so the table may run ahead
of a change of the nodes. Whoever used an old word is told: its meaning may have changed with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import EvidenceError, shown
from model.knowledge import Knowledge, kept_with_knowledge
from model.knowledge.rows import RenamedState

PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Today:
    """One entry in the words of today: node and value, and a sentence for each old word in it."""

    node: Any
    value: Any
    notices: tuple[str, ...] = ()


def todays_entry(knowledge: Knowledge, key: Any, value: Any) -> Today:
    """Return an entry in the words of today; one without an old word comes back as it is.

    One old word for several states of today becomes a likelihood: any of them, none preferred.
    raises : EvidenceError for a likelihood that names a state twice, in an old word and in a new one.
    """
    words = _words(knowledge).get(key.strip().casefold() if isinstance(key, str) else "")
    if words is None:
        return Today(key, value)
    name = key.strip().casefold()
    node = key if name in knowledge.nodes else next(iter(words.values())).new_node
    if isinstance(value, Mapping):
        return _likelihood(name, node, words, value)
    row = words.get(value.strip().casefold()) if isinstance(value, str) else None
    if row is None:
        return Today(node, value)
    new = row.new_state[0] if len(row.new_state) == 1 else dict.fromkeys(row.new_state, 1.0)
    return Today(row.new_node, new, (_said(row),))


def todays_words(knowledge: Knowledge, entries: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return entries in the words of today, and a sentence for each old word.

    An entry of a node that is given twice, under its old name and under its new one, stays for the reader to refuse.
    """
    found: dict[str, Any] = {}
    notices: list[str] = []
    for key, value in entries.items():
        try:
            today = todays_entry(knowledge, key, value)
        except EvidenceError:
            today = Today(key, value)
        if today.node != key and (today.node in entries or today.node in found):
            today = Today(key, value)
        found[today.node] = today.value
        notices += today.notices
    return found, tuple(notices)


def old_states(knowledge: Knowledge, name: str) -> tuple[str, ...]:
    """Return the old words of a node that has another name today; none for any other name."""
    return () if name in knowledge.nodes else tuple(_words(knowledge).get(name, ()))


def old_names(knowledge: Knowledge) -> Mapping[str, str]:
    """Return old name -> name of today, of the nodes that were renamed."""
    words = _words(knowledge)
    return {name: next(iter(words[name].values())).new_node for name in words if name not in knowledge.nodes}


def _likelihood(name: str, node: Any, words: Mapping[str, RenamedState], value: Mapping[Any, Any]) -> Today:
    found: dict[Any, Any] = {}
    notices = []
    for state, weight in value.items():
        row = words.get(state.strip().casefold()) if isinstance(state, str) else None
        if row is not None:
            notices.append(_said(row))
        for new in (state,) if row is None else row.new_state:
            if new in found:
                raise EvidenceError(f"{name}: expected each state once, got {shown(new)} twice, once in an old word.")
            found[new] = weight
    return Today(node, found, tuple(notices))


def _said(row: RenamedState) -> str:
    name = f"{row.node}={row.state}"
    new = f"{row.new_node}={' or '.join(row.new_state)}"
    if new == name:
        return f"{name}: {row.notice}"
    return f"{name} is a word of an earlier version and is read as {new}. {row.notice}"


@kept_with_knowledge
def _words(knowledge: Knowledge) -> Mapping[str, Mapping[str, RenamedState]]:
    """Return node -> old word -> its row, without the words that are states of today."""
    found: dict[str, dict[str, RenamedState]] = {}
    for row in knowledge.renamed_states:
        node = knowledge.nodes.get(row.node)
        if node is None or row.state not in node.states:
            found.setdefault(row.node, {})[row.state] = row
    return found
