"""Many patients at once, exactly: for each row, the sum over the strata that it leaves open.

>>> from model.network.toy import toy
>>> acting, total = BatchEngine(Engine(toy())).score({"sign": Column(np.array([UNOBSERVED, 0, 1]))}, 3)
>>> acting.round(3).tolist(), total.round(2).tolist()  # as one by one: nothing entered, sign absent, sign present
([[0.526, 0.526], [0.0, 1.0], [1.0, 0.1]], [0.19, 0.09, 0.1])
"""

from __future__ import annotations

import numpy as np

from model.inference.columns import UNOBSERVED, Column, Columns, paired_columns
from model.inference.engine import Engine
from model.inference.stratum_batch import StratumBatch
from model.network import Array

__all__ = ["UNOBSERVED", "BatchEngine", "Column", "Columns"]


class BatchEngine:
    """Scores columns of coded entries with the tables of an :class:`~model.inference.Engine`; safe to share."""

    def __init__(self, engine: Engine):
        self.engine, self.network = engine, engine.network
        self.strata = tuple(StratumBatch(stratum) for stratum in engine.strata)

    def score(self, columns: Columns, count: int) -> tuple[Array, Array]:
        """Return (P(cause acting | row), (count, causes), in the network's order; P(row, low count), (count,)).

        Rows whose entries are impossible together have total 0 and probabilities 0.
        Cost: linear in the rows, times the strata that a row leaves open; memory beyond that is one chunk's.
        """
        columns = paired_columns(self.network.pairs, columns)
        cutset = self.engine.cutset
        entries = {node: column for node, column in columns.items() if node not in cutset}
        sums = np.zeros((count, 1 + len(self.network.causes)))
        for codes, prior, stratum in zip(self.engine.stratum_codes, self.engine.prior, self.strata, strict=True):
            weight = np.full(count, prior)
            for context, code in zip(cutset, codes, strict=True):
                if context in columns:
                    column = columns[context]
                    weight *= column.levels(self.network.cardinality[context])[column.codes + 1, code]
            rows = np.flatnonzero(weight)
            if len(rows) == count:
                sums += weight[:, None] * stratum.sums_of(entries, count)
            elif len(rows):
                part = {node: column.part(rows) for node, column in entries.items()}
                sums[rows] += weight[rows, None] * stratum.sums_of(part, len(rows))
        total, weights = sums[:, 0], sums[:, 1:]
        acting = np.divide(weights, total[:, None], out=np.zeros_like(weights), where=total[:, None] > 0)
        return np.minimum(acting, 1.0, out=acting), total.copy()  # rounding must not carry a certainty past one
