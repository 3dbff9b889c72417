"""Findings from numbers: links of causes, backgrounds, and pairs of findings that fall together."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import numpy as np

from model.errors import KnowledgeError
from model.knowledge import Node
from model.network.cpt import Array, distribution_function
from model.network.named_axes import Table, placed
from model.network.network import Finding, Pair
from model.network.record_index import Numbers


def findings(numbers: Numbers, among: Container[str] | None = None) -> Iterator[Finding]:
    """Yield the findings with their links and background, in the order of ``nodes.csv``.

    among : only these; default all
    """
    for node in numbers.index.knowledge.role("finding"):
        if among is None or node.id in among:
            yield _finding(numbers, node)


def _finding(numbers: Numbers, node: Node) -> Finding:
    upper, linked = node.states[1:], numbers.parents("link", node.id, "cause")
    links = {}
    for cause in linked:
        rows = [
            distribution_function([numbers.or_zero("link", node.id, state, cause, acting) for state in upper])
            for acting in numbers.index.knowledge.nodes[cause].states
        ]
        links[cause] = _at_every_point(numbers, np.stack(np.broadcast_arrays(*rows), axis=-2), 2)
    contexts, background = _background(numbers, node)
    background = _at_every_point(numbers, background, 1 + len(contexts))  # one without leak has no draws of its own
    return Finding(node.id, node.states, linked, contexts, links, background)


def _background(numbers: Numbers, node: Node) -> Table:
    """Return (contexts, P(F <= k | no cause, contexts)): stated whole for some contexts, and raised by others."""
    index, upper = numbers.index, node.states[1:]
    whole, raising = index.whole("leak", node.id), index.raising("leak", node.id)
    contexts = index.in_order((*whole, *raising))
    if whole:
        if index.of("link", node.id) and not any(numbers.has("leak", node.id, state) for state in upper):
            numbers.of("leak", node.id, upper[0])  # links include it
        rows = [_leak(numbers, node, "&".join(whole), "&".join(each)) for each in index.configurations(whole)]
        stacked = np.stack(np.broadcast_arrays(*rows), axis=-2)
        cards = [len(index.knowledge.nodes[context].states) for context in whole]
        table = stacked.reshape(*stacked.shape[:-2], *cards, stacked.shape[-1])
    else:
        table = _leak(numbers, node)
    background = placed(table, whole, contexts, 1)
    for context in raising:
        levels = index.knowledge.nodes[context].states[1:]
        factors = [_leak(numbers, node, context, level) for level in levels]
        for place, level in enumerate(levels):
            if index.lowers(node.id, context, level):  # the number is the background there, so alone it is what is left
                factors[place] = factors[place] / _leak(numbers, node)
        factor = np.stack(np.broadcast_arrays(np.ones(len(node.states)), *factors), axis=-2)
        background = background * placed(factor, (context,), contexts, 1)
    return contexts, np.minimum(background, 1.0)  # two contexts that both lower it leave none at worst


def _leak(numbers: Numbers, node: Node, *given: str) -> Array:
    """Return P(F <= k) of a background, or of what one context adds to it, shape (..., K)."""
    return distribution_function([numbers.or_zero("leak", node.id, state, *given) for state in node.states[1:]])


def _at_every_point(numbers: Numbers, table: Array, axes: int) -> Array:
    return np.broadcast_to(table, (*numbers.points, *table.shape[table.ndim - axes :]))


def pairs(numbers: Numbers, found: Sequence[Finding]) -> Iterator[Pair]:
    """Yield the findings that fall together, as the ``both`` rows say; a pair of which one is not `found` is left out.

    By itself a cause brings neither, one or both: independently of each other, unless a row says how often both.
    """
    by_id = {finding.id: finding for finding in found}
    for node in dict.fromkeys(record.node for record in numbers.index.of("both")):
        names = node.split("&")
        if all(name in by_id for name in names):
            first, second = (by_id[name] for name in names)
            yield _pair(numbers, node, first, second)


def _pair(numbers: Numbers, node: str, first: Finding, second: Finding) -> Pair:
    index = numbers.index
    if len(first.states) != 2 or len(second.states) != 2:
        raise KnowledgeError(f"data/parameters: both of {node}: expected two findings of two states.")
    present = f"{first.states[1]}&{second.states[1]}"
    causes = tuple(
        cause.id for cause in index.knowledge.role("cause") if cause.id in (*first.causes, *second.causes)
    )  # fmt: skip
    contexts = index.in_order((*first.contexts, *second.contexts))
    none = np.ones(())
    links = {}
    for cause in causes:
        rows = []
        for place, state in enumerate(index.knowledge.nodes[cause].states):
            one = first.links[cause][..., place, 0] if cause in first.links else none
            other = second.links[cause][..., place, 0] if cause in second.links else none
            neither = one * other
            if numbers.has("both", node, present, cause, state):
                least, most = np.maximum(one + other - 1, 0.0), np.minimum(one, other)
                neither = least + (most - least) * numbers.of("both", node, present, cause, state)
            rows.append(np.stack(np.broadcast_arrays(neither, one, other, none), axis=-1))
        links[cause] = _at_every_point(numbers, np.stack(np.broadcast_arrays(*rows), axis=-2), 2)
    one, other = (placed(each.background[..., 0], each.contexts, contexts) for each in (first, second))
    background = np.stack(np.broadcast_arrays(one * other, one, other, none), axis=-1)
    states = ("neither", f"{first.id} only", f"{second.id} only", "both")
    return Pair(f"{first.id}+{second.id}", states, causes, contexts, links, background, first.id, second.id)
