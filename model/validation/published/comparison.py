"""The model against every baseline on the same cases: one table, and whether the difference could be chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.late import pd
from model.progress import Progress, silent
from model.validation.frame_rows import records
from model.validation.intervals import mcnemar, paired_bootstrap
from model.validation.published.baselines import BASELINES
from model.validation.published.forecast import READINGS, CaseSet, model_forecast
from model.validation.published.scores import by_case, summary

SCORES = ("log_score", "brier", "multilabel_log")


@dataclass(frozen=True)
class Comparison:
    """The model and its baselines.

    table : findings, method, cases and the scores of ``scores.CaseScores.scores`` over all cases, one row a method
    differences : findings, method, score (log_score, brier, multilabel_log), difference (baseline minus model: above 0
            the model is better), low, high (95 %, paired bootstrap over patients), beaten (low above 0), model_only and
            baseline_only (cases that only one of the two puts first), p (McNemar, exact, two-sided)
    replicates, seed : of the bootstrap
    """

    setting: str
    table: pd.DataFrame
    differences: pd.DataFrame
    replicates: int
    seed: int

    @property
    def not_beaten(self) -> tuple[tuple[str, str], ...]:
        """(findings, method) of the baselines whose log score the model does not beat beyond chance."""
        rows = records(self.differences, score="log_score", beaten=False)
        return tuple((row["findings"], row["method"]) for row in rows)


def compare(
    model: CalibratedModel,
    cases: CaseSet,
    replicates: int = 5000,
    seed: int = 0,
    progress: Progress = silent,
) -> Comparison:
    """Score the model and every baseline. Cost: about a second."""
    table, differences = [], []
    whole = np.ones(len(cases), dtype=bool)
    for place, (findings, decisive) in enumerate(READINGS.items()):
        own = None
        progress(place / len(READINGS), f"baselines, {model.setting}")
        for method in (model_forecast, *BASELINES):
            forecast = method(model, cases, decisive)
            each = by_case(forecast, cases, findings)
            row = summary(each, whole, findings, "all")
            del row["group"]
            table.append({"findings": findings, "method": forecast.method, **row})
            if own is None:
                own = each
            else:
                differences += _differences(own, each, cases, forecast.method, replicates, seed)
    return Comparison(model.setting, pd.DataFrame(table), pd.DataFrame(differences), replicates, seed)


def _differences(
    own: pd.DataFrame, other: pd.DataFrame, cases: CaseSet, method: str, replicates: int, seed: int
) -> list[dict[str, Any]]:
    right, wrong = own["rank"].to_numpy() == 1, other["rank"].to_numpy() != 1
    only_model, only_other = int((right & wrong).sum()), int((~right & ~wrong).sum())
    rows = []
    for score in SCORES:
        found = paired_bootstrap((other[score] - own[score]).to_numpy(), cases.patient, replicates, seed)
        rows.append({
            "findings": own["findings"].iloc[0], "method": method, "score": score, "difference": found.mean,
            "low": found.low, "high": found.high, "beaten": found.low > 0, "model_only": only_model,
            "baseline_only": only_other, "p": mcnemar(only_model, only_other),
        })  # fmt: skip
    return rows
