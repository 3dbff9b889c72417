"""The network picture's content: every node with its posterior and what was entered, and where it stands.

No Streamlit: tests compare it with the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model import DiagnosticModel, Posterior
from model.evidence import Evidence
from model.knowledge import Node
from model.sensitivity.uncertainty import CauseInterval
from model.wording import GROUPS, SPACE, percent, state_label, words_of
from views.network.edges import EdgeView
from views.network.layout import Box, Layout, network_layout
from views.result_view import ResultView

COLUMN = {"context": 0, "cause": 1, "selection": 1, "finding": 2, "mechanism": 2}
TITLES = ("Contexts", "Causes", "Findings")
ROLES = ("context", "cause", "selection", "finding", "mechanism")  # in the order they are read
ENTERED = "entered"
NEAR_LIMIT = "entered as a number near a limit"
HEADINGS = {"selection": "Selection", "mechanism": "Mechanisms, for display only"}


@dataclass(frozen=True)
class StateValue:
    """One state of a node: its probability now (None where there is no answer) and before anything was entered."""

    state: str
    label: str
    probability: float | None
    prior: float


@dataclass(frozen=True)
class NodeView:
    """One node as it is drawn. `interval` belongs to causes.

    entered : the state that was entered, in words, or an empty string
    soft    : a number near a limit was entered, which counts as a likelihood: the node keeps a probability, marked ≈
    """

    id: str
    role: str
    group: str
    label: str
    states: tuple[StateValue, ...]
    entered: str = ""
    soft: bool = False
    interval: CauseInterval | None = None

    @property
    def telling(self) -> tuple[StateValue, ...]:
        """The states that say something: all but the first, which is the unremarkable one."""
        return self.states[1:]

    @property
    def probability(self) -> float | None:
        """P(not the first state), or None where there is no answer."""
        known = [state.probability for state in self.telling]
        return None if None in known else min(1.0, sum(p for p in known if p is not None))

    @property
    def prior(self) -> float:
        """The same before anything was entered."""
        return min(1.0, sum(state.prior for state in self.telling))

    @property
    def headline(self) -> str:
        """The probability, or the entry, in a word; empty where several states need their own line."""
        if self.role == "selection":
            return "always yes"
        if self.role != "cause" and len(self.telling) > 1:
            return ""
        if self.entered or self.probability is None:
            return self.entered
        if self.role == "cause":
            return percent(self.probability)
        return self._about + "".join(map(_stated, self.telling))

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands below: the states of a node that has several, and the range of a cause."""
        split = [_stated(state) for state in self.telling] if len(self.telling) > 1 else []
        if self.role != "cause":
            if self.entered and split:
                return (f"entered: {self.entered}",)
            return (self._about + " · ".join(split),) if split and self.probability is not None else ()
        if self.probability is None:
            return ()
        return ((self.interval.text,) if self.interval else ()) + tuple(split)

    @property
    def _about(self) -> str:
        return "≈ " if self.soft else ""

    @property
    def name(self) -> str:
        """What a screen reader says."""
        said = [f"{self.label}, {self.role}", self.headline, *self.lines]
        if self.role != "selection":
            said += [ENTERED] * bool(self.entered) + [NEAR_LIMIT] * self.soft
            if self.probability is not None:
                said.append(f"before anything was entered {percent(self.prior)}")
        return ", ".join(part for part in said if part).replace(SPACE, " ")


@dataclass(frozen=True)
class NetworkView:
    """The whole picture. `answered` is False out of scope and for impossible entries: then no node has a number."""

    answered: bool
    nodes: Mapping[str, NodeView]
    edges: tuple[EdgeView, ...]
    layout: Layout

    def parents(self, node: str) -> tuple[EdgeView, ...]:
        """Return the edges into a node."""
        return tuple(edge for edge in self.edges if edge.child == node)

    def children(self, node: str) -> tuple[EdgeView, ...]:
        """Return the edges out of a node."""
        return tuple(edge for edge in self.edges if edge.parent == node)


