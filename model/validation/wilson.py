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


def difference_interval(one: int, of_one: int, other: int, of_other: int) -> tuple[float, float]:
    """Return the 95 % interval of one / of_one - other / of_other (Newcombe 1998, method 10), for separate groups.

    >>> [round(bound, 4) for bound in difference_interval(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    p, q = one / of_one, other / of_other
    (p_low, p_high), (q_low, q_high) = wilson_interval(one, of_one), wilson_interval(other, of_other)
    below, above = sqrt((p - p_low) ** 2 + (q_high - q) ** 2), sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q - below, p - q + above
