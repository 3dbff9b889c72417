"""One number of the model as it is read: its value, its reason and its sources. No Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from model import DiagnosticModel
from model.elicitation import plug_in
from model.knowledge import Knowledge, Record, Source, claims_cited, sources_cited
from model.wording import number_text, record_title


@dataclass(frozen=True)
class RecordCard:
    """One number of the model, ready to be read.

    record   : its row;  title, value : what it is and how much, in words
    settings : where it holds;  only_in : the same, shortly, when it does not hold everywhere
    claims   : (id, paraphrase) of the claims of the article it rests on
    """

    record: Record
    title: str
    value: str
    settings: str
    only_in: str
    claims: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]

    @property
    def id(self) -> str:
        """Its name in the tables."""
        return self.record.id


def record_card(
    knowledge: Knowledge, record: Record, value: float | None, shares: Mapping[str, float] | None = None
) -> RecordCard:
    """Return one record for display; `value` is its plug-in, None for a rank (then its share stands there)."""
    return RecordCard(
        record,
        record_title(knowledge, record),
        _value(record, value, shares or {}),
        _settings(knowledge, record),
        _only_in(knowledge, record),
        claims_cited(knowledge, record.claims),
        sources_cited(knowledge, record.sources),
    )


def card_maker(model: DiagnosticModel) -> Callable[[Record], RecordCard]:
    """Return what makes a card of a record, with the numbers that this model uses, replaced ones included."""
    values, shares = plug_in(model.knowledge, model.setting, model.scale, model.overridden)
    used = {**values, **model.overridden}
    return lambda record: record_card(model.knowledge, record, used.get(record.id), shares)


def _settings(knowledge: Knowledge, record: Record) -> str:
    if record.setting == ("all",):
        return "every setting"
    return ", ".join(knowledge.settings[name].label for name in record.setting if name in knowledge.settings)


def _only_in(knowledge: Knowledge, record: Record) -> str:
    if not 0 < len(set(record.setting) & set(knowledge.settings)) < len(knowledge.settings):
        return ""
    return ", ".join(knowledge.settings[setting].label.split(",")[0] for setting in record.setting)


def _value(record: Record, value: float | None, shares: Mapping[str, float]) -> str:
    if record.reading == "order":
        share = f": {number_text(shares[record.node])} among the six" if record.node in shares else ""
        return f"{record.word}{share}"
    shown = f"“{record.word}”" if value is None else number_text(value)
    if record.reading == "word":
        return f"“{record.word}”" + (f", read as {shown}" if value is not None else "")
    if record.low is None or record.high is None or record.low == record.high:
        return shown
    return f"{shown} ({number_text(record.low)} to {number_text(record.high)})"
