"""The report in a real browser: readable in every width and theme, whole on paper, asking nobody for anything."""

import re

import pytest

from model.evidence import Case
from model.report import report
from tests.browser.steps import RULES, barriers

pytestmark = pytest.mark.browser

STRICT = {"runOnly": {"type": "tag", "values": [*RULES["runOnly"]["values"], "best-practice"]}}
CASES = {
    "answered": Case("article", {"fever": "present", "serum_b12": "150 pg/mL", "rash": "absent"}, "Note", {}),
    "replaced": Case("article", {"fever": "present"}, numbers={"link.fever.present.drug.immune": 0.4}),
    "emergency": Case("article", {"anc": "300 /mm3", "fever": "present"}),
}
A4 = (595, 842)  # points


@pytest.fixture(scope="module")
def files(article, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for name, case in CASES.items():
        (folder / f"{name}.html").write_text(report(article, case), encoding="utf-8")
    return folder


@pytest.fixture
def opened(browser, files):
    contexts = []

    def opening(name, width, scheme="light"):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.requested = []
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto((files / f"{name}.html").as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_no_request_no_sideways_scroll(opened, name, scheme):
    for width in (1280, 320):
        page = opened(name, width, scheme)
        assert barriers(page, STRICT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert len(page.requested) == 1


def test_it_prints_on_a4_with_nothing_cut_off(opened):
    page = opened("answered", 1280)
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = {tuple(round(float(x)) for x in box.split()[2:]) for box in re.findall(rb"/MediaBox \[([0-9. ]+)\]", pdf)}
    assert boxes == {A4}
    assert 3 < len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) < 20
    page.set_viewport_size({"width": 680, "height": 962})  # the printable part of A4 at 96 dots an inch
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.evaluate("[...document.querySelectorAll('td, th')].every(cell => cell.scrollWidth <= cell.clientWidth)")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    end = page.evaluate("document.querySelector('.first').getBoundingClientRect().bottom + scrollY")
    assert end < 962  # the case in short fits on the first page
