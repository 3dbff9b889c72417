"""Which number goes where: the records of one setting by what they are about, and stated numbers made net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from model.errors import KnowledgeError
from model.knowledge import Knowledge, Record
from model.network.cpt import Array


class RecordIndex:
    """The records of one setting, found by (kind, node, state, parent, parent_state)."""

    def __init__(self, knowledge: Knowledge, setting: str):
        self.knowledge, self.setting = knowledge, setting
        self.records = knowledge.records_of(setting)
        self._by_key = {record.key: record for record in self.records}
        self._about: dict[tuple[str, str], list[Record]] = {}
        for record in self.records:
            self._about.setdefault((record.kind, record.node), []).append(record)

    def id(self, kind: str, node: str, state: str = "", parent: str = "", parent_state: str = "") -> str:
        """Return the id of the number, or raise KnowledgeError saying which one is missing."""
        record = self._by_key.get((kind, node, state, parent, parent_state))
        if record is None:
            given = f" given {parent}={parent_state}" if parent else ""
            raise KnowledgeError(f"data/parameters: no {kind} for {node} {state}{given} in setting {self.setting!r}.")
        return record.id

    def get(self, kind: str, node: str, state: str = "", parent: str = "", parent_state: str = "") -> str | None:
        """Return the id of the number, or None."""
        record = self._by_key.get((kind, node, state, parent, parent_state))
        return record.id if record else None

    def of(self, kind: str, node: str | None = None) -> list[Record]:
        """Return the records of one kind (and node), in table order."""
        if node is not None:
            return self._about.get((kind, node), [])
        return [record for record in self.records if record.kind == kind]

    def in_order(self, contexts: Iterable[str]) -> tuple[str, ...]:
        """Return the contexts in the order of ``nodes.csv``."""
        wanted = set(contexts)
        return tuple(node.id for node in self.knowledge.role("context") if node.id in wanted)

    def raising(self, kind: str, node: str) -> tuple[str, ...]:
        """Return the contexts that each raise a rate or background, in the order of ``nodes.csv``."""
        named = {record.parent for record in self.of(kind, node)}
        return self.in_order(named - {"&".join(self.whole(kind, node))})

    def whole(self, kind: str, node: str) -> tuple[str, ...]:
        """Return the contexts in whose every configuration a rate or background is stated, so that it is absolute.

        raises : KnowledgeError when numbers for several contexts together leave a configuration out, or when there are
            two such sets.
        """
        found = []
        for parent in dict.fromkeys(record.parent for record in self.of(kind, node) if record.parent):
            states = dict.fromkeys(record.state for record in self.of(kind, node) if record.parent == parent)
            wanted = [(state, "&".join(each)) for state in states for each in self.configurations(parent.split("&"))]
            missing = [key for key in wanted if self.get(kind, node, key[0], parent, key[1]) is None]
            if missing and "&" in parent:
                self.id(kind, node, missing[0][0], parent, missing[0][1])
            if not missing:
                found.append(parent)
        if len(found) > 1:
            both = " and ".join(found)
            raise KnowledgeError(f"data/parameters: {kind} of {node} is stated whole twice, given {both}.")
        return tuple(found[0].split("&")) if found else ()

    def configurations(self, contexts: Iterable[str]) -> list[tuple[str, ...]]:
        """Return every configuration of contexts, the last one's states fastest."""
        return list(product(*(self.knowledge.nodes[context].states for context in contexts)))

    def lowers(self, node: str, context: str, level: str) -> bool:
        """Return whether a finding's background is stated lower given one state of a context than without it."""
        for record in self.of("leak", node):
            plain = self._by_key.get(("leak", node, record.state, "", ""))
            if plain is None or (record.parent, record.parent_state) != (context, level):
                continue
            if record.value is not None and plain.value is not None and record.value < plain.value:
                return True
        return False

    def background_of(self, record: Record) -> str | None:
        """Return the id of the background that a compound number includes, or None."""
        if record.kind == "link":
            return self.get("leak", record.node, record.state)
        if record.kind not in ("leak", "base_rate") or not record.parent:
            return None
        if record.parent == "&".join(self.whole(record.kind, record.node)):
            return None  # stated in every configuration: nothing is raised
        if record.kind == "base_rate" and len(self.knowledge.nodes[record.node].states) > 2:
            return None  # stated as it is; what the context adds to each state follows from all states together
        if record.kind == "leak" and self.lowers(record.node, record.parent, record.parent_state):
            return None  # nothing can be added to the background to get less than it
        return self.id(record.kind, record.node, record.state)


