"""Pasted laboratory text: read on request, entered as numbers, and what was not read said line by line."""

from __future__ import annotations

from html import escape

import streamlit as st

from model.evidence.fhir import BundleRead
from model.evidence.lab_line import NOT_OURS, LabLeftOut
from model.evidence.lab_text import LabText
from views import actions, session

MOST_OTHER = 200  # lines that are no entries, listed
EXAMPLE = "MCV 104 fL\nHb 11.2 g/dL\nPlatelets 143 x10^9/L\nVitamin B12 150 pg/mL"


def lab_paste() -> None:
    """Draw the field behind its button."""
    with st.popover("Paste results", key="paste", on_change="rerun") as opened:
        if not opened.open:
            return
        st.text_area("Laboratory text", key="pasted", height=150, placeholder=EXAMPLE, max_chars=20_000,
                     help="One result to a line or several, with units. It stays on this computer.")  # fmt: skip
        st.button("Read and enter", on_click=actions.paste)
        read: LabText | None = session.chosen("read")
        if read is not None:
            st.html(outcome(read))


def outcome(read: LabText | BundleRead, done: str = "Entered") -> str:
    """Return what became of each line or resource, as HTML: how much was understood first, what is not ours last.

    done : the word above what was read
    """
    ours = [left for left in read.left_out if left.status == NOT_OURS]
    asked = [
        *(conflict.sentence for conflict in read.conflicts),
        *(_left(left) for left in read.left_out if left.status != NOT_OURS),
        *read.sentences,
    ]
    entered = [f"{entry} ({entry.place})" for entry in read.entries]
    other = [_left(left) for left in ours[:MOST_OTHER]]
    other += [f"{len(ours) - MOST_OTHER} more"] if len(ours) > MOST_OTHER else []
    rest = "No entries of this model"
    return (
        f'<div role="status"><p><b>{escape(read.summary)}</b></p>'
        f"<b>{done}: {len(entered)}</b>{_list(entered)}"
        + (f"<b>Not entered, or to be known</b>{_list(asked)}" if asked else "")
        + (f"<details><summary>{rest}: {len(ours)}</summary>{_list(other)}</details>" if other else "")
        + "</div>"
    )


def _left(left: LabLeftOut) -> str:
    return f"{left.place[:1].upper()}{left.place[1:]}, “{left.text}”: {left.reason}"


def _list(lines: list[str]) -> str:
    return f'<ul class="kappas">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'
