"""Starting the app: Streamlit on this machine only, from a checkout or an installed wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from model.errors import ModelError


def app_folder() -> Path:
    """Return the folder of ``served.py``: inside an installed wheel, else the checkout's top."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_app"
    return installed if installed.is_dir() else package.parent


def serve(port: int, browser: bool) -> int:
    """Run the app until it is stopped; return Streamlit's exit code.

    The server listens on the loopback address only, sends no usage statistics and reads its theme from the folder of
    ``served.py``, whatever the working directory.
    """
    folder = app_folder()
    if not (folder / "served.py").is_file():
        raise ModelError(f"serve: expected served.py in {folder}, found none; reinstall the package.")
    command = [
        sys.executable, "-m", "streamlit", "run", str(folder / "served.py"), "--server.address", "127.0.0.1",
        "--server.port", str(port), "--server.headless", "false" if browser else "true",
        "--server.showEmailPrompt", "false",  # else a first start waits for an address to be typed
        "--browser.gatherUsageStats", "false",
        "--logger.hideWelcomeMessage", "true",  # it advertises, in the terminal and on the first screen
    ]  # fmt: skip
    print(f"The app is at http://127.0.0.1:{port}, on this machine only. Ctrl+C stops it.", flush=True)
    try:
        return subprocess.run(command, cwd=folder, check=False).returncode
    except KeyboardInterrupt:
        return 0
