"""What a set of tests asks of patient and clinic: own burdens, plus what shared draws, films and visits cost once.

The unit is one routine blood draw (``data/test_costs.csv``, ``data/panels.csv``). All of it is assumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.errors import EvidenceError, KnowledgeError, nearest
from model.knowledge.load import Knowledge
from model.knowledge.rows import DecisionRule


@dataclass(frozen=True)
class Burdens:
    """Burdens of nodes and panels, in blood draws.

    own    : node -> its own burden;  panels_of : node -> the panels it is part of
    shared : panel -> burden paid once, however many of its tests are done
    later  : nodes that are known only at follow-up
    """

    own: Mapping[str, float]
    panels_of: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, float]
    later: frozenset[str]

    def of(self, nodes: Iterable[str]) -> float:
        """Return the burden of doing these tests together: own burdens, and every panel touched once."""
        nodes = list(nodes)
        touched = {panel for node in nodes for panel in self.panels_of[node]}
        return sum(self.own[node] for node in nodes) + sum(self.shared[panel] for panel in sorted(touched))

    def members(self, panel: str) -> tuple[str, ...]:
        """Return the nodes of a panel, in the order of the table."""
        return tuple(node for node, panels in self.panels_of.items() if panel in panels)


def read_burdens(knowledge: Knowledge, costs: Mapping[str, float] | None = None) -> Burdens:
    """Return the burdens of the tables, with some replaced.

    costs  : node or panel -> burden in blood draws, at least 0; for a panel, the part that is shared
    raises : EvidenceError for a cost of something unknown or below zero; KnowledgeError for a node without a row.
    """
    own = {row.node: row.burden for row in knowledge.burdens}
    shared = {row.panel: row.burden for row in knowledge.panels}
    panels_of = {row.node: row.panels for row in knowledge.burdens}
    for node in knowledge.role("context", "finding"):
        if node.id not in own:
            raise KnowledgeError(f"test_costs.csv: expected every context and finding, got no row for {node.id!r}.")
        if not set(panels_of[node.id]) <= set(shared):
            raise KnowledgeError(f"test_costs.csv: {node.id!r} names {panels_of[node.id]}, not all in panels.csv.")
    for name, burden in (costs or {}).items():
        if name not in own and name not in shared:
            raise EvidenceError(f"costs: {name!r} is no test and no panel{nearest(name, [*own, *shared]) or '.'}")
        if not burden >= 0:
            raise EvidenceError(f"costs: expected a burden of at least 0 for {name!r}, got {burden!r}.")
        (own if name in own else shared)[name] = float(burden)
    waiting = {row.panel for row in knowledge.panels if row.available == "later"}
    later = frozenset(node for node, panels in panels_of.items() if waiting & set(panels))
    return Burdens(own, panels_of, shared, later)


def decision_rule(knowledge: Knowledge, rule: str) -> DecisionRule:
    """Return a row of ``data/decision_rules.csv``; raises KnowledgeError when it is not there."""
    for row in knowledge.decision_rules:
        if row.rule == rule:
            return row
    raise KnowledgeError(f"decision_rules.csv: expected a row for {rule!r}, got none.")
