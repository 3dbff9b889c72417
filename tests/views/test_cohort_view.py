"""A table of patients: what is said before scoring is what scoring does; the figures are those of the file."""

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model import charts
from model.__main__ import main
from model.cohort import check as table_check
from model.cohort import read_scored, scoring, summarise
from model.cohort.check import check_table
from model.cohort.scoring import added_columns, score_bytes
from model.errors import EvidenceError, ModelError, TableError
from model.evidence import cases_of_today, read_evidence, todays_words
from model.wording import cause_labels
from views.cohort import view

M = model.load()
KNOWLEDGE = M.knowledge
CAUSES = [node.id for node in KNOWLEDGE.role("cause")]
CELLS = {
    "fever": ["present", "absent", "", "  ", "Present ", "yes", "so-so", "NA"],
    "serum_b12": ["150 pg/mL", "low", "", "12", "250 pg/mL"],
    "anaemia": ["9.5 g/dL", "present", "", "90 g/L", "much"],
    "anc": ["1200 /mm3", "800 /mm3", "300 /mm3", "", "1.2 10^9/L", "many", "2000 /mm3"],
    "age": ["43", "7", "", "old"],
    "sex": ["F", "male", "", "?"],
    "drug": ["absent", "", "present"],
}
rows = st.lists(st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())), min_size=1, max_size=12)


def table(rows, head=tuple(CELLS), extra="id"):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[extra, *head], *([str(i), *row] for i, row in enumerate(rows))])
    return buffer.getvalue().encode()


def readable(node, cell, row):
    """Whether one cell is read, blank or neither: cell by cell, with the sex of its row where that can be read."""
    if cell.strip() in ("", "?", "NA"):
        return "blank"
    cell, sex = {"yes": "present"}.get(cell, cell), {}
    if node != "sex" and row["sex"].strip(" ?"):
        try:
            read_evidence(KNOWLEDGE, {"sex": row["sex"]})
            sex = {"sex": row["sex"]}
        except ModelError:
            pass
    try:
        read_evidence(KNOWLEDGE, {node: cell, **sex})
    except ModelError:
        return "unreadable"
    return "read"


@given(rows, st.sampled_from(["refuse", "allow"]))
@settings(max_examples=40, deadline=None)
def test_the_check_says_what_scoring_does(drawn, outside):
    check = check_table(M, table(drawn), "a.csv", outside)
    cells = [dict(zip(CELLS, row, strict=True)) for row in drawn]
    for column in check.columns:
        said = [readable(column.node, row[column.node], row) for row in cells]
        assert (column.read, column.not_assessed, column.unreadable) == tuple(
            map(said.count, ("read", "blank", "unreadable"))
        )
        assert sum(wrong.rows for wrong in column.examples) == column.unreadable  # never over three kinds here
    found = M.posterior_batch(pd.DataFrame(cells, dtype=str), outside)["scope"].replace("impossible", "in")
    assert check.verdicts == found.value_counts().to_dict()
    assert sum(rule.rows for rule in check.rules) == sum(check.verdicts.get(v, 0) for v in ("near", "refused"))
    assert check.others == ("id",)


def test_rules_are_those_of_the_scope_guard_with_the_first_row_they_decide():
    drawn = [("", "", "", count, "", "", "") for count in ("1200 /mm3", "800 /mm3", "300 /mm3", "900 /mm3", "")]
    check = check_table(M, table(drawn), "a.csv")
    assert [(rule.rule, rule.verdict, rule.rows, rule.first) for rule in check.rules] == [
        ("anc_near", "refused", 2, 2), ("anc_below_500", "refused", 1, 3),
    ]  # fmt: skip
    allowed = check_table(M, table(drawn), "a.csv", "allow")
    assert {(rule.rule, rule.verdict) for rule in allowed.rules} == {("anc_near", "near"), ("anc_below_500", "refused")}


