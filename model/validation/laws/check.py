"""Clinical laws, checked in every pattern of a lattice of evidence: where a law fails, the simplest patient shows it.

A law is no proof of the medicine; it is what must not happen whatever the numbers. Deciding such laws in general is
coNP^PP-complete (van der Gaag, Bodlaender and Feelders 2004, as summarised); here the patterns can be enumerated. The
laws, their exceptions and the lattice are data; this file knows only their forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError
from model.evidence import read_evidence
from model.inference.batch import BatchEngine
from model.late import pd
from model.progress import Progress, silent
from model.validation.frame_rows import plain_records
from model.validation.laws.forms import Comparer, Comparison
from model.validation.laws.table import Check, Law, LawTable, read_laws

ROUNDING = 1e-11  # differences of probabilities, or of log odds, below this are rounding


@dataclass(frozen=True)
class CheckedLaw:
    """One check of one law in one setting.

    patterns, violations : pairs of patients compared, and those that break the law
    worst    : by how much the worst pair breaks it, in probability (for `keeps_odds` in log odds); 0 if none does
    evidence : the shortest pattern that breaks it (among the shortest, the worst), node -> state; None if none does
    target   : the cause it breaks it for;  before, after : its probability (or odds) in that pattern
    listed   : why it is an accepted exception; empty if it is none
    """

    law: str
    statement: str
    check: str
    must: bool
    patterns: int
    violations: int
    worst: float
    evidence: Mapping[str, str] | None
    target: str
    before: float
    after: float
    listed: str

    @property
    def expected(self) -> bool:
        """Whether it comes out as the tables say: it holds, or it fails and is listed."""
        return bool(self.violations) == bool(self.listed)


@dataclass(frozen=True)
class LawReport:
    """Every check in one setting. `expected` is what must be true before a release."""

    setting: str
    lattice: tuple[str, ...]
    checks: tuple[CheckedLaw, ...]

    @property
    def expected(self) -> bool:
        """Whether every law that must hold does, and the others fail exactly where listed."""
        return all(check.expected for check in self.checks)

    @property
    def surprises(self) -> tuple[CheckedLaw, ...]:
        """Checks that fail without being listed, or are listed and do not fail."""
        return tuple(check for check in self.checks if not check.expected)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per check: the fields of :class:`CheckedLaw`, `evidence` as text, and the setting."""
        rows = [
            {"setting": self.setting, **vars(check), "evidence": entered(check.evidence)}
            for check in self.checks
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, ready for JSON."""
        return {"setting": self.setting, "lattice": list(self.lattice), "expected": self.expected,
                "checks": plain_records(self.frame)}  # fmt: skip

    @property
    def by_law(self) -> pd.DataFrame:
        """One row per law: index law; columns statement, must, checks, patterns, failing, violations, worst."""
        grouped = self.frame.groupby("law", sort=False)
        found = grouped.agg(statement=("statement", "first"), must=("must", "first"), checks=("check", "size"),
                            patterns=("patterns", "sum"), failing=("violations", lambda v: int((v > 0).sum())),
                            violations=("violations", "sum"), worst=("worst", "max"))  # fmt: skip
        return found


def entered(evidence: Mapping[str, str] | None) -> str:
    """Return a pattern as text: ``node=state`` with commas, ``nothing else`` when it is empty, blank when None."""
    if evidence is None:
        return ""
    return ", ".join(f"{node}={state}" for node, state in evidence.items()) or "nothing else"


def check_laws(model: CalibratedModel, table: LawTable | None = None, progress: Progress = silent) -> LawReport:
    """Check every law in one setting.

    table : the laws; default those of ``data/``
    Cost: a few seconds.  raises : KnowledgeError when the tables cannot be read.
    """
    table = read_laws(model.knowledge) if table is None else table
    reasons = {(row.law, row.check): row.reason for row in table.exceptions if model.setting in row.settings}
    comparer = Comparer(model.network, BatchEngine(model.engine), tuple(table.lattice), table.held)
    found: list[CheckedLaw] = []
    for number, law in enumerate(table.laws):
        progress(number / len(table.laws), law.statement)
        found += [_checked(model, comparer, law, check, reasons.get((law.id, check.text), "")) for check in law.checks]
    progress(1.0, "done")
    return LawReport(model.setting, tuple(table.lattice), tuple(found))


def _checked(model: CalibratedModel, comparer: Comparer, law: Law, check: Check, listed: str) -> CheckedLaw:
    if law.form == "refused":
        return _refused(model, law, check, listed)
    patterns, violations, worst = 0, 0, 0.0
    shortest: tuple[int, float] | None = None
    example: tuple[Mapping[str, str] | None, str, float, float] = (None, "", 0.0, 0.0)
    for part in comparer.compare(law, check):
        wrong = np.nan_to_num(part.against, nan=0.0) > ROUNDING
        patterns += int((~np.isnan(part.against)).sum())
        violations += int(wrong.sum())
        if not wrong.any():
            continue
        worst = max(worst, float(part.against[wrong].max()))
        entries = (np.indices(part.against.shape) > 0).sum(0)
        least = int(entries[wrong].min())
        chosen = np.where(wrong & (entries == least), part.against, -np.inf)
        place = np.unravel_index(int(chosen.argmax()), chosen.shape)
        if shortest is None or (least, -float(chosen[place])) < shortest:
            shortest = least, -float(chosen[place])
            held = dict(comparer.held_beside(law, check))
            example = (
                held | _named(model, part, place),
                part.target,
                float(part.before[place]),
                float(part.after[place]),
            )
    return CheckedLaw(law.id, law.statement, check.text, law.must, patterns, violations, worst, *example, listed)


def _named(model: CalibratedModel, part: Comparison, place: tuple[np.intp, ...]) -> dict[str, str]:
    states = {node: model.network.by_id[node].states for node in part.free}
    return {node: states[node][level - 1] for node, level in zip(part.free, place, strict=True) if level}


def _refused(model: CalibratedModel, law: Law, check: Check, listed: str) -> CheckedLaw:
    """Entering the node in any of its states must be refused."""
    states = model.knowledge.nodes[check.text].states
    taken = []
    for state in states:
        try:
            read_evidence(model.knowledge, {check.text: state})
        except EvidenceError:
            continue
        taken.append(state)
    evidence = {check.text: taken[0]} if taken else None
    target = check.text if taken else ""
    return CheckedLaw(law.id, law.statement, check.text, law.must, len(states), len(taken), float(bool(taken)),
                      evidence, target, 0.0, 0.0, listed)  # fmt: skip
