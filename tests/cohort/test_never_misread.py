"""Tables that were once misread, through every reader of tables: the command, the data frame and the cohort screen."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.__main__ import main
from model.diagnostic_model import load
from model.errors import ImpossibleEvidence, ModelError, OutOfScope, TableError
from model.evidence import read_cell
from views.cohort import view

MODEL = load()
KNOWLEDGE = MODEL.knowledge
CAUSES = [f"p_{cause.id}" for cause in MODEL.network.causes]

CODED_DAYS = "anc,antibiotic_course,fever\n1200 /mm3,1,present\n1200 /mm3,0,absent\n"
HEADER_UNITS = "patient,ANC (10^9/L),fever,chemotherapy\nA,0.3,present,absent\nB,1.2,absent,absent\n"
HEADER_NAMES = "patient,neutrophils,fever,age\nA,0.3 10^9/L,present,7\n"
WITHOUT_UNIT = "patient,neutrophils,fever\nA,0.3,present\nB,1.2,absent\nC,,absent\n"
MISSING = (
    '"","anc","fever","rash","serum_b12"\n"1","1200 /mm3","present",NA,"150 pg/mL"\n"2","1300 /mm3",NA,"absent",NA\n'
)
YES_NO = (
    "anc,fever,rash,methotrexate,antibiotic_course\n1200 /mm3,yes,no,1,20\n1200 /mm3,Y,N,0,\n"
    "1200 /mm3,TRUE,FALSE,TRUE,1\n1200 /mm3,x,,+,\n"
)
NO_COURSE = "patient,antibiotic_course,fever\nA,None,absent\nB,none,absent\nC,,absent\n"


@pytest.fixture(params=["command", "frame", "screen"])
def read(request, tmp_path, capsys):
    """Return a function: table -> (rows as dicts, what the reader said)."""

    def command(text):
        (tmp_path / "in.csv").write_text(text, encoding="utf-8")
        target = tmp_path / "out.csv"
        assert main(["score", str(tmp_path / "in.csv"), "-o", str(target), "--on-error", "mark"]) == 0
        return list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8")))), capsys.readouterr().err

    def frame(text):
        found = MODEL.posterior_batch(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False))
        said = "\n".join((*found.attrs["read"], *found.attrs["not_read"], *found.attrs["warnings"]))
        return found.round(9).astype(object).where(found.notna(), "").to_dict("records"), said

    def screen(text):
        upload = view.upload_of(MODEL, text.encode(), "in.csv", "refuse")
        rows = list(csv.DictReader(io.StringIO(view.score_upload(MODEL, upload).content.decode())))
        lines = [
            view.check_sentence(upload),
            *upload.check.warnings,
            *(line[0] for line in view.column_lines(KNOWLEDGE, upload.check)),
        ]
        return rows, "\n".join(lines)

    return {"command": command, "frame": frame, "screen": screen}[request.param]


def expected(evidence):
    return MODEL.posterior(evidence).causes.to_numpy()


def probabilities(row):
    return [float(row[cause]) for cause in CAUSES]


@pytest.mark.parametrize("text", [HEADER_UNITS, HEADER_NAMES])
def test_a_count_under_a_header_of_another_spelling_is_the_emergency_it_is(read, text):
    rows, said = read(text)
    assert rows[0]["scope"] == "refused"
    assert "0.3 10^9/L" in rows[0]["scope_reason"]
    assert "Emergency" in rows[0]["scope_reason"]
    assert "patient" in said
    if text is HEADER_UNITS:
        assert rows[1]["scope"] == "in"
        assert probabilities(rows[1]) == pytest.approx(expected({"fever": "absent"}), abs=1e-8)
        assert "10^9/L" in said


def test_a_count_without_a_unit_is_no_patient_in_scope(read):
    rows, _ = read(WITHOUT_UNIT)
    assert [row["scope"] for row in rows] == ["invalid", "invalid", "in"]
    assert "anc: a number needs its unit, got '0.3'" in rows[0]["scope_reason"]


def test_a_coded_course_is_asked_about(read):
    rows, _ = read(CODED_DAYS)
    assert [row["scope"] for row in rows] == ["invalid"] * 2
    assert "antibiotic_course: 1 can be a code or a number of days" in rows[0]["scope_reason"]
    rows, _ = read(CODED_DAYS.replace("antibiotic_course", "antibiotic_course (days)"))
    assert probabilities(rows[0]) == pytest.approx(
        expected({"antibiotic_course": "1 day", "fever": "present"}), abs=1e-8
    )


def test_what_stands_for_a_missing_cell_is_not_assessed(read):
    rows, said = read(MISSING)
    assert [row["scope"] for row in rows] == ["in", "in"]
    assert probabilities(rows[0]) == pytest.approx(expected({"fever": "present", "serum_b12": "150 pg/mL"}), abs=1e-8)
    assert probabilities(rows[1]) == pytest.approx(expected({"rash": "absent"}), abs=1e-8)
    assert "column 1" in said or "Unnamed: 0" in said


def test_yes_and_no_are_present_and_absent_and_signs_are_named(read):
    rows, _ = read(YES_NO)
    first = {"fever": "present", "rash": "absent", "methotrexate": "present", "antibiotic_course": 20}
    assert probabilities(rows[0]) == pytest.approx(expected(first), abs=1e-8)
    second = {"fever": "present", "rash": "absent", "methotrexate": "absent"}
    assert probabilities(rows[1]) == pytest.approx(expected(second), abs=1e-8)
    assert [row["scope"] for row in rows] == ["in", "in", "invalid", "invalid"]
    assert "1 can be a code" in rows[2]["scope_reason"]
    assert "fever: state 'x' is unknown" in rows[3]["scope_reason"]
    assert "methotrexate: state '+' is unknown" in rows[3]["scope_reason"]


def test_none_is_no_course_and_blank_is_not_assessed(read):
    rows, _ = read(NO_COURSE)
    none = expected({"fever": "absent", "antibiotic_course": "none"})
    assert probabilities(rows[0]) == probabilities(rows[1]) == pytest.approx(none, abs=1e-8)
    assert probabilities(rows[2]) == pytest.approx(expected({"fever": "absent"}), abs=1e-8)


def test_an_id_that_stands_twice_is_told(read):
    _, said = read("patient,fever,note\nA,present,1\nB,absent,1\nA,absent,2\n,absent,\n,absent,\n")
    assert "Column 'patient' looks like an id, but has 'A' in 2 rows" in said
    assert "'note'" not in said.split("Column 'patient'")[1]


@pytest.mark.parametrize("text", [CODED_DAYS, WITHOUT_UNIT, YES_NO])
def test_a_cell_that_cannot_be_read_ends_the_command_and_nothing_is_written(tmp_path, capsys, text):
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    assert main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    line, column = {
        CODED_DAYS: (2, "antibiotic_course"),
        WITHOUT_UNIT: (2, "neutrophils"),
        YES_NO: (4, "antibiotic_course"),
    }[text]
    said = capsys.readouterr().err
    assert f"in.csv, line {line}, column {column!r}: " in said
    assert "--on-error mark" in said
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_the_line_of_a_cell_is_that_of_the_file(tmp_path, capsys):
    (tmp_path / "in.csv").write_bytes(b'note,fever\n\n"two\nlines",present\n,\n"a\nb",hot\n')
    assert main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    assert "in.csv, line 6, column 'fever': fever: state 'hot'" in capsys.readouterr().err


def test_out_of_scope_is_no_error(tmp_path, capsys):
    (tmp_path / "in.csv").write_text("anc\n300 /mm3\n2000 /mm3\n", encoding="utf-8")
    assert main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    assert "2 refused" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["ignore", ""])
def test_on_error_must_be_known(tmp_path, capsys, word):
    (tmp_path / "in.csv").write_text("fever\npresent\n", encoding="utf-8")
    assert main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), f"--on-error={word}"]) == 2
    assert "expected 'fail' or 'mark'" in capsys.readouterr().err


def test_what_was_not_read_lasts_in_the_file_and_in_the_case(tmp_path):
    text = "id,WBC,fever\n1,2.0,present\n2,3.1,\n"
    upload = view.upload_of(MODEL, text.encode(), "in.csv", "refuse")
    result = view.score_upload(MODEL, upload)
    rows = list(csv.DictReader(io.StringIO(result.content.decode())))
    assert [row["not_read"] for row in rows] == ["id; WBC"] * 2
    assert result.table.not_read == "id; WBC"
    assert view.check_sentence(upload).startswith("2 rows. 1 column is read. Kept, not read: 'id', 'WBC' (Leukocytes: ")
    opened, _ = view.case_of_row(KNOWLEDGE, result, 1, "in.csv")
    assert "id; WBC" in opened.note


@pytest.mark.parametrize("text", [HEADER_UNITS, HEADER_NAMES, WITHOUT_UNIT, MISSING, YES_NO, NO_COURSE, CODED_DAYS])
def test_a_row_opens_as_the_patient_that_was_scored(text):
    upload = view.upload_of(MODEL, text.encode(), "in.csv", "refuse")
    result = view.score_upload(MODEL, upload)
    for number, scope in enumerate(result.table.scope, 1):
        opened, warnings = view.case_of_row(KNOWLEDGE, result, number, "in.csv")
        try:
            answer = MODEL.posterior(opened.evidence)
        except OutOfScope:
            assert scope == "refused"
        except ModelError:
            assert scope == "invalid"
        else:
            assert scope == ("invalid" if opened.unread else "in")
            if scope == "in":
                assert answer.causes.to_numpy() == pytest.approx(result.table.probabilities[number - 1], abs=1e-8)
        assert bool(warnings) == (scope == "invalid")


def test_a_header_that_looks_like_a_guard_stops_every_reader(read):
    for label in ("ANC (stone)", "baseline ANC", "neutrofils"):
        text = f"patient,{label},fever\nA,0.3,present\n"
        with pytest.raises((TableError, AssertionError)):  # the command ends with 2
            read(text)


def test_booleans_and_missing_values_of_pandas_follow_the_rule():
    frame = pd.DataFrame({
        "fever": pd.array([True, False, pd.NA], "boolean"), "rash": [1.0, 0.0, float("nan")],
        "splenomegaly": pd.Series([None, True, "n.a."], dtype=object), "methotrexate": pd.Categorical(["y", "n", "?"]),
    })  # fmt: skip
    alone = [
        {"fever": "present", "rash": "present", "methotrexate": "present"},
        {"fever": "absent", "rash": "absent", "splenomegaly": "present", "methotrexate": "absent"},
        {},
    ]
    found = MODEL.posterior_batch(frame)
    assert found["scope"].tolist() == ["in"] * 3
    for row, evidence in zip(found[CAUSES].to_numpy(), alone, strict=True):
        assert row == pytest.approx(expected(evidence), rel=1e-9)


NODES = [node.id for node in KNOWLEDGE.role("cause", "context", "finding", "guard")]
UNITS = {node: [unit.unit for unit in KNOWLEDGE.units if unit.node == node] for node in NODES}
CELLS = st.one_of(
    st.sampled_from(["", "NA", "yes", "N", "TRUE", "x", "+", "none", "None", "low", "female", "0", "1", "2", "1.0"]),
    st.sampled_from([row.word for row in KNOWLEDGE.cell_words]),
    st.decimals(0, 2000, places=2).map(str), st.integers(0, 400), st.floats(0, 300), st.booleans(), st.none(),
    st.sampled_from(NODES).flatmap(lambda node: st.sampled_from(KNOWLEDGE.nodes[node].states or ["12"])),
    st.sampled_from(NODES).flatmap(lambda node: st.sampled_from([f"120 {unit}" for unit in UNITS[node]] or ["1"])),
)  # fmt: skip


@given(st.sampled_from(NODES), st.data(), CELLS)
@settings(max_examples=200)
def test_a_cell_of_a_table_is_what_read_evidence_reads_by_the_rule(node, data, cell):
    unit = data.draw(st.sampled_from(["", *UNITS[node]]))
    label = f"{node} ({unit})" if unit else node
    row = MODEL.posterior_batch(pd.DataFrame({label: pd.Series([cell], dtype=object), "patient": "x"})).iloc[0]
    answer = None
    try:
        value = read_cell(KNOWLEDGE, node, cell, unit)
        answer = MODEL.posterior({} if value is None else {node: value})
        said = "in", ""
    except OutOfScope as refused:
        said = "refused", str(refused)
    except ImpossibleEvidence as clash:
        said = "impossible", str(clash)
    except ModelError as error:
        said = "invalid", str(error)
    assert (row["scope"], row["scope_reason"]) == said
    if answer is None:
        assert row[CAUSES].isna().all()
    else:
        assert row[CAUSES].to_numpy(float) == pytest.approx(answer.causes.to_numpy(), rel=1e-9)
