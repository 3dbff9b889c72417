"""Where adults fall apart: which causes and contexts meet, so that the rest can be summed by itself.

Two causes that each act in one adult of two, and any of them brings the count. It is seen in three of four, and in two
of these each acts:

>>> hazards = {cause: Hazards((), np.array([np.log(2)]), {}) for cause in ("first", "second")}
>>> seen, some = adults({}, hazards).expected(kappa=np.ones(2), gamma=np.array(1.0))
>>> seen.round(6), round(float(some), 6)
(array([0.666667, 0.666667]), 0.75)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.network.adults import Adults, Island, Load
from model.network.competing_hazards import Hazards
from model.network.cpt import Array
from model.network.named_axes import Table, placed


@dataclass(frozen=True)
class Condition:
    """What those counted had not: findings in their lowest state.

    floors  : P(all of them in the lowest state | no cause acts), as factors of contexts
    factors : cause -> P(the same | only this cause, background left out), shape (..., K-1); of others it is 1
    """

    floors: tuple[Table, ...] = ()
    factors: Mapping[str, Array] = field(default_factory=dict)


def adults(
    contexts: Mapping[str, Table],
    hazards: Mapping[str, Hazards],
    strata: Sequence[str] = (),
    condition: Condition | None = None,
) -> Adults:
    """Return adults in general, ready to be summed.

    contexts  : context -> (its parents, P(state | parents), shape (..., *parent cards, card)), parents before children
    hazards   : cause -> its hazards, in the order in which the results stand
    strata    : contexts to keep apart, with all of their parents
    condition : what those counted had not; default no condition
    """
    met = _Met(contexts, hazards, tuple(context for context in contexts if context in strata), condition or Condition())
    groups = met.groups()
    return Adults(
        met.strata,
        met.product(met.strata, met.strata, met.shared_floors()),
        met.product(met.strata, met.strata, ()),
        tuple(met.island(group) for group in groups),
        tuple(each.baseline.shape[-1] for each in hazards.values()),
        bool(met.condition.floors or met.condition.factors),
    )


class _Met:
    """Who meets whom.

    joint : the contexts with an axis of their own besides the strata
    local : context -> the one cause that depends on it, for the others
    """

    def __init__(
        self,
        contexts: Mapping[str, Table],
        hazards: Mapping[str, Hazards],
        strata: tuple[str, ...],
        condition: Condition,
    ):
        self.contexts, self.hazards, self.strata, self.condition = contexts, hazards, strata, condition
        parents = {context: parents for context, (parents, _) in contexts.items()}
        causes = {x: [cause for cause, each in hazards.items() if x in each.contexts] for x in contexts}
        needed = {x for x in contexts if causes[x] or any(x in axes for axes, _ in condition.floors)}
        for context in reversed(list(contexts)):  # children stand behind their parents
            if context in needed:
                needed.update(parents[context])
        has_children = {parent for context in needed for parent in parents[context]}
        shared = {*strata, *(x for each in hazards.values() for x in each.strata)}
        alone = {x for x in needed if len(causes[x]) == 1 and x not in has_children and x not in shared}
        for axes, _ in condition.floors:  # a floor of one context of one cause can be a weight of that context
            if len(own := [x for x in axes if x in alone]) > 1:
                alone -= set(own)
        self.local = {x: causes[x][0] for x in contexts if x in alone}
        self.joint = tuple(x for x in contexts if x in needed and x not in alone and x not in strata)

    def _joint_of(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.joint]

    def _floors_on(self, context: str) -> list[Table]:
        return [floor for floor in self.condition.floors if context in floor[0]]

    def groups(self) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
        """Return (positions of the causes, joint contexts) of each island."""
        names: list[Any] = [*range(len(self.hazards)), *self.joint]
        leader: dict[Any, Any] = {name: name for name in names}

        def find(name: Any) -> Any:
            while leader[name] != name:
                name = leader[name]
            return name

        def merge(members: Sequence[Any]) -> None:
            for other in members[1:]:
                leader[find(other)] = find(members[0])

        for number, (cause, each) in enumerate(self.hazards.items()):
            reached = self._joint_of(each.contexts)
            for context in (x for x, of in self.local.items() if of == cause):
                reached += self._joint_of(self.contexts[context][0])
                reached += [x for axes, _ in self._floors_on(context) for x in self._joint_of(axes)]
            merge([number, *reached])
        for context in self.joint:
            merge([context, *self._joint_of(self.contexts[context][0])])
        for axes, _ in self.condition.floors:
            merge(self._joint_of(axes))
        return [
            (
                tuple(n for n in range(len(self.hazards)) if find(n) == first),
                tuple(x for x in self.joint if find(x) == first),
            )
            for first in dict.fromkeys(map(find, names))
        ]

    def shared_floors(self) -> list[Table]:
        """Return the floors that depend on strata alone."""
        return [floor for floor in self.condition.floors if set(floor[0]) <= set(self.strata)]

    def product(self, of: Sequence[str], axes: Sequence[str], floors: Iterable[Table]) -> Array:
        """Return P(contexts `of` | their parents) times the floors, shape (..., *axes)."""
        whole: Array = np.ones((1,) * len(axes))
        for context in of:
            parents, table = self.contexts[context]
            whole = whole * placed(table, (*parents, context), axes)
        for own, floor in floors:
            whole = whole * placed(floor, own, axes)
        return whole

    def island(self, group: tuple[tuple[int, ...], tuple[str, ...]]) -> Island:
        causes, joint = group
        axes = (*self.strata, *joint)
        floors = [
            floor for floor in self.condition.floors
            if set(floor[0]) & set(joint) and not set(floor[0]) & set(self.local)
        ]  # fmt: skip
        named = list(self.hazards)
        loads = tuple((number, self._load(named[number], axes)) for number in causes)
        return Island(axes, self.product(joint, axes, floors), self.product(joint, axes, ()), loads)

    def _load(self, cause: str, axes: tuple[str, ...]) -> Load:
        hazards = self.hazards[cause]
        own = {context: self.contexts[context] for context in hazards.exposures if context in self.local}
        baseline, terms = hazards.split(axes, own)
        unconditional = None
        if any(self._floors_on(context) for context in own):
            unconditional = tuple(weights for weights, _ in terms)
            terms = [(weights * self._floor(context, axes), added)
                     for context, (weights, added) in zip(own, terms, strict=True)]  # fmt: skip
        factor = self.condition.factors.get(cause, np.ones(hazards.baseline.shape[-1]))
        return Load(baseline, tuple(terms), unconditional, factor)

    def _floor(self, context: str, axes: tuple[str, ...]) -> Array:
        """Return the floors of a local context as a factor of its weights, shape (..., *axes, card)."""
        whole: Array = np.ones(())
        for own, floor in self._floors_on(context):
            place = floor.ndim - len(own) + own.index(context)
            rest = tuple(axis for axis in own if axis != context)
            whole = whole * placed(np.moveaxis(floor, place, -1), rest, axes, 1)
        return whole
