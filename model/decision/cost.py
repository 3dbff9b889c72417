"""What a set of tests costs patient and clinic: own costs, plus what shared draws, films and visits cost once.

The unit is one routine blood draw (``data/test_costs.csv``, ``data/panels.csv``). All of it is assumption.

>>> of = {"b12": ("draw",), "folate": ("draw",), "fever": ()}
>>> costs = Costs({"b12": 0.5, "folate": 0.5, "fever": 0.1}, of, {"draw": 1.0}, frozenset(), rate=0.002)
>>> costs.of(["b12"]), costs.of(["b12", "folate"])  # the second test of the same draw costs 0.5 more
(1.5, 2.0)
>>> costs.net(0.010, ["b12", "folate"])  # 0.010 likelier to name the right cause, for a cost that counts for 0.004
0.006
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.errors import EvidenceError, KnowledgeError, nearest
from model.knowledge import DecisionRule, Knowledge


@dataclass(frozen=True)
class Costs:
    """Costs of nodes and panels, in blood draws.

    own    : node -> its own cost;  panels_of : node -> the panels it is part of
    shared : panel -> cost paid once, however many of its tests are done
    later  : nodes that are known only at follow-up
    rate   : what a cost of one blood draw counts for, in probability of naming an acting cause: a preference
    """

    own: Mapping[str, float]
    panels_of: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, float]
    later: frozenset[str]
    rate: float

    def of(self, nodes: Iterable[str]) -> float:
        """Return the cost of doing these tests together: own costs, and every panel touched once."""
        nodes = list(nodes)
        touched = {panel for node in nodes for panel in self.panels_of[node]}
        return sum(self.own[node] for node in nodes) + sum(self.shared[panel] for panel in sorted(touched))

    def net(self, value: float, nodes: Iterable[str]) -> float:
        """Return what is left of a value (in probability) when the cost of these tests together is taken off."""
        return value - self.rate * self.of(nodes)

    def members(self, panel: str) -> tuple[str, ...]:
        """Return the nodes of a panel, in the order of the table."""
        return tuple(node for node, panels in self.panels_of.items() if panel in panels)


def read_costs(
    knowledge: Knowledge, costs: Mapping[str, float] | None = None, cost_worth: float | None = None
) -> Costs:
    """Return the costs of the tables, with some replaced.

    costs      : node or panel -> cost in blood draws, at least 0; for a panel, the part that is shared
    cost_worth : the rate, in place of the rule `burden_worth` of ``data/decision_rules.csv``
    raises     : EvidenceError for a cost of something unknown or below zero; KnowledgeError for a node without a row.
    """
    own = {row.node: row.burden for row in knowledge.costs}
    shared = {row.panel: row.burden for row in knowledge.panels}
    panels_of = {row.node: row.panels for row in knowledge.costs}
    for node in knowledge.role("context", "finding"):
        if node.id not in own:
            raise KnowledgeError(f"test_costs.csv: expected every context and finding, got no row for {node.id!r}.")
        if not set(panels_of[node.id]) <= set(shared):
            raise KnowledgeError(f"test_costs.csv: {node.id!r} names {panels_of[node.id]}, not all in panels.csv.")
    for name, cost in (costs or {}).items():
        if name not in own and name not in shared:
            raise EvidenceError(f"costs: {name!r} is no test and no panel{nearest(name, [*own, *shared]) or '.'}")
        if not cost >= 0:
            raise EvidenceError(f"costs: expected a cost of at least 0 for {name!r}, got {cost!r}.")
        (own if name in own else shared)[name] = float(cost)
    waiting = {row.panel for row in knowledge.panels if row.available == "later"}
    later = frozenset(node for node, panels in panels_of.items() if waiting & set(panels))
    rate = decision_rule(knowledge, "burden_worth").value if cost_worth is None else cost_worth
    return Costs(own, panels_of, shared, later, rate)


def decision_rule(knowledge: Knowledge, rule: str) -> DecisionRule:
    """Return a row of ``data/decision_rules.csv``; raises KnowledgeError when it is not there."""
    for row in knowledge.decision_rules:
        if row.rule == rule:
            return row
    raise KnowledgeError(f"decision_rules.csv: expected a row for {rule!r}, got none.")
