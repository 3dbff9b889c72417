"""A FHIR Bundle that was loaded: what was read of it, for the visitor to confirm before it becomes the case."""

from __future__ import annotations

import streamlit as st

from model.evidence.fhir import BundleRead
from views import actions, session
from views.case.lab_paste import outcome


def bundle_panel() -> None:
    """Draw what was read of a Bundle, until it is opened or dropped."""
    read: BundleRead | None = session.chosen(actions.BUNDLE)
    if read is None:
        return
    with st.container(key="bundle", border=True):
        st.header("What was read of the FHIR Bundle", anchor=False)
        st.html(outcome(read, "Read"))
        with st.container(horizontal=True):
            st.button("Open as the case", on_click=actions.open_bundle,
                      help="In place of the case there is; Undo brings that back")  # fmt: skip
            st.button("Drop the Bundle", on_click=actions.drop_bundle)
