"""Log-odds, and the deciban in which weights of evidence are given (Good 1985)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DECIBANS = 10 / np.log(10).item()  # decibans in a nat: a weight of 10 multiplies the odds by ten
EDGE = 1e-12  # how near a probability comes to 0 or 1 before it is held there


def log_odds(probability: Any, edge: float = EDGE) -> Any:
    """Return ln p / (1 - p), in nats, of a number or an array.

    edge : a probability nearer to 0 or 1 than this is taken as this far away; 0 lets certainty be infinite

    >>> log_odds(0.5), round(DECIBANS * log_odds(10 / 11), 9)
    (0.0, 10.0)
    """
    held = np.clip(probability, edge, 1 - edge)
    odds = np.log(held) - np.log1p(-held)
    return odds if isinstance(probability, np.ndarray) else float(odds)


def probability_at(odds: Any) -> Any:
    """Return the probability whose log-odds these are, in nats, of a number or an array.

    >>> round(float(probability_at(10 / DECIBANS)), 9)  # 10 to 1
    0.909090909
    """
    return 1 / (1 + np.exp(-odds))
