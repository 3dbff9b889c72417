"""Textbook patients, and the range in which a reader of the literature would put the answer.

``vignettes.csv`` was written from published figures before the model was asked. A range is wide where nobody counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.calibrated_model import CalibratedModel
from model.errors import KnowledgeError
from model.knowledge import cell_items, table_rows
from model.late import pd
from model.validation.frame_rows import plain_records, records


@dataclass(frozen=True, slots=True)
class Vignette:
    """One row of ``vignettes.csv``: in `setting`, P(`cause` acting | `findings`) lies in [low, high]."""

    id: str
    findings: dict[str, str]
    setting: str
    cause: str
    low: float
    high: float
    source: tuple[str, ...]
    rationale: str

    @property
    def nodes(self) -> frozenset[str]:
        """The nodes that are entered."""
        return frozenset(self.findings)


def read_vignettes(folder: Path) -> tuple[Vignette, ...]:
    """Return the rows of ``vignettes.csv``. raises : KnowledgeError for a finding or a range that cannot be read."""
    found = []
    for _, row in table_rows(folder / "vignettes.csv"):
        findings = {}
        for item in cell_items(row["findings"]):
            node, equals, state = item.partition("=")
            if not equals:
                raise KnowledgeError(f"vignettes.csv, {row['id']!r}: expected node=state, got {item!r}.")
            findings[node.strip()] = state.strip()
        low, high = float(row["low"]), float(row["high"])
        if not 0 <= low < high <= 1:
            raise KnowledgeError(f"vignettes.csv, {row['id']!r}: expected 0 <= low < high <= 1, got {low} and {high}.")
        found.append(Vignette(row["id"], findings, row["setting"], row["cause"], low, high,
                              cell_items(row["source"]), row["rationale"]))  # fmt: skip
    return tuple(found)


@dataclass(frozen=True)
class VignetteReport:
    """How the model answers each vignette.

    frame : one row a vignette and setting asked: id, setting, cause, probability, low, high, inside, leader, rationale
    """

    frame: pd.DataFrame

    @property
    def outside(self) -> list[dict[str, Any]]:
        """The rows whose answer leaves its range."""
        return records(self.frame, inside=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the rows as plain values, ready for JSON."""
        return {"rows": plain_records(self.frame)}


def answered(model: CalibratedModel, vignette: Vignette, left_out: Sequence[str] = ()) -> tuple[float, str]:
    """Return (P(its cause acting), the leading cause), some of the entries left out."""
    known = {node: state for node, state in vignette.findings.items() if node not in left_out}
    answer = model.posterior(known, scope=False)
    return answer.acting[vignette.cause], answer.leader


def vignettes(models: Sequence[CalibratedModel]) -> VignetteReport:
    """Ask every vignette of the models given, each of its own setting. Cost: one posterior a row."""
    by_setting = {model.setting: model for model in models}
    rows = []
    for vignette in read_vignettes(models[0].knowledge.folder):
        if vignette.setting in by_setting:
            probability, leader = answered(by_setting[vignette.setting], vignette)
            rows.append({
                "id": vignette.id, "setting": vignette.setting, "cause": vignette.cause, "probability": probability,
                "low": vignette.low, "high": vignette.high, "inside": vignette.low <= probability <= vignette.high,
                "leader": leader, "rationale": vignette.rationale,
            })  # fmt: skip
    columns = ("id", "setting", "cause", "probability", "low", "high", "inside", "leader", "rationale")
    return VignetteReport(pd.DataFrame(rows, columns=list(columns)))


def vignettes_text(found: VignetteReport) -> str:
    """Return a line a row, what leaves its range marked."""
    lines = [f"{'patient':<26}{'setting':<20}{'cause':<13}{'model':>6}  {'range':<14}{'leads':<13}"]
    for row in records(found.frame):
        span = f"{row['low']:.2f} to {row['high']:.2f}"
        mark = "" if row["inside"] else "outside"
        lines.append(f"{row['id']:<26}{row['setting']:<20}{row['cause']:<13}{row['probability']:>6.2f}  {span:<14}"
                     f"{row['leader']:<13}{mark}".rstrip())  # fmt: skip
    inside = len(found.frame) - len(found.outside)
    lines.append(f"{inside} of {len(found.frame)} inside the range that was written down from the literature.")
    return "\n".join(lines)
