"""What the model expects of adults with a low count, against what a survey of the population found.

``data/nhanes/checks.csv`` lists the quantities and the records each of them was used for. Where a record of a setting
was taken from the quantity itself, agreement shows that the model returns what was put in; only what was held out can
prove it wrong. The two are never pooled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation.quantity import TAILS
from model.knowledge import table_rows
from model.late import pd
from model.log_odds import log_odds
from model.progress import Progress, silent
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.validation.frame_rows import plain_records
from model.validation.intervals import Z95
from model.validation.population.checks import COMPARED, HELD_OUT, Check, read_checks, surveyed
from model.validation.population.estimates import read_estimates
from model.validation.population.expectations import Expectations, Expected
from model.validation.population.nhanes import FOLDER, read_survey
from model.validation.population.survey import Estimate, korn_graubard_interval, presentable


@dataclass(frozen=True)
class NhanesComparison:
    """Model against survey.

    frame : one row per setting and check; columns setting, same_population, check, label, use, kind, band, years,
        people, events, survey, survey_low, survey_high (95 %, Korn and Graubard), presentable, model, model_low,
        model_high
        (5 and 95 % points of the draws), difference (model less survey), z (difference of the log odds in standard
        errors of both), verdict (agree, model higher, model lower), note
    described : what the network has no node for, one row per group: label, people, events, survey, survey_low,
        survey_high, presentable
    not_asked : checks of which the network has no node
    counts : setting, use -> agree, of;  populations : setting -> (same population, why)
    """

    frame: pd.DataFrame
    described: pd.DataFrame
    counts: pd.DataFrame
    populations: Mapping[str, tuple[bool, str]]
    adults: int
    low: int
    draws: int
    seed: int
    not_asked: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; a z that cannot be computed is None."""
        return {
            "adults": self.adults,
            "low": self.low,
            "draws": self.draws,
            "seed": self.seed,
            "populations": {setting: {"same": same, "why": why} for setting, (same, why) in self.populations.items()},
            "agreement": plain_records(self.counts),
            "compared": plain_records(self.frame),
            "described": plain_records(self.described),
            "not_asked": list(self.not_asked),
        }


def nhanes_comparison(
    models: Sequence[CalibratedModel], draws: int = QUICK_DRAWS, seed: int = 0, progress: Progress = silent
) -> NhanesComparison:
    """Compare each model with the carried survey.

    models : one a setting, all of the same tables
    raises : SurveyError for tables that do not fit. Cost: about two seconds a setting for 500 draws.
    """
    knowledge = models[0].knowledge
    survey, checks = read_survey(knowledge), read_checks(knowledge.folder)
    populations = read_populations(knowledge.folder)
    found = [(check, surveyed(survey, check)) for check in checks if check.kind != "unchecked"]
    compared = [(check, estimate) for check, estimate in found if check.kind in COMPARED]
    compared += read_estimates(knowledge.folder)
    rows, not_asked = [], {}
    for position, model in enumerate(models):
        progress(position / len(models), f"drawing the numbers of {model.setting}")
        expectations = Expectations(model, draws, seed)
        same, _ = populations[model.setting]
        for check, estimate in compared:
            if not expectations.can(check):
                not_asked[check.check] = None
                continue
            rows.append(
                {"setting": model.setting, "same_population": same, **_row(check, estimate),
                 **_against(expectations.of(check), estimate), "use": check.use_in(model), "note": check.note}
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    counts = (
        frame.assign(agree=frame["verdict"] == "agree")
        .groupby(["setting", "use"], sort=False)["agree"]
        .agg(agree="sum", of="size")
        .reset_index()
    )
    described = pd.DataFrame([_row(check, estimate) for check, estimate in found if check.kind == "described"])
    progress(1.0, "done")
    adults, low = int(survey.adult.sum()), int(survey.low.sum())
    return NhanesComparison(frame, described, counts, populations, adults, low, draws, seed, tuple(not_asked))


def summary(result: NhanesComparison) -> str:
    """Return one sentence a setting: how many quantities agree, what was held out first."""
    sentences = []
    for setting, group in result.counts.groupby("setting", sort=False):
        same, _ = result.populations[str(setting)]
        known = {row["use"]: f"{row['agree']} of {row['of']}" for row in group.to_dict("records")}
        parts = [f"{known[use]} {words}" for use, words in _COUNTED.items() if use in known]
        about = "" if same else "; it is about other people than the survey"
        sentences.append(f"{setting}: agrees on {', '.join(parts)}{about}.")
    return "\n".join(sentences)


_COUNTED = {HELD_OUT: "held out", "near": "kept in view when a number was set", "input": "that a number was taken from"}


def read_populations(folder: Path) -> Mapping[str, tuple[bool, str]]:
    """Return setting -> (whether it is about the people of the survey, why), from ``populations.csv``."""
    rows = table_rows(folder / FOLDER / "populations.csv")
    return {row["setting"]: (row["same"] == "yes", row["reason"]) for _, row in rows}


def _row(check: Check, estimate: Estimate) -> dict[str, Any]:
    low, high = korn_graubard_interval(estimate)
    return {
        "check": check.check, "label": check.label, "kind": check.kind, "band": check.band, "years": check.years,
        "people": estimate.people, "events": estimate.events,
        "survey": estimate.value, "survey_low": low, "survey_high": high, "presentable": presentable(estimate),
    }  # fmt: skip


def _against(expected: Expected, estimate: Estimate) -> dict[str, Any]:
    low, high = np.quantile(expected.drawn, TAILS)
    spread = float(log_odds(expected.drawn).std(ddof=1))
    if estimate.logit_se == inf:
        z = float("nan")
        below, above = korn_graubard_interval(estimate)
        apart = high < below or low > above
    else:
        z = float(log_odds(expected.value) - log_odds(estimate.value)) / sqrt(spread**2 + estimate.logit_se**2)
        apart = abs(z) > Z95  # 1 in 20 differs by as much through sampling alone
    verdict = ("model higher" if expected.value > estimate.value else "model lower") if apart else "agree"
    return {
        "model": expected.value, "model_low": float(low), "model_high": float(high),
        "difference": expected.value - estimate.value, "z": z, "verdict": verdict,
    }  # fmt: skip
