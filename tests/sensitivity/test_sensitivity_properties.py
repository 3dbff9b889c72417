"""Identities of sensitivity analysis on random patients and random numbers (Chan and Darwiche 2002, 2004)."""

from math import log

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import model
from model.inference.draw_engine import DrawEngine
from model.sensitivity import ParameterSpace, one_way
from model.validation.verification import random_evidence

ARTICLE = model.load()
SPACE = ParameterSpace(ARTICLE)
TABLE_NUMBERS = sorted(
    record.id
    for record in SPACE.records
    if record.kind in ("link", "leak") and len(ARTICLE.knowledge.nodes[record.node].states) == 2
)
seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=25, deadline=None)


def patient(seed, entries=9):
    return random_evidence(ARTICLE, np.random.default_rng(seed), entries)


def joint_at(number, values, evidence):
    """(P(e, low count) and P(cause, e, low count)) at stated values of one number, shape (values, 1 + causes)."""
    entered = ARTICLE.posterior(evidence, scope=False).evidence
    network = SPACE.at_points({number: np.asarray(values, float)}).network
    found = DrawEngine(ARTICLE.engine, network).solve(entered.hard, entered.soft)
    return np.column_stack([found.total, found.acting * found.total[:, None]])


@given(seeds, st.sampled_from(TABLE_NUMBERS))
@PROPERTY
def test_a_number_of_one_table_enters_linearly_and_the_posterior_is_a_hyperbola(seed, number):
    lowest = SPACE.least(number)
    values = lowest + (0.98 - lowest) * np.array([0.1, 0.4, 0.7, 0.95])
    joint = joint_at(number, values, patient(seed))
    second = joint[0] - 2 * joint[1] + joint[2]
    assert np.abs(second).max() < 1e-12 * joint[:, 0].max()
    slope = (joint[2] - joint[0]) / (values[2] - values[0])
    drawn = joint[0] + slope * (values[3] - values[0])
    assert np.allclose(drawn[1:] / drawn[0], joint[3, 1:] / joint[3, 0], atol=1e-10)


@given(seeds, st.sampled_from(TABLE_NUMBERS), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
@PROPERTY
def test_no_query_moves_by_more_than_the_distance(seed, number, one, other):
    """|log-odds of any posterior| moves at most |log-odds of the number|: the Chan-Darwiche bound for one column."""
    lowest = SPACE.least(number)
    a, b = (lowest + (1 - lowest) * share for share in (one, other))
    joint = joint_at(number, [a, b], patient(seed))
    inside = joint[:, 1:] / joint[:, :1]
    settled = (inside > 1e-9) & (inside < 1 - 1e-9)
    odds = np.log(np.where(settled, inside, 0.5)) - np.log1p(-np.where(settled, inside, 0.5))
    distance = abs(log(a / (1 - a)) - log(b / (1 - b)))
    assert np.all(np.abs(odds[0] - odds[1])[settled.all(0)] <= distance + 1e-8)


@given(seeds)
@example(503151)  # a tie of `lifelong` above `chronic` of the same cause: no such number can be
@settings(max_examples=8, deadline=None)
def test_one_way_is_consistent_with_itself(seed):
    answer = ARTICLE.posterior(patient(seed), scope=False)
    leader = max(answer.acting, key=answer.acting.__getitem__)
    found = one_way(ARTICLE, answer, leader)
    p = found.posterior
    exact = found.frame[found.frame["exact"]]
    assert np.all(exact["derivative"].abs() <= p * (1 - p) / (exact["value"] * (1 - exact["value"])) + 1e-7)
    inside = found.frame["flip"].between(found.frame["low"], found.frame["high"])
    assert (inside == found.frame["inside"]).all()
    for row in exact[exact["flip"].notna()].head(6).itertuples():
        nearest = min(row.below, row.above)
        assert nearest == pytest.approx(abs(row.flip - row.value), abs=1e-8)
        joint = joint_at(row.id, [row.flip], answer.evidence.given)[0, 1:]
        causes = [cause.id for cause in ARTICLE.network.causes]
        assert joint[causes.index(leader)] == pytest.approx(joint[causes.index(row.rival)], rel=1e-7)
    assert exact.loc[exact["flip"].isna(), ["below", "above"]].eq(np.inf).all(axis=None)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_numbers_without_spread_have_no_interval(seed):
    """Every draw at the plug-in point: each posterior is the plug-in posterior."""
    evidence = patient(seed)
    numbers, shares = SPACE.net_plug_in
    batch = SPACE.at_numbers(
        {name: np.full(5, value) for name, value in numbers.items()},
        {cause: np.full(5, share) for cause, share in shares.items()},
    )
    answer = ARTICLE.posterior(evidence, scope=False)
    found = DrawEngine(ARTICLE.engine, batch.network).solve(answer.evidence.hard, answer.evidence.soft)
    assert np.abs(found.acting - list(answer.acting.values())).max() < 1e-11


def test_sobol_on_a_linear_output_is_analytic(monkeypatch):
    """Y = sum of a_g times one coordinate of group g: S_g = a_g^2 / sum of a^2 (Sobol 1993)."""
    from model.sensitivity import reliance as module

    kinds = [module.GROUPINGS["kind"](record) for record in SPACE.records]
    weights = {"link": 3.0, "leak": 2.0, "hazard": 1.0}
    column = {kind: kinds.index(kind) for kind in weights}
    monkeypatch.setattr(
        module,
        "_log_odds",
        lambda space, answer, cause, points, done: sum(w * points[:, column[k]] for k, w in weights.items()),
    )
    found = module.reliance(ARTICLE, ARTICLE.posterior({}), "drug", by="kind", base=1024)
    for kind, weight in weights.items():
        assert found.frame.loc[kind, "total"] == pytest.approx(weight**2 / 14, abs=0.03)
        assert found.frame.loc[kind, "first"] == pytest.approx(weight**2 / 14, abs=0.05)
