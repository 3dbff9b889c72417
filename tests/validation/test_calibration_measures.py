"""Measures of calibration: hand-worked answers, perfect predictions that pass, wrong ones that are found."""

import numpy as np
import pytest

from model.validation.simulated.calibration_measures import (
    calibration,
    randomised_pit,
    recalibration,
    reliability,
    uniformity,
)


def logistic(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture(scope="module")
def perfect():
    rng = np.random.default_rng(4)
    p = rng.beta(0.6, 1.4, 40_000)
    return p, rng.random(len(p)) < p


def largest_z(found):
    return max(abs(z) for z in (found.large_z, found.slope_z, found.intercept_z, found.brier_z))


def test_perfect_predictions_pass(perfect):
    found = calibration(*perfect)
    assert largest_z(found) < 3.5
    assert found.slope == pytest.approx(1, abs=0.05)
    assert found.expected == pytest.approx(found.observed, abs=0.01)


@pytest.mark.parametrize("change", [lambda x: 1.3 * x, lambda x: 0.7 * x, lambda x: x + 0.2, lambda x: x - 0.2])
def test_wrong_predictions_are_found(perfect, change):
    p, y = perfect
    wrong = logistic(change(np.log(p / (1 - p))))
    assert largest_z(calibration(wrong, y)) > 6
    pit = randomised_pit(wrong, y, np.random.default_rng(1))
    assert uniformity(pit).chi_square_p < 1e-4
    assert uniformity(randomised_pit(p, y, np.random.default_rng(1))).chi_square_p > 1e-3


def test_recalibration_finds_the_line_it_was_given():
    """With expected outcomes in the place of outcomes the fit is exact."""
    x = np.linspace(-3, 3, 101)
    (intercept, slope), _ = recalibration(logistic(x), logistic(0.5 + 0.7 * x))
    assert (intercept, slope) == pytest.approx((0.5, 0.7), abs=1e-9)


def test_calibration_by_hand():
    """Four patients: variances .16, .21, .09, .24; 1 - 2p is .6, -.4, -.8, .2."""
    p, y = np.array([0.2, 0.7, 0.9, 0.4]), np.array([False, True, False, True])
    found = calibration(p, y)
    assert found.large_z == pytest.approx((2 - 2.2) / (0.16 + 0.21 + 0.09 + 0.24) ** 0.5)
    top = -0.2 * 0.6 + 0.3 * -0.4 + -0.9 * -0.8 + 0.6 * 0.2
    bottom = 0.36 * 0.16 + 0.16 * 0.21 + 0.64 * 0.09 + 0.04 * 0.24
    assert found.brier_z == pytest.approx(top / bottom**0.5)
    assert found.brier == pytest.approx((0.04 + 0.09 + 0.81 + 0.36) / 4)


def test_reliability_counts_every_patient_once(perfect):
    p, y = perfect
    frame = reliability(p, y, bins=7)
    assert frame["patients"].sum() == len(p)
    assert (frame["observed"] * frame["patients"]).sum() == pytest.approx(y.sum())
    assert frame["expected"].is_monotonic_increasing
    assert frame["expected"].iloc[0] == pytest.approx(np.sort(p)[: frame["patients"][0]].mean())
    assert ((frame["low"] <= frame["observed"]) & (frame["observed"] <= frame["high"])).all()
    assert (frame["low"] - 0.01 <= frame["expected"]).all()


def test_uniformity_known_answers():
    even = (np.arange(1000) + 0.5) / 1000
    found = uniformity(even, bins=10)
    assert found.counts == (100,) * 10
    assert found.chi_square_p == pytest.approx(1)
    assert found.shape == pytest.approx(1, abs=1e-3)
    assert uniformity(np.full(100, 0.5)).shape == 0
    ends = uniformity(np.repeat([0.0, 1.0], 50))
    assert ends.shape == pytest.approx(3)
    assert ends.chi_square_p < 1e-10
    assert ends.ks_p < 1e-10
