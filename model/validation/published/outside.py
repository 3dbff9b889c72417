"""Which measure, if any, tells cases whose cause is outside the six from the others?

Every measure of ``explanation/outside.py`` is tried on the same few cases, so one of them could look good by chance: a
measure counts only when its interval lies above one half at a level that allows for how many were tried (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.evidence import published_cases, vocabularies
from model.explanation.outside import MEASURES, outside_measures
from model.late import pd
from model.network import Array
from model.progress import Progress, part, silent
from model.validation.frame_rows import plain_records, records
from model.validation.intervals import wilson_interval
from model.validation.published.forecast import CaseSet, case_set, model_forecast
from model.validation.published.goals import case_measures, of_the_six
from model.validation.published.metrics import concordance

LEVEL = 0.05  # of the interval a measure must clear, divided by how many are tried
COVERAGES = (0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class OutsideValidation:
    """What the measures say of cases outside the six and inside.

    cases    : case, outside, right (a right cause ranks first), one column a measure
    measures : measure, auc (chance that a case outside has the higher value), low, high (95 %, bootstrap over people
               within the two groups), strict_low (lower end at the level that allows for all tried), sensitivity and
               specificity with _low and _high (Wilson 95 %), each case judged by the threshold of all others
    curve    : measure, coverage, cases, accuracy: right among the cases with the lowest values
    chosen   : the measure with the highest area of those whose strict_low is above one half, or None
    """

    setting: str
    vocabulary: str
    cases: pd.DataFrame
    measures: pd.DataFrame
    curve: pd.DataFrame
    chosen: str | None
    replicates: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        told = {"setting": self.setting, "vocabulary": self.vocabulary, "chosen": self.chosen,
                "replicates": self.replicates, "seed": self.seed}  # fmt: skip
        frames = {"measures": self.measures, "curve": self.curve, "cases": self.cases}
        return told | {name: plain_records(frame) for name, frame in frames.items()}


def outside_validation(
    model: CalibratedModel,
    cases: CaseSet,
    vocabulary: str = "old",
    replicates: int = 2000,
    seed: int = 0,
    progress: Progress = silent,
) -> OutsideValidation:
    """Try every measure. Cost: a batch of some twenty rows a case."""
    outside = ~of_the_six(cases)
    right = case_measures(model_forecast(model, cases, True).shares, cases).place == 1
    rows = []
    for number, case in enumerate(cases.cases):
        progress(number / len(cases), "outside the list")
        answer = model.posterior(case.presenting(), scope=False)
        rows.append({"case": case.id, "outside": bool(outside[number]), "right": bool(right[number]),
                     **outside_measures(model, answer)})  # fmt: skip
    frame = pd.DataFrame(rows)
    found = [_measured(name, frame[name].to_numpy(), outside, cases.patient, replicates, seed) for name in MEASURES]
    curve = [row for name in MEASURES for row in _curve(name, frame[name].to_numpy(), right)]
    good = [row for row in found if row["strict_low"] > 0.5]
    chosen = max(good, key=lambda row: row["auc"])["measure"] if good else None
    return OutsideValidation(model.setting, vocabulary, frame, pd.DataFrame(found), pd.DataFrame(curve), chosen,
                             replicates, seed)  # fmt: skip


@dataclass(frozen=True)
class OutsideReport:
    """The same in every setting. A measure may be shown only where none of them speaks against it.

    shown : the measure that clears chance in every setting, the one with the highest mean area; None for none
    """

    settings: tuple[OutsideValidation, ...]

    @property
    def shown(self) -> str | None:
        rows = [records(found.measures) for found in self.settings]
        by = {name: [row for each in rows for row in each if row["measure"] == name] for name in MEASURES}
        good = {name: float(np.mean([row["auc"] for row in each])) for name, each in by.items()
                if all(row["strict_low"] > 0.5 for row in each)}  # fmt: skip
        return max(good, key=lambda name: good[name]) if good else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {"shown": self.shown, "settings": [found.to_dict() for found in self.settings]}


def outside_report(
    models: Sequence[CalibratedModel], replicates: int = 2000, seed: int = 0, progress: Progress = silent
) -> OutsideReport:
    """Try every measure in every setting, on the cases in their newest vocabulary."""
    folder = models[0].knowledge.folder
    vocabulary = vocabularies(folder)[-1]
    cases = case_set(models[0], published_cases(folder, vocabulary))
    return OutsideReport(tuple(
        outside_validation(model, cases, vocabulary, replicates, seed, part(progress, place, len(models)))
        for place, model in enumerate(models)
    ))  # fmt: skip


def _measured(
    name: str, values: Array, outside: NDArray[np.bool_], patient: NDArray[np.intp], replicates: int, seed: int
) -> dict[str, Any]:
    areas = _bootstrap(values, outside, patient, replicates, seed)
    low, high = np.quantile(areas, (LEVEL / 2, 1 - LEVEL / 2))
    strict = np.quantile(areas, LEVEL / 2 / len(MEASURES))
    alarmed = np.array([values[i] >= _threshold(np.delete(values, i), np.delete(outside, i))
                        for i in range(len(values))])  # fmt: skip
    rates: dict[str, float] = {}
    for rate, hits in (("sensitivity", alarmed[outside]), ("specificity", ~alarmed[~outside])):
        below, above = wilson_interval(int(hits.sum()), len(hits))
        rates |= {rate: float(hits.mean()), f"{rate}_low": below, f"{rate}_high": above}
    return {"measure": name, "auc": concordance(values, outside), "low": float(low), "high": float(high),
            "strict_low": float(strict), **rates}  # fmt: skip


def _bootstrap(
    values: Array, outside: NDArray[np.bool_], patient: NDArray[np.intp], replicates: int, seed: int
) -> Array:
    """Return the area in each replicate: people drawn with replacement, within either group."""
    rng = np.random.default_rng(seed)
    groups = []
    for group in (outside, ~outside):
        people = [np.flatnonzero(group & (patient == person)) for person in np.unique(patient[group])]
        groups.append([np.concatenate([people[i] for i in rng.integers(len(people), size=len(people))])
                       for _ in range(replicates)])  # fmt: skip
    return np.array([
        concordance(values[np.concatenate([ins, outs])], np.repeat([True, False], [len(ins), len(outs)]))
        for ins, outs in zip(*groups, strict=True)
    ])  # fmt: skip


def _threshold(values: Array, outside: NDArray[np.bool_]) -> float:
    """Return the value from which an alarm gains most: sensitivity plus specificity (Youden 1950)."""
    candidates = np.unique(values)
    gain = [np.mean(values[outside] >= c) - np.mean(values[~outside] >= c) for c in candidates]
    return float(candidates[int(np.argmax(gain))])


def _curve(name: str, values: Array, right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    order = np.argsort(values, kind="stable")
    rows = []
    for coverage in COVERAGES:
        kept = order[: max(1, round(coverage * len(order)))]
        rows.append({"measure": name, "coverage": coverage, "cases": len(kept), "accuracy": float(right[kept].mean())})
    return rows


def outside_text(found: OutsideValidation) -> str:
    """Return each measure with its intervals, and whether one may be shown."""
    lines = [f"Setting {found.setting}, {found.vocabulary} entries: {sum(found.cases['outside'])} of "
             f"{len(found.cases)} cases have a cause outside the six."]  # fmt: skip
    shares = "".join(f"{f'{coverage:.0%}':>6}" for coverage in COVERAGES)
    lines.append(f"{'measure':<14}{'AUC (95 %)':<22}{'strict low':<12}{'noticed':<22}{'left alone':<22}"
                 f"right when so many are answered:{shares}")  # fmt: skip
    for row in records(found.measures):
        curve = "".join(f"{point['accuracy']:>6.2f}" for point in records(found.curve, measure=row["measure"]))
        area = f"{row['auc']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        rates = [f"{row[rate]:.2f} ({row[f'{rate}_low']:.2f} to {row[f'{rate}_high']:.2f})"
                 for rate in ("sensitivity", "specificity")]  # fmt: skip
        lines.append(f"{row['measure']:<14}{area:<22}{row['strict_low']:<12.2f}{rates[0]:<22}{rates[1]:<22}"
                     f"{'':<31}{curve}")  # fmt: skip
    return "\n".join(lines)


def report_text(report: OutsideReport) -> str:
    """Return every setting, what the measures are, and whether one may be shown."""
    blocks = [outside_text(found) for found in report.settings]
    told = [f"{name}: {what}." for name, what in MEASURES.items()]
    told.append("Strict low: lower end of the interval of the AUC that allows for the number of measures tried.")
    told.append("Noticed, left alone: cases outside and inside the six, each judged by the threshold of all others.")
    if report.shown is None:
        told.append("No measure tells these cases from the others beyond chance in every setting, so none is shown: "
                    "only what outside_prompts.csv brings up.")  # fmt: skip
    else:
        told.append(f"Beyond chance in every setting: {report.shown}.")
    return "\n\n".join([*blocks, "\n".join(told)])
