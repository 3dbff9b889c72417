"""Are the model's probabilities those of its own patients: they must be, exactly.

Patients are drawn from the network, some answers are hidden, and the engine is asked. Whatever the numbers, of the
patients given 30 % just 30 % must have the cause. It tests the engine and the sampler against each other, never the
medicine, and is no accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.inference import Engine
from model.inference.batch import BatchEngine
from model.inference.sampling import draw
from model.late import pd
from model.progress import Progress, silent
from model.validation.frame_rows import plain_records
from model.validation.simulated.assessment import assessed, columns
from model.validation.simulated.calibration_measures import calibration, randomised_pit, reliability, uniformity

ALARM = 0.001  # chance of a false alarm over all the tests of one run together


@dataclass(frozen=True)
class SelfConsistency:
    """How the probabilities of simulated patients fit their true causes.

    frame  : index cause; the columns of ``Calibration``, pit_p (uniformity of the probability integral transform)
    bins   : columns cause and those of ``reliability``
    smallest_p, tests : the smallest p value of all tests, and how many there are
    """

    frame: pd.DataFrame
    bins: pd.DataFrame
    smallest_p: float
    tests: int
    patients: int
    pattern: str
    setting: str
    seed: int

    @property
    def consistent(self) -> bool:
        """Whether no test raises the alarm, at 0.1 % for all together (Bonferroni)."""
        return self.smallest_p * self.tests >= ALARM

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, ready for JSON."""
        told = {"setting": self.setting, "patients": self.patients, "pattern": self.pattern, "seed": self.seed,
                "smallest_p": float(self.smallest_p), "tests": self.tests, "consistent": self.consistent}  # fmt: skip
        return told | {"causes": plain_records(self.frame), "bins": plain_records(self.bins)}


def self_consistency(
    model: CalibratedModel, patients: int = 50_000, seed: int = 0, pattern: str = "work_up",
    progress: Progress = silent, asked: Engine | None = None,
) -> SelfConsistency:  # fmt: skip
    """Return the calibration of each cause's probability over simulated patients.

    pattern : which answers they have, see ``assessment.assessed``
    asked   : the engine that answers; default the model's own. With another engine this is the calibration of that one
              on this model's patients.
    Cost    : about a second for 50,000.  raises : EvidenceError for an unknown pattern.
    """
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    progress(0.0, "drawing patients")
    codes = draw(model.engine, patients, rng)
    seen = assessed(model.knowledge, pattern, patients, rng)
    progress(0.3, "asking the model")
    acting, _ = BatchEngine(asked or model.engine).score(columns(codes, seen), patients)
    rows, bins, p_values = {}, [], []
    for position, cause in enumerate(model.network.causes):
        progress(0.5 + 0.5 * position / len(model.network.causes), f"calibration of {cause.id}")
        p, y = acting[:, position], codes[cause.id] > 0
        found = calibration(p, y)
        pit = uniformity(randomised_pit(p, y, rng)).chi_square_p
        rows[cause.id] = {**vars(found), "pit_p": pit}
        z = (found.large_z, found.slope_z, found.intercept_z, found.brier_z)
        p_values += [*(2 * norm.sf(np.abs(z))).tolist(), pit]
        bins.append(reliability(p, y).assign(cause=cause.id))
    progress(1.0, "done")
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("cause")
    return SelfConsistency(frame, pd.concat(bins, ignore_index=True), min(p_values), len(p_values), patients, pattern,
                           model.setting, seed)  # fmt: skip
