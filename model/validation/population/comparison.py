"""What the model expects of adults with a low count, against what a survey of the population found.

``data/nhanes/checks.csv`` lists the quantities and the records each of them was used for. Where a record of a setting
was taken from the quantity itself, agreement shows that the model returns what was put in; only what was held out can
prove it wrong. The two are never pooled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation.quantity import TAILS
from model.errors import SurveyError, listed
from model.knowledge import cell_items, table_rows
from model.late import pd
from model.log_odds import log_odds
from model.network import Array, Context, RecordIndex
from model.progress import Progress, silent
from model.sensitivity import parameter_draws
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.validation.frame_rows import plain_records
from model.validation.intervals import Z95
from model.validation.population.nhanes import FOLDER, Survey, read_survey
from model.validation.population.survey import Estimate, korn_graubard_interval, presentable, share, smooth

COMPARED = ("risk", "adults", "share", "excess")
KINDS = (*COMPARED, "described", "unchecked")
HELD_OUT = "held out"
USES = ("input", "near", HELD_OUT)
BANDS = ("recorded", "corrected")


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity that the survey can tell. `event` and `given` are read by ``Survey.who``.

    kind    : risk, P(count in the band | given); adults, P(event) of all adults; share, P(event | given, the count);
        excess, what those with `given` have above the rate of the others, as a share of those with the count;
        described, the survey only; unchecked, records that rest on the survey but not on this file
    band    : recorded counts, or counts corrected for rounding
    use     : what the records had from it: input, near (set with the figure in view) or held out
    """

    check: str
    label: str
    kind: str
    event: str
    given: str
    band: str
    use: str
    records: tuple[str, ...]
    note: str

    def use_in(self, model: CalibratedModel) -> str:
        """Return `use` where one of the records holds in the model's setting, else held out."""
        here = {record.id for record in model.knowledge.records_of(model.setting)}
        return self.use if here & set(self.records) else HELD_OUT


def read_checks(folder: Path) -> tuple[Check, ...]:
    """Return the rows of ``checks.csv``. raises : SurveyError for a kind, band or use that is not known."""
    rows = [row for _, row in table_rows(folder / FOLDER / "checks.csv")]
    for row in rows:
        for column, allowed in (("kind", KINDS), ("band", ("", *BANDS)), ("use", ("", *USES))):
            if row[column] not in allowed:
                raise SurveyError(f"checks.csv {row['check']!r}: {column} {row[column]!r} is not {listed(allowed)}.")
    return tuple(Check(**{**row, "records": cell_items(row["records"])}) for row in rows)


def surveyed(survey: Survey, check: Check) -> Estimate:
    """Return what the survey found, with its design-based standard error."""
    design, given = survey.design, survey.who(check.given)
    low = survey.low_corrected if check.band == "corrected" else survey.low.astype(float)
    if check.kind == "risk":
        return share(design, low, survey.adult & given)
    if check.kind == "adults":
        return share(design, survey.who(check.event), survey.adult & given)
    if check.kind == "excess":
        columns = (low * given, low * ~given, survey.adult & given, survey.adult & ~given)
        return smooth(design, columns, _excess, low > 0, given)
    return share(design, survey.who(check.event), low * given)


def _excess(low: Any, low_others: Any, adults: Any, adults_others: Any) -> Any:
    """Return the attributable share of all with the count (Miettinen 1974), from four totals."""
    return (low - low_others * adults / adults_others) / (low + low_others)


@dataclass(frozen=True)
class Expected:
    """What the model says: at the mean of every number, and at each parameter draw, shape (draws,)."""

    value: float
    drawn: Array


