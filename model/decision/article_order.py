"""The article's own clinical approach, step by step, beside the order that the numbers give.

>>> same, one_swap, reversed_order = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 3, "c": 2}, {"a": 3, "b": 2, "c": 1}
>>> kendall_tau(same, same), round(kendall_tau(same, one_swap), 3), kendall_tau(same, reversed_order)
(1.0, 0.333, -1.0)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from model.calibrated_model import CalibratedModel
from model.decision.cost import read_costs
from model.decision.outcomes import Outcomes, Tests
from model.decision.worth import SAMPLES, Worth, priority, worth_of_each, worth_of_sets
from model.knowledge import Guidance, Knowledge
from model.late import pd
from model.posterior import Posterior
from model.wording import words_of


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the article and what it is worth in this patient.

    open    : its tests that are not answered and can be had now;  answered : how many of its nodes are answered
    worth   : of its open tests done together; None when none is open
    cost    : theirs;  net : value less what that cost counts for, as in ``Costs.net``
    article : its place among the open steps, 1 is first, None when nothing is open;  computed : the same by its worth
    verdict : agreement or difference, one sentence
    """

    guidance: Guidance
    open: Tests
    answered: int
    worth: Worth | None
    cost: float
    net: float
    article: int | None
    computed: int | None
    verdict: str


@dataclass(frozen=True, eq=False)
class ArticleOrder:
    """The steps in the article's order.

    next_step : the article's first step with an open test
    best_test : the single test to do first by the numbers, as in ``next_tests``
    agrees    : True when that test belongs to that step; None when nothing is open
    tau       : Kendall's tau of the two orders of the open steps: 1 the same, -1 reversed; nan below two steps
    sentence  : the agreement or difference in words
    """

    steps: tuple[Step, ...]
    next_step: str | None
    best_test: str | None
    agrees: bool | None
    tau: float
    sentence: str

    @property
    def table(self) -> pd.DataFrame:
        """One row a step, in the article's order."""
        nan = float("nan")
        rows = [
            {
                "step": step.guidance.step,
                "claim": step.guidance.claim,
                "open": ";".join(step.open),
                "answered": step.answered,
                "information": step.worth.information if step.worth else nan,
                "value": step.worth.value if step.worth else nan,
                "change": step.worth.change if step.worth else nan,
                "cost": step.cost,
                "net": step.net,
                "article": step.article,
                "computed": step.computed,
                "verdict": step.verdict,
                "action": step.guidance.action,
                "safety": step.guidance.safety,
            }
            for step in self.steps
        ]
        return pd.DataFrame(rows).astype({"article": "Int64", "computed": "Int64"})


def article_order(
    model: CalibratedModel,
    answer: Posterior,
    *,
    costs: Mapping[str, float] | None = None,
    cost_worth: float | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> ArticleOrder:
    """Return the steps of ``data/guidance.csv`` (claims K1-K8, D1, D5, N1) beside the order of their worth.

    A step is one test whose result is the joint result of its open tests; steps are ordered as ``next_tests`` orders
    tests. Safety lines belong to the steps and hold whatever the numbers say. Arguments as in ``next_tests``.
    Cost: a pass of the engine for each joint result within a block; about 40 ms with nothing entered.
    """
    outcomes = Outcomes.of(answer)
    all_costs = read_costs(model.knowledge, costs, cost_worth)
    now = [test for test in outcomes.unanswered if test not in all_costs.later]
    asked = [tuple(test for test in now if test in guidance.nodes) for guidance in model.knowledge.guidance]
    distinct = list(dict.fromkeys(tests for tests in asked if tests))
    worth = dict(zip(distinct, worth_of_sets(outcomes, distinct, samples=samples, seed=seed), strict=True))
    places = [place for place, tests in enumerate(asked) if tests]
    best_first = sorted(places, key=lambda place: priority(worth[asked[place]], asked[place], all_costs), reverse=True)
    article = {place: rank for rank, place in enumerate(places, 1)}
    computed = {place: rank for rank, place in enumerate(best_first, 1)}
    steps = tuple(
        Step(
            guidance,
            tests,
            answered=sum(node in outcomes.hard or node in outcomes.soft for node in guidance.nodes),
            worth=worth.get(tests),
            cost=all_costs.of(tests),
            net=all_costs.net(worth[tests].value, tests) if tests else float("nan"),
            article=article.get(place),
            computed=computed.get(place),
            verdict=_verdict(guidance, all_costs.later, article.get(place), computed.get(place), len(article)),
        )
        for place, (guidance, tests) in enumerate(zip(model.knowledge.guidance, asked, strict=True))
    )
    alone = worth_of_each(outcomes, now)
    best = max(alone, key=lambda test: priority(alone[test], (test,), all_costs), default=None)
    first = next((step for step in steps if step.open), None)
    return ArticleOrder(
        steps,
        next_step=first.guidance.step if first else None,
        best_test=best,
        agrees=best in first.open if first else None,
        tau=kendall_tau(article, computed),
        sentence=_sentence(model.knowledge, first, best),
    )


def first_step(knowledge: Knowledge) -> dict[str, str]:
    """Return, for each node the article's approach asks for, the first step that does."""
    found: dict[str, str] = {}
    for guidance in knowledge.guidance:
        for node in guidance.nodes:
            found.setdefault(node, guidance.step)
    return found


def kendall_tau(one: Mapping[Any, int], other: Mapping[Any, int]) -> float:
    """Return (agreeing - disagreeing pairs) / pairs of two rankings of the same things without ties (Kendall 1938)."""
    pairs = list(combinations(one, 2))
    agreeing = sum((one[a] - one[b]) * (other[a] - other[b]) > 0 for a, b in pairs)
    return (2 * agreeing - len(pairs)) / len(pairs) if pairs else float("nan")


def _verdict(guidance: Guidance, later: frozenset[str], article: int | None, computed: int | None, steps: int) -> str:
    """Return agreement or difference of one step in a sentence."""
    if article is None or computed is None:
        if later & set(guidance.nodes):
            return "Nothing left to ask now; the rest is known only at follow-up."
        return "Everything here is answered."
    if article == computed:
        return f"Agreement: number {article} of {steps} open steps in both orders."
    sooner = "sooner" if computed < article else "later"
    return f"Difference: number {article} of {steps} in the article, number {computed} by the numbers, so {sooner}."


def _sentence(knowledge: Knowledge, first: Step | None, best: str | None) -> str:
    if first is None or best is None:
        return "Nothing that can be had now is left to ask, in the article or by the numbers."
    label, claim = knowledge.nodes[best].label, first.guidance.claim.replace(";", ", ")
    step = f"the article's next step ({claim}: {words_of(first.guidance.step)})"
    if best in first.open:
        return f"Agreement: the test to do first by the numbers, {label}, belongs to {step}."
    home = first_step(knowledge).get(best)
    where = f"the article asks for it later, at {words_of(home)}" if home else "the article does not ask for it"
    return f"Difference: the test to do first by the numbers is {label}; {where}. It does not belong to {step}."
