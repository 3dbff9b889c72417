"""Where a cause's starting share comes from: its records, claims, sources, disagreements and kappa. No Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model import DiagnosticModel
from model.elicitation import plug_in
from model.knowledge import Disagreement, Record, disagreements_about
from model.network.calibration import disagrees
from model.wording import inside_sentence, number_text, percent, plain, words_of
from views.record_card import RecordCard, record_card


@dataclass(frozen=True)
class KappaLine:
    """How far the share of one cause state and the hazards of the exposures agree."""

    label: str
    kappa: float

    @property
    def far_apart(self) -> bool:
        """Whether shares and epidemiology differ more than fivefold."""
        return disagrees(self.kappa)

    @property
    def sentence(self) -> str:
        """Kappa as a number and in words."""
        return f"κ = {number_text(self.kappa)}: {self.words[0].lower()}{self.words[1:]}"

    @property
    def words(self) -> str:
        """Kappa in words."""
        factor = self.kappa if self.kappa >= 1 else 1 / self.kappa
        times = f"{factor:.1f} times {'larger' if self.kappa >= 1 else 'smaller'} than"
        size = "about the same as" if factor < 1.05 else times
        verdict = " Shares and epidemiology disagree." if self.far_apart else ""
        return f"The share is {size} what exposures and their hazards alone would give.{verdict}"


@dataclass(frozen=True)
class ShareBasis:
    """Everything behind the starting share of one cause."""

    equation: str
    records: tuple[RecordCard, ...]
    kappas: tuple[KappaLine, ...]
    disagreements: tuple[Disagreement, ...]


def share_basis(model: DiagnosticModel, cause: str) -> ShareBasis:
    """Return where P(cause | low count) comes from, before anything is known about the patient."""
    knowledge, setting = model.knowledge, model.setting
    values, shares = plug_in(knowledge, setting, model.scale)
    records = [record for record in knowledge.records_of(setting) if _behind(record, cause)]
    node = knowledge.nodes[cause]
    kappas = tuple(
        KappaLine(plain(state) if len(node.states) > 2 else node.short_label, kappa)
        for (name, state), kappa in model.calibrated.kappa.items()
        if name == cause
    )
    return ShareBasis(
        _equation(model, cause, records, values, shares),
        tuple(record_card(knowledge, record, values.get(record.id), shares) for record in records),
        kappas,
        disagreements_about(knowledge, {cause, *(record.id for record in records)}),
    )


def _behind(record: Record, cause: str) -> bool:
    if record.kind in ("share_order", "split"):
        return record.node == cause
    return record.kind in ("cooccurrence", "other_share")


def _equation(
    model: DiagnosticModel,
    cause: str,
    records: Iterable[Record],
    values: Mapping[str, float],
    shares: Mapping[str, float],
) -> str:
    by_kind = {record.kind: values.get(record.id) for record in records if record.kind != "split"}
    mean, other = by_kind["cooccurrence"], by_kind["other_share"]
    assert mean is not None and other is not None  # neither is ever read from an order  # noqa: PT018
    known = model.calibrated.condition
    among = [f"{inside_sentence(model.knowledge.nodes[node].short_label)} {words_of(known[node])}" for node in known]
    start = f"{percent(model.counted.acting[cause])} = {number_text(mean)} causes acting on average"
    if among:
        start = f"Counted with {' and '.join(among)}: {start}"
    if cause not in shares:
        return f"{start} × {number_text(other)} share of other or unexplained"
    return f"{start} × {number_text(1 - other)} left beside other × {number_text(shares[cause])} among the six"
