"""The pictures of the README, taken anew of the running app: ``python -m benchmarks.pictures [folder]``.

Needs Chromium and playwright. Each is 1280 by 860 pixels in the light theme, with at most 256 colours to stay small.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import model
from benchmarks.running_app import ROOT, chromium, running, settled

CASE = "A03"
SIZE = {"width": 1280, "height": 860}


def case(page: Any) -> None:
    """The case screen, as opened."""


def sensitivity(page: Any) -> None:
    """The tornado, with the number whose change turns the answer."""
    page.locator("button.row[aria-pressed]", has_text="leads").first.click()


def network(page: Any) -> None:
    """The graph with the edges of the leading cause lit."""
    page.locator('button.node[data-id="viral"]').click()


def learn(page: Any) -> None:
    """A guess beside the model's and the authors' cause."""
    for label, points in (("Drug-induced", "60"), ("Viral infection", "25"), ("Other or unexplained", "15")):
        page.get_by_label(label).fill(points)
        page.get_by_label(label).press("Tab")
        settled(page)
    page.get_by_role("button", name="Reveal", exact=True).click()
    page.get_by_role("heading", name="Finding by finding").wait_for()


SCREENS: dict[str, Callable[[Any], None]] = {
    "Case": case,
    "Sensitivity": sensitivity,
    "Network": network,
    "Learn": learn,
}


def main(folder: Path) -> None:
    """Take every picture and write it to `folder`."""
    title = next(example.title for example in model.load().knowledge.examples if example.case == CASE)
    with running() as server, sync_playwright() as playwright:
        server.wait()
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()  # type: ignore[arg-type]
        page.add_init_script("localStorage.setItem('neutropenia-first-visit', 'seen')")  # no first steps over it
        page.goto(server.address)
        settled(page)
        page.locator(".st-key-example").get_by_role("combobox").click()
        page.get_by_role("option", name=title).click()
        settled(page)
        for screen, prepare in SCREENS.items():
            page.get_by_role("link", name=screen, exact=True).first.click()
            page.wait_for_timeout(3000)  # charts and ranges come after the screen
            settled(page)
            prepare(page)
            page.wait_for_timeout(1500)
            settled(page)
            page.locator('[data-testid="stMain"]').evaluate("main => main.scrollTo(0, 0)")
            page.mouse.move(3, 3)
            page.wait_for_timeout(300)
            target = folder / f"{screen.lower()}.png"
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(target, optimize=True)
            print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
