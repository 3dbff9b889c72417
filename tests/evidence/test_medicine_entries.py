"""Named medicines through everything that holds a case: files, links, tables, JSON, explanation and report."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cohort.check import check_table
from model.cohort.scoring import score_bytes
from model.errors import CaseFileError
from model.evidence import Case, entered_case, read_case, read_each
from model.evidence.case_link import read_link, to_link
from model.report import report
from model.report.content import report_content

LINES = ["CBZ, 3 weeks, suspected", "omeprazole 3 y", "metformin"]


@pytest.fixture(scope="module")
def k(article):
    return article.knowledge


def test_a_file_keeps_what_was_typed_and_reads_what_it_can(article, k):
    case, unread = entered_case(k, "article", {"medicines": "; ".join(LINES), "fever": "present"})
    assert case.evidence == {"fever": "present", "medicines": LINES[:2]}
    assert [each.given for each in unread] == LINES[2:]
    assert case.entries["medicines"] == LINES
    again, warnings = read_case(case.to_json(article.hash), k, article.hash)
    assert (again.entries, again.unread) == (case.entries, case.unread)
    assert any("metformin" in warning for warning in warnings)
    assert article.posterior(again.evidence).evidence.medicines[0].named.label.startswith("CBZ (Carbamazepine)")
    whole, _ = entered_case(k, "article", {"medicines": "CBZ, 3 weeks; mtx"})
    assert whole.entries == {"medicines": "CBZ, 3 weeks; mtx"}  # as typed, when all of it is read


@pytest.mark.parametrize("value", [5, {"dose": 3}, [["mtx"]], [None], "foo", ["foo", 5]])
def test_what_is_no_medicine_is_left_out_and_saved(article, k, value):
    case, unread = entered_case(k, "article", {"medicines": value, "fever": "present"})
    assert case.evidence == {"fever": "present"}
    assert unread
    assert all(each.sentence.startswith("Left out: medicines: ") for each in unread)
    again, _ = read_case(case.to_json(article.hash), k)
    assert again.entries == case.entries
    assert dict(read_each(k, {"medicines": value, "fever": "present"})[0].hard) == {"fever": 1}


def test_a_link_holds_names_of_the_table_and_no_text(article, k):
    entries = {"medicines": LINES[:2], "methotrexate": "mtx, 2,5 y", "fever": "present", "antibiotic_course": "20 days"}
    case, _ = entered_case(k, "article", entries)
    token = to_link(case, k, article.hash)
    assert token.endswith("antibiotic_course.20_days~fever.y~m.cbz_21_s~m.mtx_913.125~m.omeprazole_1095.75")
    opened, warnings = read_link(token, k, article.hash)
    assert warnings == ()
    assert to_link(opened, k, article.hash) == token
    assert article.posterior(opened.evidence).evidence.key == article.posterior(case.evidence).evidence.key
    with pytest.raises(CaseFileError, match="metformin"):
        to_link(Case("article", {"medicines": LINES}), k, article.hash)


@given(part=st.text(alphabet="mtx._sa0123456789nefrvy-", max_size=20), name=st.sampled_from(["m", "medicines", "M"]))
def test_a_bad_medicine_in_a_link_is_told_and_raises_nothing_else(part, name):
    from model.knowledge import load_knowledge

    try:
        case, _ = read_link(f"1~article~abc~{name}.{part}~fever.y", load_knowledge())
    except CaseFileError:
        return
    assert case.evidence["fever"] == "present"


def test_json_names_the_medicine(article):
    found = article.posterior({"medicines": LINES[:2]}).to_dict()["medicines"]
    assert [(each["name"], each["as"], each["counts"]) for each in found] == [
        ("Carbamazepine", "CBZ", True),
        ("Proton pump inhibitors", "omeprazole", False),
    ]
    assert found[0]["reading"].startswith("CBZ (Carbamazepine), 3 weeks, suspected: occasional culprit")
    json.dumps(found)
    assert "medicines" not in article.posterior({"methotrexate": "present"}).to_dict()


def test_reasons_name_the_medicine(article):
    answer = article.posterior({"medicines": "mtx 2 y", "fever": "present"})
    states = list(article.explain(answer, "drug").items["state"])
    assert sorted(states) == ["present", "present (MTX (Methotrexate), 2 y)"]


def test_a_report_names_the_medicine_and_what_is_not_counted(article, k):
    case, _ = entered_case(k, "article", {"medicines": LINES, "methotrexate": "absent", "fever": "present"})
    content = report_content(article, case)
    medicines = [line for line in content.inputs if line.label == "Medicine"]
    assert [line.entered for line in medicines] == [
        "CBZ (Carbamazepine), 3 weeks, suspected",
        "Omeprazole (Proton pump inhibitors), 3 y",
        "metformin",
    ]
    assert medicines[0].read.startswith("Occasional culprit")
    assert medicines[2].read.startswith("Not read. medicines: ")
    assert any("not counted" in notice for notice in content.notices)
    assert k.nodes["other_culprit_drug"].label not in content.unknown.get("Medicines", ())
    page = report(article, case)
    assert "Omeprazole (Proton pump inhibitors), 3 y" in page


TABLE = pd.DataFrame(
    {
        "Medicines": ["carbamazepine, 3 weeks", "mtx 2 y; omeprazole 3 y", None, "metformin", "cisplatin 2 w",
                      "amoxicillin", "mtx", "valproate", "NA"],
        "fever": ["present"] * 9,
        "methotrexate": ["absent", None, "present", "absent", None, None, "absent", "MTX", "absent"],
        "antibiotic_course": [None, "20 days", None, None, None, None, None, "amoxicillin, 10 d", None],
    }
)  # fmt: skip


def test_a_table_agrees_with_the_single_patient(article):
    found = article.posterior_batch(TABLE)
    assert found["scope"].tolist() == ["in", "in", "in", "invalid", "refused", "in", "invalid", "in", "in"]
    for row in (row for row, verdict in enumerate(found["scope"]) if verdict == "in"):
        entries = {key.casefold(): value for key, value in TABLE.iloc[row].items() if isinstance(value, str)}
        entries = {key: value for key, value in entries.items() if value != "NA"}
        acting = article.posterior(entries).acting
        assert found.loc[row, [f"p_{cause}" for cause in acting]].tolist() == pytest.approx(list(acting.values()))
    assert "'metformin' is not in the table" in found["scope_reason"][3]
    assert "'absent' was entered, and the medicine “MTX (Methotrexate)”" in found["scope_reason"][6]
    assert found.attrs["warnings"] == [
        "Omeprazole (Proton pump inhibitors): rarely guilty and long taken, so not counted; it would be if suspected "
        "or begun within 90 days.",
        "Amoxicillin (Oral penicillins): antibiotic course, up to 2 weeks or over 2 weeks, "
        "for its length is not given, timing not assessed without a duration.",
    ]


def test_a_csv_file_is_checked_and_scored_with_medicines(article):
    content = TABLE.to_csv(index=False).encode()
    check = check_table(article, content, "t.csv")
    (column,) = (each for each in check.columns if each.node == "medicines")
    assert (column.read, column.not_assessed, column.unreadable) == (6, 2, 1)
    scored, summary = score_bytes(article, content, "t.csv")
    assert summary.verdicts == {"in": 6, "invalid": 2, "refused": 1}
    assert "'Medicines' as medicines" in summary.columns[0]
    assert b"p_drug" in scored
