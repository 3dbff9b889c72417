"""The exact engine: P(causes | evidence) of one patient. numpy only.

A context that reaches most causes, such as age, would tie all blocks of the network together; so the network is cut at
such contexts (cutset conditioning, Pearl 1988): one compiled network for each of their configurations, a *stratum*
(``stratum``), and the answer is the sum over the strata that what was entered leaves open, each weighed by how common
it is. A network without such contexts has one stratum.

Of the 19 adults in 100 of the toy network who have a low count, 10 have the first cause; without its sign nobody has:

>>> from model.network.toy import toy
>>> engine = Engine(toy())
>>> for entered in ({}, {"sign": 0}, {"sign": 1}):
...     solution = engine.solve(entered)
...     print(round(solution.total, 2), (solution.weights @ engine.acting / solution.total).round(3))
0.19 [0.526 0.526]
0.09 [0. 1.]
0.1 [1.  0.1]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ImpossibleEvidence
from model.inference.pairs import paired
from model.inference.stratum import NOTHING, Hard, Soft, Stratum
from model.network import Array, Finding, Network, grid
from model.network.context_grid import context_grid


@dataclass(frozen=True, slots=True)
class Solution:
    """What one pass gives.

    weights : shape (S,), P(s, evidence, low count) of every configuration of the causes
    total   : P(evidence, low count), their sum
    """

    weights: Array
    total: float


class Engine:
    """A compiled network. Immutable after construction but for caches that hold no patient; safe to share.

    cutset  : the contexts it is cut at; by default those that reach most causes
    strata  : the compiled network of each of their configurations;  stratum_codes : (Z, len(cutset)), which it is
    prior   : (Z,), how common each stratum is
    codes   : (S, causes), the states of `causes` in every configuration
    """

    def __init__(self, network: Network, cutset: Sequence[str] | None = None):
        self.network = network
        self.cutset = _reaching_most_causes(network) if cutset is None else tuple(cutset)
        tables = {node.id: (node.parents, node.table) for node in network.contexts if node.id in self.cutset}
        grid_of_strata = context_grid(tables, self.cutset)
        self.prior: Array = grid_of_strata.probabilities
        self.stratum_codes: NDArray[np.intp] = grid_of_strata.codes
        self.strata = tuple(
            Stratum(network.given(dict(zip(self.cutset, codes, strict=True))) if self.cutset else network)
            for codes in self.stratum_codes.tolist()
        )
        first = self.strata[0]
        self.causes, self.codes, self.size, self.selection = first.causes, first.codes, first.size, first.selection
        self._index_outputs()
        self.no_evidence = self.solve({})

    def _index_outputs(self) -> None:
        """Columns of what is read off the weights: the cause states in the network's order, then shares."""
        order = [self.causes.index(cause.id) for cause in self.network.causes]
        states = [self.codes[:, position] == state for position in order
                  for state in range(self.network.cardinality[self.causes[position]])]  # fmt: skip
        self.state_indicator: Array = np.stack(states, axis=1).astype(float)  # (S, all cause states)
        acting = self.codes[:, order] > 0
        self.acting: Array = acting.astype(float)  # (S, causes)
        self.share_of: Array = acting / np.maximum(self.size, 1)[:, None]
        column = {cause: self.codes[:, position] for position, cause in enumerate(self.causes)}
        self.mechanism_rows: dict[str, Array] = {
            node.id: node.table()[(*(column[cause] for cause in node.causes), 1)] for node in self.network.mechanisms
        }  # P(present | causes), shape (S,)

    def solve(self, hard: Hard, soft: Soft = NOTHING) -> Solution:
        """Return the posterior weights of every cause configuration.

        hard : node -> state index;  soft : node -> likelihood of each state.
        Cost: one pass (``Stratum.weights``) for each stratum that is left open.
        """
        hard, soft = paired(self.network.pairs, hard, soft)
        if not self.cutset:
            weights = self.strata[0].weights(hard, soft)
        else:
            open_, hard, soft = self.open_strata(hard, soft)
            passes = [weight * self.strata[number].weights(hard, soft) for number, weight in open_]
            weights = sum(passes[1:], passes[0]) if passes else np.zeros(len(self.codes))
        return Solution(weights, float(weights.sum()))

    def open_strata(self, hard: Hard, soft: Soft = NOTHING) -> tuple[list[tuple[int, float]], Hard, Soft]:
        """Return ((stratum, P(stratum) times the likelihood of what was entered) of those possible; the other entries).

        hard, soft : as of :meth:`solve`; of pairs, those of :func:`~model.inference.pairs.paired`
        """
        weights = self.prior
        for position, context in enumerate(self.cutset):
            codes = self.stratum_codes[:, position]
            if context in hard:
                weights = weights * (codes == hard[context])
            if context in soft:  # and both where a likelihood's own state is asked about
                weights = weights * np.asarray(soft[context])[codes]
        kept = [(number, weight) for number, weight in enumerate(weights.tolist()) if weight > 0]
        return kept, _but(hard, self.cutset), _but(soft, self.cutset)

    def conditional(self, tests: Sequence[str], hard: Hard, soft: Soft = NOTHING) -> Array:
        """Return P(joint result of some unanswered nodes | causes, evidence), the last node's state fastest.

        returns : shape (results, S); zero where evidence and causes are impossible together
        Cost: a look-up for a finding that no context bears on; for nodes of one block, the sums of that block for each
        result in each open stratum; else one pass for each result.
        """
        if len(tests) == 1 and self._by_causes_alone(tests[0], hard, soft):
            plain = self.strata[0].plain[tests[0]]
            return self.strata[0].rows[plain : plain + self.network.cardinality[tests[0]]]
        coupled = any(test in self.cutset for test in tests) or any(
            {pair.first, pair.second} & {*tests} for pair in self.network.pairs
        )
        if coupled:
            codes = grid([self.network.cardinality[test] for test in tests]).tolist()
            joint = np.array([self.solve({**hard, **dict(zip(tests, code, strict=True))}, soft).weights
                              for code in codes])  # fmt: skip
        else:
            open_, hard, soft = self.open_strata(*paired(self.network.pairs, hard, soft))
            joint = sum(
                (weight * self.strata[number].results(tests, hard, soft) for number, weight in open_), np.zeros(())
            )
        total = joint.sum(0)
        return np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)

    def _by_causes_alone(self, node: str, hard: Hard, soft: Soft) -> bool:
        """Return whether a node depends on nothing but the causes, whatever was entered: no context, no partner."""
        if node not in self.strata[0].plain:
            return False
        of_strata = self.network.by_id[node]
        if isinstance(of_strata, Finding) and set(of_strata.contexts) & {*self.cutset}:
            return False
        partners = {pair.first: pair.second for pair in self.network.pairs}
        partners |= {second: first for first, second in partners.items()}
        return partners.get(node) not in {*hard, *soft}

    def groups(self, tests: Iterable[str], hard: Hard) -> list[tuple[str, ...]]:
        """Return the tests in groups that are independent of each other given causes and evidence."""
        open_ = [context for context in self.cutset if context not in hard]
        links: list[set[str]] = []
        for test in tests:
            node = self.network.by_id[test]
            is_finding = isinstance(node, Finding)
            met = {test} | {pair.id for pair in self.network.pairs if test in (pair.first, pair.second)}
            if not is_finding or any(context not in hard for context in node.contexts):
                around = [context for context in node.contexts if context not in hard] if is_finding else [test]
                met |= {f"block {self.strata[0].slot[c][1]}" for c in around if c not in self.cutset}
                met |= {"strata"} if open_ else set()
            touching = [one for one in links if one & met]
            links = [one for one in links if not one & met] + [met.union(*touching)]
        wanted = tuple(tests)
        return [tuple(test for test in wanted if test in one) for one in sorted(
            links, key=lambda one: min(wanted.index(test) for test in wanted if test in one))]  # fmt: skip

    def predict(self, node: str, hard: Hard, soft: Soft, solution: Solution) -> Array:
        """Return P(state of an unobserved context or finding | evidence), shape (states,)."""
        card = self.network.cardinality[node]
        if self._by_causes_alone(node, hard, soft):
            plain = self.strata[0].plain[node]
            joint = self.strata[0].rows[plain : plain + card] @ solution.weights
        else:
            joint = np.array([self.solve({**hard, node: state}, soft).total for state in range(card)])
        return joint / solution.total

    def clash(self, hard: Hard, soft: Soft = NOTHING) -> tuple[str, ...]:
        """Return a smallest set of entries that cannot all be true: none can be left out."""
        kept = [*hard, *soft]
        for node in list(kept):
            rest = [other for other in kept if other != node]
            if self.solve(_only(hard, rest), _only(soft, rest)).total <= 0:
                kept = rest
        return tuple(kept)

    def possible(self, hard: Hard, soft: Soft = NOTHING) -> Solution:
        """Return :meth:`solve`, or raise ImpossibleEvidence naming the entries that clash."""
        solution = self.solve(hard, soft)
        if solution.total > 0:
            return solution
        clash = self.clash(hard, soft)
        entered = ", ".join(
            f"{node}={self.network.by_id[node].states[hard[node]]}" if node in hard else f"{node} (likelihood)"
            for node in clash
        )
        raise ImpossibleEvidence(
            f"Evidence: expected findings that can occur together with a low count, got {entered}, which cannot; "
            "take at least one of them back (some cause must be acting).",
            clash,
        )


def _reaching_most_causes(network: Network) -> tuple[str, ...]:
    """Return the contexts that are parents of more than half of at least four causes, and their parents."""
    causes = network.causes
    found: set[str] = set()
    if len(causes) >= 4:
        found = {node.id for node in network.contexts
                 if 2 * sum(node.id in cause.contexts for cause in causes) > len(causes)}  # fmt: skip
    for node in reversed(network.contexts):
        if node.id in found:
            found |= {*node.parents}
    return tuple(node.id for node in network.contexts if node.id in found)


def _but(entries: Mapping, left_out: Sequence[str]) -> dict:
    return {node: state for node, state in entries.items() if node not in left_out}


def _only(entries: Mapping, kept: list[str]) -> dict:
    return {node: state for node, state in entries.items() if node in kept}
