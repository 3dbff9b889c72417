"""What each question, node and arc is worth: everything measured once more without it.

An *entry* left out is not assessed in any case or vignette. A *node* or an *arc* left out is gone from the tables: its
rows are dropped and the model is calibrated anew. What makes no figure worse when it is gone has not earned its place;
what makes one better deserves a look at its numbers, on grounds other than these cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import CalibrationError, ImpossibleEvidence, KnowledgeError
from model.evidence import Evidence, published_cases, read_evidence, vocabularies
from model.inference import Engine
from model.knowledge import Knowledge, Record
from model.late import pd
from model.network import Array
from model.progress import Progress, silent
from model.validation.frame_rows import plain_records, records
from model.validation.population.checks import COMPARED, Check, read_checks, surveyed
from model.validation.population.estimates import read_estimates
from model.validation.population.expectations import Expectations
from model.validation.population.nhanes import read_survey
from model.validation.population.survey import Estimate
from model.validation.published.forecast import CaseSet, case_set, entered
from model.validation.published.goals import MEASURES, measures
from model.validation.vignettes import Vignette, read_vignettes

MEASURED = ("even", "article")  # the first of these that the tables have: what the findings alone say
SURVEYED = "primary_care"
HOW = ("entry", "node", "arc")
UNSEEN = 0.005  # half a percentage point: no shown probability reads differently
UNSEEN_MISFIT = 5e-4
LIMITS = 1e-6  # of a probability, before its log odds are taken


@dataclass(frozen=True, slots=True)
class Removal:
    """What is left out: the entry of `node`; the node; or the arc from `parent` to `node`."""

    how: str
    node: str
    parent: str = ""

    @property
    def label(self) -> str:
        """As it is printed."""
        return f"{self.parent} > {self.node}" if self.parent else self.node

    def drops(self, record: Record) -> bool:
        """Return whether a row goes with it."""
        nodes, parents = {*record.node.split("&")}, {*record.parent.split("&")}
        if self.how == "arc":
            return self.node in nodes and self.parent in parents
        return self.how == "node" and self.node in nodes | parents


@dataclass(frozen=True)
class LeaveOut:
    """Every removal and what it changes.

    base  : `MEASURES` with everything, vignettes (rows inside their range), misfit (mean squared z over the survey's
            figures, by the survey's standard errors alone)
    frame : how, left_out, entries (cases in which it is entered), the changes of `MEASURES`, vignettes and misfit,
            moved (the largest change of any cause's probability in a case or vignette), farthest (the vignette that
            moves most, and by how much) and claims (of the article, which rows of it name). A change above 0 in top1,
            top2, macro and vignettes or below 0 in six_log, log and misfit is better without. note: why it cannot be
            left out.
    """

    setting: str
    vocabulary: str
    base: Mapping[str, float]
    frame: pd.DataFrame

    @property
    def idle(self) -> pd.DataFrame:
        """The nodes and arcs without which no case, vignette or survey figure reads differently."""
        frame = self.frame.loc[(self.frame["how"] != "entry") & (self.frame["note"] == "")]
        unseen = (frame["moved"] < UNSEEN) & (frame["misfit"].abs() < UNSEEN_MISFIT) & (frame["vignettes"] == 0)
        return frame.loc[unseen]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        told = {"setting": self.setting, "vocabulary": self.vocabulary, "base": dict(self.base)}
        return told | {"rows": plain_records(self.frame)}


def removals(knowledge: Knowledge, setting: str) -> tuple[Removal, ...]:
    """Return every question, every context as a node, and every arc that the numbers of a setting make."""
    asked = [node.id for node in knowledge.role("context", "finding")]
    contexts = [node.id for node in knowledge.role("context")]
    shown = {node.id for node in knowledge.role("mechanism")}
    arcs = dict.fromkeys(
        (node, parent)
        for record in knowledge.records_of(setting)
        for node in record.node.split("&")
        for parent in record.parent.split("&")
        if parent and node not in shown
    )
    return (
        *(Removal("entry", node) for node in asked),
        *(Removal("node", node) for node in contexts),
        *(Removal("arc", node, parent) for node, parent in arcs),
    )


class _Bench:
    """Everything that is measured, with the answers of the whole model kept for what a removal does not touch."""

    def __init__(self, models: Sequence[CalibratedModel]):
        self.models = {model.setting: model for model in models}
        self.setting = next(name for name in MEASURED if name in self.models)
        own, folder = self.models[self.setting], models[0].knowledge.folder
        self.vocabulary = vocabularies(folder)[-1]
        self.cases: CaseSet = case_set(own, published_cases(folder, self.vocabulary))
        self.entered = entered(own, self.cases, True)
        self.shares = np.array([_shares(own.engine, evidence) for evidence in self.entered])
        self.vignettes = tuple(row for row in read_vignettes(folder) if row.setting in self.models)
        self.read = [read_evidence(own.knowledge, row.findings) for row in self.vignettes]
        self.answers = [self._answer(self.models[row.setting], row, read)
                        for row, read in zip(self.vignettes, self.read, strict=True)]  # fmt: skip
        self.figures = self._figures()
        self.squares = self._squares(self.models[SURVEYED], self.figures)

    def _answer(self, model: CalibratedModel, row: Vignette, read: Evidence) -> float:
        solution = model.engine.possible(*_known(model.engine, read))
        causes = [cause.id for cause in model.network.causes]
        return float(solution.weights @ model.engine.acting[:, causes.index(row.cause)]) / solution.total

    def _figures(self) -> list[tuple[Check, Estimate]]:
        knowledge = self.models[SURVEYED].knowledge
        survey, asked = read_survey(knowledge), Expectations(self.models[SURVEYED], draws=0)
        found = [(check, surveyed(survey, check)) for check in read_checks(knowledge.folder) if check.kind in COMPARED]
        return [(check, estimate) for check, estimate in [*found, *read_estimates(knowledge.folder)]
                if asked.can(check) and np.isfinite(estimate.logit_se)]  # fmt: skip

    def _squares(self, model: CalibratedModel, figures: Sequence[tuple[Check, Estimate]]) -> dict[str, float]:
        asked = Expectations(model, draws=0)
        return {check.check: ((_logit(asked.of(check).value) - _logit(estimate.value)) / estimate.logit_se) ** 2
                for check, estimate in figures if asked.can(check)}  # fmt: skip

    def measured(self, shares: Array, answers: Sequence[float], squares: Mapping[str, float]) -> dict[str, float]:
        """Return all figures."""
        inside = sum(row.low <= p <= row.high for row, p in zip(self.vignettes, answers, strict=True))
        misfit = float(np.mean(list(squares.values())))
        return {**measures(shares, self.cases), "vignettes": float(inside), "misfit": misfit}

    def without(self, removal: Removal) -> tuple[Array, list[float], dict[str, float], int]:
        """Return shares, answers and squares without something, and in how many cases it is entered."""
        structural = removal.how != "entry"
        gone = {removal.node} if removal.how != "arc" else set()
        models = _Variants(self.models, removal)
        local = removal.how == "entry" or models.local(self.setting)
        shares, answers, squares = self.shares.copy(), list(self.answers), dict(self.squares)
        entries = 0
        for place, evidence in enumerate(self.entered):
            touched = removal.node in evidence.hard or removal.node in evidence.soft
            entries += touched
            if touched or not local:
                shares[place] = _shares(models[self.setting].engine, _left(evidence, gone))
        for place, (row, read) in enumerate(zip(self.vignettes, self.read, strict=True)):
            if removal.node in read.hard or removal.node in read.soft or not local:
                answers[place] = self._answer(models[row.setting], row, _left(read, gone))
        if structural:
            again = [(check, estimate) for check, estimate in self.figures
                     if not local or removal.node in f"{check.event};{check.given}"]  # fmt: skip
            if again:
                kept = {check.check for check, _ in again}
                fresh = self._squares(models[SURVEYED], again)
                squares = {name: value for name, value in squares.items() if name not in kept} | fresh
        return shares, answers, squares, entries


class _Variants:
    """The models of every setting without something; each is made when it is asked for."""

    def __init__(self, models: Mapping[str, CalibratedModel], removal: Removal):
        self.models, self.removal = models, removal
        self.knowledge = _dropped(next(iter(models.values())).knowledge, removal)
        self.made: dict[str, CalibratedModel] = {}

    def __getitem__(self, setting: str) -> CalibratedModel:
        plain = self.models[setting]
        if self.removal.how == "entry":
            return plain
        if setting not in self.made:
            self.made[setting] = CalibratedModel.of(self.knowledge, setting, plain.scale)
        return self.made[setting]

    def local(self, setting: str) -> bool:
        """Return whether only answers that know the node can change: the priors stay as they are."""
        own = self[setting].calibrated
        return (
            self.removal.how == "arc"
            and own.kappa == self.models[setting].calibrated.kappa
            and all(
                self.removal.node not in getattr(row, "condition", "")
                for row in self[setting].knowledge.settings.values()
            )
        )


def _dropped(knowledge: Knowledge, removal: Removal) -> Knowledge:
    kept = tuple(record for record in knowledge.records if not removal.drops(record))
    left = {record.node for record in kept if record.kind in ("link", "base_rate")}
    nodes = {name: node for name, node in knowledge.nodes.items()
             if node.role not in ("context", "finding") or any(name in one.split("&") for one in left)}  # fmt: skip
    kept = tuple(record for record in kept if _parts(record) <= set(nodes))
    return replace(knowledge, nodes=nodes, records=kept)


def _parts(record: Record) -> set[str]:
    return {part for name in (record.node, record.parent) if name for part in name.split("&")}


def _shares(engine: Engine, evidence: Evidence) -> Array:
    solution = engine.possible(*_known(engine, evidence))
    return solution.weights @ engine.share_of / solution.total


def _known(engine: Engine, evidence: Evidence) -> tuple[dict[str, int], dict[str, tuple[float, ...]]]:
    """Return what was entered of the nodes that the network has: a finding without its last arc is gone."""
    known = set(engine.network.by_id)
    hard = {node: state for node, state in evidence.hard.items() if node in known}
    return hard, {node: likelihood for node, likelihood in evidence.soft.items() if node in known}


def _left(evidence: Evidence, gone: set[str]) -> Evidence:
    hard = {node: state for node, state in evidence.hard.items() if node not in gone}
    soft = {node: likelihood for node, likelihood in evidence.soft.items() if node not in gone}
    return replace(evidence, hard=hard, soft=soft)


def _logit(p: float) -> float:
    safe = min(max(p, LIMITS), 1 - LIMITS)
    return float(np.log(safe / (1 - safe)))


def leave_out(
    models: Sequence[CalibratedModel], chosen: Sequence[Removal] | None = None, progress: Progress = silent
) -> LeaveOut:
    """Leave out every question, node and arc in turn.

    models : one for every setting of the same tables;  chosen : by default all of :func:`removals`
    Cost   : a calibration and some posteriors for each node and arc; minutes for all.
    """
    bench = _Bench(models)
    base = bench.measured(bench.shares, bench.answers, bench.squares)
    asked = removals(models[0].knowledge, bench.setting) if chosen is None else tuple(chosen)
    rows = []
    for number, removal in enumerate(asked):
        progress(number / len(asked), f"without {removal.label}")
        row: dict[str, Any] = {"how": removal.how, "left_out": removal.label, "claims": _claims(models[0], removal)}
        try:
            shares, answers, squares, entries = bench.without(removal)
        except (KnowledgeError, CalibrationError, ImpossibleEvidence) as error:
            nothing = dict.fromkeys((*base, "moved"), float("nan"))
            rows.append({**row, "entries": 0, **nothing, "farthest": "", "note": str(error)})
            continue
        now = bench.measured(shares, answers, squares)
        moved = [after - before for after, before in zip(answers, bench.answers, strict=True)]
        far = int(np.argmax(np.abs(moved))) if moved else -1
        farthest = f"{bench.vignettes[far].id} {moved[far]:+.2f}" if moved and abs(moved[far]) >= 0.005 else ""
        changes = {name: now[name] - value for name, value in base.items()}
        most = max(float(np.abs(shares - bench.shares).max()), abs(moved[far]) if moved else 0.0)
        rows.append({**row, "entries": entries, **changes, "moved": most, "farthest": farthest, "note": ""})
    progress(1.0, "done")
    return LeaveOut(bench.setting, bench.vocabulary, base, pd.DataFrame(rows))


def _claims(model: CalibratedModel, removal: Removal) -> str:
    """Return the claims of the article that rows of a node or arc name."""
    rows = [record for record in model.knowledge.records if removal.how != "entry" and removal.drops(record)]
    return ";".join(dict.fromkeys(claim for record in rows for claim in record.claims))


def _sorted(frame: pd.DataFrame) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for how in HOW:
        rows = records(frame, how=how)
        if not rows:
            continue
        yield how, sorted(rows, key=lambda row: (row["note"] != "", row["six_log"], row["log"]))


def leave_out_text(found: LeaveOut, every: bool = False) -> str:
    """Return what each removal changes, what is better without first; by default only what changes something."""
    columns = (*MEASURES, "vignettes", "misfit")
    start = "  ".join(f"{name} {found.base[name]:.3f}" for name in columns)
    lines = [f"Setting {found.setting}, {found.vocabulary} entries. With everything: {start}."]
    for how, rows in _sorted(found.frame):
        lines.append(f"\nwithout the {how:<38}{'cases':>6}" + "".join(f"{name:>10}" for name in columns) + "  vignette")
        still = 0
        for row in rows:
            if row["note"]:
                lines.append(f"{row['left_out']:<50}cannot be left out: {row['note']}")
            elif every or any(abs(row[name]) >= 5e-4 for name in columns):
                cells = "".join(f"{row[name]:>+10.3f}" for name in columns)
                lines.append(f"{row['left_out']:<50}{row['entries']:>6}{cells}  {row['farthest']}".rstrip())
            else:
                still += 1
        if still:
            lines.append(f"{still} more change nothing by .0005.")
    idle = records(found.idle)
    if idle:
        named = [f"{row['left_out']} (article {row['claims']})" if row["claims"] else row["left_out"] for row in idle]
        lines.append(f"\nWithout them nothing shown of a case, vignette or survey figure changes: {', '.join(named)}.")
    lines.append("\nAbove 0 in the shares and in vignettes, below 0 in log and misfit: better without. Misfit: mean "
                 f"z^2, {SURVEYED} against the survey.")  # fmt: skip
    return "\n".join(lines)
