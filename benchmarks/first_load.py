"""A first visit over a slow line: when the ranking is in sight, after how many bytes, and how far the screen jumps.

The line is Chromium's own emulation: each answer comes 400 ms late, and all together come at 50 kB a second.
"""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

from benchmarks.running_app import Server, chromium, running, settled
from benchmarks.table import duration, table
from model.cli.packed_files import PAUSE

LATENCY, RATE = 400, 50_000  # ms, bytes a second
REPACKED = PAUSE + 6  # seconds after which every file is packed thoroughly
SHIFT = """window.shift = 0
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value
}).observe({ type: 'layout-shift', buffered: true })"""
SIZES = ((1280, 900), (390, 844))


def run() -> str:
    """Return the table of a first visit: the first after the server's start, and one that comes later."""
    path = chromium()
    if path is None:
        return table("First visit: no Chromium was found", [""], [])
    from playwright.sync_api import sync_playwright

    rows: list[list[str]] = []
    with sync_playwright() as playwright, running() as server:
        browser: Any = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        server.wait()
        rows += _slow(browser, server, "first visitor")
        sleep(REPACKED)
        rows += _slow(browser, server, "every later one")
        rows += [_shift(browser, server, *size) for size in SIZES]
        browser.close()
    return table(f"First visit, {LATENCY} ms late and {RATE // 1000} kB a second", ["", "measured", "target"], rows)


def _slow(browser: Any, server: Server, who: str) -> list[list[str]]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    devices = page.context.new_cdp_session(page)
    devices.send("Network.enable")
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": RATE, "uploadThroughput": RATE}
    devices.send("Network.emulateNetworkConditions", slow)
    came: list[int] = []
    devices.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    began = monotonic()
    page.goto(server.address, wait_until="commit")
    page.wait_for_selector("button.row .percent", timeout=180_000)
    ranked, files, size = monotonic() - began, len(came), sum(came)
    settled(page)
    whole, all_files = monotonic() - began, sum(came)
    page.context.close()
    return [
        [f"{who}: ranking in sight", duration(ranked), "15 s"],
        [f"{who}: files until then", f"{files}, {size / 1000:.0f} kB", ""],
        [f"{who}: whole screen", f"{duration(whole)}, {all_files / 1000:.0f} kB", ""],
    ]


def _shift(browser: Any, server: Server, width: int, height: int) -> list[str]:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.add_init_script(SHIFT)
    page.goto(server.address)
    page.wait_for_selector("button.row .percent")
    settled(page)
    page.wait_for_timeout(1500)
    moved = page.evaluate("window.shift")
    page.context.close()
    return [f"cumulative layout shift at {width} pixels", f"{moved:.3f}", "0.1"]


if __name__ == "__main__":
    print(run())
