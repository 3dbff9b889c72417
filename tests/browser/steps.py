"""What every browser test does: answer, press, read the ranking, look for barriers and for sideways scroll."""

from tests.browser.conftest import needed, settled

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


FOLDED = ".st-key-evidence details:not([open]) > summary"


def unfold(page):
    """Open every group of questions that stands folded."""
    closed = page.locator(FOLDED)
    while closed.count():
        closed.first.click()
        settled(page)


def question(page, label):
    """Return the states of a question, its group unfolded where it is hidden."""
    found = page.get_by_role("radiogroup", name=label, exact=True)
    found.or_(page.locator(FOLDED)).first.wait_for()
    if not found.count():
        unfold(page)
    return found


def choose(page, label, option):
    question(page, label).get_by_role("radio", name=option, exact=True).click()
    settled(page)


def enter(page, label, number):
    field = page.get_by_label(label, exact=True).first
    if not field.is_visible():
        unfold(page)
    field.fill(str(number))
    field.press("Enter")
    settled(page)


def press(page, label):
    page.get_by_role("button", name=label, exact=True).click()
    settled(page)


def go(page, screen):
    page.get_by_role("link", name=screen, exact=True).first.click()
    title = "Causes of mild neutropenia" if screen == "Case" else screen
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
    settled(page)


def empty(page):
    press(page, "Reset")


def red_flag(page):
    choose(page, "Blasts on the smear", "Yes")


def ranking(page):
    """Return cause -> percentage as it stands on screen, in order."""
    rows = page.locator("button.row")
    rows.first.wait_for()
    return {
        rows.nth(i).locator(".label").inner_text(): rows.nth(i).locator(".percent").inner_text()
        for i in range(rows.count())
    }


def barriers(page, rules=RULES):
    """Return (rule, element) of everything axe finds on the page as it stands.

    What stands half under the line that stays in sight is looked at once more in the middle of the window.
    """
    axe = needed("axe_playwright_python.sync_playwright").Axe()
    found = []
    for rule in axe.run(page, options=rules).response["violations"]:
        for node in rule["nodes"]:
            if rule["id"] == "target-size" and len(node["target"]) == 1:
                page.locator(node["target"][0]).first.evaluate("element => element.scrollIntoView({block: 'center'})")
                again = {"runOnly": {"type": "rule", "values": [rule["id"]]}}
                if not axe.run(page, context=node["target"][0], options=again).response["violations"]:
                    continue
            found.append((rule["id"], node["html"][:160]))
    return found


def violations(page):
    """Return the same once the pointer rests on nothing."""
    page.mouse.move(3, 3)  # hover colours count
    page.wait_for_timeout(300)
    return barriers(page)


def wide(page):
    """Return how wide the content of a screen is, in pixels."""
    return page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
