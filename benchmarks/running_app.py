"""The app, started on a free port, and a real Chromium to visit it with."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETTLED = (
    "document.querySelectorAll('[data-testid=stSkeleton]').length === 0 && document.querySelector('h1') && "
    "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
)


def chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Server:
    """A running server: its address, when it was started, and how much memory it holds."""

    def __init__(self, log: Any):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "served.py"),
                   "--server.port", self.address.rpartition(":")[2]]  # fmt: skip
        self.began = monotonic()
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def wait(self) -> float:
        """Return the seconds until the server answers."""
        end = monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1):
                    return monotonic() - self.began
            except OSError:
                if self.process.poll() is not None or monotonic() > end:
                    raise RuntimeError("the app did not start") from None
                sleep(0.02)

    def resident(self) -> float | None:
        """Return the resident memory in MB, or None where the system does not tell."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return None
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def running() -> Iterator[Server]:
    """Start the app and stop it in the end."""
    with tempfile.TemporaryFile() as log:
        server = Server(log)
        try:
            yield server
        finally:
            server.process.terminate()
            server.process.wait(10)


def opened(browser: Any, server: Server, path: str = "/") -> Any:
    """Return a page of a fresh visit; `page.asked` fills with the addresses it requests."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script("localStorage.setItem('neutropenia-first-visit', 'seen')")  # the first steps are not timed
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(server.address + path)
    return page


def unfold(page: Any) -> None:
    """Open every group of questions that stands folded."""
    folded = page.locator(".st-key-evidence details:not([open]) > summary")
    while folded.count():
        folded.first.click()
        settled(page)


def settled(page: Any) -> None:
    """Wait until nothing is loading and the script has run."""
    page.wait_for_timeout(120)
    page.wait_for_function(SETTLED)
