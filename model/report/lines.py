"""What was entered, as typed and as read; and the numbers of the model that a case replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.elicitation.plug_in import plug_in
from model.evidence.read import Evidence, read_each, read_evidence
from model.evidence.units import lab_number
from model.knowledge.load import Knowledge
from model.knowledge.rows import Node
from model.wording import record_title, state_label, words_of

if TYPE_CHECKING:
    from model.diagnostic_model import DiagnosticModel


@dataclass(frozen=True)
class InputLine:
    """One entry: its label, as it was entered, and how it was read."""

    label: str
    entered: str
    read: str


@dataclass(frozen=True)
class ReplacedLine:
    """One number of the model that this case replaces."""

    title: str
    id: str
    own: str
    used: str


def input_lines(knowledge: Knowledge, evidence: Mapping[str, Any]) -> tuple[InputLine, ...]:
    """Return every entry in the order given; one that cannot be read says why."""
    found, unread = read_each(knowledge, evidence)
    reasons = {each.node: each.reason for each in unread}
    sex = {"sex": found.guards["sex"]} if "sex" in found.guards else {}
    lines = []
    for node_id, value in evidence.items():
        if value is None:
            continue
        node = knowledge.nodes.get(str(node_id).strip().casefold())
        if node_id in reasons:
            read = f"Not read. {reasons[node_id]}"
        else:
            beside = {} if node is None or node.id == "sex" else sex
            read = _read(knowledge, read_evidence(knowledge, {**beside, node_id: value}), node)
        entered = ", ".join(f"{words_of(str(state))} {weight}" for state, weight in value.items()) if isinstance(
            value, Mapping) else words_of(str(value))  # fmt: skip
        lines.append(InputLine(node.label if node else str(node_id), entered, read))
    return tuple(lines)


def _read(knowledge: Knowledge, evidence: Evidence, node: Node | None) -> str:
    if node is None:
        return ""
    if evidence.readings:
        return words_of(evidence.readings[-1])
    if node.id in evidence.hard:
        return state_label(node, node.states[evidence.hard[node.id]])
    if node.id in evidence.soft:
        weights = zip(node.states, evidence.soft[node.id], strict=True)
        return f"likelihood {', '.join(f'{words_of(state)} {weight:.3g}' for state, weight in weights)}"
    found = evidence.guards.get(node.id, "")
    if not isinstance(found, float):
        return state_label(node, found) if found in node.states else str(found)
    unit = next((lab.unit for lab in knowledge.labs if lab.node == node.id), "")
    return f"{lab_number(found)} {unit}"


def replaced_lines(model: DiagnosticModel, numbers: Mapping[str, float]) -> tuple[ReplacedLine, ...]:
    """Return the replaced numbers beside those of the published model."""
    own = plug_in(model.knowledge, model.setting, model.scale)[0]
    lines = []
    for number, value in numbers.items():
        title = record_title(model.knowledge, model.knowledge.record(number))
        lines.append(ReplacedLine(title, number, f"{own[number]:.4g}", f"{value:.4g}"))
    return tuple(lines)
