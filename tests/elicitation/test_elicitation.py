"""Elicitation: orders, intervals and words become distributions with the stated mean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.elicitation import Quantity, stated
from model.elicitation.elicit import draw, elicit_all, uniform_block
from model.elicitation.ordered_simplex import (
    centroid_of_order,
    ordered_simplex_dimension,
    rank_order_centroid,
    sample_ordered_simplex,
)
from model.elicitation.quantity import fit_betas, fit_lognormal
from model.errors import KnowledgeError, ModelError
from model.knowledge import Record, data_folder, load_knowledge
from model.knowledge.load import PARAMETER_FILES
from model.knowledge.rows import Word

ARTICLE_ORDER = {
    "marrow": "rank 5-6",  # not in order of rank, so that a mix-up of columns shows
    "drug": "rank 1",
    "viral": "rank 2",
    "ben": "rank 4",
    "nutritional": "rank 3",
    "autoimmune": "rank 5-6",
}
STRICT_ORDER = {"c": "rank 3", "a": "rank 1", "d": "rank 4", "b": "rank 2"}
TWO_TIES = {"x": "rank 1-2", "b": "rank 4-5", "y": "rank 1-2", "top": "rank 3", "c": "rank 4-5"}
TINY = (3e-5, 5e-6, 9e-5)  # a hazard: three in a hundred thousand

shape = st.floats(0.3, 200)
triple = st.tuples(*[st.floats(1e-4, 1 - 1e-4)] * 3).map(sorted).map(lambda t: (t[1], t[0], t[2]))
deterministic = settings(deadline=None, derandomize=True)


def make_record(**changes) -> Record:
    row = {
        "id": "link.fever.present.viral.present", "kind": "link", "setting": ("all",), "node": "fever",
        "state": "present", "parent": "viral", "parent_state": "present", "value": 0.2, "low": 0.1, "high": 0.35,
        "word": "", "reading": "literature", "grade": "B", "tag": "SEEN", "claims": (), "sources": ("made_up",),
        "locator": "", "rationale": "made up", "conflict": "",
    }  # fmt: skip
    return Record(**row | changes)


def make_words(scale: str = "plain") -> dict[str, Word]:
    rows = {"often": (0.35, 0.6, 0.85), "rarely": (0.005, 0.04, 0.10)}
    return {word: Word(scale, word, *numbers, "made_up", "", "GAP", "") for word, numbers in rows.items()}


def fit_beta(value, low, high, id="") -> Quantity:
    return fit_betas([id], [(value, low, high)])[0]


def elicit(record, words) -> Quantity:
    return elicit_all([record], words)[0]


def uniforms_for(ranks, draws=40_000, seed=0):
    return uniform_block(draws, [f"order.{k}" for k in range(ordered_simplex_dimension(ranks))], seed)


# --- orders ---
def test_rank_order_centroid_of_six_matches_barron_and_barrett_1996():
    assert rank_order_centroid(6).round(3).tolist() == [0.408, 0.242, 0.158, 0.103, 0.061, 0.028]


def test_rank_order_centroid_needs_an_item():
    with pytest.raises(ModelError, match="at least 1 item, got 0"):
        rank_order_centroid(0)


def test_rank_order_centroid_of_three_by_hand():
    assert rank_order_centroid(3) == pytest.approx([11 / 18, 5 / 18, 2 / 18], abs=1e-15)


@given(st.integers(1, 60))
def test_rank_order_centroid_is_ordered_and_sums_to_one(n):
    centroid = rank_order_centroid(n)
    assert centroid.shape == (n,)
    assert centroid.sum() == pytest.approx(1, abs=1e-12)
    assert (np.diff(centroid) < 0).all()
    assert centroid[-1] == pytest.approx(1 / n**2)


def test_article_order_leaves_the_last_two_equal():
    shares = centroid_of_order(ARTICLE_ORDER)
    assert list(shares) == list(ARTICLE_ORDER)
    rounded = {cause: round(share, 3) for cause, share in shares.items()}
    assert rounded == {
        "marrow": 0.044, "drug": 0.408, "viral": 0.242, "ben": 0.103, "nutritional": 0.158, "autoimmune": 0.044
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ranks", "message"),
    [
        ({}, "at least one"),
        ({"a": "first"}, "got 'first'"),
        ({"a": "rank 1", "b": "rank 3"}, "expected rank 2"),
        ({"a": "rank 1", "b": "rank 1"}, "room for 1, got 2"),
        ({"a": "rank 1-3", "b": "rank 1-3"}, "room for 3, got 2"),
        ({"a": "rank 1-2", "b": "rank 1-2", "c": "rank 2"}, "expected rank 3"),
        ({"a": "rank 0", "b": "rank 1"}, "from 1"),
        ({"a": "rank 2-1", "b": "rank 2-1"}, "from 1"),
        ({"a": "rank 1-1"}, "that rise"),
        ({str(i): "rank 1-20" for i in range(20)}, "split them"),
    ],
)
def test_inconsistent_ranks_are_refused(ranks, message):
    for function in (centroid_of_order, ordered_simplex_dimension):
        with pytest.raises(KnowledgeError, match=message):
            function(ranks)


def test_dimension_counts_one_uniform_more_for_ties():
    assert ordered_simplex_dimension(STRICT_ORDER) == 3
    assert ordered_simplex_dimension(ARTICLE_ORDER) == 6
    assert ordered_simplex_dimension({"only": "rank 1"}) == 0


@pytest.mark.parametrize("ranks", [STRICT_ORDER, ARTICLE_ORDER, TWO_TIES], ids=["strict", "article", "two ties"])
def test_samples_are_ordered_and_average_to_the_centroid(ranks):
    shares = sample_ordered_simplex(ranks, uniforms_for(ranks))
    assert shares.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (shares >= 0).all()
    column = {item: shares[:, j] for j, item in enumerate(ranks)}
    last = {item: int(rank.replace("rank ", "").split("-")[-1]) for item, rank in ranks.items()}
    for high in ranks:
        for low in ranks:
            if last[high] < last[low]:
                assert (column[high] >= column[low]).all()
    error = shares.std(axis=0) / np.sqrt(len(shares))
    assert (abs(shares.mean(axis=0) - list(centroid_of_order(ranks).values())) < 4 * error).all()


@pytest.mark.parametrize(
    ("ranks", "allowed"),
    [
        (STRICT_ORDER, lambda c, a, d, b: (a >= b) & (b >= c) & (c >= d)),
        (TWO_TIES, lambda x, b, y, top, c: (np.minimum(x, y) >= top) & (top >= np.maximum(b, c))),
    ],
    ids=["strict", "two ties"],
)
def test_unit_cube_sampler_agrees_with_rejection_from_a_flat_dirichlet(ranks, allowed):
    flat = np.random.default_rng(8).dirichlet(np.ones(len(ranks)), size=600_000)
    kept = flat[allowed(*flat.T)]
    assert len(kept) > 10_000
    shares = sample_ordered_simplex(ranks, uniforms_for(ranks, draws=len(kept), seed=3))
    mixtures = np.vstack([np.eye(len(ranks)), np.random.default_rng(5).normal(size=(6, len(ranks)))])
    for direction in mixtures:  # margins, and projections that see the joint distribution
        assert scipy.stats.kstest(shares @ direction, kept @ direction).pvalue > 1e-3


def test_every_order_inside_a_tie_is_equally_likely():
    ranks = dict.fromkeys("abc", "rank 1-3")
    shares = sample_ordered_simplex(ranks, uniforms_for(ranks, draws=60_000))
    _, counts = np.unique(np.argsort(shares, axis=1), axis=0, return_counts=True)
    assert len(counts) == 6
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


def test_sampler_accepts_the_faces_of_the_cube():
    for corner in (0.0, 1.0):
        shares = sample_ordered_simplex(ARTICLE_ORDER, np.full((1, 6), corner))
        assert shares.sum() == pytest.approx(1)
    assert sample_ordered_simplex({"only": "rank 1"}, np.empty((5, 0))).tolist() == [[1.0]] * 5


def test_sampler_refuses_uniforms_of_another_shape_or_range():
    with pytest.raises(ModelError, match=r"shape \(draws, 6\), got \(10, 5\)"):
        sample_ordered_simplex(ARTICLE_ORDER, np.full((10, 5), 0.5))
    with pytest.raises(ModelError, match=r"uniforms in \[0, 1\]"):
        sample_ordered_simplex(STRICT_ORDER, np.full((10, 3), np.nan))


# --- Beta fits ---
@deterministic
@given(shape, shape)
def test_fit_of_exact_quantiles_recovers_the_beta(alpha, beta):
    exact = scipy.stats.beta(alpha, beta)
    low, high = exact.ppf([0.05, 0.95])
    mean = alpha / (alpha + beta)
    assume(low < mean < high and low > 1e-6 and high < 1 - 1e-6)
    fitted = fit_beta(mean, low, high)
    assert fitted.parameters == pytest.approx((alpha, beta), rel=1e-6)
    assert fitted.effective_sample_size == pytest.approx(alpha + beta, rel=1e-6)
    assert fitted.misfit_logit < 1e-6


@deterministic
@given(triple)
def test_fitted_beta_keeps_the_mean_and_is_the_nearest(numbers):
    value, low, high = numbers
    assume(low < value < high)
    fitted = fit_beta(value, low, high)
    alpha, beta = fitted.parameters
    assert alpha / (alpha + beta) == pytest.approx(value, rel=1e-12)
    assert (np.diff(fitted.ppf(np.linspace(0.001, 0.999, 99))) >= 0).all()

    def error(scale):
        quantiles = scipy.stats.beta(alpha * scale, beta * scale).ppf([0.05, 0.95])
        if not 0 < quantiles[0] <= quantiles[1] < 1:
            return np.inf
        return ((scipy.special.logit(quantiles) - scipy.special.logit([low, high])) ** 2).sum()

    best = error(1)
    if np.isfinite(best):
        nearby = [error(scale) for scale in (0.97, 0.999, 1.001, 1.03, 1.3, 2, 5)]
        assert min(nearby) >= best - 1e-7 * (1 + best)


@pytest.mark.parametrize("numbers", [TINY, (0.02, 0.0, 0.08), (0.98, 0.9, 1.0), (0.15, 0.002, 0.5)])
def test_quantiles_invert_the_distribution_function(numbers):
    fitted = fit_beta(*numbers)
    u = np.array([1e-9, 1e-4, 0.05, 0.5, 0.95, 0.9999])
    x = fitted.ppf(u)
    away_from_one = x < 1 - 1e-9  # nearer, the spacing of doubles limits what x can say
    assert away_from_one.sum() >= 3
    assert scipy.special.betainc(*fitted.parameters, x)[away_from_one] == pytest.approx(u[away_from_one], rel=1e-8)


def test_tiny_hazard_keeps_its_mean_and_order_of_magnitude():
    fitted = fit_beta(*TINY)
    assert fitted.misfit_logit < 0.25
    assert abs(fitted.ppf([0.05, 0.95]) - TINY[1:]).max() < 2e-5
    assert 5e-7 < fitted.ppf(0.001) < fitted.ppf(0.999) < 5e-4


@pytest.mark.parametrize("numbers", [TINY, (0.2, 0.1, 0.35), (0.02, 0.0, 0.08), (0.97, 0.9, 0.999), (0.3, 0.01, 0.9)])
def test_draws_lie_inside_and_average_to_the_value(numbers):
    fitted = fit_beta(*numbers)
    drawn = draw([fitted], uniform_block(40_000, ["any"], seed=1))
    assert ((drawn > 0) & (drawn < 1)).all()
    assert abs(drawn.mean() - fitted.value) < 4 * drawn.std() / np.sqrt(len(drawn))


def test_quantiles_stay_strictly_inside_even_for_spikes():
    spiky = Quantity("spiky", 0.5, 0.0, 1.0, "beta", (0.05, 0.05))
    ends = spiky.ppf([0.0, 1e-12, 1 - 1e-12, 1.0])
    assert ((ends > 0) & (ends < 1)).all()


def test_misfit_is_reported_when_three_numbers_cannot_be_matched():
    stretched = fit_beta(0.10, 0.09, 0.60)  # the mean hugs the lower end: no Beta does that
    low, high = scipy.stats.beta(*stretched.parameters).ppf([0.05, 0.95])
    gaps = scipy.special.logit([low, high]) - scipy.special.logit([0.09, 0.60])
    assert stretched.misfit_logit == pytest.approx(abs(gaps).max())
    assert stretched.misfit_logit > 1
    assert max(abs(low - 0.09), abs(high - 0.60)) > 0.2


def test_a_stated_zero_or_one_is_left_out_of_the_fit():
    floor, ceiling = fit_beta(0.02, 0.0, 0.08), fit_beta(0.98, 0.92, 1.0)
    assert floor.ppf(0.95) == pytest.approx(0.08, rel=1e-6)
    assert ceiling.ppf(0.05) == pytest.approx(0.92, rel=1e-6)
    assert floor.parameters == pytest.approx(ceiling.parameters[::-1], rel=1e-5)
    assert floor.misfit_logit < 1e-6


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_zero_width_gives_a_fixed_quantity(value):
    fixed = fit_beta(value, value, value)
    assert fixed.family == "fixed"
    assert fixed.ppf([0.0, 0.3, 1.0]).tolist() == [value] * 3
    assert fixed.misfit_logit == 0
    assert fixed.effective_sample_size == np.inf


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((0.5, 0.6, 0.7), "low <= value <= high"),
        ((0.5, 0.4, 1.2), "<= 1"),
        ((0.5, -0.1, 0.6), "0 <="),
        ((np.nan, 0.1, 0.6), "nan"),
        ((0.0, 0.0, 0.1), "no room"),
        ((0.5, 0.0, 1.0), "says nothing"),
        ((0.1, 0.0, 0.1), "says nothing"),
    ],
)
def test_impossible_intervals_are_refused_by_name(numbers, message):
    with pytest.raises(KnowledgeError, match=message) as caught:
        fit_beta(*numbers, id="leak.fever")
    assert "leak.fever" in str(caught.value)


# --- excess ---
def test_excess_keeps_its_mean_and_stays_above_one():
    causes = fit_lognormal(1.10, 1.02, 1.25, shift=1.0)
    _, mu, sigma = causes.parameters
    assert 1 + np.exp(mu + sigma**2 / 2) == pytest.approx(1.10, rel=1e-12)
    drawn = draw([causes], uniform_block(40_000, ["any"], seed=2))
    assert (drawn > 1).all()
    assert abs(drawn.mean() - 1.10) < 4 * drawn.std() / np.sqrt(len(drawn))
    low, high = causes.ppf([0.05, 0.95])
    assert causes.misfit_logit == pytest.approx(max(abs(np.log((low - 1) / 0.02)), abs(np.log((high - 1) / 0.25))))
    assert causes.effective_sample_size is None


@deterministic
@given(st.floats(-6, 2), st.floats(0.01, 2.5), st.sampled_from([0.0, 1.0]))
def test_a_fit_of_exact_quantiles_recovers_the_lognormal(mu, sigma, shift):
    low, high = shift + scipy.stats.lognorm(sigma, scale=np.exp(mu)).ppf([0.05, 0.95])
    value = shift + np.exp(mu + sigma**2 / 2)
    assume(value < high)
    fitted = fit_lognormal(value, low, high, shift)
    assert fitted.parameters == pytest.approx((shift, mu, sigma), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("numbers", [(1.1, 1.0, 1.2), (1.3, 1.1, 1.2), (0.9, 0.8, 1.0), (1.1, 1.05, np.inf)])
def test_excess_at_or_below_one_is_refused(numbers):
    with pytest.raises(KnowledgeError, match="1 < low"):
        fit_lognormal(*numbers, shift=1.0)


def test_excess_of_zero_width_is_fixed():
    fixed = fit_lognormal(1.1, 1.1, 1.1, shift=1.0)
    assert (fixed.family, fixed.parameters) == ("fixed", (1.1,))
    assert fixed.ppf(0.9) == 1.1


# --- records ---
def test_word_rows_are_read_through_the_scale():
    row = make_record(reading="word", word="often", value=None, low=None, high=None)
    assert stated(row, make_words()) == (0.6, 0.35, 0.85)
    quantity = elicit(row, make_words())
    assert (quantity.id, quantity.value, quantity.low, quantity.high) == (row.id, 0.6, 0.35, 0.85)


def test_number_rows_ignore_the_scale():
    assert elicit(make_record(), {}) == fit_beta(0.2, 0.1, 0.35, id="link.fever.present.viral.present")


def test_cooccurrence_rows_are_an_excess():
    row = make_record(id="cooccurrence", kind="cooccurrence", value=1.1, low=1.02, high=1.25)
    assert elicit(row, {}) == fit_lognormal(1.1, 1.02, 1.25, shift=1.0, id="cooccurrence")


def test_many_records_come_back_in_order_and_as_one_by_one():
    rows = [
        make_record(id="a"),
        make_record(id="M", kind="cooccurrence", value=1.1, low=1.02, high=1.25),
        make_record(id="fixed", value=0.3, low=0.3, high=0.3),
        make_record(id="tiny", value=TINY[0], low=TINY[1], high=TINY[2]),
    ]
    together = elicit_all(rows, make_words())
    assert [quantity.id for quantity in together] == ["a", "M", "fixed", "tiny"]
    assert together == tuple(elicit(row, make_words()) for row in rows)
    assert elicit_all([], {}) == ()


def test_order_rows_are_refused():
    row = make_record(id="share_order.drug", reading="order", word="rank 1", value=None, low=None, high=None)
    with pytest.raises(KnowledgeError, match=r"share_order\.drug.*drawn together"):
        elicit(row, make_words())


def test_a_missing_number_is_named():
    with pytest.raises(KnowledgeError, match="must all be given"):
        elicit(make_record(low=None), {})


def test_unknown_word_in_a_record_names_the_allowed_ones():
    row = make_record(reading="word", word="oftn", value=None, low=None, high=None)
    with pytest.raises(KnowledgeError, match="'oftn' is unknown; allowed is 'often' or 'rarely'; did you mean 'often'"):
        elicit(row, make_words())


# --- draws ---
def test_same_seed_same_numbers_and_zero_is_a_seed():
    first = uniform_block(50, ["a", "b"], seed=0)
    assert (first == uniform_block(50, ["a", "b"], seed=0)).all()
    assert (first != uniform_block(50, ["a", "b"], seed=1)).all()


def test_a_column_does_not_depend_on_the_other_quantities():
    block = uniform_block(50, ["a", "b", "c"], seed=4)
    assert (uniform_block(50, ["c", "new", "a"], seed=4)[:, [2, 0]] == block[:, [0, 2]]).all()
    assert (uniform_block(500, ["b"], seed=4)[:50, 0] == block[:, 1]).all()


def test_columns_are_uniform_and_unrelated():
    block = uniform_block(4000, [f"link.{i}" for i in range(40)], seed=0)
    assert ((block > 0) & (block < 1)).all()
    assert scipy.stats.kstest(block.ravel(), "uniform").pvalue > 1e-3
    correlation = np.corrcoef(block, rowvar=False) - np.eye(40)
    assert abs(correlation).max() < 5 / np.sqrt(4000)


def test_seeded_numbers_are_the_same_on_every_machine():
    assert uniform_block(2, ["link.fever"], seed=0)[:, 0] == pytest.approx([0.7815742176437123, 0.7520532500593996])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((10, ["a", "a"], 0), "all different"),
        ((0, ["a"], 0), "draws"),
        ((10, ["a"], -1), "seed"),
        ((10, ["a"], None), "seed"),
    ],
)
def test_uniform_block_refuses_what_it_cannot_honour(arguments, message):
    with pytest.raises(ModelError, match=message):
        uniform_block(*arguments)


def test_draw_maps_each_column_through_its_own_quantile():
    quantities = [fit_beta(0.2, 0.1, 0.35), fit_beta(0.3, 0.3, 0.3), fit_lognormal(1.1, 1.02, 1.25, shift=1.0)]
    uniforms = uniform_block(200, ["a", "b", "c"], seed=0)
    drawn = draw(quantities, uniforms)
    assert drawn.shape == (200, 3)
    for j, quantity in enumerate(quantities):
        assert (drawn[:, j] == quantity.ppf(uniforms[:, j])).all()
    assert draw([], np.empty((7, 0))).shape == (7, 0)


def test_draw_refuses_columns_that_do_not_match():
    with pytest.raises(ModelError, match=r"shape \(draws, 1\), got \(5, 2\)"):
        draw([fit_beta(0.2, 0.1, 0.35)], np.full((5, 2), 0.5))
    with pytest.raises(ModelError, match=r"u in \[0, 1\]"):
        draw([fit_beta(0.2, 0.1, 0.35)], np.full((5, 1), 1.5))


def test_plug_in_values_need_no_scipy():
    code = (
        "import sys; from model.elicitation.elicit import stated, uniform_block;"
        "from model.elicitation.ordered_simplex import centroid_of_order, sample_ordered_simplex;"
        "sample_ordered_simplex({'a': 'rank 1', 'b': 'rank 2'}, uniform_block(3, ['u'], 0));"
        "sys.exit(any(name.split('.')[0] == 'scipy' for name in sys.modules))"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# --- the real tables ---
TABLES = ["settings.csv", "examples.csv", "guidance.csv", *(f"parameters/{name}.csv" for name in PARAMETER_FILES)]
needs_tables = pytest.mark.skipif(
    not all((data_folder() / name).exists() for name in TABLES), reason="the knowledge tables are not all there"
)


@needs_tables
def test_every_record_becomes_a_quantity_with_its_own_mean():
    knowledge = load_knowledge()
    for scale in knowledge.scales.values():
        rows = [record for record in knowledge.records if record.reading != "order"]
        for row, quantity in zip(rows, elicit_all(rows, scale), strict=True):
            assert quantity.value == stated(row, scale)[0]
            assert quantity.low == quantity.high or quantity.ppf(0.05) < quantity.value


@needs_tables
def test_no_record_states_three_numbers_that_no_beta_comes_near():
    knowledge = load_knowledge()
    rows = [record for record in knowledge.records if record.reading not in ("order", "word")]
    far = {q.id: round(q.misfit_logit, 2) for q in elicit_all(rows, {}) if q.misfit_logit > 1}  # odds off by a factor e
    assert far == {}


@needs_tables
def test_the_article_order_is_complete_in_the_tables():
    rows = [row for row in load_knowledge().records_of("article") if row.kind == "share_order"]
    shares = centroid_of_order({row.node: row.word for row in rows if row.reading == "order"})
    assert sum(shares.values()) == pytest.approx(1)
    assert max(shares, key=lambda cause: shares[cause]) == "drug"
