"""A text file that appears whole or not at all: written beside its place under another name, then put there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from model.errors import ExportError, shown


@contextmanager
def whole_file(target: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that takes the place of `target` when the block ends, and never was when it fails.

    Line ends are written as they are given. What stood at `target` stays there until then, and its permissions after.
    raises : ExportError when the file cannot be written, or for a character that UTF-8 has no bytes for.
    """
    place = Path(os.path.realpath(target))  # a link stays a link, to the new file
    partial = place.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        _check(place, target)
        with partial.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # a full disk may show only here
        if place.exists():
            partial.chmod(place.stat().st_mode)
        os.replace(partial, place)
    except UnicodeEncodeError as error:
        raise ExportError(
            f"{target}: expected characters that UTF-8 can hold, got {shown(error.object[error.start])}; "
            "nothing was written."
        ) from None
    except OSError as error:
        raise ExportError(f"{target}: cannot be written ({error.strerror or error}).") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_whole(target: Path, text: str) -> None:
    """Write a text to `target`, whole or not at all. ExportError as from :func:`whole_file`."""
    with whole_file(target) as file:
        file.write(text)


def _check(place: Path, target: Path) -> None:
    """Refuse what must not be replaced by a file: a folder, a device, a file that may not be written."""
    if not place.parent.is_dir():
        raise ExportError(f"{target}: cannot be written; expected a folder that exists, got {str(target.parent)!r}.")
    if place.is_dir():
        raise ExportError(f"{target}: cannot be written; expected a file, got a folder.")
    if place.exists() and not place.is_file():
        raise ExportError(f"{target}: cannot be written; expected a file, got something else of that name.")
    if place.exists() and not os.access(place, os.W_OK):
        raise ExportError(f"{target}: cannot be written (Permission denied).")
