"""Is one method better than another on the same cases? A bootstrap over patients, and an exact test of who is right."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from model.errors import EvidenceError
from model.network.cpt import Array


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
