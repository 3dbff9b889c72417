"""Files of patients by their kind: CSV, packed CSV, Parquet and Excel in; CSV, packed CSV and Parquet out.

What a file is, its first bytes say; what is written, the ending of its name. Every reader gives the same cells of text.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO, cast

from model.cohort.chunk import Chunk, TableFile
from model.cohort.csv_file import BYTE_ORDER_MARK, CsvRecords, safe_cell
from model.cohort.excel_file import MAGIC as EXCEL
from model.cohort.excel_file import OLD_MAGIC, ExcelRecords
from model.cohort.parquet_file import MAGIC as PARQUET
from model.cohort.parquet_file import ParquetOut, ParquetRecords
from model.errors import TableError, listed
from model.whole_file import utf8_text, whole_bytes

READ = (".csv", ".csv.gz", ".parquet", ".xlsx")
WRITTEN = (".csv", ".csv.gz", ".parquet")
OTHER_KINDS = (
    ".arrow",
    ".bz2",
    ".feather",
    ".gz",
    ".json",
    ".jsonl",
    ".ods",
    ".orc",
    ".tsv",
    ".xls",
    ".xlsx",
    ".xz",
    ".zip",
    ".zst",
)
DIGITS = 9  # after the point
PACKED = 6  # how hard gzip tries


class TableOut(Protocol):
    """What chunks are written to; `ours` are the columns that were added, a probability as number or None."""

    def write(self, chunk: Chunk, ours: Sequence[Sequence[object]]) -> None:
        """Write some rows."""
        ...


def open_table(file: BinaryIO, name: str) -> TableFile:
    """Open a file of patients. raises : TableError when it is none that can be read."""
    start = file.read(4)
    file.seek(0)
    if start == PARQUET:
        return ParquetRecords(file, name)
    if start == EXCEL:
        return ExcelRecords(file, name)
    if start == OLD_MAGIC:
        raise TableError(f"{name}: expected {listed(READ)}, got an old or locked Excel file; save it as .xlsx.")
    if name.lower().endswith((".parquet", ".xlsx")):
        raise TableError(f"{name}: expected a file of the kind its name says, got something else; is it whole?")
    return CsvRecords(file, name)


def ending(target: Path) -> str:
    """Return the ending that says how a file is written, ``.csv`` for a name without one.

    raises : TableError for an ending that stands for another kind of file.
    """
    name = target.name.lower()
    found = next((end for end in WRITTEN if name.endswith(end)), "")
    if not found and name.endswith(OTHER_KINDS):
        raise TableError(f"{target}: expected a name that ends in {listed(WRITTEN)}, got {target.suffix!r}.")
    return found or ".csv"


@contextmanager
def whole_table(target: Path, table: TableFile, added: Sequence[str], safe: bool) -> Iterator[TableOut]:
    """Open a scored table that takes the place of `target` when the block ends, and never was when it fails.

    safe : put an apostrophe before cells of others that a spreadsheet would run; in CSV only, for Parquet is not run
    """
    kind = ending(target)
    with whole_bytes(target) as file:
        if kind == ".parquet":
            out = ParquetOut(file, table.header, added, table.schema if isinstance(table, ParquetRecords) else None)
            try:
                yield out
            except BaseException:
                with suppress(Exception):  # what comes of half a file does not matter any more
                    out.writer.close()
                raise
            out.close()
        elif kind == ".csv.gz":  # without name and time, so that the same rows give the same bytes
            with (
                gzip.GzipFile("", "wb", PACKED, file, mtime=0) as packed,
                utf8_text(cast(BinaryIO, packed), target) as text,
            ):
                yield CsvOut(text, table, added, safe)
        else:
            with utf8_text(file, target) as text:
                yield CsvOut(text, table, added, safe)


class CsvOut:
    """Writes chunks as CSV, with the line end and byte order mark of the file that is read."""

    def __init__(self, file: TextIO, table: TableFile, added: Sequence[str], safe: bool):
        self.theirs: Callable[[Sequence[str]], Sequence[str]] = _safe if safe else _as_it_is
        end = table.end if isinstance(table, CsvRecords) else "\n"
        if isinstance(table, CsvRecords) and table.marked:
            file.write(BYTE_ORDER_MARK.decode("utf-8"))
        self.out = csv.writer(_Rows(file, end), lineterminator="\r\n")
        self.out.writerow([*self.theirs(table.header), *added])

    def write(self, chunk: Chunk, ours: Sequence[Sequence[object]]) -> None:
        """Write some rows; an apostrophe goes before our words that a spreadsheet would run."""
        columns = [[_our_cell(cell) for cell in column] for column in ours]
        self.out.writerows(
            [*self.theirs(cells), *added] for cells, added in zip(chunk.rows, zip(*columns, strict=True), strict=True)
        )


class _Rows:
    """What ``csv.writer`` writes to. The writer quotes only the letters of its own line end, so that is ``\\r\\n``."""

    def __init__(self, file: TextIO, end: str):
        self.file, self.end = file, end

    def write(self, row: str) -> int:
        """Write one row with the line end of the file that is read."""
        return self.file.write(row.removesuffix("\r\n") + self.end)


def _our_cell(cell: object) -> str:
    if isinstance(cell, str):
        return not_a_formula(cell)
    return "" if cell is None else f"{cell:.{DIGITS}f}"


def _safe(cells: Sequence[str]) -> Sequence[str]:
    return [not_a_formula(cell) for cell in cells]


def _as_it_is(cells: Sequence[str]) -> Sequence[str]:
    return cells


def not_a_formula(cell: str) -> str:
    """Return the cell safe from being run by a spreadsheet; a plain number is left alone."""
    safe = safe_cell(cell)
    if safe == cell:
        return cell
    try:
        float(cell)
    except ValueError:
        return safe
    return cell
