"""A scored table of patients in figures: how many each cause leads, how clear the leader is, mean probabilities."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

EDGES = tuple(step / 10 for step in range(11))  # of the bins of the top probability


@dataclass(frozen=True)
class ScoredTable:
    """The rows of a scored file, as text: the file's own columns, and what scoring added.

    header, rows  : the file's own columns
    causes        : the causes, in the order of the columns
    probabilities : (n, causes), NaN where there is no answer
    top, scope, reason : (n,), as scoring writes them;  not_read : the labels of the columns that were not read
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    causes: tuple[str, ...]
    probabilities: np.ndarray
    top: tuple[str, ...]
    scope: tuple[str, ...]
    reason: tuple[str, ...]
    not_read: str = ""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class CohortSummary:
    """A scored table in figures.

    labels  : cause -> name;  answered : rows with probabilities;  verdicts : scope verdict -> rows
    leads   : cause -> rows it leads;  mean : cause -> mean probability over the answered rows, empty without any
    clarity : (low, high, rows) for each tenth of the leader's probability
    """

    labels: Mapping[str, str]
    answered: int
    verdicts: Mapping[str, int]
    leads: Mapping[str, int]
    mean: Mapping[str, float]
    clarity: tuple[tuple[float, float, int], ...]


def read_scored(content: bytes, added: Sequence[str]) -> ScoredTable:
    """Read what ``scoring`` wrote; `added` are the columns it added, ``added_columns(model)``, last in every row."""
    records: Iterator[list[str]] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    width = len(added)
    header = next(records)[:-width]
    rows = [list(map(sys.intern, row)) for row in records if row]  # few different cells, so little memory
    causes = tuple(name.removeprefix("p_") for name in added if name.startswith("p_"))
    place = {name: index - width for index, name in enumerate(added)}
    chances = [place[f"p_{cause}"] for cause in causes]
    found = np.array([[float(row[index] or "nan") for index in chances] for row in rows])
    return ScoredTable(
        tuple(header),
        [row[:-width] for row in rows],
        causes,
        found.reshape(len(rows), len(causes)),
        tuple(row[place["top"]] for row in rows),
        tuple(row[place["scope"]] for row in rows),
        tuple(row[place["scope_reason"]] for row in rows),
        rows[0][place["not_read"]] if rows else "",
    )


def summarise(table: ScoredTable, labels: Mapping[str, str]) -> CohortSummary:
    """Return the figures of a scored table; `labels` names each cause."""
    answered = table.probabilities[~np.isnan(table.probabilities[:, 0])] if len(table) else table.probabilities
    led = Counter(cause for cause in table.top if cause)
    mean = answered.mean(axis=0) if len(answered) else []
    counts, _ = np.histogram(answered.max(axis=1) if len(answered) else [], bins=EDGES)
    return CohortSummary(
        {cause: labels[cause] for cause in table.causes},
        len(answered),
        dict(Counter(table.scope)),
        {cause: led[cause] for cause in table.causes},
        dict(zip(table.causes, map(float, mean), strict=False)),
        tuple((low, high, int(rows)) for (low, high), rows in zip(pairwise(EDGES), counts, strict=True)),
    )