def test_chunks_change_nothing(monkeypatch):
    drawn = [("present", "12", "much", "300 /mm3", "43", "?", "")] * 3 + [
        ("so-so", "low", "", "800 /mm3", "", "F", "")
    ] * 4
    expected = check_table(M, table(drawn), "a.csv")
    seen = []
    for module in (scoring, table_check):
        monkeypatch.setattr(module, "CHUNK", 2)
    assert check_table(M, table(drawn), "a.csv", progress=lambda *done: seen.append(done)) == expected
    assert [rows for _, rows in seen] == ["2 rows", "4 rows", "6 rows", "7 rows"]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (["fever", "rsh", "p_drug"], ["did you mean 'rash'", "scoring adds column 'p_drug'"]),
        (["fever", "fever"], ["each column once, got 'fever' twice"]),
        (["fever", "decreased_production", "top"], ["a mechanism follows", "scoring adds column 'top'"]),
        (["id", "name"], ["one column or more named after a node"]),
        (["fever;rash"], ["separated by commas, not by ';'"]),
    ],
)
def test_every_column_to_correct_is_named_at_once(head, words):
    content = (",".join(head) + "\n" + "," * (len(head) - 1) + "\n").encode()
    problems = check_table(M, content, "a.csv").problems
    assert len(problems) == len(words)
    for sentence, word in zip(problems, words, strict=True):
        assert word.casefold() in sentence.casefold()
    with pytest.raises(TableError) as refused:
        view.upload_of(M, content, "a.csv", "refuse")
    assert str(refused.value).count("\n") == len(words) - 1
    with pytest.raises(TableError):
        score_bytes(M, content, "a.csv")


def test_too_much_is_refused_with_the_limit(monkeypatch):
    monkeypatch.setattr(view, "MOST_ROWS", 3)
    view.upload_of(M, b"fever\n" + b"present\n" * 3, "a.csv", "refuse")
    with pytest.raises(TableError, match="at most 3 rows, got more"):
        view.upload_of(M, b"fever\n" + b"present\n" * 4, "a.csv", "refuse")
    with pytest.raises(TableError, match="at most 5 MB"):
        view.upload_of(M, b"fever\n" + b"x" * (5 << 20), "a.csv", "refuse")


@pytest.mark.parametrize("outside", ["refuse", "allow"])
def test_the_download_is_what_the_command_line_writes(tmp_path, outside, capsys):
    theirs = (
        b'\xef\xbb\xbfid,"note, \xc3\xa9",fever,anc\r\n=cmd(),"two\nlines",present,800 /mm3\r\n-5,+a,what,1200 /mm3\r\n'
    )
    for content in (theirs, view.example(KNOWLEDGE).encode()):
        (tmp_path / "in.csv").write_bytes(content)
        main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--safe", "--on-error", "mark",
              "--outside", outside])  # fmt: skip
        capsys.readouterr()
        upload = view.upload_of(M, content, "in.csv", outside)
        assert view.score_upload(M, upload).content == (tmp_path / "out.csv").read_bytes()


def scored(content, outside="allow"):
    upload = view.upload_of(M, content, "in.csv", outside)
    return upload, view.score_upload(M, upload)


def test_the_figures_are_those_of_the_file():
    _, result = scored(view.example(KNOWLEDGE).encode())
    file = list(csv.DictReader(io.StringIO(result.content.decode())))
    answered = [row for row in file if row["top"]]
    summary = result.summary
    assert summary.answered == len(answered) > 40
    for cause in CAUSES:
        assert summary.leads[cause] == sum(row["top"] == cause for row in answered)
        assert summary.mean[cause] == pytest.approx(sum(float(row[f"p_{cause}"]) for row in answered) / len(answered))
    highest = [max(float(row[f"p_{cause}"]) for cause in CAUSES) for row in answered]
    tenths = [min(math.floor(10 * p), 9) for p in highest]
    assert [rows for _, _, rows in summary.clarity] == [tenths.count(tenth) for tenth in range(10)]
    assert summary.verdicts == {v: sum(row["scope"] == v for row in file) for v in {row["scope"] for row in file}}


def test_a_table_of_nobody_and_one_without_an_answer():
    for content, rows in ((b"fever\n", 0), (b"anc\n300 /mm3\n", 1)):
        _, result = scored(content)
        assert len(result.table) == rows
        assert result.summary.answered == 0
        assert result.summary.mean == {}
        assert len(view.patient_rows(KNOWLEDGE, result, 0)) == rows


