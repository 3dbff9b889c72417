"""What a stranger could send or plant: links, a remembered visit. It may say nothing but itself, and break nothing."""

import json

import pytest

from model.evidence import Case
from tests.browser.conftest import settled
from tests.browser.steps import go, press

pytestmark = pytest.mark.browser

ADDRESS = "www.example.org"
HOSTILE = (
    f"{ADDRESS} https://example.org me@example.org <img src=x onerror=alert(1)> [a](//example.org) $x^2$ **b** :red[x] "
    ":material/home: &lt;b&gt;"
)


def outside(page):
    """Return the links that lead out of the app to the hostile address, and what was requested from elsewhere."""
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    here = page.url.split("/")[2]
    asked = [url for url in page.requests if not url.startswith((f"http://{here}", "data:", "blob:"))]
    return [link for link in links if "example.org" in link] + asked


@pytest.mark.parametrize(
    "token", [ADDRESS, f"1~article~abc~fever.{ADDRESS}", f"1~article~abc~n.{ADDRESS}..0.5", f"1~{ADDRESS}~abc"]
)
def test_a_link_that_is_refused_plants_no_link_of_its_own(visit, token):
    page = visit(f"/?case={token}")
    said = " ".join(page.get_by_test_id("stAlert").all_inner_texts())
    assert ADDRESS in said.replace("\N{WORD JOINER}", "")
    assert outside(page) == []
    assert "?" not in page.url


def plant(page, held):
    page.evaluate("held => sessionStorage.setItem('neutropenia-visit', held)", held)
    page.reload()
    settled(page)
    page.wait_for_timeout(500)  # bringing a visit back is a second run
    settled(page)


def test_titles_and_notes_are_text_wherever_they_stand(visit):
    """Out of scope too, where the title of a pin heads the refusal."""
    case = json.loads(Case("article", {"fever": "present"}, HOSTILE).to_json(""))
    refused = {**case, "evidence": {"anc": "300 /mm3"}}
    page = visit()
    plant(page, json.dumps({"case": case, "pins": [{"title": HOSTILE, "case": each} for each in (case, refused)]}))
    page.get_by_role("link", name="Compare", exact=True).first.click()
    settled(page)
    assert page.get_by_label("Title of pin 1").input_value().startswith(ADDRESS)
    assert HOSTILE[:60] in page.get_by_test_id("stAlert").first.inner_text().replace("\N{WORD JOINER}", "")
    assert outside(page) == []
    assert page.locator("main img, main .katex, [data-testid=stAlert] [data-testid=stIconMaterial]").count() == 0


@pytest.mark.parametrize("held", ["{", "[]", '{"case": {"schema": 1}, "example": ["D01"]}', "x" * 900_000])
def test_a_memory_that_cannot_be_read_breaks_nothing(visit, held):
    page = visit()
    page.locator("ol.causes li").first.wait_for()
    plant(page, held)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("ol.causes li").count() == 7


EVIL = f'<img src=x onerror="window.evil=1"><script>window.evil=1</script><b id=evil>{ADDRESS}</b>'


def assert_text_alone(page):
    """Assert that what was typed is text: nothing ran, nothing was made of it, nobody was asked."""
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.evaluate("window.evil") is None
    assert page.locator("#evil, main img, main .katex").count() == 0
    assert outside(page) == []


def test_a_case_of_hostile_text_is_text_on_the_screens_that_show_it(visit):
    """In the note, in an entry and its name, in the hash, in a key; the report is tested in tests/test_injection.py."""
    entered = {"fever": "present", "rash": EVIL, HOSTILE: HOSTILE, "anc": EVIL}
    case = {"schema": 1, "evidence": entered, "note": EVIL + HOSTILE, "model_hash": EVIL, EVIL: 1}
    page = visit()
    press(page, "Load")
    page.locator("input[type=file]").set_input_files(
        {"name": "case.json", "mimeType": "application/json", "buffer": json.dumps(case).encode()}
    )
    page.get_by_test_id("stAlert").first.wait_for()
    settled(page)
    assert "www.example.org" in page.get_by_test_id("stAlert").first.inner_text().replace("\N{WORD JOINER}", "")
    page.keyboard.press("Escape")
    press(page, "Save or share")
    assert_text_alone(page)
    page.keyboard.press("Escape")
    for screen in ("Compare", "Sensitivity", "Network"):  # the others show nothing of the case
        go(page, screen)
        assert_text_alone(page)


def test_pasted_text_and_a_table_of_hostile_text_are_text(visit):
    page = visit()
    press(page, "Paste results")
    page.get_by_role("textbox", name="Laboratory text").fill(f"{EVIL}\nHb {EVIL}\nHb 11.2 g/dL {HOSTILE}")
    press(page, "Read and enter")
    page.get_by_text("not understood").first.wait_for()
    assert_text_alone(page)
    page.keyboard.press("Escape")
    go(page, "Cohort")
    cell = EVIL.replace('"', '""')
    table = f'"{cell}",fever,"{HOSTILE}"\n"{cell}",present,x\n"{cell}","{cell}",x\n'
    page.locator("input[type=file]").set_input_files(
        {"name": f"{ADDRESS} <b id=evil>.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    page.get_by_role("button", name="Score 2 rows").click()
    page.get_by_role("heading", name="Patients").wait_for()
    settled(page)
    assert_text_alone(page)


def test_a_file_over_the_limit_never_gets_to_the_app(visit):
    page = visit("/cohort")
    page.locator("input[type=file]").set_input_files(
        {"name": "large.csv", "mimeType": "text/csv", "buffer": b"fever\n" + b"present\n" * 700_000}
    )
    page.get_by_text("must be 5").first.wait_for()
    assert page.get_by_role("heading", name="What is read").count() == 0
