"""Every result of validation as plain values: what the model card prints and a test compares with today's model."""

from __future__ import annotations

from typing import Any

from model.diagnostic_model import DiagnosticModel, load
from model.knowledge import Knowledge, load_knowledge
from model.progress import Progress, part, silent
from model.validation.frame_rows import records
from model.validation.laws.check import check_laws
from model.validation.plausibility import plausibility
from model.validation.population.comparison import nhanes_comparison
from model.validation.published.forecast import case_set
from model.validation.published.goals import MEASURES, goals
from model.validation.published.leave_out import leave_out, removals
from model.validation.published.outside import outside_report
from model.validation.published.reliability import newest_cases, reliability_by_cause
from model.validation.published.scores import case_scores
from model.validation.published.sections import validate_published
from model.validation.simulated.robust_recovery import robust_recovery
from model.validation.simulated.self_consistency import self_consistency
from model.validation.simulated.simulation_based_calibration import simulation_based_calibration
from model.validation.vignettes import vignettes

DIGITS = 6  # significant digits kept: enough to see a change, too few for the last bit of another processor
MOVES = 0.0005  # a smaller change of a probability does not show
_SCORES = ("findings", "group", "cases", "top1", "top1_low", "top1_high", "top2", "top2_low", "top2_high", "log_score",
           "brier")  # fmt: skip
_GROUPS = ("all", "mean of causes")  # of every setting; the groups of each cause only of the first


def validation_results(progress: Progress = silent, seed: int = 0) -> dict[str, Any]:
    """Run every validation and return its results as plain values, ready for JSON. Cost: minutes."""
    knowledge = load_knowledge()
    models = {setting: load(setting) for setting in knowledge.settings}
    plain = models[next(iter(models))]
    published = validate_published(plain, seed=seed, progress=part(progress, 0, 5))
    population = nhanes_comparison(list(models.values()), seed=seed, progress=part(progress, 1, 5))
    found = quick_results()
    found["published"] |= {
        "people": published.people,
        "replicates": published.comparison.replicates,
        "differences": [
            {key: row[key] for key in ("setting", "findings", "method", "difference", "low", "high", "beaten")}
            for row in records(published.differences, score="log_score")
        ],
        "alarm": records(published.alarm.rates),
        "failures": _counted([row["reason_class"] or "not looked at" for row in records(published.failures.cases)]),
    }
    found["population"] = {"adults": population.adults, "low": population.low, "draws": population.draws,
                           "agreement": records(population.counts)}  # fmt: skip
    progress(2 / 5, "plausible patients")
    found |= _of_cases(list(models.values()), seed)
    told = [_plausible(model) for model in models.values()]
    found["plausibility"] = [row for row in told if row["of"]]  # a setting about nobody has no ranges
    laws = part(progress, 3, 5)
    found["laws"] = [_laws(model, part(laws, place, len(models))) for place, model in enumerate(models.values())]
    progress(4 / 5, "simulated patients")
    found["simulation"] = _simulated(plain, seed)
    return rounded(found)


def _of_cases(models: list[DiagnosticModel], seed: int) -> dict[str, Any]:
    """Return what the published cases and the vignettes say of every setting, and of each thing left out."""
    judged, outside = goals(models, seed=seed), outside_report(models, seed=seed)
    cases = case_set(models[0], newest_cases(models[0].knowledge.folder))
    entries = [one for one in removals(models[0].knowledge, models[0].setting) if one.how == "entry"]
    left = leave_out(models, entries)  # nodes and arcs take many minutes: `validate --leave-out`
    columns = ("how", "left_out", "entries", *MEASURES, "vignettes", "misfit", "note")
    return {
        "goals": judged.to_dict(),
        "vignettes": vignettes(models).to_dict()["rows"],
        "reliability": records(reliability_by_cause(models[0], cases, seed=seed)),
        "outside": {
            "shown": outside.shown,
            "measures": [{"setting": found.setting, **row} for found in outside.settings
                         for row in records(found.measures)],
        },
        "leave_out": {
            "setting": left.setting, "vocabulary": left.vocabulary, "base": dict(left.base),
            "rows": [{name: row[name] for name in columns} for row in records(left.frame)],
        },
    }  # fmt: skip


