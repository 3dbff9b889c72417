"""Two versions of the tables compared: what differs, which answers move, by how much, because of which changed row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.model_diff.attribution import Attribution, attribute, moving
from model.model_diff.mixture import NOTHING, Question, answers, questions
from model.model_diff.release import Release, told_alike
from model.model_diff.rows import RowChange, row_changes
from model.network import Array
from model.progress import Progress, part, silent


@dataclass(frozen=True)
class Answer:
    """One question in one setting, before and after.

    moved : cause -> change of P(cause acting)
    by    : block of items -> cause -> its part of that change; empty without attribution
    """

    setting: str
    question: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    by: Mapping[tuple[str, ...], Mapping[str, float]]

    @cached_property
    def moved(self) -> Mapping[str, float]:
        """Cause -> P(acting) after minus before."""
        return {cause: self.after[cause] - self.before[cause] for cause in self.after}

    @property
    def leader_before(self) -> str:
        """The most probable cause before."""
        return max(self.before, key=self.before.__getitem__)

    @property
    def leader_after(self) -> str:
        """The most probable cause after."""
        return max(self.after, key=self.after.__getitem__)

    @property
    def leader_changed(self) -> bool:
        """Whether another cause leads."""
        return self.leader_before != self.leader_after

    @property
    def largest(self) -> float:
        """The largest change of any cause, without its sign."""
        return max(abs(change) for change in self.moved.values())

    def lead(self, block: tuple[str, ...]) -> float:
        """Return by how much a block moved the new leader against the old one."""
        return self.by[block][self.leader_after] - self.by[block][self.leader_before]

    @property
    def because(self) -> tuple[tuple[str, ...], ...]:
        """The blocks that brought about a change of leader, strongest first, fewest that outweigh the old lead."""
        gap, named = self.before[self.leader_before] - self.before[self.leader_after], []
        for block in sorted(self.by, key=self.lead, reverse=True):
            if self.lead(block) <= 0:
                break
            named.append(block)
            gap -= self.lead(block)
            if gap < 0:
                break
        return tuple(named)


@dataclass(frozen=True)
class SettingDiff:
    """One setting: answers as arrays of shape (questions, causes), and how their change divides.

    attribution : None when nothing here can move, or when it was not asked for
    """

    setting: str
    questions: tuple[str, ...]
    causes: tuple[str, ...]
    before: Array
    after: Array
    attribution: Attribution | None

    def answer(self, question: str) -> Answer:
        """Return one answer with labels."""
        row = self.questions.index(question)
        by = {}
        if self.attribution is not None:
            parts = self.attribution.shares[:, row]
            by = {block: self._named(part) for block, part in zip(self.attribution.blocks, parts, strict=True)}
        return Answer(self.setting, question, self._named(self.before[row]), self._named(self.after[row]), by)

    def _named(self, values: Array) -> dict[str, float]:
        return dict(zip(self.causes, values.tolist(), strict=True))


@dataclass(frozen=True)
class ModelDiff:
    """What differs between two versions of the tables.

    rows     : every row added, removed or changed
    settings : the settings that both versions have
    cases    : the questions that are published cases
    """

    old: str
    new: str
    rows: tuple[RowChange, ...]
    settings: tuple[SettingDiff, ...]
    cases: frozenset[str]

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer that moved at all, the largest move first."""
        found = [
            part.answer(question)
            for part in self.settings
            for question, was, now in zip(part.questions, part.before, part.after, strict=True)
            if np.abs(now - was).max() > 1e-12
        ]
        return tuple(sorted(found, key=lambda answer: -answer.largest))

    @property
    def leader_changes(self) -> tuple[Answer, ...]:
        """Published cases, and nothing entered, in which another cause leads, in the order they were asked."""
        asked = [part.answer(q) for part in self.settings for q in part.questions if q in self.cases or q == NOTHING]
        return tuple(answer for answer in asked if answer.leader_changed)


def compare(
    old: Release, new: Release, *, attributed: bool = True, progress: Progress = silent,
    settings: Sequence[str] | None = None,
) -> ModelDiff:  # fmt: skip
    """Compare two versions of the tables.

    settings   : those to ask; by default every one that both versions have
    attributed : also divide the change of each answer over the changed rows; see ``attribution``
    progress   : told the setting and how many models were built in it
    raises     : KnowledgeError or CalibrationError when one version is no model by itself.
    Cost: two models a setting, and with attribution as many as ``attribution`` says; about 50 ms a model.
    """
    old, new = told_alike(old, new)
    changes, asked = row_changes(old, new), questions(old, new)
    asked_of = new.knowledge.settings if settings is None else settings
    both = [setting for setting in asked_of if setting in old.knowledge.settings]
    parts = [
        _setting_diff(old, new, changes, asked, setting, attributed, part(progress, place, len(both)))
        for place, setting in enumerate(both)
    ]
    return ModelDiff(old.label, new.label, changes, tuple(parts), frozenset(new.cases))


def _setting_diff(
    old: Release, new: Release, changes: tuple[RowChange, ...], asked: tuple[Question, ...], setting: str,
    attributed: bool, progress: Progress,
) -> SettingDiff:  # fmt: skip
    causes = tuple(dict.fromkeys(node.id for release in (new, old) for node in release.knowledge.role("cause")))
    scored: dict[frozenset[str], Array] = {}

    def score(on: frozenset[str]) -> Array:
        if on not in scored:
            scored[on] = answers(old, new, changes, on, setting, asked, causes)
            progress(0.0, f"{setting}, {len(scored)} models")  # how many there will be turns out on the way
        return scored[on]

    scales = (old.knowledge.default_scale, new.knowledge.default_scale)
    movers = [change for change in changes if moving(change, setting, scales)]
    before, after = score(frozenset()), score(frozenset(change.item for change in changes))
    attribution = attribute(score, movers) if attributed and movers else None
    return SettingDiff(setting, tuple(q.name for q in asked), causes, before, after, attribution)
