"""Every screen, its parts and every state of a case, light and dark: no barrier, no sideways scroll, nobody else asked.

One page serves a whole group: the theme changes under it, as a visitor's own would.
"""

from urllib.parse import quote

import pytest

import model
from model.evidence import Case, published_case
from model.evidence.case_link import to_link
from tests.browser.conftest import new_page, settled
from tests.browser.steps import enter, go, press, unfold, violations, wide

pytestmark = pytest.mark.browser
M = model.load()
LINK = "link.fever.present.viral.present"
STATES = {
    "empty": Case("article"),
    "example": published_case(M.knowledge, "A03", "article"),
    "red flag": Case("article", {"blasts": "present"}),
    "emergency": Case("article", {"anc": "300 /mm3", "fever": "present"}),
    "near": Case("article", {"anc": "800 /mm3"}),
    "impossible": Case("article", {cause.id: "absent" for cause in M.network.causes}),
    "replaced": Case("article", {"fever": "present"}, numbers={LINK: 0.4}),
}
SCREENS = ("Case", "Compare", "Sensitivity", "Network", "Numbers and sources", "Cohort", "Learn", "About")
SHOWN = {  # where each state looks like no other; Cohort, Learn and About are the same in every state
    "empty": SCREENS[:4], "example": SCREENS, "red flag": ("Case",), "emergency": SCREENS[:4], "near": ("Case",),
    "impossible": SCREENS[:5], "replaced": SCREENS[:3],
}  # fmt: skip
VISITS = [(state, screen) for state, screens in SHOWN.items() for screen in screens]
NARROWEST = 320
WITHOUT_TWIN = """() => {
  const twin = element => element.matches('.twin') || /same as a table|as text/.test(element.textContent)
  const found = [...document.querySelectorAll('.stVegaLiteChart, .twin, .stExpander summary')]
  return found.filter((e, i) => e.matches('.stVegaLiteChart') && !(found[i + 1] && twin(found[i + 1]))).length
}"""


