"""Shares known by their order only: the uniform distribution on an ordered simplex, its mean and its exact sampler.

An order says p_1 >= p_2 >= ... >= p_n with sum 1 and nothing else. A tie ("rank 5-6") says that nobody knows which of
its items comes first: every order inside it (every linear extension) is equally likely.

Of three strictly ordered items the mean shares are 11/18, 5/18 and 2/18; a tie of the last two halves their sum.

>>> rank_order_centroid(3) * 18
array([11.,  5.,  2.])
>>> shares = centroid_of_order({"a": "rank 1", "b": "rank 2-3", "c": "rank 2-3"})
>>> {item: round(36 * share) for item, share in shares.items()}
{'a': 22, 'b': 7, 'c': 7}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.errors import KnowledgeError, ModelError

_RANK = re.compile(r"rank (\d+)(?:-(\d+))?")


def rank_order_centroid(n: int) -> NDArray[np.float64]:
    """Return the mean of the uniform distribution on {p_1 >= ... >= p_n, sum 1}.

    n       : number of items, at least 1
    returns : shape (n,), largest first, summing to one
    raises  : ModelError when n is below 1
    source  : Barron & Barrett 1996, Management Science 42:1515-1523 (rank-order centroid weights)
    """
    if n < 1:
        raise ModelError(f"rank_order_centroid: expected at least 1 item, got {n}.")
    return np.cumsum(1 / np.arange(n, 0, -1))[::-1] / n


def centroid_of_order(ranks: Mapping[str, str]) -> dict[str, float]:
    """Return the mean share of every item of an order with ties.

    ranks   : item -> "rank 3", or "rank 5-6" for items whose order among themselves is open
    returns : item -> share, in the order of the mapping, summing to one; equal inside a tie
    raises  : KnowledgeError when the ranks do not fill 1..n exactly once

    Averaged over every linear extension: a tied item stands equally often at each place of its tie.
    """
    centroid = rank_order_centroid(len(_checked(ranks)))
    places = {item: _places(item, rank) for item, rank in ranks.items()}
    return {item: float(centroid[first - 1 : last].mean()) for item, (first, last) in places.items()}


def ordered_simplex_dimension(ranks: Mapping[str, str]) -> int:
    """Return how many uniforms one draw needs: n - 1, and one more when there is a tie.

    ranks  : as for `centroid_of_order`
    raises : KnowledgeError when the ranks do not fill 1..n exactly once
    """
    return len(_checked(ranks)) - 1 + bool(_ties(ranks))


def sample_ordered_simplex(ranks: Mapping[str, str], uniforms: ArrayLike) -> NDArray[np.float64]:
    """Return exact draws from the uniform distribution on the ordered simplex, without rejection.

    ranks    : as for `centroid_of_order`
    uniforms : shape (draws, ordered_simplex_dimension(ranks)), independent, in [0, 1]; a tie uses the last column
    returns  : shape (draws, n), columns in the order of the mapping, rows summing to one
    raises   : KnowledgeError for inconsistent ranks, ModelError for uniforms of another shape or range

    A flat Dirichlet, broken from sticks Beta(1, n-k), mixes the vertices (1/q, ..., 1/q, 0, ..., 0) of the simplex.
    """
    order = sorted(_checked(ranks), key=lambda item: _places(item, ranks[item]))
    n, unit = len(order), np.asarray(uniforms, dtype=float)
    if unit.ndim != 2 or unit.shape[1] != ordered_simplex_dimension(ranks):
        raise ModelError(
            f"sample_ordered_simplex: expected uniforms of shape (draws, {ordered_simplex_dimension(ranks)}), "
            f"got {unit.shape}."
        )
    if not np.all((unit >= 0) & (unit <= 1)):
        raise ModelError("sample_ordered_simplex: expected uniforms in [0, 1].")
    # What stick k leaves of the rest is the inverse of 1 - Beta(1, n-k): (1-u)^(1/(n-k)).
    left = (1 - unit[:, : n - 1]) ** (1 / np.arange(n - 1, 0, -1))
    before = np.cumprod(np.column_stack([np.ones(len(unit)), left]), axis=1)
    weights = before * np.column_stack([1 - left, np.ones(len(unit))])  # of the vertices, a flat Dirichlet
    shares = np.cumsum((weights / np.arange(1, n + 1))[:, ::-1], axis=1)[:, ::-1]  # largest first
    position = {item: column for column, item in enumerate(order)}
    drawn = _shuffle_ties(shares, ranks, unit[:, -1]) if _ties(ranks) else shares
    return drawn[:, [position[item] for item in ranks]]


def _shuffle_ties(shares: NDArray[np.float64], ranks: Mapping[str, str], uniform: NDArray[np.float64]) -> NDArray:
    """Permute the columns inside each tie; one uniform a row numbers the linear extension, digit by digit."""
    shuffled, rows, rest = shares.copy(), np.arange(len(shares)), uniform.copy()
    for first, last in _ties(ranks):
        for place in range(first - 1, last - 1):  # Fisher-Yates
            rest *= last - place
            digit = np.minimum(rest.astype(int), last - place - 1)
            rest -= digit
            chosen = shuffled[rows, place + digit]
            shuffled[rows, place + digit] = shuffled[:, place]
            shuffled[:, place] = chosen
    return shuffled


def _ties(ranks: Mapping[str, str]) -> list[tuple[int, int]]:
    """Return (first, last) of every tie."""
    return sorted({places for item, rank in ranks.items() if (places := _places(item, rank))[0] < places[1]})


def _places(item: str, rank: str) -> tuple[int, int]:
    match = _RANK.fullmatch(rank)
    if match is None:
        raise KnowledgeError(f"Order of {item!r}: expected 'rank 3' or 'rank 5-6', got {rank!r}.")
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last or (match[2] and first == last):
        raise KnowledgeError(f"Order of {item!r}: expected ranks from 1 that rise, got {rank!r}.")
    return first, last


def _checked(ranks: Mapping[str, str]) -> Mapping[str, str]:
    """Return `ranks` if they fill 1..n exactly once and one uniform can number their linear extensions."""
    if not ranks:
        raise KnowledgeError("Order: expected at least one ranked item, got none.")
    expected, extensions = 1, 1
    for first, last in sorted({_places(item, rank) for item, rank in ranks.items()}):
        members = [item for item, rank in ranks.items() if _places(item, rank) == (first, last)]
        name = f"rank {first}" if first == last else f"rank {first}-{last}"
        if first != expected:
            raise KnowledgeError(f"Order: expected rank {expected} to follow, got {name!r} for {members}.")
        if len(members) != last - first + 1:
            raise KnowledgeError(f"Order: {name!r} has room for {last - first + 1}, got {len(members)}: {members}.")
        expected, extensions = last + 1, extensions * factorial(last - first + 1)
    if extensions > 2**40:  # a double carries 53 random bits
        raise KnowledgeError(f"Order: the ties allow {extensions} orders, more than one uniform can count; split them.")
    return ranks
