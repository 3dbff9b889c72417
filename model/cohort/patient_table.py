"""A table of patients: columns named after nodes, one patient a row, turned into coded columns, a scope and posteriors.

A column is read by its distinct cells, each by the one rule for cells, ``read_cell``, and then by the same
``read_evidence`` and ``check_scope`` as a single patient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.cohort.header import Header, ReadColumn, checked_header
from model.cohort.medicine_rows import MedicineRows
from model.cohort.repeated_ids import RepeatedIds
from model.errors import EvidenceError, ImpossibleEvidence, ModelError, OutOfScope, TableError
from model.evidence import Evidence, bands_of_guards, check_scope, read_cell, read_evidence
from model.evidence.medicine import MEDICINES
from model.inference import Engine
from model.inference.batch import UNOBSERVED, BatchEngine, Column
from model.inference.patterns import Codes, distinct
from model.knowledge import Knowledge
from model.late import pd

CHUNK = 1 << 16  # rows read at once
UNREADABLE = -2


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


def posterior_batch(
    model: CalibratedModel, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True
) -> pd.DataFrame:
    """Return p_<cause> for every row of `frame`, with `scope` and `scope_reason`, on the same index.

    frame  : columns as ``read_header`` reads them, cells as ``read_cell`` does; other columns are not read. What was
             read as which node in which unit stands in ``attrs["read"]`` of the result, what was not in
             ``attrs["not_read"]``, and what else to know, such as an id that stands twice, in ``attrs["warnings"]``;
             words of earlier versions stand there, and alone in ``attrs["notices"]``.
    scope  : in, near, refused (out of scope), invalid (a cell cannot be read), impossible (findings that clash), or
             unchecked when `scope` is False. Refused, invalid and impossible rows have no probabilities but a reason.
    raises : TableError when this is no DataFrame or its columns cannot be taken as they stand; EvidenceError for
             another word in `outside`.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TableError(f"Table: expected a DataFrame, got {type(frame).__name__}.")
    knowledge, engine = model.knowledge, model.engine
    check_scope(knowledge, read_evidence(knowledge, {}), outside)
    header = checked_header(knowledge, frame.columns)
    batch, known = BatchEngine(engine), engine.network.cardinality
    notices: dict[str, None] = {}
    probabilities = np.full((len(frame), len(engine.network.causes)), np.nan)
    verdict, reason = np.full(len(frame), "in" if scope else "unchecked", object), np.full(len(frame), "", object)
    for start in range(0, len(frame), CHUNK):
        rows = slice(start, min(start + CHUNK, len(frame)))
        table = ReadTable(
            knowledge, header.columns, [frame.iloc[rows, column.place] for column in header.columns], rows
        )
        notices |= table.notices
        table.mark_unreadable(verdict[rows], reason[rows])
        if scope:
            table.mark_scope(verdict[rows], reason[rows], outside)
        asked = np.flatnonzero((verdict[rows] != "invalid") & (verdict[rows] != "refused"))
        columns = {node: column.part(asked) for node, column in table.columns().items() if node in known}
        acting, total = batch.score(columns, len(asked))
        acting[total <= 0] = np.nan
        probabilities[start + asked] = acting
        for row, sentence in _clashes(engine, columns, np.flatnonzero(total <= 0)):
            verdict[start + asked[row]], reason[start + asked[row]] = "impossible", sentence
    found = pd.DataFrame(probabilities, frame.index, [f"p_{cause.id}" for cause in engine.network.causes])
    found = found.assign(scope=verdict, scope_reason=reason)
    found.attrs.update(_outcome(header, frame, notices))
    return found


def _outcome(header: Header, frame: pd.DataFrame, notices: Iterable[str]) -> dict[str, list[str]]:
    """Return what was read, what was not, and what else to know, each as a list of sentences or columns."""
    ids = RepeatedIds(list(frame.columns), header.nodes.values())
    ids.add_columns([frame.iloc[:, place].dropna().astype(str).tolist() for place in ids.places])
    return {
        "read": list(map(str, header.columns)), "not_read": list(map(str, header.unread)),
        "warnings": [*ids.sentences(), *notices], "notices": list(notices),
    }  # fmt: skip


