"""Adults summed island by island, against every configuration of contexts and causes written out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.network import Cause, Context, Finding, Network
from model.network.calibration import calibrate, calibrate_complex, calibrate_draws
from model.network.competing_hazards import Hazards
from model.network.cpt import selection_probabilities
from model.network.islands import Condition, adults
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.random_networks import random_distribution, random_pair

seeds = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=40, deadline=None)
STRATA = ("age", "sex")


def random_adults(seed, points=()):
    """Contexts and hazards: two strata, three more contexts with arcs, causes that meet some of them."""
    rng = np.random.default_rng(seed)
    cards = {"age": 3, "sex": 2, "x": 2, "y": 3, "z": 2}
    contexts, seen = {}, []
    for name, card in cards.items():
        parents = tuple(x for x in seen if rng.random() < 0.4 and (name not in STRATA or x in STRATA))
        contexts[name] = parents, random_distribution(rng, *points, *(cards[p] for p in parents), card)
        seen.append(name)
    hazards = {}
    for number in range(rng.integers(2, 5)):
        strata, states = tuple(s for s in STRATA if rng.random() < 0.5), int(rng.integers(1, 4))
        lengths = [cards[s] for s in strata]
        added = {}
        for name in ("x", "y", "z"):
            if rng.random() < 0.6:
                own = lengths if rng.random() < 0.5 else [1] * len(lengths)
                added[name] = 10 ** rng.uniform(-3, 0, (*points, *own, cards[name], states))
                added[name][..., 0, :] = 0
        hazards[f"c{number}"] = Hazards(strata, 10 ** rng.uniform(-3, -0.5, (*points, *lengths, states)), added)
    return contexts, hazards, cards, rng


def random_condition(rng, hazards, cards):
    """Floors over some contexts, and a factor for every second cause."""
    floors = []
    for _ in range(rng.integers(1, 3)):
        axes = tuple(x for x in ("z", "sex", "x", "y") if rng.random() < 0.4)
        floors.append((axes, rng.uniform(0.2, 1, [cards[x] for x in axes])))
    factors = {c: rng.uniform(0.05, 1, h.baseline.shape[-1]) for c, h in list(hazards.items())[::2]}
    return Condition(tuple(floors), factors)


def by_hand(contexts, hazards, condition, kappa, gamma, cards):
    """(P(cause state | count, condition), P(some acting)) by summing everything, one configuration at a time."""
    names, causes = list(contexts), list(hazards)
    widths = [h.baseline.shape[-1] for h in hazards.values()]
    starts = np.cumsum([0, *widths])
    found, seen, some = np.zeros(sum(widths)), 0.0, 0.0
    for code in product(*(range(cards[x]) for x in names)):
        at, prior, floor = dict(zip(names, code, strict=True)), 1.0, 1.0
        for x, (parents, table) in contexts.items():
            prior *= table[(*(at[p] for p in parents), at[x])]
        for axes, values in condition.floors:
            floor *= values[tuple(at[x] for x in axes)]
        chances = []
        for number, cause in enumerate(causes):
            h = hazards[cause]
            total = h.baseline[tuple(at[s] for s in h.strata)]
            for x, added in h.exposures.items():
                place = tuple(at[s] if added.shape[i] > 1 else 0 for i, s in enumerate(h.strata))
                total = total + added[(*place, at[x])]
            total = total * kappa[starts[number] : starts[number + 1]]
            chances.append([np.exp(-total.sum()), *((1 - np.exp(-total.sum())) * total / total.sum())])
        for states in product(*(range(w + 1) for w in widths)):
            acting = sum(s > 0 for s in states)
            weight = prior * np.prod([chances[c][s] for c, s in enumerate(states)])
            some += weight * (acting > 0)
            weight *= 0 if acting == 0 else gamma ** (min(acting, 3) - 3)
            for cause, s in zip(causes, states, strict=True):
                if s and cause in condition.factors:
                    weight *= condition.factors[cause][s - 1]
            seen += weight * floor
            for c, s in enumerate(states):
                if s:
                    found[starts[c] + s - 1] += weight * floor
    return found / seen, some


@given(seeds, st.booleans())
@PROPERTY
def test_the_sum_is_that_over_every_configuration(seed, conditional):
    contexts, hazards, cards, rng = random_adults(seed)
    condition = random_condition(rng, hazards, cards) if conditional else Condition()
    kappa = 10 ** rng.uniform(-0.5, 0.5, sum(h.baseline.shape[-1] for h in hazards.values()))
    found, some = adults(contexts, hazards, STRATA, condition).expected(kappa, np.asarray(5.0))
    expected, some_expected = by_hand(contexts, hazards, condition, kappa, 5.0, cards)
    assert np.allclose(found, expected, rtol=1e-12)
    assert some == pytest.approx(some_expected, rel=1e-12)


@given(seeds)
@PROPERTY
def test_which_contexts_are_strata_changes_nothing(seed):
    contexts, hazards, cards, rng = random_adults(seed)
    condition = random_condition(rng, hazards, cards)
    kappa = np.ones(sum(h.baseline.shape[-1] for h in hazards.values()))
    answers = [adults(contexts, hazards, strata, condition).expected(kappa, np.asarray(3.0)) for strata in ((), STRATA)]
    assert np.allclose(answers[0][0], answers[1][0], rtol=1e-12)
    assert answers[0][1] == pytest.approx(answers[1][1], rel=1e-12)


def test_points_are_one_problem_each():
    contexts, hazards, _, _ = random_adults(8, points=(3,))
    kappa = np.ones((3, sum(h.baseline.shape[-1] for h in hazards.values())))
    together, some = adults(contexts, hazards, STRATA).rows(slice(None)).expected(kappa, np.full(3, 4.0))
    for point in range(3):
        one = {x: (parents, table[point]) for x, (parents, table) in contexts.items()}
        own = {
            c: Hazards(h.strata, h.baseline[point], {x: added[point] for x, added in h.exposures.items()})
            for c, h in hazards.items()
        }
        alone, some_alone = adults(one, own, STRATA).expected(kappa[point], np.asarray(4.0))
        assert np.allclose(together[point], alone, rtol=1e-13)
        assert some[point] == pytest.approx(some_alone, rel=1e-13)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_under_a_condition_the_network_answers_with_the_shares(seed):
    """Two findings that fall together are absent in those counted; the network's whole joint gives back the shares."""
    rng = np.random.default_rng(seed)
    contexts = {"age": ((), random_distribution(rng, 2)), "x": (("age",), random_distribution(rng, 2, 2))}
    nodes = [
        Context("age", ("young", "old"), (), contexts["age"][1]),
        Context("x", ("no", "yes"), ("age",), contexts["x"][1]),
    ]
    hazards = {
        "c0": Hazards(("age",), 10 ** rng.uniform(-3, -2, (2, 1)), {"x": 10 ** rng.uniform(-3, -1, (1, 2, 1))}),
        "c1": Hazards((), 10 ** rng.uniform(-3, -2, 2), {"x": 10 ** rng.uniform(-3, -1, (2, 2))}),
        "c2": Hazards(("age",), 10 ** rng.uniform(-3, -2, (2, 1)), {}),
    }
    bare = [
        Cause(c, tuple("s" * (i + 1) for i in range(h.baseline.shape[-1] + 1)), (), np.ones(1))
        for c, h in hazards.items()
    ]
    two, pair = random_pair(rng, 0, bare, nodes)
    condition = Condition(
        tuple((f.contexts, f.background[..., 0]) for f in two), {c: link[1:, 0] for c, link in pair.links.items()}
    )
    # two backgrounds that are independent of each other
    background = pair.background.copy()
    background[..., 0] = background[..., 1] * background[..., 2]
    pair = type(pair)(pair.id, pair.states, pair.causes, pair.contexts, pair.links, background, pair.first, pair.second)
    targets = rng.dirichlet(np.ones(4)) * 0.2 + np.array([0.4, 0.2, 0.15, 0.15])
    solution = calibrate(adults(contexts, hazards, ("age",), condition), targets, 0.02)
    causes, offset = [], 0
    for cause in bare:
        each, width = hazards[cause.id], len(cause.states) - 1
        axes = tuple(x for x in contexts if x in each.contexts)
        table = each.times(solution.kappa[offset : offset + width]).table(axes)
        causes.append(Cause(cause.id, cause.states, axes, table))
        offset += width
    selection = selection_probabilities(solution.gamma, 3)
    network = Network(tuple(nodes), tuple(causes), tuple(two), (), selection, pairs=(pair,))
    network.check()
    posterior, _ = enumerate_posterior(network, {pair.first: {0: 1.0}, pair.second: {0: 1.0}})
    answered = [posterior[c.id][k] for c in causes for k in range(1, len(c.states))]
    assert np.allclose(answered, targets, atol=1e-11)


