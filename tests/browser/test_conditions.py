"""Other eyes, other devices: zoomed in, one's own colours, on paper, a screen that stands still, a focus in sight."""

import re

import pytest

from benchmarks.first_load import SHIFT
from tests.browser.conftest import new_page, settled
from tests.browser.steps import go, ranking, wide

pytestmark = pytest.mark.browser
SIZES = ((1280, 900), (390, 844))


def test_at_twice_the_size_the_menu_leaves_the_screen_free(visit):
    page = visit()
    for width, height in ((640, 450), (320, 225)):  # 200 % and 400 % of a window of 1280 by 900
        page.set_viewport_size({"width": width, "height": height})
        menu = page.locator("[data-testid=stExpandSidebarButton]")
        menu.wait_for()
        page.wait_for_timeout(400)
        assert not page.locator("[data-testid=stSidebar]").is_visible()
        assert wide(page) <= width
        menu.click()
        page.locator("[data-testid=stSidebar]").get_by_role("link", name="About").wait_for()
        page.wait_for_timeout(400)
        assert page.locator("[data-testid=stSidebar]").bounding_box()["width"] <= 0.9 * width
        page.locator("[data-testid=stSidebarCollapseButton] button").click()
        page.wait_for_timeout(400)


@pytest.mark.parametrize("size", SIZES)
def test_the_first_load_does_not_jump(browser, app_url, size):
    moved = []
    for _ in range(2):  # the first visit of a server draws everything twice
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        page = new_page(context)
        page.add_init_script(SHIFT)
        page.goto(app_url)
        settled(page)
        page.wait_for_timeout(500)
        moved.append(page.evaluate("window.shift"))
        context.close()
    assert min(moved) < 0.1, moved
    assert max(moved) < 0.25, moved  # on a busy machine a frame may come between


def background(locator):
    return locator.evaluate("element => getComputedStyle(element).backgroundColor")


def test_with_forced_colours_answers_and_bars_are_seen(visit):
    page = visit(forced_colors="active")
    chosen = page.locator(".st-key-evidence [role=radio][aria-checked=true]").first
    other = page.locator(".st-key-evidence [role=radio][aria-checked=false]").first
    assert background(chosen) != background(other)
    first = page.locator("ol.causes li").first
    assert background(first.locator(".bar")) not in (background(first.locator(".track")), background(first))
    assert background(first.locator(".mark")) != background(first.locator(".track"))
    assert background(page.locator(".key.bar")) != background(page.locator("body"))
    shown = page.locator("[data-testid=stTopNavLink][aria-current=page]")
    assert background(shown) != background(page.locator("[data-testid=stTopNavLink]").last)
    go(page, "Sensitivity")
    part = page.locator(".numbers .part").first
    part.wait_for()
    assert part.evaluate("element => getComputedStyle(element).forcedColorAdjust") == "none"


def test_on_paper_it_is_light_whole_and_without_open_questions(visit):
    page = visit(color_scheme="dark")
    shown = ranking(page)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 680, "height": 962})  # the printable part of A4 at 96 dots an inch
    assert background(page.locator(".stApp")) == "rgb(255, 255, 255)"
    ink = page.locator("button.row .label").first.evaluate("element => getComputedStyle(element).color")
    assert ink == "rgb(17, 17, 17)"
    assert ranking(page) == shown
    for hidden in (".st-key-toolbar", ".st-key-evidence", ".strip", "[data-testid=stHeader]"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".chips li:visible").count() == page.locator(".chips li").count() > 10
    panel = page.locator(".st-key-result_side")
    assert panel.evaluate("panel => panel.scrollHeight <= panel.clientHeight + 1")
    assert page.locator(".reasons").first.is_visible()
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf()))
    assert 1 < pages < 8


@pytest.mark.parametrize("screen", ["About", "Network"])
def test_nothing_is_clipped_on_a_phone(visit, screen):
    page = visit({"About": "/about", "Network": "/network"}[screen], width=390, height=844)
    page.get_by_role("heading", level=1, name=screen).wait_for()
    settled(page)
    assert wide(page) <= 390
    clipped = page.evaluate("""() => {
      const all = [...document.querySelectorAll('.stMain *')]
      const inside = all.flatMap(e => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('*')] : [])
      return [...all, ...inside].filter(e => {
        if (e.closest('.table-scroll, .sr-only, .sr, svg, [aria-hidden=true], table')) return false
        if (!e.textContent.trim()) return false
        const box = e.getBoundingClientRect()
        return box.width > 2 && (box.right > 391 || box.left < -1)
      }).map(e => e.outerHTML.slice(0, 120))
    }""")
    assert clipped == []


FOCUS = """() => {
  let focus = document.activeElement
  while (focus.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement
  if (focus.matches('body, main')) return ''
  const lum = colour => {
    const canvas = document.createElement('canvas').getContext('2d')
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => linear(v / 255))
    return .2126 * r + .7152 * g + .0722 * b
  }
  const ground = lum(getComputedStyle(document.querySelector('.stApp')).backgroundColor)
  for (let e = focus, up = 0; e && up < 4; e = e.parentElement, up++) {
    const style = getComputedStyle(e)
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) continue
    const line = lum(style.outlineColor)
    if ((Math.max(line, ground) + .05) / (Math.min(line, ground) + .05) >= 3) return ''
  }
  return focus.outerHTML.slice(0, 200)
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["/", "/sensitivity", "/network", "/learn"])
def test_what_has_the_focus_has_an_edge(visit, screen, scheme):
    page = visit(screen, color_scheme=scheme)
    page.add_style_tag(content="* { transition: none !important; }")  # an edge that is still growing has no width
    faint = []
    for _ in range(45):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        faint += [found] if found else []
    assert faint == []
