"""The rows of a scored table: a table with a button in every row that opens the patient as a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from views.cohort.view import PatientRow

HERE = Path(__file__).parent
HEAD = ("Row", "Kept column", "Likeliest cause", "Probability", "Second", "Scope")

_component = component(
    "patient_rows",
    html='<div class="scroll" tabindex="0" role="region"><table><caption></caption><thead><tr></tr></thead>'
    "<tbody></tbody></table></div>",
    css=(HERE / "patient_rows.css").read_text(encoding="utf-8"),
    js=(HERE / "patient_rows.js").read_text(encoding="utf-8"),
)


def patient_rows(
    rows: Sequence[PatientRow], about: str, caption: str, on_open: Callable[[int], None], key: str = "patient_rows"
) -> None:
    """Draw the rows; `about` heads the kept column, `on_open` gets the number of the row that was clicked."""

    def clicked() -> None:
        chosen = st.session_state[key].chosen
        if chosen:
            on_open(int(chosen))

    head = ["Row", about or "", *HEAD[2:]]
    _component(
        data={"head": head, "caption": caption, "rows": [asdict(row) for row in rows]},
        key=key,
        on_chosen_change=clicked,
    )
