"""An age is one entry for two readers: the scope guard sees the number, the network its band."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from model.cohort.column_cells import UNREADABLE
from model.cohort.header import read_header
from model.cohort.patient_table import TableScorer
from model.errors import EvidenceError, OutOfScope
from model.evidence import check_scope, read_case, read_each, read_evidence
from model.inference.batch import UNOBSERVED
from model.knowledge import load_knowledge

BANDS = ("under_40", "40_to_64", "65_and_over")


@pytest.fixture(scope="module")
def tables():
    return load_knowledge()


@pytest.mark.parametrize(
    ("age", "band"),
    [(18, 0), ("39 years", 0), (39.9, 0), (40, 1), ("64", 1), (64.9, 1), (65, 2), ("90 y", 2), ("480 months", 1)],
)
def test_the_band_follows_from_the_age(age, band, tables):
    read = read_evidence(tables, {"fever": "present", "age": age})
    assert read.hard == {"fever": 1, "age_band": band}
    assert set(read.given) == {"fever", "age", "age_band"}
    assert read.given["age_band"] == BANDS[band]
    assert isinstance(read.guards["age"], float)


def test_a_number_for_the_band_is_the_age(tables):
    read, age = (read_evidence(tables, {node: "52 years"}) for node in ("age_band", "age"))
    assert (read.key, read.given) == (age.key, age.given)
    for node in ("age", "age_band"):
        with pytest.raises(OutOfScope, match="under 18"):
            check_scope(tables, read_evidence(tables, {node: 7}))


def test_a_band_alone_states_an_adult(tables):
    read = read_evidence(tables, {"age_band": "65_and_over"})
    assert (read.hard, read.guards) == ({"age_band": 2}, {})
    assert check_scope(tables, read).verdict == "in"


def test_a_band_beside_its_age(tables):
    read = read_evidence(tables, {"age": 70, "age_band": "65_and_over"})
    assert read.hard == {"age_band": 2}
    likely = read_evidence(tables, {"age": 70, "age_band": {"65_and_over": 1, "40_to_64": 1}})
    assert (likely.hard, likely.soft) == ({"age_band": 2}, {})
    wrong = {"age": 70, "age_band": "under_40", "fever": "present"}
    with pytest.raises(EvidenceError, match="age_band: expected '65_and_over', for age is 70, got another"):
        read_evidence(tables, wrong)
    usable, unread = read_each(tables, wrong)
    assert dict(usable.hard) == {"fever": 1, "age_band": 2}
    assert [(each.node, each.guard) for each in unread] == [("age_band", True)]
    with pytest.raises(EvidenceError, match="expected each node once, got 'age' twice"):
        read_evidence(tables, {"age": 70, "age_band": "70 years"})


@pytest.mark.parametrize("given", ["7 ans", "old", "", True])
def test_a_band_that_cannot_be_read_is_never_answered_without(given, tables):
    _, unread = read_each(tables, {"fever": "present", "age_band": given})
    assert [(each.node, each.guard) for each in unread] == [("age_band", True)]


def test_a_case_file_keeps_what_was_typed(tables):
    case, warnings = read_case('{"schema": 1, "evidence": {"age": 52, "fever": "present"}}', tables)
    assert (case.evidence, warnings) == ({"age": 52, "fever": "present"}, ())


@pytest.mark.parametrize("columns", [("age",), ("age_band",), ("age", "age_band"), ("age_band", "age", "sex")])
def test_a_table_is_read_as_its_rows_are(columns, tables, article):
    cells = {
        "age": ["52", "7", "", "70", "30 years", "x", "", "70", "NA"],
        "age_band": ["", "under_40", "65_and_over", "under_40", "under_40", "", "44", "65 years", "?"],
        "sex": ["F", "", "m", "F", "F", "M", "F", "F", "F"],
    }
    frame = pd.DataFrame({name: cells[name] for name in columns})
    header = read_header(tables, columns)
    assert header.problems == ()
    table = TableScorer(article, header.columns).read([frame[name] for name in columns], len(frame))
    verdict, reason = np.full(len(frame), "in", object), np.full(len(frame), "", object)
    table.mark_unreadable(verdict, reason)
    table.mark_scope(verdict, reason, "refuse")
    for row, typed in enumerate(frame.to_dict("records")):
        entered = {node: cell for node, cell in typed.items() if cell not in ("", "NA", "?")}
        try:
            read = read_evidence(tables, entered)
            check_scope(tables, read)
        except OutOfScope:
            assert verdict[row] == "refused"
        except EvidenceError:
            assert verdict[row] == "invalid"
            assert UNREADABLE in {table.level("age")[row], table.level("age_band")[row]}
        else:
            assert verdict[row] == "in"
            assert table.level("age_band")[row] == read.hard.get("age_band", UNOBSERVED)
