"""The network screen in a real browser: drawn whole, read by keyboard, live, on a phone as a list."""

import pytest

import model
from tests.browser.conftest import settled
from tests.browser.steps import choose, empty, red_flag, violations, wide

pytestmark = pytest.mark.browser
M = model.load()
CLIPPED = """board => [...board.querySelectorAll('button.node')]
    .filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
    .map(e => e.dataset.id)"""
LIT = "board => [...board.querySelectorAll('.lit [data-edge]')].map(path => path.dataset.edge).sort()"


def node(page, name):
    return page.locator(f'button.node[data-id="{name}"]')


def select(page, name):
    node(page, name).click()
    page.locator(f'button.node[data-id="{name}"][aria-pressed="true"]').wait_for()
    settled(page)


def lit(page):
    return page.locator(".board").evaluate(LIT)


def edges_of(name):
    network = M.network
    into = network.parents(name) if name in network.by_id else [cause.id for cause in network.causes]
    out = [child for child in network.by_id if name in network.parents(child)]
    out += ["neutropenia"] * (name in {cause.id for cause in network.causes})
    return sorted([f"{parent}>{name}" for parent in into] + [f"{name}>{child}" for child in out])


def drawn(page):
    """Wait until the picture stands."""
    node(page, "splenic_sequestration").wait_for()
    page.locator('.board button[tabindex="0"]').wait_for()
    settled(page)
    return page


def network(visit, **options):
    return drawn(visit("/network", **options))


def open_with(visit, state, **options):
    """Open the case screen, bring it into a state and go to the network by its link."""
    page = visit("/", **options)
    state(page)
    page.get_by_role("link", name="Network").first.click()
    return drawn(page)


def test_the_whole_graph_is_drawn_without_a_clipped_word_or_another_server(visit, app_url):
    page = network(visit)
    assert page.locator("button.node").count() == len(M.network.by_id) + 1
    count = page.locator(".board").evaluate("board => board.querySelectorAll('.all [data-edge]').length")
    assert count == sum(len(M.network.parents(name)) for name in M.network.by_id) + len(M.network.causes)
    for width in (1280, 1500, 1800):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        assert page.locator(".board").evaluate(CLIPPED) == []
    local = (app_url, app_url.replace("http", "ws", 1), "data:", "blob:")
    assert [request for request in page.requests if not request.startswith(local)] == []


def test_the_edges_of_the_selected_node_are_lit_and_its_records_shown(visit):
    page = network(visit)
    panel = page.locator(".st-key-network_node_panel")
    for name in ("splenomegaly", "rheumatoid_arthritis", "neutropenia", "marrow"):
        select(page, name)
        page.mouse.move(3, 3)
        page.wait_for_timeout(50)
        assert lit(page) == edges_of(name)
        assert panel.locator(".edge").count() == len(edges_of(name))
    panel.locator("details.record summary").first.click()
    assert panel.locator("details[open] code").first.is_visible()
    node(page, "fever").hover()
    assert lit(page) == edges_of("fever")
    page.mouse.move(3, 3)
    page.wait_for_timeout(50)
    assert lit(page) == edges_of("marrow")


def test_the_keyboard_alone_moves_and_selects(visit):
    page = network(visit)
    select(page, "drug")
    node(page, "drug").focus()
    page.keyboard.press("ArrowDown")
    assert node(page, "viral").evaluate("button => button.matches(':focus')")
    assert lit(page) == edges_of("viral")
    page.keyboard.press("End")
    assert node(page, "neutropenia").evaluate("button => button.matches(':focus')")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert node(page, "fever").evaluate("button => button.matches(':focus')")
    page.keyboard.press("Enter")
    page.locator('button.node[data-id="fever"][aria-pressed="true"]').wait_for()
    settled(page)
    assert node(page, "fever").evaluate("button => button.matches(':focus')")
    assert page.get_by_role("heading", name="Fever", exact=True).is_visible()
    assert page.locator('.board button[tabindex="0"]').count() == 1


def test_what_is_set_here_moves_the_picture_and_the_case(visit):
    page = open_with(visit, empty)
    select(page, "fever")
    before = node(page, "viral").locator(".headline").inner_text()
    choose(page, "Set it here", "Yes")
    p = M.posterior({"fever": "present"})
    shown = node(page, "viral").locator(".headline").inner_text()
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == f"{round(100 * p.causes['viral'])} %" != before
    assert "entered" in (node(page, "fever").get_attribute("class") or "")
    page.get_by_role("link", name="Case").first.click()
    page.get_by_role("heading", name="Ranked causes").wait_for()
    settled(page)
    fever = page.get_by_role("radiogroup", name="Fever", exact=True)
    assert fever.get_by_role("radio", name="Yes").get_attribute("aria-checked") == "true"
    page.get_by_role("link", name="Network").first.click()
    drawn(page)
    assert node(page, "fever").get_attribute("aria-pressed") == "true"


def test_refused_entries_leave_a_picture_without_numbers(visit):
    page = open_with(visit, red_flag)
    assert page.get_by_role("alert").filter(has_text="Outside this model").is_visible()
    assert "%" not in page.locator(".board").inner_text()
    assert page.locator(".bar").count() == 0


def test_on_a_phone_the_nodes_stand_in_a_list_and_a_choice_leads_to_its_panel(visit):
    page = network(visit, width=320, height=844)
    assert wide(page) <= 320
    assert not page.locator(".board svg").is_visible()
    assert page.locator(".board").evaluate(CLIPPED) == []
    select(page, "fever")
    page.wait_for_timeout(200)
    box = page.get_by_role("heading", name="Fever", exact=True).bounding_box()
    assert box is not None
    assert 0 < box["y"] < 844
    assert "acts on it" in node(page, "viral").inner_text()
    assert violations(page) == []
