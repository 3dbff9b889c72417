"""Survey statistics against a jackknife, a textbook, closed formulas and another way to linearise."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model.errors import SurveyError
from model.validation.population.survey import (
    Design,
    Estimate,
    korn_graubard_interval,
    logit_interval,
    presentable,
    share,
    smooth,
)


def made_up(seed, strata=6, people=40):
    """A survey with two to four units in a stratum, unequal sizes and weights."""
    rng = np.random.default_rng(seed)
    stratum, unit = [], []
    for h in range(strata):
        for u in range(int(rng.integers(2, 5))):
            count = int(rng.integers(people // 2, people))
            stratum += [h] * count
            unit += [u] * count
    n = len(stratum)
    weight = rng.lognormal(0, 0.5, n)
    level = rng.normal(0, 0.6, (strata, 5))[stratum, unit]
    event = rng.random(n) < 1 / (1 + np.exp(0.5 - level))
    return weight, np.array(stratum), np.array(unit), event, rng.random(n) < 0.6


def jackknife(weight, stratum, unit, statistic):
    """Delete one unit at a time, raise the weights of the others of its stratum (JKn); the variance by hand."""
    whole, variance = statistic(weight), 0.0
    for h in np.unique(stratum):
        units = np.unique(unit[stratum == h])
        for u in units:
            changed = np.where((stratum == h) & (unit != u), weight * len(units) / (len(units) - 1), weight)
            changed[(stratum == h) & (unit == u)] = 0
            variance += (len(units) - 1) / len(units) * (statistic(changed) - whole) ** 2
    return variance


@pytest.mark.parametrize("seed", range(5))
def test_variance_of_a_domain_share_agrees_with_deleting_units(seed):
    weight, stratum, unit, event, domain = made_up(seed)
    found = share(Design(weight, stratum, unit), event, domain)
    other = jackknife(weight, stratum, unit, lambda w: (w * event * domain).sum() / (w * domain).sum())
    assert found.se == pytest.approx(sqrt(other), rel=0.05)
    assert found.value == pytest.approx(np.average(event[domain], weights=weight[domain]), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_variance_of_any_smooth_function_agrees_with_deleting_units(seed):
    weight, stratum, unit, event, domain = made_up(seed, strata=20)
    columns = (event & domain, domain, event & ~domain, ~domain)
    found = smooth(Design(weight, stratum, unit), columns, lambda a, n, b, m: (a / n) / (b / m), domain, event)

    def ratio(w):
        return (np.average(event[domain], weights=w[domain])) / np.average(event[~domain], weights=w[~domain])

    assert found.value == pytest.approx(ratio(weight), rel=1e-12)
    assert found.se == pytest.approx(sqrt(jackknife(weight, stratum, unit, ratio)), rel=0.06)


def test_textbook_cluster_sample():
    """Lohr, Sampling: grade points in 5 of 100 suites of 4: mean 2.826, standard error .164 with 5 % drawn."""
    points = [3.08, 2.60, 3.44, 3.04, 2.36, 3.04, 3.28, 2.68, 2.00, 2.56, 2.52, 1.88, 3.00, 2.88, 3.44, 3.64,
              2.68, 1.92, 3.28, 3.20]  # fmt: skip
    found = share(Design([20] * 20, [1] * 20, np.repeat(range(5), 4)), points, [1] * 20)
    assert found.value == pytest.approx(2.826)
    assert found.se * sqrt(1 - 5 / 100) == pytest.approx(0.164, abs=0.0005)
    assert found.degrees == 4


def test_one_person_a_unit_is_the_formula_of_simple_random_sampling():
    rng = np.random.default_rng(0)
    values = rng.normal(10, 3, 57)
    found = share(Design(np.full(57, 8.0), np.zeros(57), np.arange(57)), values, np.ones(57))
    assert found.se == pytest.approx(values.std(ddof=1) / sqrt(57), rel=1e-10)


def test_strata_take_what_differs_between_them_out_of_the_variance():
    stratum, unit = np.repeat([0, 1], 40), np.tile(np.repeat([0, 1], 20), 2)
    event = stratum == 0
    assert share(Design(np.ones(80), stratum, unit), event, np.ones(80)).se == pytest.approx(0, abs=1e-12)
    assert share(Design(np.ones(80), np.zeros(80), stratum * 2 + unit), event, np.ones(80)).se > 0.2


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 1e6))
def test_scaled_weights_give_the_same(seed, factor):
    weight, stratum, unit, event, domain = made_up(seed, strata=3, people=12)
    one = share(Design(weight, stratum, unit), event, domain)
    other = share(Design(weight * factor, stratum, unit), event, domain)
    assert other.value == pytest.approx(one.value, rel=1e-9)
    assert other.se == pytest.approx(one.se, rel=1e-7)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_order_and_labels_do_not_matter_and_complements_mirror(seed):
    weight, stratum, unit, event, domain = made_up(seed, strata=3, people=12)
    one = share(Design(weight, stratum, unit), event, domain)
    order = np.random.default_rng(seed).permutation(len(weight))
    names = np.array([f"s{h}" for h in stratum])[order], np.array([f"u{9 - u}" for u in unit])[order]
    other = share(Design(weight[order], *names), event[order], domain[order])
    assert (other.value, other.se) == (pytest.approx(one.value), pytest.approx(one.se))
    mirrored = share(Design(weight, stratum, unit), ~event, domain)
    assert (mirrored.value, mirrored.se) == (pytest.approx(1 - one.value), pytest.approx(one.se))
    low, high = korn_graubard_interval(one)
    below, above = korn_graubard_interval(mirrored)
    assert (below, above) == (pytest.approx(1 - high), pytest.approx(1 - low))
    assert low <= one.value <= high


def test_people_outside_the_domain_keep_the_design_whole():
    """A domain is not a smaller survey: units without anybody in it still count."""
    weight, stratum, unit, event, _ = made_up(1)
    domain = (unit != 0) & (stratum < 4)
    design = Design(weight, stratum, unit)
    found = share(design, event, domain)
    units = sum(len(np.unique(unit[stratum == h])) for h in range(4))
    assert found.degrees == units - 4
    whole = jackknife(weight, stratum, unit, lambda w: (w * event * domain).sum() / (w * domain).sum())
    assert found.se == pytest.approx(sqrt(whole), rel=0.15)
    kept = domain & np.isin(stratum, [h for h in range(4) if len(np.unique(unit[(stratum == h) & domain])) > 1])
    subset = share(Design(weight[kept], stratum[kept], unit[kept]), event[kept], np.ones(kept.sum()))
    assert subset.se != pytest.approx(found.se, rel=0.01)


def test_logit_interval_by_hand():
    estimate = Estimate(0.2, 0.05, 10, 100, 20)
    half = stats.t.ppf(0.975, 10) * 0.05 / (0.2 * 0.8)
    low, high = logit_interval(estimate)
    assert log(low / (1 - low)) == pytest.approx(log(0.25) - half)
    assert log(high / (1 - high)) == pytest.approx(log(0.25) + half)
    narrower = logit_interval(estimate, normal=True)
    assert low < narrower[0] < narrower[1] < high


def test_korn_graubard_is_clopper_pearson_when_the_sample_is_simple():
    n, k = 400, 30
    p = k / n
    estimate = Estimate(p, sqrt(p * (1 - p) / n), n - 1, n, k)
    exact = stats.binomtest(k, n).proportion_ci(0.95, "exact")
    assert korn_graubard_interval(estimate) == (pytest.approx(exact.low, rel=1e-9), pytest.approx(exact.high, rel=1e-9))


def test_korn_graubard_where_nobody_or_everybody_has_it():
    assert korn_graubard_interval(Estimate(0.0, 0.0, 49, 50, 0)) == (0.0, pytest.approx(1 - 0.025 ** (1 / 50)))
    assert korn_graubard_interval(Estimate(1.0, 0.0, 49, 50, 50)) == (pytest.approx(0.025 ** (1 / 50)), 1.0)
    assert logit_interval(Estimate(0.0, 0.0, 49, 50, 0)) == (0.0, 1.0)


def test_korn_graubard_is_wider_with_a_design_effect_and_few_degrees():
    plain = korn_graubard_interval(Estimate(0.1, sqrt(0.09 / 500), 499, 500, 50))
    clustered = korn_graubard_interval(Estimate(0.1, sqrt(0.09 / 250), 499, 500, 50))
    few = korn_graubard_interval(Estimate(0.1, sqrt(0.09 / 250), 5, 500, 50))
    assert few[0] < clustered[0] < plain[0] < 0.1 < plain[1] < clustered[1] < few[1]


def test_korn_graubard_by_hand():
    p, se, degrees, n = 0.1, 0.02, 12, 900
    size = p * (1 - p) / se**2 * (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, degrees)) ** 2
    low = stats.beta.ppf(0.025, p * size, size - p * size + 1)
    high = stats.beta.ppf(0.975, p * size + 1, size - p * size)
    assert korn_graubard_interval(Estimate(p, se, degrees, n, 90)) == (pytest.approx(low), pytest.approx(high))


def test_interval_keeps_its_level_in_repeated_surveys():
    """Of 300 surveys drawn from clusters of one known share, few intervals miss it."""
    rng, missed, truth = np.random.default_rng(5), 0, 0.08
    stratum, unit = np.repeat(np.arange(15), 40), np.tile(np.repeat([0, 1], 20), 15)
    for _ in range(300):
        level = rng.beta(8, 92, 30)
        event = rng.random(600) < level[stratum * 2 + unit]
        low, high = korn_graubard_interval(share(Design(np.ones(600), stratum, unit), event, np.ones(600)))
        missed += not low <= truth <= high
    assert missed <= 27  # 5 % would be 15; beyond 27 with probability .002


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [
        (Estimate(0.5, 0.02, 60, 600, 300), True),
        (Estimate(0.5, 0.12, 60, 600, 300), False),  # wider than .30
        (Estimate(0.05, 0.025, 60, 600, 30), False),  # wider than .05 and than 130 % of .05
        (Estimate(0.005, 0.002, 60, 6000, 30), True),  # narrower than .05
        (Estimate(0.5, 0.05, 20, 25, 12), False),  # too few people
    ],
)
def test_presentation_standard(estimate, shown):
    assert presentable(estimate) is shown


@pytest.mark.parametrize(
    ("weight", "stratum", "unit", "sentence"),
    [
        ([1, 1, 1], [1, 1], [1, 2], "expected weight, stratum and unit of the same length, got 3, 2 and 2"),
        ([1, 0], [1, 1], [1, 2], "weights above 0"),
        ([1, float("nan")], [1, 1], [1, 2], "weights above 0"),
        ([1, 1, 1], [1, 1, 7], [1, 2, 1], "stratum 7 has one unit"),
    ],
)
def test_a_design_that_allows_no_variance_is_refused(weight, stratum, unit, sentence):
    with pytest.raises(SurveyError, match=sentence):
        Design(weight, stratum, unit)


def test_an_empty_group_is_refused():
    with pytest.raises(SurveyError, match="nobody is in this group"):
        share(Design([1, 1], [1, 1], [1, 2]), [1, 0], [0, 0])
