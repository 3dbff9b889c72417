"""The guard against outgoing connections guards: whatever the tests or the served app run, nobody else is called."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests import no_network

FAR = "192.0.2.1"  # a net for documentation (RFC 5737), which is nobody's


@pytest.fixture
def tries():
    """Give what was tried in this test, which is forgotten afterwards: here it is meant."""
    before = len(no_network.tried)
    yield lambda: no_network.tried[before:]
    del no_network.tried[before:]


def test_a_connection_to_another_machine_is_refused_and_noted(tries):
    with socket.socket() as one, pytest.raises(PermissionError, match="outgoing connection refused"):
        one.connect((FAR, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as one, pytest.raises(PermissionError):
        one.sendto(b"x", (FAR, 53))
    with socket.socket(socket.AF_INET6) as one, pytest.raises(PermissionError):
        one.connect_ex(("2001:db8::1", 80))
    assert len(tries()) == 3


def test_so_is_asking_for_the_address_of_a_name(tries):
    with pytest.raises(PermissionError):
        socket.getaddrinfo("www.example.org", 80)
    with pytest.raises(OSError, match="outgoing connection refused"):
        urllib.request.urlopen("http://www.example.org/")
    assert tries()


def test_this_machine_may_be_called(tries):
    with socket.socket() as server, socket.socket() as one:
        server.bind(("127.0.0.1", 0))
        server.listen()
        one.connect(server.getsockname())
    socket.getaddrinfo("localhost", 80)
    near, far = socket.socketpair()
    near.close(), far.close()
    assert tries() == []


def test_a_guarded_program_says_what_it_tried():
    """The served app runs under the same guard; its log is read when it ends."""
    words = f"import no_network, socket; no_network.guard(); socket.create_connection(({FAR!r}, 80))"
    ended = subprocess.run([sys.executable, "-c", words], cwd=Path(__file__).parent, capture_output=True, check=False)
    assert ended.returncode == 1
    assert f"{no_network.OUTGOING} socket.getaddrinfo {FAR}" in ended.stderr.decode()
