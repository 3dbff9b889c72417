"""Names, notes, ids and headings that somebody else wrote stay text: in the report and in every CSV that comes out.

What a browser makes of them on the screens stands in ``tests/browser/test_hostile.py``.
"""

import csv
import io
from collections import Counter

import pytest

import model
from model.__main__ import main
from model.evidence import Case
from model.report import report
from tests.report.test_report import Page
from views.cohort import view

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "</td></table><h2>x</h2>",
    "</style><style>*{display:none}", "&lt;b&gt;&#60;i&#62;", "{{ 7*7 }}{% for x in y %}", "${7*7}",
    "javascript:alert(1)",
    "[a](//example.org) ![b](//example.org/x.png)", "<!--", "]]>", "\u202egnp.exe", "a\x07b\x1b[31mc", "=1+1", "+1",
    "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", '=HYPERLINK("http://example.org";"x")', "=cmd|' /C calc'!A0",
)  # fmt: skip
M = model.load()


def written(note="n", key="key", value="value", when="now"):
    return Page(report(M, Case("article", {"fever": "present", key: "present", "rash": value}, note), when=when))


HARMLESS = Counter(tag for tag, _ in written().tags)
NAMES = {name for _, attributes in written().tags for name in attributes}


@pytest.mark.parametrize("evil", HOSTILE)
def test_the_report_has_the_tags_it_always_has(evil):
    for place in ("note", "key", "value", "when"):
        page = written(**{place: evil})
        assert Counter(tag for tag, _ in page.tags) == HARMLESS, place
        assert {name for _, attributes in page.tags for name in attributes} == NAMES, place
    assert "".join(evil.split()) in "".join(written(note=evil).text.split())


def formulas(content):
    """Return the cells that a spreadsheet would run; a plain number is none."""
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    return [
        cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) and not number(cell)
    ]


def number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.fixture
def table():
    rows = io.StringIO()
    csv.writer(rows).writerows([["id", "fever", *HOSTILE], *([evil, "present", *HOSTILE] for evil in HOSTILE)])
    return rows.getvalue().encode()


def test_no_cell_of_the_cohort_screens_file_is_a_formula(table):
    """The patients come back with the cells they had, and an apostrophe where a spreadsheet would run one."""
    upload = view.upload_of(M, table, "in.csv", "refuse")
    content = view.score_upload(M, upload).content.decode()
    assert formulas(content) == []
    back = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["id"].removeprefix("'") for row in back] == [evil.removeprefix("'") for evil in HOSTILE]
    assert len({row["p_drug"] for row in back}) == 1


def test_score_keeps_cells_of_others_and_makes_them_safe_on_request(table, tmp_path, capsys):
    (tmp_path / "in.csv").write_bytes(table)
    for words, found in (([], True), (["--safe"], False)):
        assert main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), *words]) == 0
        assert bool(formulas((tmp_path / "out.csv").read_bytes().decode())) == found
    capsys.readouterr()


@pytest.mark.parametrize("evil", [each for each in HOSTILE if each.strip() == each])
def test_a_reason_that_quotes_a_cell_is_no_formula(evil, tmp_path, capsys):
    """Columns of ours are safe always: here the cell itself is what cannot be read."""
    rows = io.StringIO()
    csv.writer(rows).writerows([["fever", evil], [evil, "x"]])
    (tmp_path / "in.csv").write_bytes(rows.getvalue().encode())
    assert main(["score", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--on-error", "mark"]) == 0
    row = next(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_bytes().decode(), newline="")))
    assert row["scope"] == "invalid"
    ours = io.StringIO()
    csv.writer(ours).writerow([row["scope_reason"], row["not_read"], row["top"]])
    assert formulas(ours.getvalue()) == []
    capsys.readouterr()
