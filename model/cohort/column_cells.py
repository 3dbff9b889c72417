"""The cells of one column of a table of patients, read once for each distinct cell and kept for the rows that follow.

Each cell is read by the one rule for cells, ``read_cell``, and then by the same ``read_evidence`` as a single patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.cohort.header import ReadColumn
from model.errors import EvidenceError, ImpossibleEvidence
from model.evidence import Evidence, read_cell, read_evidence
from model.inference.batch import UNOBSERVED
from model.inference.patterns import Codes
from model.knowledge import Knowledge
from model.late import pd

UNREADABLE = -2
MOST_KEPT = 1 << 15  # distinct cells of a column that are kept, so that memory does not grow with the table


@dataclass(frozen=True)
class Cells:
    """One column, by its distinct cells.

    codes   : (n,), which distinct cell stands in each row;  cells : the distinct cells, and None at the end for blank
    values  : what ``read_evidence`` takes for each of them, None where it is not assessed
    levels  : (cells, sexes), the state index, K + i for row i of `soft`, UNOBSERVED or UNREADABLE; of a guard, its rank
              among the bounds of the scope rules
    errors  : (cells, sexes), the sentence where unreadable;  soft : (m, K)
    """

    codes: Codes
    cells: Sequence[object]
    values: Sequence[object]
    levels: Codes
    errors: np.ndarray
    soft: np.ndarray | None


@dataclass(frozen=True, slots=True)
class _OneCell:
    """One cell, read: for each sex a level, a likelihood or the sentence why not."""

    value: object
    found: tuple[int | tuple[float, ...] | str, ...]


class ColumnCells:
    """Reads one column, again for each of `sexes` where a cell cannot be read without."""

    def __init__(self, knowledge: Knowledge, column: ReadColumn, sexes: Sequence[str]):
        self.knowledge, self.column = knowledge, column
        self.given: tuple[Mapping[str, str], ...] = ({},)
        if column.node != "sex":
            self.given += tuple({"sex": sex} for sex in sexes)
        self.states = len(knowledge.nodes[column.node].states)
        bounds = {bound for rule in knowledge.scope if rule.node == column.node for bound in (rule.low, rule.high)}
        self.bounds = [bound for bound in bounds if bound is not None]
        self.kept: dict[object, _OneCell] = {}

    def read(self, series: pd.Series) -> Cells:
        """Return the cells of some rows."""
        codes, cells = _distinct_cells(series)
        values: list[object] = []
        soft: dict[tuple[float, ...], int] = {}
        levels = np.full((len(cells), len(self.given)), UNOBSERVED)
        errors = np.full((len(cells), len(self.given)), "", object)
        for place, cell in enumerate(cells):
            one = self._one(cell)
            values.append(one.value)
            for sex, found in enumerate(one.found):
                if isinstance(found, str):
                    levels[place, sex], errors[place, sex] = UNREADABLE, found
                elif isinstance(found, tuple):
                    levels[place, sex] = self.states + soft.setdefault(found, len(soft))
                else:
                    levels[place, sex] = found
        if len(self.given) > 1 and (levels == levels[:, :1]).all() and (errors == errors[:, :1]).all():
            levels, errors = levels[:, :1], errors[:, :1]
        return Cells(codes, cells, values, levels, errors, np.array(list(soft)) if soft else None)

    def _one(self, cell: object) -> _OneCell:
        if not isinstance(cell, str):
            return self._as_read(cell)
        found = self.kept.get(cell)
        if found is None:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            found = self.kept[cell] = self._as_read(cell)
        return found

    def _as_read(self, cell: object) -> _OneCell:
        try:
            value = read_cell(self.knowledge, self.column.node, cell, self.column.header_unit, self.column.quantity)
        except EvidenceError as error:
            return _OneCell(None, (str(error),) * len(self.given))
        if value is None:
            return _OneCell(None, (UNOBSERVED,) * len(self.given))
        first = self._level(value, self.given[0])
        others = (self._level(value, given) if isinstance(first, str) else first for given in self.given[1:])
        return _OneCell(value, (first, *others))

    def _level(self, value: object, given: Mapping[str, str]) -> int | tuple[float, ...] | str:
        """Return the level of a cell, its likelihood, or why it cannot be read."""
        node = self.column.node
        try:
            evidence: Evidence = read_evidence(self.knowledge, {node: value, **given})
        except (EvidenceError, ImpossibleEvidence) as error:
            return str(error)
        if node in evidence.hard:
            return evidence.hard[node]
        if node in evidence.soft:
            return evidence.soft[node]
        guard = evidence.guards.get(node)
        if isinstance(guard, str):
            return self.knowledge.nodes[node].states.index(guard)
        return UNOBSERVED if guard is None else sum(guard >= bound for bound in self.bounds)


def _distinct_cells(series: pd.Series) -> tuple[Codes, list[object]]:
    """Return (per row the place of its cell, the distinct cells with None for blank ones)."""
    if series.dtype == object and pd.api.types.infer_dtype(series) != "string":
        codes, cells = _distinct_objects(series.tolist())
    else:
        codes, values = pd.factorize(series)
        cells = list(values.tolist())
    cells = [None if blank_cell(cell) else cell for cell in cells]
    return np.where(codes < 0, len(cells), codes).astype(np.intp), [*cells, None]


def _distinct_objects(cells: Sequence[object]) -> tuple[Codes, list[object]]:
    """As ``pd.factorize``, but what is equal and not the same, such as 1, 1.0 and True, stays apart."""
    places: dict[object, int] = {}
    found: list[object] = []
    codes = np.empty(len(cells), np.intp)
    for row, cell in enumerate(cells):
        if blank_cell(cell):
            codes[row] = -1
            continue
        try:
            place = places.setdefault((type(cell), cell, "" if isinstance(cell, str) else repr(cell)), len(found))
        except TypeError:  # cannot be hashed, such as a likelihood: every cell for itself
            place = len(found)
        if place == len(found):
            found.append(cell)
        codes[row] = place
    return codes, found


def blank_cell(cell: Any) -> bool:
    """Say whether nothing stands in a cell: empty, only spaces, or a missing value."""
    return not cell.strip() if isinstance(cell, str) else bool(np.ndim(cell) == 0 and pd.isna(cell))
