"""The sensitivity and compare screens in a real browser: readable by all, steady, and quick to follow."""

import re

import pytest

from tests.browser.conftest import settled
from tests.browser.steps import choose, go, violations, wide

pytestmark = pytest.mark.browser


def bars(page):
    return page.locator("button.row[aria-pressed]")


def test_a_bar_picks_the_number_for_slider_curve_and_record(visit):
    page = visit("/sensitivity")
    bar = bars(page).nth(3)
    title = bar.locator(".title").inner_text()
    bar.click()
    settled(page)
    assert bar.get_attribute("aria-pressed") == "true"
    assert page.locator(".record .what").first.inner_text() == title
    assert bar.evaluate("element => element.getRootNode().activeElement === element")


def test_moving_the_slider_by_keyboard_loses_no_step_and_moves_nothing_else(visit):
    page = visit("/sensitivity")
    bars(page).nth(2).click()
    settled(page)
    place = bars(page).first.bounding_box()
    slider = page.get_by_role("slider").first
    before = float(slider.input_value())
    slider.press("ArrowRight")
    settled(page)
    step = float(slider.input_value()) - before
    for _ in range(3):
        slider.press("ArrowRight")
    page.wait_for_timeout(400)
    settled(page)
    assert float(slider.input_value()) == pytest.approx(before + 4 * step)
    page.get_by_text(re.compile("Not the model as published")).wait_for()
    marked = page.locator(".st-key-replaced").bounding_box()
    now = bars(page).first.bounding_box()
    assert place is not None
    assert now is not None
    assert marked is not None
    assert now["x"] == place["x"]
    assert now["y"] - place["y"] <= marked["height"] + 20  # only the mark above it came in


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pins_side_by_side_are_accessible(visit, scheme):
    page = visit("/compare", color_scheme=scheme)
    page.get_by_label("Title for this case").fill("As it came")
    page.get_by_role("button", name="Pin this case", exact=True).click()
    settled(page)
    assert page.get_by_label("Title of pin 1").input_value() == "As it came"
    go(page, "Case")
    choose(page, "Fever", "Yes")
    go(page, "Compare")
    page.get_by_role("heading", name="Findings that differ").wait_for()
    assert violations(page) == []
    go(page, "Case")
    choose(page, "Blasts on the smear", "Yes")
    go(page, "Compare")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390])
def test_compare_does_not_scroll_sideways_and_stacks(visit, width):
    page = visit("/compare", width=width, height=844)
    page.get_by_role("radio", name="Settings", exact=True).click()
    page.get_by_role("heading", name=re.compile("numbers differ")).wait_for()
    settled(page)
    assert wide(page) <= width
    cells = page.locator("table.sides tbody tr").first.locator("td")
    first, second = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert second["y"] >= first["y"] + first["height"] - 1
    assert second["x"] + second["width"] <= width


def test_pins_survive_a_reload(visit):
    page = visit("/compare")
    page.get_by_label("Title for this case").fill("Before")
    page.get_by_role("button", name="Pin this case", exact=True).click()
    settled(page)
    page.reload()
    settled(page)
    page.get_by_label("Title of pin 1").wait_for()
    assert page.get_by_label("Title of pin 1").input_value() == "Before"
