"""Rows told apart only by what matters to one factor, so that each factor is worked out once per distinct pattern.

>>> occurring, place = distinct(np.array([7, 3, 7, 7]), size=10)  # four rows, two patterns
>>> occurring.tolist(), place.tolist()
([3, 7], [1, 0, 1, 1])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.network import Array

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


def by_frequency(codes: Codes, patterns: int, most: int) -> tuple[Codes, Iterator[tuple[slice, Codes]]]:
    """Return (an order of the rows; its slices, each with the patterns whose rows it holds, equally many of each).

    In a slice the first pattern's rows come first, then the second's: reshaped to (patterns, times, ...) the rows of a
    slice are one operand of a batched matrix product. A pattern with more than `most` rows stands in several slices.
    """
    counts = np.bincount(codes, minlength=patterns)
    by_pattern = np.argsort(codes.astype(np.uint16) if patterns < 1 << 16 else codes, kind="stable")  # 16 bits: radix
    pieces = -(-counts // most)
    pattern = np.repeat(np.arange(patterns), pieces)
    done = most * _within(pieces)
    sizes = np.minimum(counts[pattern] - done, most)
    starts = (np.cumsum(counts) - counts)[pattern] + done
    by_size = np.argsort(sizes, kind="stable")
    pattern, sizes, starts = pattern[by_size], sizes[by_size], starts[by_size]
    return by_pattern[np.repeat(starts, sizes) + _within(sizes)], _slices(sizes, pattern)


def _within(counts: Codes) -> Codes:
    """Return 0, 1, ... for each count in turn."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _slices(sizes: Codes, patterns: Codes) -> Iterator[tuple[slice, Codes]]:
    edges = [*np.flatnonzero(np.diff(sizes, prepend=0)), len(sizes)]
    row = 0
    for start, end in pairwise(edges):
        rows = int(sizes[start]) * (end - start)
        yield slice(row, row + rows), patterns[start:end]
        row += rows
