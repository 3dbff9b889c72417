"""What the buttons of the learn screen do."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from model.evidence import published_case
from views import session
from views.cached_models import knowledge
from views.learn.view import cases, next_case
from views.visit import Guess


def begin() -> None:
    """Choose the first case but the one the app opens on, and the visit's own seed; before any widget is made."""
    seen = knowledge().examples[0].case  # its answer was on the case screen
    session.offer("learn_case", next(case for case in cases(knowledge()) if case != seen))
    session.offer("learn_seed", secrets.randbits(32))


def go(random: bool) -> None:
    """Go to the next case that was not guessed yet, in order or at random."""
    done = [guess.case for guess in session.guesses()]
    seed = session.chosen("learn_seed") if random else None
    session.choose("learn_case", next_case(list(cases(knowledge())), session.chosen("learn_case"), done, seed))
    chosen()


def chosen() -> None:
    """Start the replay of another case at its end."""
    for key in ("learn_step", "learn_focus"):
        session.take(key)


def reveal(case: str, points: Mapping[str, int]) -> None:
    """Keep the first guess at a case; a later one would know the answer."""
    if all(guess.case != case for guess in session.guesses()) and any(points.values()):
        session.keep_guesses((*session.guesses(), Guess(case, tuple(points.items()))))


def forget() -> None:
    """Forget every guess."""
    session.keep_guesses(())
    session.forget("guess_")


def open_on_case_screen(case: str) -> None:
    """Make the teaching case the visitor's case; undo brings the one before back."""
    session.open_case(published_case(knowledge(), case, session.setting()))
    session.want_screen("case")
