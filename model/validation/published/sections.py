"""The published cases, every section in one call: scores, baselines, alarm, failures, what mending did, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.calibrated_model import CalibratedModel
from model.evidence import PublishedCase
from model.late import pd
from model.progress import Progress, part, silent
from model.validation.frame_rows import plain_records
from model.validation.published.alarm import Alarm, alarm
from model.validation.published.comparison import Comparison, compare
from model.validation.published.failures import Failures, failures
from model.validation.published.forecast import case_set
from model.validation.published.mended import Mended, mended
from model.validation.published.scores import CaseScores, case_scores

REPLICATES = 5000  # of the bootstrap


@dataclass(frozen=True)
class PublishedValidation:
    """What the published cases say of one model.

    scores, comparison, alarm, failures, mended : of the model's own setting
    settings    : ``CaseScores.scores`` of every setting, with the column setting in front
    differences : ``Comparison.differences`` of every setting, likewise
    cases, people : how many cases, of how many people
    """

    setting: str
    model_hash: str
    cases: int
    people: int
    scores: CaseScores
    comparison: Comparison
    alarm: Alarm
    failures: Failures
    mended: Mended
    settings: pd.DataFrame
    differences: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return what ``validate --json`` prints: every frame as a list of records, empty cells as None."""
        frames = {
            "scores": self.scores.scores, "cases": self.scores.cases, "methods": self.comparison.table,
            "differences": self.differences, "settings": self.settings, "alarm_cases": self.alarm.cases,
            "alarm_rates": self.alarm.rates, "alarm_means": self.alarm.means, "failures": self.failures.cases,
            "failure_items": self.failures.items, "failure_flips": self.failures.flips,
            "mended_cases": self.mended.cases, "mended_totals": self.mended.totals,
        }  # fmt: skip
        told = {"setting": self.setting, "model_hash": self.model_hash, "cases": self.cases, "people": self.people,
                "replicates": self.comparison.replicates, "seed": self.comparison.seed}  # fmt: skip
        return told | {name: plain_records(frame) for name, frame in frames.items()}


def validate_published(
    model: CalibratedModel,
    cases: Mapping[str, PublishedCase] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    progress: Progress = silent,
) -> PublishedValidation:
    """Run every section. `cases`: by default those that travel with the package.

    raises : EvidenceError for too few bootstrap replicates.
    Cost: about ten seconds; half of it is the percentile of every case's conflict.
    """
    chosen = case_set(model, cases)
    settings, differences = [], []
    own: Comparison | None = None
    every = list(model.knowledge.settings)
    parts = [part(progress, place, len(every) + 2) for place in range(len(every) + 2)]
    for setting, tell in zip(every, parts, strict=False):
        other = model if setting == model.setting else type(model).of(model.knowledge, setting, model.scale)
        found = case_scores(other, chosen).scores
        found.insert(0, "setting", setting)
        settings.append(found)
        compared = compare(other, chosen, replicates, seed, tell)
        own = compared if other is model else own
        differences.append(compared.differences.copy())
        differences[-1].insert(0, "setting", setting)
    assert own is not None, "a model's setting is one of its knowledge"
    return PublishedValidation(
        model.setting, model.hash, len(chosen), len(set(chosen.patient.tolist())), case_scores(model, chosen), own,
        alarm(model, chosen, parts[-2]), failures(model, chosen, parts[-1]),
        mended(model, chosen), pd.concat(settings, ignore_index=True), pd.concat(differences, ignore_index=True),
    )  # fmt: skip
