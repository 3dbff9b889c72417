"""Every pattern of entries on a few nodes, each node in each of its states or not assessed, scored in one batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from model.inference.batch import UNOBSERVED, BatchEngine, Column
from model.network import Array, Finding, Network

Codes = Mapping[str, int]


@dataclass(frozen=True)
class Scores:
    """What the engine says of every pattern.

    acting : (*levels of the free nodes, causes), P(cause acting | pattern), causes in the network's order
    total  : (*levels of the free nodes,), P(pattern, low count); 0 where the entries exclude each other
    Level 0 of a node is not assessed, level k its state k - 1.
    """

    acting: Array
    total: Array


class Lattice:
    """Patterns over `nodes`; with `positive` False the findings among them are never above their lowest state.

    Entries on other nodes are worked out when asked for, over the whole lattice at once, and kept; entries on a node of
    the lattice are a slice of it.
    """

    def __init__(self, network: Network, batch: BatchEngine, nodes: tuple[str, ...], positive: bool = True):
        self.network, self.batch, self.nodes, self.positive = network, batch, nodes, positive
        self._kept: dict[tuple[tuple[str, int], ...], Scores] = {}

    def levels(self, node: str) -> int:
        """Return the number of levels of a node: not assessed and its states."""
        lowest = not self.positive and isinstance(self.network.by_id[node], Finding)
        return 2 if lowest else 1 + self.network.cardinality[node]

    def free(self, *used: Codes, left_out: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the nodes of the lattice on which none of `used` has an entry."""
        taken = {node for entries in used for node in entries} | set(left_out)
        return tuple(node for node in self.nodes if node not in taken)

    def scores(self, entries: Codes, free: tuple[str, ...]) -> Scores:
        """Return the scores with `entries` in every pattern; lattice nodes neither entered nor free are not assessed.


        Cost: the first time for each set of entries off the lattice about 2 us a pattern, afterwards a slice.
        """
        outside = tuple(sorted((node, state) for node, state in entries.items() if node not in self.nodes))
        if any(node in self.nodes and state + 1 >= self.levels(node) for node, state in entries.items()):
            return self._apart(entries, free)
        whole = self._kept.get(outside)
        if whole is None:
            whole = self._kept[outside] = self._scored(dict(outside), self.nodes)
        index = tuple(slice(None) if node in free else entries.get(node, UNOBSERVED) + 1 for node in self.nodes)
        return Scores(whole.acting[index], whole.total[index])

    def _apart(self, entries: Codes, free: tuple[str, ...]) -> Scores:
        """Return the scores of entries that lie on the lattice's nodes but not among its patterns."""
        key = (*sorted(entries.items()), *((node, UNOBSERVED) for node in free))
        if key not in self._kept:
            self._kept[key] = self._scored(entries, free)
        return self._kept[key]

    def _scored(self, entries: Codes, free: tuple[str, ...]) -> Scores:
        shape = tuple(self.levels(node) for node in free)
        count = prod(shape)
        grid = np.indices(shape).reshape(len(free), count) + UNOBSERVED
        columns = {node: Column(codes) for node, codes in zip(free, grid, strict=True)}
        columns |= {node: Column(np.full(count, state)) for node, state in entries.items()}
        acting, total = self.batch.score(columns, count)
        return Scores(acting.reshape(*shape, -1), total.reshape(shape))
