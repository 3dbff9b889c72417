"""The app in a real Chromium: start of the server, first chart, and from a click to the new percentages."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np

from benchmarks.table import duration, table

ROOT = Path(__file__).resolve().parent.parent
CLICKS = 30
MEASURE = """() => {
  const hosts = [...document.querySelectorAll('*')].filter(element => element.shadowRoot)
  const root = hosts.map(host => host.shadowRoot).find(shadow => shadow.querySelector('ol.causes'))
  window.measured = new Promise(resolve => {
    let start = 0
    document.addEventListener('pointerdown', () => { start = performance.now() }, { once: true, capture: true })
    const watch = new MutationObserver(() => {
      if (start) { watch.disconnect(); resolve(performance.now() - start) }
    })
    watch.observe(root.querySelector('ol.causes'), { subtree: true, childList: true, characterData: true })
  })
}"""


def run() -> str:
    """Time clicks on Fever, yes and no in turn, from the pointer going down to the changed percentages."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        return table("App: no Chromium was found", [""], [])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", port]
    began = monotonic()
    with tempfile.TemporaryFile() as log, sync_playwright() as playwright:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait(f"{address}/_stcore/health", server)
            started = monotonic() - began
            browser: Any = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(address)
            page.wait_for_selector("ol.causes li")
            first = monotonic() - began
            clicks = _clicks(page)
            browser.close()
        finally:
            server.terminate()
            server.wait(10)
    rows = [
        ["server answers", duration(started)],
        ["first chart, from the start of the server", duration(first)],
        [f"click to new percentages, median of {CLICKS}", duration(float(np.median(clicks)) / 1e3)],
        ["the same, 90 % of clicks within", duration(float(np.quantile(clicks, 0.9)) / 1e3)],
    ]
    return table("App in a real Chromium", ["", "time"], rows)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    end = monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            if server.poll() is not None or monotonic() > end:
                raise RuntimeError("the app did not start") from None
            sleep(0.02)


def _clicks(page: Any) -> list[float]:
    """Return milliseconds of each click."""
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(1500)
    group = page.get_by_role("radiogroup", name="Fever", exact=True)
    found = []
    for turn in range(CLICKS):
        page.evaluate(MEASURE)
        group.get_by_role("radio", name=("Yes", "No")[turn % 2], exact=True).click()
        found.append(page.evaluate("window.measured"))
        page.wait_for_timeout(400)
    return found


if __name__ == "__main__":
    print(run())
