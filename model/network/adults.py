"""Adults in general: how common contexts are and what hazards they bring, summed to what is seen with the count.

The shares are elicited as P(cause state | low count, condition): the condition names findings that those counted did
not have. The sum over contexts is exact. Strata (contexts that reach many causes) are kept apart; given them the rest
falls into islands that have no cause and no context in common (``islands`` finds them), and each is summed by itself.
Inside an island only contexts that several things depend on have an axis; a context of one cause alone is averaged over
inside that cause's hazards.

The selection tells apart one, two and more acting processes, so the first terms of their number are all that is needed.
Nothing is subtracted, so that the small terms that gamma magnifies keep all their digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.competing_hazards import averaged_states, with_axes
from model.network.cpt import SATURATION, Array, selection_probabilities
from model.network.named_axes import placed

Counts = list[Array]  # P(0, 1, 2, ... acting), the last one "or more"


@dataclass(frozen=True)
class Load:
    """One cause inside an island, A axes: hazards of what is known there, and its own contexts, to be averaged over.

    baseline : (..., *A, K-1);  terms : one a context, (weights (..., *A, card), hazards (..., *A, card, K-1))
    unconditional : weights in the place of those of `terms`, without the condition; None where they are the same
    factor   : (..., K-1), of the condition
    """

    baseline: Array
    terms: tuple[tuple[Array, Array], ...]
    unconditional: tuple[Array, ...] | None
    factor: Array

    def states(self, kappa: Array, axes: int, conditional: bool = True) -> Array:
        """Return P(state | the island's axes), absent first, shape (..., *A, K); with the condition's part of it."""
        weights = [weight for weight, _ in self.terms]
        if not conditional and self.unconditional is not None:
            weights = list(self.unconditional)
        scaled = [added * with_axes(kappa, axes + 1, 1) for _, added in self.terms]
        states = averaged_states(self.baseline * with_axes(kappa, axes, 1), list(zip(weights, scaled, strict=True)))
        return points_fastest(states, axes + 1)

    def rows(self, rows: NDArray[Any], axes: int) -> Load:
        return Load(
            _rows(self.baseline, axes + 1, rows),
            tuple((_rows(weight, axes + 1, rows), _rows(added, axes + 2, rows)) for weight, added in self.terms),
            self.unconditional and tuple(_rows(weight, axes + 1, rows) for weight in self.unconditional),
            _rows(self.factor, 1, rows),
        )


@dataclass(frozen=True)
class Island:
    """Causes and contexts that meet, given the strata. Axes: the strata, then its joint contexts.

    prior : (..., *A), P(joint contexts | strata), times the condition's floors;  unconditional : without them
    loads : the positions of its causes, and what each brings
    """

    axes: tuple[str, ...]
    prior: Array
    unconditional: Array
    loads: tuple[tuple[int, Load], ...]

    def rows(self, rows: NDArray[Any]) -> Island:
        axes = len(self.axes)
        return Island(
            self.axes,
            _rows(self.prior, axes, rows),
            _rows(self.unconditional, axes, rows),
            tuple((cause, load.rows(rows, axes)) for cause, load in self.loads),
        )


@dataclass(frozen=True)
class Adults:
    """The sums, ready for any kappa. Made by :func:`~model.network.islands.adults`.

    strata : contexts;  prior : (..., *strata cards), times floors of strata alone;  unconditional : without them
    widths : number of non-absent states of each cause
    conditional : whether there is a condition
    """

    strata: tuple[str, ...]
    prior: Array
    unconditional: Array
    islands: tuple[Island, ...]
    widths: tuple[int, ...]
    conditional: bool

    def expected(self, kappa: Array, gamma: Array) -> tuple[Array, Array]:
        """Return (P(cause state | count, condition), shape (..., n); P(some process acting), shape (...)).

        kappa : (..., n), cause by cause;  gamma : (...)
        """
        factors = self._by_cause(kappa)
        strata, places = len(self.strata), tuple(range(-len(self.strata), 0))
        selection = selection_probabilities(gamma, SATURATION)
        likely = [selection[(..., number, *[None] * strata)] for number in range(SATURATION + 1)]
        sums = [_IslandSums(island, strata, factors) for island in self.islands]
        whole = _product([each.counts for each in sums], SATURATION)
        seen = sum(likely[number] * whole[number] for number in range(1, SATURATION + 1)) * self.prior
        found: dict[int, Array] = {}
        for position, each in enumerate(sums):
            others = _product([other.counts for other in sums[:position] + sums[position + 1 :]], SATURATION - 1)
            with_others = [  # P(count | a cause and so many others of its island act), summed over the other islands
                self.prior * sum(likely[min(acting + more, SATURATION)] * other for more, other in enumerate(others))
                for acting in range(1, SATURATION + 1)
            ]
            found.update(each.found(with_others))
        with_count = np.concatenate([found[cause] for cause in range(len(self.widths))], axis=-1)
        some = self._some_acting(factors, sums) if self.conditional else (sum(whole[1:]) * self.prior).sum(places)
        return with_count / np.asarray(seen.sum(places))[..., None], some

    def _some_acting(self, factors: Sequence[Array], sums: Sequence[_IslandSums]) -> Array:
        """Return P(some process acting), whatever the condition."""
        strata = len(self.strata)
        none, some = np.ones(()), np.zeros(())
        for island, summed_up in zip(self.islands, sums, strict=True):
            axes = len(island.axes)
            here, acts = island.unconditional, np.zeros(())
            for place, (cause, load) in enumerate(island.loads):
                states = summed_up.states[place]
                if load.unconditional is not None:
                    states = load.states(factors[cause], axes, conditional=False)
                here, acts = here * states[..., 0], acts + here * states[..., 1:].sum(-1)
            summed = tuple(range(strata - axes, 0))
            here, acts = here.sum(summed), np.broadcast_to(acts, here.shape).sum(summed)
            none, some = none * here, some + none * acts
        return (some * self.unconditional).sum(tuple(range(-strata, 0)))

    def rates(self, kappa: Array) -> Array:
        """Return P(cause state) in all adults, shape (..., n)."""
        found: dict[int, Array] = {}
        for island in self.islands:
            axes = len(island.axes)
            prior = placed(self.unconditional, self.strata, island.axes) * island.unconditional
            for cause, load in island.loads:
                states = load.states(self._by_cause(kappa)[cause], axes, conditional=False)[..., 1:]
                found[cause] = (prior[..., None] * states).sum(tuple(range(-axes - 1, -1)))
        return np.concatenate([found[cause] for cause in range(len(self.widths))], axis=-1)

    @property
    def factor(self) -> Array:
        """P(condition | only this cause state acts, no background), shape (..., n)."""
        loads = dict(load for island in self.islands for load in island.loads)
        lead = np.broadcast_shapes(*(load.factor.shape[:-1] for load in loads.values()))
        return np.concatenate(
            [np.broadcast_to(loads[cause].factor, (*lead, width)) for cause, width in enumerate(self.widths)], axis=-1
        )

    def rows(self, rows: Any) -> Adults:
        """Return the adults at some of the parameter points."""
        axes = len(self.strata)
        return replace(
            self,
            prior=_rows(self.prior, axes, rows),
            unconditional=_rows(self.unconditional, axes, rows),
            islands=tuple(island.rows(rows) for island in self.islands),
        )

    def _by_cause(self, kappa: Array) -> list[Array]:
        return np.split(kappa, np.cumsum(self.widths)[:-1], axis=-1)


class _IslandSums:
    """One island at one kappa: how many of its causes act, given the strata, and what each adds to that."""

    def __init__(self, island: Island, strata: int, factors: Sequence[Array]):
        self.axes, self.strata = len(island.axes), strata
        self.causes: list[int] = [cause for cause, _ in island.loads]
        self.states = [load.states(factors[cause], self.axes) for cause, load in island.loads]
        self.absent = [states[..., 0] for states in self.states]
        self.meeting = [  # P(state, condition | axes), shape (..., *A, K-1)
            states[..., 1:] * with_axes(load.factor, self.axes, 1)
            for states, (_, load) in zip(self.states, island.loads, strict=True)
        ]
        self.odds = [met.sum(-1) / absent for met, absent in zip(self.meeting, self.absent, strict=True)]
        self.none = island.prior
        for absent in sorted(self.absent, key=np.size):
            self.none = self.none * absent
        summed = tuple(range(strata - self.axes, 0))
        self.counts: Counts = [
            (self.none * odds).sum(summed) for odds in _odds_of_counts(sorted(self.odds, key=np.size), SATURATION)
        ]

    def found(self, with_others: Counts) -> Iterator[tuple[int, Array]]:
        """Yield each cause with P(its states, count, condition), shape (..., K-1).

        with_others : P(count | this and so many others of the island act), shape (..., *strata cards) each
        """
        spread = [each[(..., *[None] * (self.axes - self.strata))] for each in with_others]
        every = tuple(range(-self.axes - 1, -1))
        for place, cause in enumerate(self.causes):
            rest = sorted(self.odds[:place] + self.odds[place + 1 :], key=np.size)
            counts = _odds_of_counts(rest, SATURATION - 1)
            weight = sum(each * odds for each, odds in zip(spread, counts, strict=True)) * self.none
            met = self.meeting[place]
            alone = tuple(axis for axis in range(-self.axes, 0) if met.shape[axis - 1] == 1)
            weight = weight.sum(alone, keepdims=True) / self.absent[place]
            yield cause, (weight[..., None] * met).sum(every)


def _odds_of_counts(odds: Sequence[Array], last: int) -> Counts:
    """Return the odds that 0, 1, ..., `last` or more of independent processes act, against none.

    The elementary symmetric sums of the odds p / (1 - p), built one process at a time.
    """
    counts: Counts = [np.ones(()), *(np.zeros(()) for _ in range(last))]
    for process, one in enumerate(odds):
        if process >= last - 1:
            counts[last] = counts[last] * (1 + one) + counts[last - 1] * one
        for number in range(min(last - 1, process + 1), 0, -1):
            counts[number] = counts[number] + counts[number - 1] * one
    return counts


def _product(each: Sequence[Counts], last: int) -> Counts:
    """Return how many act in all, `last` or more together, from how many act in independent parts."""
    whole: Counts = [np.ones(()), *(np.zeros(()) for _ in range(last))]
    for counts in each:
        product: Counts = [np.zeros(()) for _ in range(last + 1)]
        for number, mine in enumerate(whole):
            for more, theirs in enumerate(counts):
                total = min(number + more, last)
                product[total] = product[total] + mine * theirs
        whole = product
    return whole


def _rows(array: Array, axes: int, rows: Any) -> Array:
    """Return some parameter points of an array with so many other axes; one that has none is the same at all."""
    return points_fastest(array[rows], axes) if array.ndim > axes else array


def points_fastest(array: Array, axes: int) -> Array:
    """Return an array laid out with the parameter points side by side in memory, its other axes farther apart.

    axes : how many axes follow that of the points. They are short and meet others of length 1; numpy's innermost loop
    then runs over the points, which is several times as fast.
    """
    if array.ndim != axes + 1:
        return array
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 0, -1)), -1, 0)
