"""The clinical laws as data: what a clinician would never forgive, stated as comparisons of two patients.

A law is a sentence and a list of checks. A check, ``entered [against instead] -> target``, compares the target after
`entered` with the target after `instead` (by default: after nothing) in every pattern of other entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model.errors import KnowledgeError, listed
from model.knowledge import Knowledge, cell_items, table_rows

FORMS = ("never_lowers", "never_raises", "changes_nothing", "keeps_odds", "certain", "adds_up", "refused")
ALONE = ("adds_up", "refused")  # forms whose checks name a node and no target
STATUSES = ("must hold", "may fail")
PATTERNS = ("any", "none positive")
OTHERS = "others"

Entries = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. `text`: as it stands in the table.

    entered, instead : (node, state) pairs;  targets : (cause, state), the state empty where any acting state counts
    """

    text: str
    entered: Entries
    instead: Entries
    targets: Entries


@dataclass(frozen=True, slots=True)
class Law:
    """One law. `given` is entered in every pattern, `left_out` in none; `also` widens the patterns beyond the lattice.

    answered : nodes that stand in every pattern, in each of their states
    positive : whether findings above their lowest state may stand in the patterns
    must     : whether it has to hold everywhere; otherwise its exceptions are listed
    """

    id: str
    statement: str
    form: str
    checks: tuple[Check, ...]
    given: Entries
    left_out: tuple[str, ...]
    answered: tuple[str, ...]
    also: tuple[str, ...]
    positive: bool
    must: bool
    reason: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An exception that is known: this check fails in these settings, and why that is right or accepted."""

    law: str
    check: str
    settings: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class LawTable:
    """lattice : the nodes whose entries make the patterns, each with why it is among them.

    held : entries that stand in every pattern but where a check or a law enters that node itself
    """

    laws: tuple[Law, ...]
    lattice: Mapping[str, str]
    held: Entries
    exceptions: tuple[Listed, ...]


def read_laws(knowledge: Knowledge, folder: Path | None = None) -> LawTable:
    """Read ``laws.csv``, ``law_lattice.csv`` and ``law_exceptions.csv``.

    raises : KnowledgeError, naming file, row and what is allowed.
    """
    folder = knowledge.folder if folder is None else folder
    laws = tuple(_law(knowledge, f"laws.csv row {number}", row) for number, row in table_rows(folder / "laws.csv"))
    lattice: dict[str, str] = {}
    held: Entries = ()
    for number, row in table_rows(folder / "law_lattice.csv"):
        where = f"law_lattice.csv row {number}"
        _known_nodes(knowledge, where, [row["node"]], ("context", "finding"))
        if row["state"]:
            held += _entries(knowledge, where, f"{row['node']}={row['state']}", ";")
        else:
            lattice[row["node"]] = row["reason"]
    exceptions = []
    known = {(law.id, check.text) for law in laws for check in law.checks}
    for number, row in table_rows(folder / "law_exceptions.csv"):
        where = f"law_exceptions.csv row {number}"
        if (row["law"], row["check"]) not in known:
            raise KnowledgeError(f"{where}: law {row['law']!r} has no check {row['check']!r}; copy it as it stands.")
        settings = tuple(knowledge.settings) if row["settings"] == "all" else cell_items(row["settings"])
        if not set(settings) <= set(knowledge.settings):
            raise KnowledgeError(f"{where}: settings are 'all' or of {listed(knowledge.settings)}, got {settings}.")
        exceptions.append(Listed(row["law"], row["check"], settings, row["reason"]))
    return LawTable(laws, lattice, held, tuple(exceptions))


def _law(knowledge: Knowledge, where: str, row: Mapping[str, str]) -> Law:
    for column, allowed in (("form", FORMS), ("status", STATUSES), ("patterns", PATTERNS)):
        if row[column] not in allowed:
            raise KnowledgeError(f"{where} column {column!r}: expected {listed(allowed)}, got {row[column]!r}.")
    left_out, answered, also = (cell_items(row[column]) for column in ("left_out", "answered", "also"))
    _known_nodes(knowledge, where, (*left_out, *answered, *also), ("context", "finding"))
    checks = tuple(_check(knowledge, where, row["form"], text) for text in cell_items(row["checks"]))
    if not checks:
        raise KnowledgeError(f"{where} column 'checks': expected one or more, got none.")
    return Law(
        row["law"], row["statement"], row["form"], checks, _entries(knowledge, where, row["given"], ";"), left_out,
        answered, also, row["patterns"] == "any", row["status"] == "must hold", row["reason"], cell_items(row["claim"]),
    )  # fmt: skip


def _check(knowledge: Knowledge, where: str, form: str, text: str) -> Check:
    if form in ALONE:
        if text not in knowledge.nodes:
            raise KnowledgeError(f"{where} column 'checks': expected a node of nodes.csv, got {text!r}.")
        return Check(text, ((text, ""),), (), ())
    left, arrow, right = text.partition("->")
    if not arrow:
        raise KnowledgeError(f"{where} column 'checks': expected 'entered -> target', got {text!r}.")
    before, _, instead = left.partition(" against ")
    entered = _entries(knowledge, where, before, "&")
    return Check(text, entered, _entries(knowledge, where, instead, "&"), _targets(knowledge, where, right, entered))


def _targets(knowledge: Knowledge, where: str, text: str, entered: Entries) -> Entries:
    causes = [node.id for node in knowledge.role("cause")]
    if text.strip() == OTHERS:
        return tuple((cause, "") for cause in causes if cause not in dict(entered))
    found = []
    for part in text.split(":"):
        cause, equals, state = (piece.strip() for piece in part.partition("="))
        if cause not in causes or (equals and state not in knowledge.nodes[cause].states[1:]):
            raise KnowledgeError(
                f"{where} column 'checks': expected a cause, 'cause=state' or {OTHERS!r}, got {part.strip()!r}."
            )
        found.append((cause, state))
    return tuple(found)


def _entries(knowledge: Knowledge, where: str, text: str, separator: str) -> Entries:
    found = []
    for part in (piece.strip() for piece in text.split(separator) if piece.strip()):
        node, _, state = (piece.strip() for piece in part.partition("="))
        if node not in knowledge.nodes or state not in knowledge.nodes[node].states:
            raise KnowledgeError(f"{where}: expected 'node=state' as in nodes.csv, got {part!r}.")
        found.append((node, state))
    return tuple(found)


def _known_nodes(knowledge: Knowledge, where: str, nodes: Iterable[str], roles: tuple[str, ...]) -> None:
    for node in nodes:
        if node not in knowledge.nodes or knowledge.nodes[node].role not in roles:
            raise KnowledgeError(f"{where}: expected a {' or '.join(roles)} of nodes.csv, got {node!r}.")
