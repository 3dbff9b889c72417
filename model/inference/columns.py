"""One node of many patients: coded entries, and the likelihoods among them.

>>> column = Column(np.array([1, UNOBSERVED, 2]), soft=np.array([[0.5, 1.0]]))  # present, not assessed, a likelihood
>>> column.levels(2)[column.codes + 1].tolist()
[[0.0, 1.0], [1.0, 1.0], [0.5, 1.0]]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.inference.pairs import four_states
from model.inference.patterns import Codes, distinct
from model.network import Array, Pair

UNOBSERVED = -1


@dataclass(frozen=True)
class Column:
    """One node of many patients.

    codes : (n,), UNOBSERVED, a state index k < K, or K + i for row i of `soft`
    soft  : (m, K), the distinct likelihoods that occur
    """

    codes: Codes
    soft: Array | None = None

    def part(self, rows: slice | Codes) -> Column:
        """Return the column of these rows."""
        return Column(self.codes[rows], self.soft)

    def levels(self, states: int) -> Array:
        """Return the likelihood of each state for code -1, 0, 1 and so on, (levels, states)."""
        soft = np.empty((0, states)) if self.soft is None else self.soft
        return np.concatenate([np.ones((1, states)), np.eye(states), soft])

    def answered(self, states: int) -> NDArray[np.bool_]:
        """Say which rows name one state."""
        return (self.codes >= 0) & (self.codes < states)


Columns = Mapping[str, Column]


def paired_columns(pairs: Sequence[Pair], columns: Columns) -> Columns:
    """Return the columns, with both findings of a pair moved into a column of the pair in the rows that have both."""
    for pair in pairs:
        if pair.first not in columns or pair.second not in columns:
            continue
        first, second = columns[pair.first], columns[pair.second]
        both = (first.codes != UNOBSERVED) & (second.codes != UNOBSERVED)
        of_first, of_second = first.levels(2), second.levels(2)
        occurring, place = distinct(first.codes[both] * len(of_second) + second.codes[both],
                                    len(of_first) * len(of_second))  # fmt: skip
        likelihood = four_states(*(level[1 + code] for level, code in zip(
            (of_first, of_second), np.divmod(occurring, len(of_second)), strict=True)))  # fmt: skip
        hard = (np.count_nonzero(likelihood, axis=1) == 1) & (likelihood.max(1) == 1)
        codes = np.where(hard, likelihood.argmax(1), 4 + np.cumsum(~hard) - 1)
        column = np.full(len(both), UNOBSERVED)
        column[both] = codes[place]
        columns = {
            **columns,
            pair.first: Column(np.where(both, UNOBSERVED, first.codes), first.soft),
            pair.second: Column(np.where(both, UNOBSERVED, second.codes), second.soft),
            pair.id: Column(column, likelihood[~hard]),
        }
    return columns
