"""Pasted text as a course over time: lines of it, laboratory text with dates, and what is left with its reason."""

import pytest

from model.evidence import read_evidence
from model.evidence.course import COURSE
from model.evidence.course_text import read_course_text
from model.knowledge import load_knowledge
from tests.evidence.test_fhir import obs, read

K = load_knowledge()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("2026-01-12 900\n\nclozapine from 2026-01-20\n2026-02-12 1200",
         ("2026-01-12 ANC 900 /mm3", "clozapine from 2026-01-20", "2026-02-12 ANC 1200 /mm3")),
        ("2026-02-12 1200\n2026-01-12 900", ("2026-01-12 ANC 900 /mm3", "2026-02-12 ANC 1200 /mm3")),
        ("date;ANC (10^9/L)\n2026-01-12;2.4\n2026-03-12;12", ("2026-01-12 ANC 2400 /mm3", "2026-03-12 ANC 12000 /mm3")),
        ("Date,Neutrophils\n2026-01-12,0.9", ("2026-01-12 ANC 900 /mm3",)),
        ("Date        Hb (g/dL)  ANC (G/L)  Plt 10^9/L\n12.03.2017  12.9       1.4     98\n10.05.2024  13  1.1   1",
         ("2017-03-12 ANC 1400 /mm3", "2024-05-10 ANC 1100 /mm3")),
        ("Collected 12 Mar 2026\nANC 1.1 10^9/L\nWBC 3.2 10^9/L\nCollected 14 Apr 2026\nANC 1.3 10^9/L",
         ("2026-03-12 ANC 1100 /mm3", "2026-04-14 ANC 1300 /mm3")),
        ("13/04/2024 ANC 1.2 G/L\n03/04/2024 ANC 1.4 G/L",  # one of the two says that the day comes first
         ("2024-04-03 ANC 1400 /mm3", "2024-04-13 ANC 1200 /mm3")),
        ("13/04/2024 900\n03/04/2024 1200", ("2024-04-03 ANC 1200 /mm3", "2024-04-13 ANC 900 /mm3")),
        ("2026-01-12 900\n2026-01-12 0.9", ("2026-01-12 ANC 900 /mm3",)),
    ],
)  # fmt: skip
def test_what_is_pasted_becomes_lines_in_the_order_of_dates(text, lines):
    found = read_course_text(K, text)
    assert found.lines == lines
    assert found.unread == ()
    assert len(read_evidence(K, {COURSE: list(found.lines)}).course.course.events) == len(lines)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Date Plt\n2026-03-12 980", 2, "It does not say what it counts"),
        ("03/04/2024 900", 1, "can be 2024-03-04 or 2024-04-03"),
        ("2026-03-12 ANC < 0.5 G/L", 1, "got a bound"),
        ("ANC 1.2 G/L", 1, "stands without a date"),
        ("2026-03-12 ANC 900 /mm3\nclozapin from 1.2.2026", 2, "did you mean 'Clozapine'"),
        ("CSF\n2026-03-12 neutrophils 900 /mm3", 2, "below a heading of another specimen"),
        ("hello", 1, "no date such as 2026-03-12"),
        ("2024-01-02\tx\ty", 1, "is not in the table"),
    ],
)
def test_what_is_not_read_is_left_with_its_reason(text, line, said):
    found = read_course_text(K, text)
    left = {each.line: each.reason for each in found.unread}
    assert said in left[line]
    assert found.unread
    assert found.summary == f"{len(found.lines)} entr{'y' if len(found.lines) == 1 else 'ies'} read, " + (
        f"{len(left)} line{'s' * (len(left) != 1)} not."
    )


def test_too_much_is_refused_as_a_whole():
    found = read_course_text(K, "2026-03-12 900\n" * 401)
    assert found.lines == ()
    assert "at most 20000 bytes and 400 lines" in found.sentences[0]
    assert read_course_text(K, "").summary == "0 entries read."


def test_other_results_of_the_text_are_passed_over():
    found = read_course_text(K, "12.3.2026 ANC 1.2 G/L\n12.3.2026 Hb 12 g/dL")
    assert (found.lines, found.unread) == (("2026-03-12 ANC 1200 /mm3",), ())


def count(value, date):
    return obs("26499-4", value, "10*9/L", date)


def test_counts_of_several_days_in_a_bundle_are_a_course():
    found = read(count(2.4, "2023-03-02"), count(1.3, "2024-01-10"), count(1.21, "2024-03-02T10:00:00Z"))
    lines = ["2023-03-02 ANC 2400 /mm3", "2024-01-10 ANC 1300 /mm3", "2024-03-02 ANC 1210 /mm3"]
    assert found.evidence[COURSE] == lines
    assert "Its 3 neutrophil counts with dates were put into the course over time." in found.sentences
    states = read_evidence(K, found.evidence)
    assert states.guards["anc"] == 1210
    assert K.nodes["duration"].states[states.hard["duration"]] == "earlier_normal"
    assert K.nodes["repeat_count"].states[states.hard["repeat_count"]] == "still_low"
    assert states.notices == ()


def test_one_count_or_counts_that_are_not_certain_make_no_course():
    assert COURSE not in read(count(1.2, "2024-03-02")).evidence
    assert COURSE not in read(count(1.2, "2024-03-02"), count(1.1, "2024-03-02")).evidence
    assert COURSE not in read(count(1.2, "2024-03-02"), count(1.1, "2024-03")).evidence
