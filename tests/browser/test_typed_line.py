"""The typed line in a real browser: a vignette against the clock, chips, ``/``, no barrier, no wide page."""

import re
import time

import pytest

import model
from model.evidence.medicine import MEDICINES
from tests.browser.conftest import settled
from tests.browser.steps import barriers, choose, press, question, ranking, violations, wide
from tests.evidence.test_typed_line import VIGNETTE

pytestmark = pytest.mark.browser

KEYS_A_SECOND = 5
CHIPS = [
    "Age 52 years", "Sex: female", "MTX (Methotrexate), 2 y", "Rheumatoid arthritis: yes", "Fever: no",
    "Splenomegaly: no", "Mean cell volume 104 fL: macrocytosis", "Haemoglobin 11.2 g/dL: anaemia",
    "Platelets 98 10⁹/L: thrombocytopenia", "Serum folate 2.8 ng/mL: low",
]  # fmt: skip


def line(page):
    return page.get_by_role("textbox", name="Type what is known, parted by commas")


def chips(page):
    return page.locator("ul.chips li .go").all_inner_texts()


def enter(page, text):
    line(page).fill(text)
    line(page).press("Enter")
    page.wait_for_function("([text, field]) => field.value !== text", arg=[text, line(page).element_handle()])
    settled(page)


def in_line(page):
    return page.evaluate("document.activeElement.shadowRoot?.activeElement?.id") == "line"


def shown(page, evidence):
    """Wait until the ranking is the engine's answer."""
    expected = model.load().posterior(evidence)
    label = model.load().knowledge.nodes[expected.leader].short_label
    row = page.locator("button.row", has_text=label)
    row.locator(".percent", has_text=f"{round(100 * expected.acting[expected.leader])}").wait_for(timeout=10_000)
    assert next(iter(ranking(page))) == label


def test_the_vignette_by_keyboard_alone_in_under_thirty_seconds(visit):
    """Every key counts, the slash and Enter too; the clock stops when the answer to all of it stands on the page."""
    page = visit()
    press(page, "Reset")
    page.evaluate("document.activeElement?.blur()")
    began = time.monotonic()
    page.keyboard.press("/")
    assert in_line(page)
    page.keyboard.type(VIGNETTE, delay=1000 / KEYS_A_SECOND)
    page.keyboard.press("Enter")
    page.locator("ul.chips li").nth(len(CHIPS) - 1).wait_for()
    page.locator(".legend", has_text=re.compile(r"^10 entered")).wait_for()
    took = time.monotonic() - began
    print(f"\nvignette: {took:.1f} s, {len(VIGNETTE) + 2} keys")
    assert len(VIGNETTE) / KEYS_A_SECOND < took < 30
    settled(page)
    assert chips(page) == CHIPS
    assert line(page).input_value() == ""
    assert in_line(page)  # the next piece can be typed at once
    shown(page, {
        "age": 52, "sex": "female", MEDICINES: ["mtx 2 y"], "rheumatoid_arthritis": "present", "fever": "absent",
        "serum_folate": "2.8 ng/mL", "macrocytosis": 104, "anaemia": "11.2 g/dL", "thrombocytopenia": 98,
        "splenomegaly": "absent",
    })  # fmt: skip


def test_pieces_are_recognised_while_they_are_typed(visit):
    page = visit()
    press(page, "Reset")
    line(page).press_sequentially("52 f, no fever, possible ra, spl", delay=20)
    page.locator("ul.pieces li.read", has_text="Fever: no").wait_for()
    page.locator("ul.pieces li.unread", has_text="not certain").wait_for()
    page.locator("ul.pieces li.open", has_text="spl").wait_for()
    assert chips(page) == []
    assert line(page).input_value() == "52 f, no fever, possible ra, spl"


def test_what_is_not_understood_stays_and_what_is_typed_meanwhile_is_not_lost(visit):
    page = visit()
    press(page, "Reset")
    line(page).press_sequentially("fever?, rash", delay=20)
    line(page).press("Enter")
    page.keyboard.type("cough", delay=20)  # while the answer is on its way
    page.locator("ul.chips li", has_text="Rash: yes").wait_for()
    settled(page)
    assert line(page).input_value() in ("fever?, cough", "fever?cough")
    page.locator("ul.pieces li.unread", has_text="fever?").wait_for()


