"""A link made in the app opens the case, also where the app lies under a path of its server."""

import pytest

from tests.browser.conftest import new_page, running, settled

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("base", ["", "/tools/bn"])
def test_a_link_leads_back(browser, tmp_path, base):
    with running(tmp_path, base) as address:
        page = new_page(browser.new_context())
        page.goto(f"{address}/")
        settled(page)
        page.get_by_role("button", name="Save or share").click()
        page.get_by_role("button", name="Make a link").click()
        code = page.get_by_test_id("stCode").filter(has_text="?case=")
        code.wait_for()
        link = code.inner_text().strip()
        assert link.startswith(f"{address}/?case=1~article~")
        assert page.get_by_text("It works on this machine only").is_visible()
        other = new_page(browser.new_context())
        other.goto(link)
        settled(other)
        assert other.get_by_role("heading", name="Causes of mild neutropenia", level=1).is_visible()
        assert other.get_by_text("The link was not opened").count() == 0
        page.context.close()
        other.context.close()
