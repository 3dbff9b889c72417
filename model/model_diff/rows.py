"""What differs between two versions of the tables: rows added, removed and changed, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from model.model_diff.release import Release, told_alike

NUMBERS = "parameters"


class _Table(NamedTuple):
    """How a table is compared.

    rows     : its rows;  key : what names one
    counted  : fields that a number, a structure or a result depends on; a change of these has to be declared
    ordered  : whether the order of the rows means something
    """

    rows: Callable[[Release], Iterable[Any]]
    key: Callable[[Any], str]
    counted: tuple[str, ...] = ()
    ordered: bool = False


_TABLES: Mapping[str, _Table] = {
    "nodes": _Table(lambda r: r.knowledge.nodes.values(), lambda x: x.id,
                    ("role", "states", "parents_or_causes", "threshold"), ordered=True),
    NUMBERS: _Table(lambda r: r.knowledge.records, lambda x: x.id,
                    ("setting", "value", "low", "high", "word", "reading")),
    "verbal_scales": _Table(lambda r: r.knowledge.words, lambda x: f"{x.scale}.{x.word}", ("value", "low", "high"),
                            ordered=True),
    "settings": _Table(lambda r: r.knowledge.settings.values(), lambda x: x.setting, ("condition",)),
    "labs": _Table(lambda r: r.knowledge.labs, lambda x: ".".join(filter(None, (x.node, x.state, x.sex))),
                   ("unit", "limit", "side", "width", "plausible_low", "plausible_high")),
    "units": _Table(lambda r: r.knowledge.units, lambda x: f"{x.node}.{x.unit}", ("factor",)),
    "scope": _Table(lambda r: r.knowledge.scope, lambda x: x.rule, ("node", "low", "high", "state", "verdict"),
                    ordered=True),
    "test_costs": _Table(lambda r: r.knowledge.costs, lambda x: x.node, ("panels", "burden")),
    "panels": _Table(lambda r: r.knowledge.panels, lambda x: x.panel, ("burden", "available")),
    "decision_rules": _Table(lambda r: r.knowledge.decision_rules, lambda x: x.rule, ("cause", "value")),
    "alternative_readings": _Table(lambda r: r.knowledge.alternative_readings, lambda x: x.reading, ("kind", "value")),
    "cases": _Table(lambda r: r.cases.values(), lambda x: x.id,
                    ("true_cause", "true_subtype", "second_cause", "certainty", "evidence", "posthoc", "decisive")),
    "examples": _Table(lambda r: r.knowledge.examples, lambda x: x.case),
}  # fmt: skip


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as text; empty where the row was or is not there."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """One row that was added, removed or changed.

    item    : the record's id, or ``table/key`` outside the parameters
    how     : added, removed or changed
    fields  : what differs;  counted : those of them that a number, the structure or a result depends on
    old, new : the rows themselves, None where there is none
    """

    item: str
    table: str
    how: str
    fields: tuple[FieldChange, ...]
    counted: tuple[FieldChange, ...]
    old: Any
    new: Any

    @property
    def before(self) -> str:
        """The counted fields before, in one line; empty for a row that was added."""
        return "" if self.how == "added" else self._line("old")

    @property
    def after(self) -> str:
        """The counted fields after, in one line; empty for a row that was removed."""
        return "" if self.how == "removed" else self._line("new")

    def _line(self, side: str) -> str:
        said = [f"{change.field} {getattr(change, side)}".strip() for change in self.counted if getattr(change, side)]
        return ", ".join(said) or ("present" if self.how != "changed" else "empty")


def row_changes(old: Release, new: Release) -> tuple[RowChange, ...]:
    """Return every difference, table by table, in the order of the new rows, removed rows last.

    The published cases are compared in the newest vocabulary that both tell them in.
    """
    old, new = told_alike(old, new)
    return tuple(change for name, table in _TABLES.items() for change in _changes(name, table, old, new))


def needs_declaring(change: RowChange) -> bool:
    """Return whether a number, the structure or a result can move with it: anything but a change of wording."""
    return change.how != "changed" or bool(change.counted)


def _changes(name: str, table: _Table, old: Release, new: Release) -> Iterable[RowChange]:
    before, after = ({table.key(row): row for row in table.rows(release)} for release in (old, new))
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        item = key if name == NUMBERS else f"{name}/{key}"
        how = "added" if was is None else "removed" if now is None else "changed"
        found = tuple(_fields(was, now))
        counted = tuple(f for f in found if f.field.partition(" ")[0] in table.counted)
        if found or how != "changed":
            yield RowChange(item, name, how, found, counted, was, now)
    kept_before, kept_after = [k for k in before if k in after], [k for k in after if k in before]
    if table.ordered and kept_before != kept_after:
        moved = FieldChange("first row", kept_before[0], kept_after[0])
        yield RowChange(f"{name}/order", name, "changed", (moved,), (moved,), tuple(before), tuple(after))


def _fields(was: Any, now: Any) -> Iterable[FieldChange]:
    for field in fields(was if was is not None else now):
        old, new = (None if row is None else getattr(row, field.name) for row in (was, now))
        if old == new:
            continue
        if isinstance(old, Mapping) or isinstance(new, Mapping):
            old, new = old or {}, new or {}
            keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
            yield from (FieldChange(f"{field.name} {key}", old.get(key, ""), new.get(key, "")) for key in keys)
        elif _said(old) != _said(new):
            yield FieldChange(field.name, _said(old), _said(new))


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)
