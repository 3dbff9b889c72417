"""One version of the tables: a folder, or a ZIP archive of one, with the published cases it carries.

An older release may lack a table or a column that today's reader expects. A missing table is read as empty and a
missing column as empty cells, so that an old release stays readable; a column that is gone since is left out.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from model.errors import TableError
from model.evidence import PublishedCase, published_cases, vocabularies
from model.knowledge import Knowledge, data_folder, load_knowledge
from model.knowledge.load import ANSWER_TABLES, PARAMETER_FILES
from model.whole_file import whole_bytes

LARGEST = 20_000_000  # bytes of the tables of an archive together, unpacked
NEEDED = (*ANSWER_TABLES, *PARAMETER_FILES, "examples", "cases", "cases_2", "case_facts")
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same tables give the same bytes
_MARK = "parameters/links.csv"  # where this is, there is the folder of the tables


@dataclass(frozen=True)
class Release:
    """The tables of one version, read and checked.

    label : the name of the folder or archive it was read from
    told  : vocabulary -> the published cases in it, the oldest vocabulary first
    """

    label: str
    knowledge: Knowledge
    told: Mapping[str, Mapping[str, PublishedCase]]

    @property
    def cases(self) -> Mapping[str, PublishedCase]:
        """The published cases in the newest vocabulary."""
        return [{}, *self.told.values()][-1]


def current() -> Release:
    """Return the tables that travel with the package."""
    knowledge = load_knowledge()
    return Release("now", knowledge, _cases(knowledge.folder))


def told_alike(old: Release, new: Release) -> tuple[Release, Release]:
    """Return both with their cases in the vocabularies of both alone: a case told anew is no case that changed."""
    both = [name for name in old.told if name in new.told]
    was, now = (replace(release, told={name: release.told[name] for name in both}) for release in (old, new))
    return was, now


def read_release(path: Path) -> Release:
    """Read a folder of tables, or a ZIP archive of one.

    raises : TableError when there is no such folder or archive, or no tables in it; KnowledgeError for a table that
        cannot be read.
    """
    tables = _tables_of(path) if path.is_dir() else _tables_in(path)
    if _MARK not in tables:
        raise TableError(f"{path.name}: expected the tables of a data folder, {_MARK} among them; found none.")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        for name, today in _tables_of(data_folder()).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(_conformed(tables.get(name, ""), today), encoding="utf-8")
        try:
            told = _cases(folder)
        except KeyError as error:
            raise TableError(f"{path.name}: case {error} of cases.csv has no row in case_facts.csv.") from None
        return Release(path.stem if path.is_file() else path.name, load_knowledge(folder), told)


def write_release(folder: Path, target: Path) -> None:
    """Write the tables that numbers and cases are read from as a ZIP archive; the same tables give the same bytes.

    Tables of text alone (claims, sources, guidance, disagreements) stay out. The archive appears whole or not at all.
    """
    with whole_bytes(target) as file, zipfile.ZipFile(file, "w") as archive:
        for name, text in _tables_of(folder).items():
            if Path(name).stem in NEEDED:
                entry = zipfile.ZipInfo(name, _STAMP)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, text, zipfile.ZIP_DEFLATED, 9)


def last_release(folder: Path) -> Path:
    """Return the archive of the newest version in `folder`, where archives are named ``<version>.zip``."""
    archives = sorted(folder.glob("*.zip"), key=lambda path: version_key(path.stem))
    if not archives:
        raise TableError(f"{folder.name}: expected an archive of a release, such as 0.1.0.zip; found none.")
    return archives[-1]


def version_key(version: str) -> tuple[int, ...]:
    """Return a version as numbers that sort. Raises TableError for anything but numbers and dots.

    >>> version_key("0.10.0") > version_key("0.9.1")
    True
    """
    parts = version.split(".")
    if not all(part.isdecimal() for part in parts):
        raise TableError(f"Version: expected numbers joined by dots, such as 0.2.0, got {version!r}.")
    return tuple(int(part) for part in parts)


def _cases(folder: Path) -> dict[str, Mapping[str, PublishedCase]]:
    return {name: published_cases(folder, name) for name in vocabularies(folder)}


def _tables_of(folder: Path) -> dict[str, str]:
    """Return path below the folder -> text of every table; line endings do not matter."""
    found = sorted([*folder.glob("*.csv"), *folder.glob("parameters/*.csv")])
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def _tables_in(path: Path) -> dict[str, str]:
    """Return the same of an archive; the tables may stand at its top or in a folder of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".csv")]
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise TableError(f"{path.name}: expected tables of at most {LARGEST} bytes together.")
            top = next((e.filename.removesuffix(_MARK) for e in entries if e.filename.endswith(_MARK)), "")
            return {
                entry.filename.removeprefix(top): archive.read(entry).decode("utf-8")
                for entry in entries
                if entry.filename.startswith(top)
            }
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise TableError(f"{path}: expected a folder of tables or a ZIP archive of one ({error}).") from None


def _conformed(text: str, today: str) -> str:
    """Return the rows of `text` under the columns that the table has `today`."""
    columns = next(csv.reader(io.StringIO(today)))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(csv.DictReader(io.StringIO(text)))
    return out.getvalue()
