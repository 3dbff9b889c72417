"""The forms a clinical law can have: each compares the same patterns before and after something is entered.

A comparison is an array over the patterns that says by how much each goes against the law; nothing medical stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.inference.batch import BatchEngine
from model.network import Array, Network
from model.validation.laws.lattice import Lattice
from model.validation.laws.table import Check, Entries, Law

Codes = dict[str, int]
MEASURES: Mapping[str, Callable[[Array, Array], Array]] = {
    "never_lowers": lambda before, after: before - after,
    "never_raises": lambda before, after: after - before,
    "changes_nothing": lambda before, after: np.abs(after - before),
    "certain": lambda before, after: 1 - after,
}


@dataclass(frozen=True)
class Comparison:
    """One target in every pattern, shape (levels of the free nodes).

    against : by how much it goes against the law, in probability or log odds; NaN where there is nothing to compare
    before, after : the target's probability, or the odds of two targets
    """

    target: str
    free: tuple[str, ...]
    against: Array
    before: Array
    after: Array


class Comparer:
    """Compares the patterns of one model; lattices and scores are kept from check to check.

    nodes : whose entries make the patterns;  held : entries of every pattern, see ``LawTable``
    """

    def __init__(self, network: Network, batch: BatchEngine, nodes: tuple[str, ...], held: Entries = ()):
        self.network, self.batch, self.nodes, self.held = network, batch, nodes, held
        self.position = {cause.id: position for position, cause in enumerate(network.causes)}
        self._lattices: dict[tuple[tuple[str, ...], bool], Lattice] = {}

    def compare(self, law: Law, check: Check) -> list[Comparison]:
        """Return one comparison for each target of a check (one in all where the form ties targets together)."""
        lattice, given = self._lattice(law), self._codes((*self.held_beside(law, check), *law.given))
        if law.form == "adds_up":
            free = lattice.free(given, {check.text: 0}, left_out=law.left_out)
            found = [self._adds_up(lattice, check.text, given, free)]
        else:
            entered, instead = self._codes(check.entered), self._codes(check.instead)
            free = lattice.free(given, entered, instead, left_out=law.left_out)
            pairs = [
                (f"{cause}={state}" if state else cause,
                 self._probability(lattice, cause, state, {**given, **instead}, free),
                 self._probability(lattice, cause, state, {**given, **entered}, free))
                for cause, state in check.targets
            ]  # fmt: skip
            if law.form == "keeps_odds":
                found = [self._odds(free, *pairs)]
            else:
                measure = MEASURES[law.form]
                found = [Comparison(target, free, measure(was, now), was, now) for target, was, now in pairs]
        for comparison in found:
            for axis, node in enumerate(free):
                if node in law.answered:
                    comparison.against[(slice(None),) * axis + (0,)] = np.nan
        return found

    def held_beside(self, law: Law, check: Check) -> Entries:
        """Return what is held in every pattern of a check: not what it, or its law, has an entry for."""
        own = {check.text, *law.left_out, *law.answered, *law.also}
        own |= {node for node, _ in (*law.given, *check.entered, *check.instead)}
        return tuple((node, state) for node, state in self.held if node not in own)

    def _lattice(self, law: Law) -> Lattice:
        nodes = tuple(dict.fromkeys((*self.nodes, *law.answered, *law.also)))
        key = nodes, law.positive
        if key not in self._lattices:
            self._lattices[key] = Lattice(self.network, self.batch, nodes, law.positive)
        return self._lattices[key]

    def _codes(self, entries: Entries) -> Codes:
        return {node: self.network.by_id[node].states.index(state) for node, state in entries}

    def _probability(self, lattice: Lattice, cause: str, state: str, entries: Codes, free: tuple[str, ...]) -> Array:
        """Return P(cause acting, or in this state | pattern); NaN where the pattern is impossible."""
        scores = lattice.scores(entries, free)
        if not state:
            return np.where(scores.total > 0, scores.acting[..., self.position[cause]], np.nan)
        joint = lattice.scores({**entries, **self._codes(((cause, state),))}, free).total
        return np.divide(joint, scores.total, out=np.full(joint.shape, np.nan), where=scores.total > 0)

    @staticmethod
    def _odds(free: tuple[str, ...], one: tuple[str, Array, Array], other: tuple[str, Array, Array]) -> Comparison:
        with np.errstate(divide="ignore", invalid="ignore"):
            before, after = one[1] / other[1], one[2] / other[2]
            return Comparison(f"{one[0]} : {other[0]}", free, np.abs(np.log(after / before)), before, after)

    def _adds_up(self, lattice: Lattice, node: str, given: Codes, free: tuple[str, ...]) -> Comparison:
        """Compare with the sum over the node's states: P(cause, e) = sum of P(cause, e, state), and so for P(e)."""
        whole = lattice.scores(given, free)
        each = [lattice.scores({**given, node: state}, free) for state in range(self.network.cardinality[node])]
        total = np.sum([part.total for part in each], axis=0)
        joint = np.sum([part.acting * part.total[..., None] for part in each], axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.abs(joint / whole.total[..., None] - whole.acting).max(-1)
            ratio = total / whole.total
        return Comparison(node, free, np.maximum(apart, np.abs(ratio - 1)), np.ones_like(ratio), ratio)
