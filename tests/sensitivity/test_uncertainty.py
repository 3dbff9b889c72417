"""Second-order Monte Carlo: reproducible, common random numbers, and wide exactly where the numbers are."""

import numpy as np
import pytest

from model.sensitivity import intervals, parameter_draws

FEVER = {"fever": "present", "viral_test": "present"}


@pytest.fixture(scope="module")
def found(article):
    return intervals(article, article.posterior(FEVER), draws=400, seed=0)


def test_frame_is_ordered_and_holds_the_plug_in(article, found):
    frame = found.frame
    assert list(frame.index) == list(article.posterior(FEVER).acting)
    assert np.allclose(frame["plug_in"], list(article.posterior(FEVER).acting.values()))
    assert (frame["low"] <= frame["high"]).all()
    assert frame["first"].sum() == pytest.approx(1)
    assert found.leader == "viral"
    assert found.leader_changes == pytest.approx(1 - frame.loc["viral", "first"])
    assert np.allclose(found.states["plug_in"], article.posterior(FEVER).states)


def test_same_seed_same_numbers_other_seed_others(article, found):
    answer = article.posterior(FEVER)
    again = intervals(article, answer, draws=400, seed=0)
    assert again.frame.equals(found.frame)
    other = intervals(article, answer, draws=400, seed=1)
    assert not other.frame["low"].equals(found.frame["low"])
    assert np.allclose(other.frame["mean"], found.frame["mean"], atol=0.05)


def test_draws_are_common_to_patients(article):
    """An unrelated finding moves a cause in the same draws: the draws of the two patients are paired."""
    draws = parameter_draws(article, 400, 0)
    assert parameter_draws(article, 400, 0) is draws
    first = draws.engine.solve({"fever": 1}).acting[:, 1]
    second = draws.engine.solve({"fever": 1, "rash": 0}).acting[:, 1]
    assert np.corrcoef(first, second)[0, 1] > 0.95


def test_one_changed_number_leaves_the_other_draws_alone(article):
    changed = article.override({"link.rash.present.viral.present": 0.3})
    mine, theirs = parameter_draws(article, 50, 0).batch.numbers, parameter_draws(changed, 50, 0).batch.numbers
    for number, drawn in mine.items():
        if number != "link.rash.present.viral.present":
            assert np.array_equal(drawn, theirs[number]), number


def test_an_overridden_number_is_a_point_in_the_draws(article):
    changed = article.override({"link.fever.present.viral.present": 0.4})
    drawn = parameter_draws(changed, 50, 0).batch.numbers["link.fever.present.viral.present"]
    assert np.ptp(drawn) == 0
    before, after = (m.intervals({"fever": "present"}, draws=300).frame.loc["viral"] for m in (article, changed))
    assert after["high"] - after["low"] < before["high"] - before["low"]
    assert after["low"] < after["plug_in"] < after["high"]


def test_independent_numbers_leave_the_joint_at_its_plug_in(article):
    """E[P(evidence, cause)] over links and leaks alone is the plug-in joint: each enters once, linearly."""
    from model.inference.draw_engine import DrawEngine
    from model.sensitivity import ParameterSpace

    space = ParameterSpace(article)
    batch, _ = space.drawn(6000, 3)
    numbers, shares = space.net_plug_in
    kept = {
        name: drawn if article.knowledge.record(name).kind == "link" else np.full_like(drawn, numbers[name])
        for name, drawn in batch.numbers.items()
    }
    only_links = space.at_numbers(kept, {cause: np.full(6000, share) for cause, share in shares.items()})
    drawn = DrawEngine(article.engine, only_links.network).solve({"fever": 1, "anaemia": 1, "macrocytosis": 0})
    joint = drawn.acting * drawn.total[:, None]
    plug_in = article.engine.solve({"fever": 1, "anaemia": 1, "macrocytosis": 0})
    expected = plug_in.weights @ article.engine.acting
    assert np.all(np.abs(joint.mean(0) - expected) < 4 * joint.std(0) / np.sqrt(len(joint)))


def test_progress_is_told(article):
    seen = []
    parameter_draws(article, 60, 7, lambda fraction, what: seen.append(fraction))
    assert seen[0] == 0
    assert seen[-1] == 1
