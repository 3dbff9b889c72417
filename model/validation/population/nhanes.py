"""The people of NHANES 2011-2018 in the words of the network: who has a low count, and which findings and groups.

Every limit is read from the tables: the band and the age from ``scope.csv``, the findings from ``labs.csv``, units from
``units.csv``; ``data/nhanes/codebook.csv`` says which column of the survey holds which node.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from model.errors import SurveyError, listed
from model.knowledge import Knowledge, table_rows
from model.network import Array
from model.validation.population.survey import Design, Estimate, share

FOLDER = "nhanes"
COUNTS = "blood_counts_2011_2018.csv.gz"
WEIGHT, STRATUM, UNIT = "WTMEC2YR", "SDMVSTRA", "SDMVPSU"
CYCLES = 4  # two-year weights of pooled cycles are divided by their number (NCHS analytic guidelines)
AGE, COUNT, SEX, GROUPS = "age", "anc", "sex", "RIDRETH3"
_CONDITION = re.compile(r"^(\w+)(>=|<|=)([\w.]+)$")

People = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the survey, or one code of it. `step` is what its values are rounded to."""

    column: str
    code: str
    node: str
    state: str
    unit: str
    step: str
    label: str
    note: str


@dataclass(frozen=True, eq=False)
class Survey:
    """The people of the survey. Immutable.

    design  : weights, strata and units
    columns : column -> (n,) values as recorded
    numbers : node -> (n,) values in the node's canonical unit
    states  : node -> state -> (n,) who is in it
    adult   : (n,) who is in the scope of the model by age
    low     : (n,) adults whose recorded count lies in the band
    low_corrected : (n,) the same, corrected for rounding: the part of what the record stands for that lies in the band
    """

    design: Design
    columns: Mapping[str, Array]
    numbers: Mapping[str, Array]
    states: Mapping[str, Mapping[str, People]]
    codebook: tuple[Column, ...]
    adult: People
    low: People
    low_corrected: Array

    def who(self, event: str) -> People:
        """Return who meets `event`: conditions joined by ``;``, alternatives by ``|``; empty is everybody.

        A condition is ``node=state``, ``column=code``, ``node>=number`` or ``node<number``.
        raises : SurveyError for a condition that the survey does not hold.
        """
        everybody = np.ones(len(self.adult), bool)
        if not event.strip():
            return everybody
        found = ~everybody
        for alternative in event.split("|"):
            inside = everybody.copy()
            for condition in alternative.split(";"):
                inside &= self._meets(condition.strip())
            found |= inside
        return found

    def _meets(self, condition: str) -> People:
        parts = _CONDITION.match(condition)
        name, sign, value = parts.groups() if parts else ("", "", "")
        if sign == "=" and value in self.states.get(name, {}):
            return self.states[name][value]
        if sign == "=" and any((line.column, line.code) == (name, value) for line in self.codebook):
            return self.columns[name] == float(value)
        if sign in (">=", "<") and name in self.numbers:
            return self.numbers[name] >= float(value) if sign == ">=" else self.numbers[name] < float(value)
        allowed = [f"{node}={state}" for node, states in self.states.items() for state in states]
        raise SurveyError(
            f"survey: {condition!r} is not something it holds; a node and state of it is {listed(allowed)}."
        )


def read_survey(knowledge: Knowledge) -> Survey:
    """Read the carried file and classify its people by the limits of `knowledge`. Cost: a third of a second once.

    raises : SurveyError for a file that cannot be read or lacks a column.
    """
    folder = knowledge.folder / FOLDER
    codebook = read_codebook(folder)
    columns = _read_columns(folder / COUNTS, tuple(line.column for line in codebook))
    factors = {(unit.node, unit.unit): unit.factor for unit in knowledge.units}
    numbers, steps, states = {}, {}, {}
    for line in codebook:
        if line.unit:
            factor = factors.get((line.node, line.unit), 1.0)
            numbers[line.node] = np.round(columns[line.column] * factor, 6)
            steps[line.node] = float(line.step) * factor
        elif line.node:
            known = states.setdefault(line.node, {})
            seen = columns[line.column] == float(line.code)
            known[line.state] = known[line.state] | seen if line.state in known else seen
    for node in knowledge.nodes.values():
        if node.role == "finding" and node.id in numbers:
            present = _present(knowledge, node.id, numbers[node.id], states[SEX])
            states[node.id] = dict(zip(node.states, (~present, present), strict=True))
    low, high = _scope(knowledge, COUNT)
    least, most = _scope(knowledge, AGE)
    adult = (numbers[AGE] >= least) & (numbers[AGE] < most)
    count, half = numbers[COUNT], steps[COUNT] / 2
    part = np.clip(np.minimum(count + half, high) - np.maximum(count - half, low), 0, None) / steps[COUNT]
    return Survey(
        Design(columns[WEIGHT] / CYCLES, columns[STRATUM], columns[UNIT]),
        columns,
        MappingProxyType(numbers),
        MappingProxyType(states),
        codebook,
        adult,
        adult & (count >= low) & (count < high),
        adult * np.round(part, 9),
    )


def read_codebook(folder: Path) -> tuple[Column, ...]:
    """Return the rows of ``codebook.csv``."""
    return tuple(Column(**row) for _, row in table_rows(folder / "codebook.csv"))


@lru_cache(maxsize=2)
def _read_columns(path: Path, expected: tuple[str, ...]) -> Mapping[str, Array]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            head = file.readline().strip().split(",")
            table = np.loadtxt(file, delimiter=",")
    except (OSError, EOFError, ValueError) as error:
        raise SurveyError(f"{path.name}: expected a compressed table of numbers, but {error}.") from error
    missing = sorted(set(expected) - set(head))
    if missing:
        raise SurveyError(f"{path.name}: column {missing[0]!r} of codebook.csv is missing; there are {listed(head)}.")
    return MappingProxyType({name: table[:, position].copy() for position, name in enumerate(head)})


def _present(knowledge: Knowledge, node: str, values: Array, sexes: Mapping[str, People]) -> People:
    """Return who is beyond the limit of `labs.csv`, by sex where the limit is."""
    found = np.zeros(len(values), bool)
    for lab in knowledge.labs:
        if lab.node == node and lab.limit is not None:
            beyond = values < lab.limit if lab.side == "below" else values > lab.limit
            found |= beyond & sexes[lab.sex] if lab.sex else beyond
    return found


def _scope(knowledge: Knowledge, node: str) -> tuple[float, float]:
    rule = next(rule for rule in knowledge.scope if rule.node == node and rule.verdict == "in")
    return (-np.inf if rule.low is None else rule.low), (np.inf if rule.high is None else rule.high)


@dataclass(frozen=True)
class Prevalence:
    """The share of a group with a count in one range, as the published table of the carried file gives it."""

    group: str
    adults: bool
    low: float
    high: float
    estimate: Estimate


def prevalence(survey: Survey, code: str, adults: bool, low: float, high: float) -> Prevalence:
    """Return the share of one racial or ethnic group with a recorded count in [low, high).

    code : of the column RIDRETH3, or empty for all;  adults : adults, else children;  low, high : in /mm3
    """
    line = next((line for line in survey.codebook if line.column == GROUPS and line.code == code), None)
    group = (survey.adult if adults else ~survey.adult) & (survey.who(f"{GROUPS}={code}") if code else True)
    inside = (survey.numbers[COUNT] >= low) & (survey.numbers[COUNT] < high)
    return Prevalence(line.label if line else "ALL", adults, low, high, share(survey.design, inside, group))
