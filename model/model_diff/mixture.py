"""A model between two versions: some changed rows as they are now, the others as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.evidence import todays_words
from model.knowledge import Knowledge
from model.knowledge.load import check_records
from model.model_diff.release import Release
from model.model_diff.rows import NUMBERS, RowChange
from model.network import Array

NOTHING = "nothing entered"
FINDINGS = "cases"  # table of the changes that concern what a case says, not what the model says


@dataclass(frozen=True)
class Question:
    """What both versions are asked. `before` and `after` differ where the mapping of a published case changed."""

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def questions(old: Release, new: Release) -> tuple[Question, ...]:
    """Return the fixed questions: nothing, every single context and finding, every published case as it presented.

    An entry that one version does not know is not assessed there. A case that is new has the same findings in both.
    """
    asked = [Question(NOTHING, {}, {})]
    for node in new.knowledge.role("context", "finding"):
        asked += [Question(f"{node.id}={state}", {node.id: state}, {node.id: state}) for state in node.states]
    for case in new.cases.values():
        was = old.cases.get(case.id, case)
        asked.append(Question(case.id, was.presenting(), case.presenting()))
    return tuple(asked)


def answers(
    old: Release, new: Release, changes: Sequence[RowChange], on: Set[str], setting: str, asked: Sequence[Question],
    causes: Sequence[str],
) -> Array:  # fmt: skip
    """Return P(cause acting) with the rows named in `on` as they are now, shape (questions, causes).

    A cause that does not exist in the mixture has probability 0. Raises KnowledgeError or CalibrationError when these
    rows cannot stand together.
    """
    model = _mixed(old, new, changes, on, setting)
    findings_now = not any(change.table == FINDINGS for change in changes) or any(
        change.item in on for change in changes if change.table == FINDINGS
    )
    rows = []
    for question in asked:
        evidence = question.after if findings_now else question.before
        acting = model.posterior(_known(model.knowledge, evidence), scope=False).acting
        rows.append([acting.get(cause, 0.0) for cause in causes])
    return np.array(rows)


def _mixed(old: Release, new: Release, changes: Iterable[RowChange], on: Set[str], setting: str) -> CalibratedModel:
    by_table: dict[str, dict[str, RowChange]] = {}
    for change in changes:
        by_table.setdefault(change.table, {})[change.item] = change
    read = by_table.get("verbal_scales", {})
    words = _chosen(new.knowledge.words, read, on, lambda x: f"verbal_scales/{x.scale}.{x.word}")
    nodes = _chosen(new.knowledge.nodes.values(), by_table.get("nodes", {}), on, lambda x: f"nodes/{x.id}")
    records = _chosen(new.knowledge.records, by_table.get(NUMBERS, {}), on, lambda x: x.id)
    known = {node.id: node for node in nodes}
    knowledge = replace(
        new.knowledge,
        nodes=MappingProxyType(known),
        labs=tuple(lab for lab in new.knowledge.labs if lab.node in known),
        units=tuple(unit for unit in new.knowledge.units if unit.node in known),
        records=tuple(record for record in records if {setting, "all"} & set(record.setting)),
        words=tuple(words),
        settings=MappingProxyType({**old.knowledge.settings, **new.knowledge.settings}),
    )
    check_records(knowledge)
    reordered = "verbal_scales/order" in read and "verbal_scales/order" not in on
    return CalibratedModel.of(knowledge, setting, (old if reordered else new).knowledge.default_scale)


def _chosen(now: Iterable[Any], changes: Mapping[str, RowChange], on: Set[str], item: Any) -> list[Any]:
    """Return the rows of one table: those of today, but for changed ones that are not in `on`."""
    rows = []
    for row in now:
        change = changes.get(item(row))
        kept = row if change is None or change.item in on else change.old
        rows += [] if kept is None else [kept]
    return rows + [c.old for name, c in changes.items() if c.how == "removed" and name not in on]


def _known(knowledge: Knowledge, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that `knowledge` can read, words of an earlier version in its own."""
    return {
        node: value
        for node, value in todays_words(knowledge, evidence)[0].items()
        if node in knowledge.nodes and _states(value) <= set(knowledge.nodes[node].states or _states(value))
    }


def _states(value: Any) -> set[Any]:
    return set(value) if isinstance(value, Mapping) else {value}
