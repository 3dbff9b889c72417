"""The model people load: one setting, one reading of the words, calibrated and compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from model.assembly import CalibratedNetwork, assemble
from model.evidence import read_evidence
from model.inference import Engine
from model.knowledge import Knowledge, load_knowledge
from model.network import Network
from model.plug_in import plug_in
from model.posterior import Posterior
from model.scope import UNCHECKED, check_scope

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.models import DiscreteBayesianNetwork

    from model.conflict import Conflict
    from model.explanation import Explanation
    from model.relevant_explanation import RelevantExplanations
    from model.reliance import Reliance
    from model.same_decision import SameDecision
    from model.sensitivity import OneWay
    from model.swap_reader import SwappedReaders
    from model.two_way import TwoWay
    from model.uncertainty import Intervals
    from model.value_of_information import NextTests
    from model.what_if import Change, WhatIf

DEFAULT_SETTING = "article"
Entered = Mapping[str, Any] | None  # as typed: {node: state | "number unit" | number | {state: likelihood}}


@dataclass(frozen=True, eq=False)
class DiagnosticModel:
    """A calibrated network and the knowledge it was made from. Immutable; safe to share between threads."""

    knowledge: Knowledge
    setting: str
    scale: str
    calibrated: CalibratedNetwork
    engine: Engine
    overridden: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] | None = None

    @property
    def network(self) -> Network:
        """The network as plain tables."""
        return self.calibrated.network

    @cached_property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with any number, the setting or the reading of the words."""
        changed = sorted({**self.overridden, **(self.shares or {})}.items())
        text = f"{self.knowledge.digest}/{self.setting}/{self.scale}/{changed}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def posterior(self, evidence: Entered = None, outside: str = "refuse", *, scope: bool = True) -> Posterior:
        """Return the posterior of one patient.

        evidence : ``{node: state | "number unit" | number | {state: likelihood}}``; a missing key is *not assessed*.
            Guard nodes (anc, age, sex, chemotherapy, blasts) go in the same mapping.
        outside  : "refuse", or "allow" for a count of 500-999, which is then marked in `scope`.
        scope    : False switches the scope guard off; for validation on published cases only.
        raises   : EvidenceError, OutOfScope, ImpossibleEvidence.
        """
        entered = read_evidence(self.knowledge, evidence or {})
        guard = check_scope(self.knowledge, entered, outside) if scope else UNCHECKED
        solution = self.engine.possible(entered.hard, entered.soft)
        return Posterior(self.setting, self.hash, guard, entered, self.engine, solution)

    def override(self, numbers: Mapping[str, float]) -> DiagnosticModel:
        """Return the same model with some plug-in values replaced and everything calibrated anew.

        numbers : record id -> value as stated (background included); shares read from an order cannot be replaced
        raises  : KnowledgeError for an unknown id or an impossible value, CalibrationError when no priors fit.
        """
        return self._rebuilt({**self.overridden, **numbers}, self.shares)

    def with_shares(self, shares: Mapping[str, float]) -> DiagnosticModel:
        """Return the same model under other shares of the six causes, summing to one: another reading of the order."""
        return self._rebuilt(self.overridden, shares)

    def _rebuilt(self, numbers: Mapping[str, float], shares: Mapping[str, float] | None) -> DiagnosticModel:
        stated, as_read = plug_in(self.knowledge, self.setting, self.scale, numbers)
        calibrated = assemble(self.knowledge, self.setting, stated, shares or as_read, numbers)
        return replace(
            self,
            calibrated=calibrated,
            engine=Engine(calibrated.network),
            overridden=MappingProxyType(dict(numbers)),
            shares=None if shares is None else MappingProxyType(dict(shares)),
        )

    def posterior_batch(self, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True) -> pd.DataFrame:
        """Return p_<cause> for every row of `frame`, with `scope` and `scope_reason`, on the same index.

        frame  : columns are node ids, blank cells are *not assessed*; other columns are ignored.
        raises : TableError when no column is a node. Refused or unreadable rows have empty p_* and the reason.
        Cost: linear in the rows, memory bounded by a chunk.
        """
        from model.patient_table import posterior_batch

        return posterior_batch(self.knowledge, self.engine, frame, outside, scope=scope)

    def intervals(
        self, evidence: Entered, draws: int = 2000, seed: int = 0, *, outside: str = "refuse", scope: bool = True
    ) -> Intervals:
        """Return plug-in, 5 %, 95 % and the share of draws in which each cause leads. See ``model.uncertainty``."""
        from model.uncertainty import intervals

        return intervals(self, self.posterior(evidence, outside, scope=scope), draws, seed)

    def one_way(self, evidence: Entered, cause: str, *, outside: str = "refuse", scope: bool = True) -> OneWay:
        """Return what each number does to one cause over its own interval. See ``model.sensitivity``."""
        from model.sensitivity import one_way

        return one_way(self, self.posterior(evidence, outside, scope=scope), cause)

    def two_way(
        self, evidence: Entered, cause: str, a: str, b: str, *, outside: str = "refuse", scope: bool = True
    ) -> TwoWay:
        """Return the posterior of one cause over two numbers. See ``model.two_way``."""
        from model.two_way import two_way

        return two_way(self, self.posterior(evidence, outside, scope=scope), cause, a, b)

    def reliance(
        self, evidence: Entered, cause: str, by: str = "claim", *, outside: str = "refuse", scope: bool = True
    ) -> Reliance:
        """Return what part of the uncertainty rests on each claim, source, grade or kind. See ``model.reliance``."""
        from model.reliance import reliance

        return reliance(self, self.posterior(evidence, outside, scope=scope), cause, by)

    def swap_reader(self, evidence: Entered, *, outside: str = "refuse", scope: bool = True) -> SwappedReaders:
        """Return what other readers of the article would answer. See ``model.swap_reader``."""
        from model.swap_reader import swap_reader

        return swap_reader(self, self.posterior(evidence, outside, scope=scope))

    def explain(self, evidence: Entered, cause: str, **options: Any) -> Explanation:
        """Return what each entry contributes, in decibans that add up. See ``model.explanation``."""
        from model.explanation import explain

        return explain(self, evidence or {}, cause, **options)

    def conflict(self, evidence: Entered, **options: Any) -> Conflict:
        """Return how well the entries fit together. See ``model.conflict``."""
        from model.conflict import conflict

        return conflict(self, evidence or {}, **options)

    def most_relevant(self, evidence: Entered, n: int = 5, **options: Any) -> RelevantExplanations:
        """Return the explanations with the largest generalized Bayes factor. See ``model.relevant_explanation``."""
        from model.relevant_explanation import most_relevant

        return most_relevant(self, evidence or {}, n, **options)

    def next_tests(
        self, evidence: Entered, cause: str | None = None, costs: Mapping[str, float] | None = None, **options: Any
    ) -> NextTests:
        """Return what every open question, test and panel is worth. See ``model.value_of_information``."""
        from model.value_of_information import next_tests

        return next_tests(self, evidence, cause, costs, **options)

    def same_decision(
        self, evidence: Entered, panel: str | Sequence[str] | None = None, **options: Any
    ) -> SameDecision:
        """Return the probability that the leader stays after more tests. See ``model.same_decision``."""
        from model.same_decision import same_decision

        return same_decision(self, evidence, panel, **options)

    def what_if(self, evidence: Entered, change: Change, **options: Any) -> WhatIf:
        """Answer See, Retract, Do or ButFor: four different questions. See ``model.what_if``."""
        from model.what_if import what_if

        return what_if(self, evidence or {}, change, **options)

    def simulate(self, n: int, seed: int = 0) -> pd.DataFrame:
        """Return patients drawn from the model, given a low count. See ``model.simulation``."""
        from model.simulation import simulate

        return simulate(self, n, seed)

    def to_pgmpy(self) -> DiscreteBayesianNetwork:
        """Return the whole network, mechanisms and selection node included, as a checked pgmpy network.

        Condition it on ``neutropenia=yes``: every posterior here is.
        """
        from model.exchange import to_pgmpy

        return to_pgmpy(self.network)


def load(setting: str = DEFAULT_SETTING, scale: str | None = None, folder: Path | None = None) -> DiagnosticModel:
    """Load, calibrate and compile the model of one setting. The same arguments return the same object.

    setting : a row of ``data/settings.csv``
    scale   : a verbal scale of ``data/verbal_scales.csv``; default the first one there
    folder  : other tables than the ones that travel with the package
    raises  : KnowledgeError, CalibrationError.
    """
    knowledge = load_knowledge(folder)
    return _load(setting, scale or knowledge.default_scale, folder)


@lru_cache(maxsize=32)
def _load(setting: str, scale: str, folder: Path | None) -> DiagnosticModel:
    knowledge = load_knowledge(folder)
    stated, shares = plug_in(knowledge, setting, scale)
    calibrated = assemble(knowledge, setting, stated, shares)
    return DiagnosticModel(knowledge, setting, scale, calibrated, Engine(calibrated.network))
