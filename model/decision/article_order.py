"""The article's own clinical approach, step by step, beside the order that the numbers give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from model.decision.burden import decision_rule, read_burdens
from model.decision.outcomes import Outcomes, Tests
from model.decision.worth import SAMPLES, Worth, best_test, preference, worth_of_each, worth_of_sets
from model.knowledge.load import Knowledge
from model.knowledge.rows import Guidance

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel
    from model.posterior import Posterior


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the article and what it is worth in this patient.

    open    : its tests that are not answered and can be had now;  answered : how many of its nodes are answered
    worth   : of its open tests done together; None when none is open;  burden : theirs;  net : value - rate * burden
    article : its place among the open steps, 1 is first, None when nothing is open;  computed : the same by its worth
    verdict : agreement or difference, one sentence
    """

    guidance: Guidance
    open: Tests
    answered: int
    worth: Worth | None
    burden: float
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
        import pandas as pd

        nan = float("nan")
        return pd.DataFrame(
            {
                "step": [step.guidance.step for step in self.steps],
                "claim": [step.guidance.claim for step in self.steps],
                "open": [";".join(step.open) for step in self.steps],
                "answered": [step.answered for step in self.steps],
                "information": [step.worth.information if step.worth else nan for step in self.steps],
                "value": [step.worth.value if step.worth else nan for step in self.steps],
                "change": [step.worth.change if step.worth else nan for step in self.steps],
                "burden": [step.burden for step in self.steps],
                "net": [step.net for step in self.steps],
                "article": pd.array([step.article for step in self.steps], "Int64"),
                "computed": pd.array([step.computed for step in self.steps], "Int64"),
                "verdict": [step.verdict for step in self.steps],
                "action": [step.guidance.action for step in self.steps],
                "safety": [step.guidance.safety for step in self.steps],
            }
        )


def article_order(
    model: CalibratedModel,
    answer: Posterior,
    *,
    costs: Mapping[str, float] | None = None,
    burden_worth: float | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> ArticleOrder:
    """Return the steps of ``data/guidance.csv`` (claims K1-K8, D1, D5, N1) beside the order of their worth.

    A step is one test whose result is the joint result of its open tests; steps are ordered as ``next_tests`` orders
    tests. Safety lines belong to the steps and hold whatever the numbers say. Arguments as in ``next_tests``.
    Cost: a pass of the engine for each joint result within a block; about 40 ms with nothing entered.
    """
    outcomes = Outcomes.of(answer)
    burdens = read_burdens(model.knowledge, costs)
    rate = decision_rule(model.knowledge, "burden_worth").value if burden_worth is None else burden_worth
    now = [test for test in outcomes.unanswered if test not in burdens.later]
    tests = [tuple(test for test in now if test in guidance.nodes) for guidance in model.knowledge.guidance]
    distinct = list(dict.fromkeys(asked for asked in tests if asked))
    worth = dict(zip(distinct, worth_of_sets(outcomes, distinct, samples=samples, seed=seed), strict=True))
    keys = []
    for place, asked in enumerate(tests):
        if asked:
            burden = burdens.of(asked)
            keys.append((place, preference(worth[asked].value - rate * burden, worth[asked].information, burden)))
    computed = {place: rank for rank, (place, _) in enumerate(sorted(keys, key=lambda key: key[1], reverse=True), 1)}
    article = {place: rank for rank, (place, _) in enumerate(keys, 1)}
    steps = []
    for place, (guidance, asked) in enumerate(zip(model.knowledge.guidance, tests, strict=True)):
        burden = burdens.of(asked)
        value = worth[asked] if asked else None
        verdict = _verdict(guidance, burdens.later, article.get(place), computed.get(place), len(article))
        answered = sum(node in outcomes.hard or node in outcomes.soft for node in guidance.nodes)
        net = value.value - rate * burden if value else float("nan")
        ranks = article.get(place), computed.get(place)
        steps.append(Step(guidance, asked, answered, value, burden, net, *ranks, verdict))
    best = best_test(worth_of_each(outcomes, now), burdens, rate)
    first = next((step for step in steps if step.open), None)
    agrees = None if first is None else best in first.open
    return ArticleOrder(
        tuple(steps), first.guidance.step if first else None, best, agrees, kendall_tau(article, computed),
        _sentence(model.knowledge, first, best),
    )  # fmt: skip


def first_step(knowledge: Knowledge) -> dict[str, str]:
    """Return, for each node the article's approach asks for, the first step that does."""
    found: dict[str, str] = {}
    for guidance in knowledge.guidance:
        for node in guidance.nodes:
            found.setdefault(node, guidance.step)
    return found


def kendall_tau(one: Mapping[int, int], other: Mapping[int, int]) -> float:
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
    step = f"the article's next step ({claim}: {first.guidance.step.replace('_', ' ')})"
    if best in first.open:
        return f"Agreement: the test to do first by the numbers, {label}, belongs to {step}."
    home = first_step(knowledge).get(best)
    where = f"the article asks for it later, at {home.replace('_', ' ')}" if home else "the article does not ask for it"
    return f"Difference: the test to do first by the numbers is {label}; {where}. It does not belong to {step}."
