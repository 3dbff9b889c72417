"""How often the published authors' cause ranks first or second, on cases the numbers were not fitted to.

Published cases are severe and exotic and few lie in this band, so they test the ranking of causes, not calibration and
not prevalence; the scope guard is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.calibrated_model import CalibratedModel
from model.evidence.published_cases import PublishedCase, published_cases
from model.validation.wilson import wilson_interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Ranking:
    """Where the authors' cause stands in one case: 1 is first. `probability` is P(that cause acting | findings)."""

    case: str
    true_cause: str
    certainty: str
    findings: str
    first: str
    rank: int
    probability: float


def rank_case(model: CalibratedModel, case: PublishedCase, decisive: bool) -> Ranking:
    """Rank the causes on the presenting findings of one case, decisive ones included or hidden."""
    causes = model.posterior(case.presenting(decisive), scope=False).acting
    order = sorted(causes, key=lambda cause: -causes[cause])
    return Ranking(
        case.id,
        case.true_cause,
        case.certainty,
        "with decisive" if decisive else "without decisive",
        order[0],
        order.index(case.true_cause) + 1,
        causes[case.true_cause],
    )


def rank_cases(model: CalibratedModel, cases: Mapping[str, PublishedCase] | None = None) -> pd.DataFrame:
    """Return one row per case and reading of its findings: the fields of :class:`Ranking`."""
    import pandas as pd

    cases = published_cases(model.knowledge.folder) if cases is None else cases
    rows = [rank_case(model, case, decisive) for decisive in (True, False) for case in cases.values()]
    return pd.DataFrame([vars(row) for row in rows])


def accuracy(ranks: pd.DataFrame) -> pd.DataFrame:
    """Summarise :func:`rank_cases`: top-1 and top-2 with Wilson 95 % intervals, per cause, all, and the mean of causes.

    returns : columns findings, cause, cases, top1, top1_low, top1_high, top2, top2_low, top2_high. The row ``mean of
    causes`` weighs each cause alike and has no interval.
    """
    import pandas as pd

    rows = []
    for findings, group in ranks.groupby("findings", sort=False):
        per_cause = [(cause, part) for cause, part in group.groupby("true_cause", sort=False)]
        summary = [_row(findings, cause, part["rank"]) for cause, part in [*per_cause, ("all", group)]]
        mean = {column: sum(row[column] for row in summary[:-1]) / len(per_cause) for column in ("top1", "top2")}
        rows += [*summary, {"findings": findings, "cause": "mean of causes", "cases": len(group), **mean}]
    return pd.DataFrame(rows)


def _row(findings: object, cause: object, ranks: pd.Series) -> dict[str, Any]:
    row: dict[str, Any] = {"findings": findings, "cause": cause, "cases": len(ranks)}
    for within in (1, 2):
        hits = int((ranks <= within).sum())
        low, high = wilson_interval(hits, len(ranks))
        row |= {f"top{within}": hits / len(ranks), f"top{within}_low": low, f"top{within}_high": high}
    return row
