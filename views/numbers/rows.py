"""The numbers screen as rows, its search, and its CSV. No Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from model import DiagnosticModel
from model.cohort import safe_csv
from model.elicitation import plug_in
from views.record_card import RecordCard, record_card
from views.wording import holds

COLUMNS = (
    "id", "what", "value", "reading", "grade", "tag", "settings", "claims", "sources", "locator", "rationale",
    "conflict",
)  # fmt: skip


def number_rows(model: DiagnosticModel) -> tuple[RecordCard, ...]:
    """Return every record of every setting, values read as this model reads them."""
    values: dict[str, float] = {}
    shares_of: dict[str, dict[str, float]] = {}
    for setting in model.knowledge.settings:
        found, shares_of[setting] = plug_in(model.knowledge, setting, model.scale)
        values |= found
    return tuple(
        record_card(
            model.knowledge, record, values.get(record.id), shares_of.get(record.setting[0] if record.setting else "")
        )
        for record in model.knowledge.records
    )


def search(
    rows: Sequence[RecordCard],
    words: str,
    grades: Iterable[str] = (),
    readings: Iterable[str] = (),
    kinds: Iterable[str] = (),
) -> list[RecordCard]:
    """Return the rows that hold every word anywhere, in one of the grades, readings and kinds (none chosen = all)."""
    grades, readings, kinds = set(grades), set(readings), set(kinds)
    return [
        row
        for row in rows
        if (not grades or row.record.grade in grades)
        and (not readings or row.record.reading in readings)
        and (not kinds or row.record.kind in kinds)
        and holds(" ".join(_cells(row)).casefold(), words)
    ]


def _cells(row: RecordCard) -> tuple[str, ...]:
    claims = "; ".join(f"{claim}: {paraphrase}" for claim, paraphrase in row.claims)
    sources = "; ".join(f"{source.citation} {source.locator_url}".strip() for source in row.sources)
    said = row.record
    return (
        said.id, row.title, row.value, said.reading, said.grade, said.tag, row.settings, claims, sources, said.locator,
        said.rationale, said.conflict,
    )  # fmt: skip


def to_csv(rows: Iterable[RecordCard]) -> str:
    """Return the rows as CSV; a cell that a spreadsheet would run as a formula gets a leading apostrophe."""
    return safe_csv([COLUMNS, *map(_cells, rows)])
