"""Many patients at once, exactly: for each row, the sum over the strata that it leaves open.

>>> from model.network.toy import toy
>>> acting, total = BatchEngine(Engine(toy())).score({"sign": Column(np.array([UNOBSERVED, 0, 1]))}, 3)
>>> acting.round(3).tolist(), total.round(2).tolist()  # as one by one: nothing entered, sign absent, sign present
([[0.526, 0.526], [0.0, 1.0], [1.0, 0.1]], [0.19, 0.09, 0.1])
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.inference.columns import UNOBSERVED, Column, Columns, paired_columns
from model.inference.engine import Engine
from model.inference.patterns import Codes
from model.inference.stratum_batch import StratumBatch
from model.network import Array

__all__ = ["UNOBSERVED", "BatchEngine", "Column", "Columns"]


ROWS = 1 << 15  # at once, before signed rows multiply them
CANCELLED = 1e-5  # of the sum of the signed rows without their signs: below it too many digits are gone


class BatchEngine:
    """Scores columns of coded entries with the tables of an :class:`~model.inference.Engine`; safe to share."""

    def __init__(self, engine: Engine):
        self.engine, self.network = engine, engine.network
        self.strata = tuple(StratumBatch(stratum) for stratum in engine.strata)
        coupled = self.strata[0].tables.above
        self.signed = tuple(f for f in self.network.findings if f.id in coupled and f.contexts and len(f.states) == 2)

    def score(self, columns: Columns, count: int) -> tuple[Array, Array]:
        """Return (P(cause acting | row), (count, causes), in the network's order; P(row, low count), (count,)).

        Rows whose entries are impossible together have total 0 and probabilities 0.
        Cost: linear in the rows, times the strata that a row leaves open; memory beyond that is one chunk's.
        """
        sums = np.empty((count, 1 + len(self.network.causes)))
        for start in range(0, count, ROWS):
            rows = slice(start, min(start + ROWS, count))
            part = {node: column.part(rows) for node, column in columns.items()}
            sums[rows] = self._with_signs(part, rows.stop - start)
        total, weights = sums[:, 0], sums[:, 1:]
        acting = np.divide(weights, total[:, None], out=np.zeros_like(weights), where=total[:, None] > 0)
        return np.minimum(acting, 1.0, out=acting), total.copy()  # rounding must not carry a certainty past one

    def _with_signs(self, columns: Columns, count: int) -> Array:
        """Return the sums of ``_sums``, by signed rows where these are fewer than the configurations to be opened.

        A finding above its lowest state asks for every configuration of the contexts that its background leaves open.
        Its lowest state does not, and P(present) = 1 - P(absent), so a row is the row without the finding less the row
        with its absence (Heckerman's Quickscore 1989). Where that cancels too many digits the row is summed openly.
        """
        opened, chosen = self._opened(columns, count)
        if not chosen.any():
            return self._sums(columns, count)
        sums = np.empty((count, 1 + len(self.network.causes)))
        parent, sign, signed = _signed_rows(columns, np.flatnonzero(chosen), opened)
        each = sign[:, None] * self._sums(signed, len(parent))
        order = np.argsort(parent, kind="stable")
        firsts = np.searchsorted(parent[order], np.flatnonzero(chosen))
        sums[chosen] = np.add.reduceat(each[order], firsts)
        size = np.add.reduceat(np.abs(each[order]), firsts)
        plainly = ~chosen
        plainly[chosen] = (sums[chosen] < CANCELLED * size).any(1)
        rows = np.flatnonzero(plainly)
        if len(rows):
            sums[rows] = self._sums({node: column.part(rows) for node, column in columns.items()}, len(rows))
        return sums

    def _opened(self, columns: Columns, count: int) -> tuple[dict[str, NDArray[np.bool_]], NDArray[np.bool_]]:
        """Return (of each finding in which rows it leaves contexts open, in which rows signs are less work)."""
        opened: dict[str, NDArray[np.bool_]] = {}
        missing: dict[str, NDArray[np.bool_]] = {}
        for finding in self.signed:
            if finding.id not in columns:
                continue
            unknown = {
                context: ~columns[context].answered(self.network.cardinality[context])
                if context in columns else np.ones(count, bool)
                for context in finding.contexts
            }  # fmt: skip
            opened[finding.id] = (columns[finding.id].codes > 0) & np.logical_or.reduce([*unknown.values()])
            for context, where in unknown.items():
                missing[context] = missing.get(context, False) | (opened[finding.id] & where)
        terms = 2.0 ** sum((where.astype(int) for where in opened.values()), np.zeros(count, int))
        splits = np.ones(count)
        for context, where in missing.items():
            splits[where] *= self.network.cardinality[context]
        return opened, (terms > 1) & (terms <= splits)

    def _sums(self, columns: Columns, count: int) -> Array:
        """Return P(row, low count), then P(row, low count, cause acting) of each cause, (count, 1 + causes)."""
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
        return sums


def _signed_rows(
    columns: Columns, rows: Codes, opened: Mapping[str, NDArray[np.bool_]]
) -> tuple[Codes, Array, dict[str, Column]]:
    """Return the rows whose signed sum these rows are: (row each belongs to, its sign, their columns).

    opened : finding of two states -> in which of all rows it is to be multiplied out
    """
    parent, sign = rows, np.ones(len(rows))
    codes = {node: columns[node].codes[rows] for node in opened}
    for node, where in opened.items():
        here = np.flatnonzero(where[parent])
        absent, present = columns[node].levels(2)[codes[node][here] + 1].T
        copies = {other: column[here] for other, column in codes.items()}
        codes[node][here], copies[node] = UNOBSERVED, np.zeros(len(here), np.intp)
        parent, sign = (
            np.concatenate([parent, parent[here]]),
            np.concatenate([sign, sign[here] * (absent - present)]),
        )
        sign[here] *= present
        codes = {other: np.concatenate([column, copies[other]]) for other, column in codes.items()}
    split = {node: column.part(parent) for node, column in columns.items()}
    return parent, sign, split | {node: Column(column, columns[node].soft) for node, column in codes.items()}
