"""The model people load: a calibrated model with a method for each analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.calibrated_model import CalibratedModel, Entered

if TYPE_CHECKING:
    import pandas as pd

    from model.decision.article_order import ArticleOrder
    from model.decision.same_decision import SameDecision
    from model.decision.value_of_information import NextTests
    from model.explanation.conflict import Conflict
    from model.explanation.relevant_explanation import RelevantExplanations
    from model.explanation.weights import Explanation
    from model.explanation.what_if import Change, WhatIf
    from model.sensitivity.curves import TwoWay
    from model.sensitivity.differential import Differential
    from model.sensitivity.literature import LiteratureAgainstArticle
    from model.sensitivity.one_way import OneWay
    from model.sensitivity.reliance import Reliance
    from model.sensitivity.swap_reader import SwappedReaders
    from model.sensitivity.uncertainty import Intervals


@dataclass(frozen=True, eq=False, repr=False)
class DiagnosticModel(CalibratedModel):
    """A calibrated network, the knowledge it was made from, and every analysis as a method.

    Immutable; safe to share between threads. Each method hands over to the module named after the analysis, where its
    definition, unit, reference and cost are.
    """

    def posterior_batch(self, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True) -> pd.DataFrame:
        """Return p_<cause> for every row of `frame`, with `scope` and `scope_reason`, on the same index.

        frame  : columns are node ids, blank cells are *not assessed*; other columns are ignored.
        raises : TableError when no column is a node. Refused or unreadable rows have empty p_* and the reason.
        Cost: linear in the rows, memory bounded by a chunk.
        """
        from model.cohort.patient_table import posterior_batch

        return posterior_batch(self, frame, outside, scope=scope)

    def intervals(
        self, evidence: Entered, draws: int = 2000, seed: int = 0, *, outside: str = "refuse", scope: bool = True
    ) -> Intervals:
        """Return plug-in, 5 %, 95 % and the share of draws in which each cause leads.

        See ``model.sensitivity.uncertainty``.
        """
        from model.sensitivity.uncertainty import intervals

        return intervals(self, self.posterior(evidence, outside, scope=scope), draws, seed)

    def differential(self, evidence: Entered, *, outside: str = "refuse", scope: bool = True) -> Differential:
        """Return posteriors, each entry's retraction, and the derivative for every number. See
        ``model.sensitivity.differential``."""
        from model.sensitivity.differential import differential

        return differential(self, self.posterior(evidence, outside, scope=scope))

    def one_way(self, evidence: Entered, cause: str, *, outside: str = "refuse", scope: bool = True) -> OneWay:
        """Return what each number does to one cause over its own interval. See ``model.sensitivity.one_way``."""
        from model.sensitivity.one_way import one_way

        return one_way(self, self.posterior(evidence, outside, scope=scope), cause)

    def two_way(
        self,
        evidence: Entered,
        cause: str,
        a: str,
        b: str,
        points: int = 21,
        *,
        outside: str = "refuse",
        scope: bool = True,
    ) -> TwoWay:
        """Return the posterior of one cause over two numbers. See ``model.sensitivity.curves``."""
        from model.sensitivity.curves import two_way

        return two_way(self, self.posterior(evidence, outside, scope=scope), cause, a, b, points)

    def reliance(
        self,
        evidence: Entered,
        cause: str,
        by: str = "claim",
        *,
        outside: str = "refuse",
        scope: bool = True,
        **options: Any,
    ) -> Reliance:
        """Return what part of the uncertainty rests on each claim, source, grade or kind.

        See ``model.sensitivity.reliance``.
        """
        from model.sensitivity.reliance import reliance

        return reliance(self, self.posterior(evidence, outside, scope=scope), cause, by, **options)

    def swap_reader(self, evidence: Entered, *, outside: str = "refuse", scope: bool = True) -> SwappedReaders:
        """Return what other readers of the article would answer. See ``model.sensitivity.swap_reader``."""
        from model.sensitivity.swap_reader import swap_reader

        return swap_reader(self, self.posterior(evidence, outside, scope=scope))

    def literature(
        self, evidence: Entered, *, ends: bool = True, outside: str = "refuse", scope: bool = True
    ) -> LiteratureAgainstArticle:
        """Return the answer under each better figure of the literature. See ``model.sensitivity.literature``."""
        from model.sensitivity.literature import literature_against_article

        return literature_against_article(self, self.posterior(evidence, outside, scope=scope), ends=ends)

    def explain(self, evidence: Entered, cause: str, **options: Any) -> Explanation:
        """Return what each entry contributes, in decibans that add up. See ``model.explanation.weights``."""
        from model.explanation.weights import explain

        return explain(self, {} if evidence is None else evidence, cause, **options)

    def conflict(self, evidence: Entered, **options: Any) -> Conflict:
        """Return how well the entries fit together. See ``model.explanation.conflict``."""
        from model.explanation.conflict import conflict

        return conflict(self, {} if evidence is None else evidence, **options)

    def most_relevant(
        self, evidence: Entered, n: int = 5, *, absences: bool = False, least: float = 0.01, **options: Any
    ) -> RelevantExplanations:
        """Return the explanations with the largest generalized Bayes factor.

        See ``model.explanation.relevant_explanation``.

        absences : also explanations that state a cause is absent; exact too, but rarely what a reader asks for
        least    : leave out explanations less probable than this; 0 keeps every one, however improbable
        """
        from model.explanation.relevant_explanation import most_relevant

        return most_relevant(self, {} if evidence is None else evidence, n, absences=absences, least=least, **options)

    def next_tests(
        self, evidence: Entered, cause: str | None = None, costs: Mapping[str, float] | None = None, **options: Any
    ) -> NextTests:
        """Return what every open question, test and panel is worth. See ``model.decision.value_of_information``."""
        from model.decision.value_of_information import next_tests

        return next_tests(self, evidence, cause, costs, **options)

    def same_decision(
        self, evidence: Entered, panel: str | Sequence[str] | None = None, **options: Any
    ) -> SameDecision:
        """Return the probability that the leader stays after more tests. See ``model.decision.same_decision``."""
        from model.decision.same_decision import same_decision

        return same_decision(self, evidence, panel, **options)

    def article_order(self, evidence: Entered, **options: Any) -> ArticleOrder:
        """Return the article's own clinical approach beside the computed order.

        See ``model.decision.article_order``.
        """
        from model.decision.article_order import article_order

        return article_order(self, evidence, **options)

    def what_if(self, evidence: Entered, change: Change, **options: Any) -> WhatIf:
        """Answer See, Retract, Do or ButFor: four different questions. See ``model.explanation.what_if``."""
        from model.explanation.what_if import what_if

        return what_if(self, {} if evidence is None else evidence, change, **options)

    def simulate(self, n: int, seed: int = 0) -> pd.DataFrame:
        """Return patients drawn from the model, given a low count. See ``model.cohort.simulation``."""
        from model.cohort.simulation import simulate

        return simulate(self, n, seed)


load = DiagnosticModel.load
