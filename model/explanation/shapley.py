"""The Shapley value of a game whose coalitions are scored many at once: exact, or over random orders.

A game gives each coalition of K players a value; the Shapley value of a player is what it adds, averaged over all
orders in which the players can join. It is the only division that adds up to the value of the whole, treats equal
players equally, gives nothing to one who adds nothing, and is linear in the game (Shapley 1953).

Alone the first player makes 10 and the second 20; together they make 50. The first adds 10 when it comes first and 30
when it comes last, 20 on average:

>>> game = np.array([[0.0], [10.0], [20.0], [50.0]])  # nobody, the first, the second, both
>>> exact_division(lambda coalitions: game[coalitions @ [1, 2]], players=2).shapley.ravel().tolist()
[20.0, 30.0]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np

from model.explanation.coalition import Coalitions
from model.network import Array

Value = Callable[[Coalitions], Array]  # -> (n, games)


@dataclass(frozen=True)
class Division:
    """How the value of several games with the same players is divided.

    empty, whole   : (games,), the value of nobody and of everybody
    alone, last    : (players, games), what a player adds to nobody, and to everybody else
    shapley        : (players, games), sums to whole - empty
    standard_error : (players, games), of `shapley`; zero when exact
    scored         : number of coalitions scored
    """

    empty: Array
    whole: Array
    alone: Array
    last: Array
    shapley: Array
    standard_error: Array
    scored: int


def exact_division(value: Value, players: int) -> Division:
    """Divide by scoring all 2^players coalitions in one call of `value`."""
    codes = np.arange(1 << players)
    values = value((codes[:, None] >> np.arange(players)) & 1 == 1)
    size = np.bitwise_count(codes).astype(np.intp)
    weight = np.array([1 / (players * comb(players - 1, others)) for others in range(players)])
    alone, last, shapley = (np.zeros((players, values.shape[1])) for _ in range(3))
    for player in range(players):
        without = codes[codes >> player & 1 == 0]
        added = values[without | 1 << player] - values[without]
        alone[player], last[player] = added[0], added[-1]
        shapley[player] = weight[size[without]] @ added
    return Division(values[0], values[-1], alone, last, shapley, np.zeros_like(shapley), len(codes))


def sampled_division(value: Value, players: int, pairs: int, seed: int) -> Division:
    """Divide over `pairs` random orders, each also taken backwards; at least two pairs.

    Every order adds up to the whole, so their mean does. The standard error is that of the mean over pairs. An order
    and its reverse are negatively correlated, which lowers the error (Mitchell, Cooper, Frank, Holmes 2022).
    Cost: at most 2 * pairs * (players - 1) coalitions, each distinct one scored once, in one call of `value`.
    """
    rng = np.random.default_rng(seed)
    forward = rng.permuted(np.tile(np.arange(players), (pairs, 1)), axis=1)
    orders = np.stack([forward, forward[:, ::-1]], axis=1).reshape(-1, players)
    bits = np.left_shift(np.int64(1), orders, dtype=np.int64)
    steps = np.concatenate([np.zeros((len(orders), 1), np.int64), np.cumsum(bits, axis=1)], axis=1)
    everybody = (1 << players) - 1
    single = np.left_shift(np.int64(1), np.arange(players), dtype=np.int64)
    asked = np.concatenate([steps.ravel(), [0, everybody], single, everybody - single])
    codes, place = np.unique(asked, return_inverse=True)
    values = value((codes[:, None] >> np.arange(players)) & 1 == 1)
    along = values[place[: steps.size]].reshape(*steps.shape, -1)
    added = np.empty((len(orders), players, values.shape[1]))
    np.put_along_axis(added, orders[..., None], np.diff(along, axis=1), axis=1)
    of_pairs = added.reshape(pairs, 2, players, -1).mean(1)
    empty, whole = values[place[steps.size]], values[place[steps.size + 1]]
    first, rest = np.split(values[place[steps.size + 2 :]], 2)
    error = of_pairs.std(0, ddof=1) / np.sqrt(pairs)
    return Division(empty, whole, first - empty, whole - rest, of_pairs.mean(0), error, len(codes))
