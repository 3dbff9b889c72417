"""A file that appears whole or not at all: written beside its place, then put there.

Where the system can (Linux), it has no name until it is whole, so that even a process that is killed leaves nothing.
Elsewhere it is written under another name, which such a process leaves behind, hidden: ``.*.partial``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from model.errors import ExportError, shown


@contextmanager
def whole_bytes(target: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `target` when the block ends, and never was when it fails.

    What stood at `target` stays there until then, and its permissions after. raises : ExportError when the file cannot
    be written.
    """
    place = Path(os.path.realpath(target))  # a link stays a link, to the new file
    partial = place.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        _check(place, target)
        with _nameless(place.parent) or partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # a full disk may show only here
            if not partial.exists():
                _give_name(file, partial)
        if place.exists():
            partial.chmod(place.stat().st_mode)
        os.replace(partial, place)
    except OSError as error:
        raise ExportError(f"{target}: cannot be written ({error.strerror or error}).") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def whole_file(target: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file likewise. Line ends are written as they are given.

    raises : ExportError as from :func:`whole_bytes`, and for a character that UTF-8 has no bytes for.
    """
    with whole_bytes(target) as bytes_file, utf8_text(bytes_file, target) as file:
        yield file


@contextmanager
def utf8_text(file: BinaryIO, target: Path) -> Iterator[TextIO]:
    """Write text into an open file of bytes, which stays open. `target` is named where UTF-8 lacks a character."""
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    except UnicodeEncodeError as error:
        raise ExportError(
            f"{target}: expected characters that UTF-8 can hold, got {shown(error.object[error.start])}; "
            "nothing was written."
        ) from None
    finally:
        with suppress(OSError, UnicodeEncodeError):
            text.detach()


def _nameless(folder: Path) -> BinaryIO | None:
    """Open a file in a folder that has no name and is gone with the process; None where the system has no such file."""
    try:
        return os.fdopen(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666), "wb")
    except (AttributeError, OSError):  # another system, or a file system that cannot
        return None


def _give_name(file: BinaryIO, path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:  # with a folder's descriptor the link is followed to the file itself
        os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


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
