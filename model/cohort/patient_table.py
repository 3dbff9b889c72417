"""A table of patients: columns named after nodes, one patient a row, turned into coded columns, a scope and posteriors.

A column is read by its distinct cells (``column_cells``), and each patient then judged by the same ``check_scope`` as a
single one. A row that cannot be read all the same says what its other cells are refused for, emergencies first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.cohort.band_cells import BandCells
from model.cohort.column_cells import UNREADABLE, Cells, ColumnCells, blank_cell
from model.cohort.header import Header, ReadColumn, checked_header
from model.cohort.medicine_rows import MedicineRows
from model.cohort.repeated_ids import RepeatedIds
from model.errors import ImpossibleEvidence, ModelError, OutOfScope, TableError
from model.evidence import Evidence, bands_of_guards, check_scope, read_each, read_evidence
from model.inference import Engine
from model.inference.batch import UNOBSERVED, BatchEngine, Column
from model.inference.patterns import Codes, distinct
from model.knowledge import ScopeRule
from model.late import pd

CHUNK = 1 << 16  # rows read at once
BLANK = "No cell of this row is filled, so it is no patient."


@dataclass(frozen=True)
class Scores:
    """What became of some rows.

    probabilities : (n, causes), NaN where there is no answer
    verdict, reason : (n,), as ``posterior_batch`` gives them
    unread : (n,), why cells cannot be read, whatever the verdict; empty where all can
    notices : one sentence for each old word and each medicine that is not counted
    """

    probabilities: np.ndarray
    verdict: np.ndarray
    reason: np.ndarray
    unread: np.ndarray
    notices: tuple[str, ...]


class TableScorer:
    """Scores the columns of one table, some rows at a time; what it read of a cell it keeps for the rows that follow.

    outside, scope : as in :func:`posterior_batch`. raises : EvidenceError for another word in `outside`.
    """

    def __init__(
        self, model: CalibratedModel, columns: Sequence[ReadColumn], outside: str = "refuse", *, scope: bool = True
    ):
        check_scope(model.knowledge, read_evidence(model.knowledge, {}), outside)
        self.model, self.columns, self.outside, self.scope = model, tuple(columns), outside, scope
        self.batch = BatchEngine(model.engine)
        sexes = model.knowledge.nodes["sex"].states if any(column.node == "sex" for column in columns) else ()
        self.readers = [ColumnCells(model.knowledge, column, sexes) for column in columns]
        self.bands = [BandCells(model.knowledge, *both) for both in bands_of_guards(model.knowledge).items()]

    def read(self, cells: Sequence[pd.Series], count: int) -> ReadTable:
        """Return `count` rows as read; `cells` in the order of the columns."""
        pairs = zip(self.readers, cells, strict=True)
        read = {reader.column.node: reader.read(each) for reader, each in pairs}
        for both in self.bands:
            read |= both.read(read)
        return ReadTable(self.model, read, count)

    def score(self, cells: Sequence[pd.Series], count: int) -> Scores:
        """Return what becomes of `count` rows."""
        table, engine = self.read(cells, count), self.model.engine
        probabilities = np.full((count, len(engine.network.causes)), np.nan)
        verdict = np.full(count, "in" if self.scope else "unchecked", object)
        reason = np.full(count, "", object)
        table.mark_unreadable(verdict, reason)
        unread = reason.copy()
        if self.scope:
            table.mark_scope(verdict, reason, self.outside)
        asked = np.flatnonzero((verdict != "invalid") & (verdict != "refused"))
        columns = {node: column.part(asked) for node, column in table.columns().items() if node in engine.network.by_id}
        acting, total = self.batch.score(columns, len(asked))
        acting[total <= 0] = np.nan
        probabilities[asked] = acting
        for row, sentence in _clashes(engine, columns, np.flatnonzero(total <= 0)):
            verdict[asked[row]], reason[asked[row]] = "impossible", sentence
        return Scores(probabilities, verdict, reason, unread, tuple(table.notices))


def posterior_batch(
    model: CalibratedModel, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True
) -> pd.DataFrame:
    """Return p_<cause> for every row of `frame`, with `scope` and `scope_reason`, on the same index.

    frame  : columns as ``read_header`` reads them, cells as ``read_cell`` does; other columns are not read. What was
             read as which node in which unit stands in ``attrs["read"]`` of the result, what was not in
             ``attrs["not_read"]``, and what else to know, such as an id that stands twice, in ``attrs["warnings"]``;
             words of earlier versions stand there, and alone in ``attrs["notices"]``.
    scope  : in, near, refused (out of scope), invalid (a cell cannot be read), impossible (findings that clash), blank
             (no cell of the row is filled), or unchecked when `scope` is False. All but in, near and unchecked rows
             have no probabilities but a reason.
    raises : TableError when this is no DataFrame or its columns cannot be taken as they stand; EvidenceError for
             another word in `outside`.
    """
    return score_frame(model, frame, outside, scope=scope)[0]


def score_frame(
    model: CalibratedModel, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what :func:`posterior_batch` does, and for every row why its cells cannot be read, empty where all can."""
    if not isinstance(frame, pd.DataFrame):
        raise TableError(f"Table: expected a DataFrame, got {type(frame).__name__}.")
    header = checked_header(model.knowledge, frame.columns)
    scorer = TableScorer(model, header.columns, outside, scope=scope)
    causes = model.network.causes
    probabilities = np.full((len(frame), len(causes)), np.nan)
    verdict, reason, unread = (np.full(len(frame), "", object) for _ in range(3))
    notices: dict[str, None] = {}
    for start in range(0, len(frame), CHUNK):
        rows = slice(start, min(start + CHUNK, len(frame)))
        scored = scorer.score([frame.iloc[rows, column.place] for column in header.columns], rows.stop - start)
        probabilities[rows], verdict[rows], reason[rows] = scored.probabilities, scored.verdict, scored.reason
        unread[rows] = scored.unread
        notices |= dict.fromkeys(scored.notices)
    blank = _blank_rows(frame)
    probabilities[blank], verdict[blank], reason[blank] = np.nan, "blank", BLANK
    found = pd.DataFrame(probabilities, frame.index, [f"p_{cause.id}" for cause in causes])
    found = found.assign(scope=verdict, scope_reason=reason)
    found.attrs.update(_outcome(header, frame, blank, notices))
    return found, unread


