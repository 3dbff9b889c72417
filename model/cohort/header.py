"""The header of a table of patients: which columns are nodes, which are kept, and which cannot stand as they are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from model.errors import TableError, listed
from model.knowledge import Knowledge

RESULTS = ("top", "scope", "scope_reason")

_ENTERED = ("cause", "context", "finding", "guard")
_NOT_ENTERED = {"mechanism": "a mechanism follows from the causes", "selection": "the low count is taken as seen"}


@dataclass(frozen=True)
class Header:
    """A header, read. `nodes`: node -> position of its column; `problems`: one sentence for each label to correct."""

    nodes: dict[str, int]
    problems: tuple[str, ...]


def read_header(knowledge: Knowledge, labels: Iterable[Hashable]) -> Header:
    """Read a header; capitals and outer spaces of a label do not matter. Any other label is kept as it is.

    problems : a repeated label, two labels of one node, a mechanism or the selection, a label within two edits of a
               node (one edit where the node has fewer than five letters), or no node at all
    """
    entered = {node.id for node in knowledge.role(*_ENTERED)}
    seen: dict[Hashable, int] = {}
    found: dict[str, int] = {}
    problems: list[str] = []
    for position, label in enumerate(labels):
        if label in seen and label != "":
            problems.append(f"Table: expected each column once, got {label!r} twice.")
            continue
        seen[label] = position
        name = label.strip().casefold() if isinstance(label, str) else ""
        if name in entered:
            if name in found:
                problems.append(f"Table: expected each node in one column, got {name!r} twice; remove one of them.")
            found.setdefault(name, position)
        elif name in knowledge.nodes:
            why = _NOT_ENTERED[knowledge.nodes[name].role]
            problems.append(f"Table: column {label!r} cannot be entered, because {why}; rename or remove it.")
        elif not name.startswith("p_") and name not in RESULTS:
            near = next((node for node in sorted(entered) if edits(name, node) <= (2 if len(node) > 4 else 1)), None)
            if near:
                problems.append(f"Table: column {label!r} is unknown; did you mean {near!r}? Correct or rename it.")
    if not found and not problems:
        got = listed(list(seen)[:5]) if seen else "no column"
        problems.append(f"Table: expected one column or more named after a node of nodes.csv, got {got}.")
    return Header(found, tuple(problems))


def node_columns(knowledge: Knowledge, labels: Iterable[Hashable]) -> dict[str, int]:
    """Return node -> position of its column. raises : TableError with the first problem of :func:`read_header`."""
    header = read_header(knowledge, labels)
    if header.problems:
        raise TableError(header.problems[0])
    return header.nodes


def edits(one: str, other: str) -> int:
    """Return the number of letters to insert, delete or replace (Levenshtein), or 3 for any larger number."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for position, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], position
        for place, target in enumerate(other, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (letter != target))
        if min(row) > 2:
            return 3
    return min(row[-1], 3)
