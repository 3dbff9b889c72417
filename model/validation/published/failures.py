"""Why the true cause did not come first: what spoke for the leader and for the truth, and what could turn it round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill, indent
from typing import Any

from model.calibrated_model import CalibratedModel
from model.evidence import PublishedCase
from model.explanation import Explanation, explain
from model.inference.leader import leading
from model.knowledge import table_rows
from model.late import pd
from model.posterior import Posterior
from model.progress import Progress, silent
from model.sensitivity.one_way import probes
from model.validation.frame_rows import Row, records
from model.validation.published.forecast import CaseSet, model_forecast
from model.validation.published.metrics import best_rank, ranks
from model.wording import percent_said

WIDTH = 120  # of the text
ITEMS = 3  # entries named for each of the two causes
CLASSES = {
    "not in the model": "the disease, or the kind of patient, has no state",
    "missing finding": "what pointed to the cause in the report has no node",
    "article's prior": "the findings are read as they should be, and the cause leads in a setting with other shares",
    "wrong number": "a source speaks against a number of the model",
    "ambiguous": "the same findings fit the leader as well or better",
    "second cause first": "the authors name two causes, and the other one leads",
}


@dataclass(frozen=True)
class Failures:
    """The cases in which the true cause does not come first, all presenting findings entered.

    cases : one row a case: case, true_cause, leader, rank, lenient_rank, probability (true cause), leader_probability,
            prior_gap (decibans by which the leader led before anything was entered), findings_gap (decibans the
            findings add to that: negative means that they spoke for the truth, but not enough), reason_class, reason,
            done (``case_failures.csv``; empty where nobody has looked), flips (numbers that could turn it round)
    items : case, cause (true cause or leader), item, state, decibans: Shapley parts of the log-odds, largest first
    flips : case, number, value, low, high, flip: single numbers that put the true cause first somewhere inside their
            own interval, and the nearest such value; smallest move, in parts of the interval, first
    """

    setting: str
    cases: pd.DataFrame
    items: pd.DataFrame
    flips: pd.DataFrame

    def text(self, case: str) -> str:
        """Return the explanation and the flip certificate of one case, in sentences."""
        row = records(self.cases, case=case)[0]
        truth, leader = row["true_cause"], row["leader"]
        does = "add" if row["findings_gap"] > 0 else "take back"
        lines = [
            f"{case}: the authors' cause, {truth}, ranks {row['rank']} with {percent_said(row['probability'])}; "
            f"{leader} leads with {percent_said(row['leader_probability'])}.",
            f"Before anything was entered {leader} {_gap(row['prior_gap'])}; the findings {does} "
            f"{abs(row['findings_gap']):.1f}.",
        ]
        for cause in (truth, leader):
            part = records(self.items, case=case, cause=cause)[:ITEMS]
            named = [f"{item['item']}={item['state']} {item['decibans']:+.1f}" for item in part]
            lines.append(f"{cause}, decibans: {', '.join(named) or 'nothing was entered'}.")
        lines.append(_certified(records(self.flips, case=case)))
        if row["reason_class"]:
            lines.append(f"{row['reason_class'].capitalize()}: {row['reason']} {row['done']}")
        return "\n".join([fill(lines[0], WIDTH), *(indent(fill(line, WIDTH - 2), "  ") for line in lines[1:])])


def failures(model: CalibratedModel, cases: CaseSet, progress: Progress = silent) -> Failures:
    """Explain every miss. Cost: a tenth of a second a miss."""
    forecast = model_forecast(model, cases, decisive=True)
    place, lenient = ranks(forecast.score, cases.truth), best_rank(forecast.score, cases.accepted)
    known = classified(model.knowledge.folder)
    rows: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    flips: list[dict[str, Any]] = []
    for i, case in enumerate(cases.cases):
        progress(i / len(cases), "failures")
        if place[i] > 1:
            answer = model.posterior(case.presenting(), scope=False)
            leader = cases.causes[int(forecast.score[i].argmax())]
            told = {cause: explain(model, answer, cause) for cause in (case.true_cause, leader)}
            items += [row for cause, explanation in told.items() for row in _items(case, cause, explanation)]
            turned = certificate(model, answer, case.true_cause)
            flips += [{"case": case.id, **row} for row in turned]
            truth, first = told[case.true_cause], told[leader]
            reason = known.get(case.id, {})
            rows.append({
                "case": case.id, "true_cause": case.true_cause, "leader": leader, "rank": int(place[i]),
                "lenient_rank": int(lenient[i]), "probability": truth.posterior, "leader_probability": first.posterior,
                "prior_gap": first.prior - truth.prior, "findings_gap": first.total - truth.total,
                "reason_class": reason.get("class", ""), "reason": reason.get("reason", ""),
                "done": reason.get("done", ""), "flips": len(turned),
            })  # fmt: skip
    return Failures(
        model.setting,
        pd.DataFrame(rows),
        pd.DataFrame(items, columns=["case", "cause", "item", "state", "decibans"]),
        pd.DataFrame(flips, columns=["case", "number", "value", "low", "high", "flip"]),
    )


def classified(folder: Path) -> dict[str, dict[str, str]]:
    """Return ``case_failures.csv`` by case."""
    return {row["case"]: row for _, row in table_rows(folder / "case_failures.csv")}


def certificate(model: CalibratedModel, answer: Posterior, truth: str) -> list[dict[str, Any]]:
    """Return the numbers that put `truth` first somewhere inside their own interval, and where that is nearest.

    Each number is moved alone, over a few points of its interval, and the place where it turns is refined. Nearest is
    measured in parts of the interval.
    """
    probe = probes(model)
    causes = [cause.id for cause in model.network.causes]
    asked = causes.index(truth)
    curves = probe.curves(answer)
    flips = probe.flips(curves, asked, answer)
    found = []
    for i, (points, acting, _) in curves.items():
        value, ahead = float(probe.values[i]), points[leading(acting) == asked]
        if not len(ahead):
            continue
        turns = [*ahead.tolist(), *(flips[i][:1] if i in flips else ())]
        flip = min(turns, key=lambda turn: abs(turn - value))
        low, high = float(probe.lows[i]), float(probe.highs[i])
        found.append({"number": probe.names[i], "value": value, "low": low, "high": high, "flip": flip})
    return sorted(found, key=lambda row: abs(row["flip"] - row["value"]) / (row["high"] - row["low"]))


def _items(case: PublishedCase, cause: str, explanation: Explanation) -> list[dict[str, Any]]:
    table = explanation.items.sort_values("shapley", key=abs, ascending=False, kind="stable")
    return [
        {"case": case.id, "cause": cause, "item": row["item"], "state": row["state"], "decibans": row["shapley"]}
        for row in table.to_dict("records")
    ]


def _certified(flips: Sequence[Row]) -> str:
    if not flips:
        return "No single number inside its own interval puts the true cause first."
    first = flips[0]
    more = f", and {len(flips) - 1} other numbers could" if len(flips) > 1 else ""
    return (
        f"{first['number']} at {first['flip']:.3g} (stated {first['value']:.3g}, interval {first['low']:.3g} to "
        f"{first['high']:.3g}) would put the true cause first{more}."
    )


def _gap(decibans: float) -> str:
    return f"led it by {decibans:.1f} decibans" if decibans > 0 else f"lay {-decibans:.1f} decibans behind it"
