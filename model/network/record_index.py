"""Which number goes where: the records of one setting by what they are about, and stated numbers made net."""

from __future__ import annotations

from collections.abc import Mapping

from model.errors import KnowledgeError
from model.knowledge import Knowledge, Record
from model.network.cpt import net_effect


class RecordIndex:
    """The records of one setting, found by (kind, node, state, parent, parent_state)."""

    def __init__(self, knowledge: Knowledge, setting: str):
        self.knowledge, self.setting = knowledge, setting
        self.records = knowledge.records_of(setting)
        self._by_key = {record.key: record for record in self.records}

    def id(self, kind: str, node: str, state: str = "", parent: str = "", parent_state: str = "") -> str:
        """Return the id of the number, or raise KnowledgeError saying which one is missing."""
        record = self._by_key.get((kind, node, state, parent, parent_state))
        if record is None:
            given = f" given {parent}={parent_state}" if parent else ""
            raise KnowledgeError(f"data/parameters: no {kind} for {node} {state}{given} in setting {self.setting!r}.")
        return record.id

    def get(self, kind: str, node: str, state: str = "", parent: str = "", parent_state: str = "") -> str | None:
        """Return the id of the number, or None."""
        record = self._by_key.get((kind, node, state, parent, parent_state))
        return record.id if record else None

    def of(self, kind: str, node: str | None = None) -> list[Record]:
        """Return the records of one kind (and node), in table order."""
        return [record for record in self.records if record.kind == kind and node in (None, record.node)]

    def background_of(self, record: Record) -> str | None:
        """Return the id of the background that a compound number includes, or None."""
        if record.kind == "link":
            return self.get("leak", record.node, record.state)
        if record.kind in ("leak", "base_rate") and record.parent:
            return self.id(record.kind, record.node, record.state)
        return None


def net_numbers(
    index: RecordIndex, stated: Mapping[str, float], replaced: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Turn stated (compound) numbers into the ones that enter tables: links and conditional rates become net effects.

    stated   : record id -> value as stated
    replaced : record id -> value instead. The background that a link includes stays the stated one: converting happens
        once, so a changed background does not silently change every effect that was elicited above it.
    raises   : KnowledgeError where a number lies below the background it includes.
    """
    wanted = {**stated, **(replaced or {})}
    net = dict(wanted)
    for record in index.records:
        background = index.background_of(record)
        if background is not None and record.id in wanted:
            net[record.id] = _net(record.id, wanted[record.id], background, stated[background])
    return net


def _net(number: str, value: float, background: str, included: float) -> float:
    if value < included:
        raise KnowledgeError(
            f"data/parameters, record {number!r}: expected at least the background {included:.4g} "
            f"({background}), which the number includes, got {value:.4g}."
        )
    return float(net_effect(value, included))
