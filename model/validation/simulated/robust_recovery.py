"""How good could it be: patients of a world whose numbers are as wrong as admitted, asked with the published numbers.

Each draw of the numbers is a possible world. Its patients are asked about with the plug-in numbers, with the numbers of
their own world, and with no finding at all. The first is the accuracy to expect if structure and intervals are right:
an honest ceiling for any result on real patients, not a result on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.elicitation.quantity import TAILS
from model.inference import Engine
from model.inference.batch import BatchEngine
from model.inference.draw_engine import at_point
from model.inference.patterns import Codes
from model.inference.sampling import draw
from model.late import pd
from model.network import Array
from model.progress import Progress, silent
from model.sensitivity import parameter_draws
from model.validation.frame_rows import plain_records
from model.validation.intervals import Z95
from model.validation.simulated.assessment import assessed, columns

Truth = NDArray[np.bool_]
TINY = 1e-12  # floor of a probability whose logarithm is scored
ASKED = ("published numbers", "true numbers", "nothing entered")
SCORES = ("top1", "top2", "log_score", "brier")


@dataclass(frozen=True)
class RobustRecovery:
    """Accuracy over possible worlds.

    frame  : index asked (published numbers, true numbers, nothing entered); for each of top1, top2, log_score, brier
             the mean over worlds, its 95 % interval (``_low``, ``_high``), and 5 % and 95 % of the worlds (``_p5``,
             ``_p95``)
    causes : index cause; patients (in whom it acts), top1, top2: share in whom it ranks first, or first or second, when
             asked with the published numbers
    top1, top2 : a cause that acts ranks first; among the first two. log_score: minus the sum over causes of
             ln P(what is true of it), in nats; brier: the sum over causes of squared errors. Lower is better for both.
    """

    frame: pd.DataFrame
    causes: pd.DataFrame
    worlds: int
    patients: int
    pattern: str
    setting: str
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, ready for JSON."""
        told = {"setting": self.setting, "worlds": self.worlds, "patients": self.patients, "pattern": self.pattern,
                "seed": self.seed}  # fmt: skip
        return told | {"asked": plain_records(self.frame), "causes": plain_records(self.causes)}


def robust_recovery(
    model: CalibratedModel, worlds: int = 200, patients: int = 100, seed: int = 0, pattern: str = "work_up",
    progress: Progress = silent,
) -> RobustRecovery:  # fmt: skip
    """Return the accuracy on `patients` patients of each of `worlds` draws of the numbers.

    pattern : which answers they have, see ``assessment.assessed``
    Cost    : about 20 ms a world, after drawing the numbers once.  raises : EvidenceError for an unknown pattern.
    """
    progress(0.0, "drawing the numbers")
    network = parameter_draws(model, max(worlds, 2), seed).batch.network
    rng = np.random.default_rng([seed, 1])
    batch = BatchEngine(model.engine)
    causes = [cause.id for cause in model.network.causes]
    before = np.array([list(model.prior.acting.values())])
    per_world = {name: np.empty((worlds, len(SCORES))) for name in ASKED}
    ranks, truths = [], []
    for world in range(worlds):
        progress(world / worlds, f"world {world + 1} of {worlds}")
        engine = Engine(at_point(network, world))
        codes = draw(engine, patients, rng)
        entered = columns(codes, assessed(model.knowledge, pattern, patients, rng))
        truth = np.column_stack([codes[cause] > 0 for cause in causes])
        published = batch.score(entered, patients)[0]
        answers = (published, BatchEngine(engine).score(entered, patients)[0], np.repeat(before, patients, 0))
        for name, answer in zip(ASKED, answers, strict=True):
            per_world[name][world] = score(answer, truth).mean(0)
        ranks.append(places(published))
        truths.append(truth)
    progress(1.0, "done")
    frame = pd.DataFrame({name: _summed(scores) for name, scores in per_world.items()}).T.rename_axis("asked")
    per_cause = _per_cause(causes, np.concatenate(ranks), np.concatenate(truths))
    return RobustRecovery(frame, per_cause, worlds, patients, pattern, model.setting, seed)


def places(acting: Array) -> Codes:
    """Return the place of each cause, 1 for the most probable, shape of `acting`; ties by the order of the causes."""
    return np.argsort(np.argsort(-acting, axis=1, kind="stable"), axis=1, kind="stable") + 1


def score(acting: Array, truth: Truth) -> Array:
    """Return top1, top2, log score and Brier score of each patient, (n, 4).

    acting : (n, causes) probabilities;  truth : (n, causes), whether each acts
    """
    place = places(acting)
    right = np.where(truth, acting, 1 - acting)
    first, second = (((place <= within) & truth).any(1).astype(float) for within in (1, 2))
    log_score = -np.log(np.maximum(right, TINY)).sum(1)
    scores: Array = np.column_stack([first, second, log_score, ((acting - truth) ** 2).sum(1)])
    return scores


def _summed(scores: Array) -> Mapping[str, float]:
    """Worlds are independent, patients of one world are not: the interval is that of a mean of worlds."""
    row = {}
    for name, column in zip(SCORES, scores.T, strict=True):
        half = Z95 * column.std(ddof=1) / np.sqrt(len(column))
        low, high = np.quantile(column, TAILS)
        row |= {name: column.mean(), f"{name}_low": column.mean() - half, f"{name}_high": column.mean() + half,
                f"{name}_p5": low, f"{name}_p95": high}  # fmt: skip
    return row


def _per_cause(causes: list[str], place: Codes, truth: Truth) -> pd.DataFrame:
    rows = {}
    for position, cause in enumerate(causes):
        mine = place[truth[:, position], position]
        hits = [float((mine <= within).mean()) if len(mine) else np.nan for within in (1, 2)]
        rows[cause] = {"patients": len(mine), "top1": hits[0], "top2": hits[1]}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cause")
