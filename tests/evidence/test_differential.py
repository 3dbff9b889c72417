"""Lymphocytes and monocytes of a printout: the absolute count is read, a share never is.

Runs once these are nodes.
"""

import pytest

from model.cohort.header import read_header
from model.errors import EvidenceError
from model.evidence import read_evidence
from model.evidence.lab_text import read_lab_text
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
pytestmark = pytest.mark.skipif("lymphocytes" not in KNOWLEDGE.nodes, reason="no node of today")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Lymphocytes 1.45 10^9/L 1.0-4.0", {"lymphocytes": "1.45 10^9/L"}),
        ("Lymphs (Absolute) 0.8 x10E3/uL", {"lymphocytes": "0.8 10^9/L"}),
        ("LYMPH# 0.9 10^3/uL", {"lymphocytes": "0.9 10^9/L"}),
        ("Lymphozyten 32 % 1,2 Tsd/µl", {"lymphocytes": "1.2 10^9/L"}),
        ("Lymphocytes 1.2 10^9/L 32 %", {"lymphocytes": "1.2 10^9/L"}),
        ("Monocytes 6 % 0.3 10^9/L 0.2-1.0", {"monocytes": "0.3 10^9/L"}),
        ("Monocytes 150 /uL", {"monocytes": "150 /mm3"}),
        ("Monocytes [#/volume] in Blood by Automated count 0.1 10*3/uL", {"monocytes": "0.1 10^9/L"}),
        ("Lymphocytes 32 %", {}),
        ("Lymphocytes/100 leukocytes in Blood by Automated count 32 %", {}),
        ("Lymphozyten relativ 30 %", {}),
        ("Lymphocytes 32", {}),
        ("Lymphocytes 32 % Hb 12.3 g/dL", {"anaemia": "12.3 g/dL"}),
        ("Atypical lymphocytes 12 %", {}),
        ("ALT 112 U/L", {}),
        ("HIV 1/2 Ag/Ab: negative", {}),
        ("HBsAg negative", {}),
    ],
)
def test_only_the_count_is_read(text, entries):
    assert {entry.node: str(entry.measurement) for entry in read_lab_text(KNOWLEDGE, text).entries} == entries


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ALT 112 U/L", "over twice the laboratory's upper limit"),
        ("HIV 1/2 Ag/Ab: negative", "enter it under HIV or chronic hepatitis test"),
        ("Lymphocytes 32 %", "only the absolute count is read"),
    ],
)
def test_what_is_not_read_says_where_it_goes(text, reason):
    (left,) = read_lab_text(KNOWLEDGE, text).left_out
    assert reason in left.reason
    assert left.status == "not ours"


@pytest.mark.parametrize(
    ("node", "number", "state"),
    [
        ("lymphocytes", "0.5 10^9/L", "low"), ("lymphocytes", "2.0 10^9/L", "normal"),
        ("lymphocytes", "6500 /mm3", "high_or_atypical"), ("monocytes", "0.05 10^9/L", "low"),
        ("monocytes", "0.4 10^9/L", "normal"), ("monocytes", "1.8 10^9/L", "high"),
    ],
)  # fmt: skip
def test_a_count_far_from_the_limits_is_a_state(node, number, state):
    assert read_evidence(KNOWLEDGE, {node: number}).hard == {node: KNOWLEDGE.nodes[node].states.index(state)}


def test_a_count_of_monocytes_at_the_limit_says_little():
    low, normal, _ = read_evidence(KNOWLEDGE, {"monocytes": "0.2 10^9/L"}).soft["monocytes"]
    assert low == pytest.approx(normal, rel=0.03)


def test_a_count_needs_its_unit_for_it_may_be_a_share():
    for node in ("lymphocytes", "monocytes"):
        with pytest.raises(EvidenceError, match=f"{node}: a number needs its unit"):
            read_evidence(KNOWLEDGE, {node: 32})


def test_a_column_of_shares_is_not_read():
    header = read_header(KNOWLEDGE, ["fever", "Lymphocytes (10^9/L)", "Monocytes (%)", "Lymphocytes %"])
    assert [column.node for column in header.columns] == ["fever", "lymphocytes"]
    assert [column.label for column in header.unread] == ["Monocytes (%)", "Lymphocytes %"]
