"""Scores of a forecast against what was true, one number a case. Lower is better for the log and Brier scores.

The multiclass scores ask which single cause is behind the count and take the attribution shares, which sum to one; the
multilabel scores ask of each cause whether it acts and take the marginals. Both kinds are strictly proper (Brier 1950;
Good 1952; Gneiting and Raftery 2007): no other numbers than the forecaster's own do better on average.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.network import Array

FLOOR = 1e-9  # a forecast of zero for what happened costs this much, not infinity


def ranks(scores: Array, truth: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the place of the true cause, 1 is first, shape (n,). Of causes with the same score the earlier goes first.

    scores : (n, C);  truth : (n,), positions
    """
    own = np.take_along_axis(scores, truth[:, None], axis=1)
    earlier = np.arange(scores.shape[1]) < truth[:, None]
    return 1 + (scores > own).sum(1) + ((scores == own) & earlier).sum(1)


def best_rank(scores: Array, accepted: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the place of the best placed accepted cause, shape (n,). accepted : (n, C), at least one in each row."""
    each = np.stack([ranks(scores, np.full(len(scores), cause)) for cause in range(scores.shape[1])], axis=1)
    return np.where(accepted, each, scores.shape[1] + 1).min(1)


def log_score(shares: Array, truth: NDArray[np.intp]) -> Array:
    """Return -ln share of the true cause, in nats, shape (n,)."""
    return -np.log(np.maximum(np.take_along_axis(shares, truth[:, None], axis=1)[:, 0], FLOOR))


def brier(shares: Array, truth: NDArray[np.intp]) -> Array:
    """Return sum over causes of (share - [is the true cause])^2, 0 to 2, shape (n,)."""
    return ((shares - np.eye(shares.shape[1])[truth]) ** 2).sum(1)


def multilabel_log(probabilities: Array, acting: NDArray[np.bool_]) -> Array:
    """Return the mean over causes of -ln P(what each cause did), in nats, shape (n,)."""
    right = np.where(acting, probabilities, 1 - probabilities)
    return -np.log(np.maximum(right, FLOOR)).mean(1)


def multilabel_brier(probabilities: Array, acting: NDArray[np.bool_]) -> Array:
    """Return the mean over causes of (P(acting) - [acting])^2, 0 to 1, shape (n,)."""
    return ((probabilities - acting) ** 2).mean(1)


def concordance(scores: Array, positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive case scores above a negative one, ties halved (area under the ROC curve).

    scores, positive : (n,). NaN when either group is empty.
    """
    high, low = scores[positive], scores[~positive]
    if not len(high) or not len(low):
        return float("nan")
    return float(((high[:, None] > low).mean() + (high[:, None] >= low).mean()) / 2)


def entropy(shares: Array) -> Array:
    """Return -sum share ln share over ln C, shape (n,): 0 is certain of one cause, 1 knows nothing."""
    safe = np.maximum(shares, 1e-300)
    return -(shares * np.log(safe)).sum(1) / np.log(shares.shape[1])
