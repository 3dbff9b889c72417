"""How firm the answer is: do the entries fit together, and what would change the leader. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model import DiagnosticModel, Posterior
from model.explanation.conflict import Conflict, conflict
from model.knowledge.load import Knowledge
from model.sensitivity.one_way import flip_sentence, one_way
from model.wording import cause_labels
from views.case.share_basis import RecordCard, record_card
from views.wording import percent, state_label

UNUSUAL = 95.0  # percentile from which a set of entries is called unusual


@dataclass(frozen=True)
class ConflictView:
    """Whether the entries fit together. level : fits, unusual (rare together), clash (they disagree)."""

    level: Literal["fits", "unusual", "clash"]
    sentence: str
    check: str


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
    among = percent(found.percentile / 100)
    surprise = f"such a set is more surprising than {among} of sets of the same questions"
    if found.clashing:
        first, second = (_entry(model.knowledge, found, node) for node in found.clashing[0])
        return ConflictView("clash", f"{first} and {second} disagree; {surprise}.", _check(model.knowledge, found))
    if found.percentile >= UNUSUAL:
        return ConflictView("unusual", f"Unusual together: {surprise}.", _check(model.knowledge, found))
    return ConflictView("fits", f"The entries fit together: {surprise}.", "")


def _entry(knowledge: Knowledge, found: Conflict, node: str) -> str:
    state = found.items.set_index("item").at[node, "state"]
    label = knowledge.nodes[node].short_label
    return f"{label} ({state_label(knowledge.nodes[node], str(state)).lower()})"


def _check(knowledge: Knowledge, found: Conflict) -> str:
    """Return what to check again: the entry that adds most to the conflict, or the rare cause that explains it."""
    if found.resolved_by:
        cause, state = found.resolved_by[0]
        label = knowledge.nodes[cause].short_label
        named = label if state in ("acting", "present") else f"{label}, {state_label(knowledge.nodes[cause], state)}"
        return f"{named} would account for it."
    first = found.items.iloc[0]
    return f"Check {_entry(knowledge, found, str(first['item']))} again first."


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
