"""How firm the answer is: do the entries fit together, and what would change the leader. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model import DiagnosticModel, Posterior
from model.explanation import conflict, conflict_sentences, exposures_sentence, weigh_exposures
from model.sensitivity import flip_sentence, one_way
from model.wording import cause_labels
from views.record_card import RecordCard, record_card


@dataclass(frozen=True)
class ConflictView:
    """Whether the entries fit together. level : fits, unusual (rare together), clash (they disagree)."""

    level: Literal["fits", "unusual", "clash"]
    sentence: str


@dataclass(frozen=True)
class Flip:
    """The nearest number that alone, inside its own interval, would change the leading cause."""

    sentence: str
    card: RecordCard | None


def conflict_view(model: DiagnosticModel, answer: Posterior) -> ConflictView | None:
    """Return how well the entries fit together, or None when there are fewer than two to compare."""
    found = conflict(model, answer)
    if len(found.items) < 2:
        return None
    return ConflictView(found.level, " ".join(conflict_sentences(found, model.knowledge.nodes)))


def exposures_view(model: DiagnosticModel, answer: Posterior) -> str:
    """Return what hazards alone would say of known exposures of different causes; empty where that matters little."""
    found = weigh_exposures(model, answer)
    return exposures_sentence(model, found) if found and found.matters else ""


def flip_view(model: DiagnosticModel, answer: Posterior) -> Flip:
    """Return what would change the leading cause.

    Cost: a sixth of a second; the first call for a model compiles its parameter points, about a second.
    """
    knowledge = model.knowledge
    found = one_way(model, answer, answer.leader)
    flip, labels = found.nearest_flip, cause_labels(knowledge)
    if flip is None:
        return Flip(flip_sentence(None, found.leader, labels), None)
    card = record_card(knowledge, knowledge.record(flip.number), flip.value)
    return Flip(flip_sentence(flip, found.leader, labels | {flip.number: f"“{card.title}”"}), card)
