"""Medicines by name: found by their first letters, entered with a duration, listed with how each is read."""

from __future__ import annotations

import streamlit as st

from model.evidence.medicine import MEDICINES
from views import actions, cached_models, session
from views.medicines import medicine_rows
from views.wording import literal

NAME, DURATION, SUSPECTED = "medicine_name", "medicine_duration", "medicine_suspected"
TEXT = "medicine_text"  # the same as text, for whoever types or pastes a list
LONGEST_SHOWN = 200


def medicine_panel() -> None:
    """Draw the search, and below it a row for each medicine that was named."""
    names = cached_models.medicine_names()
    with st.form("medicine_form", border=False), st.container(key="medicine_new", gap="xsmall"):
        st.selectbox(
            "Medicine, by name",
            list(names),
            index=None,
            format_func=lambda spelling: names.get(spelling, spelling),
            key=NAME,
            placeholder="Three letters of a name, then Enter",
            help="Generic and trade names. What it means for the questions below is entered by itself.",
        )
        with st.container(key="medicine_more", horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input("For how long", key=DURATION, max_chars=40, placeholder="e.g. 3 weeks", width=140,
                          help="From its start to the low count: days, weeks, months or years.")  # fmt: skip
            st.checkbox("Suspected", key=SUSPECTED)
            st.form_submit_button("Add", on_click=actions.add_medicines, args=(NAME, DURATION, SUSPECTED, TEXT))
        st.text_input("Or as text, several parted by ;", key=TEXT, max_chars=1000,
                      placeholder="carbamazepine, 3 weeks, suspected; mtx 2 y")  # fmt: skip
    if problem := session.chosen(f"{NAME}_said"):
        st.warning(literal(problem))
    for place, row in enumerate(medicine_rows(session.lines(MEDICINES), *session.read())):
        with st.container(
            key=f"medicine_row_{place}", horizontal=True, vertical_alignment="center", gap="small", wrap=False
        ):
            st.markdown(f"**{literal(row.label[:LONGEST_SHOWN])}**  \n{literal(row.said)}")
            st.button("Remove", key=f"drop_medicine_{place}", help=f"Remove {literal(row.label[:LONGEST_SHOWN])}",
                      on_click=actions.drop_medicine, args=(place,))  # fmt: skip
