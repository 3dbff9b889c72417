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
from model.evidence.medicine import MEDICINES
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
    values  : what ``read_evidence`` takes for each of them under `name`, None where it is not assessed
    levels  : (cells, sexes), the state index, K + i for row i of `soft`, UNOBSERVED or UNREADABLE; of a guard, its rank
              among the bounds of the scope rules; of medicines, the place of the cell
    errors  : (cells, sexes), the sentence where unreadable;  soft : (m, K)
    naming  : the places of cells that name medicines;  notices : one sentence for each old word in the others
    """

    codes: Codes
    cells: Sequence[object]
    values: Sequence[object]
    levels: Codes
    errors: np.ndarray
    soft: np.ndarray | None
    name: str
    naming: frozenset[int] = frozenset()
    notices: tuple[str, ...] = ()


Found = int | tuple[float, ...] | str  # a level, a likelihood, or the sentence why a cell cannot be read


@dataclass(frozen=True, slots=True)
class _OneCell:
    """One cell, read for each sex; whether it names medicines, and what to say of its words."""

    value: object
    found: tuple[Found, ...]
    naming: bool = False
    notices: tuple[str, ...] = ()


class ColumnCells:
    """Reads one column, again for each of `sexes` where a cell cannot be read without."""

    def __init__(self, knowledge: Knowledge, column: ReadColumn, sexes: Sequence[str]):
        self.knowledge, self.column = knowledge, column
        self.given: tuple[Mapping[str, str], ...] = ({},)
        if column.node != "sex":
            self.given += tuple({"sex": sex} for sex in sexes)
        self.kept: dict[object, _OneCell] = {}

    def read(self, series: pd.Series) -> Cells:
        """Return the cells of some rows."""
        codes, cells = _distinct_cells(series)
        read = [self._one(cell) for cell in cells]
        levels, errors, soft = coded(self.knowledge, self.column.node, [one.found for one in read])
        naming = [place for place, one in enumerate(read) if one.naming]
        if self.column.node == MEDICINES and naming:
            levels[naming] = np.asarray(naming)[:, None]
        if len(self.given) > 1 and (levels == levels[:, :1]).all() and (errors == errors[:, :1]).all():
            levels, errors = levels[:, :1], errors[:, :1]
        values, name = [one.value for one in read], self.column.cells_of
        notices = tuple(dict.fromkeys(notice for one in read for notice in one.notices))
        return Cells(codes, cells, values, levels, errors, soft, name, frozenset(naming), notices)

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
        name = self.column.cells_of
        try:
            value = read_cell(self.knowledge, name, cell, self.column.header_unit, self.column.quantity)
        except EvidenceError as error:
            return _OneCell(None, (str(error),) * len(self.given))
        if value is None:
            return _OneCell(None, (UNOBSERVED,) * len(self.given))
        first = self._evidence({name: value})
        read = [first] * len(self.given)
        if isinstance(first, str):
            read[1:] = [self._evidence({name: value, **sex}) for sex in self.given[1:]]
        found = tuple(each if isinstance(each, str) else level(self.knowledge, self.column.node, each) for each in read)
        known = next((each for each in read if not isinstance(each, str)), None)
        naming = known is not None and bool(known.medicines)
        return _OneCell(value, found, naming, known.notices if known and not naming else ())

    def _evidence(self, entries: Mapping[str, object]) -> Evidence | str:
        """Return the evidence of a cell, or why it cannot be read."""
        try:
            return read_evidence(self.knowledge, entries)
        except (EvidenceError, ImpossibleEvidence) as error:
            return str(error)


def level(knowledge: Knowledge, node: str, evidence: Evidence) -> int | tuple[float, ...]:
    """Return the level of a node as in :class:`Cells`, or its likelihood."""
    if node in evidence.hard:
        return evidence.hard[node]
    if node in evidence.soft:
        return evidence.soft[node]
    value = evidence.guards.get(node)
    if isinstance(value, str):
        return knowledge.nodes[node].states.index(value)
    if value is None:
        return UNOBSERVED
    bounds = {bound for rule in knowledge.scope if rule.node == node for bound in (rule.low, rule.high)}
    return sum(bound is not None and value >= bound for bound in bounds)


def coded(
    knowledge: Knowledge, node: str, found: Sequence[Sequence[Found]]
) -> tuple[Codes, np.ndarray, np.ndarray | None]:
    """Return `levels`, `errors` and `soft` as in :class:`Cells` for what was found in each cell, for each sex."""
    states = len(knowledge.nodes[node].states) if node in knowledge.nodes else 0
    soft: dict[tuple[float, ...], int] = {}
    levels = np.full((len(found), len(found[0]) if found else 1), UNOBSERVED)
    errors = np.full(levels.shape, "", object)
    for place, each in enumerate(found):
        for sex, one in enumerate(each):
            if isinstance(one, str):
                levels[place, sex], errors[place, sex] = UNREADABLE, one
            elif isinstance(one, tuple):
                levels[place, sex] = states + soft.setdefault(one, len(soft))
            else:
                levels[place, sex] = one
    return levels, errors, np.array(list(soft)) if soft else None


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
