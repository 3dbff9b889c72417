"""The figures a version is judged by, each beside what it has to be compared with.

All are of the published cases as they presented, the scope guard off, and rank the causes by their *share*. A second
cause the authors name, and another name of the same disease, are right too: the best placed of them counts, and the
larger of their shares. ``reference_scores.csv`` has what others reached on the same cases, ``control_scores.csv`` the
shares of the control, the tables of version 0.2 with the same share for every cause: most of what looks like knowledge
on published cases is the mix of causes among them, and the control has that without any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.errors import KnowledgeError
from model.evidence import published_cases, vocabularies
from model.knowledge import table_rows
from model.late import pd
from model.network import Array
from model.progress import Progress, silent
from model.validation.frame_rows import plain_records
from model.validation.intervals import paired_bootstrap
from model.validation.published.baselines import article_list, naive_bayes, no_selection
from model.validation.published.forecast import CaseSet, Method, case_set, model_forecast
from model.validation.published.metrics import FLOOR, best_rank

MEASURES = ("top1", "top2", "macro", "six_log", "log")
CONTROL = "control"
RIVALS: Mapping[str, Method] = {
    "naive Bayes": naive_bayes, "independent causes": no_selection, "article's list": article_list,
}  # fmt: skip
REPLICATES = 2000


@dataclass(frozen=True)
class CaseMeasures:
    """One forecast on n cases.

    place : (n,), of the best placed right cause, 1 is first;  loss : (n,), -ln of the largest share of a right cause
    """

    place: NDArray[np.intp]
    loss: Array


def case_measures(shares: Array, cases: CaseSet) -> CaseMeasures:
    """Return how each case came out. shares : (n, C), in the order of ``cases.causes``."""
    right = np.where(cases.accepted, shares, 0.0).max(1)
    return CaseMeasures(best_rank(shares, cases.accepted), -np.log(np.maximum(right, FLOOR)))


def of_the_six(cases: CaseSet) -> NDArray[np.bool_]:
    """Return which cases have one of the article's six causes, shape (n,)."""
    return cases.truth != cases.causes.index("other")


def measures(shares: Array, cases: CaseSet) -> dict[str, float]:
    """Return `MEASURES`: of cases with one of the six causes the shares first and among the first two, the first of
    each cause averaged over the six, and the mean -ln share; the last over all cases.
    """
    each, six = case_measures(shares, cases), of_the_six(cases)
    of_cause = [np.mean(each.place[cases.truth == cause] == 1) for cause in np.unique(cases.truth[six])]
    return {
        "top1": float(np.mean(each.place[six] == 1)), "top2": float(np.mean(each.place[six] <= 2)),
        "macro": float(np.mean(of_cause)), "six_log": float(each.loss[six].mean()), "log": float(each.loss.mean()),
    }  # fmt: skip


def control_shares(folder: Path, cases: CaseSet) -> Array:
    """Return the shares of the control, shape (n, C), from ``control_scores.csv``.

    raises : KnowledgeError for a case without a row.
    """
    rows = {row["case"]: [float(row[cause]) for cause in cases.causes]
            for _, row in table_rows(folder / "control_scores.csv")}  # fmt: skip
    missing = [case.id for case in cases.cases if case.id not in rows]
    if missing:
        raise KnowledgeError(f"control_scores.csv: case {missing[0]!r} of the published cases has no row.")
    return np.array([rows[case.id] for case in cases.cases])


def reference_scores(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of ``reference_scores.csv``, measures as numbers; one that is not known is None."""
    rows = [row for _, row in table_rows(folder / "reference_scores.csv")]
    return [{**row, **{name: float(row[name]) if row[name] else None for name in MEASURES}} for row in rows]


@dataclass(frozen=True)
class Goals:
    """What the published cases say of each setting, in each vocabulary they are told in.

    table : setting, vocabulary, method (model, control and the `RIVALS`), cases, six (how many have one of the six
            causes) and `MEASURES`. The control has no setting and is the same patients in the old vocabulary.
    references : setting, vocabulary, method, `MEASURES`, source: what others reached, as told
    differences : setting, vocabulary, against, score (six_log or log), difference (theirs less the model's: above 0 the
            model is better), low, high (95 %, paired bootstrap over people), beaten (low above 0)
    """

    table: pd.DataFrame
    references: pd.DataFrame
    differences: pd.DataFrame
    replicates: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {
            "replicates": self.replicates, "seed": self.seed, "table": plain_records(self.table),
            "references": plain_records(self.references), "differences": plain_records(self.differences),
        }  # fmt: skip


def goals(
    models: Sequence[CalibratedModel], replicates: int = REPLICATES, seed: int = 0, progress: Progress = silent
) -> Goals:
    """Measure each model on the cases in each vocabulary.

    models : one a setting, all of the same tables
    raises : KnowledgeError for a case without a control, EvidenceError for too few replicates.
    Cost   : about two seconds for each setting and vocabulary.
    """
    folder = models[0].knowledge.folder
    told = vocabularies(folder)
    sets = {name: case_set(models[0], published_cases(folder, name)) for name in told}
    control = {name: control_shares(folder, cases) for name, cases in sets.items()}
    rows = [_row("", told[0], CONTROL, control[told[0]], sets[told[0]])]
    differences: list[dict[str, Any]] = []
    for number, (model, (name, cases)) in enumerate((m, item) for m in models for item in sets.items()):
        progress(number / (len(models) * len(sets)), f"{model.setting}, {name} vocabulary")
        own = model_forecast(model, cases, True).shares
        rivals = {title: method(model, cases, True).shares for title, method in RIVALS.items()}
        rows.append(_row(model.setting, name, "model", own, cases))
        rows += [_row(model.setting, name, title, shares, cases) for title, shares in rivals.items()]
        for title, shares in ({CONTROL: control[name]} | rivals).items():
            for score in ("six_log", "log"):
                found = gap(own, shares, cases, score, replicates, seed)
                differences.append({"setting": model.setting, "vocabulary": name, "against": title} | found)
    progress(1.0, "done")
    kept = ("setting", "vocabulary", "method", *MEASURES, "source", "note")
    references = [{column: row[column] for column in kept} for row in reference_scores(folder)]
    return Goals(pd.DataFrame(rows), pd.DataFrame(references), pd.DataFrame(differences), replicates, seed)


def gap(own: Array, other: Array, cases: CaseSet, score: str, replicates: int, seed: int) -> dict[str, Any]:
    """Return by how much the other forecast's loss is higher, and its interval. score : six_log or log."""
    chosen = of_the_six(cases) if score == "six_log" else np.ones(len(cases), bool)
    losses = case_measures(other, cases).loss - case_measures(own, cases).loss
    found = paired_bootstrap(losses[chosen], cases.patient[chosen], replicates, seed)
    return {"score": score, "difference": found.mean, "low": found.low, "high": found.high, "beaten": found.low > 0}


def _row(setting: str, vocabulary: str, method: str, shares: Array, cases: CaseSet) -> dict[str, Any]:
    counts = {"cases": len(cases), "six": int(of_the_six(cases).sum())}
    return {"setting": setting, "vocabulary": vocabulary, "method": method, **counts, **measures(shares, cases)}
