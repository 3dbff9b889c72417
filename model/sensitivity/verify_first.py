"""Which sentences to verify first: what knowing each claim's numbers would be worth over a mix of patients.

For one patient, EVPPI of a group of numbers is how much more often the right leading cause would be named if those
numbers were known: E_phi max_d E[U_d | phi] - max_d E[U_d], with U_d = P(cause d acting | evidence) at a parameter
draw (Strong, Oakley and Brennan 2014). E[U | phi] is a regression on the draws; it is fitted on one half and valued on
the other, so noise cannot pass for value. Averaged over patients simulated from the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.cohort import simulate
from model.errors import EvidenceError, listed
from model.inference.draw_engine import DrawEngine
from model.inference.leader import leading
from model.late import pd
from model.network import Array
from model.sensitivity.parameter_space import ParameterBatch
from model.sensitivity.reliance import GROUPINGS
from model.sensitivity.uncertainty import DRAWS, parameter_draws

ANSWERED = 0.5  # share of a simulated patient's findings that are entered; contexts are all answered


@dataclass(frozen=True)
class VerifyFirst:
    """Groups of numbers by what verifying them is worth.

    frame : index group, most valuable first; columns evppi (mean gain in the probability that the leading cause acts),
        evppi_error (standard error over patients), changes (share of draws and patients in which the group, known,
        would change the leading cause), numbers (how many numbers the group holds)
    flips : share of draws and patients in which the leader differs from the plug-in's, all numbers drawn
    patients, draws, seed : how it was made
    """

    frame: pd.DataFrame
    by: str
    flips: float
    patients: int
    draws: int
    seed: int


def verify_first(
    model: CalibratedModel, by: str = "claim", patients: int = 100, draws: int = DRAWS, seed: int = 0
) -> VerifyFirst:
    """Rank groups of numbers by the value of verifying them.

    by       : claim, source, grade, reading or kind;  patients : simulated, with half of the findings answered
    raises   : EvidenceError for an unknown grouping.
    Cost: one pass at all draws per patient, about ten seconds for 100 patients.
    """
    if by not in GROUPINGS:
        raise EvidenceError(f"Grouping {by!r} is unknown; allowed is {listed(GROUPINGS)}.")
    prepared = parameter_draws(model, draws, seed)
    utilities, leaders = _utilities(model, prepared.engine, patients, seed)
    features = _features(model, prepared.batch, by)
    flips = float((leading(utilities) != leaders[None, :]).mean())
    rows = []
    for group, columns in features.items():
        gain, changes = _value(utilities, columns)
        rows.append((group, gain.mean(), gain.std(ddof=1) / len(gain) ** 0.5, changes, columns.shape[1] // 2))
    frame = pd.DataFrame(rows, columns=[by, "evppi", "evppi_error", "changes", "numbers"]).set_index(by)
    return VerifyFirst(frame.sort_values("evppi", ascending=False), by, flips, patients, draws, seed)


def _utilities(model: CalibratedModel, engine: DrawEngine, patients: int, seed: int) -> tuple[Array, Array]:
    """Return P(cause acting) of every patient at every draw, (D, patients, causes), and each plug-in leader."""
    rng = np.random.default_rng(seed)
    table = simulate(model, patients, seed)
    contexts = [node.id for node in model.network.contexts]
    findings = [node.id for node in model.network.findings]
    found, leaders = [], []
    for row in table.to_dict("records"):
        entered = contexts + [finding for finding in findings if rng.random() < ANSWERED]
        hard = {str(node): model.network.by_id[str(node)].states.index(row[node]) for node in entered}
        found.append(engine.solve(hard).acting)
        solution = model.engine.solve(hard)
        leaders.append(leading(solution.weights @ model.engine.acting / solution.total))
    return np.stack(found, axis=1), np.array(leaders)


def _features(model: CalibratedModel, batch: ParameterBatch, by: str) -> dict[str, Array]:
    """Return group -> its numbers and their squares on the log scale, standardised, shape (D, 2 * numbers)."""
    name = GROUPINGS[by]
    columns: dict[str, list[Array]] = {}
    for number, drawn in batch.numbers.items():
        record = model.knowledge.record(number)
        if record.kind not in ("mechanism", "share_order"):
            columns.setdefault(name(record), []).append(np.log(np.maximum(drawn, 1e-12)))
    for record in model.knowledge.records_of(model.setting, "share_order"):
        columns.setdefault(name(record), []).append(np.log(batch.shares[record.node]))
    features = {}
    for group, parts in columns.items():
        drawn = np.stack(parts, axis=1)
        spread = drawn.std(0)
        drawn = (drawn - drawn.mean(0)) / np.where(spread > 0, spread, 1)
        features[group] = np.concatenate([drawn, drawn**2 - 1], axis=1)
    return features


def _value(utilities: Array, features: Array) -> tuple[Array, float]:
    """Return (gain of each patient, share of draws and patients whose leader the group would change)."""
    draws, patients, causes = utilities.shape
    flat = utilities.reshape(draws, -1)
    half = np.arange(draws) % 2 == 0
    gain, changes = np.zeros(patients), 0.0
    for train, test in ((half, ~half), (~half, half)):
        mean = flat[train].mean(0)
        x = features[train]
        shrink = x.shape[1] * np.eye(x.shape[1])  # more numbers than draws can tell apart are shrunk towards none
        slopes = np.linalg.solve(x.T @ x + shrink, x.T @ (flat[train] - mean))
        fitted = (mean + features[test] @ slopes).reshape(-1, patients, causes)
        best = leading(mean.reshape(patients, causes))
        chosen = leading(fitted)
        actual = utilities[test]
        picked = np.take_along_axis(actual, chosen[..., None], axis=2)[..., 0]
        fixed = np.take_along_axis(actual, np.broadcast_to(best[None, :, None], (*chosen.shape, 1)), axis=2)[..., 0]
        gain += (picked - fixed).mean(0) / 2
        changes += float((chosen != best).mean()) / 2
    return gain, changes