def _plausible(model: DiagnosticModel) -> dict[str, Any]:
    """Return what the model expects of people with the count and a reader of the literature does not, of how many."""
    rows = plausibility(model).to_dict()["items"]
    kept = ("label", "plug_in", "low", "high", "range_low", "range_high", "exception")
    outside = [{key: row[key] for key in kept} for row in rows if row["verdict"] != "plausible"]
    return {"setting": model.setting, "of": len(rows), "outside": outside}


def quick_results() -> dict[str, Any]:
    """Return what takes seconds: model hashes, scores on the published cases, the literature against the article."""
    knowledge = load_knowledge()
    models = {setting: load(setting) for setting in knowledge.settings}
    first = next(iter(models))
    cases, scores = case_set(models[first]), []
    for setting, model in models.items():
        rows = records(case_scores(model, cases).scores)
        groups = (*_GROUPS, *cases.causes) if setting == first else _GROUPS
        kept = [row for row in rows if row["group"] in groups]
        scores += [{"setting": setting} | {key: row[key] for key in _SCORES} for row in kept]
    found = {
        "hashes": {setting: model.hash for setting, model in models.items()},
        "published": {"cases": len(cases), "scores": scores},
        "literature": _literature(models[first], knowledge),
    }
    return rounded(found)


def _literature(model: DiagnosticModel, knowledge: Knowledge) -> dict[str, Any]:
    found = model.literature({}, ends=False)
    rows = [
        {"disagreement": figure.disagreement, "label": figure.label, "cause": figure.moved, "leader": figure.leader,
         "model": found.causes[figure.moved], "figure": figure.causes[figure.moved]}
        for figure in found.figures
        if abs(figure.change) >= MOVES
    ]  # fmt: skip
    return {"disagreements": len(knowledge.disagreements), "figures": len(found.figures), "leader": found.leader,
            "moves": rows}  # fmt: skip


def _laws(model: DiagnosticModel, progress: Progress) -> dict[str, Any]:
    report = check_laws(model, progress=progress)
    must = [check for check in report.checks if check.must]
    return {
        "setting": model.setting,
        "laws": len({check.law for check in report.checks}),
        "checks": len(report.checks),
        "patterns": sum(check.patterns for check in report.checks),
        "must": len(must),
        "must_broken": sum(bool(check.violations) for check in must),
        "listed": sum(bool(check.listed) for check in report.checks),
        "surprises": len(report.surprises),
    }


def _simulated(model: DiagnosticModel, seed: int) -> dict[str, Any]:
    own = self_consistency(model, seed=seed)
    worlds = robust_recovery(model, seed=seed)
    ranks = simulation_based_calibration(model, seed=seed)
    return {
        "self_consistency": {"patients": own.patients, "tests": own.tests, "smallest_p": own.smallest_p,
                             "consistent": own.consistent},
        "recovery": {"worlds": worlds.worlds, "patients": worlds.patients,
                     "asked": [{"asked": str(asked), **row} for asked, row in worlds.frame.to_dict("index").items()]},
        "ranks": {"patients": ranks.patients, "members": ranks.members, "consistent": ranks.consistent,
                  "causes": [{"cause": str(cause), "coverage": row["weighted_coverage"],
                              "coverage_low": row["weighted_low"], "coverage_high": row["weighted_high"]}
                             for cause, row in ranks.frame.to_dict("index").items()]},
    }  # fmt: skip


def _counted(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words), key=lambda word: (-words.count(word), word))}


def rounded(value: Any) -> Any:
    """Return plain values with DIGITS significant digits; a number that is none becomes None."""
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if hasattr(value, "item"):
        return rounded(value.item())
    return None if value != value else float(f"{value:.{DIGITS}g}")
