"""What to ask or test next: expected value of information (Howard 1966) of every unanswered question, test and panel.

>>> leading = np.array([0.30, 0.10])  # P(result, leader acting | e), the results absent and present
>>> yes_no(leading, np.array([0.5, 0.5]))  # the leader is at 0.4 now, at 0.2 when present, at 0.6 when absent
(0.2, 0.6, 0.5)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np

from model.calibrated_model import CalibratedModel
from model.decision.article_order import first_step
from model.decision.cost import Costs, decision_rule, read_costs
from model.decision.look_ahead import LookAhead, look_ahead
from model.decision.outcomes import Outcomes, Tests
from model.decision.stop_rule import CannotMiss, Standing, Stop, cannot_miss, standing, stop_rule
from model.decision.worth import SAMPLES, Worth, each_result, per_cost, preference, worth_of_each, worth_of_sets
from model.inference.leader import leading
from model.knowledge import Guidance
from model.late import pd
from model.network import Array
from model.posterior import Posterior


@dataclass(frozen=True, slots=True)
class NextTest:
    """One line: a question, a test or a panel, and what it is worth here.

    kind       : context (a question about circumstances), finding, or panel;  tests : what it consists of
    cost       : in blood draws (``data/test_costs.csv``);  net : worth.value less what the cost counts for
    if_no      : P(the cause leading now is acting | the first state: absent, none, normal); nan for a panel
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
    cost: float
    net: float
    if_yes: float
    if_no: float
    p_yes: float
    step: str
    step_next: bool
    follow_up: bool
    cannot_miss: bool


