"""The app in a real browser: what is seen, what is reachable, how fast it follows."""

import re

import pytest

import model
from tests.browser.conftest import settled
from tests.browser.steps import choose, enter, press, question, ranking, unfold

pytestmark = pytest.mark.browser


def test_the_browser_shows_what_the_engine_says(visit):
    page = visit()
    press(page, "Reset")
    choose(page, "Methotrexate", "Yes")
    enter(page, "Serum folate, number", 2)
    posterior = model.load().posterior({"methotrexate": "present", "serum_folate": "2 ng/mL"})
    best = posterior.causes.idxmax()
    first, shown = next(iter(ranking(page).items()))
    assert first == model.load().knowledge.nodes[best].label
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == f"{round(100 * posterior.causes.max())} %"
    page.get_by_text("The ranking as a table").click()
    table = page.get_by_role("region", name="Ranked causes")
    assert table.locator("tbody tr").first.inner_text().startswith(f"1. {first}")


def test_results_stay_in_view_while_the_questions_scroll(visit):
    page = visit()
    question(page, "Positive viral test").scroll_into_view_if_needed()
    box = page.locator("button.row").first.bounding_box()
    assert box is not None
    assert 0 < box["y"] < 900


def test_on_a_phone_a_strip_keeps_the_answer_and_the_red_flag_in_view(visit):
    page = visit(width=390, height=844)
    strip = page.locator(".strip")
    question(page, "Positive viral test").scroll_into_view_if_needed()
    assert "Drug-induced" in strip.inner_text()
    choose(page, "Blasts on the smear", "Yes")
    assert "Outside this model" in strip.inner_text()
    box = strip.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)


def test_the_live_region_survives_and_speaks(visit):
    page = visit()
    live = page.get_by_role("status").filter(has_text="%").first  # the one of the ranking, which says percentages
    live.evaluate("element => { element.marked = true }")
    before = live.inner_text()
    choose(page, "Methotrexate", "Yes")
    choose(page, "Fever", "Yes")
    assert live.evaluate("element => element.marked === true")
    assert live.inner_text() != before


def test_the_record_behind_a_share_is_one_click_away(visit):
    page = visit()
    press(page, "Reset")
    row = page.locator("button.row", has_text="Benign ethnic")
    row.click()
    page.locator('button.row[aria-pressed="true"]', has_text="Benign ethnic").wait_for()
    page.get_by_text("Benign ethnic neutropenia: states, and where its starting share comes from").click()
    settled(page)
    behind = page.locator(".behind")
    assert "Shares and epidemiology disagree" in behind.inner_text()
    assert "D2" in behind.inner_text()
    assert "rank 4" in behind.inner_text()


def test_a_reason_opens_onto_the_numbers_behind_it(visit):
    page = visit()
    press(page, "Reset")
    choose(page, "Rash", "Yes")
    line = page.locator("details.reason", has_text="Rash")
    line.locator("summary").first.click()
    line.get_by_text("link.rash.present").or_(line.locator("details.record")).first.wait_for()
    assert line.locator("details.record").count() >= 2


def test_a_question_is_answered_by_keyboard_and_focus_stays(visit):
    page = visit()
    first = question(page, "Methotrexate").get_by_role("radio").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    settled(page)
    group = question(page, "Methotrexate")
    assert group.get_by_role("radio", name="Yes").get_attribute("aria-checked") == "true"
    assert page.evaluate("document.activeElement.textContent") == "Yes"


def test_entries_survive_a_visit_to_another_screen(visit):
    page = visit()
    choose(page, "Methotrexate", "Yes")
    enter(page, "Serum vitamin B12, number", 150)
    before = ranking(page)
    page.get_by_role("link", name="About").first.click()
    page.get_by_role("heading", name="About").wait_for()
    page.get_by_role("link", name="Case").first.click()
    page.get_by_role("heading", name="Ranked causes").wait_for()
    settled(page)
    assert ranking(page) == before
    unfold(page)
    assert page.get_by_label("Serum vitamin B12, number", exact=True).first.input_value() == "150"


def test_a_case_is_saved_and_loaded(visit, tmp_path):
    page = visit()
    choose(page, "Methotrexate", "Yes")
    before = ranking(page)
    page.get_by_role("button", name="Save or share", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the case as a file").click()
    file = tmp_path / "case.json"
    waiting.value.save_as(file)
    assert '"methotrexate": "present"' in file.read_text(encoding="utf-8")
    other = visit()
    other.get_by_role("button", name="Load", exact=True).click()
    other.locator("input[type=file]").set_input_files(str(file))
    settled(other)
    other.wait_for_timeout(500)
    assert ranking(other) == before


def test_the_numbers_found_are_downloaded(visit, tmp_path):
    page = visit("/numbers")
    page.get_by_label("Search").fill("felty splenomegaly")
    page.get_by_text(re.compile(r"^\d{1,2} of \d{3} numbers")).wait_for()
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as CSV").click()
    file = tmp_path / "numbers.csv"
    waiting.value.save_as(file)
    rows = file.read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,what,value")
    assert len(rows) - 1 == page.locator("details.record").count()
