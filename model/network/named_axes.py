"""Tables whose axes have names: one axis for each context they depend on.

>>> by_sex = np.array([[0.1, 0.2]])  # one more axis after those with names
>>> placed(by_sex.T, ("sex",), ("age", "sex"), after=1).shape
(1, 2, 1)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.network.cpt import Array

Table = tuple[tuple[str, ...], Array]  # the contexts it depends on, and an axis for each; others stand before and after


def placed(table: Array, own: Sequence[str], axes: Sequence[str], after: int = 0) -> Array:
    """Return a table with the named axes `axes`, of length 1 where it has none, so that tables multiply.

    own   : its own named axes, all among `axes`;  after : how many axes without a name follow them
    """
    lead = table.ndim - len(own) - after
    order = sorted(range(len(own)), key=lambda place: axes.index(own[place]))
    table = np.transpose(table, (*range(lead), *(lead + place for place in order), *range(lead + len(own), table.ndim)))
    own_lengths = iter(table.shape[lead : lead + len(own)])
    lengths = [next(own_lengths) if axis in own else 1 for axis in axes]
    return table.reshape((*table.shape[:lead], *lengths, *table.shape[lead + len(own) :]))
