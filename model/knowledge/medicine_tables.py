"""One row of each table of medicines by name: ``drugs.csv``, ``medicine_rules.csv`` and ``medicine_words.csv``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine, or several that behave alike, by name.

    node   : the context it is entered under; empty for one that is left out of the question on purpose, `note` says why
    state  : of that context; empty where the days of the course decide
    window : days from the start to the low count between which it is likeliest to be the cause; None where nobody says
    """

    name: str
    synonyms: tuple[str, ...]
    node: str
    state: str
    mechanism: str
    window_low_days: float | None
    window_high_days: float | None
    frequency: str
    other_lines: str
    grade: str
    tag: str
    source: tuple[str, ...]
    locator: str
    note: str

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name and every synonym."""
        return self.name, *self.synonyms


@dataclass(frozen=True, slots=True)
class MedicineRule:
    """One number that says how a named medicine is read."""

    rule: str
    value: float
    unit: str
    reading: str
    rationale: str


@dataclass(frozen=True, slots=True)
class MedicineWord:
    """Words beside the name of a medicine: `kind` says what they do, `meaning` the days of a duration."""

    kind: str
    meaning: str
    spelling: tuple[str, ...]
