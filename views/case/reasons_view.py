"""For and against one cause: every entry's weight in decibans that add up, and the records behind it. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from model import DiagnosticModel, Posterior
from model.elicitation.plug_in import plug_in
from model.errors import ModelError
from model.explanation.weights import explain, sentences
from model.knowledge.load import Knowledge
from model.knowledge.rows import Record
from model.log_odds import DECIBANS, log_odds
from views.case.share_basis import RecordCard, record_card
from views.wording import plain, state_label

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
    away      : the part of their sum that is explaining away
    sentences : the same in words;  problem : why there is no balance sheet, else empty
    """

    cause: str
    label: str
    start: float
    end: float
    reasons: tuple[Reason, ...]
    away: float
    exact: bool
    sentences: tuple[str, ...]
    problem: str = ""


def reasons_view(model: DiagnosticModel, answer: Posterior, cause: str) -> ReasonsView:
    """Return why a cause stands where it stands in an answer."""
    label = model.knowledge.nodes[cause].short_label
    try:
        found = explain(model, answer, cause, pairs=PAIRS)
    except ModelError:
        settled = f"{label} was entered as settled, or follows from what was: there is nothing left to weigh."
        return ReasonsView(cause, label, 0.0, 0.0, (), 0.0, True, (), settled)
    behind = _Behind(model, cause)
    rows = sorted(found.items.to_dict("records"), key=lambda row: -abs(row["shapley"]))
    reasons = tuple(
        Reason(
            row["item"],
            row["label"].split(" (")[0],
            _state(model.knowledge, row["item"], row["state"]),
            row["shapley"],
            row["standard_error"],
            row["alone"],
            row["last"],
            bool(row["depends"]),
            behind.cards(row["item"]),
        )
        for row in rows
    )
    end = DECIBANS * log_odds(found.posterior)
    said = tuple(sentences(found)[1:])
    return ReasonsView(
        cause, label, found.prior, end, reasons, found.explaining_away, found.method == "exact", said
    )  # fmt: skip


def _state(knowledge: Knowledge, node: str, state: str) -> str:
    return state_label(knowledge.nodes[node], state) if state in knowledge.nodes[node].states else plain(state)


class _Behind:
    """The records between one cause and each entry, read once."""

    def __init__(self, model: DiagnosticModel, cause: str):
        self.knowledge, self.cause = model.knowledge, cause
        self.records = model.knowledge.records_of(model.setting)
        values, self.shares = plug_in(model.knowledge, model.setting, model.scale)
        self.values = {**values, **model.overridden}

    def cards(self, entry: str) -> tuple[RecordCard, ...]:
        """Return the numbers by which this entry bears on the cause."""
        return tuple(
            record_card(self.knowledge, record, self.values.get(record.id), self.shares)
            for record in self.records
            if self._between(record, entry)
        )

    def _between(self, record: Record, entry: str) -> bool:
        if record.kind in ("link", "leak") and record.node == entry:
            return record.kind == "leak" or record.parent == self.cause
        if record.kind == "hazard" and record.parent == entry:
            return record.node == self.cause
        return record.kind == "base_rate" and record.node == entry and not record.parent
