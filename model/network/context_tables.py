"""How common each context is: alone, given other contexts, and in some strata more than in others.

A stratum is a context, such as an age band, that multiplies rates or hazards. The ratios are stated against one of its
states; divided by their mean over all adults they leave the average as it is stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import KnowledgeError
from model.knowledge import Node
from model.network.cpt import Array, distribution_function, state_probabilities
from model.network.named_axes import Table, placed
from model.network.record_index import Numbers, side_by_side

MOST = 0.95  # a rate multiplied in one stratum stays below this
RELATIVE = ("relative_hazard", "relative_base_rate")


@dataclass(frozen=True)
class Strata:
    """The contexts that multiply rates and hazards, with all of their parents.

    names : parents before children;  prior : how common each of their configurations is, shape (..., *cards)
    """

    names: tuple[str, ...]
    prior: Array

    def ratios(self, numbers: Numbers, kind: str, node: str, state: str, word: str = "") -> Table:
        """Return by how much strata multiply a number, one on average: (strata, shape (..., *their cards)).

        word : only records with this word
        """
        index = numbers.index
        records = [r for r in index.of(kind, node) if r.state == state and word in ("", r.word)]
        names = tuple(name for name in self.names if name in {record.parent for record in records})
        ratios: Array = np.ones((1,) * len(names))
        for name in names:
            about = [(kind, node, state, name, level) for level in index.knowledge.nodes[name].states]
            levels = [numbers.of(*each) if numbers.has(*each) else np.ones(()) for each in about]
            ratios = ratios * placed(side_by_side(levels), (name,), names)
        if not names:
            return (), ratios
        others = tuple(place - len(self.names) for place, name in enumerate(self.names) if name not in names)
        mean = (self.prior.sum(others) * ratios).sum(tuple(range(-len(names), 0)))
        return names, ratios / mean[(..., *[None] * len(names))]


def context_tables(numbers: Numbers) -> tuple[dict[str, Table], Strata]:
    """Return (context -> (parents, P(state | parents)), parents before children; the strata)."""
    index, nodes = numbers.index, {node.id: node for node in numbers.index.knowledge.role("context")}
    parents = {
        name: index.in_order((
            *index.whole("base_rate", name),
            *index.raising("base_rate", name),
            *(record.parent for record in index.of("relative_base_rate", name)),
        ))
        for name in nodes
    }  # fmt: skip
    ordered = sorted(nodes, key=lambda name: _depth(name, parents, ()))
    wanted = {record.parent for kind in RELATIVE for record in index.of(kind)}
    for name in reversed(ordered):
        if name in wanted:
            wanted.update(parents[name])
    names = tuple(name for name in ordered if name in wanted)
    strata = Strata((), np.ones(()))
    tables: dict[str, Table] = {}
    for name in names:
        if index.of("relative_base_rate", name):
            raise KnowledgeError(f"data/parameters: {name} multiplies other numbers and cannot be multiplied itself.")
        tables[name] = _table(numbers, nodes[name], parents[name], strata)
    prior: Array = np.ones((1,) * len(names))
    for name in names:
        prior = prior * placed(tables[name][1], (*parents[name], name), names)
    strata = Strata(names, prior)
    for name in ordered:
        if name not in tables:
            tables[name] = _table(numbers, nodes[name], parents[name], strata)
    return {name: tables[name] for name in ordered}, strata


def _depth(name: str, parents: dict[str, tuple[str, ...]], below: tuple[str, ...]) -> int:
    if name in below:
        raise KnowledgeError(f"data/parameters: the base rates of {name} depend on {name} itself.")
    return max((1 + _depth(parent, parents, (*below, name)) for parent in parents[name]), default=0)


def _table(numbers: Numbers, node: Node, parents: tuple[str, ...], strata: Strata) -> Table:
    """Return (parents, P(state | parents)) of one context, shape (..., *parent cards, card)."""
    of, base = _base(numbers, node)
    multiplied, rates = _in_strata(numbers, node, strata, of, base)
    raising = numbers.index.raising("base_rate", node.id)
    if not raising:
        return parents, placed(rates, multiplied, parents, 1)
    if of and len(node.states) > 2:
        raise KnowledgeError(f"data/parameters: base rates of {node.id} are stated whole; nothing else can raise them.")
    cumulative = placed(rates.cumsum(-1)[..., :-1], multiplied, parents, 1)
    for context in raising:
        levels = [np.ones(len(node.states) - 1)]
        for level in numbers.index.knowledge.nodes[context].states[1:]:
            levels.append(_raised(numbers, node, context, level, base.cumsum(-1)))
        factor = np.stack(np.broadcast_arrays(*levels), axis=-2)
        cumulative = cumulative * placed(factor, (context,), parents, 1)
    ends = np.ones((*cumulative.shape[:-1], 1))
    return parents, state_probabilities(np.concatenate([cumulative, ends], axis=-1))


def _base(numbers: Numbers, node: Node) -> Table:
    """Return the rates of the states, given the contexts for which they are stated whole: shape (..., *cards, card)."""
    of = numbers.index.whole("base_rate", node.id)
    if not of:
        return (), _rates(numbers, node)
    configurations = numbers.index.configurations(of)
    rows = [_rates(numbers, node, "&".join(of), "&".join(each)) for each in configurations]
    rates = np.stack(np.broadcast_arrays(*rows), axis=-2)
    cards = [len(numbers.index.knowledge.nodes[context].states) for context in of]
    return of, rates.reshape(*rates.shape[:-2], *cards, rates.shape[-1])


def _rates(numbers: Numbers, node: Node, *given: str) -> Array:
    """Return P(state), shape (..., card): of two states one is stated, as a rule the second; of more, all weights."""
    if len(node.states) == 2:
        if numbers.has("base_rate", node.id, node.states[0], *given):
            first = numbers.of("base_rate", node.id, node.states[0], *given)
            return np.stack([first, 1 - first], axis=-1)
        present = numbers.of("base_rate", node.id, node.states[1], *given)
        return np.stack([1 - present, present], axis=-1)
    weights = side_by_side(numbers.of("base_rate", node.id, state, *given) for state in node.states)
    return weights / weights.sum(-1, keepdims=True)


def _in_strata(numbers: Numbers, node: Node, strata: Strata, of: Sequence[str], base: Array) -> Table:
    """Return the rates with those above the lowest state multiplied in each stratum; the lowest takes what is left."""
    ratios = [strata.ratios(numbers, "relative_base_rate", node.id, state) for state in node.states[1:]]
    names = numbers.index.in_order((*of, *(name for own, _ in ratios for name in own)))
    if names == tuple(of):
        return tuple(of), base
    placed_base = placed(base, of, names, 1)
    upper = side_by_side(
        placed_base[..., place + 1] * placed(ratio, own, names) for place, (own, ratio) in enumerate(ratios)
    )
    upper = upper * (MOST / np.maximum(upper.sum(-1, keepdims=True), MOST))
    return names, np.concatenate([1 - upper.sum(-1, keepdims=True), upper], axis=-1)


def _raised(numbers: Numbers, node: Node, context: str, level: str, base: Array) -> Array:
    """Return P(F <= k) of what one state of another context brings by itself, shape (..., card - 1).

    base : P(F <= k) without it, shape (..., *cards, card). Of two states the number is net already. Of more, P(state |
    this context) is stated, and the context's own part is the ratio of the two distribution functions: the higher of
    the two shows. States below the lowest one stated come from elsewhere, so its own part never brings them.
    """
    upper = node.states[1:]
    stated = [numbers.or_zero("base_rate", node.id, state, context, level) for state in upper]
    if len(upper) == 1:
        return distribution_function(stated)[..., :-1]
    has = [numbers.has("base_rate", node.id, state, context, level) for state in upper]
    if not any(has):
        return np.ones(len(upper))
    rates = side_by_side(stated)
    beyond = rates[..., ::-1].cumsum(-1)[..., ::-1]  # P(state or beyond | this context)
    own = np.minimum((1 - beyond) / np.maximum(base[..., :-1], 1e-300), 1.0)
    first = has.index(True)
    own[..., :first] = own[..., first : first + 1]
    return np.maximum.accumulate(own, axis=-1)
