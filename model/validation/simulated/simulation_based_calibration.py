"""Do the intervals hold what they promise: simulation-based calibration of the parameter draws.

For each simulated patient a point of the parameter space is the truth: the patient is drawn from the network at that
point, and P(cause | entries) at the truth is ranked among the same probability at other draws. Two ranks are taken.

`rank` counts draws alike, as the published interval does. It is uniform if one patient's entries say next to nothing of
the numbers; where it is not, the interval is too narrow or too wide for that reason. A rank between 5 % and 95 % means
that the 90 % interval holds the truth, so its coverage is measured without any theory.

`weighted` weighs each draw by P(entries | draw), which is Bayes' rule for the numbers. Then truth and draws are
exchangeable given the entries, and the rank is uniform exactly, for any number of draws (Talts et al. 2018; here with
importance weights in the place of a chain). It tests sampler, calibration and engine at every draw against each other.

Neither says whether the stated intervals are true of the world: truth is drawn from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation.quantity import TAILS
from model.inference import Engine
from model.inference.batch import UNOBSERVED
from model.inference.draw_engine import at_point
from model.inference.sampling import draw
from model.late import pd
from model.network import Array
from model.progress import Progress, silent
from model.sensitivity import parameter_draws
from model.sensitivity.uncertainty import DRAWS, ParameterDraws
from model.validation.frame_rows import plain_records
from model.validation.intervals import wilson_interval
from model.validation.simulated.assessment import assessed
from model.validation.simulated.calibration_measures import uniformity

RANKS = ("rank", "weighted")
BINS = 20
ALARM = 0.001  # chance of a false alarm over all causes together


@dataclass(frozen=True)
class SimulationBasedCalibration:
    """Ranks of the truth among parameter draws.

    frame : index cause; for `rank` and `weighted` each: coverage of the 90 % interval with its Wilson 95 % interval
            (``_low``, ``_high``), chi_square_p and ks_p (uniformity), shape (1 when uniform; above 1 the draws are too
            narrow, below 1 too wide);  patients whose rank is not settled by rounding count at random
    ranks : one row per patient and cause: cause, rank, weighted, in (0, 1)
    members : how many draws each truth is ranked among, itself included
    """

    frame: pd.DataFrame
    ranks: pd.DataFrame
    patients: int
    members: int
    pattern: str
    setting: str
    seed: int

    @property
    def consistent(self) -> bool:
        """Whether no weighted rank raises the alarm, at 0.1 % for all causes together (Bonferroni)."""
        return min(self.frame["weighted_chi_square_p"]) * len(self.frame) >= ALARM

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, ready for JSON; the single ranks are left out."""
        told = {"setting": self.setting, "patients": self.patients, "members": self.members, "pattern": self.pattern,
                "seed": self.seed, "consistent": bool(self.consistent)}  # fmt: skip
        return told | {"causes": plain_records(self.frame)}


def simulation_based_calibration(
    model: CalibratedModel, patients: int = 500, members: int = 100, draws: int = DRAWS, seed: int = 0,
    pattern: str = "work_up", progress: Progress = silent, asked: ParameterDraws | None = None,
) -> SimulationBasedCalibration:  # fmt: skip
    """Return the ranks of the truth for `patients` patients, each with a truth and companions of its own.

    members : draws in a patient's window, the truth among them;  draws : the pool they come from, kept
    asked   : the draws that answer, as many as `draws`; default those the truths come from. Others test the test.
    Cost    : about 15 ms a patient after drawing the numbers once.
    raises  : EvidenceError for an unknown pattern.
    """
    progress(0.0, "drawing the numbers")
    pool = parameter_draws(model, draws, seed)
    answering = asked or pool
    causes = [cause.id for cause in model.network.causes]
    low_count = answering.engine.solve({}).total
    rng = np.random.default_rng([seed, 2])
    seen = assessed(model.knowledge, pattern, patients, rng)
    found = np.empty((patients, len(causes), len(RANKS)))
    for patient in range(patients):
        progress(patient / patients, f"patient {patient + 1} of {patients}")
        start = int(rng.integers(draws - members + 1))
        truth = int(rng.integers(members))
        codes = draw(Engine(at_point(pool.batch.network, start + truth)), 1, rng)
        entered = {node: int(codes[node][0]) for node, mask in seen.items() if mask[patient]}
        assert UNOBSERVED not in entered.values()
        window = slice(start, start + members)
        answer = answering.engine.solve(entered, points=window)
        true_answer = answer if asked is None else pool.engine.solve(entered, points=window)
        chance = rng.random(len(causes))
        for position in range(len(causes)):
            values = answer.acting[:, position].copy()
            values[truth] = true_answer.acting[truth, position]
            weights = answer.total / low_count[window]
            found[patient, position] = (
                rank(values, truth, np.ones(members), chance[position]),
                rank(values, truth, weights, chance[position]),
            )
    progress(1.0, "done")
    table = pd.DataFrame(found.reshape(-1, len(RANKS)), columns=list(RANKS))
    table.insert(0, "cause", np.tile(causes, patients))
    rows = {cause: _summed(found[:, position]) for position, cause in enumerate(causes)}
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("cause")
    return SimulationBasedCalibration(frame, table, patients, members, pattern, model.setting, seed)


def rank(values: Array, truth: int, weights: Array, chance: float) -> float:
    """Return the weight below values[truth], ties and the truth itself counted up to `chance`, over all the weight.

    Uniform when `truth` is drawn from the members with these weights and `chance` is uniform in (0, 1).
    """
    below = weights[values < values[truth]].sum()
    same = weights[values == values[truth]].sum()
    return float((below + chance * same) / weights.sum())


def _summed(ranks: Array) -> dict[str, float]:
    row: dict[str, float] = {}
    for name, column in zip(RANKS, ranks.T, strict=True):
        inside = int(((column >= TAILS[0]) & (column <= TAILS[1])).sum())
        low, high = wilson_interval(inside, len(column))
        found = uniformity(column, BINS)
        row |= {f"{name}_coverage": inside / len(column), f"{name}_low": low, f"{name}_high": high,
                f"{name}_chi_square_p": found.chi_square_p, f"{name}_ks_p": found.ks_p,
                f"{name}_shape": found.shape}  # fmt: skip
    return row
