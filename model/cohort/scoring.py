"""A file of patients in, the same file with posteriors out. Read in chunks; the output appears whole or not at all.

A row that cannot be read ends it (``fail``) or stands in the output with its reason (``mark``). Rows without any cell
are no patients and are left out. What was read and what was not stands in the summary; what was not, in every row too.
Cells of other columns are written as they were read. A spreadsheet may run a cell that starts with ``=``, ``+``, ``-``
or ``@`` as a formula: no cell of ours does, and ``safe=True`` puts an apostrophe before such cells of others too.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from model.calibrated_model import CalibratedModel
from model.cohort.chunk import Chunk, TableFile
from model.cohort.header import RESULTS, checked_header
from model.cohort.patient_table import Scores, TableScorer, blank_said
from model.cohort.repeated_ids import RepeatedIds
from model.cohort.table_file import READ, CsvOut, TableOut, ending, open_table, whole_table
from model.errors import TableError, listed, shown
from model.inference.leader import leading
from model.progress import Progress, silent
from model.whole_file import utf8_text

CHUNK = 1 << 11  # rows held at once; enough for speed, few enough for a progress bar to move
ON_ERROR = ("fail", "mark")
MOST_TOLD = 5  # of rows that cannot be read

_VERDICTS = {
    "in": "in scope", "near": "near the scope", "unchecked": "unchecked", "refused": "refused", "invalid": "invalid",
    "impossible": "impossible",
}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What became of a file.

    verdicts : scope verdict -> rows; only in, near and unchecked rows have probabilities
    columns  : two sentences, which columns were read as which node in which unit and which were not
    warnings : what else to know, one sentence each: blank rows left out, ids that stand twice, old words
    """

    rows: int
    verdicts: dict[str, int]
    target: Path
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def answered(self) -> int:
        """Rows with probabilities."""
        return sum(self.verdicts.get(verdict, 0) for verdict in ("in", "near", "unchecked"))

    def __str__(self) -> str:
        return "\n".join((*self.columns, *self.warnings, self.outcome))

    @property
    def outcome(self) -> str:
        """The rows under each verdict, and the file, in one line."""
        parts = [
            f"{self.verdicts[verdict]} {words}" for verdict, words in _VERDICTS.items() if verdict in self.verdicts
        ]
        said = f": {', '.join(parts)}" if parts else ""
        return f"{self.rows} row{'s' * (self.rows != 1)}{said}; written to {self.target}"


def score(
    model: CalibratedModel,
    source: Path,
    target: Path,
    outside: str = "refuse",
    progress: Progress = silent,
    *,
    scope: bool = True,
    safe: bool = False,
    on_error: str = "fail",
) -> Summary:
    """Write `source` with p_<cause>, top (the likeliest cause), scope, scope_reason and not_read added to every row.

    outside, scope : as in ``posterior_batch``;  safe : put ' before cells of other columns that look like a formula
    on_error       : fail: a row that cannot be read is an error;  mark: it is written as invalid, with its reason
    progress       : told the part of the bytes and the rows scored, after every chunk
    raises         : TableError when the file cannot be taken as it stands, ExportError when `target` cannot be
                     written; what stood there is then left as it was.
    """
    if on_error not in ON_ERROR:
        raise TableError(f"on_error: expected {listed(ON_ERROR)}, got {shown(on_error)}.")
    source, target = Path(source), Path(target)
    ending(target)
    try:
        _check_source(source, target)
        reading = source.open("rb")
    except OSError as error:
        raise TableError(f"{error.filename or source}: cannot be read ({error.strerror}).") from error
    with reading:
        scoring = _Scoring(model, open_table(reading, source.name), outside, scope, on_error)
        with whole_table(target, scoring.table, scoring.added, safe) as out:
            return scoring.write(out, progress, target)


def score_bytes(
    model: CalibratedModel,
    content: bytes,
    name: str,
    outside: str = "refuse",
    progress: Progress = silent,
    *,
    safe: bool = False,
) -> tuple[bytes, Summary]:
    """Return what :func:`score` writes as CSV with ``mark`` for a file of this content, byte for byte."""
    written = BytesIO()
    scoring = _Scoring(model, open_table(BytesIO(content), name), outside, True, "mark")
    with utf8_text(written, Path(name)) as text:
        summary = scoring.write(CsvOut(text, scoring.table, scoring.added, safe), progress, Path(name))
    return written.getvalue(), summary


