"""A CSV file in, the same file with posteriors out: whole or not at all, and nothing of it changed."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from model.cohort import scoring
from model.cohort.scoring import score
from model.diagnostic_model import load
from model.errors import EvidenceError, ExportError, TableError

MODEL = load()
CAUSES = [cause.id for cause in MODEL.network.causes]
ADDED = [*(f"p_{cause}" for cause in CAUSES), "top", "scope", "scope_reason", "not_read"]


def records(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def write(tmp_path):
    def writer(content, name="in.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return writer


def test_rows_are_scored_as_by_the_library(write, tmp_path):
    source = write("fever,anc,rash\npresent,1200 /mm3,\nabsent,300 /mm3,\nhot,,\n,,present\n")
    summary = score(MODEL, source, tmp_path / "out.csv", on_error="mark")
    header, *rows = records(tmp_path / "out.csv")
    assert header == ["fever", "anc", "rash", *ADDED]
    expected = MODEL.posterior_batch(pd.read_csv(source, dtype=str))
    for row, (_, found) in zip(rows, expected.iterrows(), strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["scope"] == found["scope"]
        assert cells["scope_reason"] == found["scope_reason"]
        if found["scope"] == "in":
            probabilities = {cause: found[f"p_{cause}"] for cause in CAUSES}
            assert all(cells[f"p_{cause}"] == f"{p:.9f}" for cause, p in probabilities.items())
            assert cells["top"] == max(probabilities, key=probabilities.get)
        else:
            assert {cells[name] for name in ADDED[:-3]} == {""}
    assert (summary.rows, summary.answered) == (4, 2)
    assert summary.verdicts == {"in": 2, "refused": 1, "invalid": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_cells_stay_as_they_are(write, tmp_path, end, mark):
    theirs = [["id", "note, é", "fever", ""], ["007", 'say "a"', " present ", " "], ["1e5", "two\nlines", "", "NA"]]
    theirs += [["=1+1", "-5", "NULL", "nan"]]
    text = mark + end.join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in theirs) + end + end
    score(MODEL, write(text), tmp_path / "out.csv")
    found = records(tmp_path / "out.csv")
    assert [row[:4] for row in found] == theirs
    content = (tmp_path / "out.csv").read_bytes()
    assert content.endswith(end.encode())
    assert content.startswith("\ufeff".encode()) == bool(mark)
    assert content.count(b"\r\n") == (4 if end == "\r\n" else 0)


def test_safe_defuses_formulas_but_not_numbers(write, tmp_path):
    score(MODEL, write("=id,fever,n\n=cmd(),present,-5\n@x,, +a\n"), tmp_path / "out.csv", safe=True)
    assert [row[:3] for row in records(tmp_path / "out.csv")] == [
        ["'=id", "fever", "n"], ["'=cmd()", "present", "-5"], ["'@x", "", "' +a"],
    ]  # fmt: skip


def test_our_cells_are_no_formulas(write, tmp_path):
    score(MODEL, write("fever,=1+1\n=HYPERLINK(1),\n-1,\n@x,\n+2,\n"), tmp_path / "out.csv", on_error="mark")
    header, *rows = records(tmp_path / "out.csv")
    assert {row[header.index("scope")] for row in rows} == {"invalid"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row[2:])


def test_a_reason_is_no_formula_either(write, tmp_path, monkeypatch):
    scored = scoring.TableScorer.score

    def answer(*words):
        found = scored(*words)
        found.reason[:] = "=1+1"
        return found

    monkeypatch.setattr(scoring.TableScorer, "score", answer)
    score(MODEL, write("fever\npresent\n"), tmp_path / "out.csv")
    assert records(tmp_path / "out.csv")[1][-2] == "'=1+1"


def test_progress_counts_rows_and_the_part_of_the_bytes_to_the_end(write, tmp_path, monkeypatch):
    monkeypatch.setattr(scoring, "CHUNK", 2)
    source, seen = write("fever\n" + "present\n" * 5), []
    score(MODEL, source, tmp_path / "out.csv", progress=lambda *done: seen.append(done))
    assert [rows for _, rows in seen] == ["2 rows", "4 rows", "5 rows"]
    parts = [part for part, _ in seen]
    assert parts == sorted(parts)
    assert parts[-1] == 1


def test_a_header_alone_is_a_table_of_nobody(write, tmp_path):
    assert score(MODEL, write("fever,id\n"), tmp_path / "out.csv").rows == 0
    assert records(tmp_path / "out.csv") == [["fever", "id", *ADDED]]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("", "in.csv: expected a row of column names, got an empty file"),
        ("\n\n", "got an empty file"),
        ("id,name\n1,a\n", "in.csv: Table: expected one column or more named after a node"),
        ("fever;rash\npresent;\n", "separated by commas, not by ';'"),
        ("fever,rsh\n,\n", "did you mean 'rash'"),
        ("fever,top\n,\n", "scoring adds column 'top'"),
        ("fever,p_drug\n,\n", "scoring adds column 'p_drug'"),
        ("fever,Scope\n,\n", "scoring adds column 'Scope'"),
        ("fever,rash\npresent,\nabsent\n", "in.csv, line 3: expected 2 cells as in the header, got 1"),
        ("fever,rash\npresent,,\n", "line 2: expected 2 cells as in the header, got 3"),
        (b"fever,note\npresent,\xe9\n", "line 2: expected UTF-8"),
        (b"fever,note\npresent,\0\n", "line 2: expected text, got a NUL byte"),
        ('fever,note\npresent,"a"b\n', "line 2: expected CSV"),
        ('fever,note\npresent,"a\n', "expected CSV"),
        ("fever,note\npresent," + "a" * 40_000 + "\n", "line 2: expected cells of at most 32767 letters"),
        ("fever," + ",".join(f"c{n}" for n in range(1000)) + "\n", "expected at most 1000 columns, got 1001"),
        (b"fever,note\npresent," + b"a" * (1 << 22), "expected lines of less than"),
    ],
)
def test_files_that_cannot_be_taken_leave_nothing_behind(write, tmp_path, content, match):
    source, target = write(content), tmp_path / "out.csv"
    target.write_text("before")
    with pytest.raises(TableError, match=match):
        score(MODEL, source, target)
    assert target.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_run_that_is_stopped_leaves_nothing_behind(write, tmp_path, error):
    def stop(*_):
        raise error

    with pytest.raises(error):
        score(MODEL, write("fever\npresent\n"), tmp_path / "out.csv", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_source_and_target_must_differ_and_be_files(write, tmp_path):
    source = write("fever\npresent\n")
    (tmp_path / "link.csv").symlink_to(source)
    for target, match in [
        (source, "another file"), (tmp_path / "link.csv", "another file"), (tmp_path, "got a folder"),
        (tmp_path / "no" / "out.csv", "folder that exists"),
    ]:  # fmt: skip
        with pytest.raises((TableError, ExportError), match=match):
            score(MODEL, source, target)
    for missing, match in [(tmp_path / "none.csv", "no such file"), (tmp_path, "a folder")]:
        with pytest.raises(TableError, match=match):
            score(MODEL, missing, tmp_path / "out.csv")
    assert source.read_text() == "fever\npresent\n"


def test_outside_and_scope_are_handed_on(write, tmp_path):
    source, target = write("anc\n700 /mm3\n"), tmp_path / "out.csv"
    assert score(MODEL, source, target).verdicts == {"refused": 1}
    assert score(MODEL, source, target, "allow").verdicts == {"near": 1}
    assert score(MODEL, source, target, scope=False).verdicts == {"unchecked": 1}
    with pytest.raises(EvidenceError, match="outside"):
        score(MODEL, source, target, "maybe")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_lone_carriage_return_stays_inside_its_cell(write, tmp_path, end):
    source = write(end.join(["fever,note", 'present,"a\rb"', 'absent,"\r"', 'absent,"c\r\nd\ne"', ""]))
    score(MODEL, source, tmp_path / "out.csv")
    assert [row[:2] for row in records(tmp_path / "out.csv")] == [
        ["fever", "note"], ["present", "a\rb"], ["absent", "\r"], ["absent", "c\r\nd\ne"],
    ]  # fmt: skip
    assert pd.read_csv(tmp_path / "out.csv")["note"].tolist() == ["a\rb", "\r", "c\r\nd\ne"]
    assert (tmp_path / "out.csv").read_bytes().split(b"not_read", 1)[1].startswith(end.encode() + b"present")


def test_a_blank_row_is_no_patient_and_is_told(write, tmp_path):
    assert score(MODEL, write("fever\n\npresent\n\n\nabsent\n\n"), tmp_path / "out.csv").rows == 2
    assert [row[0] for row in records(tmp_path / "out.csv")] == ["fever", "present", "absent"]
    summary = score(MODEL, write("fever,rash,id\npresent,,\n\n,,\nabsent,,\n , ,\n,,3\n"), tmp_path / "out.csv")
    assert summary.rows == 3
    assert summary.warnings == ("2 rows without any cell left out: they are no patients.",)


def test_any_name_that_can_be_written_will_do(write, tmp_path):
    source = write("fever\npresent\n")
    longest = tmp_path / ("a" * 251 + ".csv")
    assert score(MODEL, source, longest).rows == 1
    longest.unlink()
    for target in (tmp_path / ("a" * 300), tmp_path / ("a" * 300) / "out.csv"):
        with pytest.raises(ExportError, match="cannot be written"):
            score(MODEL, source, target)
    with pytest.raises(TableError, match="cannot be read"):
        score(MODEL, tmp_path / ("a" * 300), tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_summary_is_a_sentence(write, tmp_path):
    target = tmp_path / "out.csv"
    summary = score(MODEL, write("fever\nhot\npresent\nabsent\n"), target, on_error="mark")
    assert summary.outcome == f"3 rows: 2 in scope, 1 invalid; written to {target}"
    assert str(summary) == f"Read: 'fever'.\nNot read: no column.\n{summary.outcome}"
    near = score(MODEL, write("anc\n700 /mm3\n"), target, "allow")
    assert near.outcome == f"1 row: 1 near the scope; written to {target}"
    assert score(MODEL, write("fever\n"), target).outcome == f"0 rows; written to {target}"
