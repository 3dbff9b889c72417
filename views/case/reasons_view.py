"""For and against one cause: every entry's weight in decibans that add up, and the records behind it. No Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model import DiagnosticModel, Posterior
from model.errors import ModelError
from model.explanation import Explanation, explain, sentences
from model.explanation.weight_words import rank_of, weight_word
from model.knowledge import Knowledge, Record
from model.wording import percent, plain, points, state_label
from views.case.share_basis import RecordCard
from views.record_card import card_maker

PAIRS = 64  # random orders, and their reverses, where there are too many entries for all orders


@dataclass(frozen=True)
class Reason:
    """What one entry does to the cause in focus.

    decibans : its Shapley value; positive speaks for the cause;  error : its standard error, 0 when exact
    word     : how strongly, in a word of ``weight_words.csv``, and its `rank`; empty and 0 when it says little
    without  : the probability of the cause had it not been entered
    opposite : a sentence where, added to all the others, it moves the cause the other way than its weight says
    """

    id: str
    label: str
    state: str
    decibans: float
    error: float
    alone: float
    last: float
    word: str
    rank: int
    without: float
    opposite: str
    records: tuple[RecordCard, ...]


@dataclass(frozen=True)
class ReasonsView:
    """The balance sheet of one cause: `start` plus every reason is `end`, in decibans, or `probability`.

    reasons   : strongest first, whichever way they point
    sentences : the same in words;  problem : why there is no balance sheet, else empty
    """

    label: str
    start: float
    end: float
    probability: float
    reasons: tuple[Reason, ...]
    sentences: tuple[str, ...]
    problem: str = ""

    def side(self, favour: bool) -> tuple[Reason, ...]:
        """Return what speaks for the cause, or against it, strongest first; what says little is on neither side."""
        return tuple(reason for reason in self.reasons if reason.rank and (reason.decibans > 0) == favour)

    @property
    def little(self) -> tuple[Reason, ...]:
        """What says little, and what says little on the whole but moves the cause now."""
        return tuple(reason for reason in self.reasons if not reason.rank)


def reasons_view(model: DiagnosticModel, answer: Posterior, cause: str) -> ReasonsView:
    """Return why a cause stands where it stands in an answer."""
    label = model.knowledge.nodes[cause].short_label
    try:
        found = explain(model, answer, cause, pairs=PAIRS)
    except ModelError:
        settled = f"{label} was entered as settled, or follows from what was: there is nothing left to weigh."
        return ReasonsView(label, 0.0, 0.0, answer.acting[cause], (), (), settled)
    card, records = card_maker(model), model.knowledge.records_of(model.setting)
    reasons = tuple(_reason(model, row, found, card, records, cause) for row in found.strongest)
    said = tuple(sentences(found)[1:])
    return ReasonsView(label, found.prior, found.together, found.posterior, reasons, said)


def _reason(
    model: DiagnosticModel,
    row: Mapping[str, Any],
    found: Explanation,
    card: Callable[[Record], RecordCard],
    records: Sequence[Record],
    cause: str,
) -> Reason:
    word = weight_word(model.knowledge, row["shapley"])
    now, without = found.posterior, found.without(row)
    return Reason(
        row["item"],
        model.knowledge.nodes[row["item"]].short_label,
        _state(model.knowledge, row["item"], row["state"]),
        row["shapley"],
        row["standard_error"],
        row["alone"],
        row["last"],
        word,
        rank_of(model.knowledge, word),
        without,
        _opposite(row, now, without),
        tuple(card(record) for record in records if _between(record, row["item"], cause)),
    )


def _opposite(row: Mapping[str, Any], now: float, without: float) -> str:
    """Return a sentence where an entry moves the cause one way now, and the other way by its share of the sum."""
    if row["shapley"] * row["last"] >= 0 or points(now) == points(without):
        return ""
    way, share = ("up", "against") if row["last"] > 0 else ("down", "for")
    return (
        f"On the whole it speaks {share} it, but added to all the others it moves it {way}: "
        f"{percent(without)} without it, {percent(now)} with it."
    )


def _state(knowledge: Knowledge, node: str, state: str) -> str:
    return state_label(knowledge.nodes[node], state) if state in knowledge.nodes[node].states else plain(state)


def _between(record: Record, entry: str, cause: str) -> bool:
    """Return whether a number is one by which this entry bears on the cause."""
    if record.kind in ("link", "leak", "both") and entry in record.node.split("&"):
        return record.kind == "leak" or record.parent == cause
    if record.kind == "hazard" and record.parent == entry:
        return record.node == cause
    return record.kind == "base_rate" and record.node == entry and not record.parent
