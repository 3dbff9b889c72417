"""One independent block of the network: joint contexts, the causes they reach, and what concerns one cause alone.

Two contexts are in one block when they reach the same cause, depend on each other or raise the same finding. Blocks
meet only in the selection and in findings with several causes, so each is summed by itself (``engine`` joins them).

>>> from model.network.toy import toy
>>> (both,) = blocks(toy(), joint=[])  # no context keeps the two causes apart, so they share a block
>>> Block(toy(), *both).default.round(2)  # P(neither), P(second), P(first), P(both), before the count is seen
array([[0.81, 0.09, 0.09, 0.01]])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from model.network import Array, Cause, Finding, Network, grid
from model.network.context_grid import ContextGrid, context_grid


class Block:
    """A block, compiled. J = joint context configurations, L = configurations of the contexts of one cause alone."""

    def __init__(self, network: Network, joint: Sequence[str], causes: Sequence[Cause]):
        inside = {*joint, *(context for cause in causes for context in cause.contexts)}
        tables = {node.id: (node.parents, node.table) for node in network.contexts if node.id in inside}
        self.joint = tuple(joint)
        self.causes = tuple(cause.id for cause in causes)
        self.cards = tuple(len(cause.states) for cause in causes)
        self.grid: ContextGrid = context_grid(tables, joint)
        self.prior = self.grid.probabilities
        self.context_cards = tuple(network.cardinality[context] for context in joint)
        # masks[context][state] selects configurations: over J for a joint context, over L for a local one
        self.masks: dict[str, Array] = {
            context: np.eye(card)[:, self.grid.codes[:, position]]
            for position, (context, card) in enumerate(zip(joint, self.context_cards, strict=True))
        }
        self._classes: dict[tuple[str, ...], NDArray[np.intp]] = {}
        self.local_of: dict[str, int] = {}
        self.factors: list[Array] = []
        for position, cause in enumerate(causes):
            local = [context for context in cause.contexts if context not in joint]
            self.factors.append(self._factor(network, cause, local))
            codes = grid([network.cardinality[context] for context in local])
            for column, context in enumerate(local):
                self.local_of[context] = position
                self.masks[context] = np.eye(network.cardinality[context])[:, codes[:, column]]
        self.unobserved = [factor.sum(1) for factor in self.factors]  # (J, K) a cause, its local contexts summed out
        self.default = self.join(self.prior, self.unobserved, ())

    def _factor(self, network: Network, cause: Cause, local: Sequence[str]) -> Array:
        """Return P(local configuration | j) P(cause state | contexts), shape (J, L, K)."""
        codes = grid([network.cardinality[context] for context in local])
        row = np.zeros((len(self.prior), len(codes)), np.intp)
        for context in cause.contexts:
            if context in self.joint:
                state = self.grid.codes[:, self.joint.index(context)][:, None]
            else:
                state = codes[:, local.index(context)][None, :]
            row = row * network.cardinality[context] + state
        table = cause.table.reshape(-1, cause.table.shape[-1])[row]
        return self.grid.weights(local)[..., None] * table

    def finding_factor(self, network: Network, finding: Finding) -> Array:
        """Return P(state | the only cause, j) of a finding of one cause here, shape (states, J, K)."""
        table = finding.table().reshape(len(network.by_id[finding.causes[0]].states), -1, len(finding.states))
        return np.moveaxis(table[:, self.configuration(network, finding.contexts), :], (2, 1, 0), (0, 1, 2)).copy()

    def local_finding_factor(self, finding: Finding, position: int) -> Array:
        """Return P(state | the only cause, its own contexts) of a finding of one cause, shape (states, L, K)."""
        cards = [self.masks[context].shape[0] for context in finding.contexts]
        states = np.stack([self.masks[context].argmax(0) for context in finding.contexts])  # (contexts, L)
        row = np.ravel_multi_index(tuple(states), tuple(cards))
        table = finding.table().reshape(self.cards[position], -1, len(finding.states))
        return np.moveaxis(table[:, row, :], (2, 1, 0), (0, 1, 2)).copy()

    def configuration(self, network: Network, contexts: Sequence[str]) -> NDArray[np.intp]:
        """Return, for each joint configuration, the index of its configuration of `contexts`, shape (J,)."""
        row = np.zeros(len(self.prior), np.intp)
        for context in contexts:
            row = row * network.cardinality[context] + self.grid.codes[:, self.joint.index(context)]
        return row

    def inner_factor(self, network: Network, finding: Finding) -> Array:
        """Return P(state | causes, j) of a finding that lies wholly in this block, shape (states, J, product of K)."""
        codes = grid(self.cards)
        table = finding.table().reshape(
            *(network.cardinality[cause] for cause in finding.causes), -1, len(finding.states)
        )
        picked = table[tuple(codes[:, self.causes.index(cause)] for cause in finding.causes)]
        return np.moveaxis(picked[:, self.configuration(network, finding.contexts), :], (2, 1, 0), (0, 1, 2)).copy()

    def join(
        self, prior: Array, factors: Sequence[Array], opened: tuple[str, ...], inner: Array | None = None
    ) -> Array:
        """Sum the joint contexts out, except `opened`.

        prior   : (J,), weight of each joint configuration, evidence included;  factors : one (J, K) a cause
        inner   : (J, product of K), what couples causes and contexts inside the block
        returns : (configurations of `opened`, product of the causes' K), last cause fastest
        """
        middle = (len(factors) + 1) // 2
        left, right = prior[:, None], np.ones((len(prior), 1))
        for factor in factors[:middle]:
            left = (left[:, :, None] * factor[:, None, :]).reshape(len(left), -1)
        for factor in factors[middle:]:
            right = (right[:, :, None] * factor[:, None, :]).reshape(len(right), -1)
        if inner is not None:
            whole = (left[:, :, None] * right[:, None, :]).reshape(inner.shape) * inner
            return whole[self.classes(opened)].sum(1) if opened else whole.sum(0, keepdims=True)
        if not opened:
            return (left.T @ right).reshape(1, -1)
        order = self.classes(opened)
        return (left[order].transpose(0, 2, 1) @ right[order]).reshape(len(order), -1)

    def classes(self, opened: tuple[str, ...]) -> NDArray[np.intp]:
        """Return the joint configurations of each configuration of `opened`, shape (classes, J / classes)."""
        cached = self._classes.get(opened)
        if cached is None:
            positions = [self.joint.index(context) for context in opened]
            rest = [position for position in range(len(self.joint)) if position not in positions]
            index = np.arange(len(self.prior)).reshape(self.context_cards)
            cached = index.transpose(*positions, *rest).reshape(prod(self.context_cards[p] for p in positions), -1)
            self._classes[opened] = cached
        return cached


def blocks(network: Network, joint: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[Cause, ...]]]:
    """Return (joint contexts, causes) of each independent block, largest number of cause configurations last."""
    leader: dict[str, str] = {context: context for context in joint}

    def find(context: str) -> str:
        while leader[context] != context:
            context = leader[context]
        return context

    def merge(contexts: Sequence[str]) -> None:
        for context in contexts[1:]:
            leader[find(context)] = find(contexts[0])

    reach = {cause.id: _reach(network, cause, joint) for cause in network.causes}
    for cause in network.causes:
        merge(reach[cause.id])
    for context in network.contexts:
        merge([c for c in (*context.parents, context.id) if c in leader])
    for finding in (*network.findings, *network.pairs):
        if not _separates(finding):
            merge([context for context in finding.contexts if context in leader])
    groups: dict[str | None, list[Cause]] = {find(context): [] for context in joint}
    for cause in network.causes:
        key = find(reach[cause.id][0]) if reach[cause.id] else None
        groups.setdefault(key, []).append(cause)
    found = [
        (tuple(c for c in joint if key is not None and find(c) == key), tuple(causes)) for key, causes in groups.items()
    ]
    return sorted(found, key=lambda group: prod(len(cause.states) for cause in group[1]))


def _reach(network: Network, cause: Cause, joint: Sequence[str]) -> list[str]:
    """Return the joint contexts a cause meets: its own, the parents of its local ones, those of its own findings."""
    parents: Mapping[str, tuple[str, ...]] = {context.id: context.parents for context in network.contexts}
    found = [
        context
        for finding in network.findings if finding.causes == (cause.id,)
        for context in finding.contexts if context in joint
    ]  # fmt: skip
    for context in cause.contexts:
        found += [context] if context in joint else [parent for parent in parents[context] if parent in joint]
    return list(dict.fromkeys(found))


def _separates(finding: Finding) -> bool:
    """Return whether the contexts of a finding of several causes need no block together: each acts by itself on it."""
    if len(finding.causes) == 1 or len(finding.contexts) < 2:
        return False
    for column in range(len(finding.states) - 1):
        whole, factors = finding.background_by_context(column)
        for factor in factors.values():
            whole = whole[..., None] * factor
        if not np.allclose(whole, finding.background[..., column], rtol=1e-13, atol=0.0):
            return False
    return True


def floors(
    finding: Finding, blocks: Sequence[Block], network: Network, otherwise: int, column: int = 0
) -> dict[int, Array]:
    """Return what the background multiplies P(finding <= column) by, block by block.

    finding   : its background may have leading axes of parameter draws
    otherwise : the block that takes a background without contexts
    returns   : block -> shape (..., J); of one without contexts, (..., 1)
    """
    homes = {context: number for number, block in enumerate(blocks) for context in block.joint}
    numbers = list(dict.fromkeys(homes[context] for context in finding.contexts))
    if len(numbers) < 2:
        number = numbers[0] if numbers else otherwise
        lowest = finding.background[..., column]
        lead = lowest.shape[: lowest.ndim - len(finding.contexts)]
        return {number: lowest.reshape(*lead, -1)[..., blocks[number].configuration(network, finding.contexts)]
                if numbers else lowest[..., None]}  # fmt: skip
    first, factors = finding.background_by_context(column)
    found = {number: np.ones(1) for number in numbers}
    found[numbers[0]] = first[..., None]
    for context, factor in factors.items():
        block = blocks[homes[context]]
        found[homes[context]] = found[homes[context]] * factor[..., block.grid.codes[:, block.joint.index(context)]]
    return found