class ReadTable:
    """The columns of one chunk, read. `read` holds each node's cells, `count` the rows, `notices` the old words met."""

    def __init__(self, knowledge: Knowledge, columns: Sequence[ReadColumn], cells: Sequence[pd.Series], rows: slice):
        self.knowledge = knowledge
        self.count = rows.stop - rows.start
        self.names = {column.node: column.cells_of for column in columns}
        self.notices: dict[str, None] = {}
        self.naming: dict[str, set[int]] = {}  # column -> its distinct cells that name medicines
        self.sexes = knowledge.nodes["sex"].states if any(column.node == "sex" for column in columns) else ()
        self.read: dict[str, Cells] = {
            column.node: self._cells(column, series) for column, series in zip(columns, cells, strict=True)
        }
        for guard, band in bands_of_guards(knowledge).items():
            if guard in self.read or band in self.read:
                self.read |= self._together(guard, band)
        self.sex = np.zeros(self.count, np.intp)
        if self.sexes:
            self.sex = np.maximum(self.level("sex"), UNOBSERVED) + 1
        self.named = MedicineRows(knowledge, self) if self.naming else None
        self.notices |= self.named.notices if self.named else {}

    def columns(self) -> dict[str, Column]:
        """Return the coded columns; only for rows without an unreadable cell."""
        columns = {node: Column(self.level(node), cells.soft) for node, cells in self.read.items()}
        return columns | (self.named.columns if self.named else {})

    def mark_unreadable(self, verdict: np.ndarray, reason: np.ndarray) -> None:
        """Refuse rows with a cell that cannot be read, with the sentence of every such cell."""
        for node, cells in self.read.items():
            if not (cells.levels == UNREADABLE).any():
                continue
            wrong = np.flatnonzero(self.level(node) == UNREADABLE)
            sentences = cells.errors[cells.codes[wrong], self.sex[wrong] % cells.errors.shape[1]]
            again = verdict[wrong] == "invalid"
            reason[wrong] = np.where(again, reason[wrong] + " ", "") + sentences
            verdict[wrong] = "invalid"
        for row, sentence in (self.named.contradictions if self.named else {}).items():
            reason[row] = f"{reason[row]} {sentence}".strip() if verdict[row] == "invalid" else sentence
            verdict[row] = "invalid"

    def mark_scope(self, verdict: np.ndarray, reason: np.ndarray, outside: str) -> np.ndarray:
        """Put the verdict of the scope guard on every row that could be read; return the rule it came from, (n,)."""
        rules = self.knowledge.scope
        ruled = np.full(self.count, "", object)
        ruling = {rule.node for rule in rules} | _conditions(self.knowledge)
        nodes = [node for node in self.read if node in ruling]
        if self.named and ruling & self.named.implied:
            nodes = [*nodes, *(node for node in self.naming if node not in nodes)]
        rows = np.flatnonzero(verdict != "invalid")
        keys = np.zeros(len(rows), np.intp)
        for node in nodes:
            levels = self.level(node)[rows] + 1
            size = levels.max(initial=0) + 1
            keys = distinct(keys * size + levels, len(rows) * size)[1]
        for alike in (rows[keys == key] for key in np.unique(keys)):
            try:
                answer = check_scope(self.knowledge, self._evidence(alike[0], nodes), outside)
            except OutOfScope as error:
                verdict[alike], ruled[alike] = "refused", error.rule
                worst = next(rule.node for rule in rules if rule.rule == error.rule)
                codes = self.read[worst].codes if worst in self.read else np.zeros(self.count, np.intp)
                for code in np.unique(codes[alike]):
                    same = alike[codes[alike] == code]
                    reason[same] = self._refusal(same[0], nodes, outside)
            else:
                verdict[alike], ruled[alike] = answer.verdict, answer.rule
                reason[alike] = answer.reason if answer.verdict == "near" else ""
        return ruled

    def unreadable(self, node: str) -> Counter[tuple[str, str]]:
        """Return (cell as written, sentence) -> rows for the cells of a node that cannot be read."""
        cells = self.read[node]
        rows = np.flatnonzero(self.level(node) == UNREADABLE)
        sentences = cells.errors[cells.codes[rows], self.sex[rows] % cells.errors.shape[1]]
        places = cells.codes[rows].tolist()
        return Counter((str(cells.cells[place]), said) for place, said in zip(places, sentences.tolist(), strict=True))

    def _refusal(self, row: int, nodes: Sequence[str], outside: str) -> str:
        try:
            check_scope(self.knowledge, self._evidence(row, nodes), outside)
        except OutOfScope as error:
            return str(error)
        raise AssertionError("rows alike in every rule have the same verdict")

    def _evidence(self, row: int, nodes: Sequence[str]) -> Evidence:
        wanted = [*nodes, "sex"] if self.sexes and "sex" not in nodes else nodes
        cells = {self.names[node]: self.read[node].values[self.read[node].codes[row]] for node in wanted}
        return read_evidence(self.knowledge, cells)

    def level(self, node: str) -> Codes:
        """Return the level of a node in every row, as in :class:`Cells`, (n,)."""
        cells = self.read[node]
        return cells.levels[cells.codes, self.sex if cells.levels.shape[1] > 1 else 0]

    def _cells(self, column: ReadColumn, series: pd.Series) -> Cells:
        """Read every distinct cell of a column, and again for each sex where it cannot be read without."""
        node, name = column.node, column.cells_of
        codes, cells = _distinct_cells(series)
        values: list[object] = []
        states = 0 if node == MEDICINES else len(self.knowledge.nodes[node].states)
        soft: dict[tuple[float, ...], int] = {}
        sexes = ({}, *({"sex": sex} for sex in self.sexes if node != "sex"))
        levels, errors = np.full((len(cells), len(sexes)), UNOBSERVED), np.full((len(cells), len(sexes)), "", object)
        for place, cell in enumerate(cells):
            try:
                values.append(read_cell(self.knowledge, name, cell, column.header_unit, column.quantity))
            except EvidenceError as error:
                values.append(None)
                levels[place], errors[place] = UNREADABLE, str(error)
            if values[place] is None:
                continue
            for sex, given in enumerate(sexes):
                if sex and levels[place, 0] != UNREADABLE:
                    levels[place, sex] = levels[place, 0]
                    continue
                try:
                    evidence = read_evidence(self.knowledge, {name: values[place], **given})
                except (EvidenceError, ImpossibleEvidence) as error:
                    levels[place, sex], errors[place, sex] = UNREADABLE, str(error)
                else:
                    levels[place, sex] = self._code(evidence, node, states, soft)
                    if evidence.medicines:
                        self.naming.setdefault(node, set()).add(place)
                        levels[place, sex] = place if node == MEDICINES else levels[place, sex]
                    else:
                        self.notices |= dict.fromkeys(evidence.notices)
        if len(sexes) > 1 and (levels == levels[:, :1]).all() and (errors == errors[:, :1]).all():
            levels, errors = levels[:, :1], errors[:, :1]
        return Cells(codes, cells, values, levels, errors, np.array(list(soft)) if soft else None)

    def _together(self, guard: str, band: str) -> dict[str, Cells]:
        """Read a guard and the context that follows from its number by the distinct pairs of their cells."""
        sides = [self.read.get(node) for node in (guard, band)]
        width = len(sides[1].cells) if sides[1] else 1
        codes = [side.codes if side else np.zeros(self.count, np.intp) for side in sides]
        pairs, rows = np.unique(codes[0] * width + codes[1], return_inverse=True)
        places = pairs // width, pairs % width
        given = [
            {
                self.names.get(node, node): side.values[place]
                for node, side, place in zip((guard, band), sides, pair, strict=True)
                if side and side.levels[place, 0] != UNREADABLE
            }
            for pair in zip(*places, strict=True)
        ]
        found = {}
        for node, side, at in zip((guard, band), sides, places, strict=True):
            soft: dict[tuple[float, ...], int] = {}
            levels, errors = np.full((len(pairs), 1), UNOBSERVED), np.full((len(pairs), 1), "", object)
            values = [entries.get(self.names.get(node, node)) for entries in given]
            for place, entries in enumerate(given):
                if side and side.levels[at[place], 0] == UNREADABLE:
                    levels[place], errors[place] = UNREADABLE, side.errors[at[place], 0]
                    continue
                try:
                    evidence = read_evidence(self.knowledge, entries)
                except EvidenceError as error:  # the two contradict each other
                    if node == band:
                        levels[place], errors[place] = UNREADABLE, str(error)
                else:
                    levels[place] = self._code(evidence, node, len(self.knowledge.nodes[node].states), soft)
                    values[place] = evidence.given.get(node)
            cells = [side.cells[code] if side else None for code in at]
            known = np.array(list(soft)) if soft else None
            found[node] = Cells(rows.reshape(-1).astype(np.intp), cells, values, levels, errors, known)
            self.names.setdefault(node, node)
        return found

    def _code(self, evidence: Evidence, node: str, states: int, soft: dict[tuple[float, ...], int]) -> int:
        if node in evidence.hard:
            return evidence.hard[node]
        if node in evidence.soft:
            return states + soft.setdefault(evidence.soft[node], len(soft))
        value = evidence.guards.get(node)
        if isinstance(value, str):
            return self.knowledge.nodes[node].states.index(value)
        if value is None:
            return UNOBSERVED
        bounds = {bound for rule in self.knowledge.scope if rule.node == node for bound in (rule.low, rule.high)}
        return sum(bound is not None and value >= bound for bound in bounds)


