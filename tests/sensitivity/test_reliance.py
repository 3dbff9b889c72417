"""Global sensitivity by group: against an analytic answer and against freezing the group."""

import numpy as np
import pytest

from model.errors import EvidenceError
from model.inference.draw_engine import DrawEngine
from model.sensitivity import ParameterSpace
from model.sensitivity.reliance import reliance

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:SALib", "ignore::FutureWarning:SALib")
FEVER = {"fever": "present"}


@pytest.fixture(scope="module")
def by_kind(article):
    return reliance(article, article.posterior(FEVER), "viral", by="kind", base=128)


def test_every_coordinate_is_in_one_group(article, by_kind):
    assert by_kind.frame["numbers"].sum() == len(ParameterSpace(article).coordinates)


def test_shares_are_shares(by_kind):
    frame = by_kind.frame
    assert frame["total"].is_monotonic_decreasing
    assert (frame["total"] > -0.02).all()
    assert (frame["first"] <= frame["total"] + frame["total_error"] + frame["first_error"] + 0.02).all()
    assert frame["first"].sum() < 1.3


def test_a_finding_that_was_not_entered_carries_nothing(article):
    found = reliance(article, article.posterior(FEVER), "viral", by="claim", base=64)
    assert found.frame.loc[found.frame.index == "A3", "total"].abs().sum() < 1e-6


def test_freezing_a_group_takes_its_share_away(article, by_kind):
    """Var(output | group fixed) / Var(output) = 1 - what the group's total index says, within Monte Carlo error."""
    space = ParameterSpace(article)
    rng = np.random.default_rng(4)
    points = rng.random((3000, len(space.coordinates)))
    frozen = points.copy()
    for column, name in enumerate(space.coordinates):
        if name.startswith("link."):
            frozen[:, column] = 0.5

    def spread(at):
        batch = space.at(at)
        p = DrawEngine(article.engine, batch.network).solve({"fever": 1}).acting[:, 1]
        return np.log(p / (1 - p)).var()

    left = spread(frozen) / spread(points)
    assert left == pytest.approx(1 - by_kind.frame.loc["link", "total"], abs=0.15)


def test_same_seed_same_answer(article):
    answer = article.posterior(FEVER)
    first = reliance(article, answer, "viral", by="grade", base=32, seed=0)
    assert first.frame.equals(reliance(article, answer, "viral", by="grade", base=32, seed=0).frame)


def test_errors(article):
    answer = article.posterior(FEVER)
    with pytest.raises(EvidenceError, match="Grouping 'author' is unknown; allowed is 'claim'"):
        reliance(article, answer, "viral", by="author")
    with pytest.raises(EvidenceError, match="Cause 'x' is unknown"):
        reliance(article, answer, "x")