@pytest.fixture(scope="module")
def page(browser):
    """Return one page for the whole file; it notes whom it asks."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = new_page(context)
    page.requests = []
    page.on("request", lambda request: page.requests.append(request.url))
    yield page
    context.close()


@pytest.fixture(scope="module")
def opened(page, app_url, request):
    """Open a case by its link and return its page; once for all its screens."""
    case = STATES[request.param]
    token = to_link(case, M.knowledge, M.override(case.numbers).hash if case.numbers else M.hash)
    page.emulate_media(color_scheme="light")
    page.goto(f"{app_url}/?case={quote(token)}")
    settled(page)
    return page


def assert_open_to_all(page, app_url):
    """Assert what holds of every screen, in both themes, and on the narrowest phone."""
    assert page.locator("h1").count() == 1
    assert "Causes of mild neutropenia" in page.title()
    assert page.locator("html").get_attribute("lang")
    assert page.evaluate(WITHOUT_TWIN) == 0
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        settled(page)
        assert violations(page) == [], scheme
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    page.wait_for_timeout(250)
    narrow = wide(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert narrow <= NARROWEST
    assert "?" not in page.url
    local = (app_url, app_url.replace("http", "ws", 1), "data:", "blob:")
    assert [request for request in page.requests if not request.startswith(local)] == []


@pytest.mark.parametrize(("opened", "screen"), VISITS, indirect=["opened"])
def test_every_screen_in_every_state(opened, screen, app_url):
    go(opened, screen)
    assert_open_to_all(opened, app_url)


def choose_part(page, part):
    page.get_by_role("radio", name=part, exact=True).click()
    settled(page)


def open_tab(page, name):
    page.get_by_role("tab", name=name).click()
    settled(page)


def swap_reader(page, _):
    open_tab(page, "Swap the reader")
    page.get_by_role("rowheader", name="As read").wait_for()
    settled(page)


def enter_nonsense(page, _):
    enter(page, "Haemoglobin, number", 0.9)


def answer_outside(page, _):
    enter(page, "Absolute neutrophil count, number", 800)
    page.get_by_text("Show the probabilities all the same").click()
    settled(page)


def open_record(page, _):
    page.locator("details.record summary").first.click()


def score(page, _):
    press(page, "Try the published cases")
    page.get_by_role("button", name="Score 65 rows").click()
    page.get_by_role("heading", name="Patients").wait_for()
    settled(page)
    page.get_by_text("Column by column").click()


def reveal(page, _):
    page.get_by_label("Drug-induced").focus()
    for key in ("3", "0", "Tab"):
        page.keyboard.press(key)
    page.get_by_text("Points given: 30").wait_for()
    press(page, "Reveal")
    page.get_by_role("heading", name="Finding by finding").wait_for()
    settled(page)


def move(page, _):
    """Choose a number, move its slider, open every table."""
    page.locator("button.row[aria-pressed]").nth(2).click()
    settled(page)
    page.get_by_role("slider").first.press("ArrowRight")
    settled(page)
    for summary in page.locator("summary", has_text="The same as a table").all():
        summary.click()


def pin(page, _):
    press(page, "Pin this case")
    page.get_by_label("Title of pin 1").wait_for()


PARTS = [
    ("Case", press, "Save or share"),
    ("Case", press, "Load"),
    ("Case", press, "About this setting"),
    ("Case", press, "Paste results"),
    ("Case", press, "Order and cost"),
    ("Compare", pin, ""),
    ("Compare", choose_part, "Settings"),
    ("Compare", choose_part, "Readers of the article"),
    ("Sensitivity", open_tab, "What it rests on"),
    ("Sensitivity", swap_reader, ""),
    ("Numbers and sources", choose_part, "Claims of the article"),
    ("Numbers and sources", open_record, ""),
    ("Numbers and sources", choose_part, "Where literature differs"),
    ("Numbers and sources", choose_part, "Sources"),
    ("Cohort", score, ""),
    ("Learn", reveal, ""),
    ("About", choose_part, "Is it right?"),
    ("About", choose_part, "Model card"),
    ("Sensitivity", move, ""),
    ("Case", enter_nonsense, ""),
    ("Case", answer_outside, ""),
]


@pytest.mark.parametrize("opened", ["example"], indirect=True)
@pytest.mark.parametrize(("screen", "open_part", "part"), PARTS)
def test_every_part_of_a_screen(opened, screen, open_part, part, app_url):
    go(opened, screen)
    open_part(opened, part)
    assert_open_to_all(opened, app_url)
    opened.keyboard.press("Escape")  # a popover would lie over the next screen


HIDDEN = """() => {
  let focus = document.activeElement
  while (focus.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement
  if (focus.matches('body, main')) return ''
  const box = focus.getBoundingClientRect()
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, innerHeight / 2)]
  let seen = document.elementFromPoint(x, y)
  while (seen?.shadowRoot?.elementFromPoint(x, y) && seen.shadowRoot.elementFromPoint(x, y) !== seen)
    seen = seen.shadowRoot.elementFromPoint(x, y)
  const label = focus.closest('label') ?? focus
  const near = seen && (label.contains(seen) || seen.contains(focus) || focus.getRootNode() !== document)
  return near && box.bottom > 0 && box.top < innerHeight ? '' : focus.outerHTML.slice(0, 160)
}"""


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_tab_goes_through_the_case_screen_and_what_has_the_focus_is_in_view(visit, size):
    page = visit(width=size[0], height=size[1])
    page.locator("button.row").first.wait_for()
    settled(page)
    unfold(page)
    hidden, groups = [], set()
    for _ in range(320):
        page.keyboard.press("Tab")
        found = page.evaluate(HIDDEN)
        hidden += [found] if found else []
        groups.add(page.evaluate("document.activeElement.closest('[role=radiogroup]')?.getAttribute('aria-label')"))
    assert hidden == []
    asked = {node.label for node in M.knowledge.nodes.values() if node.role in ("context", "finding")}
    asked -= {M.knowledge.nodes["age_band"].label}  # follows from the age, which the example has
    assert asked <= groups, asked - groups


def test_nothing_moves_for_who_asked_for_stillness(visit):
    page = visit(reduced_motion="reduce")
    moving = page.locator(".bar, .band").evaluate_all(
        "all => all.filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0.01).length"
    )
    assert page.locator(".bar").count() >= 7
    assert moving == 0
