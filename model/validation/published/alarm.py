"""Does the model notice that the cause is none of the six? Cases filed under "other" against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.explanation import Conflict, conflict
from model.late import pd
from model.progress import Progress, silent
from model.validation.intervals import difference_interval, wilson_interval
from model.validation.published.forecast import READINGS, CaseSet, model_forecast
from model.validation.published.metrics import concordance, entropy

UNDECIDED = 0.5  # the largest share is below this: no cause is likelier than all others together
SURPRISING = 95.0  # percentile: observing these nodes in another patient of the model is less surprising this often
SIGNS = {
    "other ranks first": "first_other",
    "other first or second": "second_other",
    "no share above a half": "undecided",
    "entries disagree (conflict above 0)": "conflicting",
    "entries more surprising than 95 %": "surprising",
}


@dataclass(frozen=True)
class Alarm:
    """Signs that the true cause is outside the six, in cases where it is and in cases where it is not.

    cases : one row per reading and case: findings, case, outside, entropy (0 certain, 1 knows nothing), top_share,
            other_share, conflict (nats), percentile, and one column a sign (values of ``SIGNS``)
    rates : findings, sign, outside, outside_low, outside_high, inside, inside_low, inside_high (Wilson 95 %),
            difference, low, high (Newcombe 1998), warns (the difference is above 0 beyond chance)
    means : findings, measure (entropy, top_share, other_share, conflict, percentile), outside, inside (means),
            concordance (chance that a case outside has the higher value)
    """

    setting: str
    cases: pd.DataFrame
    rates: pd.DataFrame
    means: pd.DataFrame


def alarm(model: CalibratedModel, cases: CaseSet, progress: Progress = silent) -> Alarm:
    """Measure every sign on every case. Cost: some seconds, for the percentiles."""
    other = cases.causes.index("other")
    rows = []
    entered: dict[str, dict[str, str]] = {}
    fits: dict[str, Conflict] = {}  # most cases have no decisive finding and are the same in both readings
    for place, (findings, decisive) in enumerate(READINGS.items()):
        forecast = model_forecast(model, cases, decisive)
        order = np.argsort(-forecast.score, axis=1, kind="stable")
        spread = entropy(forecast.shares)
        for i, case in enumerate(cases.cases):
            progress((place + i / len(cases)) / len(READINGS), "alarm")
            known = case.presenting(decisive)
            if known != entered.get(case.id):
                entered[case.id] = known
                fits[case.id] = conflict(model, model.posterior(known, scope=False))
            fit = fits[case.id]
            top = float(forecast.shares[i].max())
            rows.append({
                "findings": findings, "case": case.id, "outside": bool(cases.truth[i] == other),
                "entropy": float(spread[i]), "top_share": top, "other_share": float(forecast.shares[i, other]),
                "conflict": fit.conflict, "percentile": fit.percentile,
                "first_other": bool(order[i, 0] == other), "second_other": bool(other in order[i, :2]),
                "undecided": top < UNDECIDED, "conflicting": fit.conflict > 0,
                "surprising": fit.percentile > SURPRISING,
            })  # fmt: skip
    frame = pd.DataFrame(rows)
    rates, means = [], []
    for findings, group in frame.groupby("findings", sort=False):
        outside = group["outside"].to_numpy()
        for sign, column in SIGNS.items():
            hits = group[column].to_numpy()
            rates.append({"findings": findings, "sign": sign, **_rates(hits[outside], hits[~outside])})
        for measure in ("entropy", "top_share", "other_share", "conflict", "percentile"):
            values = group[measure].to_numpy()
            means.append({
                "findings": findings, "measure": measure, "outside": values[outside].mean(),
                "inside": values[~outside].mean(), "concordance": concordance(values, outside),
            })  # fmt: skip
    return Alarm(model.setting, frame, pd.DataFrame(rates), pd.DataFrame(means))


def _rates(outside: np.ndarray, inside: np.ndarray) -> dict[str, float | bool]:
    a, n, b, m = int(outside.sum()), len(outside), int(inside.sum()), len(inside)
    (low, high), (other_low, other_high) = wilson_interval(a, n), wilson_interval(b, m)
    below, above = difference_interval(a, n, b, m)
    return {
        "outside": a / n, "outside_low": low, "outside_high": high, "inside": b / m, "inside_low": other_low,
        "inside_high": other_high, "difference": a / n - b / m, "low": below, "high": above, "warns": below > 0,
    }  # fmt: skip
