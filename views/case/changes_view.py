"""What would change the answer: three lines, and the record of the number that would. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from model import DiagnosticModel, Posterior
from model.decision import NextTests
from model.sensitivity.what_would_change import ChangeLine, change_lines, what_would_change
from views.record_card import RecordCard, record_card

TITLES = {"finding": "A finding", "article": "The article", "number": "A number"}


@dataclass(frozen=True)
class ChangesView:
    """The three lines;  card : the record of the number that alone would change the leader, None when none would"""

    lines: tuple[ChangeLine, ...]
    card: RecordCard | None


def changes_view(model: DiagnosticModel, answer: Posterior, following: NextTests) -> ChangesView:
    """Return what would change the leading cause.

    following : what to ask next, of the same answer
    Cost      : a sixth of a second; the first call for a model compiles its parameter points, about a second.
    """
    knowledge = model.knowledge
    found = what_would_change(model, answer, following)
    number = found.number
    card = record_card(knowledge, knowledge.record(number.number), number.value) if number else None
    return ChangesView(change_lines(knowledge, found), card)
