"""Four questions, four answers; do and but-for against a walk through every patient by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.explanation import ButFor, Do, Retract, See
from tests.oracles.stand_in import Joint, small_evidence, small_network, stand_in

seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=40, deadline=None)
CASE = {"methotrexate": "present", "macrocytosis": "present", "fever": "absent"}


def measure(answer, name):
    return answer.measures.set_index("measure")["value"][name]


def acting_by_threshold(now, then, acts):
    """[(acts then, probability)], with one uniform number behind both: it acts where the number is below."""
    both, only_now, only_then = min(now, then), max(now - then, 0.0), max(then - now, 0.0)
    if acts:
        return [(True, both / now), (False, only_now / now)]
    return [(True, only_then / (1 - now)), (False, (1 - max(now, then)) / (1 - now))]


def set_by_hand(network, likelihoods, node, state):
    """({cause: P(acts then)}, P(some process), P(still low)) over every configuration, one at a time."""
    total, acting, some, low = 0.0, dict.fromkeys([c.id for c in network.causes], 0.0), 0.0, 0.0
    for at, weight in Joint(network).weighted(likelihoods):
        total += weight
        after, options = {**at, node: state}, []
        for cause in network.causes:
            if cause.id == node:
                options.append([(state > 0, 1.0)])
            elif node in cause.contexts and weight > 0:
                now, then = (1 - float(cause.table[(*(x[c] for c in cause.contexts), 0)]) for x in (at, after))
                options.append(acting_by_threshold(now, then, at[cause.id] > 0))
            else:
                options.append([(at[cause.id] > 0, 1.0)])
        before = sum(at[cause.id] > 0 for cause in network.causes)
        for outcome in product(*options) if weight > 0 else ():
            chance = weight * np.prod([probability for _, probability in outcome])
            number = sum(acts for acts, _ in outcome)
            for cause, (acts, _) in zip(network.causes, outcome, strict=True):
                acting[cause.id] += chance * acts
            some += chance * (number > 0)
            low += chance * min(1.0, float(network.selection[number]) / float(network.selection[before]))
    return {cause: value / total for cause, value in acting.items()}, some / total, low / total


@given(seeds, seeds, seeds)
@PROPERTY
def test_do_agrees_with_a_walk_through_every_patient(network_seed, evidence_seed, choice):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed)
    assume(Joint(network).probability(likelihoods) > 0)
    nodes = [*network.causes, *network.contexts]
    node = nodes[choice % len(nodes)]
    state = choice // len(nodes) % len(node.states)
    model = stand_in(network)
    found = model.what_if(typed, Do(node.id, node.states[state]))
    acting, some, low = set_by_hand(network, likelihoods, node.id, state)
    assert np.allclose(found.causes["after"], list(acting.values()), atol=1e-12)
    assert np.isclose(measure(found, "some_process"), some, atol=1e-12)
    assert np.isclose(measure(found, "still_low"), low, atol=1e-12)
    assert np.allclose(found.causes["before"], list(model.posterior(typed).acting.values()), atol=1e-12)
    assert np.allclose(found.causes["difference"], found.causes["after"] - found.causes["before"], atol=1e-12)


@given(seeds, seeds, seeds)
@example(1054061, 1, 44)  # a likelihood on a context that cuts the network
@PROPERTY
def test_but_for_is_necessity(network_seed, evidence_seed, choice):
    network = small_network(network_seed)
    typed, likelihoods = small_evidence(network, evidence_seed)
    joint = Joint(network)
    nodes = [*network.causes, *network.contexts]
    node = nodes[choice % len(nodes)]
    there = joint.probability(likelihoods, lambda at: at[node.id] > 0)
    assume(there > 0)
    found = stand_in(network).what_if(typed, ButFor(node.id))
    _, some, low = set_by_hand(network, likelihoods, node.id, 0)
    whole = joint.probability(likelihoods)
    assert np.isclose(measure(found, "necessary"), 1 - low, atol=1e-12)
    assert np.isclose(measure(found, "sole"), 1 - some, atol=1e-12)
    assert np.isclose(measure(found, "probability_of_necessity"), (1 - low) * whole / there, atol=1e-9)
    assert -1e-12 < measure(found, "sole") <= measure(found, "necessary") + 1e-12
    if node in network.causes:
        others = [cause.id for cause in network.causes if cause.id != node.id]
        alone = joint.probability(likelihoods, lambda at: at[node.id] > 0 and not any(at[cause] for cause in others))
        assert np.isclose(measure(found, "sole"), alone / whole, atol=1e-12)
    undone = stand_in(network).what_if(typed, Do(node.id, node.states[0]))
    assert np.isclose(measure(undone, "still_low"), 1 - measure(found, "necessary"), atol=1e-12)


def test_see_is_the_posterior_and_retract_undoes_it(article):
    seen = article.what_if(CASE, See({"serum_b12": "low", "rash": "absent"}))
    both = article.posterior({**CASE, "serum_b12": "low", "rash": "absent"})
    assert np.allclose(seen.causes["after"], both.causes, atol=1e-15)
    assert np.isclose(measure(seen, "log_ratio"), both.log_evidence - article.posterior(CASE).log_evidence)
    back = article.what_if({**CASE, "serum_b12": "low", "rash": "absent"}, Retract("rash", "serum_b12"))
    assert np.allclose(back.causes["after"], seen.causes["before"], atol=1e-15)
    assert np.allclose(back.causes["before"], seen.causes["after"], atol=1e-15)
    assert np.isclose(measure(back, "log_ratio"), -measure(seen, "log_ratio"))


@pytest.mark.parametrize("taken_back", ["age", "age_band"])
def test_an_age_is_taken_back_with_its_band(taken_back, article):
    back = article.what_if({**CASE, "age": 70}, Retract(taken_back))
    assert np.allclose(back.causes["after"], article.posterior(CASE).causes, atol=1e-15)
    assert np.allclose(back.causes["before"], article.posterior({**CASE, "age_band": "65_and_over"}).causes, atol=1e-15)


def test_the_four_questions_have_four_answers(article):
    """Methotrexate: found absent, not assessed, stopped, never taken."""
    without = {node: state for node, state in CASE.items() if node != "methotrexate"}
    answers = [
        article.what_if(without, See({"methotrexate": "absent"})),
        article.what_if(CASE, Retract("methotrexate")),
        article.what_if(CASE, Do("methotrexate", "absent")),
        article.what_if(CASE, ButFor("methotrexate")),
    ]
    assert [answer.kind for answer in answers] == ["see", "retract", "do", "but_for"]
    assert len({answer.question for answer in answers}) == 4
    assert [answer.question.split(":")[0] for answer in answers] == ["See", "Retract", "Do", "But for"]
    viral = [answer.causes.set_index("cause").loc["viral"] for answer in answers]
    assert viral[0]["after"] != viral[1]["after"]
    assert np.isclose(viral[2]["difference"], 0, atol=1e-12)  # stopping the drug does not make a virus likelier
    assert viral[0]["after"] > viral[2]["after"] + 0.005  # finding that it was never taken does
    assert np.allclose(answers[2].causes["before"], article.posterior(CASE).causes, atol=1e-15)


def test_setting_what_is_so_changes_nothing(article):
    found = article.what_if(CASE, Do("methotrexate", "present"))
    assert np.allclose(found.causes["difference"], 0, atol=1e-12)
    assert np.isclose(measure(found, "still_low"), 1)
    assert np.isclose(measure(found, "some_process"), 1)


def test_do_cuts_the_arcs_into_a_context(article):
    """Seen, methotrexate points to rheumatoid arthritis and so to an autoimmune cause; given, it does not."""
    autoimmune = [
        article.what_if({}, change).causes.set_index("cause")["difference"]["autoimmune"]
        for change in (See({"methotrexate": "present"}), Do("methotrexate", "present"))
    ]
    assert abs(autoimmune[0]) > 0.005
    assert abs(autoimmune[1]) < 1e-12


def test_what_does_not_fit_is_refused(article):
    cases = [
        (See({"fever": "present"}), "see: expected nodes not yet entered, got 'fever'"),
        (See({}), "see: expected nodes not yet entered, got nothing"),
        (Retract("rash"), "retract: expected entries to take back, got 'rash'"),
        (Retract(), "retract: expected entries to take back, got nothing"),
        (
            Do("fever", "absent"),
            "do: expected a cause or context, got 'fever'; a finding or mechanism brings nothing about",
        ),
        (Do("drugs", "absent"), "do: expected a cause or context, got 'drugs'; it is unknown"),
        (Do("drug", "abset"), "do: state 'abset' of 'drug' is unknown; .*did you mean 'absent'"),
        (ButFor("splenic_sequestration"), "but_for: expected a cause or context"),
    ]
    for change, sentence in cases:
        with pytest.raises(EvidenceError, match=sentence):
            article.what_if(CASE, change)
    for node in ("methotrexate", "drug"):
        with pytest.raises(EvidenceError, match=f"may be there, got '{node}', which is absent"):
            article.what_if({node: "absent"}, ButFor(node))
    with pytest.raises(EvidenceError, match="expected See, Retract, Do or ButFor, got 'stop it'"):
        article.what_if(CASE, "stop it")
