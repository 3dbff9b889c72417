"""Where a link has to point: the address under which others find this app, and whether they can. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Serving:
    """What the server was told of itself: the public address and its port, the base path, whether it speaks https."""

    address: str = "localhost"
    port: int = 8501
    base: str = ""
    secure: bool = False


@dataclass(frozen=True)
class Link:
    """A link to a case; `only_here`: it works on this machine only."""

    address: str
    only_here: bool


def link_to(query: str, visited: str, serving: Serving) -> Link:
    """Return the link of `query`, such as ``case=1~article``, under the address the visitor sees.

    A visitor on this machine, who sees an address that works nowhere else, gets the public one where one is set.
    visited : the address in the visitor's browser without its query, empty when unknown
    """
    seen, base = urlsplit(visited), f"/{serving.base.strip('/')}".rstrip("/")
    host, path = f"{seen.scheme}://{seen.netloc}", seen.path.rstrip("/")
    if not seen.netloc or (_is_here(seen.hostname or "") and not _is_here(_name(serving.address))):
        host, path = _public(serving), base
    elif not path.endswith(base):  # Streamlit takes a base path off that is also the name of a screen
        path = base
    address = f"{host}{path}/?{query}"
    return Link(address, _is_here(urlsplit(address).hostname or ""))


def _public(serving: Serving) -> str:
    """Return the address others are told to use; Streamlit allows a path in it."""
    scheme = "https" if serving.secure else "http"
    name, slash, path = serving.address.strip("/").partition("/")
    port = "" if serving.port == _USUAL[scheme] else f":{serving.port}"
    return f"{scheme}://{f'[{name}]' if ':' in name else name}{port}{slash}{path}"


def _name(address: str) -> str:
    return address.strip("/").partition("/")[0]


def _is_here(name: str) -> bool:
    """Return whether a host name means the machine it is read on.

    >>> [_is_here(name) for name in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "10.0.0.7", "example.org")]
    [True, True, True, True, False, False]
    """
    try:
        found = ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return found.is_loopback or found.is_unspecified
