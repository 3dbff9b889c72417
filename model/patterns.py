"""Rows told apart only by what matters to one factor, so that each factor is worked out once per distinct pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.cpt import Array

Codes = NDArray[np.intp]
OUTRIGHT = 1 << 17  # numbers (1 MB) that a table may hold when all its patterns are listed, occurring or not


@dataclass(frozen=True, slots=True)
class Patterns:
    """One factor of many rows.

    codes : (n,), the pattern of each row;  table : (patterns, width), the factor of each pattern
    """

    codes: Codes
    table: Array

    def part(self, rows: Codes) -> Patterns:
        """Return the factor of these rows."""
        return Patterns(self.codes[rows], self.table)


def ones(rows: int, width: int) -> Patterns:
    """Return the factor that changes nothing."""
    return Patterns(np.zeros(rows, np.intp), np.ones((1, width)))


def distinct(keys: Codes, size: int) -> tuple[Codes, Codes]:
    """Return (the keys that occur, ascending; for each row, its place among them). Keys lie in [0, size)."""
    if size > 16 * len(keys) + 1024:
        occurring, places = np.unique(keys, return_inverse=True)
        return occurring, places
    place = np.zeros(size, np.intp)
    place[keys] = 1
    occurring = np.flatnonzero(place)
    place[occurring] = np.arange(len(occurring))
    return occurring, place[keys]


def tabled(keys: Codes, size: int, table: Callable[[Codes], Array]) -> Patterns:
    """Return the factor of rows with these keys; `table` is asked only for the keys that occur."""
    occurring, codes = distinct(keys, size)
    return Patterns(codes, table(occurring))


def times(left: Patterns, right: Patterns) -> Patterns:
    """Return the product of two factors, one row of the table for each pair of patterns that occurs."""
    pairs, codes = distinct(left.codes * len(right.table) + right.codes, len(left.table) * len(right.table))
    return Patterns(codes, left.table[pairs // len(right.table)] * right.table[pairs % len(right.table)])


def merged(factors: Iterable[Patterns], outright: int = OUTRIGHT) -> list[Patterns]:
    """Return the same product as fewer factors: small tables are multiplied out, which needs no search for pairs."""
    found: list[Patterns] = []
    for factor in sorted(factors, key=lambda factor: len(factor.table)):
        if found and len(found[-1].table) * factor.table.size <= outright:
            last = found[-1]
            table = (last.table[:, None] * factor.table[None]).reshape(-1, factor.table.shape[1])
            found[-1] = Patterns(last.codes * len(factor.table) + factor.codes, table)
        else:
            found.append(factor)
    return found


def product(factors: Sequence[Patterns], width: int, rows: int) -> Patterns:
    """Return the product of factors of this width, of ones if there are none."""
    return reduce(times, merged(factors, min(OUTRIGHT, rows * width)) or [ones(rows, width)])


def by_frequency(codes: Codes, patterns: int) -> tuple[Codes, Iterator[tuple[slice, Codes]]]:
    """Return (an order of the rows; its slices, each with the patterns that occur equally often).

    In a slice the first pattern's rows come first, then the second's: reshaped to (patterns, times, ...) the rows of a
    slice are one operand of a batched matrix product.
    """
    counts = np.bincount(codes, minlength=patterns)
    by_count = np.argsort(counts, kind="stable")
    rank = np.empty(patterns, np.uint16 if patterns < 1 << 16 else np.intp)  # 16 bits are sorted by radix
    rank[by_count] = np.arange(patterns)
    order = np.argsort(rank[codes], kind="stable")
    return order, _slices(counts[by_count], by_count)


def _slices(counts: Codes, patterns: Codes) -> Iterator[tuple[slice, Codes]]:
    edges = [*np.flatnonzero(np.diff(counts, prepend=-1)), len(counts)]
    row = 0
    for start, end in pairwise(edges):
        rows = int(counts[start]) * (end - start)
        if rows:
            yield slice(row, row + rows), patterns[start:end]
        row += rows
