"""The model people load: a calibrated model with a method for each analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.calibrated_model import CalibratedModel, Entered
from model.posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd

    from model.decision import ArticleOrder, NextTests, SameDecision
    from model.explanation import Conflict, Explanation, ExposuresWeighed, RelevantExplanations, WhatIf
    from model.explanation.what_if import Change
    from model.sensitivity import OneWay
    from model.sensitivity.curves import TwoWay
    from model.sensitivity.differential import Differential
    from model.sensitivity.literature import LiteratureAgainstArticle
    from model.sensitivity.reliance import Reliance
    from model.sensitivity.swap_reader import SwappedReaders
    from model.sensitivity.uncertainty import Intervals

Asked = Entered | Posterior  # what is known of a patient, or an answer already given


@dataclass(frozen=True, eq=False, repr=False)
class DiagnosticModel(CalibratedModel):
    """A calibrated network, the knowledge it was made from, and every analysis as a method.

    Immutable; safe to share between threads. Each method hands over to the function of the same name, where its
    definition, unit, reference and cost are, and takes

        evidence       : as ``posterior`` takes it, or a posterior of this model, so that nothing is computed twice
        outside, scope : the scope guard, as in ``posterior``; nothing to a posterior that is handed in
    """

    def posterior_batch(self, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True) -> pd.DataFrame:
        """Return p_<cause> for every row of `frame`, with `scope` and `scope_reason`, on the same index.

        frame  : columns are nodes or laboratory names, with or without a unit; blank cells are *not assessed*. What was
                 read, what was not and what else to know stand in ``attrs`` of the result: read, not_read, warnings.
        raises : TableError when no column is a node, or one looks like a node and cannot be read. Refused or
                 unreadable rows have empty p_* and the reason.
        Cost: linear in the rows, memory bounded by a chunk.
        """
        from model.cohort.patient_table import posterior_batch

        return posterior_batch(self, frame, outside, scope=scope)

    def _answer(self, evidence: Asked, outside: str, scope: bool) -> Posterior:
        return evidence if isinstance(evidence, Posterior) else self.posterior(evidence, outside, scope=scope)

    def intervals(
        self, evidence: Asked, draws: int = 2000, seed: int = 0, *, outside: str = "refuse", scope: bool = True
    ) -> Intervals:
        """Return plug-in, 5 %, 95 % and the share of draws in which each cause leads: the second-order interval."""
        from model.sensitivity import intervals

        return intervals(self, self._answer(evidence, outside, scope), draws, seed)

    def differential(self, evidence: Asked, *, outside: str = "refuse", scope: bool = True) -> Differential:
        """Return posteriors, each entry's retraction, and the derivative for every number."""
        from model.sensitivity.differential import differential

        return differential(self, self._answer(evidence, outside, scope))

    def one_way(self, evidence: Asked, cause: str, *, outside: str = "refuse", scope: bool = True) -> OneWay:
        """Return what each number does to one cause over its own interval."""
        from model.sensitivity import one_way

        return one_way(self, self._answer(evidence, outside, scope), cause)

    def two_way(
        self, evidence: Asked, cause: str, a: str, b: str, points: int = 21, *, outside: str = "refuse",
        scope: bool = True,
    ) -> TwoWay:  # fmt: skip
        """Return the posterior of one cause over two numbers."""
        from model.sensitivity import two_way

        return two_way(self, self._answer(evidence, outside, scope), cause, a, b, points)

    def reliance(
        self, evidence: Asked, cause: str, by: str = "claim", *, outside: str = "refuse", scope: bool = True,
        **options: Any,
    ) -> Reliance:  # fmt: skip
        """Return what part of the uncertainty rests on each claim, source, grade or kind: Sobol indices of groups."""
        from model.sensitivity.reliance import reliance

        return reliance(self, self._answer(evidence, outside, scope), cause, by, **options)

    def swap_reader(self, evidence: Asked, *, outside: str = "refuse", scope: bool = True) -> SwappedReaders:
        """Return what other readers of the article would answer."""
        from model.sensitivity.swap_reader import swap_reader

        return swap_reader(self, self._answer(evidence, outside, scope))

    def literature(
        self, evidence: Asked, *, ends: bool = True, outside: str = "refuse", scope: bool = True
    ) -> LiteratureAgainstArticle:
        """Return the answer under each better figure of the literature."""
        from model.sensitivity.literature import literature_against_article

        return literature_against_article(self, self._answer(evidence, outside, scope), ends=ends)

    def explain(
        self, evidence: Asked, cause: str, *, outside: str = "refuse", scope: bool = True, **options: Any
    ) -> Explanation:
        """Return what each entry contributes, in decibans that add up."""
        from model.explanation import explain

        return explain(self, self._answer(evidence, outside, scope), cause, **options)

    def conflict(self, evidence: Asked, *, outside: str = "refuse", scope: bool = True, **options: Any) -> Conflict:
        """Return how well the entries fit together."""
        from model.explanation import conflict

        return conflict(self, self._answer(evidence, outside, scope), **options)

    def weigh_exposures(
        self, evidence: Asked, *, outside: str = "refuse", scope: bool = True
    ) -> ExposuresWeighed | None:
        """Return how known exposures of different causes are weighed, and the answer of their hazards alone."""
        from model.explanation import weigh_exposures

        return weigh_exposures(self, self._answer(evidence, outside, scope))

    def most_relevant(
        self, evidence: Asked, n: int = 5, *, absences: bool = False, least: float = 0.01, outside: str = "refuse",
        scope: bool = True, **options: Any,
    ) -> RelevantExplanations:  # fmt: skip
        """Return the explanations with the largest generalized Bayes factor.

        absences : also explanations that state a cause is absent; exact too, but rarely what a reader asks for
        least    : leave out explanations less probable than this; 0 keeps every one, however improbable
        """
        from model.explanation import most_relevant

        answer = self._answer(evidence, outside, scope)
        return most_relevant(self, answer, n, absences=absences, least=least, **options)

    def what_if(self, evidence: Asked, change: Change, *, outside: str = "refuse", scope: bool = True) -> WhatIf:
        """Answer See, Retract, Do or ButFor of ``model.explanation``: four different questions."""
        from model.explanation import what_if

        return what_if(self, self._answer(evidence, outside, scope), change)

    def next_tests(
        self, evidence: Asked = None, cause: str | None = None, costs: Mapping[str, float] | None = None, *,
        outside: str = "refuse", scope: bool = True, **options: Any,
    ) -> NextTests:  # fmt: skip
        """Return what every open question, test and panel is worth: expected value of information."""
        from model.decision import next_tests

        return next_tests(self, self._answer(evidence, outside, scope), cause, costs, **options)

    def same_decision(
        self, evidence: Asked = None, panel: str | Sequence[str] | None = None, *, outside: str = "refuse",
        scope: bool = True, **options: Any,
    ) -> SameDecision:  # fmt: skip
        """Return the probability that the leader stays after more tests."""
        from model.decision import same_decision

        return same_decision(self, self._answer(evidence, outside, scope), panel, **options)

    def article_order(
        self, evidence: Asked = None, *, outside: str = "refuse", scope: bool = True, **options: Any
    ) -> ArticleOrder:
        """Return the article's own clinical approach beside the computed order."""
        from model.decision import article_order

        return article_order(self, self._answer(evidence, outside, scope), **options)

    def simulate(self, n: int, seed: int = 0) -> pd.DataFrame:
        """Return patients drawn from the model, given a low count."""
        from model.cohort import simulate

        return simulate(self, n, seed)


load = DiagnosticModel.load
