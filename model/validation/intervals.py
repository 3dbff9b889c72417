"""How sure is a count: intervals of a proportion and of a difference, and whether one method beats another by chance.

The interval of k of n is that of Wilson (1927): with p = k / n,
(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n).

>>> [round(bound, 3) for bound in wilson_interval(5, 10)]
[0.237, 0.763]
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

from model.errors import EvidenceError
from model.network import Array

Z95 = 1.959963984540054  # the normal distribution holds 95 % within so many standard deviations


def wilson_interval(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927), by default the 95 % one.

    >>> [round(bound, 2) for bound in wilson_interval(18, 20)]
    [0.7, 0.97]
    """
    if trials == 0:
        return 0.0, 1.0
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    # at the ends the formula gives exactly 0 and 1 but for rounding
    return (centre - half if successes else 0.0), (centre + half if successes < trials else 1.0)


def difference_interval(one: int, of_one: int, other: int, of_other: int) -> tuple[float, float]:
    """Return the 95 % interval of one / of_one - other / of_other (Newcombe 1998, method 10), for separate groups.

    >>> [round(bound, 4) for bound in difference_interval(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    p, q = one / of_one, other / of_other
    (p_low, p_high), (q_low, q_high) = wilson_interval(one, of_one), wilson_interval(other, of_other)
    below, above = sqrt((p - p_low) ** 2 + (q_high - q) ** 2), sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q - below, p - q + above


@dataclass(frozen=True)
class Difference:
    """A mean difference over cases with its 95 % percentile interval (Efron and Tibshirani 1993)."""

    mean: float
    low: float
    high: float


def paired_bootstrap(
    differences: Array, patient: NDArray[np.intp], replicates: int = 5000, seed: int = 0
) -> Difference:
    """Return the mean of the paired differences and its interval over resampled patients.

    differences : (n,), one a case;  patient : (n,), two cases of one person are drawn together
    raises      : EvidenceError for fewer than 100 replicates or no case.
    """
    if replicates < 100:
        raise EvidenceError(f"paired_bootstrap: expected 100 replicates or more, got {replicates}.")
    if not len(differences):
        raise EvidenceError("paired_bootstrap: expected one case or more, got none.")
    people, index = np.unique(patient, return_inverse=True)
    total, count = np.bincount(index, differences), np.bincount(index)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(people), size=(replicates, len(people)))
    means = total[drawn].sum(1) / count[drawn].sum(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Difference(float(np.mean(differences)), float(low), float(high))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p of McNemar (1947): cases that only the first, or only the second method got right.

    >>> [round(mcnemar(*pair), 3) for pair in ((6, 0), (9, 1), (7, 1))]
    [0.031, 0.021, 0.07]
    """
    n, fewer = only_first + only_second, min(only_first, only_second)
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)