def test_a_chip_is_removed_and_undo_brings_it_back(visit):
    page = visit()
    press(page, "Reset")
    enter(page, "fever, folate 2.8, mtx 2 y")
    assert len(chips(page)) == 3
    page.get_by_role("button", name="Remove Serum folate 2.8 ng/mL: low").press("Enter")
    page.locator("ul.chips li", has_text="folate").wait_for(state="detached")
    settled(page)
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement?.className") == "off"  # of the next chip
    shown(page, {"fever": "present", MEDICINES: ["mtx 2 y"]})
    page.get_by_role("button", name="Remove MTX (Methotrexate), 2 y").click()
    page.locator("ul.chips li", has_text="MTX").wait_for(state="detached")
    settled(page)
    shown(page, {"fever": "present"})
    press(page, "Undo")
    press(page, "Undo")
    page.locator("ul.chips li", has_text="folate").wait_for()
    shown(page, {"fever": "present", "serum_folate": "2.8 ng/mL", MEDICINES: ["mtx 2 y"]})


def test_a_chip_follows_a_click_and_leads_to_its_question(visit):
    page = visit()
    press(page, "Reset")
    choose(page, "Fever", "Yes")
    page.locator("ul.chips li", has_text="Fever: yes").wait_for()
    enter(page, "folate 2.8, ra")
    page.get_by_role("button", name="Serum folate 2.8 ng/mL: low", exact=True).press("Enter")  # in a folded group
    page.wait_for_function("document.activeElement.getAttribute('aria-label') === 'Serum folate, number'")
    settled(page)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Serum folate, number"
    page.get_by_label("Find a question").fill("spleen")
    page.locator(".st-key-ev_fever").wait_for(state="detached")
    settled(page)
    page.get_by_role("button", name="Fever: yes", exact=True).click()  # kept from sight by a search
    page.wait_for_function("Boolean(document.activeElement.closest('.st-key-ev_fever'))")
    assert question(page, "Fever").locator('[aria-checked="true"]').inner_text() == "Yes"


def test_slash_is_a_sign_like_any_other_where_something_is_typed(visit):
    page = visit()
    field = page.get_by_label("Find a question")
    field.click()
    page.keyboard.press("/")
    assert field.input_value() == "/"
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert in_line(page)
    page.keyboard.type("a/b")
    assert line(page).input_value() == "a/b"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_no_barrier_no_wide_page_and_three_lines_of_chips(visit, width, scheme):
    page = visit(width=width, color_scheme=scheme)
    press(page, "Reset")
    enter(page, f"{VIGNETTE}, fever?, asymptomatic")
    enter(page, "no lad, ana+, hiv neg, lifelong, duffy null, no chemo, lymphs 0.8 10^9/L, antibiotics 10 days")
    page.locator("ul.chips li", has_text="Duffy").first.wait_for(state="attached")
    assert barriers(page) == []
    assert wide(page) <= width
    tops = page.locator("ul.chips li:visible").evaluate_all("all => [...new Set(all.map(each => each.offsetTop))]")
    assert len(tops) <= 3
    every = page.locator("ul.chips li").count()
    assert page.locator("ul.chips li:visible").count() < every
    page.get_by_role("button", name=f"Show all {every}").click()
    assert page.locator("ul.chips li:visible").count() == every
    page.get_by_role("button", name="Show three lines").click()
    assert page.locator("ul.chips li:visible").count() < every


def test_many_pieces_that_are_not_understood_leave_room_for_the_questions(visit):
    page = visit()
    page.get_by_label("Type what is known").fill(", ".join(f"something unheard of number {n}" for n in range(14)))
    page.locator("ul.pieces li.unread").nth(12).wait_for()
    settled(page)
    pieces = page.locator("ul.pieces")
    assert pieces.bounding_box()["height"] <= 130
    assert pieces.get_attribute("tabindex") == "0"
    assert violations(page) == []
