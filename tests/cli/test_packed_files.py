"""What the server packs: every byte comes back, the page gets our lines, all else goes through."""

import asyncio
import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit
from pyarrow import Codec

from model.cli import packed_files
from model.cli.packed_files import RANKING, PackedFiles, scripts_of

STATIC = Path(streamlit.__file__).parent / "static"
SCRIPT = b"const cause = 'drug'\n" * 400
PAGE = (STATIC / "index.html").read_bytes()
UNPACK = {"gzip": gzip.decompress, "br": lambda body: Codec("brotli").decompress(body, len(SCRIPT), asbytes=True)}


def served(body, kind, path="/static/js/a.js", accepted="gzip, deflate", status=200, **headers):
    """Return status, headers and body of one answer that goes through the middleware."""

    async def inner(scope, receive, send):
        head = {"content-type": kind, "content-length": str(len(body)), "etag": '"a"'}
        await send({"type": "http.response.start", "status": status,
                    "headers": [(name.encode(), value.encode()) for name, value in head.items()]})  # fmt: skip
        for start in range(0, len(body) + 1, 5000):
            more = start + 5000 <= len(body)
            await send({"type": "http.response.body", "body": body[start : start + 5000], "more_body": more})

    async def ask():
        said = []
        asked = {"accept-encoding": accepted, **headers}
        scope = {"type": "http", "method": "GET", "path": path,
                 "headers": [(name.encode(), value.encode()) for name, value in asked.items()]}  # fmt: skip

        async def send(message):
            said.append(message)

        app = PackedFiles(inner, STATIC, "app/static/ours.woff2", ".ours { color: red; }")
        await app(scope, None, send)
        again = []
        await app(scope, None, _keep(again))
        assert [m.get("body") for m in again] == [m.get("body") for m in said]  # the second time from what was kept
        return said

    first, *rest = ThreadPoolExecutor(1).submit(asyncio.run, ask()).result()
    return first["status"], dict(first["headers"]), b"".join(part["body"] for part in rest)


def _keep(kept):
    async def send(message):
        kept.append(message)

    return send


@pytest.mark.parametrize("packing", ["gzip", "br"])
def test_a_script_comes_packed_and_whole(packing):
    _, headers, body = served(SCRIPT, "text/javascript; charset=utf-8", accepted=packing)
    assert headers[b"content-encoding"].decode() == packing
    assert int(headers[b"content-length"]) == len(body) < len(SCRIPT) / 10
    assert headers[b"vary"] == b"Accept-Encoding"
    assert headers[b"etag"] == b'W/"a"'
    assert UNPACK[packing](body) == SCRIPT


def test_what_is_packed_once_more_is_shorter_and_the_same(monkeypatch):
    monkeypatch.setattr(packed_files, "PAUSE", 0)
    text = (STATIC / "index.html").read_bytes() * 3

    async def inner(scope, receive, send):
        head = [(b"content-type", b"text/javascript"), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": text})

    async def ask():
        app, found = PackedFiles(inner, STATIC, "", ""), []
        scope = {"type": "http", "method": "GET", "path": "/static/js/a.js", "headers": [(b"accept-encoding", b"br")]}
        for _ in range(2):
            said = []
            await app(scope, None, _keep(said))
            found.append(said[1]["body"])
            await asyncio.sleep(0.01)
            app._spare.shutdown(wait=True)
        return found

    quick, thorough = ThreadPoolExecutor(1).submit(asyncio.run, ask()).result()
    assert len(thorough) < len(quick)
    assert [Codec("brotli").decompress(body, len(text), asbytes=True) for body in (quick, thorough)] == [text, text]


@pytest.mark.parametrize(
    "answer",
    [
        {"accepted": "identity"},
        {"range": "bytes=0-99"},
        {"status": 404},
        {"path": "/media/case.js"},
        {"kind": "font/woff2"},
    ],
)
def test_all_else_goes_through_as_it_is(answer):
    _, headers, body = served(SCRIPT, **{"kind": "text/javascript", **answer})
    assert b"content-encoding" not in headers
    assert body == SCRIPT


def test_the_page_brings_styles_and_the_small_font_and_names_what_draws_the_ranking():
    _, headers, body = served(PAGE, "text/html", path="/")
    page = gzip.decompress(body).decode()
    assert "SourceSans" in PAGE.decode()
    assert "SourceSans" not in page
    assert './app/static/ours.woff2" as="font"' in page
    assert page.index("</head>") < page.index(".ours { color: red; }") < page.index("</body>")
    ahead = page.partition('<script type="module"')[0]
    named = re.findall(r'modulepreload" crossorigin href="\./static/js/([^"]+)"', ahead)
    assert any(name.startswith("BidiComponent.") for name in named)
    assert all((STATIC / "static" / "js" / name).is_file() for name in named)
    assert b"etag" not in headers


def test_the_page_is_asked_for_unpacked_wherever_it_stands():
    asked = {}

    async def inner(scope, receive, send):
        asked.update(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    headers = [(b"accept", b"text/html"), (b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": "GET", "path": "/learn", "headers": headers}
    answer = PackedFiles(inner, STATIC, "", "")(scope, None, _keep([]))
    ThreadPoolExecutor(1).submit(asyncio.run, answer).result()
    assert asked == {b"accept": b"text/html"}


def test_a_script_names_all_it_needs():
    found = scripts_of(STATIC / "static" / "js", RANKING)
    assert len(found) == len(set(found)) > 20
    assert scripts_of(STATIC / "static" / "js", ["NoSuchElement"]) == []
