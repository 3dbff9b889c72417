"""Do stated probabilities come true, cause by cause: on the published cases and on the model's own simulated patients.

The cases are no sample of any population, so their frequencies cannot show calibration; they show where the model is
bold. On its own patients it must be calibrated, whatever its numbers: that side tells the reader what a table of so few
cases looks like when nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.evidence import PublishedCase, published_cases, vocabularies
from model.inference.batch import BatchEngine
from model.inference.sampling import draw
from model.late import pd
from model.network import Array
from model.validation.frame_rows import grouped
from model.validation.intervals import wilson_interval
from model.validation.published.forecast import CaseSet, model_forecast
from model.validation.simulated.assessment import assessed, columns

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
EVERY = "all causes"
PUBLISHED, SIMULATED = "published", "simulated"


def newest_cases(folder: Path) -> Mapping[str, PublishedCase]:
    """Return the published cases in the newest vocabulary of the tables."""
    return published_cases(folder, vocabularies(folder)[-1])


def reliability_by_cause(model: CalibratedModel, cases: CaseSet, patients: int = 20_000, seed: int = 0) -> pd.DataFrame:
    """Return stated probability against frequency in five bins.

    returns : one row per source (published, simulated), cause (and ``all causes``) and bin that is not empty: source,
              cause, bin ("0 to 20 %"), cases, stated (mean probability of the cause acting), acting (how many had it),
              frequency, low, high (Wilson 95 %)
    Cost    : a posterior a case, and about a second for the simulated patients.
    """
    rng = np.random.default_rng(seed)
    codes = draw(model.engine, patients, rng)
    seen = assessed(model.knowledge, "work_up", patients, rng)
    simulated, _ = BatchEngine(model.engine).score(columns(codes, seen), patients)
    really = np.stack([codes[cause] > 0 for cause in cases.causes], axis=1)
    stated = model_forecast(model, cases, True).acting
    rows = [*_by_cause(PUBLISHED, cases, stated, cases.acting), *_by_cause(SIMULATED, cases, simulated, really)]
    return pd.DataFrame(rows)


def _by_cause(source: str, cases: CaseSet, p: Array, acting: NDArray[np.bool_]) -> list[dict[str, Any]]:
    rows = []
    for name, one, true in [
        *((cause, p[:, place], acting[:, place]) for place, cause in enumerate(cases.causes)),
        (EVERY, p.ravel(), acting.ravel()),
    ]:
        place = np.clip(np.searchsorted(EDGES, one, side="right") - 1, 0, len(EDGES) - 2)
        for number in np.unique(place):
            inside = place == number
            hits, of = int(true[inside].sum()), int(inside.sum())
            low, high = wilson_interval(hits, of)
            span = f"{EDGES[number]:.0%} to {EDGES[number + 1]:.0%}".replace("%", " %").replace(" % to", " to")
            rows.append({"source": source, "cause": name, "bin": span, "cases": of, "stated": float(one[inside].mean()),
                         "acting": hits, "frequency": hits / of, "low": low, "high": high})  # fmt: skip
    return rows


def reliability_text(frame: pd.DataFrame) -> str:
    """Return the table, published and simulated side by side."""
    lines = [f"{'cause':<13}{'stated':<14}{PUBLISHED + ': mean, frequency':<38}{SIMULATED + ': mean, frequency'}"]
    for (cause, span), rows in grouped(frame, "cause", "bin").items():
        by = {row["source"]: row for row in rows}
        lines.append(f"{cause:<13}{span:<14}{_cell(by.get(PUBLISHED)):<38}{_cell(by.get(SIMULATED))}".rstrip())
    lines.append("In brackets: Wilson 95 %, and how many of how many. Simulated patients are the model's own.")
    return "\n".join(lines)


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    span = f"({row['low']:.2f} to {row['high']:.2f}; {row['acting']} of {row['cases']})"
    return f"{row['stated']:.2f} {row['frequency']:.2f} {span}"
