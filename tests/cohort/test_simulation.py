"""Simulated patients against the joint distribution they are drawn from."""

from itertools import combinations

import numpy as np
import pytest

from model.cohort import simulate
from model.errors import EvidenceError
from tests.oracles.enumeration import enumerate_posterior, noisy_max_cell
from tests.oracles.stand_in import Joint, small_network, stand_in

PATIENTS = 20_000


def close(frequency, probability, patients, errors=4.0):
    """Within so many standard errors; what is impossible must not occur at all."""
    return abs(frequency - probability) <= errors * np.sqrt(probability * (1 - probability) / patients) + 1e-12


@pytest.fixture(scope="module")
def patients(article):
    return simulate(article, 100_000, seed=8)


def test_states_are_as_frequent_as_they_are_probable(article, patients):
    answer = article.posterior({})
    probabilities = {**answer.nodes.to_dict(), **answer.states.to_dict()}
    assert set(patients.columns) == {node for node, _ in probabilities}
    for (node, state), probability in probabilities.items():
        assert close((patients[node] == state).mean(), probability, len(patients)), (node, state)


def test_findings_go_with_their_causes_and_contexts(article, patients):
    for given in ({"viral": "present"}, {"autoimmune": "felty"}, {"methotrexate": "present", "drug": "absent"}):
        some = patients[np.logical_and.reduce([patients[node] == state for node, state in given.items()])]
        expected = article.posterior(given).nodes
        assert len(some) > 200
        for (node, state), probability in expected.items():
            assert close((some[node] == state).mean(), probability, len(some), 4.5), (given, node, state)


@pytest.mark.parametrize("seed", range(8))
def test_every_pair_of_nodes_agrees_with_the_joint(seed):
    network = small_network(1000 + seed)
    drawn = simulate(stand_in(network), PATIENTS, seed)
    nodes = [*network.contexts, *network.causes, *network.findings]
    joint = Joint(network)
    findings = {finding.id: finding for finding in network.findings}

    def given(at, node):
        if node.id not in findings:
            return [float(at[node.id] == state) for state in range(len(node.states))]
        return [noisy_max_cell(findings[node.id], at, at, state) for state in range(len(node.states))]

    expected = {}
    for at, weight in joint.terms:
        rows = {node.id: np.array(given(at, node)) for node in nodes}
        for a, b in combinations(nodes, 2):
            cell = weight / joint.total * np.outer(rows[a.id], rows[b.id])
            expected[a.id, b.id] = expected.get((a.id, b.id), 0) + cell
    for a, b in combinations(nodes, 2):
        for i, j in np.ndindex(len(a.states), len(b.states)):
            frequency = ((drawn[a.id] == a.states[i]) & (drawn[b.id] == b.states[j])).mean()
            assert close(frequency, expected[a.id, b.id][i, j], PATIENTS, 4.5), (a.id, i, b.id, j)


@pytest.mark.parametrize("seed", range(4))
def test_the_joint_of_contexts_and_causes_is_exact(seed):
    network = small_network(50 + seed, most=60)
    drawn = simulate(stand_in(network), PATIENTS, seed)
    joint = Joint(network)
    nodes = [*network.contexts, *network.causes]
    counts = drawn.groupby([node.id for node in nodes]).size().to_dict()
    possible = 0
    for at, weight in joint.terms:
        cell = tuple(node.states[at[node.id]] for node in nodes)
        count = counts.pop(cell, 0)
        possible += count
        assert close(count / PATIENTS, weight / joint.total, PATIENTS, 4.5), cell
    assert not counts  # nobody without an acting cause
    assert possible == PATIENTS


def test_someone_is_always_acting(article, patients):
    causes = [cause.id for cause in article.network.causes]
    number = (patients[causes] != "absent").sum(axis=1)
    assert number.min() == 1
    mean = sum(article.posterior({}).acting.values())
    assert abs(number.mean() - mean) < 4 * number.std() / np.sqrt(len(patients))


def test_the_seed_decides(article):
    first = simulate(article, 500, seed=1)
    assert first.equals(simulate(article, 500, seed=1))
    assert not first.equals(simulate(article, 500, seed=2))
    assert len(simulate(article, 0, seed=1)) == 0


def test_simulated_patients_can_be_scored_and_are_calibrated(article, patients):
    causes = [cause.id for cause in article.network.causes]
    some = patients.head(5000)
    scored = article.posterior_batch(some.drop(columns=causes))
    assert (scored["scope"] == "in").all()
    for cause in causes:
        residual = (some[cause] != "absent") - scored[f"p_{cause}"]
        assert abs(residual.mean()) < 4 * residual.std() / np.sqrt(len(some)), cause


def test_marginals_agree_with_enumeration():
    network = small_network(7)
    drawn = simulate(stand_in(network), PATIENTS, 3)
    for node, probabilities in enumerate_posterior(network, {})[0].items():
        for state, probability in zip(network.by_id[node].states, probabilities, strict=True):
            assert close((drawn[node] == state).mean(), probability, PATIENTS)


def test_a_number_of_patients_is_asked_for(article):
    for wrong in (-1, 2.5, True, "10"):
        with pytest.raises(EvidenceError, match="expected a whole number of patients, 0 or more, got"):
            simulate(article, wrong, seed=0)
