"""The most relevant explanation against a loop over every partial instantiation."""

from itertools import product
from math import log10

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.explanation import most_relevant
from model.explanation.relevant_explanation import dominated, partial
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.stand_in import Joint, small_evidence, small_network, stand_in

seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=25, deadline=None)


def by_hand(network, likelihoods, absences=True):
    """{frozenset of (cause, state): (GBF, P(h), P(h | e))} of every explanation with finite odds."""
    joint = Joint(network)
    whole = joint.probability(likelihoods)
    settled = {
        cause.id for cause in network.causes if max(enumerate_posterior(network, likelihoods)[0][cause.id]) > 1 - 1e-15
    }
    free = [cause for cause in network.causes if cause.id not in settled]
    found = {}
    for states in product(*([None, *range(0 if absences else 1, len(cause.states))] for cause in free)):
        stated = {cause.id: state for cause, state in zip(free, states, strict=True) if state is not None}

        def holds(at, stated=stated):
            return all(at[cause] == state for cause, state in stated.items())

        def fails(at, holds=holds):
            return not holds(at)

        numbers = [joint.probability(e, holds=test) for e in ({}, likelihoods) for test in (holds, fails)]
        if stated and min(numbers) > 0:
            before, not_before, after, not_after = numbers
            found[frozenset(stated.items())] = (after / not_after / (before / not_before), before, after / whole)
    return found


def named(network, explanation):
    states = {cause.id: cause.states for cause in network.causes}
    return ", ".join(
        f"{c.id}={states[c.id][dict(explanation)[c.id]]}" for c in network.causes if c.id in dict(explanation)
    )


def possible_evidence(network_seed, evidence_seed):
    network = small_network(network_seed, most=150)
    typed, likelihoods = small_evidence(network, evidence_seed)
    assume(enumerate_posterior(network, likelihoods)[0] is not None)
    return network, typed, likelihoods


@given(seeds, seeds)
@PROPERTY
def test_every_factor_agrees_with_a_loop(network_seed, evidence_seed):
    network, typed, likelihoods = possible_evidence(network_seed, evidence_seed)
    expected = {named(network, h): values for h, values in by_hand(network, likelihoods).items()}
    model = stand_in(network)
    found = most_relevant(model, model.posterior(typed), 10_000, prune=False)
    assert set(found.table["explanation"]) == set(expected)
    for row in found.table.itertuples():
        gbf, before, after = expected[row.explanation]
        assert np.isclose(row.gbf, gbf, rtol=1e-9)
        assert np.isclose(row.decibans, 10 * log10(gbf), atol=1e-8)
        assert np.allclose((row.prior, row.posterior), (before, after), rtol=1e-9)
        assert row.size == row.explanation.count("=")
        if abs(after - before) > 1e-9:
            assert (row.gbf > 1) == (after > before)
    assert found.table["gbf"].is_monotonic_decreasing


@given(seeds, seeds, st.booleans())
@PROPERTY
def test_pruning_leaves_what_no_part_matches_and_no_extension_beats(network_seed, evidence_seed, absences):
    network, typed, likelihoods = possible_evidence(network_seed, evidence_seed)
    every = by_hand(network, likelihoods, absences)
    kept = {
        named(network, h)
        for h, (gbf, *_) in every.items()
        if gbf > 1 + 1e-8
        and not any(other < h and every[other][0] >= gbf * (1 - 1e-8) for other in every)
        and not any(h < other and every[other][0] > gbf * (1 + 1e-8) for other in every)
    }
    model = stand_in(network)
    found = most_relevant(model, model.posterior(typed), 10_000, absences=absences)
    assert set(found.table["explanation"]) == kept
    if kept:
        assert np.isclose(found.table["gbf"].iloc[0], max(gbf for gbf, *_ in every.values()))


@given(seeds, seeds)
@PROPERTY
def test_the_most_probable_configuration_beats_every_other(network_seed, evidence_seed):
    network, typed, likelihoods = possible_evidence(network_seed, evidence_seed)
    model = stand_in(network)
    found = most_relevant(model, model.posterior(typed), 10_000, prune=False)
    full = found.table[found.table["size"] == len(network.causes)]
    assume(len(full) > 0)
    best = full.loc[full["posterior"].idxmax()]
    weights = {}
    for at, weight in Joint(network).weighted(likelihoods):
        configuration = ", ".join(f"{c.id}={c.states[at[c.id]]}" for c in network.causes)
        weights[configuration] = weights.get(configuration, 0.0) + weight
    assert np.isclose(weights[best["explanation"]], max(weights[name] for name in full["explanation"]))
    assert np.isclose(best["posterior"], weights[best["explanation"]] / sum(weights.values()))


@given(seeds)
@PROPERTY
def test_dominance_reaches_over_several_steps(seed):
    """Of arbitrary scores, where the part or extension that dominates need not be the next one."""
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 30, size=rng.integers(2, 5, size=rng.integers(1, 4))).astype(float)
    last = np.array(score.shape) - 1

    def part_of(h, other):
        return h != other and all(a in (b, end) for a, b, end in zip(h, other, last, strict=True))

    places = list(np.ndindex(score.shape))
    for h in places:
        lower = any(part_of(other, h) and score[other] >= score[h] for other in places)
        assert dominated(score)[h] == (lower or any(part_of(h, other) and score[other] > score[h] for other in places))


def test_negations_are_sums_and_keep_their_digits():
    holds, fails = partial(np.array([[1.0, 1e-30], [1e-25, 0.0]]))
    assert np.array_equal(fails[:2, :2], [[1e-25 + 1e-30, 1 + 1e-25], [1 + 1e-30, 1 + 1e-25 + 1e-30]])
    assert (holds[0, 2], fails[0, 2], fails[2, 0]) == (1 + 1e-30, 1e-25, 1e-30)
    assert fails[2, 2] == 0


def test_the_space_is_searched_whole(article):
    cards = [len(cause.states) for cause in article.network.causes]
    assert most_relevant(article, article.posterior({"fever": "present"})).searched == np.prod(np.array(cards) + 1) - 1
    assert (
        most_relevant(article, article.posterior({"fever": "present"}), absences=False).searched == np.prod(cards) - 1
    )


def test_a_viral_picture_is_explained_by_a_virus(article):
    found = most_relevant(article, article.posterior({"viral_test": "present", "fever": "present"}), absences=False)
    assert found.table["explanation"].iloc[0] == "viral=present"
    assert len(most_relevant(article, article.posterior({"fever": "present", "rash": "present"}), 1).table) == 1


def test_what_is_settled_needs_no_explanation(article):
    assert most_relevant(article, article.posterior({})).table.empty
    found = most_relevant(article, article.posterior({"drug": "absent", "nutritional": "b12", "fever": "present"}))
    assert found.certain == ("drug", "nutritional")
    assert not found.table["explanation"].str.contains("drug|nutritional").any()
    others = {cause: "absent" for cause in article.posterior({}).acting if cause != "ben"}
    alone = most_relevant(article, article.posterior(others))
    assert set(alone.certain) == set(article.posterior({}).acting)
    assert alone.table.empty
    with pytest.raises(EvidenceError, match="expected 1 explanation or more, got 0"):
        most_relevant(article, article.posterior({}), 0)
