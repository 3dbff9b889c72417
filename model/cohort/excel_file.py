"""Excel workbooks (.xlsx): the rows of the one sheet of a file of patients, as a reader of the sheet would copy them.

What a spreadsheet hides is refused, not guessed: a formula without its result, cells that are merged, several sheets.
A cell that the spreadsheet made a date of is a date here too, so that 1.2 that became 1 February is never a number.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import SEEK_END
from itertools import zip_longest
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from model.cohort.chunk import Chunk, cell_text
from model.cohort.csv_file import LONGEST_CELL, MOST_COLUMNS
from model.errors import TableError

MAGIC = b"PK\x03\x04"  # how the file begins
OLD_MAGIC = b"\xd0\xcf\x11\xe0"  # how an .xls of before 2007 begins, or one with a password
LARGEST = 1 << 30  # bytes of the workbook, unpacked
LARGEST_STRINGS = 1 << 28  # bytes of its texts, which are held at once
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]+)"')
_STRINGS = "xl/sharedStrings.xml"


class ExcelRecords:
    """The rows of a workbook. blank : rows left out so far, because nothing stands in any cell"""

    unit = "row"

    def __init__(self, file: BinaryIO, name: str):
        self.name, self.blank, self.done = name, 0, 0
        file.seek(0, SEEK_END)
        self._check_archive(file)
        file.seek(0)
        # Read twice side by side: the results of formulas, and which cells are formulas.
        self.values, self.formulas = self._sheet(file, data_only=True), self._sheet(file, data_only=False)
        self.size = max(self.values.max_row or 1, 1)
        self._rows = zip_longest(self.values.iter_rows(), self.formulas.iter_rows(), fillvalue=())
        self.header: list[str] = []
        for place, cells in self._texts():
            self.header = cells
            self.first = place
            break
        while self.header and not self.header[-1].strip():
            self.header.pop()
        if not self.header:
            raise TableError(f"{name}: expected a row of column names, got an empty sheet.")
        if len(self.header) > MOST_COLUMNS:
            raise TableError(f"{name}: expected at most {MOST_COLUMNS} columns, got {len(self.header)}.")
        self.blank = 0

    @property
    def part(self) -> float:
        """The part of the rows that was read."""
        return min(self.done / self.size, 1.0)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield the rows in their order, at most `size` at a time."""
        places: list[int] = []
        rows: list[list[str]] = []
        width = len(self.header)
        for place, cells in self._texts():
            if any(cell.strip() for cell in cells[width:]):
                raise TableError(
                    f"{self.name}, row {place}: expected {width} cells as in the header, got {len(cells)}."
                )
            places.append(place)
            rows.append((cells + [""] * (width - len(cells)))[:width])
            if len(rows) == size:
                yield Chunk(places, rows)
                places, rows = [], []
        if rows:
            yield Chunk(places, rows)

    def _texts(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (row of the sheet, its cells as text) for the rows that are not blank."""
        while True:
            try:
                pair = next(self._rows, None)
            except (ValueError, KeyError, IndexError, TypeError, EOFError, ParseError, zipfile.BadZipFile) as error:
                raise self._unreadable(error) from None
            if pair is None:
                return
            self.done += 1
            cells = self._row(*pair)
            if any(map(str.strip, cells)):
                yield self.done, cells
            else:
                self.blank += 1

    def _row(self, values: Sequence[Any], formulas: Sequence[Any]) -> list[str]:
        texts = []
        for value, formula in zip_longest(values, formulas):
            found = None if value is None else value.value
            if found is None and formula is not None and formula.value is not None:
                where = f"{self.name}, row {self.done}, cell {formula.coordinate}"
                raise TableError(f"{where}: a formula without its result; open the file in a spreadsheet and save it.")
            text = _text(found)
            if len(text) > LONGEST_CELL:
                raise TableError(f"{self.name}, row {self.done}: expected cells of at most {LONGEST_CELL} letters.")
            texts.append(text)
        return texts

    def _sheet(self, file: BinaryIO, *, data_only: bool) -> Any:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            book = load_workbook(file, read_only=True, data_only=data_only, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            filled = [sheet for sheet in sheets if any(cell.value is not None for row in sheet.iter_rows(max_row=50)
                                                       for cell in row)]  # fmt: skip
        except (InvalidFileException, ValueError, KeyError, TypeError, AttributeError, EOFError, ParseError,
                zipfile.BadZipFile) as error:  # fmt: skip
            raise self._unreadable(error) from None
        if len(filled) > 1:
            names = ", ".join(repr(sheet.title) for sheet in filled)
            raise TableError(f"{self.name}: expected one sheet with patients, got {names}; keep one of them.")
        if not filled:
            raise TableError(f"{self.name}: expected a row of column names, got an empty sheet.")
        return filled[0]

    def _check_archive(self, file: BinaryIO) -> None:
        """Refuse what is no workbook, would grow too large, or hides values under merged cells."""
        try:
            with zipfile.ZipFile(file) as archive:
                sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
                if sum(sizes.values()) > LARGEST or sizes.get(_STRINGS, 0) > LARGEST_STRINGS:
                    raise TableError(f"{self.name}: expected at most {LARGEST >> 20} MB unpacked; save it as CSV.")
                for part in sizes:
                    if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                        self._check_merged(archive, part)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise self._unreadable(error) from None

    def _check_merged(self, archive: zipfile.ZipFile, part: str) -> None:
        before = b""
        with archive.open(part) as sheet:
            while block := sheet.read(1 << 20):
                if found := _MERGED.search(before + block):
                    raise TableError(
                        f"{self.name}, cells {found[1].decode()}: expected one value in each cell, got merged cells; "
                        "unmerge them and fill each."
                    )
                before = block[-200:]

    def _unreadable(self, error: Exception) -> TableError:
        said = (str(error).strip().split("\n") or [""])[0][:200]
        return TableError(f"{self.name}: expected an Excel workbook (.xlsx), which this is not ({said}).")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return cell_text(value)
