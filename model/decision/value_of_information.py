"""What to ask or test next: the information and the value of every unanswered question, test and panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from model.decision.article_order import first_step
from model.decision.burden import Burdens, decision_rule, read_burdens
from model.decision.cannot_miss import CannotMiss, cannot_miss
from model.decision.look_ahead import LookAhead, look_ahead
from model.decision.outcomes import Outcomes, Tests
from model.decision.stop_rule import Stop, stop_rule
from model.decision.worth import SAMPLES, Worth, best_test, per_burden, preference, worth_of_each, worth_of_sets

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel
    from model.posterior import Posterior

LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class NextTest:
    """One line: a question, a test or a panel, and what it is worth here.

    kind       : context (a question about circumstances), finding, or panel;  tests : what it consists of
    burden     : in blood draws (``data/test_costs.csv``);  net : worth.value - burden at its exchange rate
    if_no      : P(the cause leading now is acting | the first state: absent, none, normal, new); nan for a panel
    if_yes     : the same given any other state;  p_yes : P(any other state | e)
    step       : the first step of the article's approach that asks for it, empty when none does
    step_next  : it is part of the article's next open step
    follow_up  : known only later, so never suggested now;  cannot_miss : kept on offer by the cannot-miss rule
    """

    test: str
    kind: str
    label: str
    tests: Tests
    worth: Worth
    burden: float
    net: float
    if_yes: float
    if_no: float
    p_yes: float
    step: str
    step_next: bool
    follow_up: bool
    cannot_miss: bool


FIELDS = tuple(each.name for each in fields(NextTest))
WORTH_FIELDS = tuple(each.name for each in fields(Worth))
DRAW_FIELDS = ("information_mean", "information_low", "information_high", "best_frequency")


@dataclass(frozen=True, eq=False)
class NextTests:
    """Every open test and panel, the one to do first at the top; those known only at follow-up at the end.

    leader, leads_now : the leading cause and P(it is acting | e)
    best        : the test, not a panel, to do first; None when nothing is open
    cannot_miss : the cause that must not be missed and its open tests; None when no rule names one
    rate        : what one unit of burden costs in probability of naming an acting cause: a preference, by default the
                  assumption `burden_worth` of ``data/decision_rules.csv``
    two_step    : pairs and plans of two tests, when asked for
    over_draws  : test -> (mean, 5 %, 95 % of its information, how often it is the best) over the models in `draws`
    """

    lines: tuple[NextTest, ...]
    leader: str
    leads_now: float
    best: str | None
    cannot_miss: CannotMiss | None
    rate: float
    two_step: LookAhead | None
    over_draws: Mapping[str, tuple[float, float, float, float]]
    labels: Mapping[str, str] = field(repr=False)
    enough: float = field(repr=False)
    outcomes: Outcomes = field(repr=False)

    def __repr__(self) -> str:
        leads = f"leader={self.leader} {self.leads_now:.3f}"
        return f"<NextTests {leads}, best={self.best}: {len(self.lines)} lines in .table>"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a line, indexed by test or panel: fields of NextTest and Worth. `information` in bits.

        `information_mean`, `_low` (5 %), `_high` (95 %) and `best_frequency` are there when draws were given.
        """
        import pandas as pd

        rows = []
        for line in self.lines:
            row = {name: getattr(line, name) for name in FIELDS if name != "worth"}
            row |= {name: getattr(line.worth, name) for name in WORTH_FIELDS}
            row |= {"per_burden": per_burden(line.worth.information, line.burden), "tests": ";".join(line.tests)}
            if self.over_draws:
                row |= dict(zip(DRAW_FIELDS, self.over_draws.get(line.test, (np.nan,) * 4), strict=True))
            rows.append(row)
        return pd.DataFrame(rows, columns=None if rows else ["test"]).set_index("test")

    @cached_property
    def results(self) -> pd.DataFrame:
        """One row for each result of each single test, indexed by (test, state).

        probability : P(result | e);  leader_probability : P(the cause leading now | e, result)
        leader, leads : which cause then leads, and its probability;  the other columns : P(each cause | e, result)
        """
        import pandas as pd

        causes = [cause.id for cause in self.outcomes.engine.network.causes]
        keys, rows = [], []
        for line in (line for line in self.lines if line.kind != "panel"):
            joint, probability = _joint(self.outcomes, line.test)
            after = joint / np.where(probability > 0, probability, np.nan)[:, None]
            states = self.outcomes.engine.network.by_id[line.test].states
            for state, p, posterior in zip(states, probability, after, strict=True):
                then = int(np.nan_to_num(posterior).argmax())
                keys.append((line.test, state))
                rows.append([p, posterior[self.outcomes.leader], causes[then], posterior[then], *posterior])
        index = pd.MultiIndex.from_tuples(keys, names=("test", "state")) if keys else None
        return pd.DataFrame(rows, index, ["probability", "leader_probability", "leader", "leads", *causes])

    @cached_property
    def stop(self) -> Stop:
        """Whether to stop here, and why; see ``stop_rule``. May cost a same-decision probability."""
        from model.decision.same_decision import decide, most_informative

        now = [line for line in self.lines if not line.follow_up]
        worth = [(line.test, line.worth.value, line.burden) for line in now]
        labels = dict(self.labels)
        if self.two_step is not None and self.two_step.plan is not None:
            plan = self.two_step.plan
            worth.append(("plan", plan.value, plan.burden))
            labels["plan"] = f"a plan of two tests that begins with {labels.get(plan.first, plan.first)}"
        single = frozenset(line.test for line in now if line.kind != "panel")
        return stop_rule(
            worth, self.cannot_miss, lambda: decide(self.outcomes, most_informative(self.outcomes, single)),
            self.enough, self.rate, labels,
        )  # fmt: skip


