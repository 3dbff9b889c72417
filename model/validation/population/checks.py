"""The quantities that the survey can tell, and what it found.

``data/nhanes/checks.csv`` lists them and the records each of them was used for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.calibrated_model import CalibratedModel
from model.errors import SurveyError, listed
from model.knowledge import cell_items, table_rows
from model.validation.population.nhanes import FOLDER, Survey
from model.validation.population.survey import Estimate, share, smooth

COMPARED = ("risk", "adults", "share", "excess")
KINDS = (*COMPARED, "described", "unchecked")
HELD_OUT = "held out"
CARRIED = "2011-2018"  # the years of the file that is carried whole
USES = ("input", "near", HELD_OUT)
BANDS = ("recorded", "corrected")


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity that the survey can tell. `event` and `given` are read by ``Survey.who``.

    kind    : risk, P(count in the band | given); adults, P(event) of all adults; share, P(event | given, the count);
        excess, what those with `given` have above the rate of the others, as a share of those with the count;
        described, the survey only; unchecked, records that rest on the survey but not on this file
    band    : recorded counts, or counts corrected for rounding
    use     : what the records had from it: input, near (set with the figure in view) or held out
    years   : of the survey
    """

    check: str
    label: str
    kind: str
    event: str
    given: str
    band: str
    use: str
    records: tuple[str, ...]
    note: str
    years: str = CARRIED

    def use_in(self, model: CalibratedModel) -> str:
        """Return `use` where one of the records holds in the model's setting, else held out."""
        here = {record.id for record in model.knowledge.records_of(model.setting)}
        return self.use if here & set(self.records) else HELD_OUT


def read_checks(folder: Path) -> tuple[Check, ...]:
    """Return the rows of ``checks.csv``. raises : SurveyError for a kind, band or use that is not known."""
    rows = [row for _, row in table_rows(folder / FOLDER / "checks.csv")]
    for row in rows:
        for column, allowed in (("kind", KINDS), ("band", ("", *BANDS)), ("use", ("", *USES))):
            if row[column] not in allowed:
                raise SurveyError(f"checks.csv {row['check']!r}: {column} {row[column]!r} is not {listed(allowed)}.")
    return tuple(Check(**{**row, "records": cell_items(row["records"])}) for row in rows)


def surveyed(survey: Survey, check: Check) -> Estimate:
    """Return what the survey found, with its design-based standard error."""
    design, given = survey.design, survey.who(check.given)
    low = survey.low_corrected if check.band == "corrected" else survey.low.astype(float)
    if check.kind == "risk":
        return share(design, low, survey.adult & given)
    if check.kind == "adults":
        return share(design, survey.who(check.event), survey.adult & given)
    if check.kind == "excess":
        columns = (low * given, low * ~given, survey.adult & given, survey.adult & ~given)
        return smooth(design, columns, _excess, low > 0, given)
    return share(design, survey.who(check.event), low * given)


def _excess(low: Any, low_others: Any, adults: Any, adults_others: Any) -> Any:
    """Return the attributable share of all with the count (Miettinen 1974), from four totals."""
    return (low - low_others * adults / adults_others) / (low + low_others)
