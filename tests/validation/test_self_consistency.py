"""Self-consistency, recovery and ranks of the truth: perfect worlds pass, planted faults are found."""

import numpy as np
import pytest

from model.errors import EvidenceError, KnowledgeError
from model.evidence import published_cases
from model.inference.draw_engine import DrawEngine
from model.knowledge import load_knowledge
from model.sensitivity import ParameterSpace, parameter_draws
from model.sensitivity.uncertainty import ParameterDraws
from model.validation import robust_recovery, self_consistency, simulation_based_calibration
from model.validation.simulated.assessment import PATTERNS, assessed, assessment_rates, columns
from model.validation.simulated.calibration_measures import uniformity
from model.validation.simulated.robust_recovery import places, score
from model.validation.simulated.simulation_based_calibration import rank
from tests.oracles.stand_in import small_network, stand_in

KNOWLEDGE = load_knowledge()


def test_every_setting_is_consistent_with_its_own_patients(any_model):
    found = self_consistency(any_model, patients=15_000, seed=3)
    assert found.consistent, found.frame
    assert found.tests == 35
    assert (found.bins["patients"] == 1500).all()
    assert found.frame["slope"].between(0.8, 1.25).all()


@pytest.mark.parametrize("seed", range(3))
def test_random_networks_are_consistent(seed):
    assert self_consistency(stand_in(small_network(seed)), 10_000, seed, "everything").consistent


@pytest.mark.parametrize("numbers", [
    {"link.fever.present.viral.present": 0.25},
    {"hazard.ben.present.african_or_middle_eastern_ancestry.present": 0.002},
])  # fmt: skip
def test_an_engine_with_one_other_number_is_found(article, numbers):
    other = article.override(numbers).engine
    assert not self_consistency(article, 50_000, pattern="everything", asked=other).consistent


def test_self_consistency_repeats_and_tells(article):
    told = []
    first = self_consistency(article, 2000, seed=5, pattern="published", progress=lambda done, what: told.append(done))
    again = self_consistency(article, 2000, seed=5, pattern="published")
    assert first.frame.equals(again.frame)
    assert first.bins.equals(again.bins)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_scores_by_hand():
    acting = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.4, 0.4, 0.2]])
    truth = np.array([[True, False, False], [False, True, False], [False, False, True]])
    assert places(acting).tolist() == [[1, 2, 3], [3, 2, 1], [1, 2, 3]]
    found = score(acting, truth)
    assert found[:, 0].tolist() == [1, 0, 0]
    assert found[:, 1].tolist() == [1, 1, 0]
    assert found[:, 2] == pytest.approx([
        -np.log(0.7 * 0.8 * 0.9), -np.log(0.9 * 0.3 * 0.4), -np.log(0.6 * 0.6 * 0.2)
    ])  # fmt: skip
    assert found[:, 3] == pytest.approx([0.14, 0.01 + 0.49 + 0.36, 0.16 + 0.16 + 0.64])


def test_the_truth_beats_the_published_numbers_and_both_beat_nothing(article):
    found = robust_recovery(article, worlds=40, patients=100, seed=1)
    frame = found.frame
    for name, better in (("log_score", -1), ("brier", -1), ("top1", 1), ("top2", 1)):
        truth, published, nothing = (better * frame.loc[asked, name] for asked in
                                     ("true numbers", "published numbers", "nothing entered"))  # fmt: skip
        assert truth > published > nothing, name
        assert (frame[f"{name}_low"] < frame[name]).all()
        assert (frame[name] < frame[f"{name}_high"]).all()
    assert found.causes["patients"].sum() >= 40 * 100
    assert (found.causes["top1"] <= found.causes["top2"]).all()
    again = robust_recovery(article, worlds=40, patients=100, seed=1)
    assert again.frame.equals(frame)


def test_more_answers_recover_more(article):
    everything, few = (robust_recovery(article, 20, 100, 0, pattern).frame for pattern in ("everything", "published"))
    for asked in ("published numbers", "true numbers"):
        assert everything.loc[asked, "log_score"] < few.loc[asked, "log_score"]


# ranks of the truth


