"""Nothing may leave this machine: a guard that no socket of the process gets around, for the tests and the served app.

Imported, it offers :func:`guard`. Run as ``python tests/no_network.py run app.py …`` it is Streamlit under that guard,
which writes a line with ``OUTGOING`` for every try.
"""

import runpy
import socket
import sys
from ipaddress import ip_address

OUTGOING = "outgoing connection refused:"
_EVENTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_NAMES = ("socket.getaddrinfo", "socket.gethostbyname")  # asking for a name is telling somebody
_here = frozenset({"", "localhost", "0.0.0.0", "::", socket.gethostname()})
tried: list[str] = []


def outgoing(event, arguments):
    """Return where an audited call of ``socket`` leads when that is another machine, else an empty string."""
    if event in _EVENTS:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path is a socket of this machine
    elif event in _NAMES:
        host = arguments[0]
    else:
        return ""
    host = host.decode() if isinstance(host, bytes) else str(host or "")
    if host in _here:
        return ""
    try:
        return "" if ip_address(host.partition("%")[0]).is_loopback else host
    except ValueError:
        return host


def _audit(event, arguments):
    if event.startswith("socket.") and (host := outgoing(event, arguments)):
        tried.append(f"{event} {host}")
        print(OUTGOING, event, host, file=sys.stderr, flush=True)
        raise PermissionError(f"{OUTGOING} {event} {host}")


def guard():
    """Refuse and note every connection of this process to another machine, until it ends; there is no way back."""
    if not getattr(sys, "_no_network", False):
        sys._no_network = True  # type: ignore[attr-defined]
        sys.addaudithook(_audit)


if __name__ == "__main__":
    guard()
    sys.argv[0] = "streamlit"
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
