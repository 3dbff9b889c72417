"""The cohort and learn screens in a real browser: reachable, readable on a phone, and what they promise."""

import subprocess
import sys

import pytest

from tests.browser.conftest import ROOT, settled
from tests.browser.steps import press, ranking

pytestmark = pytest.mark.browser


def scored(page):
    press(page, "Try the published cases")
    page.get_by_role("button", name="Score 65 rows").click()
    page.get_by_role("heading", name="Patients").wait_for()
    settled(page)


def test_an_uploaded_table_comes_back_as_the_command_line_writes_it(visit, tmp_path):
    source, target, downloaded = (tmp_path / name for name in ("in.csv", "cli.csv", "app.csv"))
    source.write_text("id,fever,serum_b12,anc\n=1+1,present,150 pg/mL,1200 /mm3\nb,what,,\nc,,,800 /mm3\n")
    command = [sys.executable, "-m", "model", "score", str(source), "-o", str(target), "--safe", "--on-error", "mark"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    page = visit("/cohort")
    page.locator("input[type=file]").set_input_files(str(source))
    page.get_by_role("button", name="Score 3 rows").click()
    page.get_by_role("heading", name="Patients").wait_for()
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the scored table").click()
    waiting.value.save_as(downloaded)
    assert waiting.value.suggested_filename == "in-scored.csv"
    assert downloaded.read_bytes() == target.read_bytes()
    page.get_by_role("link", name="About").first.click()
    page.get_by_role("heading", name="About").wait_for()
    page.get_by_role("link", name="Cohort").first.click()
    page.get_by_role("heading", name="Patients").wait_for()


def test_a_row_opens_as_the_case(visit):
    page = visit("/cohort")
    scored(page)
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="Open row 15 as the case"))
    cause, shown = row.locator("td.top").inner_text(), row.locator("td.percent").inner_text()
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ranked causes").wait_for()
    settled(page)
    first, *_ = ranking(page).items()
    assert first == (cause, shown)
    page.get_by_text("Opened: row 15 of published-cases.csv").wait_for()


def guessed(page):
    page.get_by_label("Drug-induced").focus()
    for key in ("3", "0", "Tab", "1", "0", "Tab"):  # the keyboard alone
        page.keyboard.press(key)
    page.get_by_text("Points given: 40").wait_for()
    page.get_by_role("button", name="Reveal", exact=True).press("Enter")
    page.get_by_role("heading", name="Finding by finding").wait_for()
    settled(page)


def title(page):
    return page.get_by_role("combobox", name="Teaching case").input_value()


def taken_to(page, go):
    """Do something that leads to another case, and return which."""
    before = title(page)
    go()
    page.wait_for_function(
        "before => document.querySelector('[role=combobox][aria-label*=\"Teaching case\"]')?.value !== before",
        arg=before,
    )
    settled(page)
    assert page.locator('[data-testid="stException"]').count() == 0
    heading = title(page).split(". ", 1)[1]
    page.get_by_role("heading", name=heading, exact=True).wait_for()
    return heading


def test_case_after_case_is_guessed_revealed_and_found_again(visit):
    page = visit("/learn")
    first = title(page)
    guessed(page)
    taken_to(page, lambda: press(page, "Next case"))
    guessed(page)
    taken_to(page, lambda: press(page, "Random case"))
    assert page.get_by_role("button", name="Reveal", exact=True).count() == 1
    taken_to(page, lambda: chosen(page, first))
    page.get_by_role("heading", name="Finding by finding").wait_for()
    page.get_by_text("Guessed: 2 of 18 cases, this one too.").wait_for()
    taken_to(page, lambda: press(page, "Next case"))
    assert page.get_by_role("button", name="Reveal", exact=True).count() == 1


def chosen(page, case):
    page.get_by_role("combobox", name="Teaching case").click()
    page.get_by_role("option", name=case, exact=True).click()
    settled(page)


def test_a_guess_by_keyboard_survives_a_reload_and_stays_in_its_tab(visit):
    page = visit("/learn")
    guessed(page)
    dots = page.get_by_role("img", name="acting in about").locator("i")
    dots.last.wait_for(state="attached")
    assert dots.count() == 100
    page.reload()
    page.get_by_role("heading", name="Finding by finding").wait_for()
    assert "?" not in page.url
    assert visit("/learn").get_by_role("heading", name="Finding by finding").count() == 0
