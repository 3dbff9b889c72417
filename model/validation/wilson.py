"""The interval of a counted proportion."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054


def wilson_interval(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927), by default the 95 % one.

    >>> [round(bound, 2) for bound in wilson_interval(18, 20)]
    [0.7, 0.97]
    """
    if trials == 0:
        return 0.0, 1.0
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    # at the ends the formula gives exactly 0 and 1 but for rounding
    return (centre - half if successes else 0.0), (centre + half if successes < trials else 1.0)
