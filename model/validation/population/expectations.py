"""What the model says of the quantities that the survey can tell: at the mean of every number, and over its draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import SurveyError
from model.network import Array, Network, RecordIndex
from model.network.context_grid import context_grid
from model.sensitivity import parameter_draws
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.validation.population.checks import Check


@dataclass(frozen=True)
class Expected:
    """What the model says: at the mean of every number, and at each parameter draw, shape (draws,)."""

    value: float
    drawn: Array


class Expectations:
    """The same quantities from one model, each pattern of evidence solved once.

    draws : of the numbers; with none, only the value at their means is computed and `drawn` is empty
    """

    def __init__(self, model: CalibratedModel, draws: int = QUICK_DRAWS, seed: int = 0):
        self.model = model
        self.prepared = parameter_draws(model, draws, seed) if draws else None
        self.points = self.prepared.engine.points if self.prepared else 0
        self._known: dict[frozenset[tuple[str, int]], tuple[float, Array]] = {}

    def can(self, check: Check) -> bool:
        """Return whether the network has every node and state of a check."""
        try:
            for conditions in (*check.event.split("|"), check.given):
                list(self._codes(conditions))
        except SurveyError:
            return False
        return True

    def of(self, check: Check) -> Expected:
        """Return the model's answer to a check of a kind in `COMPARED`."""
        if check.kind == "adults":
            value, drawn = self._prior(check.event)
        elif check.kind == "risk":
            value, drawn = self._population()
            if check.given:
                (top, tops), (prior, priors) = self._share(check.given, ""), self._prior(check.given)
                value, drawn = value * top / prior, drawn * tops / priors
        elif check.kind == "excess":
            value, drawn = self._share(f"{check.event}; {check.given}", "")
        else:
            value, drawn = self._share(check.event, check.given)
        return Expected(float(value), drawn)

    def _share(self, event: str, given: str) -> tuple[float, Array]:
        """Return P(event | given, low count)."""
        whole, wholes = self._total(given)
        top, tops = 0.0, np.zeros(self.points)
        for alternative in event.split("|"):
            value, drawn = self._total("; ".join(filter(None, (alternative.strip(), given))))
            top, tops = top + value, tops + drawn
        return top / whole, tops / wholes

    def _total(self, conditions: str) -> tuple[float, Array]:
        """Return P(conditions, low count); zero where they contradict each other."""
        entries = set(self._codes(conditions))
        if len({node for node, _ in entries}) < len(entries):
            return 0.0, np.zeros(self.points)
        key = frozenset(entries)
        if key not in self._known:
            hard = dict(sorted(entries))  # a set has another order in each run, and sums another last digit
            drawn = self.prepared.engine.solve(hard).total if self.prepared else np.zeros(0)
            self._known[key] = self.model.engine.solve(hard, {}).total, drawn
        return self._known[key]

    def _codes(self, conditions: str) -> Iterator[tuple[str, int]]:
        for condition in filter(None, (part.strip() for part in conditions.split(";"))):
            node, _, state = condition.partition("=")
            known = self.model.network.by_id.get(node)
            if known is None or state not in known.states:
                raise SurveyError(f"checks.csv: {condition!r} is not a node and one of its states.")
            yield node, known.states.index(state)

    def _prior(self, conditions: str) -> tuple[float, Array]:
        """Return P(states of contexts) in the whole population."""
        codes = dict(self._codes(conditions))
        own = _of_contexts(self.model.network, codes)
        drawn = _of_contexts(self.prepared.batch.network, codes) if self.prepared else np.zeros(0)
        return float(own), np.broadcast_to(drawn, (self.points,))

    def _population(self) -> tuple[float, Array]:
        """Return the share of adults with the count: the model's own number, not an answer of the network."""
        (record,) = RecordIndex(self.model.knowledge, self.model.setting).of("population")
        value = self.model.overridden.get(record.id, record.value)
        assert value is not None
        return value, self.prepared.batch.numbers[record.id] if self.prepared else np.zeros(0)


def _of_contexts(network: Network, codes: Mapping[str, int]) -> Array:
    """Return P(contexts in these states) in the whole population, any leading axis of draws."""
    contexts = {node.id: node for node in network.contexts}
    unknown = [node for node in codes if node not in contexts]
    if unknown:
        raise SurveyError(f"checks.csv: {unknown[0]!r} must be a context, for it is asked of all adults.")
    needed = set(codes)
    for node in reversed(network.contexts):
        if node.id in needed:
            needed |= {*node.parents}
    tables = {name: (node.parents, node.table) for name, node in contexts.items() if name in needed}
    grid = context_grid(tables, list(tables))
    inside = np.all([grid.codes[:, grid.joint.index(node)] == code for node, code in codes.items()], axis=0)
    return grid.probabilities[..., inside].sum(-1)
