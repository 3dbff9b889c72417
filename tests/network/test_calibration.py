"""The priors: what was elicited comes back exactly, and an unanswered context says nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.elicitation.ordered_simplex import centroid_of_order
from model.errors import CalibrationError, KnowledgeError, ModelError
from model.network.calibration import calibrate, calibrate_draws
from model.network.competing_hazards import Hazards
from model.network.islands import adults


def test_those_counted_return_the_elicited_numbers(any_model):
    states = any_model.posterior(any_model.calibrated.condition).states
    for key, target in any_model.calibrated.targets.items():
        assert abs(states[key] - target) < 1e-12


def test_article_targets_are_its_order(article):
    """M = 1.10, o = .20 and the rank-order centroid of the article's six causes, autoimmune and marrow tied last."""
    order = {"drug": "1", "viral": "2", "nutritional": "3", "ben": "4", "autoimmune": "5-6", "marrow": "5-6"}
    centroid = centroid_of_order({cause: f"rank {rank}" for cause, rank in order.items()})
    values = {record.id: record.value for record in article.knowledge.records}
    mean, other = values["cooccurrence.neutropenia.article"], values["other_share.other.article"]
    for cause, share in centroid.items():
        assert abs(article.posterior({}).acting[cause] - mean * (1 - other) * share) < 1e-12
    assert abs(article.posterior({}).acting["other"] - mean * other) < 1e-12


def test_mean_number_acting_and_share_acting(any_model):
    engine, solution = any_model.engine, any_model.engine.no_evidence
    m_record = next(r for r in any_model.knowledge.records_of(any_model.setting) if r.kind == "cooccurrence")
    b_record = next(r for r in any_model.knowledge.records_of(any_model.setting) if r.kind == "population")
    assert abs(engine.size @ solution.weights / solution.total - m_record.value) < 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        before_selection = np.where(engine.selection > 0, solution.weights / engine.selection, 0.0)
    assert abs(before_selection.sum() - b_record.value) < 1e-12


def test_gamma_is_at_least_one_and_kappa_is_reported_for_every_state(any_model):
    assert any_model.calibrated.gamma >= 1
    assert any_model.calibrated.residual < 1e-11
    assert set(any_model.calibrated.kappa) == set(any_model.calibrated.targets)
    assert all(kappa > 0 for kappa in any_model.calibrated.kappa.values())


def test_primary_care_shares_and_epidemiology_agree():
    """The setting built on survey data is the test of coherence: every kappa within a factor of two."""
    import model

    kappa = model.load("primary_care").calibrated.kappa
    assert all(0.5 < value < 2 for value in kappa.values()), kappa


def test_unanswered_contexts_change_nothing(any_model):
    """Averaging over a context with its predicted probabilities gives back the answer without it."""
    for context in any_model.network.contexts:
        before = any_model.posterior({"fever": "present"})
        weights = before.nodes[context.id]
        mixture = sum(
            weights[state] * any_model.posterior({"fever": "present", context.id: state}).causes
            for state in context.states
        )
        assert np.abs(mixture - before.causes).max() < 1e-12


@given(st.integers(0, 2**32 - 1), st.floats(1.001, 1.6))
@settings(max_examples=60, deadline=None)
def test_random_problems_are_solved_to_rounding(seed, mean):
    """Draw true kappa and gamma, compute what they imply, and ask for it back."""
    rng = np.random.default_rng(seed)
    contexts = {"x": ((), rng.dirichlet(np.ones(4)))}
    hazards = {}
    for number in range(rng.integers(2, 6)):
        states = int(rng.integers(1, 4))
        added = {"x": 10 ** rng.uniform(-5, -1.5, (4, states))} if rng.random() < 0.7 else {}
        hazards[f"c{number}"] = Hazards((), 10 ** rng.uniform(-5, -1.5, states), added)
    size = sum(each.baseline.shape[-1] for each in hazards.values())
    kappa, gamma = 10 ** rng.uniform(-0.7, 0.7, size), 1 + 30 * rng.random()
    people = adults(contexts, hazards)
    targets, some = people.expected(kappa, np.asarray(gamma))
    if targets.sum() <= 1 + 1e-6:
        return
    solution = calibrate(people, targets, some)
    assert np.allclose(solution.kappa, kappa, rtol=1e-6)
    assert np.isclose(solution.gamma, gamma, rtol=1e-5)


def test_draws_are_solved_together_as_one_by_one():
    rng = np.random.default_rng(2)
    baseline = 10 ** rng.uniform(-4, -3, (5, 1))
    targets = np.stack([rng.uniform(0.5, 0.6, 5), rng.uniform(0.52, 0.6, 5)], axis=-1)

    def people(first, second):
        return adults({}, {"c0": Hazards((), first, {}), "c1": Hazards((), second, {})})

    alone = [calibrate(people(baseline[i], baseline[4 - i]), targets[i], 0.007) for i in range(5)]
    together = calibrate_draws(people(baseline, baseline[::-1]), targets, np.full(5, 0.007), alone[0])
    assert together.solved.all()
    for i in range(5):
        assert np.allclose(together.kappa[i], alone[i].kappa, rtol=1e-9)
        assert np.isclose(together.gamma[i], alone[i].gamma, rtol=1e-9)


def test_no_solution_is_said(article):
    with pytest.raises(CalibrationError, match="must exceed 1"):
        calibrate(adults({}, {"c": Hazards((), np.ones(1), {})}), np.array([0.9]), 0.01)
    with pytest.raises(CalibrationError, match="gamma"):
        article.override({"population.neutropenia.article": 0.3})


EXTREME = (0.0, 5e-324, 1e-9, 1 - 1e-16, 1.0, 1.0000001, 1e300)


@pytest.mark.parametrize("value", EXTREME)
def test_a_number_replaced_by_an_extreme_is_answered_or_refused(any_model, value):
    """One number of each kind; a case file may hold any of them, so nothing but a ModelError may come of it."""
    known = any_model.knowledge.records_of(any_model.setting)
    for record in {record.kind: record for record in known}.values():
        try:
            acting = any_model.override({record.id: value}).posterior({"fever": "present"}).acting
        except ModelError:
            continue
        assert all(0 <= probability <= 1 for probability in acting.values()), record.id


def test_weights_that_are_all_nothing_are_refused(any_model):
    known = any_model.knowledge.records_of(any_model.setting)
    weights = [record.id for record in known if record.kind == "share_order" and record.reading != "order"]
    if weights:
        with pytest.raises(KnowledgeError, match="one weight or more above 0"):
            any_model.override(dict.fromkeys(weights, 0.0))


@pytest.mark.parametrize("numbers", [None, [], "x", 5, {1: 2}])
def test_what_is_no_mapping_of_numbers_is_refused(article, numbers):
    with pytest.raises(KnowledgeError, match="Override"):
        article.override(numbers)
