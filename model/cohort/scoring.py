"""A CSV file of patients in, the same file with posteriors out. Read in chunks; the output appears whole or not at all.

Cells of other columns are written as they were read. A spreadsheet may run a cell that starts with ``=``, ``+``, ``-``
or ``@`` as a formula: no cell of ours does, and ``safe=True`` puts an apostrophe before such cells of others too.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from model.calibrated_model import CalibratedModel
from model.cohort.csv_file import BYTE_ORDER_MARK, CsvRecords, safe_cell
from model.cohort.header import RESULTS, node_columns
from model.cohort.patient_table import posterior_batch
from model.errors import TableError
from model.inference.leader import leading
from model.late import pd
from model.progress import Progress, silent
from model.whole_file import whole_file

CHUNK = 1 << 11  # rows held at once; enough for speed, few enough for a progress bar to move
DIGITS = 9  # after the point

_VERDICTS = {
    "in": "in scope", "near": "near the scope", "unchecked": "unchecked", "refused": "refused", "invalid": "invalid",
    "impossible": "impossible",
}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What became of a file. `verdicts`: scope verdict -> rows; only in, near and unchecked rows have probabilities."""

    rows: int
    verdicts: dict[str, int]
    target: Path

    @property
    def answered(self) -> int:
        """Rows with probabilities."""
        return sum(self.verdicts.get(verdict, 0) for verdict in ("in", "near", "unchecked"))

    def __str__(self) -> str:
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
) -> Summary:
    """Write `source` with p_<cause>, top (the likeliest cause), scope and scope_reason added to every row.

    outside, scope : as in ``posterior_batch``;  safe : put ' before cells of other columns that look like a formula
    progress       : told the part of the bytes and the rows scored, after every chunk
    raises         : TableError when the file cannot be taken as it stands, ExportError when `target` cannot be
                     written; what stood there is then left as it was.
    """
    source, target = Path(source), Path(target)
    try:
        _check_source(source, target)
        reading = source.open("rb")
    except OSError as error:
        raise TableError(f"{error.filename or source}: cannot be read ({error.strerror}).") from error
    with reading, whole_file(target) as writing:
        table = CsvRecords(reading, source.name)
        return _Scoring(model, table, outside, scope, safe).write(writing, progress, target)


def score_bytes(
    model: CalibratedModel,
    content: bytes,
    name: str,
    outside: str = "refuse",
    progress: Progress = silent,
    *,
    safe: bool = False,
) -> tuple[bytes, Summary]:
    """Return what :func:`score` writes for a file of this content, byte for byte, without touching a disk."""
    writing = StringIO(newline="")
    table = CsvRecords(BytesIO(content), name)
    summary = _Scoring(model, table, outside, True, safe).write(writing, progress, Path(name))
    return writing.getvalue().encode("utf-8"), summary


def added_columns(model: CalibratedModel) -> tuple[str, ...]:
    """Return the columns that scoring adds: p_<cause>, top, scope and scope_reason."""
    return (*(f"p_{cause.id}" for cause in model.network.causes), *RESULTS)


def column_separator(header: Sequence[str]) -> str:
    """Return a sentence when the one column there is looks like several with another separator, or nothing."""
    hint = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), "")
    return f" Columns must be separated by commas, not by {hint!r}." if hint else ""


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
        raise TableError(f"{source}: expected a CSV file, got {'a folder' if source.is_dir() else 'no such file'}.")
    if os.path.exists(target) and target.samefile(source):  # False, not an error, for a name no file can have
        raise TableError(f"{target}: expected another file than the one that is read; give the output a new name.")


class _Rows:
    """What ``csv.writer`` writes to. The writer quotes only the letters of its own line end, so that is ``\\r\\n``."""

    def __init__(self, file: TextIO, end: str):
        self.file, self.end = file, end

    def write(self, row: str) -> int:
        """Write one row with the line end of the file that is read."""
        return self.file.write(row.removesuffix("\r\n") + self.end)


class _Scoring:
    """One file with one model."""

    def __init__(self, model: CalibratedModel, table: CsvRecords, outside: str, scope: bool, safe: bool):
        self.model, self.table, self.outside, self.scope, self.safe = model, table, outside, scope, safe
        self.causes = [cause.id for cause in model.network.causes]
        self.added = added_columns(model)
        for sentence in taken_columns(model, table.header):
            raise TableError(f"{table.name}: {sentence}")
        try:
            self.positions = list(node_columns(model.knowledge, table.header).values())
        except TableError as error:
            raise TableError(f"{table.name}: {error}{column_separator(table.header)}") from error

    def write(self, writing: TextIO, progress: Progress, target: Path) -> Summary:
        """Write header and rows, chunk by chunk."""
        if self.table.marked:
            writing.write(BYTE_ORDER_MARK.decode("utf-8"))
        out = csv.writer(_Rows(writing, self.table.end), lineterminator="\r\n")
        out.writerow([*self._theirs(self.table.header), *self.added])
        records = self.table.records(len(self.table.header))
        verdicts: Counter[str] = Counter()
        while chunk := list(islice(records, CHUNK)):
            scored = self._score(chunk)
            verdicts.update(scored["scope"])
            ours = zip(*self._ours(scored), strict=True)
            out.writerows([*self._theirs(cells), *added] for cells, added in zip(chunk, ours, strict=True))
            progress(self.table.done / self.table.size, f"{verdicts.total():,} rows")
        return Summary(verdicts.total(), dict(verdicts), target)

    def _score(self, chunk: Sequence[Sequence[str]]) -> pd.DataFrame:
        cells = {self.table.header[place]: [row[place] for row in chunk] for place in self.positions}
        return posterior_batch(self.model, pd.DataFrame(cells), self.outside, scope=self.scope)

    def _ours(self, scored: pd.DataFrame) -> Iterator[list[str]]:
        """Yield our columns as text; a row without an answer has empty probabilities and no top."""
        probabilities = scored[[f"p_{cause}" for cause in self.causes]].to_numpy()
        answered = ~pd.isna(probabilities[:, 0])
        for column in probabilities.T:
            yield [f"{p:.{DIGITS}f}" if known else "" for p, known in zip(column.tolist(), answered, strict=True)]
        best = leading(np.nan_to_num(probabilities))
        yield [self.causes[place] if known else "" for place, known in zip(best, answered, strict=True)]
        yield scored["scope"].tolist()
        yield [_not_a_formula(cell) for cell in scored["scope_reason"].tolist()]

    def _theirs(self, cells: Sequence[str]) -> Sequence[str]:
        return [_not_a_formula(cell) for cell in cells] if self.safe else cells


def _not_a_formula(cell: str) -> str:
    """Return the cell safe from being run by a spreadsheet; a plain number is left alone."""
    safe = safe_cell(cell)
    if safe == cell:
        return cell
    try:
        float(cell)
    except ValueError:
        return safe
    return cell
