"""CSV files, packed or not: the records of a file of patients, one by one and checked; cells no spreadsheet runs."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from io import SEEK_END, StringIO
from itertools import islice
from typing import BinaryIO, cast

from model.cohort.chunk import Chunk
from model.errors import TableError

MOST_COLUMNS = 1000
LONGEST_CELL = 32_767  # letters, as in a spreadsheet
LONGEST_LINE = 1 << 22  # bytes
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"  # how a packed file begins

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet may run, cf. OWASP on CSV injection


class CsvRecords:
    """The records of a CSV file, checked; one packed with gzip is unpacked as it is read. `name` stands in every error.

    blank : rows left out so far because every cell is empty;  marked, end : byte order mark and line end of the file
    """

    unit = "line"

    def __init__(self, file: BinaryIO, name: str):
        self.name, self.packed, self.line, self.blank = name, file, 0, 0
        self.size = file.seek(0, SEEK_END)
        file.seek(0)
        zipped = file.read(2) == GZIP
        file.seek(0)
        self.file = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if zipped else file
        self.end, self.marked = "\n", False
        self._records = csv.reader(self._lines(), strict=True)
        header = next(self.records(None), None)
        if header is None:
            raise TableError(f"{name}: expected a row of column names, got an empty file.")
        self.header: list[str] = header[1]
        self.blank = 0

    @property
    def part(self) -> float:
        """The part of the bytes that was read."""
        return self.packed.tell() / self.size

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield the rows in their order, at most `size` at a time."""
        records = self.records(len(self.header))
        while found := list(islice(records, size)):
            yield Chunk([line for line, _ in found], [cells for _, cells in found])

    def records(self, width: int | None) -> Iterator[tuple[int, list[str]]]:
        """Yield the next records with the number of the line each begins in, each with `width` cells.

        A row whose cells are all empty, as spreadsheets leave them below a table, is no record.
        """
        while True:
            line = self.line + 1
            try:
                cells = next(self._records, None)
            except csv.Error as error:
                raise self._error(f"expected CSV, got something else ({error})") from error
            if cells is None:
                return
            if not cells:
                continue
            if len(cells) > MOST_COLUMNS:
                raise self._error(f"expected at most {MOST_COLUMNS} columns, got {len(cells)}")
            if width is not None and len(cells) != width:
                raise self._error(f"expected {width} cells as in the header, got {len(cells)}")
            if max(map(len, cells)) > LONGEST_CELL:
                raise self._error(f"expected cells of at most {LONGEST_CELL} letters, got a longer one")
            if not any(map(str.strip, cells)):
                self.blank += 1
                continue
            yield line, cells

    def _lines(self) -> Iterator[str]:
        while line := self._next_line():
            self.line += 1
            if self.line == 1 and line.startswith(BYTE_ORDER_MARK):
                self.marked, line = True, line.removeprefix(BYTE_ORDER_MARK)
            if len(line) >= LONGEST_LINE:
                raise self._error(f"expected lines of less than {LONGEST_LINE} bytes, got a longer one")
            if b"\0" in line:
                raise self._error("expected text, got a NUL byte")
            if self.line == 1 and line.endswith(b"\r\n"):
                self.end = "\r\n"
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise self._error("expected UTF-8, got another encoding; save the file as CSV UTF-8") from error

    def _next_line(self) -> bytes:
        try:
            return self.file.readline(LONGEST_LINE)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.line += 1
            raise self._error(f"expected a whole file packed with gzip, which this is not ({error})") from None

    def _error(self, sentence: str) -> TableError:
        return TableError(f"{self.name}, line {self.line}: {sentence}.")


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe goes before what looks like one.

    >>> safe_cell("=1+1"), safe_cell("0.5")
    ("'=1+1", '0.5')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def safe_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows, the header first, as CSV of safe cells."""
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([[safe_cell(cell) for cell in row] for row in rows])
    return buffer.getvalue()
