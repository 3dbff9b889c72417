"""Which changed row moved which answer, and by how much: Shapley values that add up to the whole change.

The players are the changed rows that can move a probability in a setting; the value of a coalition is the answer of the
model in which exactly these rows are as they are now. Rows that cannot stand apart are one player: a node whose states
changed with the records that came and went with it, the findings of all published cases together, and rows whose
separate change leaves no model (a number below its background, ranks beside weights). Where a version changed very
much, numbers of one family (shares, base rates, hazards, links, backgrounds) are one player each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import CalibrationError, KnowledgeError
from model.explanation.coalition import Coalitions
from model.explanation.shapley import exact_division, sampled_division
from model.model_diff.mixture import FINDINGS
from model.model_diff.rows import NUMBERS, RowChange
from model.network import Array

EXACT_TO = 6  # players; 2^6 models of a setting take a few seconds
MANY = 30  # players from which on numbers of one family are taken together
_FAMILY = {"share_order": "shares", "other_share": "shares", "cooccurrence": "shares", "population": "shares",
           "split": "shares", "relative_base_rate": "base_rate", "baseline_hazard": "hazard",
           "relative_hazard": "hazard", "both": "link"}  # fmt: skip
NAMED = 3  # items of a block that are named where it holds more than twice as many
PAIRS = 4  # random orders, each also backwards, when there are more players
_MOVING = {"nodes": ("role", "states"), NUMBERS: ("setting", "value", "word", "reading"),
           "verbal_scales": ("value", "first row"), FINDINGS: ("evidence", "posthoc")}  # fmt: skip

Score = Callable[[frozenset[str]], Array]  # items as they are now -> any array of answers


@dataclass(frozen=True)
class Attribution:
    """How the change of every answer divides over the blocks of changed rows.

    blocks         : the players, each the items it holds
    shares         : shape (blocks, *answers); sums over the blocks to after - before
    standard_error : same shape; zero when exact
    alone, last    : same shape; what the block moves when it is the first to change, and when it is the last
    method         : one sentence
    """

    blocks: tuple[tuple[str, ...], ...]
    shares: Array
    standard_error: Array
    alone: Array
    last: Array
    method: str


def moving(change: RowChange, setting: str, scales: Sequence[str]) -> bool:
    """Return whether a changed row can move a probability of `setting`, read through one of `scales`."""
    if change.table not in _MOVING:
        return False
    if change.how == "changed" and not any(f.field.startswith(_MOVING[change.table]) for f in change.fields):
        return False
    if change.table == FINDINGS:
        return change.how == "changed"
    if change.table == NUMBERS:
        rows = [row for row in (change.old, change.new) if row is not None]
        held = {name for row in rows for name in row.setting}
        return bool(held & {setting, "all"}) and (change.how != "changed" or rows[0].kind != "mechanism")
    if change.table == "verbal_scales" and not change.item.endswith("/order"):
        return (change.old or change.new).scale in scales
    return True


def blocks_of(changes: Sequence[RowChange]) -> tuple[tuple[str, ...], ...]:
    """Return the changes that stand apart, each the items it holds, in the order of the changes."""
    apart = _ordered(_groups(changes, families=False), changes)
    return apart if len(apart) <= MANY else _ordered(_groups(changes, families=True), changes)


def _groups(changes: Sequence[RowChange], families: bool) -> dict[str, set[str]]:
    nodes = {change.item.partition("/")[2] for change in changes if change.table == "nodes"}
    groups: dict[str, set[str]] = {}
    for change in changes:
        about = {change.item.partition("/")[2]} if change.table == "nodes" else set()
        if change.table == NUMBERS and change.how != "changed":
            row = change.new or change.old
            about = {*row.node.split("&"), *row.parent.split("&")} & nodes
        alone = FINDINGS if change.table == FINDINGS else change.item
        if families and change.table == NUMBERS:
            kind = (change.new or change.old).kind
            alone = f"family {_FAMILY.get(kind, kind)}"
        _join(groups, {f"node {name}" for name in about} or {alone}, change.item)
    return groups


def named(block: Sequence[str]) -> tuple[str, ...]:
    """Return the items of a block as they are told: of a long one the first few, and how many more.

    >>> named(["nodes/sex", *"abcdefg"])
    ('nodes/sex', 'a', 'b', '5 more with them')
    """
    more = len(block) - NAMED
    return tuple(block) if more <= NAMED else (*block[:NAMED], f"{more} more with them")


def attribute(score: Score, changes: Sequence[RowChange], seed: int = 0) -> Attribution:
    """Divide ``score(every item) - score(none)`` over the changes.

    score   : raises KnowledgeError or CalibrationError for items that cannot change without others
    changes : those that can move an answer, at least one
    Cost: 2^blocks scores for up to EXACT_TO blocks, else about 2 * PAIRS * blocks.
    """
    blocks = blocks_of(changes)
    for merged in (blocks, _merged(score, blocks), (tuple(change.item for change in changes),)):
        try:
            return _divided(score, merged, seed)
        except (KnowledgeError, CalibrationError):
            if len(merged) == 1:
                raise
    raise AssertionError  # the last attempt returns or raises


def _merged(score: Score, blocks: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Return the blocks with those made one that cannot change first, or last, without the others."""
    everything = frozenset(item for block in blocks for item in block)
    stuck = [b for b in blocks if not (_stands(score, frozenset(b)) and _stands(score, everything - set(b)))]
    free = [block for block in blocks if block not in stuck]
    return (*free, tuple(item for block in stuck for item in block)) if stuck else blocks


def _stands(score: Score, items: frozenset[str]) -> bool:
    try:
        score(items)
    except (KnowledgeError, CalibrationError):
        return False
    return True


def _divided(score: Score, blocks: tuple[tuple[str, ...], ...], seed: int) -> Attribution:
    shape: list[tuple[int, ...]] = []

    def value(coalitions: Coalitions) -> Array:
        found = []
        for inside in coalitions:
            answered = score(frozenset(i for held, block in zip(inside, blocks, strict=True) if held for i in block))
            shape[:] = [answered.shape]
            found.append(answered.ravel())
        return np.stack(found)

    if len(blocks) <= EXACT_TO:
        division = exact_division(value, len(blocks))
        method = f"exact Shapley values over {len(blocks)} changes"
    else:
        division = sampled_division(value, len(blocks), PAIRS, seed)
        method = f"Shapley values over {len(blocks)} changes from {2 * PAIRS} orders; each order adds up to the whole"
    shares, error, alone, last = (
        part.reshape(len(blocks), *shape[0])
        for part in (division.shapley, division.standard_error, division.alone, division.last)
    )
    return Attribution(blocks, shares, error, alone, last, method)


def _join(groups: dict[str, set[str]], keys: set[str], item: str) -> None:
    """Put `item` into the group of `keys`, making one group of all that share a key."""
    group = set().union({item}, *(groups[key] for key in keys if key in groups))
    for key in [*keys, *(key for key, members in groups.items() if members & group)]:
        groups[key] = group


def _ordered(groups: dict[str, set[str]], changes: Sequence[RowChange]) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for change in changes:
        members = next(group for group in groups.values() if change.item in group)
        block = tuple(c.item for c in changes if c.item in members)
        if block not in found:
            found.append(block)
    return tuple(found)