def network_view(
    model: DiagnosticModel,
    result: ResultView,
    edges: tuple[EdgeView, ...],
) -> NetworkView:
    """Return the picture of one patient.

    result : what the case screen shows of the same patient, with its answer if there is one
    edges  : :func:`network_edges` of this model
    """
    posterior, entered = result.posterior, result.evidence
    now = _probabilities(model, posterior) if posterior else {}
    start = _probabilities(model, model.prior)
    intervals = {row.id: row.interval for row in result.causes} if posterior else {}
    nodes = {
        node.id: NodeView(
            node.id,
            node.role,
            node.group,
            node.short_label,
            tuple(
                StateValue(
                    state,
                    state_label(node, state),
                    now[node.id][code] if posterior else None,
                    start[node.id][code],
                )
                for code, state in enumerate(node.states)
            ),
            _entered(node, entered),
            node.id in entered.soft,
            intervals.get(node.id),
        )
        for node in _in_order(model)
    }
    layout = network_layout(
        [_box(node) for node in nodes.values()], [(edge.parent, edge.child) for edge in edges], TITLES
    )
    return NetworkView(posterior is not None, nodes, edges, layout)


def _in_order(model: DiagnosticModel) -> list[Node]:
    groups = list(GROUPS)
    nodes = model.knowledge.role(*ROLES)
    return sorted(nodes, key=lambda node: (ROLES.index(node.role), groups.index(node.group) if node.group else -1))


def _probabilities(model: DiagnosticModel, posterior: Posterior) -> dict[str, tuple[float, ...]]:
    """Return P(state | evidence) of every node, entered ones included."""
    hard, soft = posterior.evidence.hard, posterior.evidence.soft
    found: dict[str, tuple[float, ...]] = {model.network.selection_id: (0.0, 1.0)}
    for cause, states in posterior.state_probabilities.items():
        found[cause] = tuple(states.tolist())
    for node, present in posterior.mechanisms.to_dict().items():
        found[str(node)] = (1 - present, present)
    for (node, _), p in posterior.nodes.items():  # type: ignore[misc]
        found[node] = (*found.get(node, ()), float(p))
    for node in (*model.network.contexts, *model.network.findings):
        if node.id in hard:
            found[node.id] = tuple(float(code == hard[node.id]) for code in range(len(node.states)))
        elif node.id in soft:
            found[node.id] = _updated(model, posterior, node.id)
    return found


def _updated(model: DiagnosticModel, posterior: Posterior, node: str) -> tuple[float, ...]:
    """Return P(state | evidence) of a node whose own entry is a likelihood: predicted from the rest, times it."""
    hard, soft = posterior.evidence.hard, posterior.evidence.soft
    rest = {other: likelihood for other, likelihood in soft.items() if other != node}
    joint = model.engine.predict(node, hard, rest, model.engine.solve(hard, rest)) * np.asarray(soft[node])
    return tuple((joint / joint.sum()).tolist())


def _entered(node: Node, entered: Evidence) -> str:
    if node.id not in entered.hard:
        return ""
    state = node.states[entered.hard[node.id]]
    if node.role == "cause":
        return "ruled out" if state == "absent" else "established" if len(node.states) == 2 else words_of(state)
    return _word(state)


def _word(state: str) -> str:
    return {"present": "yes", "absent": "no"}.get(state) or words_of(state)


def _stated(state: StateValue) -> str:
    shown = percent(state.probability or 0)
    return shown if state.state == "present" else f"{words_of(state.state)} {shown}"


def _box(node: NodeView) -> Box:
    """Return the node with room for the most words it can hold, so that nothing moves when a probability does."""
    heading = HEADINGS.get(node.role) or GROUPS.get(node.group, "")
    most = [f"{words_of(state.state)} {percent(1)}" for state in node.telling]
    column = COLUMN[node.role]
    if node.role == "cause":
        return Box(node.id, column, "", node.label, below=("", "", *(most if len(most) > 1 else ())))
    if node.role == "selection":
        return Box(node.id, column, heading, node.label, "always yes")
    if len(most) > 1:
        return Box(node.id, column, heading, node.label, below=("≈ " + " · ".join(most),))
    word = percent(1) if node.telling[0].state == "present" else most[0]
    return Box(node.id, column, heading, node.label, f"≈ {word}")
