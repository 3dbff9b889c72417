"""The case screen run by itself, and its callbacks called as a press would call them."""

from streamlit.testing.v1 import AppTest


def screen():
    """The case screen; `to_do` is called as a callback would be, before anything is drawn."""
    import streamlit as st

    from views import actions, session
    from views.case.page import show

    session.begin()
    for name, argument in st.session_state.pop("to_do", ()):
        getattr(session if name == "go_back" else actions, name)(*argument)
    if st.session_state.pop("keep", False):
        st.session_state["made"] = session.case_file(), session.link().address, session.visit().to_text()
    show()


def empty_case():
    """Return the case screen with nothing entered."""
    at = AppTest.from_function(screen, default_timeout=60).run()
    return done(at, "reset")


def done(at, name, *arguments):
    at.session_state["to_do"] = [(name, arguments)]
    at.run()
    assert not at.exception
    return at
