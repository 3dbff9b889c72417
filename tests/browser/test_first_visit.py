"""The first steps: told once, skipped by keyboard, never over the ranking, back only when asked for."""

import pytest

from tests.browser.conftest import settled
from tests.browser.steps import go, press, violations, wide

pytestmark = pytest.mark.browser
NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
)
POINTED = """['line', 'ranked', 'reasons', 'save'].filter(key =>
  getComputedStyle(document.querySelector('.st-key-' + key)).outlineStyle === 'dashed')"""
SIZES = ((1280, 900), (820, 900), (390, 844))


def steps(page):
    return page.get_by_role("region", name="First steps")


def button(page, name):
    return steps(page).get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("size", SIZES)
def test_four_steps_that_cover_nothing_of_the_ranking(visit, size):
    page, seen = visit(width=size[0], height=size[1], first=True), visit(width=size[0], height=size[1])
    box = "element => { const b = element.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom] }"
    ranking = page.locator("ol.causes").evaluate(box)
    assert ranking == pytest.approx(seen.locator("ol.causes").evaluate(box), abs=1)  # and shift nothing
    assert wide(page) <= size[0]
    assert violations(page) == []
    for step in range(1, 5):
        steps(page).get_by_text(f"{step} of 4").wait_for()
        assert page.evaluate(POINTED) == [("line", "ranked", "reasons", "save")[step - 1]]
        left, top, right, bottom = steps(page).evaluate(box)
        assert right <= ranking[0] or bottom <= ranking[1], "over the ranking"
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
        button(page, "Next" if step < 4 else "Done").click()
    steps(page).wait_for(state="hidden")
    assert page.evaluate(POINTED) == []
    page.reload()
    settled(page)
    assert not steps(page).is_visible()
    assert page.evaluate("JSON.stringify({...localStorage})").count("neutropenia-first-visit") == 1
    assert page.evaluate("localStorage.getItem('neutropenia-first-visit')") == "seen"


def test_they_are_skipped_by_keyboard_and_come_back_only_when_asked_for(visit):
    page = visit(first=True)
    button(page, "Next").focus()
    page.keyboard.press("Enter")
    steps(page).get_by_text("2 of 4").wait_for()
    page.keyboard.press("Escape")
    steps(page).wait_for(state="hidden")
    go(page, "About")
    go(page, "Case")
    assert not steps(page).is_visible()
    go(page, "About")
    press(page, "Show the first steps again")
    steps(page).get_by_text("1 of 4").wait_for()
    button(page, "Skip").click()
    go(page, "About")
    go(page, "Case")
    assert not steps(page).is_visible()


def test_without_storage_they_can_be_skipped_all_the_same(browser, app_url):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(NO_STORAGE)
    page.goto(app_url)
    button(page, "Skip").click()
    steps(page).wait_for(state="hidden")
    page.get_by_role("link", name="About", exact=True).first.click()
    page.get_by_role("heading", name="About", level=1).wait_for()
    page.get_by_role("link", name="Case", exact=True).first.click()
    page.locator("ol.causes li").first.wait_for()
    assert not steps(page).is_visible()
    context.close()
