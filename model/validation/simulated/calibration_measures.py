"""Do probabilities mean what they say: calibration in the large, slope, reliability, and uniformity of ranks.

References: Cox 1958 (recalibration); Spiegelhalter 1986 (z of the Brier score); Dawid 1984 and Czado, Gneiting and Held
2009 (probability integral transform, randomised for discrete outcomes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.late import pd
from model.log_odds import log_odds
from model.network import Array
from model.validation.intervals import wilson_interval

Outcomes = NDArray[np.bool_]
STEPS = 50


@dataclass(frozen=True)
class Calibration:
    """Predictions against outcomes; every z is standard normal when the predictions are perfect.

    expected, observed : mean prediction, share of outcomes;  large_z : of their difference
    slope, intercept   : of logit(outcome) on logit(prediction), 1 and 0 when perfect, each with its z
    brier, brier_z     : mean squared error, and Spiegelhalter's z of it
    """

    expected: float
    observed: float
    large_z: float
    slope: float
    slope_z: float
    intercept: float
    intercept_z: float
    brier: float
    brier_z: float


def calibration(p: Array, y: Outcomes) -> Calibration:
    """Return how well predictions `p`, shape (n,), fit outcomes `y`; n large enough for normal z."""
    variance = p * (1 - p)
    large = float((y - p).sum() / np.sqrt(variance.sum()))
    tilt = 1 - 2 * p
    brier_z = float(((y - p) * tilt).sum() / np.sqrt((tilt**2 * variance).sum()))
    (intercept, slope), (intercept_se, slope_se) = recalibration(p, y)
    return Calibration(
        float(p.mean()), float(y.mean()), large, slope, (slope - 1) / slope_se, intercept, intercept / intercept_se,
        float(((y - p) ** 2).mean()), brier_z,
    )  # fmt: skip


def recalibration(p: Array, y: Outcomes) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return ((intercept, slope), their standard errors) of the logistic regression of y on logit p, by Newton."""
    x = np.column_stack([np.ones_like(p), log_odds(p)])
    beta = np.array([0.0, 1.0])
    information = np.eye(2)
    for _ in range(STEPS):
        fitted = 1 / (1 + np.exp(-x @ beta))
        information = x.T @ (x * (fitted * (1 - fitted))[:, None])
        step = np.linalg.solve(information, x.T @ (y - fitted))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    error = np.sqrt(np.diag(np.linalg.inv(information)))
    return (float(beta[0]), float(beta[1])), (float(error[0]), float(error[1]))


def reliability(p: Array, y: Outcomes, bins: int = 10) -> pd.DataFrame:
    """Return equally many predictions per bin: columns bin, patients, expected, observed, low, high (Wilson 95 %)."""
    rows = []
    for number, members in enumerate(np.array_split(np.argsort(p, kind="stable"), bins)):
        hits = int(y[members].sum())
        low, high = wilson_interval(hits, len(members))
        rows.append({"bin": number, "patients": len(members), "expected": float(p[members].mean()),
                     "observed": hits / len(members), "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(rows)


def randomised_pit(p: Array, y: Outcomes, rng: np.random.Generator) -> Array:
    """Return the randomised probability integral transform: uniform when y ~ Bernoulli(p)."""
    uniform = rng.random(len(p))
    return np.where(y, 1 - p + uniform * p, uniform * (1 - p))


@dataclass(frozen=True)
class Uniformity:
    """Are numbers in [0, 1] uniform.

    counts : per bin of equal width;  chi_square_p : of Pearson's test;  ks_p : of Kolmogorov and Smirnov's
    shape  : variance over that of a uniform, 1 when uniform; above 1 the ends are too full (draws too narrow)
    """

    counts: tuple[int, ...]
    chi_square_p: float
    ks_p: float
    shape: float


def uniformity(u: Array, bins: int = 20) -> Uniformity:
    """Return how uniform `u`, shape (n,), is; n at least five times the bins."""
    from scipy.stats import chisquare, kstest

    counts = np.bincount(np.minimum((u * bins).astype(int), bins - 1), minlength=bins)
    return Uniformity(
        tuple(counts.tolist()),
        float(chisquare(counts).pvalue),
        float(kstest(u, "uniform").pvalue),
        float(((u - 0.5) ** 2).mean() * 12),
    )
