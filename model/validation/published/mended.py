"""What mending the numbers did to the published cases: the same model with and without each change, on every case.

A change needs a source of its own; a case only shows where to look. ``changes.csv`` says what was changed, and why; a
number that a case pointed at says so there ("Noticed in case A01").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.late import pd
from model.model_diff.declared import DeclaredChange, declared_rows
from model.network import Array
from model.validation.published.forecast import READINGS, CaseSet, model_forecast
from model.validation.published.metrics import log_score, ranks

TOGETHER = "all together"
_NOTICED = re.compile(r"\bNoticed in case [A-Z]\d+")
_VALUE = re.compile(r"\bvalue ([\d.e+-]+)")  # in a cell of changes.csv: "value 0.42, low 0.25, high 0.59"


@dataclass(frozen=True, slots=True)
class NumberChange:
    """One changed number: its record, its plug-in value before and after, and why, with the sources that say so."""

    number: str
    before: float
    after: float
    reason: str
    source: str


@dataclass(frozen=True)
class Mended:
    """Before and after.

    changes : the numbers of this setting that a case pointed at and that still stand as they were mended then
    cases   : one row per reading of the findings and case, all changes together: findings, case, true_cause,
              leader_before, leader_after, rank_before, rank_after, probability_before, probability_after
    totals  : one row per reading and change, and ``all together``: findings, number, first_before, first_after (cases
              with the true cause first), log_score_before, log_score_after (means)
    """

    setting: str
    changes: tuple[NumberChange, ...]
    cases: pd.DataFrame
    totals: pd.DataFrame


def number_changes(model: CalibratedModel) -> tuple[NumberChange, ...]:
    """Return the numbers of this setting that were mended because of a case, as they stand today, as declared.

    A number that was taken anew since, from whatever source, is no mended one any more.
    """
    known = {record.id: record for record in model.knowledge.records_of(model.setting)}
    first: dict[str, NumberChange] = {}
    for row in declared_rows(model.knowledge.folder, DeclaredChange):
        before, after = (_VALUE.search(text) for text in (row.before, row.after))
        if row.item not in known or not before or not after:
            continue
        earlier = first.pop(row.item, None)
        if _NOTICED.search(row.reason):
            start = earlier.before if earlier else float(before[1])
            first[row.item] = NumberChange(row.item, start, float(after[1]), row.reason, row.source)
    return tuple(change for change in first.values() if known[change.number].value == change.after)


def mended(model: CalibratedModel, cases: CaseSet) -> Mended:
    """Return what the changes did. Cost: one calibration and two posteriors a case for each change."""
    changes = number_changes(model)
    old = {change.number: change.before for change in changes}
    earlier = {name: model.override({name: value}) for name, value in old.items()}
    earlier[TOGETHER] = model.override(old) if old else model
    rows, totals = [], []
    for findings, decisive in READINGS.items():
        now = model_forecast(model, cases, decisive)
        after = ranks(now.score, cases.truth)
        for name, without in earlier.items():
            then = model_forecast(without, cases, decisive)
            before = ranks(then.score, cases.truth)
            totals.append({
                "findings": findings, "number": name, "first_before": int((before == 1).sum()),
                "first_after": int((after == 1).sum()),
                "log_score_before": float(log_score(then.shares, cases.truth).mean()),
                "log_score_after": float(log_score(now.shares, cases.truth).mean()),
            })  # fmt: skip
            if name == TOGETHER:
                rows.append(pd.DataFrame({
                    "findings": findings,
                    "case": [case.id for case in cases.cases],
                    "true_cause": [case.true_cause for case in cases.cases],
                    "leader_before": _leaders(then.score, cases),
                    "leader_after": _leaders(now.score, cases),
                    "rank_before": before,
                    "rank_after": after,
                    "probability_before": then.acting[np.arange(len(cases)), cases.truth],
                    "probability_after": now.acting[np.arange(len(cases)), cases.truth],
                }))  # fmt: skip
    return Mended(model.setting, changes, pd.concat(rows, ignore_index=True), pd.DataFrame(totals))


def _leaders(score: Array, cases: CaseSet) -> list[str]:
    return [cases.causes[cause] for cause in score.argmax(1)]