def test_a_row_opens_as_the_patient_that_was_scored():
    upload, result = scored(view.example(KNOWLEDGE).encode())
    ids = [row[0] for row in result.table.rows]
    for case_id, case in cases_of_today(KNOWLEDGE.folder).items():
        number = ids.index(case_id) + 1
        opened, warnings = view.case_of_row(KNOWLEDGE, result, number, upload.name)
        presenting = case.presenting()
        assert warnings == read_evidence(KNOWLEDGE, presenting).notices
        folded = {node: v.casefold() if isinstance(v, str) else v for node, v in opened.evidence.items()}
        assert folded == todays_words(KNOWLEDGE, presenting)[0]
        if result.table.top[number - 1]:
            expected = M.posterior(opened.evidence, "allow").causes.to_numpy()
            assert np.allclose(result.table.probabilities[number - 1], expected, atol=1e-8)


def test_a_row_with_cells_that_cannot_be_read_opens_without_them():
    content = table([("so-so", "low", "9.5 g/dL", "", "43", "F", "")])
    upload, result = scored(content)
    opened, warnings = view.case_of_row(KNOWLEDGE, result, 1, upload.name)
    assert opened.evidence == {"serum_b12": "low", "anaemia": "9.5 g/dL", "age": "43", "sex": "female"}
    assert len(warnings) == 1
    assert warnings[0].startswith("Left out: Fever: state “so-so” is unknown")


def test_a_row_with_a_guard_that_cannot_be_read_opens_with_it_and_has_no_answer():
    upload, result = scored(b"fever,age,blasts\npresent,7 ans,many\n")
    opened, warnings = view.case_of_row(KNOWLEDGE, result, 1, upload.name)
    assert opened.evidence == {"fever": "present", "age": "7 ans", "blasts": "many"}
    assert [warning.split(":")[1] for warning in warnings] == [" Age", f" {KNOWLEDGE.nodes['blasts'].label}"]
    with pytest.raises(EvidenceError, match=r"age: .*blasts: "):
        M.posterior(opened.evidence)


def test_template_and_guide_name_every_column_that_is_read():
    entered = {node.id for node in KNOWLEDGE.role("context", "finding", "cause", "guard")} | {"medicines"}
    header = view.template(KNOWLEDGE).strip().split(",")
    check = check_table(M, view.template(KNOWLEDGE).encode(), "template.csv")
    assert {column.node for column in check.columns} == entered == set(header) - {"patient"}
    for line in csv.DictReader(io.StringIO(view.guide(KNOWLEDGE))):
        if line["allowed"] != "a number" and line["column"] != "medicines":
            for state in line["allowed"].split(", "):
                read_evidence(KNOWLEDGE, {line["column"]: state})


def test_pages_hold_every_row_once():
    _, result = scored(b"id,fever\n" + b"".join(b"%d,present\n" % i for i in range(view.PAGE * 2 + 1)))
    numbers = [row.number for page in range(view.pages(result)) for row in view.patient_rows(KNOWLEDGE, result, page)]
    assert numbers == list(range(1, view.PAGE * 2 + 2))
    first = view.patient_rows(KNOWLEDGE, result, 0)[0]
    expected = M.posterior({"fever": "present"}).causes
    assert (first.about, first.top) == ("0", cause_labels(KNOWLEDGE)[expected.idxmax()])


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "a\\b\\c.csv", "", "x" * 500 + ".csv", "a\x00\n.csv"])
def test_a_file_name_is_a_short_plain_name(name):
    found = view.file_name(name)
    assert 0 < len(found) <= view.LONGEST_NAME
    assert not set(found) & set("/\\\n\x00")


@pytest.mark.parametrize("picture", ["cohort_leaders", "cohort_means", "cohort_clarity"])
def test_every_picture_says_the_same_as_its_text(picture):
    table = read_scored(score_bytes(M, view.example(KNOWLEDGE).encode(), "in.csv")[0], added_columns(M))
    summary = summarise(table, cause_labels(KNOWLEDGE))
    text = getattr(charts, f"{picture}_text")(summary)
    for palette in (charts.LIGHT, charts.DARK):
        chart = getattr(charts, picture)(summary, palette=palette)
        spec = chart.to_dict()
        assert spec["description"] == text
        (data,) = spec["datasets"].values()
        for row in data:
            if picture == "cohort_leaders":
                assert any(line.split() == [*row["cause"].split(), str(row["rows"])] for line in text.splitlines())
            elif picture == "cohort_means":
                assert any(line.startswith(row["cause"]) and line.endswith(row["shown"]) for line in text.splitlines())
            else:
                start = f"{100 * row['low']:.0f} to"
                assert any(line.startswith(start) and line.endswith(str(row["rows"])) for line in text.splitlines())
