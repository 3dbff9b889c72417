"""How firm the answer is: do the entries fit together, and what would change the leader. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model import DiagnosticModel, Posterior
from model.explanation.conflict import Conflict, conflict
from model.knowledge.load import Knowledge
from model.sensitivity.one_way import one_way
from model.wording import number_text, percent, state_label
from views.record_card import RecordCard, record_card

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
    others: int


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
    leader = answer.leader
    found = one_way(model, answer, leader)
    name = knowledge.nodes[leader].short_label
    flips = sorted((row for row in found.frame.to_dict("records") if row["inside"]), key=lambda row: row["move"])
    if not flips:
        stays = f"nothing by itself: {name} stays first wherever any single number lies in its own 90 % interval."
        return Flip(stays, None, 0)
    first = flips[0]
    card = record_card(knowledge, knowledge.record(first["id"]), first["value"])
    rival = knowledge.nodes[first["rival"]].short_label
    sentence = (
        f"{rival} would lead if “{card.title}” were {number_text(first['flip'])} instead of "
        f"{number_text(first['value'])} (interval {number_text(first['low'])} to {number_text(first['high'])})."
    )
    return Flip(sentence, card, len(flips) - 1)
