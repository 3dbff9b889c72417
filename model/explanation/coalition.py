"""Subsets of what was entered, many at once: as coded columns for the batch engine, and their log-odds for a cause.

An entry outside the subset is *not assessed*: a finding drops out, a context goes back to its base rate, a cause to its
prior. Nothing is divided out.

Given the low count the second cause of the toy network acts in 10 of 19, odds of +0.5 decibans; once the sign is seen,
in 1 of 10 (-9.5). Among adults in general it acts in 1 of 10, whatever the sign:

>>> from model.network.toy import toy
>>> sign = Evidence(hard={"sign": 1}, soft={}, guards={}, readings=(), given={"sign": "present"})
>>> value = LogOdds(Engine(toy()), sign, "second", players=[("sign",)])
>>> value(np.array([[False], [True]])).round(1).tolist()  # nothing, the sign; with the low count, without it
[[0.5, -9.5], [-9.5, -9.5]]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.evidence import Evidence
from model.inference import Engine
from model.inference.batch import UNOBSERVED, BatchEngine, Column
from model.log_odds import DECIBANS
from model.network import Array

Coalitions = NDArray[np.bool_]  # (n, members): who is in
NEAR = 1e-4  # below this, one minus a probability keeps fewer than 12 digits


def entries(evidence: Evidence) -> list[str]:
    """Return the nodes that count as entries, in the order given: no guards, no likelihood that says nothing."""
    return [node for node in evidence.given if node in evidence.hard or node in evidence.soft]


def stated(model: CalibratedModel, evidence: Evidence, node: str) -> str:
    """Return the state entered, or what was typed where a likelihood was made of it; a named medicine by its name."""
    medicines = " and ".join(each.named.label for each in evidence.medicines if each.counts and each.named.node == node)
    if node in evidence.hard:
        state = model.network.by_id[node].states[evidence.hard[node]]
        return f"{state} ({medicines})" if medicines else state
    if medicines:
        return medicines
    given = evidence.given[node]
    return "likelihood" if isinstance(given, Mapping) else str(given)


def subset_columns(evidence: Evidence, items: Sequence[str], inside: Coalitions) -> dict[str, Column]:
    """Return coded columns of subsets. inside : shape (n, items), whether the subset of that row holds the item."""
    columns = {}
    for item, held in zip(items, inside.T, strict=True):
        if item in evidence.hard:
            columns[item] = Column(np.where(held, evidence.hard[item], UNOBSERVED))
        else:
            likelihood = np.array([evidence.soft[item]])
            columns[item] = Column(np.where(held, likelihood.shape[1], UNOBSERVED), likelihood)
    return columns


@lru_cache(maxsize=8)
def batch_engines(engine: Engine) -> tuple[BatchEngine, BatchEngine]:
    """Return batches with the low count taken as seen, and not."""
    return BatchEngine(engine), BatchEngine(unselected(engine))


@lru_cache(maxsize=8)
def unselected(engine: Engine) -> Engine:
    """Return the engine when the count is not looked at, so that no acting cause is a configuration like any other."""
    return Engine(replace(engine.network, selection=np.ones_like(engine.network.selection)))


class LogOdds:
    """Scores coalitions of entries: log-odds in decibans that a cause acts, with the low count and without it.

    players : who may be in a coalition; the entries of one player come and go together.
    """

    def __init__(self, engine: Engine, evidence: Evidence, cause: str, players: Sequence[tuple[str, ...]]):
        self.engines, self.evidence, self.cause = batch_engines(engine), evidence, cause
        self.items = [item for members in players for item in members]
        self.player = np.repeat(np.arange(len(players)), [len(members) for members in players])
        self.card = engine.network.cardinality[cause]
        self.place = [each.id for each in engine.network.causes].index(cause)

    def __call__(self, coalitions: Coalitions) -> Array:
        """Return shape (n, 2). No digits are lost near 0 or 1: near 1 the cause's absence is summed by itself."""
        columns = subset_columns(self.evidence, self.items, coalitions[:, self.player])
        return DECIBANS * np.stack(
            [self._log_odds(engine, columns, len(coalitions)) for engine in self.engines], axis=1
        )

    def _log_odds(self, engine: BatchEngine, columns: Mapping[str, Column], count: int) -> Array:
        found, total = engine.score(columns, count)
        acting = found[:, self.place]
        absent = 1 - acting
        near = np.flatnonzero(absent < NEAR)
        if len(near):
            part = {node: column.part(near) for node, column in columns.items()}
            absent[near] = self._absent(engine, part, len(near)) / total[near]
        return np.log(acting) - np.log(absent)

    def _absent(self, engine: BatchEngine, columns: Mapping[str, Column], count: int) -> Array:
        """Return P(coalition, low count, the cause not acting), the cause's own likelihood included."""
        entered = columns.get(self.cause)
        levels = np.ones((2, self.card))  # of its states, where it is not entered and where it is
        codes = np.full(count, self.card)
        if entered is not None:
            levels[1] = self.evidence.soft[self.cause]
            codes += entered.codes >= 0
        side = Column(codes, levels * (np.arange(self.card) == 0))
        return engine.score({**columns, self.cause: side}, count)[1]
