"""Parquet files: the rows of a file of patients in batches, and the same columns written with ours after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

from model.cohort.chunk import Chunk, cell_text
from model.cohort.csv_file import MOST_COLUMNS
from model.errors import TableError, shown
from model.late import pd

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"PAR1"  # how the file begins and ends
BUFFER = 1 << 16  # bytes of a column that are read at once
ROW_GROUP = 1 << 15  # rows that are written at once; each group costs memory until the end of the file


class ParquetChunk(Chunk):
    """Some rows of a Parquet file; a column becomes text when it is asked for."""

    def __init__(self, places: Sequence[int], batch: pa.RecordBatch, name: str):
        super().__init__(places, ())
        self.batch, self.name = batch, name

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """The cells of every row as text."""
        columns = [self.column(place).tolist() for place in range(self.batch.num_columns)]
        return list(zip(*columns, strict=True))

    def column(self, place: int) -> pd.Series:
        """Return the cells of one column as text. raises : TableError for lists and records."""
        import pyarrow as pa

        label, cells = self.batch.schema.names[place], self.batch.column(place)
        if pa.types.is_nested(cells.type):
            raise TableError(
                f"{self.name}, column {shown(label)}: expected one value in a cell, got {cells.type}; write the result "
                "as .parquet if it is kept and not read."
            )
        coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
        words = np.array([cell_text(value) for value in coded.dictionary.to_pylist()] + [""], object)
        return pd.Series(words[np.asarray(coded.indices.fill_null(len(words) - 1))], dtype=object)


class ParquetRecords:
    """The rows of a Parquet file. blank : rows left out so far, because nothing stands in any column"""

    unit = "row"

    def __init__(self, file: BinaryIO, name: str):
        import pyarrow as pa
        import pyarrow.parquet as parquet

        self.name, self.blank, self.done = name, 0, 0
        try:
            self.file = parquet.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False)
            self.schema = self.file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from None
        self.size = self.file.metadata.num_rows
        self.header: list[str] = self.schema.names
        if len(self.header) > MOST_COLUMNS:
            raise TableError(f"{name}: expected at most {MOST_COLUMNS} columns, got {len(self.header)}.")

    @property
    def part(self) -> float:
        """The part of the rows that was read."""
        return self.done / self.size if self.size else 1.0

    def chunks(self, size: int) -> Iterator[ParquetChunk]:
        """Yield the rows in their order, at most `size` at a time."""
        import pyarrow as pa

        batches = self.file.iter_batches(batch_size=size)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                raise self._unreadable(error) from None
            if batch is None:
                return
            places = np.arange(self.done + 1, self.done + len(batch) + 1)
            self.done += len(batch)
            kept = np.flatnonzero(self._filled(batch))
            self.blank += len(batch) - len(kept)
            if len(kept) < len(batch):
                batch = batch.take(pa.array(kept))
            if len(batch):
                yield ParquetChunk(places[kept].tolist(), batch, self.name)

    def _filled(self, batch: pa.RecordBatch) -> np.ndarray:
        """Say which rows have something in one column or more."""
        import pyarrow as pa

        filled = np.zeros(len(batch), bool)
        for place, cells in enumerate(batch.columns):
            if filled.all():
                break
            if pa.types.is_nested(cells.type):
                filled |= np.asarray(cells.is_valid())
            else:
                text = ParquetChunk((), batch, self.name).column(place)
                filled |= text.str.strip().ne("").to_numpy(bool)
        return filled

    def _unreadable(self, error: Exception) -> TableError:
        said = str(error).strip().split("\n")[0]
        return TableError(f"{self.name}: expected a whole Parquet file, which this is not ({said}).")


class ParquetOut:
    """Writes chunks to a Parquet file: the columns as they were read, and ours after them.

    schema : of the columns that were read, None where they are text
    """

    def __init__(self, file: BinaryIO, header: Sequence[str], added: Sequence[str], schema: pa.Schema | None):
        import pyarrow as pa
        import pyarrow.parquet as parquet

        labels = [label if label.strip() else f"column {place + 1}" for place, label in enumerate(header)]
        if twice := next((label for label in labels if labels.count(label) > 1), None):
            raise TableError(f"Table: expected each column once, got {twice!r} twice; Parquet needs names that differ.")
        theirs = schema or pa.schema([(label, pa.string()) for label in labels])
        self.schema = theirs
        for name in added:
            self.schema = self.schema.append(pa.field(name, pa.float64() if name.startswith("p_") else pa.string()))
        self.writer = parquet.ParquetWriter(file, self.schema)
        self.columns = len(labels)
        self.waiting: list[pa.RecordBatch] = []
        self.rows = 0

    def write(self, chunk: Chunk, ours: Sequence[Sequence[object]]) -> None:
        """Write some rows; `ours` are the columns that were added."""
        import pyarrow as pa

        if isinstance(chunk, ParquetChunk):
            theirs = list(chunk.batch.columns)
        else:
            theirs = [pa.array(chunk.column(place), pa.string()) for place in range(self.columns)]
        types = [field.type for field in self.schema][self.columns :]
        added = [pa.array(column, kind, from_pandas=True) for column, kind in zip(ours, types, strict=True)]
        self.waiting.append(cast("pa.RecordBatch", pa.RecordBatch.from_arrays([*theirs, *added], schema=self.schema)))
        self.rows += len(chunk)
        if self.rows >= ROW_GROUP:
            self._write()

    def close(self) -> None:
        """Write the rows that wait, and the end of the file."""
        if self.waiting:
            self._write()
        self.writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        self.writer.write_table(pa.Table.from_batches(self.waiting, self.schema))
        self.waiting, self.rows = [], 0
