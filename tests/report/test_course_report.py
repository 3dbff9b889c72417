"""The course over time on paper: the time line, the same as a table, and what follows with its reason."""

from xml.etree import ElementTree

import pytest

import model
from model.evidence import Case, read_evidence
from model.evidence.course import COURSE
from model.knowledge import load_knowledge
from model.report import course_in_words, course_picture, course_rows, follow_lines, report, summary, summary_text
from tests.evidence.test_course import EVERYTHING, on
from tests.report.test_report import Page

K = load_knowledge()
READ = read_evidence(K, EVERYTHING)


def test_the_page_has_the_time_line_its_twin_and_what_follows():
    loaded = model.load()
    page = Page(report(loaded, Case(loaded.setting, EVERYTHING)))
    assert ("h2", "Course over time") in page.headings
    twin = next(table for table in page.tables if table[0] == ["Date", "Entry", "How it counts"])
    assert [row[0] for row in twin[1:]] == [row.when for row in course_rows(K, READ)]
    assert ["2026-02-12", "neutrophils 1100 /mm3", "the count in question"] in twin
    for line in follow_lines(K, READ, EVERYTHING):
        assert line.sentence in page.text
    pictures = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("role") == "img"]
    assert pictures[0]["aria-label"].startswith("Time line: 4 counts, 1 medicine, 1 fever, 1 infection")


def test_a_case_without_a_course_has_no_such_part():
    loaded = model.load()
    assert "Course over time" not in report(loaded, Case(loaded.setting, {"fever": "present"}))


def test_the_note_names_every_entry_and_what_follows():
    loaded = model.load()
    text = summary_text(summary(loaded, Case(loaded.setting, EVERYTHING), loaded.posterior(EVERYTHING)))
    for line in EVERYTHING[COURSE]:
        assert f"- Course over time: {line}" in text
    assert "- What earlier counts show: Normal before." in text


def test_the_picture_has_a_point_a_count_a_bar_a_medicine_and_every_date_within_it():
    picture = course_picture(K, READ.course)
    root = ElementTree.fromstring(picture.svg())
    found = [element.tag.rpartition("}")[2] for element in root]
    titles = [shape.title for shape in picture.shapes if shape.title]
    assert titles[:4] == [f"{count.date}: {count.text}" for count in READ.course.course.counts]
    assert found.count("circle") == len(READ.course.course.counts) + 1  # the ring
    assert found.count("polygon") == len(READ.course.course.marks)
    assert [title for title in titles if title.startswith("Clozapine")] == [
        "Clozapine, suspected from 2025-12-22 to 2026-02-13"
    ]
    for shape in picture.shapes:
        for name, value in shape.attributes.items():
            if name in ("x", "x1", "x2", "cx"):
                assert 0 <= float(value) <= picture.width
            if name in ("y", "y1", "y2", "cy"):
                assert 0 <= float(value) <= picture.height


def test_low_points_are_filled_and_lie_in_their_band():
    read = read_evidence(K, {COURSE: [on(0, "400"), on(1, "750"), on(2, "1200"), on(3, "1500"), on(4, "50000")]})
    picture = course_picture(K, read.course)
    limits = [
        float(shape.attributes["y1"]) for shape in picture.shapes if shape.attributes.get("stroke-opacity") == ".55"
    ]
    points = [shape for shape in picture.shapes if shape.tag == "circle" and shape.title]
    assert [shape.attributes["fill"] for shape in points] == ["currentColor"] * 3 + ["none"] * 2
    heights = [float(shape.attributes["cy"]) for shape in points]
    assert heights[0] > limits[0] > heights[1] > limits[1] > heights[2] > limits[2] == heights[3] > heights[4]
    assert "▲" in [shape.text for shape in picture.shapes]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([on(0, "1200")], "1 count, 2026-03-12"),
        ([on(0, "fever"), on(1, "fever")], "2 fever, 2026-03-12 to 2026-03-13"),
        (["clozapine stopped 2026-03-12", on(0, "flu")], "1 medicine, 1 infection, 2026-03-12"),
    ],
)
def test_a_course_of_one_kind_or_one_day_is_drawn_too(lines, said):
    read = read_evidence(K, {COURSE: lines})
    assert course_in_words(read.course.course) == said
    ElementTree.fromstring(course_picture(K, read.course).svg())


def test_an_answer_that_counts_instead_is_said():
    entered = {**EVERYTHING, "duration": "chronic"}
    line = next(line for line in follow_lines(K, read_evidence(K, entered), entered) if line.node == "duration")
    assert line.answer == "Chronic"
    assert line.sentence.endswith("Answered: chronic, which counts.")
