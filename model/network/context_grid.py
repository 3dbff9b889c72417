"""Joint configurations of contexts: the sums that contexts cost, done once.

A context is *joint* when more than one thing depends on it (it has context children, two causes, or a finding); the
others touch one cause only and are summed inside it. Given the joint ones, the local ones are independent.

Half of the patients are old, and of them 40 % take a drug, of the others 20 %. Summed over the joint context:

>>> tables = {"old": ((), np.array([0.5, 0.5])), "drug": (("old",), np.array([[0.8, 0.2], [0.6, 0.4]]))}
>>> summed = context_grid(tables, joint=["old"])
>>> summed.conditional["drug"]
array([[0.8, 0.2],
       [0.6, 0.4]])
>>> (summed.probabilities @ summed.weights(["drug"])).round(3)
array([0.7, 0.3])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from model.network.cpt import Array


def grid(cards: Sequence[int]) -> NDArray[np.intp]:
    """Return every configuration of variables with these numbers of states, shape (product, n), last fastest."""
    return np.indices(tuple(cards)).reshape(len(cards), -1).T if cards else np.zeros((1, 0), np.intp)


Points = slice | NDArray[np.intp]  # which of many parameter points: a run of them, or their places


@dataclass(frozen=True)
class ContextGrid:
    """The configurations of `joint` contexts and what they say of the others.

    codes         : shape (J, len(joint)), the state of each joint context in each configuration
    probabilities : shape (..., J), the prior of each configuration
    conditional   : per context, shape (..., J, card): P(state | joint configuration), one-hot for joint ones
    """

    joint: tuple[str, ...]
    codes: NDArray[np.intp]
    probabilities: Array
    conditional: Mapping[str, Array]

    def part(self, rows: Points) -> ContextGrid:
        """Return the grid of these parameter draws; what has no leading axis of draws is alike for all."""
        each = self.conditional.items()
        conditional = {context: table[rows] if table.ndim > 2 and len(table) > 1 else table for context, table in each}
        drawn = self.probabilities.ndim > 1 and len(self.probabilities) > 1
        probabilities = self.probabilities[rows] if drawn else self.probabilities
        return replace(self, probabilities=probabilities, conditional=conditional)

    def weights(self, contexts: Sequence[str], codes: NDArray[np.intp] | None = None) -> Array:
        """Return P(configuration of `contexts` | joint configuration), shape (..., J, product of their cards).

        codes : (n, len(contexts)), the configurations that are asked for, where they are few; then shape (..., J, n)
        """
        weights = np.ones((*self.probabilities.shape, 1))
        if codes is not None:
            for context, states in zip(contexts, codes.T, strict=True):
                weights = weights * self.conditional[context][..., states]
            return weights
        for context in contexts:
            product = weights[..., None] * self.conditional[context][..., None, :]
            weights = product.reshape(*product.shape[:-2], -1)
        return weights


def context_grid(tables: Mapping[str, tuple[tuple[str, ...], Array]], joint: Sequence[str]) -> ContextGrid:
    """Enumerate `joint`.

    tables : context -> (parents, P(state | parents) of shape (..., *parent cards, card)), parents before children.
    joint  : must hold every parent of a context in `tables`.
    """
    cards = {context: table.shape[-1] for context, (_, table) in tables.items()}
    codes = grid([cards[context] for context in joint])
    column = {context: codes[:, position] for position, context in enumerate(joint)}
    probabilities: Array = np.ones(prod(cards[context] for context in joint))
    conditional: dict[str, Array] = {}
    for context, (parents, table) in tables.items():
        flat = table.reshape(*table.shape[: table.ndim - len(parents) - 1], -1, cards[context])
        row = np.zeros(len(codes), np.intp)
        for parent in parents:
            row = row * cards[parent] + column[parent]
        given_parents = flat[..., row, :]
        if context in column:
            probabilities = probabilities * given_parents[..., np.arange(len(codes)), column[context]]
            conditional[context] = np.eye(cards[context])[column[context]]
        else:
            conditional[context] = given_parents
    return ContextGrid(tuple(joint), codes, probabilities, conditional)


def joint_contexts(
    parents: Mapping[str, Sequence[str]],
    of_causes: Mapping[str, Sequence[str]],
    of_findings: Sequence[tuple[Sequence[str], Sequence[str]]],
) -> tuple[str, ...]:
    """Return the contexts that must be summed jointly, in the order of `parents`.

    parents     : context -> its context parents;  of_causes : cause -> its contexts
    of_findings : of each finding, its causes and the contexts that raise its background. A finding of one cause whose
                  contexts concern that cause alone is summed with them.
    """
    has_children = {parent for contexts in parents.values() for parent in contexts}
    owners = {context: [cause for cause, contexts in of_causes.items() if context in contexts] for context in parents}
    joint = {context for context in parents if context in has_children or len(owners[context]) != 1}
    while True:
        more = {
            context
            for causes, contexts in of_findings
            for context in contexts
            if context not in joint
            and not (len(causes) == 1 and all(c not in joint and owners[c] == [*causes] for c in contexts))
        }
        if not more:
            return tuple(context for context in parents if context in joint)
        joint |= more
