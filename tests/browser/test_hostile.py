"""What a stranger could send or plant: links, a remembered visit. It may say nothing but itself, and break nothing."""

import json

import pytest

from model.evidence import Case
from tests.browser.conftest import settled

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
