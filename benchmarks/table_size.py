"""Tables of patients of any size through ``score``: time a row and peak memory, each size in a process of its own.

python -m benchmarks.table_size KIND ROWS is that process; ``python -m benchmarks table --large`` adds 10^7 rows.
"""

from __future__ import annotations

import csv
import gzip
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

import model
from benchmarks.table import table

SIZES, LARGE = (10**4, 10**5, 10**6), 10**7
KINDS = (".csv", ".csv.gz", ".parquet")
BLOCK = 10**4  # patients that are drawn; longer tables repeat them under new ids and numbers
FILLED = 0.6  # of the cells


def run(large: bool = False) -> str:
    """Score tables of every size and kind, each in a process of its own."""
    rows = []
    for size in (*SIZES, *((LARGE,) if large else ())):
        for kind in KINDS:
            words = [sys.executable, "-m", "benchmarks.table_size", kind, str(size)]
            seconds, memory, before = map(float, subprocess.check_output(words, text=True).split())
            rows.append([f"{size:,} rows, {kind}", f"{seconds:.1f} s", f"{1e6 * seconds / size:.0f} µs",
                         f"{memory:.0f} MB", f"{memory - before:.0f} MB"])  # fmt: skip
    return table(
        "score: 39 columns, three of them numbers", ["", "time", "a row", "peak memory", "above the imports"], rows
    )


def write_patients(path: Path, kind: str, size: int) -> None:
    """Write a table of `size` patients drawn from the model, a block at a time."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as parquet

    loaded, rng = model.load(), np.random.default_rng(0)
    drawn = loaded.simulate(BLOCK, seed=1).drop(columns=[cause.id for cause in loaded.network.causes])
    drawn = drawn.mask(rng.random(drawn.shape) > FILLED, "").astype(str)
    labels = ["patient", *drawn.columns, "anc"]
    opened = gzip.open if kind == ".csv.gz" else open
    schema = pa.schema([(label, pa.string()) for label in labels])
    with opened(path, "wt", newline="") as text, parquet.ParquetWriter(path.with_suffix(".pq"), schema) as packed:
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(labels)
        for start in range(0, size, BLOCK):
            block = drawn.iloc[: min(BLOCK, size - start)].copy()
            count = len(block)
            block["serum_b12"] = [f"{n} pg/mL" for n in rng.integers(60, 900, count)]
            block["thrombocytopenia"] = [f"{n} 10^9/L" for n in rng.integers(60, 400, count)]
            block["anc"] = [f"{n} /mm3" for n in rng.integers(1000, 1500, count)]
            block.insert(0, "patient", [f"P{start + n}" for n in range(count)])
            if kind == ".parquet":
                packed.write_table(pa.Table.from_pandas(pd.DataFrame(block), schema, preserve_index=False))
            else:
                lines.writerows(block.itertuples(index=False))
    if kind == ".parquet":
        path.with_suffix(".pq").replace(path)


def _measure(kind: str, size: int) -> None:
    from model.cohort.scoring import score

    with TemporaryDirectory() as folder:
        source, target = Path(folder) / f"in{kind}", Path(folder) / f"out{kind}"
        words = f"from benchmarks.table_size import *; write_patients(Path({str(source)!r}), {kind!r}, {size})"
        subprocess.run([sys.executable, "-c", words], check=True)  # so that its memory does not count
        loaded = model.load()
        import pandas  # noqa: F401
        import pyarrow.parquet  # noqa: F401

        before = _peak()
        began = perf_counter()
        summary = score(loaded, source, target)
        seconds = perf_counter() - began
        assert summary.rows == size
        print(seconds, _peak(), before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2]))
