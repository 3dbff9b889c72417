"""Several visitors of the served app at once: each sees the engine's answer to their own entries, and nobody else's.

``make soak`` sends fifty (``NEUTROPENIA_VISITORS``) and prints what memory each takes.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import model
from model.evidence import Case
from tests.browser.conftest import running
from tests.served.visitor import Visitor, walk

VISITORS = int(os.environ.get("NEUTROPENIA_VISITORS", "5"))
STEPS = int(os.environ.get("NEUTROPENIA_STEPS", "3"))
M = model.load()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("served")) as address:
        yield address


def resident(address):
    """Return the memory in MB that the process listening at an address holds; None where the system does not tell."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    if not Path("/proc/net/tcp").exists():
        return None
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1].endswith(port) and line[3] == "0A")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(each) == f"socket:[{inode}]" for each in (process / "fd").iterdir()):
                line = next(row for row in (process / "status").read_text().splitlines() if row.startswith("VmRSS"))
                return int(line.split()[1]) / 1024
        except OSError:
            continue
    return None


def test_visitors_at_once_see_their_own_case_each(server, capsys):
    with closing(Visitor(server)) as first:
        for wanted, seen in walk(first, M, "first", STEPS):
            assert seen == pytest.approx(wanted, abs=0.011)
    before = resident(server)
    together = Barrier(VISITORS)
    with ExitStack() as visits, ThreadPoolExecutor(VISITORS) as pool:
        visitors = [visits.enter_context(closing(Visitor(server))) for _ in range(VISITORS)]

        def visit(place):
            for wanted, seen in walk(visitors[place], M, place, STEPS):
                assert visitors[place].errors == []
                assert seen == pytest.approx(wanted, abs=0.011), place
                together.wait(600)  # nobody runs ahead: every step is taken by all at once

        try:
            for done in [pool.submit(visit, place) for place in range(VISITORS)]:
                done.result()
        finally:
            together.abort()
        after = resident(server)
    if before and after:
        with capsys.disabled():
            print(f"\n{VISITORS} visitors at once: {before:.0f} MB before, {after:.0f} MB with them, "
                  f"{(after - before) / VISITORS:.1f} MB each")  # fmt: skip
        assert VISITORS < 20 or (after - before) / VISITORS < 15  # of few, the first charts loaded are most


def test_nothing_drives_the_app_but_a_page(server):
    """Streamlit can let other programs drive an app; here that is off."""
    request = Request(f"{server}/_stcore/agent/interact", b"{}", {"Content-Type": "application/json"})
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code in (403, 404)


def test_an_upload_over_the_limit_is_refused_by_the_server_too(server):
    """The page refuses it first; whoever goes around the page is told 413, and nothing is kept."""
    with closing(Visitor(server)) as visitor:
        visitor.open(Case(M.setting), M.knowledge, M.hash)
        assert upload(server, visitor.session, b"fever\npresent\n") == 204
        assert upload(server, visitor.session, b"", announced=7 << 20) == 413
    assert upload(server, "nobody", b"x") >= 400


def upload(server, session, content, announced=0):
    """Send a file as a page does, or only announce its length; return what the server answers."""
    with urlopen(f"{server}/_stcore/health") as answer:
        cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": cookie,
               "X-Xsrftoken": cookie.partition("=")[2].strip('"'),
               "Content-Length": str(announced or len(body))}  # fmt: skip
    with closing(HTTPConnection(server.partition("//")[2], timeout=30)) as connection:
        connection.request("PUT", f"/_stcore/upload_file/{session}/1", b"" if announced else body, headers)
        return connection.getresponse().status
