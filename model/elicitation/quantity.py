"""One elicited number as a distribution, fitted to its mean and its interval.

A number is stated as its mean (`value`, the plug-in) with a 5 % and a 95 % quantile (`low`, `high`). The mean is kept
exactly; the spread is the best the family can do, and what it cannot do is reported as misfit. scipy is imported inside
the functions that fit or draw.

The uniform distribution is Beta(1, 1), has the mean 0.5, and lies below 0.05 and above 0.95 one time in twenty:

>>> (even,) = fit_betas(["even"], [(0.5, 0.05, 0.95)])
>>> [round(parameter, 6) for parameter in even.parameters], round(even.misfit_logit, 6)
([1.0, 1.0], 0.0)
>>> even.ppf([0.25, 0.5]).round(6).tolist()
[0.25, 0.5]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from model.errors import KnowledgeError, ModelError
from model.log_odds import Array, log_odds

TAILS = np.array([0.05, 0.95])  # the two quantiles every interval states
SMALLEST_SHAPE = 0.05  # below it a Beta is two spikes: its 5 % quantile is under 1e-25


@dataclass(frozen=True, slots=True)
class Quantity:
    """One elicited number with its distribution.

    value      : the mean, exactly; the plug-in
    low, high  : the stated 5 % and 95 % quantiles
    family     : "beta" (parameters alpha, beta), "lognormal" (shift, mu, sigma: ln(value - shift) is normal) or "fixed"
        (value)
    """

    id: str
    value: float
    low: float
    high: float
    family: Literal["beta", "lognormal", "fixed"]
    parameters: tuple[float, ...]

    def ppf(self, u: ArrayLike) -> Array:
        """Return the quantile at `u`, any shape, in [0, 1]; a probability stays strictly between 0 and 1."""
        from scipy.special import betaincinv, ndtri

        u = np.asarray(u, dtype=float)
        if not np.all((u >= 0) & (u <= 1)):
            raise ModelError(f"Quantity {self.id!r}: expected u in [0, 1].")
        if self.family == "beta":
            return np.clip(betaincinv(*self.parameters, u), np.finfo(float).tiny, 1 - np.finfo(float).epsneg)
        if self.family == "lognormal":
            shift, mu, sigma = self.parameters
            return shift + np.exp(mu + sigma * ndtri(u))
        return np.full(u.shape, self.value)

    def sample(self, rng: np.random.Generator, draws: int) -> Array:
        """Return random draws, shape (draws,); a probability stays strictly between 0 and 1."""
        if self.family == "beta":
            alpha, beta = self.parameters
            return np.clip(rng.beta(alpha, beta, draws), np.finfo(float).tiny, 1 - np.finfo(float).epsneg)
        if self.family == "lognormal":
            shift, mu, sigma = self.parameters
            return shift + rng.lognormal(mu, sigma, draws)
        return np.full(draws, self.value)

    @property
    def effective_sample_size(self) -> float | None:
        """Return alpha + beta, how many patients the number is worth; infinite when fixed, None for no probability."""
        if self.family == "lognormal":
            return None
        return sum(self.parameters) if self.family == "beta" else np.inf

    @property
    def misfit_logit(self) -> float:
        """Return the larger distance between stated and fitted 5 % and 95 % quantile, on the scale of the fit.

        That is log-odds for a probability, ln(M - 1) for an excess and ln for a ratio. A stated probability of 0 or 1
        has no place there and is left out, as in the fit.
        """
        if self.family == "fixed":
            return 0.0
        stated = np.array([self.low, self.high])
        if self.family == "lognormal":
            shift = self.parameters[0]
            return float(np.abs(np.log(self.ppf(TAILS) - shift) - np.log(stated - shift)).max())
        usable = (stated > 0) & (stated < 1)
        fitted = _logit_quantiles(*map(np.asarray, self.parameters))
        return float(np.abs(fitted[usable] - log_odds(stated[usable], edge=0)).max())


def fit_lognormal(value: float, low: float, high: float, shift: float = 0.0, id: str = "") -> Quantity:
    """Return shift + lognormal with mean exactly `value`, its quantiles nearest to `low` and `high` in ln(x - shift).

    value, low, high : a ratio (shift 0) or the mean number of acting causes (shift 1), shift < low <= value <= high
    raises           : KnowledgeError when they are out of order or not above the shift
    """
    from scipy.special import ndtri

    if not (np.isfinite(high) and shift < low <= value <= high):
        raise KnowledgeError(f"Record {id!r}: expected {shift:g} < low <= value <= high, got {low}, {value}, {high}.")
    if low == high:
        return Quantity(id, value, low, high, "fixed", (value,))
    centre, ends, z = np.log(value - shift), np.log(np.array([low, high]) - shift), ndtri(TAILS[1])
    # Squared error of mu -+ z*sigma with mu = centre - sigma^2/2; its derivative has exactly one positive root.
    roots = np.roots([1, 0, 2 * z**2 - 2 * centre + ends.sum(), -z * (ends[1] - ends[0])])
    sigma = max(root.real for root in roots if abs(root.imag) <= 1e-9 * abs(root))
    return Quantity(id, value, low, high, "lognormal", (shift, float(centre - sigma**2 / 2), float(sigma)))


def fit_betas(ids: Sequence[str], numbers: Sequence[tuple[float, float, float]]) -> list[Quantity]:
    """Return for each number the Beta with mean exactly `value` whose quantiles lie nearest to `low` and `high`.

    numbers : (value, low, high), probabilities, low <= value <= high; three equal ones give a fixed quantity
    returns : one Quantity an id, all fitted in one pass; two parameters cannot meet three numbers in general, and
              `misfit_logit` says by how much they miss
    raises  : KnowledgeError when the three are out of order, or leave nothing to fit

    Nearest is least squares in log-odds. O'Hagan et al. 2006, Uncertain Judgements (SHELF), fit to elicited quantiles.
    """
    for name, triple in zip(ids, numbers, strict=True):
        _check_probabilities(name, *triple)
    value, low, high = np.array(numbers, dtype=float).reshape(-1, 3).T
    spread = low < high
    alpha, beta = np.full((2, len(value)), np.nan)
    if spread.any():
        size = _concentration(value[spread], np.stack([low[spread], high[spread]]))
        alpha[spread], beta[spread] = value[spread] * size, (1 - value[spread]) * size
    return [
        Quantity(name, m, lo, hi, "beta", (a, b)) if lo < hi else Quantity(name, m, lo, hi, "fixed", (m,))
        for name, (m, lo, hi), a, b in zip(ids, numbers, alpha.tolist(), beta.tolist(), strict=True)
    ]


def _concentration(mean: Array, ends: Array) -> Array:
    """Return the alpha + beta that puts the logit quantiles nearest to the ends, shape (n,); ends has shape (2, n)."""
    usable = (ends > 0) & (ends < 1)
    target = log_odds(np.where(usable, ends, mean), edge=0)

    def error(log_size: Array) -> Array:
        size = np.exp(log_size)
        return (usable * (_logit_quantiles(mean * size, (1 - mean) * size) - target) ** 2).sum(axis=0)

    least = np.log(SMALLEST_SHAPE / np.minimum(mean, 1 - mean))
    start = -np.log(mean * (1 - mean)) - 2 * np.log(_logit_sd(target))  # the size a normal in log-odds would have
    # From the narrow side down to the first dip: a very wide Beta can meet a lone end too, as a spike with a far tail.
    grid = np.maximum(start + np.arange(5.0, -6.0, -1.0)[:, None], least)
    heights = np.array([error(row) for row in grid])
    dip = np.append(heights[:-1] <= heights[1:], np.ones((1, mean.size), bool), axis=0).argmax(axis=0)
    column = np.arange(mean.size)
    above = grid[np.maximum(dip - 1, 0), column]
    below = grid[np.minimum(dip + 1, len(grid) - 1), column]
    step = (np.sqrt(5) - 1) / 2
    left, right = above - step * (above - below), below + step * (above - below)
    at_left, at_right = error(left), error(right)
    for _ in range(36):  # golden section, all fits side by side
        lower = at_left < at_right
        below, above = np.where(lower, below, left), np.where(lower, right, above)
        new = np.where(lower, above - step * (above - below), below + step * (above - below))
        at_new = error(new)
        left, right = np.where(lower, new, right), np.where(lower, left, new)
        at_left, at_right = np.where(lower, at_new, at_right), np.where(lower, at_left, at_new)
    return np.exp((above + below) / 2)


def _logit_sd(ends: Array) -> Array:
    """Return the standard deviation of a normal with these 5 % and 95 % quantiles (first axis)."""
    from scipy.special import ndtri

    return (ends[1] - ends[0]) / (2 * ndtri(TAILS[1]))


def _logit_quantiles(alpha: Array, beta: Array) -> Array:
    """Return the log-odds of the 5 % and 95 % quantiles, shape (2, ...); exact near 0 and near 1."""
    from scipy.special import betaincinv

    tails = TAILS.reshape(2, *[1] * np.ndim(alpha))
    return np.log(betaincinv(alpha, beta, tails)) - np.log(betaincinv(beta, alpha, tails[::-1]))


def _check_probabilities(id: str, value: float, low: float, high: float) -> None:
    where = f"Record {id!r}"
    if not 0 <= low <= value <= high <= 1:
        raise KnowledgeError(f"{where}: expected 0 <= low <= value <= high <= 1, got {low}, {value}, {high}.")
    if low < high and value in (0, 1):
        raise KnowledgeError(f"{where}: a mean of {value} leaves no room for the interval {low} to {high}.")
    if low < high and (low == 0 or low == value) and (high == 1 or high == value):  # no end left that bounds the spread
        raise KnowledgeError(f"{where}: the interval {low} to {high} says nothing about the spread around {value}.")