def test_draws_and_complex_steps_under_a_condition():
    """Draws near the plug-in problem are solved; the complex step is the slope of kappa between two neighbours."""
    contexts, hazards, cards, rng = random_adults(21)
    condition = random_condition(rng, hazards, cards)
    widths = [h.baseline.shape[-1] for h in hazards.values()]
    some = 0.03
    targets = np.full(sum(widths), 1.1 / sum(widths))
    near = calibrate(adults(contexts, hazards, STRATA, condition), targets, some)

    def stretched(factors):
        cause, first = next(iter(hazards.items()))
        changed = Hazards(
            first.strata,
            first.baseline * factors.reshape(-1, *(1,) * first.baseline.ndim),
            {x: np.broadcast_to(added, (len(factors), *added.shape)) for x, added in first.exposures.items()},
        )
        return adults(contexts, {**hazards, cause: changed}, STRATA, condition)

    def repeated(factors):
        return np.broadcast_to(targets, (len(factors), len(targets))), np.full(len(factors), some)

    factors = np.array([1 - 1e-4, 1 + 1e-4, 2.0])
    drawn = calibrate_draws(stretched(factors), *repeated(factors), near)
    assert drawn.solved.all()
    step = np.array([1 + 1e-30j])
    slope = calibrate_complex(stretched(step), *repeated(step), near).kappa[0].imag / 1e-30
    assert np.allclose(slope, (drawn.kappa[1] - drawn.kappa[0]) / 2e-4, rtol=1e-5, atol=1e-6)


def test_a_finding_that_meets_no_context_only_scales():
    hazards = {c: Hazards((), np.array([0.1]), {}) for c in ("c0", "c1")}
    plain = adults({}, hazards).expected(np.ones(2), np.asarray(3.0))
    floor = adults({}, hazards, condition=Condition((((), np.asarray(0.5)),))).expected(np.ones(2), np.asarray(3.0))
    assert np.allclose(plain[0], floor[0])
    assert plain[1] == floor[1]


def test_the_first_of_a_pair_stands_before_the_second():
    finding = Finding("f", ("absent", "present"), (), (), {}, np.ones(2))
    other = Finding("g", ("absent", "present"), (), (), {}, np.ones(2))
    _, pair = random_pair(np.random.default_rng(0), 0, [Cause("c", ("a", "b"), (), np.ones(2) / 2)], [])
    pair = type(pair)(pair.id, pair.states, pair.causes, (), pair.links, np.ones(4), "g", "f")
    with pytest.raises(ValueError, match="must stand before"):
        Network((), (), (finding, other), (), np.zeros(1), pairs=(pair,))
