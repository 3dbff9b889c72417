"""The header of a table of patients: which columns are nodes, which are not read, which cannot stand as they are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from model.cohort.column_name import read_column_name
from model.errors import TableError, listed
from model.evidence.lab_spellings import COUNT, LEUKOCYTES, SHARE
from model.evidence.units import bare_unit
from model.knowledge import Knowledge

RESULTS = ("top", "scope", "scope_reason", "not_read")


@dataclass(frozen=True)
class ReadColumn:
    """A column that is a node: its place from 0 and its label.

    header_unit : as in ``units.csv``; empty when the header has none
    bare        : the unit in which a number without one is read all the same; empty where it needs one
    quantity    : what the header measures, where it names that and not the node
    was         : the name of the node in an earlier version, where the header has that; its cells then have its states
    """

    node: str
    place: int
    label: str
    header_unit: str
    bare: str
    quantity: str
    was: str = ""

    @property
    def cells_of(self) -> str:
        """The name under which its cells are read."""
        return self.was or self.node

    @property
    def unit(self) -> str:
        """The unit in which a number without one is read; empty where each number needs its own."""
        return self.header_unit or self.bare

    def __str__(self) -> str:
        named = repr(self.label) if self.label.strip() == self.node else f"{self.label!r} as {self.node}"
        return f"{named} in {self.unit}" if self.unit else named


@dataclass(frozen=True)
class UnreadColumn:
    """A column that is not read: its label, and why where the label is known; empty for one that is none of ours."""

    label: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.label!r} ({self.reason})" if self.reason else repr(self.label)


@dataclass(frozen=True)
class Header:
    """A header, read. `columns` in the order of the table; `problems`: one sentence for each label to correct."""

    columns: tuple[ReadColumn, ...]
    unread: tuple[UnreadColumn, ...]
    problems: tuple[str, ...]

    @property
    def nodes(self) -> dict[str, int]:
        """Node -> position of its column."""
        return {column.node: column.place for column in self.columns}

    @property
    def labels_unread(self) -> str:
        """The labels that are not read, in one line, as they stand in a scored file."""
        return "; ".join(column.label for column in self.unread)

    @property
    def sentences(self) -> tuple[str, str]:
        """What is read as which node in which unit, and what is not read."""
        unread = ", ".join(map(str, self.unread)) or "no column"
        return f"Read: {', '.join(map(str, self.columns))}.", f"Not read: {unread}."


def read_header(knowledge: Knowledge, labels: Iterable[Hashable]) -> Header:
    """Read a header, as :func:`read_column_name` reads each label. Columns that are none of ours are kept, not read.

    problems : a repeated label, two columns for one node, a mechanism or the selection, a label that looks like one of
               ours and cannot be read, leukocytes and the neutrophil share without the count they give, no node at all
    """
    seen: dict[Hashable, int] = {}
    found: dict[str, ReadColumn] = {}
    unread: list[UnreadColumn] = []
    known: dict[str, str] = {}
    problems: list[str] = []
    for place, label in enumerate(labels):
        if label in seen and label != "":
            problems.append(f"Table: expected each column once, got {label!r} twice.")
            continue
        seen[label] = place
        if not isinstance(label, str) or not label.strip():
            unread.append(UnreadColumn(f"column {place + 1}" if label == "" else str(label), ""))
            continue
        if _is_result(label):
            unread.append(UnreadColumn(label, "named as a result of scoring"))
            continue
        name = read_column_name(knowledge, label)
        if name.problem:
            problems.append(f"Table: {name.problem}")
        elif not name.node:
            reason = f"{name.known}: {name.note[:1].lower()}{name.note[1:]}" if name.known else ""
            unread.append(UnreadColumn(label, reason))
            known.setdefault(name.known, label)
        elif name.node in found:
            both = f"as {found[name.node].label!r} and {label!r}"
            problems.append(
                f"Table: expected each node in one column, got {name.node!r} twice, {both}; remove one of them."
            )
        else:
            bare = bare_unit(knowledge, name.node)
            found[name.node] = ReadColumn(name.node, place, label, name.unit, bare, name.quantity, name.was)
    if COUNT not in found and LEUKOCYTES in known and SHARE in known and not problems:
        problems.append(
            f"Table: columns {known[LEUKOCYTES]!r} and {known[SHARE]!r} give a neutrophil count together, which is not "
            f"computed from a table; add a column {COUNT!r}, or remove one of the two if the count is in scope."
        )
    if not found and not problems:
        got = listed(list(seen)[:5]) if seen else "no column"
        problems.append(f"Table: expected one column or more named after a node of nodes.csv, got {got}.")
    return Header(tuple(found.values()), tuple(unread), tuple(problems))


def checked_header(knowledge: Knowledge, labels: Iterable[Hashable]) -> Header:
    """Return the header. raises : TableError with the first problem of :func:`read_header`."""
    header = read_header(knowledge, labels)
    if header.problems:
        raise TableError(header.problems[0])
    return header


def _is_result(label: str) -> bool:
    name = label.strip().casefold()
    return name.startswith("p_") or name in RESULTS
