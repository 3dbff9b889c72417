"""CSV, packed CSV, Parquet and Excel give the same patients the same answers, in their order, whole or not at all."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.cohort import parquet_file, scoring
from model.cohort.check import check_table
from model.cohort.chunk import cell_text
from model.cohort.scoring import score, score_bytes
from model.diagnostic_model import load
from model.errors import TableError

MODEL = load()
CAUSES = [f"p_{cause.id}" for cause in MODEL.network.causes]
LABELS = ["id", "ANC (10^9/L)", "fever", "serum_b12", "note", "antibiotic_course"]
ROWS = [
    ["007", "1.2", "present", "150 pg/mL", "=1+1", "none"],
    ["a", "0.3", "yes", "", "", ""],
    ["b", "1.1", "NA", "<50 pg/mL", "é", "21 days"],
    ["c", "", "absent", "low", "", "3"],
]
BAD = [*ROWS, ["d", "1.2", "hot", "", "", ""]]


def as_csv(rows, labels=LABELS):
    return pd.DataFrame(rows, columns=labels).to_csv(index=False).encode()


def as_gzip(rows, labels=LABELS):
    return gzip.compress(as_csv(rows, labels))


def as_parquet(rows, labels=LABELS):
    table = pa.table({label: pa.array([row[place] or None for row in rows]) for place, label in enumerate(labels)})
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=3)
    return out.getvalue()


def as_excel(rows, labels=LABELS):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (labels, *rows):
        book.active.append([None if cell == "" else f"{cell} " if cell.startswith("=") else cell for cell in row])
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(out)
    return out.getvalue()


KINDS = {"in.csv": as_csv, "in.csv.gz": as_gzip, "in.parquet": as_parquet, "in.xlsx": as_excel}
OUT = {"out.csv": pd.read_csv, "out.csv.gz": pd.read_csv, "out.parquet": pd.read_parquet}


def read_back(path):
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"id": str}, keep_default_na=False, na_values=[""])


@pytest.mark.parametrize("target", OUT)
@pytest.mark.parametrize("source", KINDS)
def test_every_kind_gives_the_same_answers_in_the_same_order(tmp_path, monkeypatch, source, target):
    monkeypatch.setattr(scoring, "CHUNK", 2)
    (tmp_path / source).write_bytes(KINDS[source](ROWS))
    seen = []
    summary = score(MODEL, tmp_path / source, tmp_path / target, progress=lambda *done: seen.append(done))
    expected = MODEL.posterior_batch(pd.DataFrame(ROWS, columns=LABELS))
    found = read_back(tmp_path / target)
    assert found["id"].tolist() == ["007", "a", "b", "c"]
    assert found["scope"].tolist() == expected["scope"].tolist() == ["in", "refused", "in", "in"]
    assert np.allclose(found[CAUSES], expected[CAUSES], rtol=0, atol=6e-10, equal_nan=True)
    assert found["top"].fillna("").tolist() == [
        CAUSES[row.argmax()][2:] if known else ""
        for row, known in zip(np.nan_to_num(expected[CAUSES].to_numpy()), expected[CAUSES[0]].notna(), strict=True)
    ]
    assert found["scope_reason"].fillna("").tolist() == expected["scope_reason"].tolist()
    assert set(found["not_read"]) == {"id; note"}
    assert summary.verdicts == {"in": 3, "refused": 1}
    parts = [part for part, _ in seen]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1)
    assert [said for _, said in seen] == ["2 rows", "4 rows"]


@pytest.mark.parametrize("source", KINDS)
def test_a_cell_that_cannot_be_read_is_named_with_its_place_and_nothing_is_written(tmp_path, monkeypatch, source):
    monkeypatch.setattr(scoring, "CHUNK", 2)
    (tmp_path / source).write_bytes(KINDS[source](BAD))
    place = {"in.csv": "line 6", "in.csv.gz": "line 6", "in.parquet": "row 5", "in.xlsx": "row 6"}[source]
    for target in OUT:
        with pytest.raises(TableError, match=f"{source}, {place}, column 'fever': fever: state 'hot' is unknown"):
            score(MODEL, tmp_path / source, tmp_path / target)
    assert [path.name for path in tmp_path.iterdir()] == [source]
    for target in OUT:
        score(MODEL, tmp_path / source, tmp_path / target, on_error="mark")
        assert read_back(tmp_path / target)["scope"].tolist()[-1] == "invalid"


@pytest.mark.parametrize("source", KINDS)
def test_the_check_and_the_bytes_are_those_of_the_file(tmp_path, source):
    content = KINDS[source](BAD)
    found = check_table(MODEL, content, source)
    assert (found.rows, dict(found.verdicts)) == (5, {"in": 3, "refused": 1, "invalid": 1})
    (tmp_path / source).write_bytes(content)
    score(MODEL, tmp_path / source, tmp_path / "out.csv", on_error="mark")
    assert score_bytes(MODEL, content, source)[0] == (tmp_path / "out.csv").read_bytes()


@pytest.mark.parametrize("source", ["in.csv", "in.parquet", "in.xlsx"])
def test_a_failing_row_keeps_its_emergency_in_the_error(tmp_path, source):
    (tmp_path / source).write_bytes(KINDS[source]([["a", "0.3", "hot", "", "", ""]]))
    with pytest.raises(TableError, match="column 'fever': .*Severe neutropenia.* fever: state 'hot' is unknown"):
        score(MODEL, tmp_path / source, tmp_path / "out.csv")


@pytest.mark.parametrize("source", KINDS)
def test_blank_rows_are_left_out_and_told(tmp_path, source):
    (tmp_path / source).write_bytes(KINDS[source]([ROWS[0], [""] * 6, [" "] * 6, ROWS[1]]))
    summary = score(MODEL, tmp_path / source, tmp_path / "out.csv")
    assert summary.rows == 2
    assert summary.warnings == ("2 rows without any cell left out: they are no patients.",)


def test_the_other_columns_of_a_parquet_file_stay_as_they_are(tmp_path):
    table = pa.table({
        "when": pa.array([datetime.datetime(2024, 3, 2), None]), "tags": pa.array([["a", "b"], []]),
        "kind": pa.array(["x", "y"]).dictionary_encode(), "fever": pa.array([True, False]),
        "ANC (/mm3)": pa.array([1200, 1100], pa.int64()), "__index_level_0__": pa.array([7, 3]),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "in.parquet")
    score(MODEL, tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(table.column_names).equals(table)
    expected = [MODEL.posterior({"fever": state}).causes.to_numpy() for state in ("present", "absent")]
    assert np.allclose(found.select(CAUSES).to_pandas(), expected)
    with pytest.raises(TableError, match="column 'tags': expected one value in a cell, got list"):
        score(MODEL, tmp_path / "in.parquet", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_what_pandas_wrote_pandas_reads_with_its_index(tmp_path):
    frame = pd.DataFrame({"fever": pd.Categorical(["present", "absent"]), "anc": ["1200 /mm3", None]}, index=["b", "a"])
    frame.to_parquet(tmp_path / "in.parquet")
    score(MODEL, tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found.index.tolist() == ["b", "a"]
    pd.testing.assert_frame_equal(found[["fever", "anc"]], frame, check_dtype=False)


def test_a_large_row_group_is_read_in_small_batches(monkeypatch):
    rows = [["x", "1.2", "present", "", "", ""]] * 999
    sizes = []
    filled = parquet_file.ParquetRecords._filled
    monkeypatch.setattr(
        parquet_file.ParquetRecords, "_filled", lambda self, batch: sizes.append(len(batch)) or filled(self, batch)
    )
    table = parquet_file.ParquetRecords(io.BytesIO(as_parquet(rows)), "in.parquet")
    assert sum(map(len, table.chunks(100))) == 999
    assert max(sizes) <= 100


CELLS = st.one_of(
    st.floats(), st.integers(-(2**62), 2**62), st.booleans(), st.none(), st.decimals(allow_nan=False, places=3),
    st.text(st.characters(exclude_categories=["Cs"])),
)  # fmt: skip


@given(CELLS)
def test_a_value_becomes_text_that_says_the_same_number(value):
    text = cell_text(value)
    if value is None or value != value:
        assert text == ""
    elif isinstance(value, float) and abs(value) != float("inf"):
        assert float(text) == value
        assert "e" not in text
    elif isinstance(value, int):
        assert text == str(value)


@given(
    st.lists(st.sampled_from([0.3, 1.2, 1.25, 0.7, None]), min_size=1, max_size=9), st.sampled_from(["double", "float"])
)
@settings(max_examples=25)
def test_numbers_of_a_typed_column_are_read_in_the_unit_of_the_header(numbers, kind):
    table = pa.table({"ANC (10^9/L)": pa.array(numbers, pa.float64()), "id": ["x"] * len(numbers)})
    out = io.BytesIO()
    pq.write_table(table.cast(pa.schema([("ANC (10^9/L)", kind), ("id", "string")])), out)
    written = pd.read_csv(io.BytesIO(score_bytes(MODEL, out.getvalue(), "in.parquet")[0]))
    expected = MODEL.posterior_batch(pd.DataFrame({"anc": [None if n is None else f"{n} 10^9/L" for n in numbers],
                                                   "id": "x"}))  # fmt: skip
    assert written["scope"].tolist() == expected["scope"].tolist()


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("in.csv.gz", as_gzip(ROWS)[:-9], "in.csv.gz, line .*: expected a whole file packed with gzip"),
        ("in.csv.gz", b"\x1f\x8bnonsense", "expected a whole file packed with gzip"),
        ("in.parquet", as_parquet(ROWS)[:-9], "in.parquet: expected a whole Parquet file"),
        ("in.parquet", b"fever\npresent\n", "in.parquet: expected a file of the kind its name says"),
        ("in.xlsx", as_excel(ROWS)[:-400], "in.xlsx: expected an Excel workbook"),
        ("in.xlsx", b"PK\x03\x04nothing", "in.xlsx: expected an Excel workbook"),
        ("in.xls", b"\xd0\xcf\x11\xe0" * 9, "an old or locked Excel file; save it as .xlsx"),
    ],
)
def test_files_that_are_broken_leave_nothing_behind(tmp_path, name, content, match):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=match):
        score(MODEL, tmp_path / name, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out.xlsx", "out.tsv", "out.gz", "out.zip", "out.json"])
def test_an_ending_of_another_kind_is_refused(tmp_path, name):
    (tmp_path / "in.csv").write_bytes(as_csv(ROWS))
    with pytest.raises(TableError, match="expected a name that ends in '.csv', '.csv.gz' or '.parquet'"):
        score(MODEL, tmp_path / "in.csv", tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_packed_file_is_the_same_bytes_each_time(tmp_path):
    (tmp_path / "in.csv").write_bytes(as_csv(ROWS))
    for name in ("a.csv.gz", "b.csv.gz"):
        score(MODEL, tmp_path / "in.csv", tmp_path / name, safe=True)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert b"'=1+1" in gzip.decompress((tmp_path / "a.csv.gz").read_bytes())


def workbook(fill):
    book, out = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


def formula(book):
    book.active.append(["anc", "fever"])
    book.active.append(["=300*1", "present"])


def merged(book):
    for row in (["fever", "chemotherapy"], ["absent", "present"], ["absent", None]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")


def two_sheets(book):
    book.active.append(["fever"])
    book.create_sheet("More").append(["fever"])


def empty(book):
    book.active["A1"] = None


@pytest.mark.parametrize(
    ("fill", "match"),
    [
        (formula, "row 2, cell A2: a formula without its result"),
        (merged, "cells B2:B3: expected one value in each cell, got merged cells"),
        (two_sheets, "expected one sheet with patients, got 'Sheet', 'More'"),
        (empty, "expected a row of column names, got an empty sheet"),
    ],
)
def test_what_a_workbook_hides_is_refused(fill, match):
    with pytest.raises(TableError, match=match):
        score_bytes(MODEL, workbook(fill), "in.xlsx")


def test_a_number_that_became_a_date_is_never_a_number():
    def dated(book):
        book.active.append(["ANC (10^9/L)", "id"])
        book.active.append([datetime.date(2024, 2, 1), "a"])
        book.active.append([1.2, "b"])
        book.active.append([0.3, "c"])

    written = pd.read_csv(io.BytesIO(score_bytes(MODEL, workbook(dated), "in.xlsx")[0]))
    assert written["scope"].tolist() == ["invalid", "in", "refused"]
    assert written["ANC (10^9/L)"].tolist() == ["2024-02-01T00:00:00", "1.2", "0.3"]


def test_a_row_wider_than_the_header_is_refused_and_a_workbook_that_grows_too_large():
    def wide(book):
        book.active.append(["fever"])
        book.active.append(["absent", "present"])

    with pytest.raises(TableError, match="row 2: expected 1 cells as in the header, got 2"):
        score_bytes(MODEL, workbook(wide), "in.xlsx")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (1 << 28) + b" ")
    with pytest.raises(TableError, match="expected at most 1024 MB unpacked"):
        score_bytes(MODEL, bomb.getvalue(), "in.xlsx")


def test_ids_are_compared_only_as_far_as_memory_is_bounded(monkeypatch):
    monkeypatch.setattr("model.cohort.repeated_ids.MOST_IDS", 2)
    content = b"id,fever\na,present\nb,absent\na,absent\nc,absent\nc,absent\nc,absent\n"
    monkeypatch.setattr(scoring, "CHUNK", 2)
    said = score_bytes(MODEL, content, "in.csv")[1].warnings
    assert said[0].startswith("Column 'id' looks like an id, but has 'a' in 2 rows:")
    assert said[1] == "Column 'id': only its first 2 ids were compared."
