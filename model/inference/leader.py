"""Which cause leads: the likeliest, and of causes that rounding alone tells apart the first in the network's order.

Two causes that are both settled are equally certain, though sums of many terms make one of them 1 and the other
0.9999999999999999. Every analysis asks here, so that none names another leader than the ranking does.

>>> leading(np.array([0.2, 1.0 - 1e-16, 1.0])), leading(np.array([[0.2, 0.3], [0.5, 0.1]])).tolist()
(1, [1, 0])
>>> ranking(np.array([0.2, 1.0 - 1e-16, 1.0])).tolist()
[1, 2, 0]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.cpt import Array

DECIMALS = 9  # probabilities alike to so many are equal


def leading(acting: Array) -> Any:
    """Return the place of the leading cause along the last axis of P(cause acting); an array for several answers."""
    found = np.round(acting, DECIMALS).argmax(-1)
    return int(found) if np.ndim(found) == 0 else found


def ranking(acting: Array) -> NDArray[np.intp]:
    """Return the places of the causes of one answer, the leading one first."""
    return np.argsort(-np.round(acting, DECIMALS), kind="stable")
