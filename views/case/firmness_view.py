"""How firm the answer is: do the entries fit together, and what known exposures alone would say. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model import DiagnosticModel, Posterior
from model.explanation import conflict, conflict_sentences, exposures_sentence, weigh_exposures


@dataclass(frozen=True)
class ConflictView:
    """Whether the entries fit together. level : fits, unusual (rare together), clash (they disagree)."""

    level: Literal["fits", "unusual", "clash"]
    sentence: str


def conflict_view(model: DiagnosticModel, answer: Posterior) -> ConflictView | None:
    """Return how well the entries fit together, or None when there are fewer than two to compare."""
    found = conflict(model, answer)
    if len(found.items) < 2:
        return None
    return ConflictView(found.level, " ".join(conflict_sentences(found, model.knowledge.nodes)))


def exposures_view(model: DiagnosticModel, answer: Posterior, arithmetic: bool = False) -> str:
    """Return what hazards alone would say of known exposures of different causes; empty where that matters little.

    arithmetic : also by what the shares of the setting multiply them
    """
    found = weigh_exposures(model, answer)
    return exposures_sentence(model, found, factors=arithmetic) if found and found.matters else ""
