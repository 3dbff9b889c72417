"""For and against one cause: every entry's weight in decibans that add up, and the records behind it. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from model import DiagnosticModel, Posterior
from model.errors import ModelError
from model.explanation import explain, sentences
from model.knowledge import Knowledge, Record
from model.wording import plain, state_label
from views.case.share_basis import RecordCard
from views.record_card import card_maker

PAIRS = 64  # random orders, and their reverses, where there are too many entries for all orders


@dataclass(frozen=True)
class Reason:
    """What one entry does to the cause in focus.

    decibans : its Shapley value; positive speaks for the cause;  error : its standard error, 0 when exact
    depends  : by itself it points the other way
    """

    id: str
    label: str
    state: str
    decibans: float
    error: float
    alone: float
    last: float
    depends: bool
    records: tuple[RecordCard, ...]


@dataclass(frozen=True)
class ReasonsView:
    """The balance sheet of one cause: `start` plus every reason is `end`, in decibans.

    reasons   : strongest first, whichever way they point
    sentences : the same in words;  problem : why there is no balance sheet, else empty
    """

    label: str
    start: float
    end: float
    reasons: tuple[Reason, ...]
    sentences: tuple[str, ...]
    problem: str = ""


def reasons_view(model: DiagnosticModel, answer: Posterior, cause: str) -> ReasonsView:
    """Return why a cause stands where it stands in an answer."""
    label = model.knowledge.nodes[cause].short_label
    try:
        found = explain(model, answer, cause, pairs=PAIRS)
    except ModelError:
        settled = f"{label} was entered as settled, or follows from what was: there is nothing left to weigh."
        return ReasonsView(label, 0.0, 0.0, (), (), settled)
    card, records = card_maker(model), model.knowledge.records_of(model.setting)
    reasons = tuple(
        Reason(
            row["item"],
            model.knowledge.nodes[row["item"]].short_label,
            _state(model.knowledge, row["item"], row["state"]),
            row["shapley"],
            row["standard_error"],
            row["alone"],
            row["last"],
            bool(row["depends"]),
            tuple(card(record) for record in records if _between(record, row["item"], cause)),
        )
        for row in found.strongest
    )
    return ReasonsView(label, found.prior, found.together, reasons, tuple(sentences(found)[1:]))


def _state(knowledge: Knowledge, node: str, state: str) -> str:
    return state_label(knowledge.nodes[node], state) if state in knowledge.nodes[node].states else plain(state)


def _between(record: Record, entry: str, cause: str) -> bool:
    """Return whether a number is one by which this entry bears on the cause."""
    if record.kind in ("link", "leak", "both") and entry in record.node.split("&"):
        return record.kind == "leak" or record.parent == cause
    if record.kind == "hazard" and record.parent == entry:
        return record.node == cause
    return record.kind == "base_rate" and record.node == entry and not record.parent