class Expectations:
    """The same quantities from one model, each pattern of evidence solved once."""

    def __init__(self, model: CalibratedModel, draws: int = QUICK_DRAWS, seed: int = 0):
        self.model = model
        self.prepared = parameter_draws(model, draws, seed)
        self._known: dict[frozenset[tuple[str, int]], tuple[float, Array]] = {}

    def of(self, check: Check) -> Expected:
        """Return the model's answer to a check of a kind in `COMPARED`."""
        if check.kind == "adults":
            value, drawn = self._prior(check.event)
        elif check.kind == "risk":
            value, drawn = self._population()
            if check.given:
                (top, tops), (prior, priors) = self._share(check.given, ""), self._prior(check.given)
                value, drawn = value * top / prior, drawn * tops / priors
        elif check.kind == "excess":
            value, drawn = self._share(f"{check.event}; {check.given}", "")
        else:
            value, drawn = self._share(check.event, check.given)
        return Expected(float(value), drawn)

    def _share(self, event: str, given: str) -> tuple[float, Array]:
        """Return P(event | given, low count)."""
        whole, wholes = self._total(given)
        top, tops = 0.0, np.zeros(self.prepared.engine.points)
        for alternative in event.split("|"):
            value, drawn = self._total("; ".join(filter(None, (alternative.strip(), given))))
            top, tops = top + value, tops + drawn
        return top / whole, tops / wholes

    def _total(self, conditions: str) -> tuple[float, Array]:
        """Return P(conditions, low count); zero where they contradict each other."""
        entries = set(self._codes(conditions))
        if len({node for node, _ in entries}) < len(entries):
            return 0.0, np.zeros(self.prepared.engine.points)
        key = frozenset(entries)
        if key not in self._known:
            hard = dict(sorted(entries))  # a set has another order in each run, and sums another last digit
            self._known[key] = self.model.engine.solve(hard, {}).total, self.prepared.engine.solve(hard).total
        return self._known[key]

    def _codes(self, conditions: str) -> Iterator[tuple[str, int]]:
        for condition in filter(None, (part.strip() for part in conditions.split(";"))):
            node, _, state = condition.partition("=")
            known = self.model.network.by_id.get(node)
            if known is None or state not in known.states:
                raise SurveyError(f"checks.csv: {condition!r} is not a node and one of its states.")
            yield node, known.states.index(state)

    def _prior(self, condition: str) -> tuple[float, Array]:
        """Return P(state) of a context without parents, in the whole population."""
        ((node, code),) = self._codes(condition)
        own, drawn = self.model.network.by_id[node], self.prepared.batch.network.by_id[node]
        if not (isinstance(own, Context) and isinstance(drawn, Context) and not own.parents):
            raise SurveyError(f"checks.csv: {condition!r} must be a context that no other context leads to.")
        return float(own.table[code]), np.broadcast_to(drawn.table[..., code], (self.prepared.engine.points,))

    def _population(self) -> tuple[float, Array]:
        """Return the share of adults with the count: the model's own number, not an answer of the network."""
        (record,) = RecordIndex(self.model.knowledge, self.model.setting).of("population")
        value = self.model.overridden.get(record.id, record.value)
        assert value is not None
        return value, self.prepared.batch.numbers[record.id]


@dataclass(frozen=True)
class NhanesComparison:
    """Model against survey.

    frame : one row per setting and check; columns setting, same_population, check, label, use, kind, band, people,
        events, survey, survey_low, survey_high (95 %, Korn and Graubard), presentable, model, model_low, model_high
        (5 and 95 % points of the draws), difference (model less survey), z (difference of the log odds in standard
        errors of both), verdict (agree, model higher, model lower), note
    described : what the network has no node for, one row per group: label, people, events, survey, survey_low,
        survey_high, presentable
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
    found = {check.check: surveyed(survey, check) for check in checks if check.kind != "unchecked"}
    rows = []
    for position, model in enumerate(models):
        progress(position / len(models), f"drawing the numbers of {model.setting}")
        expectations = Expectations(model, draws, seed)
        same, _ = populations[model.setting]
        rows += [
            {"setting": model.setting, "same_population": same, **_row(check, found[check.check]),
             **_against(expectations.of(check), found[check.check]), "use": check.use_in(model), "note": check.note}
            for check in checks if check.kind in COMPARED
        ]  # fmt: skip
    frame = pd.DataFrame(rows)
    counts = (
        frame.assign(agree=frame["verdict"] == "agree")
        .groupby(["setting", "use"], sort=False)["agree"]
        .agg(agree="sum", of="size")
        .reset_index()
    )
    described = pd.DataFrame([_row(check, found[check.check]) for check in checks if check.kind == "described"])
    progress(1.0, "done")
    adults, low = int(survey.adult.sum()), int(survey.low.sum())
    return NhanesComparison(frame, described, counts, populations, adults, low, draws, seed)


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
        "check": check.check, "label": check.label, "kind": check.kind, "band": check.band,
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
