"""The course over time in a real browser: by keyboard, on a phone, drawn, with its twin, kept over a reload."""

import pytest

from model.evidence.course import COURSE
from tests.browser.conftest import settled
from tests.browser.steps import barriers, press, ranking, wide
from tests.browser.test_typed_line import chips, shown
from tests.evidence.test_course import clozapine, on

pytestmark = pytest.mark.browser

LINES = [on(-400, "3200"), on(-28, "1100"), on(0, "1250"), clozapine(-80, -27, ", suspected"), on(-2, "fever")]
PANEL = ".st-key-group_over_time"


def field(page):
    return page.get_by_role("textbox", name="Counts, medicines, fever and infections")


def opened(page):
    """Open the panel by keyboard, on a case with nothing entered."""
    press(page, "Reset")
    heading = page.locator(f"{PANEL} summary").first
    heading.focus()
    page.keyboard.press("Enter")
    field(page).wait_for()
    settled(page)
    return page


def add(page, lines):
    field(page).focus()
    page.keyboard.insert_text("\n".join(lines))
    page.keyboard.press("Control+Enter")
    page.get_by_role("img", name="Time line").wait_for()
    settled(page)


def test_by_keyboard_alone_and_over_a_reload(visit):
    page = opened(visit())
    add(page, LINES)
    shown(page, {COURSE: LINES})
    assert field(page).input_value() == ""
    assert chips(page)[0].startswith("Course over time: 3 counts, 1 medicine, 1 fever, ")
    assert "Fever: yes, from the course" in chips(page)
    points = page.locator(".st-key-time_line circle")
    assert points.count() == 4  # and the ring
    page.reload()
    settled(page)
    page.locator("ul.chips li", has_text="Course over time").wait_for()
    shown(page, {COURSE: LINES})
    press(page, "Save or share")
    press(page, "Make a link")
    address = page.get_by_test_id("stCode").filter(has_text="case=").inner_text()
    assert "2026-" not in address
    assert COURSE not in address
    assert all(request.startswith((page.url.split("/?")[0], "data:", "blob:", "ws")) for request in page.requests)


def test_a_chip_leads_to_the_question_and_its_answer_counts_instead(visit):
    page = opened(visit())
    add(page, LINES)
    page.get_by_role("button", name="What earlier counts show: normal before, from the course", exact=True).press(
        "Enter"
    )
    page.wait_for_function("Boolean(document.activeElement.closest('.st-key-ev_duration'))")
    page.get_by_role("radiogroup", name="What earlier counts show").get_by_role("radio", name="Chronic").click()
    settled(page)
    shown(page, {COURSE: LINES, "duration": "chronic"})
    page.get_by_text("Answered: chronic, which counts.").wait_for()
    assert next(iter(ranking(page)))


def test_what_is_typed_stays_text(visit):
    page = opened(visit())
    evil = f"{on(0, '1250')}\n2026-01-01 <img src=x onerror=alert(1)>"
    field(page).fill(evil)
    page.get_by_role("button", name="Add to the course").click()
    page.get_by_text("expected a date and a count").wait_for()
    assert page.locator(f"{PANEL} img[src=x]").count() == 0
    assert field(page).input_value() == "2026-01-01 <img src=x onerror=alert(1)>"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_barrier_no_wide_page_and_a_picture_that_can_be_read(visit, width, scheme):
    page = opened(visit(width=width, color_scheme=scheme))
    add(page, [*LINES, "carbamazepine from 2019-01-01", "03/04/2026 900", on(-5, "influenza")])
    page.locator(f"{PANEL} details details summary, {PANEL} summary", has_text="The entries as a table").click()
    assert barriers(page) == []
    assert wide(page) <= width
    box = page.locator(".st-key-time_line svg").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    sizes = page.locator(".st-key-time_line svg text").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 9
    twin = page.locator(f"{PANEL} table tbody tr")
    assert twin.count() == 7


def test_forced_colours_keep_the_picture(visit):
    page = opened(visit(forced_colors="active", color_scheme="dark"))
    add(page, LINES)
    inks = page.locator(".st-key-time_line circle").evaluate_all(
        "all => all.map(each => getComputedStyle(each).stroke)"
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(set(inks)) == 1
    assert inks[0] != ground