def blank_said(rows: int) -> str:
    """Return a sentence that rows are no patients because they are blank; empty for none."""
    each = "it is no patient" if rows == 1 else "they are no patients"
    return f"{rows} row{'s' * (rows != 1)} without any cell left out: {each}." if rows else ""


def _blank_rows(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which rows have nothing in any column, those that are not read included."""
    blank = np.ones(len(frame), bool)
    for place in range(frame.shape[1]):
        rows = np.flatnonzero(blank)
        if not len(rows):
            break
        column = frame.iloc[rows, place]
        empty = column.isna().to_numpy()
        if not pd.api.types.is_numeric_dtype(column.dtype):
            empty = np.fromiter(map(blank_cell, column), bool, len(rows))
        blank[rows] = empty
    return blank


def _outcome(
    header: Header, frame: pd.DataFrame, blank: NDArray[np.bool_], notices: Iterable[str]
) -> dict[str, list[str]]:
    """Return what was read, what was not, and what else to know, each as a list of sentences or columns."""
    ids = RepeatedIds(list(frame.columns), header.nodes.values())
    ids.add_columns([frame.iloc[:, place].dropna().astype(str).tolist() for place in ids.places])
    rows = int(blank.sum())
    none = f"{rows} row{'s' * (rows != 1)} without any cell: no patient, no answer." if rows else ""
    return {
        "read": list(map(str, header.columns)), "not_read": list(map(str, header.unread)),
        "warnings": [*([none] if none else []), *ids.sentences(), *notices], "notices": list(notices),
    }  # fmt: skip


class ReadTable:
    """The columns of some rows, read.

    read    : each node's cells, and those of ``medicines``;  count : the rows
    notices : one sentence for each old word and each medicine that is not counted
    """

    def __init__(self, model: CalibratedModel, read: Mapping[str, Cells], count: int):
        self.knowledge, self.read, self.count = model.knowledge, read, count
        self.notices = dict.fromkeys(notice for cells in read.values() for notice in cells.notices)
        self.levels: dict[str, Codes] = {}
        self.sex = np.zeros(count, np.intp)
        if "sex" in read:
            self.sex = np.maximum(self.level("sex"), UNOBSERVED) + 1
        self.naming = [node for node, cells in read.items() if cells.naming]
        self.named = MedicineRows(self.knowledge, self) if self.naming else None
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
        """Put the verdict of the scope guard on every row; return the rule it came from, (n,).

        A row with a cell that cannot be read is refused when its other cells are, with that reason before its own.
        """
        rules = self.knowledge.scope
        ruled = np.full(self.count, "", object)
        ruling = {rule.node for rule in rules} | _conditions(rules)
        naming = self.naming if self.named and ruling & self.named.implied else ()
        nodes = [node for node in self.read if node in ruling or node in naming]
        invalid = verdict == "invalid"
        occurring, keys = distinct(invalid.astype(np.intp), 2)
        for node in nodes:
            levels = self.level(node) - UNREADABLE
            size = levels.max(initial=0) + 1
            occurring, keys = distinct(keys * size + levels, len(occurring) * size)
        order = np.argsort(keys, kind="stable")
        for alike in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1) if self.count else ():
            unread = bool(invalid[alike[0]])
            try:
                answer = check_scope(self.knowledge, self._evidence(alike[0], nodes), "allow" if unread else outside)
            except OutOfScope as error:
                verdict[alike], ruled[alike] = "refused", error.rule
                worst = next(rule.node for rule in rules if rule.rule == error.rule)
                codes = self.read[worst].codes if worst in self.read else np.zeros(self.count, np.intp)
                for code in np.unique(codes[alike]):
                    same = alike[codes[alike] == code]
                    said = self._refusal(same[0], nodes, outside)
                    reason[same] = f"{said} " + reason[same] if unread else said
            else:
                if not unread:
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
        """Return what the cells of a row that can be read say of the scope."""
        wanted = [*nodes, "sex"] if "sex" in self.read and "sex" not in nodes else nodes
        cells = (self.read[node] for node in wanted if self.level(node)[row] != UNREADABLE)
        return read_each(self.knowledge, {each.name: each.values[each.codes[row]] for each in cells})[0]

    def level(self, node: str) -> Codes:
        """Return the level of a node in every row, as in :class:`Cells`, (n,)."""
        if node not in self.levels:
            cells = self.read[node]
            self.levels[node] = cells.levels[cells.codes, self.sex if cells.levels.shape[1] > 1 else 0]
        return self.levels[node]


def _conditions(rules: Sequence[ScopeRule]) -> set[str]:
    """Return the nodes that rules of the scope guard name as a further condition, such as ``fever=present``."""
    return {rule.state.partition("=")[0] for rule in rules if "=" in rule.state}


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
