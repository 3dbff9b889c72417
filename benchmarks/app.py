"""The app in a real Chromium: start, clicks, what follows a click, page switches, typing, memory, requests."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np

from benchmarks.running_app import Server, chromium, opened, running, settled, unfold
from benchmarks.table import duration, table

CLICKS = 30
ROUNDS = 3
WARM, SESSIONS = 10, 30  # the first visits fill what all share
FINDINGS = 20
SCREENS = ("Compare", "Sensitivity", "Network", "Numbers and sources", "Cohort", "Learn", "About", "Case")
# From the pointer going down to each change: the percentages with their ranges; the balance sheet; the last line drawn.
# A shift is what moves without being asked: everything after the first change within 500 ms of the click is counted.
MEASURE = """() => {
  const shadows = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
  const list = shadows.map(s => s.querySelector('ol.causes')).find(Boolean)
  const details = document.querySelector('.st-key-reasons')
  const top = list.getRootNode().host.getBoundingClientRect().top
  window.measured = new Promise(resolve => {
    const found = {}
    let start = 0, timer = 0
    const done = () => {
      found.moved = Math.abs(list.getRootNode().host.getBoundingClientRect().top - top)
      watches.forEach(w => w.disconnect())
      resolve(found)
    }
    const note = name => () => {
      if (!start) return
      found[name] ??= performance.now() - start
      clearTimeout(timer)
      timer = setTimeout(done, 700)
    }
    document.addEventListener('pointerdown', () => { start = performance.now() }, { once: true, capture: true })
    const watches = ['ranking', 'details'].map(name => new MutationObserver(note(name)))
    watches[0].observe(list, { subtree: true, childList: true, characterData: true })
    watches[1].observe(details, { subtree: true, childList: true, characterData: true })
  })
}"""


def run() -> str:
    """Return the table of everything that a person waits for."""
    path = chromium()
    if path is None:
        return table("App: no Chromium was found", [""], [])
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with running() as server:  # compiles and caches what a second start finds ready
            _first_chart(browser, server)
        with running() as server:
            answers = server.wait()
            first, page = _first_chart(browser, server)
            settled(page)
            rows = [
                ["server answers", duration(answers), ""],
                ["first ranking, from the start of the server, warm", duration(first), "3 s"],
                *_clicks(page),
                *_screens(page),
                _typing(browser, server),
                _memory(browser, server),
            ]
            outside = [url for url in page.asked if not url.startswith((server.address, "data:", "blob:"))]
            rows.append(["requests to other servers, all screens", str(len(outside)), "0"])
        browser.close()
    return table("App in a real Chromium", ["", "measured", "target"], rows)


def _first_chart(browser: Any, server: Server) -> tuple[float, Any]:
    server.wait()
    page = opened(browser, server)
    page.wait_for_selector("ol.causes li")
    return monotonic() - server.began, page


def _clicks(page: Any) -> list[list[str]]:
    """Click Fever, yes and no in turn, on the example case with its fifteen entries."""
    unfold(page)
    group = page.get_by_role("radiogroup", name="Fever", exact=True)
    found = []
    group.scroll_into_view_if_needed()
    for turn in range(CLICKS):
        page.evaluate(MEASURE)
        group.get_by_role("radio", name=("Yes", "No")[turn % 2], exact=True).click()
        found.append(page.evaluate("window.measured"))
    ranking = np.array([each["ranking"] for each in found]) / 1e3
    details = np.array([each.get("details", np.nan) for each in found]) / 1e3
    return [
        [f"click to new percentages and ranges, median of {CLICKS}", duration(float(np.median(ranking))), "200 ms"],
        ["the same, 90 % of clicks within", duration(float(np.quantile(ranking, 0.9))), "300 ms"],
        ["click to reasons and next questions, median", duration(float(np.nanmedian(details))), "500 ms"],
        ["the ranking moves by, at most", f"{max(each['moved'] for each in found):.0f} px", "0 px"],
    ]


def _screens(page: Any) -> list[list[str]]:
    """Switch through every screen a few times: heading of the new one, and its last element drawn."""
    heads: dict[str, list[float]] = {}
    drawn: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for screen in SCREENS:
            title = "Causes of mild neutropenia" if screen == "Case" else screen
            began = monotonic()
            page.get_by_role("link", name=screen, exact=True).first.click()
            page.get_by_role("heading", level=1, name=title, exact=True).wait_for()
            heads.setdefault(screen, []).append(monotonic() - began)
            if screen == "Sensitivity":
                page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas").first.wait_for()
                drawn.setdefault(screen, []).append(monotonic() - began)
            settled(page)
    rows = [[f"switch to {screen}, median of {ROUNDS}", duration(float(np.median(times))), "500 ms"]
            for screen, times in heads.items()]  # fmt: skip
    tornado = drawn["Sensitivity"]
    rows.append(["tornado on screen, median, from the switch", duration(float(np.median(tornado))), "1 s"])
    rows.append(["tornado on screen, the first time for this model", duration(tornado[0]), ""])
    return rows


def _typing(browser: Any, server: Server) -> list[str]:
    """Enter findings by keyboard alone, at five keys a second."""
    page = opened(browser, server)
    page.wait_for_selector("button.answer")
    page.get_by_role("button", name="Reset", exact=True).click()
    settled(page)
    unfold(page)
    page.get_by_role("radiogroup", name="Methotrexate", exact=True).get_by_role("radio").first.focus()
    answered: set[str] = set()
    keys, began = 0, monotonic()
    while len(answered) < FINDINGS and keys < 400:
        name = page.evaluate("document.activeElement.closest('[role=radiogroup]')?.getAttribute('aria-label')")
        pressed = ["Tab"]
        if name and name not in answered:
            pressed = ["ArrowRight", "Space", "Tab"]
            answered.add(name)
        for key in pressed:
            page.keyboard.press(key, delay=20)
            page.wait_for_timeout(180)
        keys += len(pressed)
    page.locator(".legend", has_text=f"{FINDINGS} entered").wait_for()
    return [f"{FINDINGS} findings by keyboard, {keys} keys at five a second", duration(monotonic() - began), "60 s"]


def _memory(browser: Any, server: Server) -> list[str]:
    """Open several visits and see what each adds to the server."""
    before = None
    for visit in range(WARM + SESSIONS):
        if visit == WARM:
            before = server.resident()
        page = opened(browser, server)
        page.wait_for_selector("button.answer")
        unfold(page)
        page.get_by_role("radiogroup", name="Fever", exact=True).get_by_role("radio", name="Yes", exact=True).click()
        settled(page)
    after = server.resident()
    if before is None or after is None:
        return ["memory of a session", "not told by this system", "1 MB"]
    return [f"memory a session adds, mean of {SESSIONS}", f"{(after - before) / SESSIONS:.2f} MB", "1 MB"]


if __name__ == "__main__":
    print(run())
