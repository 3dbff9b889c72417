"""A FHIR Bundle in a real browser: uploaded, read through, opened as the case, taken back, and dropped."""

import pytest

from tests.browser.conftest import settled
from tests.browser.steps import press, ranking, violations, wide
from tests.views.test_bundle_panel import bundle, observed

pytestmark = pytest.mark.browser

COUNTS = (observed("751-8", 1.2, "10*3/uL"), observed("777-3", 98, "10*3/uL"), {"resourceType": "Claim"})


def upload(page, folder, content):
    file = folder / "bundle.json"
    file.write_bytes(content)
    page.get_by_role("button", name="Load", exact=True).click()
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("heading", name="What was read of the FHIR Bundle").wait_for()
    page.keyboard.press("Escape")
    settled(page)


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_read_is_seen_before_it_counts(visit, tmp_path, size, scheme):
    page = visit(width=size[0], height=size[1], color_scheme=scheme)
    before = ranking(page)
    upload(page, tmp_path, bundle(*COUNTS))
    panel = page.locator(".st-key-bundle")
    said = panel.inner_text()
    for part in ("Platelets 98", "2024-03-02", "No entries of this model: 1"):
        assert part in said
    assert ranking(page) == before
    assert violations(page) == []
    assert wide(page) <= size[0]
    press(page, "Open as the case")
    panel.wait_for(state="detached")
    settled(page)
    assert ranking(page) != before
    press(page, "Undo")
    assert ranking(page) == before


def test_a_bundle_that_is_dropped_leaves_the_case_alone(visit, tmp_path):
    page = visit()
    before = ranking(page)
    upload(page, tmp_path, bundle(*COUNTS))
    press(page, "Drop the Bundle")
    page.locator(".st-key-bundle").wait_for(state="detached")
    settled(page)
    assert ranking(page) == before
