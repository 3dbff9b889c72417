"""What the browser needs before it can draw anything, packed: a slow line waits a quarter of the time.

Streamlit sends its scripts as they are and leaves packing to a proxy, because packing at every request costs more than
it saves. Nobody runs a proxy on his own machine: here each file is packed when it is first asked for, once more and
thoroughly when the server has a moment, and kept. The page itself says at once which scripts the ranking will ask for,
brings the app's styles along, and fetches its own small font ahead in place of Streamlit's large one.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Headers = dict[bytes, bytes]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

QUICK, THOROUGH = 5, 11  # levels of brotli; the second saves another tenth and takes forty times as long
PAUSE = 15  # seconds until a first visitor has his screen, and nobody misses the processor
WORTH_IT = 700  # bytes; what is shorter fits into one packet as it is
SCRIPTS = ("text/javascript", "application/javascript", "text/css")
RANKING = ("BidiComponent",)  # what draws it, by the name of Streamlit's script; one that is gone is left out
# The link to skip the menu is there before the app's theme, and would fetch the large font; as it is, it
# has the small one read before there is more to read.
SKIP_LINK = '[data-testid="stSkipToContent"] { font-family: "Ranking Sans", sans-serif !important; }\n'
FONT = re.compile(rb'<link\s+rel="preload"[^>]*as="font"[^>]*>')
FIRST = re.compile(rb'<script type="module"')
LARGE = 4  # so many of the largest go first; the small ones come beside them, where their way there and back is no wait
IMPORTED = re.compile(r'from"\./([\w.~-]+\.js)"|import"\./([\w.~-]+\.js)"')


def scripts_of(folder: Path, elements: Iterable[str]) -> list[str]:
    """Return the files in Streamlit's folder of scripts that draw `elements`, each after what names it."""
    found: dict[str, None] = {}
    waiting = [path.name for element in elements for path in sorted(folder.glob(f"{element}.*.js"))]
    while waiting:
        name = waiting.pop(0)
        path = folder / name
        if name in found or not path.is_file():
            continue
        found[name] = None
        waiting += [one or other for one, other in IMPORTED.findall(path.read_text(encoding="utf-8"))]
    return list(found)


def packed(body: bytes, packing: str, level: int = QUICK) -> bytes:
    """Return `body` packed. packing : "br", which pyarrow brings along and is a tenth shorter, or "gzip" """
    if packing == "br":
        from pyarrow import Codec

        return Codec("brotli", compression_level=level).compress(body, asbytes=True)
    return gzip.compress(body, 9, mtime=0)


class PackedFiles:
    """ASGI middleware around Streamlit.

    static : the folder of its ``index.html``
    font : the address of the font to fetch ahead, relative to the page
    styles : the app's style sheet; at the end of the page, where it comes after Streamlit's own
    """

    def __init__(self, app: Application, static: Path, font: str, styles: str):
        self._app = app
        self._font = f'<link rel="preload" href="./{font}" as="font" type="font/woff2" crossorigin>'.encode()
        self._styles = f"<style>{SKIP_LINK}{styles}</style>\n</body>".encode()
        self._packed: dict[tuple[str, str, bytes], bytes] = {}  # there are some three hundred files, 6 MB when packed
        self._spare = ThreadPoolExecutor(1, thread_name_prefix="pack")
        folder = static / "static" / "js"
        by_size = sorted(scripts_of(folder, RANKING), key=lambda name: -(folder / name).stat().st_size)
        scripts = by_size[:LARGE] + by_size[: LARGE - 1 : -1]
        self._scripts = "".join(
            f'<link rel="modulepreload" crossorigin href="./static/js/{name}">\n' for name in scripts
        ).encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; all but whole files for a browser that unpacks goes through as it is."""
        headers: Headers = dict(scope.get("headers", ()))
        packing = _packing(headers.get(b"accept-encoding", b"").decode("latin-1"))
        if scope["type"] != "http" or scope["method"] != "GET" or not packing or b"range" in headers:
            await self._app(scope, receive, send)
            return
        if b"text/html" in headers.get(b"accept", b""):  # Streamlit packs the page at some addresses, and not at others
            plain = [(name, value) for name, value in headers.items() if name != b"accept-encoding"]
            scope = {**scope, "headers": plain}
        start: Message = {}
        parts: list[bytes] = []

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start" and _to_pack(message, scope["path"]):
                start.update(message)
            elif not start:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send(scope["path"], packing, start, b"".join(parts), send)

        await self._app(scope, receive, held)

    async def _send(self, path: str, packing: str, start: Message, body: bytes, send: Send) -> None:
        headers: Headers = {name.lower(): value for name, value in start["headers"]}
        if _kind(headers) == "text/html":
            body = await asyncio.to_thread(packed, self._page(body), packing)
            headers.pop(b"etag", None)  # it is of the page as Streamlit has it
            headers.pop(b"last-modified", None)
        else:
            key = path, packing, headers.get(b"etag", b"")
            if key not in self._packed:
                self._packed[key] = await asyncio.to_thread(packed, body, packing)
                if packing == "br":
                    again = partial(self._again, key, body)
                    asyncio.get_running_loop().call_later(PAUSE, self._spare.submit, again)
            body = self._packed[key]
            if b"etag" in headers:
                headers[b"etag"] = b"W/" + headers[b"etag"].removeprefix(b"W/")  # the same file, other bytes
        headers |= {
            b"content-encoding": packing.encode(),
            b"content-length": str(len(body)).encode(),
            b"vary": b"Accept-Encoding",
        }
        await send({**start, "headers": list(headers.items())})
        await send({"type": "http.response.body", "body": body})

    def _again(self, key: tuple[str, str, bytes], body: bytes) -> None:
        self._packed[key] = packed(body, key[1], THOROUGH)

    def _page(self, page: bytes) -> bytes:
        page = FIRST.sub(self._scripts + rb"\g<0>", FONT.sub(self._font, page), count=1)
        return page.replace(b"</body>", self._styles)


def _packing(accepted: str) -> str:
    """Return how to pack for a browser that says what it accepts; an empty string: not at all."""
    offers = [offer.strip() for offer in accepted.split(",")]
    return next((packing for packing in ("br", "gzip") if packing in offers), "")


def _kind(headers: Headers) -> str:
    return headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip()


def _to_pack(start: Message, path: str) -> bool:
    """Return whether a response is the page or one of its scripts and style sheets, whole and not packed yet."""
    headers: Headers = {name.lower(): value for name, value in start["headers"]}
    whole = start["status"] == 200 and b"content-encoding" not in headers
    long = int(headers.get(b"content-length", b"0")) >= WORTH_IT
    return whole and long and (_kind(headers) == "text/html" or ("/static/" in path and _kind(headers) in SCRIPTS))
