"""A link leads back to the app: under a base path, behind a proxy, and from a machine others cannot see."""

import pytest

from views.share_address import Link, Serving, link_to

CASE = "case=1~article~0a1b"


@pytest.mark.parametrize(
    ("visited", "serving", "address", "only_here"),
    [
        ("http://127.0.0.1:8501/", Serving(), "http://127.0.0.1:8501/", True),
        ("http://localhost:8501", Serving(), "http://localhost:8501/", True),
        ("http://[::1]:8501", Serving(), "http://[::1]:8501/", True),
        ("", Serving(), "http://localhost:8501/", True),
        # server.baseUrlPath
        ("http://localhost:8501/bn", Serving(base="bn"), "http://localhost:8501/bn/", True),
        ("https://example.org/bn/", Serving(base="/bn/"), "https://example.org/bn/", False),
        ("https://example.org/a/b", Serving(base="a/b"), "https://example.org/a/b/", False),
        ("https://example.org", Serving(base="learn"), "https://example.org/learn/", False),
        # a proxy with a path of its own, before the base path or without any
        ("https://example.org/tools/bn", Serving(), "https://example.org/tools/bn/", False),
        ("https://example.org/tools/bn", Serving(base="bn"), "https://example.org/tools/bn/", False),
        ("http://192.168.0.7:8600/", Serving(port=8600), "http://192.168.0.7:8600/", False),
        # browser.serverAddress, for a visitor who sits at the machine
        ("http://localhost:8501/", Serving("bn.example.org"), "http://bn.example.org:8501/", False),
        ("http://localhost:8501/bn", Serving("example.org", 443, "bn", True), "https://example.org/bn/", False),
        ("http://localhost:8501/", Serving("example.org/tools", 80), "http://example.org/tools/", False),
        ("http://localhost:8501/", Serving("2001:db8::7"), "http://[2001:db8::7]:8501/", False),
        ("https://other.example.org/", Serving("example.org"), "https://other.example.org/", False),
    ],
)
def test_a_link_leads_to_the_app(visited, serving, address, only_here):
    assert link_to(CASE, visited, serving) == Link(f"{address}?{CASE}", only_here)
