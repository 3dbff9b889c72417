"""How long work tells how far it is: one signature for every analysis, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], object]  # (fraction done, 0 to 1; what is being done)


def silent(fraction: float, what: str) -> None:
    """Tell nobody: what a long computation calls when no one is watching."""


def part(tell: Progress, place: int, places: int) -> Progress:
    """Return the progress call of one of several parts alike.

    >>> part(lambda fraction, what: print(f"{fraction:.2f} {what}"), 1, 4)(0.5, "drawing")
    0.38 drawing
    """
    return lambda fraction, what: tell((place + fraction) / places, what)
