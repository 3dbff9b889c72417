"""The declared changes, ``data/changes.csv`` and ``data/leader_changes.csv``, against what really changed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from io import StringIO
from pathlib import Path
from typing import TypeVar

from model.errors import TableError
from model.model_diff.attribution import named
from model.model_diff.comparison import ModelDiff
from model.model_diff.release import version_key
from model.model_diff.rows import needs_declaring
from model.whole_file import whole_file


@dataclass(frozen=True)
class DeclaredChange:
    """One row of ``changes.csv``: what moved since the release before `version`, and why."""

    version: str
    item: str
    before: str
    after: str
    reason: str
    source: str


@dataclass(frozen=True)
class DeclaredLeader:
    """One row of ``leader_changes.csv``: a published case in which another cause leads since."""

    version: str
    setting: str
    case: str
    before: str
    after: str
    because: str


Declared = TypeVar("Declared", DeclaredChange, DeclaredLeader)
_FILES = {DeclaredChange: "changes.csv", DeclaredLeader: "leader_changes.csv"}


def declared_rows(folder: Path, kind: type[Declared], since: str = "") -> tuple[Declared, ...]:
    """Return the declared rows of one kind, those of versions after `since` only. TableError for a malformed table."""
    path, columns = folder / _FILES[kind], [field.name for field in fields(kind)]
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
        for number, row in enumerate(table, start=2):
            if list(row) != columns or None in row.values():
                raise TableError(f"{path.name} row {number}: expected the columns {columns}.")
    found = [kind(**row) for row in table]
    return tuple(row for row in found if not since or version_key(row.version) > version_key(since))


def undeclared(diff: ModelDiff, folder: Path, next_version: str) -> tuple[str, ...]:
    """Return one sentence for each difference between what is declared and what changed since the release `diff.old`.

    diff         : from the last release, labelled with its version, to the tables of `folder`
    next_version : the version that a missing row should carry
    """
    return (*_change_problems(diff, folder, next_version), *_leader_problems(diff, folder, next_version))


def declare(diff: ModelDiff, folder: Path, version: str) -> tuple[str, ...]:
    """Write what changed since the release `diff.old` into the two tables; return the items that still need a reason.

    Reasons and sources already written stay; rows that are no longer true go; rows of older versions are left alone.
    `diff` needs its attribution. Raises TableError for a version that is not newer than the release.
    """
    if version_key(version) <= version_key(diff.old):
        raise TableError(f"--declare: expected a version after {diff.old}, got {version}.")
    said = {row.item: row for row in declared_rows(folder, DeclaredChange, diff.old)}
    rows = [
        replace(row, version=said[row.item].version, reason=said[row.item].reason, source=said[row.item].source)
        if row.item in said
        else row
        for row in _changed(diff, version)
    ]
    changes, leaders = (
        _table(folder, DeclaredChange, diff.old, rows),
        _table(folder, DeclaredLeader, diff.old, _led(diff, version)),
    )
    with whole_file(folder / _FILES[DeclaredLeader]) as second, whole_file(folder / _FILES[DeclaredChange]) as first:
        first.write(changes)
        second.write(leaders)
    return tuple(row.item for row in rows if not row.reason)


def _changed(diff: ModelDiff, version: str) -> list[DeclaredChange]:
    return [
        DeclaredChange(version, row.item, row.before, row.after, "", "") for row in diff.rows if needs_declaring(row)
    ]


def _led(diff: ModelDiff, version: str) -> list[DeclaredLeader]:
    return [
        DeclaredLeader(version, answer.setting, answer.question, answer.leader_before, answer.leader_after,
                       ";".join(item for block in answer.because for item in named(block)))
        for answer in diff.leader_changes
    ]  # fmt: skip


def _change_problems(diff: ModelDiff, folder: Path, version: str) -> Iterable[str]:
    actual = {row.item: row for row in _changed(diff, version)}
    declared = declared_rows(folder, DeclaredChange, diff.old)
    for item in actual.keys() - {row.item for row in declared}:
        line = ",".join((version, item, _cell(actual[item].before), _cell(actual[item].after), "<why>", "<source>"))
        yield f"changes.csv: {item} differs from release {diff.old} and no row says so; add the line: {line}"
    for row in declared:
        true = actual.get(row.item)
        if true is None:
            yield f"changes.csv: {row.item} is declared, but is as in release {diff.old}; take the row out."
        elif (row.before, row.after) != (true.before, true.after):
            yield (f"changes.csv: {row.item} is declared as {row.before!r} to {row.after!r}, but went from "
                   f"{true.before!r} to {true.after!r}.")  # fmt: skip
        elif not row.reason:
            yield f"changes.csv: {row.item} has no reason; say why the number moved."


def _leader_problems(diff: ModelDiff, folder: Path, version: str) -> Iterable[str]:
    actual = {(row.setting, row.case): row for row in _led(diff, version)}
    declared = {(row.setting, row.case): row for row in declared_rows(folder, DeclaredLeader, diff.old)}
    for key in actual.keys() | declared.keys():
        where, true, said = f"leader_changes.csv: {key[1]} in setting {key[0]}", actual.get(key), declared.get(key)
        if true is None:
            yield f"{where} is declared, but its leader is the one of release {diff.old}; take the row out."
        elif said is None or (said.before, said.after) != (true.before, true.after):
            yield (f"{where}: the leader went from {true.before} to {true.after} and no row says so; write it with "
                   f"`make diff DECLARE={version}`.")  # fmt: skip


def _table(folder: Path, kind: type[Declared], since: str, rows: Iterable[Declared]) -> str:
    """Return the table of `rows` after those of versions up to `since`."""
    past = [row for row in declared_rows(folder, kind) if version_key(row.version) <= version_key(since)]
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(kind)])
    writer.writerows(astuple(row) for row in [*past, *rows])
    return text.getvalue()


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text
