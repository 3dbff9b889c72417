"""Two findings that fall together, entered: where both are known they are one entry with four states.

>>> from types import SimpleNamespace
>>> pair = SimpleNamespace(id="both", first="anaemia", second="platelets")
>>> paired([pair], {"anaemia": 1, "platelets": 0, "fever": 1}, {})  # anaemia only, the second of the four
({'fever': 1, 'both': 1}, {})
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.inference.stratum import Hard, Soft
from model.network import Array, Pair


def paired(pairs: Sequence[Pair], hard: Hard, soft: Soft) -> tuple[Hard, Soft]:
    """Return what was entered, with both findings of a pair as one entry of the pair where both were."""
    for pair in pairs:
        if not all(node in hard or node in soft for node in (pair.first, pair.second)):
            continue
        first, second = (_likelihood(node, hard, soft) for node in (pair.first, pair.second))
        hard = {node: state for node, state in hard.items() if node not in (pair.first, pair.second)}
        soft = {node: state for node, state in soft.items() if node not in (pair.first, pair.second)}
        both = four_states(first, second)
        if np.count_nonzero(both) == 1 and both.max() == 1:
            hard[pair.id] = int(both.argmax())
        else:
            soft[pair.id] = tuple(both.tolist())
    return hard, soft


def four_states(first: Array, second: Array) -> Array:
    """Return the likelihood of neither, first only, second only, both, shape (..., 4), from those of two states."""
    return (second[..., :, None] * first[..., None, :]).reshape(*first.shape[:-1], 4)


def _likelihood(node: str, hard: Hard, soft: Soft) -> Array:
    return np.eye(2)[hard[node]] if node in hard else np.asarray(soft[node])
