"""The app starts by the documented command, on a machine where Streamlit has never run, and asks nothing."""

import os
import pty
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_first_start_answers_without_asking_anything(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "BROWSER": "true"}
    leader, terminal = pty.openpty()  # Streamlit asks only when it talks to a terminal
    server = subprocess.Popen(
        [sys.executable, "-m", "model", "serve", "--port", str(port)],
        cwd=tmp_path, env=environment, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        assert _answers(f"http://127.0.0.1:{port}/_stcore/health", server, within=45)
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)
        said = os.read(leader, 100_000).decode(errors="replace")
        os.close(leader)
    assert "mail" not in said
    assert "agents" not in said.lower()
    assert f"127.0.0.1:{port}" in said


def _answers(address, server, within):
    end = time.monotonic() + within
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False