def next_tests(
    model: CalibratedModel,
    answer: Posterior,
    cause: str | None = None,
    costs: Mapping[str, float] | None = None,
    draws: Sequence[CalibratedModel] | None = None,
    *,
    two_step: bool = False,
    burden_worth: float | None = None,
    threshold: float | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> NextTests:
    """Return what every unanswered question, test and panel is worth in this patient.

    answer       : a posterior of `model`
    cause        : also give the information on the states of this one cause
    costs        : node or panel -> burden in blood draws, replacing that of the tables (a panel's: the shared part)
    draws        : models with other parameters; information and best test are averaged over them
    two_step     : also look two tests ahead
    burden_worth : what one blood draw costs in probability of naming an acting cause; default in decision_rules.csv
    threshold    : above this probability the tests on the cause not to be missed stay on offer; default as above
    samples, seed : for a panel too large to enumerate
    raises       : EvidenceError for an unknown cause or cost.

    Order: tests worth their burden first, by net value; then bits for their burden. Known only at follow-up: last.
    Cost: a pass of the engine a state, and one batch for all panels; two steps add a row for each result of each pair.
    """
    causes = [each.id for each in model.network.causes]
    if cause is not None:
        model.network.cause(cause)
    knowledge = model.knowledge
    outcomes = Outcomes.of(answer)
    burdens = read_burdens(knowledge, costs)
    rate = decision_rule(knowledge, "burden_worth").value if burden_worth is None else burden_worth
    now = tuple(test for test in outcomes.unanswered if test not in burdens.later)
    guarded = cannot_miss(outcomes, now, decision_rule(knowledge, "cannot_miss"), threshold)
    steps = first_step(knowledge)
    next_step = next((set(step.nodes) for step in knowledge.guidance if set(step.nodes) & set(now)), set())
    labels = {node.id: node.label for node in knowledge.nodes.values()}
    labels |= {panel.panel: panel.label for panel in knowledge.panels}
    panels = _panels(burdens, now)
    sets = worth_of_sets(outcomes, list(panels.values()), cause, samples, seed)
    found = [(test, (test,), worth) for test, worth in worth_of_each(outcomes, outcomes.unanswered, cause).items()]
    found += [(panel, tests, worth) for (panel, tests), worth in zip(panels.items(), sets, strict=True)]
    lines = []
    for test, tests, worth in found:
        burden = burdens.of(tests)
        if_yes, if_no, p_yes = _yes_no(outcomes, test) if test not in panels else (float("nan"),) * 3
        line = NextTest(
            test=test,
            kind="panel" if test in panels else model.knowledge.nodes[test].role,
            label=labels[test],
            tests=tests,
            worth=worth,
            burden=burden,
            net=worth.value - rate * burden,
            if_yes=if_yes,
            if_no=if_no,
            p_yes=p_yes,
            step=next((steps[node] for node in steps if node in tests), ""),
            step_next=bool(next_step & set(tests)),
            follow_up=test in burdens.later,
            cannot_miss=guarded is not None and bool(set(guarded.tests) & set(tests)),
        )
        lines.append(line)
    lines.sort(key=_last_first, reverse=True)
    return NextTests(
        tuple(lines), causes[outcomes.leader], float(outcomes.now[outcomes.leader]),
        next((line.test for line in lines if line.kind != "panel" and not line.follow_up), None),
        guarded, rate, look_ahead(outcomes, now, burdens, rate) if two_step else None,
        _over_draws(draws or (), outcomes, now, burdens, rate), labels,
        decision_rule(knowledge, "same_decision_enough").value, outcomes,
    )  # fmt: skip


def _last_first(line: NextTest) -> tuple:
    return not line.follow_up, *preference(line.net, line.worth.information, line.burden)


def _panels(burdens: Burdens, now: Tests) -> dict[str, Tests]:
    """Return the panels with at least two open tests, each set of tests once."""
    found: dict[str, Tests] = {}
    for panel in burdens.shared:
        tests = tuple(test for test in now if panel in burdens.panels_of[test])
        if len(tests) > 1 and tests not in found.values():
            found[panel] = tests
    return found


def _joint(outcomes: Outcomes, test: str) -> tuple[np.ndarray, np.ndarray]:
    """Return P(result, cause acting | e), (results, causes), and P(result | e)."""
    weighted = outcomes.given((test,)) * outcomes.p
    return weighted @ outcomes.acting, weighted.sum(1)


def _yes_no(outcomes: Outcomes, test: str) -> tuple[float, float, float]:
    """Return (P(leader | any but the first state), P(leader | first state), P(any but the first state))."""
    joint, probability = _joint(outcomes, test)
    no, yes = float(probability[0]), float(probability[1:].sum())
    leader = joint[:, outcomes.leader]
    return leader[1:].sum() / yes if yes > 0 else np.nan, leader[0] / no if no > 0 else np.nan, yes


def _over_draws(
    draws: Sequence[CalibratedModel], outcomes: Outcomes, now: Tests, burdens: Burdens, rate: float
) -> dict[str, tuple[float, float, float, float]]:
    """Return, per test, mean, 5 % and 95 % of its information over the draws, and how often it is the best."""
    bits, best = [], []
    for draw in draws:
        worth = worth_of_each(Outcomes(draw.engine, outcomes.hard, outcomes.soft), now)
        bits.append([each.information for each in worth.values()])
        best.append(best_test(worth, burdens, rate))
    if not bits or not now:
        return {}
    table = np.array(bits)
    low, high = np.quantile(table, (LOW, HIGH), axis=0).tolist()
    often = [best.count(test) / len(best) for test in now]
    return dict(zip(now, zip(table.mean(0).tolist(), low, high, often, strict=True), strict=True))
