"""The table of law exceptions, kept true: which checks fail where today, with the reasons already written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model.validation.laws.check import LawReport
from model.validation.laws.table import LawTable, Listed
from model.whole_file import whole_file

COLUMNS = ("law", "check", "settings", "reason")


@dataclass(frozen=True)
class FoundExceptions:
    """What ``law_exceptions.csv`` has to hold.

    rows   : every check of a law that may fail and does, in the order of ``laws.csv``; the reason is the one written
             already, empty where there is none yet
    moved  : rows whose reason was written for other settings: it should be read again
    gone   : rows of the table that no longer fail, left out
    broken : checks of laws that must hold and do not: no exception is allowed
    """

    rows: tuple[Listed, ...]
    moved: tuple[Listed, ...]
    gone: tuple[Listed, ...]
    broken: tuple[str, ...]

    @property
    def open(self) -> tuple[Listed, ...]:
        """Rows that still need a reason."""
        return tuple(row for row in self.rows if not row.reason)


def found_exceptions(reports: Sequence[LawReport], table: LawTable) -> FoundExceptions:
    """Return the exceptions that `reports`, one of each setting, show. `table` gives the laws and the reasons."""
    failing: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        for check in report.checks:
            if check.violations:
                failing.setdefault((check.law, check.check), []).append(report.setting)
    said = {(row.law, row.check): row for row in table.exceptions}
    rows, moved, broken = [], [], []
    for law in table.laws:
        for key in ((law.id, check.text) for check in law.checks):
            if key not in failing:
                continue
            if law.must:
                broken.append(": ".join(key))
                continue
            row = Listed(*key, tuple(failing[key]), "")
            before = said.get(key, row)
            rows.append(replace(row, reason=before.reason))
            if set(before.settings) != set(row.settings):
                moved.append(rows[-1])
    kept = {(row.law, row.check) for row in rows}
    gone = tuple(row for row in table.exceptions if (row.law, row.check) not in kept)
    return FoundExceptions(tuple(rows), tuple(moved), gone, tuple(broken))


def write_exceptions(path: Path, rows: Sequence[Listed], settings: Sequence[str]) -> None:
    """Write `rows` as ``law_exceptions.csv``, whole or not at all; `settings` is what ``all`` stands for.

    raises : ExportError when the file cannot be written.
    """
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            where = "all" if set(row.settings) == set(settings) else ";".join(row.settings)
            writer.writerow((row.law, row.check, where, row.reason))