def toy_ranks(narrower, weigh, patients=2000, members=60, seed=0):
    """A number with a standard normal prior, measured with twice its spread; draws `narrower` times the prior's."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(patients):
        values = rng.normal(size=members) * narrower
        values[0] = rng.normal()
        measured = values[0] + 2 * rng.normal()
        weights = np.exp(-((measured - values) ** 2) / 8) if weigh else np.ones(members)
        found.append(rank(values, 0, weights, rng.random()))
    return uniformity(np.array(found))


def test_weighed_ranks_are_uniform_exactly():
    found = toy_ranks(1.0, weigh=True)
    assert found.chi_square_p > 0.001
    assert found.shape == pytest.approx(1, abs=0.08)


def test_plain_ranks_of_draws_that_know_nothing_are_uniform():
    assert toy_ranks(1.0, weigh=False).chi_square_p > 0.001


@pytest.mark.parametrize("weigh", [True, False])
def test_too_narrow_and_too_wide_draws_are_found(weigh):
    narrow, wide = toy_ranks(0.5, weigh), toy_ranks(2.0, weigh)
    assert narrow.shape > 1.2
    assert wide.shape < 0.85
    assert max(narrow.chi_square_p, wide.chi_square_p) < 1e-3


def test_rank_by_hand():
    values, weights = np.array([0.3, 0.1, 0.3, 0.9]), np.array([1.0, 2.0, 3.0, 4.0])
    assert rank(values, 0, weights, 0.5) == pytest.approx((2 + 0.5 * 4) / 10)
    assert rank(values, 3, weights, 0.25) == pytest.approx((6 + 1) / 10)


def test_the_model_passes_and_repeats(article):
    found = simulation_based_calibration(article, patients=120, members=40, draws=300, seed=2)
    assert found.consistent, found.frame
    assert len(found.ranks) == 120 * 7
    assert found.ranks[["rank", "weighted"]].stack().between(0, 1).all()
    for name in ("rank", "weighted"):
        inside = found.ranks.groupby("cause")[name].apply(lambda u: ((u >= 0.05) & (u <= 0.95)).mean())
        for cause, share in inside.items():
            assert found.frame.loc[cause, f"{name}_coverage"] == pytest.approx(share)
    few = simulation_based_calibration(article, patients=5, members=40, draws=300, seed=2)
    assert few.ranks.shape == (35, 3)


def test_draws_that_are_too_narrow_are_found_in_the_model(article):
    """Numbers drawn from the middle third of their distributions, truths from the whole."""
    space = ParameterSpace(article)
    uniforms = np.random.default_rng(0).random((300, len(space.coordinates)))
    batch = space.at(1 / 3 + uniforms / 3)
    asked = ParameterDraws(batch, DrawEngine(article.engine, batch.network), 0)
    found = simulation_based_calibration(article, 120, 40, 300, seed=2, asked=asked)
    assert not found.consistent
    assert (found.frame["rank_shape"] > 1.2).all()
    assert (found.frame["rank_coverage"] < 0.8).all()


def test_a_window_of_the_draws_is_that_part_of_them_all(article):
    pool = parameter_draws(article, 300, 2).engine
    entered = {"fever": 1, "serum_b12": 2, "methotrexate": 0}
    whole = pool.solve(entered)
    for window in (slice(0, 40), slice(57, 130), slice(260, 300)):
        part = pool.solve(entered, points=window)
        # draws are calibrated to 1e-12
        np.testing.assert_allclose(part.acting, whole.acting[window], rtol=1e-10)
        np.testing.assert_allclose(part.total, whole.total[window], rtol=1e-10)


# what is assessed


def seen(pattern, n=4000):
    return assessed(KNOWLEDGE, pattern, n, np.random.default_rng(7))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_context_and_finding_is_assessed_or_not(pattern):
    found = seen(pattern, 50)
    assert set(found) == {node.id for node in KNOWLEDGE.role("context", "finding")}
    assert all(mask.shape == (50,) and mask.dtype == bool for mask in found.values())


def test_a_panel_is_done_as_one():
    found, rates = seen("work_up"), assessment_rates(KNOWLEDGE)
    assert np.array_equal(found["anaemia"], found["thrombocytopenia"])
    assert np.array_equal(found["serum_folate"], found["serum_b12"])
    assert (found["serum_copper"] <= found["serum_b12"]).all()
    assert not found["repeat_count"].any()
    assert found["fever"].mean() == pytest.approx(rates["symptoms"], abs=0.02)
    expected = rates["blood_draw"] * rates["nutrition"] * rates["serum_copper"]
    assert found["serum_copper"].mean() == pytest.approx(expected, abs=0.025)
    assert all(mask.all() for mask in seen("everything").values())


def test_published_patterns_are_those_of_cases():
    found = seen("published", 300)
    cases = {frozenset(set(case.presenting()) & set(found)) for case in published_cases(KNOWLEDGE.folder).values()}
    patterns = {frozenset(node for node, mask in found.items() if mask[row]) for row in range(300)}
    assert patterns <= cases
    assert len(patterns) > 30


def test_hidden_answers_are_blank():
    codes = {"fever": np.array([1, 0, 1])}
    assert columns(codes, {"fever": np.array([True, True, False])})["fever"].codes.tolist() == [1, 0, -1]


def test_another_pattern_is_named():
    with pytest.raises(EvidenceError, match="expected 'everything', 'work_up' or 'published', got 'some'"):
        seen("some")


@pytest.mark.parametrize(("old", "new", "message"), [
    ("symptoms,0.9", "symptom,0.9", "row 4: expected a panel of panels.csv or a node, got 'symptom'"),
    ("symptoms,0.9", "symptoms,1.9", "row 4: expected a rate of 0 to 1 and a rationale, got '1.9'"),
    ("follow_up,0,assumption,Not known at the first visit\n", "", "missing is 'follow_up'"),
])  # fmt: skip
def test_a_broken_table_of_rates_is_named(tmp_path, old, new, message):
    text = (KNOWLEDGE.folder / "assessment_rates.csv").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "assessment_rates.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        assessment_rates(KNOWLEDGE, tmp_path)
