"""What the buttons of the learn screen do."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import streamlit as st

from model.evidence.published_cases import published_case
from views import session
from views.cached_models import knowledge
from views.learn.view import cases, next_case
from views.visit import Guess


def begin() -> None:
    """Choose the first case but the one the app opens on, and the visit's own seed; before any widget is made."""
    if "learn_case" not in st.session_state:
        seen = knowledge().examples[0].case  # its answer was on the case screen
        st.session_state["learn_case"] = next(case for case in cases(knowledge()) if case != seen)
    if "learn_seed" not in st.session_state:
        st.session_state["learn_seed"] = secrets.randbits(32)


def go(random: bool) -> None:
    """Go to the next case that was not guessed yet, in order or at random."""
    done = [guess.case for guess in session.guesses()]
    seed = st.session_state["learn_seed"] if random else None
    st.session_state["learn_case"] = next_case(list(cases(knowledge())), st.session_state["learn_case"], done, seed)
    chosen()


def chosen() -> None:
    """Start the replay of another case at its end."""
    for key in ("learn_step", "learn_focus"):
        st.session_state.pop(key, None)


def reveal(case: str, points: Mapping[str, int]) -> None:
    """Keep the first guess at a case; a later one would know the answer."""
    if all(guess.case != case for guess in session.guesses()) and any(points.values()):
        st.session_state["guesses"] = (*session.guesses(), Guess(case, tuple(points.items())))
        st.session_state["fresh"] = False  # a reload brings the guess back


def forget() -> None:
    """Forget every guess."""
    st.session_state["guesses"] = ()
    for key in [key for key in st.session_state if str(key).startswith("guess_")]:
        del st.session_state[key]


def step_to(step: int) -> None:
    """Show the case after so many findings."""
    st.session_state["learn_step"] = step


def focus(cause: str) -> None:
    """Follow a cause through the findings."""
    st.session_state["learn_focus"] = cause


def open_on_case_screen(case: str) -> None:
    """Make the teaching case the visitor's case; undo brings the one before back."""
    session.open_case(published_case(knowledge(), case, session.setting()))
    st.session_state["learn_go"] = True
