"""How good one forecast is: every score, by cause and together, with intervals where a count allows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.late import pd
from model.validation.intervals import wilson_interval
from model.validation.published.forecast import READINGS, CaseSet, Forecast, Method, model_forecast
from model.validation.published.metrics import (
    best_rank,
    brier,
    concordance,
    log_score,
    multilabel_brier,
    multilabel_log,
    ranks,
)

TOP = (1, 2, 3)
CONCORDANCE_FROM = 10  # positive cases; below, an area under the curve says too little


@dataclass(frozen=True)
class CaseScores:
    """One method in one setting, on the published cases.

    cases  : one row per reading and case: findings, case, true_cause, certainty, first, rank, lenient_rank, probability
             (of the true cause acting), share, log_score, brier, multilabel_log, multilabel_brier. `lenient_rank` is
             the place of the best of: the true cause, a second cause the authors name, another filing of the disease.
    scores : one row per reading and group (each cause; all; mean of causes; without implied; implied). Columns cases,
             top1, top2, top3 with _low and _high (Wilson 95 %), lenient (lenient_rank 1) likewise, mrr (mean of
             1 / rank), log_score, brier, multilabel_log, multilabel_brier (means; ``metrics``), predicted and observed
             (mean probability and frequency of the cause acting over all cases: calibration in the large), concordance
             (of its probability, for causes with 10 cases or more). ``mean of causes`` weighs each cause alike.
    """

    method: str
    setting: str
    cases: pd.DataFrame
    scores: pd.DataFrame


def case_scores(model: CalibratedModel, cases: CaseSet, method: Method = model_forecast) -> CaseScores:
    """Score one method, with the decisive findings and without. Cost: two posteriors a case."""
    forecasts = {findings: method(model, cases, decisive) for findings, decisive in READINGS.items()}
    each = {findings: by_case(forecast, cases, findings) for findings, forecast in forecasts.items()}
    rows = [row for findings in READINGS for row in _groups(forecasts[findings], cases, each[findings], findings)]
    name = next(iter(forecasts.values())).method
    return CaseScores(name, model.setting, pd.concat(each.values(), ignore_index=True), pd.DataFrame(rows))


def by_case(forecast: Forecast, cases: CaseSet, findings: str) -> pd.DataFrame:
    """Return one row per case: the `cases` frame of :class:`CaseScores` for one reading of the findings."""
    row = np.arange(len(cases))
    return pd.DataFrame({
        "findings": findings,
        "case": [case.id for case in cases.cases],
        "true_cause": [case.true_cause for case in cases.cases],
        "certainty": [case.certainty for case in cases.cases],
        "first": [cases.causes[i] for i in forecast.score.argmax(1)],
        "rank": ranks(forecast.score, cases.truth),
        "lenient_rank": best_rank(forecast.score, cases.accepted),
        "probability": forecast.acting[row, cases.truth],
        "share": forecast.shares[row, cases.truth],
        "log_score": log_score(forecast.shares, cases.truth),
        "brier": brier(forecast.shares, cases.truth),
        "multilabel_log": multilabel_log(forecast.acting, cases.acting),
        "multilabel_brier": multilabel_brier(forecast.acting, cases.acting),
    })  # fmt: skip


def _groups(forecast: Forecast, cases: CaseSet, each: pd.DataFrame, findings: str) -> list[dict[str, Any]]:
    everyone = np.ones(len(cases), dtype=bool)
    present = [i for i in range(len(cases.causes)) if (cases.truth == i).any()]
    rows = []
    for i in present:
        row = summary(each, cases.truth == i, findings, cases.causes[i])
        positive = cases.acting[:, i]
        row |= {"predicted": forecast.acting[:, i].mean(), "observed": positive.mean()}
        if positive.sum() >= CONCORDANCE_FROM:
            row["concordance"] = concordance(forecast.acting[:, i], positive)
        rows.append(row)
    means = [name for name in rows[0] if name not in ("findings", "group", "cases") and not name.endswith(_ENDS)]
    macro: dict[str, Any] = {"findings": findings, "group": "mean of causes", "cases": len(cases)}
    for name in means:
        if name not in ("predicted", "observed", "concordance"):
            macro[name] = float(np.mean([row[name] for row in rows]))
    rows += [summary(each, everyone, findings, "all"), macro]
    for name, chosen in (("without implied", ~cases.implied), ("implied", cases.implied)):
        if chosen.any():
            rows.append(summary(each, chosen, findings, name))
    return rows


_ENDS = ("_low", "_high")


def summary(each: pd.DataFrame, chosen: NDArray[np.bool_], findings: str, group: str) -> dict[str, Any]:
    """Return one row of `scores`: the chosen cases of :func:`by_case`."""
    place, lenient = np.asarray(each["rank"])[chosen], np.asarray(each["lenient_rank"])[chosen]
    row: dict[str, Any] = {"findings": findings, "group": group, "cases": len(place)}
    counted = {f"top{within}": place <= within for within in TOP} | {"lenient": lenient == 1}
    for name, hits in counted.items():
        low, high = wilson_interval(int(hits.sum()), len(hits))
        row |= {name: float(hits.mean()), f"{name}_low": low, f"{name}_high": high}
    row["mrr"] = float(np.mean(1 / place))
    for name in ("log_score", "brier", "multilabel_log", "multilabel_brier"):
        row[name] = float(np.mean(np.asarray(each[name])[chosen]))
    return row
