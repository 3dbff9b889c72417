"""A running app and a real Chromium. Without one the tests are skipped, on CI they fail."""

import importlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.traffic import Traffic
from tests.no_network import OUTGOING

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Every visit but those of test_first_visit.py is by somebody who has seen the first steps.
SEEN = "try { localStorage.setItem('neutropenia-first-visit', 'seen') } catch {}"
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


def chromium():
    """Return the path of a Chromium, or None."""
    usual = Path("/usr/bin/chromium")
    return str(usual) if usual.exists() else next(filter(None, map(shutil.which, NAMES)), None)


def needed(module):
    """Import a module the browser tests need: without it they are skipped, on CI they fail."""
    return importlib.import_module(module) if os.environ.get("CI") else pytest.importorskip(module)


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium."""
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium was found; expected /usr/bin/chromium or one on the PATH.")
        pytest.skip("no Chromium was found")
    sync_api = needed("playwright.sync_api")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="session")
def app_url(tmp_path_factory):
    """Start the app from a folder that is not the project's, and return its address."""
    with running(tmp_path_factory.mktemp("elsewhere")) as address:
        yield address


@contextmanager
def running(folder, base=""):
    """Run the app from a folder, under a base path such as "/bn", while the block lasts; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    streamlit = str(ROOT / "tests" / "no_network.py")  # under a guard: it calls no other machine
    command = [sys.executable, streamlit, "run", str(ROOT / "served.py"), "--server.port", str(port),
               "--server.fileWatcherType", "none", "--server.baseUrlPath", base]  # fmt: skip
    with (folder / "app.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}{base}/_stcore/health", server, folder / "app.log")
            yield f"http://127.0.0.1:{port}{base}"
        finally:
            server.terminate()
            server.wait(10)
    assert OUTGOING not in (folder / "app.log").read_text()


def _wait(address, server, log):
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(log.read_text()) from None
            time.sleep(0.05)


@pytest.fixture
def visit(browser, app_url):
    """Return a function that opens a screen in a fresh visit and waits until it is settled."""
    contexts = []

    def open_page(path="/", width=1280, height=900, first=False, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = new_page(context, first)
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(app_url + path)
        settled(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def new_page(context, first=False):
    """Return a page of which `settled` knows what it asked the server and what came back."""
    if not first:
        context.add_init_script(SEEN)
    page = context.new_page()
    page.traffic = Traffic(page)
    return page


def settled(page):
    """Wait until everything that was done is sent, answered to the end, and drawn."""
    end = time.monotonic() + 60
    page.evaluate(DRAWN)  # what was just pressed is sent by then
    while not page.traffic.quiet(0.15):
        assert time.monotonic() < end, "the app did not answer within a minute"
        page.wait_for_timeout(30)
    page.wait_for_selector('[data-testid="stApp"]')
    page.wait_for_function(
        "document.querySelectorAll('[data-testid=stSkeleton]').length === 0 && document.querySelector('h1') && "
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    page.evaluate(DRAWN)  # the state is reported a frame before the last element is drawn
