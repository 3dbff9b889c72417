"""The plausible ranges as data: between what bounds somebody who knows the literature expects a frequency to lie.

An item is ``node=state`` of a finding, ``two or more causes``, ``mean findings``, or ``two of`` some findings joined
by ``&``. Every item has one row for each setting, and its exception stands in the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.errors import KnowledgeError, listed
from model.knowledge.csv_table import cell_items, table_rows
from model.knowledge.load import TAGS, Knowledge

CAUSES, FINDINGS, TWO = "two or more causes", "mean findings", "two of "
COLUMNS = ["item", "setting", "low", "high", "tag", "source", "reason", "exception"]

Entries = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """One range. `entries` are the findings of the item, none for the two items about everything.

    low, high : a probability given the low count, or for ``mean findings`` a number of findings
    exception : why the model is known to lie outside; empty where it should lie inside
    """

    item: str
    entries: Entries
    settings: tuple[str, ...]
    low: float
    high: float
    tag: str
    sources: tuple[str, ...]
    reason: str
    exception: str


def read_ranges(knowledge: Knowledge, folder: Path | None = None) -> tuple[PlausibleRange, ...]:
    """Read ``plausible_ranges.csv``.

    raises : KnowledgeError, naming the row and what is allowed; also when a finding or a setting is left out.
    """
    path = (knowledge.folder if folder is None else folder) / "plausible_ranges.csv"
    found = tuple(_range(knowledge, f"{path.name} row {number}", row) for number, row in table_rows(path))
    said = [(row.item, setting) for row in found for setting in row.settings]
    items = dict.fromkeys([*_every(knowledge), *(row.item for row in found)])
    for item in items:
        for setting in knowledge.settings:
            if said.count((item, setting)) != 1:
                raise KnowledgeError(
                    f"plausible_ranges.csv: expected one row on {item!r} in setting {setting!r}, "
                    f"got {said.count((item, setting))}."
                )
    return found


def _every(knowledge: Knowledge) -> list[str]:
    return [
        CAUSES,
        FINDINGS,
        *(f"{node.id}={state}" for node in knowledge.role("finding") for state in node.states[1:]),
    ]


def _range(knowledge: Knowledge, where: str, row: dict[str, str]) -> PlausibleRange:
    if list(row) != COLUMNS:
        raise KnowledgeError(f"{where}: expected the columns {listed(COLUMNS)}.")
    settings = tuple(knowledge.settings) if row["setting"] == "all" else cell_items(row["setting"])
    if not settings or not set(settings) <= set(knowledge.settings):
        raise KnowledgeError(f"{where}: settings are 'all' or of {listed(knowledge.settings)}, got {row['setting']!r}.")
    entries = _entries(knowledge, where, row["item"])
    most = len(knowledge.role("finding")) if row["item"] == FINDINGS else 1
    try:
        low, high = float(row["low"]), float(row["high"])
    except ValueError:
        raise KnowledgeError(f"{where}: expected numbers, got {row['low']!r} and {row['high']!r}.") from None
    if not 0 <= low < high <= most:
        raise KnowledgeError(f"{where}: expected 0 <= low < high <= {most}, got {row['low']} and {row['high']}.")
    sources = cell_items(row["source"])
    if row["tag"] not in TAGS or not set(sources) <= set(knowledge.sources):
        raise KnowledgeError(f"{where}: expected a tag of {listed(TAGS)} and sources of sources.csv, "
                             f"got {row['tag']!r} and {row['source']!r}.")  # fmt: skip
    if not row["reason"] or not (sources or row["tag"] == "GAP"):
        raise KnowledgeError(f"{where}: expected a reason, and a source unless the tag is GAP.")
    return PlausibleRange(row["item"], entries, settings, low, high, row["tag"], sources, row["reason"],
                          row["exception"])  # fmt: skip


def _entries(knowledge: Knowledge, where: str, item: str) -> Entries:
    if item in (CAUSES, FINDINGS):
        return ()
    parts = [part.strip().partition("=") for part in item.removeprefix(TWO).split("&")]
    findings = {node.id: node for node in knowledge.role("finding")}
    if any(node not in findings or state not in findings[node].states[1:] for node, _, state in parts):
        raise KnowledgeError(f"{where}: expected a finding's 'node=state' above its lowest state, {CAUSES!r}, "
                             f"{FINDINGS!r}, or {TWO!r} with findings joined by '&', got {item!r}.")  # fmt: skip
    if item.startswith(TWO) != (len({node for node, _, _ in parts}) > 1):
        raise KnowledgeError(f"{where}: expected {TWO!r} before several different findings, got {item!r}.")
    return tuple((node, state) for node, _, state in parts)
