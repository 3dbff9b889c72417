"""Everything behind one node of the network picture: meaning, records, edges, disagreements. No Streamlit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from model import DiagnosticModel
from model.knowledge import Disagreement, Knowledge, Node, Record, claims_cited, disagreements_about
from model.wording import GROUPS, inside_sentence, words_of
from views.network.view import EdgeView, NetworkView, NodeView
from views.record_card import RecordCard, card_maker

_ID = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")  # a note names nodes and states as the tables do
OWN = {
    "context": "How common it is",
    "cause": "Its share, and its hazard without any listed exposure",
    "finding": "In the background, with no linked cause acting",
    "selection": "Behind the selection",
}
PARENTS = {"cause": "What brings it on", "selection": "What can bring the count"}
CHILDREN = {"cause": "What it brings", "context": "What it acts on"}


@dataclass(frozen=True)
class EdgeDetail:
    """One edge as the panel shows it: the node at its other end, its strength, its records."""

    other: str
    label: str
    strength: str
    cards: tuple[RecordCard, ...]


@dataclass(frozen=True)
class NodeDetail:
    """The panel of the selected node."""

    node: NodeView
    long_label: str
    question: str
    note: str
    claims: tuple[tuple[str, str], ...]
    own: tuple[RecordCard, ...]
    own_title: str
    parents: tuple[EdgeDetail, ...]
    parents_title: str
    children: tuple[EdgeDetail, ...]
    children_title: str
    disagreements: tuple[Disagreement, ...]

    @property
    def place(self) -> str:
        """What kind of node it is, and under which heading it is asked."""
        group = GROUPS.get(self.node.group, "")
        return f"{self.node.role.capitalize()}{f' · {group}' if group else ''}"


def node_detail(model: DiagnosticModel, view: NetworkView, node: str) -> NodeDetail:
    """Return what stands behind one node; KeyError when the picture has no such node."""
    knowledge, row = model.knowledge, model.knowledge.nodes[node]
    card = card_maker(model)
    own = [record for record in knowledge.records_of(model.setting) if record.node == node and not record.parent]
    parents = tuple(_edge(knowledge, edge.parent, edge, card) for edge in view.parents(node))
    children = tuple(_edge(knowledge, edge.child, edge, card) for edge in view.children(node))
    behind = {node, *(record.id for record in own)} | {c.id for edge in (*parents, *children) for c in edge.cards}
    return NodeDetail(
        view.nodes[node],
        row.label,
        row.question,
        _note(knowledge, row),
        claims_cited(knowledge, row.claims),
        tuple(card(record) for record in own),
        OWN.get(row.role, ""),
        parents,
        PARENTS.get(row.role, "What it follows from"),
        children,
        CHILDREN.get(row.role, "What follows from it"),
        disagreements_about(knowledge, behind),
    )


def _note(knowledge: Knowledge, node: Node) -> str:
    threshold = f"Limit: {node.threshold}." if node.threshold else ""
    said = " ".join(part for part in (node.note.rstrip(".") + "." if node.note else "", threshold) if part)
    for state in node.states:
        said = re.sub(rf"\b{state}(?= =)", words_of(state), said)
    return _ID.sub(lambda found: _in_words(knowledge, found[0]), said)


def _in_words(knowledge: Knowledge, name: str) -> str:
    return inside_sentence(knowledge.nodes[name].short_label) if name in knowledge.nodes else words_of(name)


def _edge(knowledge: Knowledge, other: str, edge: EdgeView, card: Callable[[Record], RecordCard]) -> EdgeDetail:
    cards = tuple(card(knowledge.record(number)) for number in edge.records)
    return EdgeDetail(other, knowledge.nodes[other].short_label, edge.strength, cards)