def added_columns(model: CalibratedModel) -> tuple[str, ...]:
    """Return the columns that scoring adds: p_<cause>, top, scope, scope_reason and not_read."""
    return (*(f"p_{cause.id}" for cause in model.network.causes), *RESULTS)


def column_separator(header: Sequence[str]) -> str:
    """Return a sentence when the one column there is looks like several with another separator, or nothing."""
    hint = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), "")
    return f" Columns must be separated by commas, not by {hint!r}." if hint else ""


def blank_rows(table: TableFile) -> tuple[str, ...]:
    """Return a sentence when rows were left out because they are blank."""
    return (blank_said(table.blank),) * bool(table.blank)


def taken_columns(model: CalibratedModel, header: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for each column that scoring would add and that is there already."""
    taken = {name.strip().casefold(): name for name in header}
    return tuple(
        f"scoring adds column {taken[name]!r}; rename or remove the one there."
        for name in added_columns(model)
        if name in taken
    )


def _check_source(source: Path, target: Path) -> None:
    if not source.is_file():
        got = "a folder" if source.is_dir() else "no such file"
        raise TableError(f"{source}: expected a file in {listed(READ)}, got {got}.")
    if os.path.exists(target) and target.samefile(source):  # False, not an error, for a name no file can have
        raise TableError(f"{target}: expected another file than the one that is read; give the output a new name.")


class _Scoring:
    """One file with one model."""

    def __init__(self, model: CalibratedModel, table: TableFile, outside: str, scope: bool, on_error: str):
        self.table, self.fails = table, on_error == "fail"
        self.causes = [cause.id for cause in model.network.causes]
        self.added = added_columns(model)
        for sentence in taken_columns(model, table.header):
            raise TableError(f"{table.name}: {sentence}")
        try:
            self.columns = checked_header(model.knowledge, table.header)
        except TableError as error:
            raise TableError(f"{table.name}: {error}{column_separator(table.header)}") from error
        self.scorer = TableScorer(model, self.columns.columns, outside, scope=scope)

    def write(self, out: TableOut, progress: Progress, target: Path) -> Summary:
        """Score and write the rows, chunk by chunk."""
        verdicts: Counter[str] = Counter()
        ids = RepeatedIds(self.table.header, self.columns.nodes.values())
        notices: dict[str, None] = {}
        for chunk in self.table.chunks(CHUNK):
            scored = self.scorer.score([chunk.column(column.place) for column in self.columns.columns], len(chunk))
            if self.fails:
                self._all_read(chunk, scored)
            verdicts.update(scored.verdict.tolist())
            notices |= dict.fromkeys(scored.notices)
            ids.add_columns([chunk.column(place).tolist() for place in ids.places])
            out.write(chunk, list(self._ours(scored)))
            progress(self.table.part, f"{verdicts.total():,} rows")
        warnings = (*blank_rows(self.table), *ids.sentences(), *notices)
        return Summary(verdicts.total(), dict(verdicts), target, self.columns.sentences, warnings)

    def _all_read(self, chunk: Chunk, scored: Scores) -> None:
        """raises : TableError naming line, column and cell of the first rows that cannot be read."""
        wrong = np.flatnonzero(scored.unread).tolist()
        if not wrong:
            return
        columns = self.columns.columns
        labels = {name: column.label for column in columns for name in (column.node, column.cells_of)}
        told = []
        for row in wrong[:MOST_TOLD]:
            label = labels.get(scored.unread[row].partition(":")[0])
            column = f", column {label!r}" if label else ""
            told.append(f"{self.table.name}, {self.table.unit} {chunk.places[row]}{column}: {scored.reason[row]}")
        more = len(wrong) - len(told)
        if more:
            last = f"{self.table.unit} {chunk.places[-1]}"
            told.append(f"{more} more row{'s' * (more != 1)} up to {last} cannot be read.")
        told.append(
            "Nothing was written. Correct the cells, or have such rows marked in the output, "
            "on_error='mark' (--on-error mark)."
        )
        raise TableError("\n".join(told))

    def _ours(self, scored: Scores) -> Iterator[Sequence[object]]:
        """Yield our columns; a row without an answer has no probabilities and no top."""
        answered = ~np.isnan(scored.probabilities[:, 0])
        for column in scored.probabilities.T:
            yield [p if known else None for p, known in zip(column.tolist(), answered, strict=True)]
        best = leading(np.nan_to_num(scored.probabilities))
        yield [self.causes[place] if known else "" for place, known in zip(best, answered, strict=True)]
        yield scored.verdict.tolist()
        yield scored.reason.tolist()
        yield [self.columns.labels_unread] * len(scored.verdict)
