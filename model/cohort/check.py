"""What of a table of patients will be read, and what will not: said before anything is scored.

It reads header and cells exactly as scoring does. Whether findings clash shows only when they are scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np

from model.calibrated_model import CalibratedModel
from model.cohort.header import UnreadColumn, read_header
from model.cohort.patient_table import TableScorer
from model.cohort.repeated_ids import RepeatedIds
from model.cohort.scoring import CHUNK, blank_rows, column_separator, taken_columns
from model.cohort.table_file import open_table
from model.errors import TableError
from model.inference.batch import UNOBSERVED
from model.late import pd
from model.progress import Progress, silent

EXAMPLES = 3  # of what cannot be read, a column


@dataclass(frozen=True)
class Unreadable:
    """A cell that cannot be read, as written, the sentence that says why, and the rows it stands in."""

    cell: str
    sentence: str
    rows: int


@dataclass(frozen=True)
class ColumnCheck:
    """One column that is a node: its label in the file, and how many cells are read, not assessed and unreadable.

    unit     : in which a number without a unit is read; empty where each number needs its own
    examples : the commonest unreadable cells, at most ``EXAMPLES``
    """

    node: str
    label: str
    unit: str
    read: int
    not_assessed: int
    unreadable: int
    examples: tuple[Unreadable, ...]


@dataclass(frozen=True)
class RuleCount:
    """How many rows a rule of the scope guard decides; `first` is the first of them, counted from 1."""

    rule: str
    verdict: str
    rows: int
    first: int


@dataclass(frozen=True)
class TableCheck:
    """A table before it is scored. With `problems` it cannot be scored, and nothing else is filled in but `unread`.

    columns  : in the order of the file;  unread : the columns that are kept and not read
    warnings : what else to know, one sentence each: blank rows left out, ids that stand twice, old words
    verdicts : in, near, refused or invalid -> rows;  rules : the rules behind near and refused, most rows first
    """

    rows: int
    columns: tuple[ColumnCheck, ...]
    unread: tuple[UnreadColumn, ...]
    verdicts: Mapping[str, int]
    rules: tuple[RuleCount, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The labels of the columns that are kept and not read."""
        return tuple(column.label for column in self.unread)


def check_table(
    model: CalibratedModel,
    content: bytes,
    name: str,
    outside: str = "refuse",
    most_rows: int | None = None,
    progress: Progress = silent,
) -> TableCheck:
    """Return what scoring `content` would read.

    name      : of the file, for error sentences;  most_rows : refuse a longer table
    progress  : told the part of the bytes and the rows read, after every chunk
    raises    : TableError when it is no file of patients that can be read, or has more than `most_rows` rows.
    """
    table = open_table(BytesIO(content), name)
    header = read_header(model.knowledge, table.header)
    problems = (*header.problems, *taken_columns(model, table.header))
    if problems:
        also = column_separator(table.header)
        return TableCheck(0, (), header.unread, {}, (), tuple(f"{_without_table(said)}{also}" for said in problems))
    check = _Check(TableScorer(model, header.columns, outside), outside)
    ids = RepeatedIds(table.header, header.nodes.values())
    for chunk in table.chunks(CHUNK):
        if most_rows is not None and check.rows + len(chunk) > most_rows:
            raise TableError(
                f"{name}: expected at most {most_rows} rows, got more; split the table and score its parts."
            )
        check.add([chunk.column(column.place) for column in header.columns], len(chunk))
        ids.add_columns([chunk.column(place).tolist() for place in ids.places])
        progress(table.part, f"{check.rows:,} rows")
    return check.result(header.unread, (*blank_rows(table), *ids.sentences(), *check.notices))


def _without_table(sentence: str) -> str:
    said = sentence.removeprefix("Table: ")
    return said[:1].upper() + said[1:]


@dataclass
class _Check:
    """The counts, chunk by chunk."""

    scorer: TableScorer
    outside: str
    rows: int = 0
    read: Counter[str] = field(default_factory=Counter)
    blank: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], int] = field(default_factory=dict)
    notices: dict[str, None] = field(default_factory=dict)

    def add(self, cells: Sequence[pd.Series], count: int) -> None:
        table = self.scorer.read(cells, count)
        verdict, reason = np.full(count, "in", object), np.full(count, "", object)
        table.mark_unreadable(verdict, reason)
        ruled = table.mark_scope(verdict, reason, self.outside)
        for node in table.read:
            levels = table.level(node)
            self.read[node] += int((levels >= 0).sum())
            self.blank[node] += int((levels == UNOBSERVED).sum())
            self.unreadable.setdefault(node, Counter()).update(table.unreadable(node))
        self.notices |= table.notices
        self.verdicts.update(verdict.tolist())
        outside = np.flatnonzero((verdict == "near") | (verdict == "refused"))
        for row in outside.tolist():
            key = ruled[row], verdict[row]
            self.first.setdefault(key, self.rows + row + 1)
            self.rules[key] += 1
        self.rows += count

    def result(self, unread: tuple[UnreadColumn, ...], warnings: tuple[str, ...]) -> TableCheck:
        columns = tuple(
            ColumnCheck(
                node, column.label, column.unit, self.read[node], self.blank[node], wrong.total(),
                tuple(Unreadable(cell, said, rows) for (cell, said), rows in wrong.most_common(EXAMPLES)),
            )
            for column in self.scorer.columns
            for node in (column.node,)
            for wrong in (self.unreadable.get(node, Counter()),)
        )  # fmt: skip
        rules = tuple(
            RuleCount(rule, verdict, rows, self.first[rule, verdict])
            for (rule, verdict), rows in self.rules.most_common()
        )
        return TableCheck(self.rows, columns, unread, dict(self.verdicts), rules, warnings=warnings)
