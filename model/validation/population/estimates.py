"""Estimates of the survey that travel as numbers: eight cycles, of which the people are too many to carry.

``low_count_quantities.csv`` says what was asked, ``low_counts_2003_2018.csv`` what was found, with its design-based
standard error. The first four cycles are older than the file that is carried whole, so most of them were never used for
a number. ``python -m benchmarks.survey_estimates FILE`` computes them anew from the public files.
"""

from __future__ import annotations

from pathlib import Path

from model.errors import SurveyError, listed
from model.knowledge import cell_items, table_rows
from model.validation.population.checks import BANDS, COMPARED, USES, Check
from model.validation.population.nhanes import FOLDER
from model.validation.population.survey import Estimate


def read_estimates(folder: Path) -> tuple[tuple[Check, Estimate], ...]:
    """Return each quantity and its estimate. raises : SurveyError for one without the other, or a word not known."""
    found = {row["check"]: row for _, row in table_rows(folder / FOLDER / "low_counts_2003_2018.csv")}
    rows = []
    for _, row in table_rows(folder / FOLDER / "low_count_quantities.csv"):
        name = row["check"]
        for column, allowed in (("kind", COMPARED), ("use", USES)):
            if row[column] not in allowed:
                raise SurveyError(
                    f"low_count_quantities.csv {name!r}: {column} {row[column]!r} is not {listed(allowed)}."
                )
        if name not in found:
            raise SurveyError(f"low_counts_2003_2018.csv: {name!r} of low_count_quantities.csv has no estimate.")
        number = found.pop(name)
        band = BANDS[row["kind"] == "risk"]
        check = Check(name, row["label"], row["kind"], row["event"], row["given"], band, row["use"],
                      cell_items(row["records"]), row["note"], _years(row["cycles"]))  # fmt: skip
        rows.append((check, Estimate(float(number["value"]), float(number["se"]), int(number["degrees"]),
                                     int(number["people"]), int(number["events"]))))  # fmt: skip
    if found:
        raise SurveyError(f"low_count_quantities.csv: {next(iter(found))!r} of low_counts_2003_2018.csv is missing.")
    return tuple(rows)


def _years(cycles: str) -> str:
    """Return the years of a span of cycles, the last one named by its own end: 2003-2011 is 2003-2010."""
    first, last = cycles.split("-")
    return f"{first}-{int(last) - 1}"
