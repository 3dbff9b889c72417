"""The rows of a scored table: a table with a button in every row that opens the patient as a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from views.cohort.view import PatientRow
from views.components.inline import Inline

_component = Inline(
    __file__,
    '<div class="scroll" tabindex="0" role="region"><table><caption></caption><thead><tr></tr></thead>'
    "<tbody></tbody></table></div>",
)


def patient_rows(rows: Sequence[PatientRow], about: str, caption: str, on_open: Callable[[int], None]) -> None:
    """Draw the rows; `about` heads the kept column, `on_open` gets the number of the row that was clicked."""
    head = ["Row", about, "Likeliest cause", "Probability", "Second", "Scope"]
    data = {"head": head, "caption": caption, "rows": [asdict(row) for row in rows]}
    _component.draw(data, "chosen", lambda row: on_open(int(row)))