def _conditions(knowledge: Knowledge) -> set[str]:
    """Return the nodes that rules of the scope guard name as a further condition, such as ``fever=present``."""
    return {rule.state.partition("=")[0] for rule in knowledge.scope if "=" in rule.state}


def _distinct_cells(series: pd.Series) -> tuple[Codes, list[object]]:
    """Return (per row the place of its cell, the distinct cells with None for blank ones)."""
    if series.dtype == object and pd.api.types.infer_dtype(series) != "string":
        codes, cells = _distinct_objects(series.tolist())
    else:
        codes, values = pd.factorize(series)
        cells = list(values.tolist())
    cells = [None if _blank(cell) else cell for cell in cells]
    return np.where(codes < 0, len(cells), codes).astype(np.intp), [*cells, None]


def _distinct_objects(cells: Sequence[object]) -> tuple[Codes, list[object]]:
    """As ``pd.factorize``, but what is equal and not the same, such as 1, 1.0 and True, stays apart."""
    places: dict[object, int] = {}
    found: list[object] = []
    codes = np.empty(len(cells), np.intp)
    for row, cell in enumerate(cells):
        if _blank(cell):
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


def _blank(cell: Any) -> bool:
    return not cell.strip() if isinstance(cell, str) else bool(np.ndim(cell) == 0 and pd.isna(cell))


def _clashes(engine: Engine, columns: Mapping[str, Column], rows: Codes) -> Iterable[tuple[int, str]]:
    """Yield (row, sentence naming a smallest set of entries that clash) for rows that are impossible."""
    while len(rows):
        hard, soft = {}, {}
        for node, column in columns.items():
            code, states = int(column.codes[rows[0]]), engine.network.cardinality[node]
            if column.soft is not None and code >= states:
                soft[node] = tuple(column.soft[code - states].tolist())
            elif code >= 0:
                hard[node] = code
        try:
            engine.possible(hard, soft)
            raise ModelError(f"Row {rows[0]}: the batch and the single engine disagree on what is possible.")
        except ImpossibleEvidence as error:
            same = np.ones(len(rows), bool)
            for node in error.clash:
                same &= columns[node].codes[rows] == columns[node].codes[rows[0]]
            for row in rows[same]:
                yield int(row), str(error)
            rows = rows[~same]
