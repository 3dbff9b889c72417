"""The engine at many parameter points gives, at each point, what the single engine gives there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model.inference import Engine
from model.inference.draw_engine import DrawEngine
from model.sensitivity import ParameterSpace
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.random_networks import as_likelihoods, random_evidence, random_network

seeds = st.integers(0, 2**32 - 1)


def stacked(networks):
    """One network whose tables carry the tables of several networks of the same structure."""
    first = networks[0]

    def together(pick):
        return np.stack([pick(network) for network in networks])

    return replace(
        first,
        contexts=tuple(
            replace(c, table=together(lambda n, i=i: n.contexts[i].table)) for i, c in enumerate(first.contexts)
        ),
        causes=tuple(replace(c, table=together(lambda n, i=i: n.causes[i].table)) for i, c in enumerate(first.causes)),
        findings=tuple(
            replace(
                f,
                links={cause: together(lambda n, i=i, c=cause: n.findings[i].links[c]) for cause in f.links},
                background=together(lambda n, i=i: n.findings[i].background),
            )
            for i, f in enumerate(first.findings)
        ),
        mechanisms=(),
        selection=together(lambda n: n.selection),
    )


def with_other_numbers(network, seed):
    """The same structure, its tables mixed with others at random."""
    rng = np.random.default_rng(seed)

    def mixed(table):
        return 0.7 * table + 0.3 * np.roll(table, 1, axis=-1)

    contexts = tuple(replace(c, table=mixed(c.table)) for c in network.contexts)
    causes = tuple(replace(c, table=mixed(c.table)) for c in network.causes)
    selection = np.append(0.0, network.selection[1:] * rng.uniform(0.5, 1))
    return replace(network, contexts=contexts, causes=causes, selection=selection)


@given(seeds, seeds)
@settings(max_examples=60, deadline=None)
def test_each_point_agrees_with_the_brute_force_joint(network_seed, evidence_seed):
    network = random_network(network_seed)
    points = [network, with_other_numbers(network, network_seed)]
    hard, soft = random_evidence(network, evidence_seed)
    if Engine(network).solve(hard, soft).total == 0:
        return
    found = DrawEngine(Engine(network), stacked(points)).solve(hard, soft)
    for i, point in enumerate(points):
        expected, _ = enumerate_posterior(point, as_likelihoods(hard, soft))
        acting = [1 - expected[cause.id][0] for cause in network.causes]
        assert np.allclose(found.acting[i], acting, atol=1e-12)


@pytest.mark.parametrize(
    "moves",
    [
        {"link.fever.present.viral.present": 0.3},
        {"leak.anaemia.present": 0.09},
        {"hazard.drug.toxic.methotrexate.present": 0.02, "cooccurrence.neutropenia.article": 1.2},
        {"base_rate.methotrexate.present.rheumatoid_arthritis.present.article": 0.5},
        {"split.nutritional.b12": 0.7, "population.neutropenia.article": 0.01, "other_share.other.article": 0.35},
        {"link.serum_b12.low.nutritional.b12": 0.8},
    ],
    ids=lambda moves: "+".join(name.split(".")[0] for name in moves),
)
def test_a_moved_point_is_the_overridden_model(article, moves):
    evidence = {"fever": "present", "anaemia": "present", "methotrexate": "present", "serum_b12": "250 pg/mL"}
    batch = ParameterSpace(article).at_points({name: np.array([value]) for name, value in moves.items()})
    entered = article.posterior(evidence).evidence
    found = DrawEngine(article.engine, batch.network).solve(entered.hard, entered.soft)
    expected = article.override(moves).posterior(evidence)
    assert np.allclose(found.acting[0], list(expected.acting.values()), atol=1e-11)
    flat = np.concatenate(list(expected.state_probabilities.values()))
    assert np.allclose(found.states[0], flat, atol=1e-11)


def test_an_ordered_share_moves_while_the_others_keep_their_proportions(article):
    batch = ParameterSpace(article).at_points({"share_order.drug.article": np.array([0.5])})
    prior = DrawEngine(article.engine, batch.network).solve({}).acting[0]
    before = np.array(list(article.posterior({}).acting.values()))
    mean, other = 1.10, 0.20
    assert prior[0] == pytest.approx(mean * (1 - other) * 0.5, abs=1e-12)
    assert np.allclose(prior[1:6] / prior[1], before[1:6] / before[1])
    assert prior[6] == pytest.approx(before[6], abs=1e-12)


def test_random_points_of_any_setting_are_solved(any_model):
    batch, redrawn = ParameterSpace(any_model).drawn(64, seed=0)
    assert batch.calibration.solved.all()
    assert redrawn <= 2
    prior = DrawEngine(any_model.engine, batch.network).solve({}).acting
    assert np.all((prior > 0) & (prior < 1))


def test_unit_cube_and_random_points_have_one_distribution(article):
    """The quantile form, for Sobol sequences, and the fast random form agree in mean and spread of the prior."""
    space = ParameterSpace(article)
    from model.elicitation.elicit import uniform_block

    cube = space.at(uniform_block(1500, space.coordinates, 1))
    drawn, _ = space.drawn(1500, 2)
    for batch in (cube, drawn):
        assert batch.calibration.solved.mean() > 0.99
    a, b = (DrawEngine(article.engine, batch.network).solve({"fever": 1}).acting for batch in (cube, drawn))
    error = np.sqrt(a.var(0) / len(a) + b.var(0) / len(b))
    assert np.all(np.abs(a.mean(0) - b.mean(0)) < 4.5 * error)
    assert np.allclose(a.std(0), b.std(0), rtol=0.25)


def test_overrides_carry_into_the_parameter_space(article):
    changed = article.override({"link.fever.present.viral.present": 0.9})
    space = ParameterSpace(changed)
    assert space.stated("link.fever.present.viral.present") == pytest.approx(0.9)
    assert model.load().override({}).hash != ""
