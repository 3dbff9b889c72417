"""The value of verifying a group: never above what knowing everything is worth, none for what cannot matter."""

import numpy as np
import pytest

from model.errors import EvidenceError
from model.sensitivity.verify_first import _value, verify_first


@pytest.fixture(scope="module")
def found(article):
    return verify_first(article, by="kind", patients=12, draws=600, seed=0)


def test_frame(found):
    assert found.frame["evppi"].is_monotonic_decreasing
    assert (found.frame["evppi"] > -0.02).all()
    assert (found.frame["changes"].between(0, 1)).all()
    assert 0 < found.flips < 0.5
    assert {"link", "hazard", "share_order"} <= set(found.frame.index)


def test_reproducible(article, found):
    again = verify_first(article, by="kind", patients=12, draws=600, seed=0)
    assert again.frame.equals(found.frame)


def test_known_answer():
    """Two causes, one number x ~ N(0,1): U = (x, 0). Knowing x is worth E max(x, 0) = 1 / sqrt(2 pi); noise is worth
    0."""
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((2, 200_000))
    utilities = np.stack([x, np.zeros_like(x)], axis=1)[:, None, :]
    gain, changes = _value(utilities, np.column_stack([x, x**2 - 1]))
    assert gain[0] == pytest.approx(1 / np.sqrt(2 * np.pi), abs=0.01)
    assert changes == pytest.approx(0.5, abs=0.01)
    nothing, _ = _value(utilities, np.column_stack([noise, noise**2 - 1]))
    assert abs(nothing[0]) < 0.01


def test_errors(article):
    with pytest.raises(EvidenceError, match="Grouping 'author'"):
        verify_first(article, by="author")
