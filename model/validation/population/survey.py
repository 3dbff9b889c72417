"""Estimates from a survey that drew clusters within strata with unequal weights: what they are and how sure.

Weights give the estimate, the design gives its variance: Taylor linearisation with first-stage units taken as drawn
with replacement (Woodruff 1971; Binder 1983; Korn and Graubard 1999, chapter 2). A subgroup is a domain: everybody
outside it counts as zero and the whole design stays in, for its size is itself estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.errors import SurveyError
from model.log_odds import log_odds
from model.network import Array

STEP = 1e-20  # of the complex step; the derivative is exact to rounding
# National Center for Health Statistics, Data presentation standards for proportions (Parker et al. 2017)
LEAST_EFFECTIVE = 30
NARROW, WIDE, RELATIVE = 0.05, 0.30, 1.3


class Design:
    """Weights, strata and first-stage units of n people. Immutable.

    weight : (n,), above 0;  stratum, unit : (n,), any labels; a unit's label counts within its stratum only
    raises : SurveyError for lengths that differ, a weight that is not a number above 0, or a stratum with one unit,
        in which nothing tells how units differ.
    """

    def __init__(self, weight: ArrayLike, stratum: ArrayLike, unit: ArrayLike):
        self.weight = np.asarray(weight, float)
        strata, units = np.asarray(stratum), np.asarray(unit)
        if not len(self.weight) == len(strata) == len(units):
            sizes = f"{len(self.weight)}, {len(strata)} and {len(units)}"
            raise SurveyError(f"Design: expected weight, stratum and unit of the same length, got {sizes}.")
        if not (np.isfinite(self.weight).all() and (self.weight > 0).all()):
            raise SurveyError("Design: expected weights above 0; leave people without a weight out.")
        _, self.stratum = np.unique(strata, return_inverse=True)
        _, inner = np.unique(units, return_inverse=True)
        pairs, self.unit = np.unique(np.column_stack([self.stratum, inner]), axis=0, return_inverse=True)
        self.unit = self.unit.reshape(-1)
        self.stratum_of_unit = pairs[:, 0]
        self.units_in = np.bincount(self.stratum_of_unit)
        if (self.units_in < 2).any():
            alone = sorted({str(label) for label in strata[np.isin(self.stratum, np.flatnonzero(self.units_in < 2))]})
            raise SurveyError(f"Design: stratum {alone[0]} has one unit; every stratum needs two or more, so join it.")

    def covariance(self, scores: Array) -> Array:
        """Return the covariance of the totals of `scores`, shape (n, m) with weights in, as (m, m).

        Sum over strata of u / (u - 1) times the spread of the u units' totals about their mean.
        """
        totals = np.stack([np.bincount(self.unit, column, len(self.stratum_of_unit)) for column in scores.T], axis=1)
        mean = np.stack([np.bincount(self.stratum_of_unit, column) for column in totals.T], 1) / self.units_in[:, None]
        spread = totals - mean[self.stratum_of_unit]
        factor = (self.units_in / (self.units_in - 1))[self.stratum_of_unit]
        return np.einsum("u,ui,uj->ij", factor, spread, spread)

    def degrees(self, domain: NDArray[np.bool_] | None = None) -> int:
        """Return units minus strata, of the strata that hold somebody of `domain`.

        A unit of such a stratum without anybody counts too, for it adds to the variance all the same.
        """
        strata = np.unique(self.stratum if domain is None else self.stratum[domain])
        return int((self.units_in[strata] - 1).sum())


@dataclass(frozen=True)
class Estimate:
    """An estimated share or other smooth function of totals.

    value, se : estimate and design-based standard error
    degrees   : of freedom, see :meth:`Design.degrees`
    people    : how many people stand behind the denominator;  events : behind the numerator, unweighted
    """

    value: float
    se: float
    degrees: int
    people: int
    events: int

    @property
    def effective(self) -> float:
        """The size of a simple random sample that would be as sure; the number of people when nobody varies."""
        return self.value * (1 - self.value) / self.se**2 if self.se > 0 else float(self.people)

    @property
    def logit_se(self) -> float:
        """Standard error of the log odds (delta method); infinite at 0 and 1."""
        p = self.value
        return self.se / (p * (1 - p)) if 0 < p < 1 else inf


def smooth(
    design: Design,
    columns: Sequence[ArrayLike],
    function: Callable[..., Any],
    domain: NDArray[np.bool_],
    event: NDArray[np.bool_],
) -> Estimate:
    """Return a smooth function of weighted totals with its linearised standard error.

    columns  : what is summed, each (n,), zero outside what it counts
    function : takes the totals, in that order; must be analytic, for it is differentiated by a complex step
    domain, event : (n,), who is counted in `people` and `degrees`, and in `events`
    raises   : SurveyError when nobody is in the domain.
    """
    if not domain.any():
        raise SurveyError("survey: nobody is in this group, so there is nothing to estimate.")
    weighted = np.column_stack([np.asarray(column, float) for column in columns]) * design.weight[:, None]
    totals = weighted.sum(0)
    steps = totals + 1j * STEP * np.eye(len(totals)) * totals.max()
    gradient = np.array([complex(function(*row)).imag for row in steps]) / (STEP * totals.max())
    variance = float(gradient @ design.covariance(weighted) @ gradient)
    people, events = int(domain.sum()), int((domain & event).sum())
    return Estimate(float(function(*totals)), sqrt(max(variance, 0.0)), design.degrees(domain), people, events)


def share(design: Design, event: ArrayLike, domain: ArrayLike) -> Estimate:
    """Return the share of `domain` that has `event`.

    event  : (n,), 0 or 1 (or a mean's values)
    domain : (n,), 0 or 1, or the part of a person that counts
    """
    inside, seen = np.asarray(domain, float), np.asarray(event, float)
    return smooth(design, (seen * inside, inside), lambda top, bottom: top / bottom, inside > 0, seen > 0)


def logit_interval(estimate: Estimate, level: float = 0.95, normal: bool = False) -> tuple[float, float]:
    """Return the interval that is symmetric in the log odds; (0, 1) where they are infinite.

    normal : take the normal distribution instead of Student's t with the design's degrees of freedom
    """
    if estimate.logit_se == inf:
        return 0.0, 1.0
    half = _quantile(level, inf if normal else estimate.degrees) * estimate.logit_se
    middle = log_odds(estimate.value)
    return 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle))


def korn_graubard_interval(estimate: Estimate, level: float = 0.95) -> tuple[float, float]:
    """Return the exact binomial (Clopper-Pearson) interval at the effective sample size.

    Korn and Graubard 1998, with their correction for the degrees of freedom; the interval that the National Center for
    Health Statistics asks for with proportions. It keeps its level with few events too, so it can be wide.
    """
    from scipy.special import betaincinv

    size = min(_degrees_adjusted(estimate, level), float(estimate.people))
    p, tail = min(max(estimate.value, 0.0), 1.0), (1 - level) / 2
    low = 0.0 if p == 0 else float(betaincinv(p * size, (1 - p) * size + 1, tail))
    high = 1.0 if p == 1 else float(betaincinv(p * size + 1, (1 - p) * size, 1 - tail))
    return low, high


def presentable(estimate: Estimate) -> bool:
    """Return whether the federal standard for proportions (2017) would print the estimate without a warning.

    At least 30 effective people, and an interval narrower than .05, or than .30 and 130 % of the smaller side.
    """
    low, high = korn_graubard_interval(estimate)
    width, smaller = high - low, min(estimate.value, 1 - estimate.value)
    narrow = width <= NARROW or (width < WIDE and width <= RELATIVE * smaller)
    return narrow and min(estimate.effective, estimate.people) >= LEAST_EFFECTIVE


def _degrees_adjusted(estimate: Estimate, level: float) -> float:
    if estimate.people < 2 or estimate.degrees < 1:
        return estimate.effective
    return estimate.effective * (_quantile(level, estimate.people - 1) / _quantile(level, estimate.degrees)) ** 2


def _quantile(level: float, degrees: float) -> float:
    """Return the two-sided quantile of Student's t, or of the normal distribution when degrees are infinite."""
    from scipy.special import ndtri, stdtrit

    point = (1 + level) / 2
    return float(ndtri(point) if degrees == inf else stdtrit(degrees, point))