@dataclass(frozen=True)
class Numbers:
    """The numbers of one setting, by what they are about: kind, node, state, parent, state of the parent.

    values : record id -> what enters the tables, any leading shape
    """

    index: RecordIndex
    values: Mapping[str, Array]

    def of(self, *about: str) -> Array:
        """Return a number; KnowledgeError when there is none."""
        return np.asarray(self.values[self.index.id(*about)])

    def or_zero(self, *about: str) -> Array:
        """Return a number, or zero when there is none."""
        found = self.index.get(*about)
        return np.asarray(self.values[found] if found else 0.0)

    def has(self, *about: str) -> bool:
        """Return whether there is such a number."""
        return self.index.get(*about) is not None

    def parents(self, kind: str, node: str, role: str) -> tuple[str, ...]:
        """Return the parents that numbers of one kind give a node, in the order of ``nodes.csv``."""
        named = {record.parent for record in self.index.of(kind, node)}
        return tuple(parent.id for parent in self.index.knowledge.role(role) if parent.id in named)

    @property
    def points(self) -> tuple[int, ...]:
        """The leading shape: empty at one point, (D,) for parameter draws."""
        return np.shape(next(iter(self.values.values())))


def side_by_side(arrays: Iterable[Array]) -> Array:
    """Return the arrays along a new last axis."""
    return np.stack(np.broadcast_arrays(*arrays), axis=-1)


ROUNDING = 1e-9
WITHIN = 0.001  # a zero or a one can never be outweighed


@dataclass(frozen=True)
class Included:
    """What a stated number holds besides the parent's own effect: stated = offset + net * scale.

    inside : how far from 0 and from 1 the net number is held; 0 where it is not
    """

    offset: float
    scale: float
    inside: float = 0.0

    def net(self, stated: Array | float) -> Any:
        """Return the parent's own effect, real or complex."""
        net = (stated - self.offset) / self.scale
        return np.clip(net, self.inside, 1 - self.inside) if self.inside else net

    def stated(self, net: Array | float) -> Any:
        """Return the number as it is stated."""
        return self.offset + net * self.scale


def included(index: RecordIndex, stated: Mapping[str, float]) -> dict[str, Included]:
    """Return what each compound number includes, by record id.

    stated : record id -> value as stated. Converting happens once, with these.
    """
    found = {}
    for record in index.records:
        background = index.background_of(record)
        if record.kind == "both":
            found[record.id] = _in_both(index, record, stated)
        elif background is not None and record.id in stated:
            found[record.id] = Included(stated[background], 1 - stated[background])
    return found


def net_numbers(
    index: RecordIndex, stated: Mapping[str, float], replaced: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Turn stated (compound) numbers into the ones that enter tables: links and conditional rates become net effects.

    stated   : record id -> value as stated
    replaced : record id -> value instead. The background that a link includes stays the stated one: converting happens
        once, so a changed background does not silently change every effect that was elicited above it.
    raises   : KnowledgeError where a number lies below the background it includes, or where two findings cannot fall
        together as often as stated.
    """
    wanted = {**stated, **(replaced or {})}
    net = dict(wanted)
    for number, each in included(index, stated).items():
        record = index.knowledge.record(number)
        if record.kind == "both":
            _check_both(index, record, stated, wanted[number])
        elif wanted[number] < each.offset:
            raise KnowledgeError(
                f"data/parameters, record {number!r}: expected at least the background {each.offset:.4g} "
                f"({index.background_of(record)}), which the number includes, got {wanted[number]:.4g}."
            )
        net[number] = float(each.net(wanted[number]))
    return net


def _by_themselves(index: RecordIndex, record: Record, stated: Mapping[str, float]) -> list[tuple[float, float]]:
    """Return (background, P(finding | only this cause)) of each finding of a pair, as stated."""
    found = []
    for node, state in zip(record.node.split("&"), record.state.split("&"), strict=True):
        leak = stated[index.id("leak", node, state)]
        link = index.get("link", node, state, record.parent, record.parent_state)
        found.append((leak, stated[link] if link else leak))
    return found


def _in_both(index: RecordIndex, record: Record, stated: Mapping[str, float]) -> Included:
    """Return how P(both | only this cause) follows from where it lies between the bounds of Frechet (1951).

    With a, b = P(first, second not brought) and k, l = P(each not in the background),
    P(both) = 1 - k a - l b + k l P(this cause brings neither), and that is at least max(0, a + b - 1) and at most
    min(a, b). The net number is the place between the two, 0 as seldom together as can be and 1 as often, so that draws
    of all three numbers agree.
    """
    (one, first), (other, second) = _by_themselves(index, record, stated)
    a, b = (1 - first) / (1 - one), (1 - second) / (1 - other)
    least, most, outside = max(0.0, a + b - 1), min(a, b), (1 - one) * (1 - other)
    room = most - least if most - least > ROUNDING else 1.0  # a cause that brings only one of them leaves no choice
    return Included(first + second - 1 + outside * least, outside * room, WITHIN)


def _check_both(index: RecordIndex, record: Record, stated: Mapping[str, float], value: float) -> None:
    """Raise KnowledgeError unless two findings can fall together as often as stated (bounds of Frechet 1951)."""
    (_, first), (_, second) = _by_themselves(index, record, stated)
    least, most = max(0.0, first + second - 1), min(first, second)
    if not least - ROUNDING <= value <= most + ROUNDING:
        raise KnowledgeError(
            f"data/parameters, record {record.id!r}: expected {least:.4g} to {most:.4g}, as the two findings by "
            f"themselves allow, got {value:.4g}."
        )