@dataclass(frozen=True, eq=False)
class NextTests:
    """Every open test and panel, the one to do first at the top; those known only at follow-up at the end.

    leader, leads_now : the leading cause and P(it is acting | e)
    best        : the test, not a panel, to do first; None when nothing is open
    step        : the article's first step that asks for something open now; None when none does
    cannot_miss : the cause that must not be missed and its open tests; None when no rule names one
    rate        : what a cost of one blood draw counts for in probability of naming an acting cause: a preference
    stands      : how far the causes are from where one may stop; None without a table of that
    two_step    : pairs and plans of two tests, when asked for
    """

    lines: tuple[NextTest, ...]
    leader: str
    leads_now: float
    best: str | None
    step: Guidance | None
    cannot_miss: CannotMiss | None
    rate: float
    stands: Standing | None
    two_step: LookAhead | None
    labels: Mapping[str, str] = field(repr=False)
    enough: float = field(repr=False)
    outcomes: Outcomes = field(repr=False)

    def __repr__(self) -> str:
        leads = f"leader={self.leader} {self.leads_now:.3f}"
        return f"<NextTests {leads}, best={self.best}: {len(self.lines)} lines in .table>"

    @property
    def now(self) -> tuple[NextTest, ...]:
        """The lines of what can be had now."""
        return tuple(line for line in self.lines if not line.follow_up)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a line, indexed by test or panel: fields of NextTest and Worth. `information` in bits."""
        rows = []
        for line in self.lines:
            row = asdict(line)
            row |= row.pop("worth")
            row |= {"per_cost": per_cost(line.worth.information, line.cost), "tests": ";".join(line.tests)}
            rows.append(row)
        return pd.DataFrame(rows, columns=None if rows else ["test"]).set_index("test")

    @cached_property
    def results(self) -> pd.DataFrame:
        """One row for each result of each single test, indexed by (test, state).

        probability : P(result | e);  leader_probability : P(the cause leading now | e, result)
        leader, leads : which cause then leads, and its probability;  the other columns : P(each cause | e, result)
        """
        causes = [cause.id for cause in self.outcomes.engine.network.causes]
        keys, rows = [], []
        for line in (line for line in self.lines if line.kind != "panel"):
            joint, probability = each_result(self.outcomes, line.test)
            after = joint / np.where(probability > 0, probability, np.nan)[:, None]
            states = self.outcomes.engine.network.by_id[line.test].states
            for state, p, posterior in zip(states, probability, after, strict=True):
                then = leading(np.nan_to_num(posterior))
                keys.append((line.test, state))
                rows.append([p, posterior[self.outcomes.leader], causes[then], posterior[then], *posterior])
        index = pd.MultiIndex.from_tuples(keys, names=("test", "state")) if keys else None
        return pd.DataFrame(rows, index, ["probability", "leader_probability", "leader", "leads", *causes])

    @cached_property
    def stop(self) -> Stop:
        """Whether to stop here, and why; see ``stop_rule``. May cost a same-decision probability."""
        from model.decision.same_decision import decide, most_informative

        worth = [(line.test, line.worth.value, line.cost) for line in self.now]
        labels = dict(self.labels)
        if self.two_step is not None and self.two_step.plan is not None:
            plan = self.two_step.plan
            worth.append(("plan", plan.value, plan.cost))
            labels["plan"] = f"a plan of two tests that begins with {labels.get(plan.first, plan.first)}"
        single = frozenset(line.test for line in self.now if line.kind != "panel")
        return stop_rule(
            worth, self.cannot_miss, lambda: decide(self.outcomes, most_informative(self.outcomes, single)),
            self.enough, self.rate, labels, self.stands,
        )  # fmt: skip


def next_tests(
    model: CalibratedModel,
    answer: Posterior,
    cause: str | None = None,
    costs: Mapping[str, float] | None = None,
    *,
    two_step: bool = False,
    cost_worth: float | None = None,
    threshold: float | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> NextTests:
    """Return what every unanswered question, test and panel is worth in this patient.

    answer       : a posterior of `model`
    cause        : also give the information on the states of this one cause
    costs        : node or panel -> cost in blood draws, replacing that of the tables (a panel's: the shared part)
    two_step     : also look two tests ahead
    cost_worth   : what one blood draw costs in probability of naming an acting cause; default in decision_rules.csv
    threshold    : above this probability the tests on the cause not to be missed stay on offer; default as above
    samples, seed : for a panel too large to enumerate
    raises       : EvidenceError for an unknown cause or cost.

    Order: tests worth their cost first, by net value; then bits for their cost. Known only at follow-up: last.
    Cost: a pass of the engine a state, and one batch for all panels; two steps add a row for each result of each pair.
    """
    causes = [each.id for each in model.network.causes]
    if cause is not None:
        model.network.cause(cause)
    knowledge = model.knowledge
    outcomes = Outcomes.of(answer)
    all_costs = read_costs(knowledge, costs, cost_worth)
    now = tuple(test for test in outcomes.unanswered if test not in all_costs.later)
    guarded = cannot_miss(outcomes, now, decision_rule(knowledge, "cannot_miss"), threshold)
    steps = first_step(knowledge)
    next_step = next((step for step in knowledge.guidance if set(step.nodes) & set(now)), None)
    labels = {node.id: node.label for node in knowledge.nodes.values()}
    labels |= {panel.panel: panel.label for panel in knowledge.panels}
    panels = _panels(all_costs, now)
    sets = worth_of_sets(outcomes, list(panels.values()), cause, samples, seed)
    found = [(test, (test,), worth) for test, worth in worth_of_each(outcomes, outcomes.unanswered, cause).items()]
    found += [(panel, tests, worth) for (panel, tests), worth in zip(panels.items(), sets, strict=True)]
    lines = []
    for test, tests, worth in found:
        if_yes, if_no, p_yes = np.nan, np.nan, np.nan
        if test not in panels:
            joint, probability = each_result(outcomes, test)
            if_yes, if_no, p_yes = yes_no(joint[:, outcomes.leader], probability)
        line = NextTest(
            test=test,
            kind="panel" if test in panels else knowledge.nodes[test].role,
            label=labels[test],
            tests=tests,
            worth=worth,
            cost=all_costs.of(tests),
            net=all_costs.net(worth.value, tests),
            if_yes=if_yes,
            if_no=if_no,
            p_yes=p_yes,
            step=next((steps[node] for node in steps if node in tests), ""),
            step_next=next_step is not None and bool(set(next_step.nodes) & set(tests)),
            follow_up=test in all_costs.later,
            cannot_miss=guarded is not None and bool(set(guarded.tests) & set(tests)),
        )
        lines.append(line)

    def order(line: NextTest) -> tuple:
        return not line.follow_up, *preference(line.net, line.worth.information, line.cost)

    lines.sort(key=order, reverse=True)
    return NextTests(
        tuple(lines),
        leader=causes[outcomes.leader],
        leads_now=float(outcomes.now[outcomes.leader]),
        best=next((line.test for line in lines if line.kind != "panel" and not line.follow_up), None),
        step=next_step,
        cannot_miss=guarded,
        rate=all_costs.rate,
        stands=standing(knowledge, outcomes, guarded),
        two_step=look_ahead(outcomes, now, all_costs) if two_step else None,
        labels=labels,
        enough=decision_rule(knowledge, "same_decision_enough").value,
        outcomes=outcomes,
    )


def _panels(costs: Costs, now: Tests) -> dict[str, Tests]:
    """Return the panels with at least two open tests, each set of tests once."""
    found: dict[str, Tests] = {}
    for panel in costs.shared:
        tests = tuple(test for test in now if panel in costs.panels_of[test])
        if len(tests) > 1 and tests not in found.values():
            found[panel] = tests
    return found


def yes_no(leading: Array, probability: Array) -> tuple[float, float, float]:
    """Return (P(leader | any but the first state), P(leader | first state), P(any but the first state)).

    leading, probability : P(result, leader acting | e) and P(result | e), shape (results,); nan where none is possible
    """
    no, yes = float(probability[0]), float(probability[1:].sum())
    return float(leading[1:].sum() / yes) if yes > 0 else np.nan, float(leading[0] / no) if no > 0 else np.nan, yes
