"""Small random networks of the same family as ours, for property tests."""

import numpy as np

from model.network import Cause, Context, Finding, Mechanism, Network, Pair


def random_distribution(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), size=shape[:-1]) if len(shape) > 1 else rng.dirichlet(np.ones(shape[0]))


def distribution_functions(rng, rows, states):
    """Rows of P(F <= k), last entry one."""
    cumulative = np.sort(rng.uniform(0.02, 0.999, size=(rows, states)), axis=1)
    cumulative[:, -1] = 1.0
    return cumulative


def random_pair(rng, number, causes, contexts):
    """Two findings of two states that fall together, and the pair of them."""

    def rows(*shape):
        one, other, place = rng.uniform(0.05, 0.999, (3, *shape))
        least = np.maximum(one + other - 1, 0)
        return np.stack([least + place * (np.minimum(one, other) - least), one, other, np.ones(shape)], axis=-1)

    linked = tuple(c.id for c in causes if rng.random() < 0.7) or (causes[0].id,)
    raising = tuple(c.id for c in contexts if rng.random() < 0.3)
    links = {c.id: rows(len(c.states)) for c in causes if c.id in linked}
    for link in links.values():
        link[0] = 1.0
    background = rows(*(len(c.states) for c in contexts if c.id in raising))
    names = f"p{number}", f"q{number}"
    alone = [
        Finding(name, ("absent", "present"), linked, raising,
                {cause: link[..., [column, 3]] for cause, link in links.items()}, background[..., [column, 3]])
        for name, column in zip(names, (1, 2), strict=True)
    ]  # fmt: skip
    return alone, Pair("+".join(names), ("neither", "p", "q", "both"), linked, raising, links, background, *names)


def random_network(seed, pairs=False):
    """2-4 causes, 0-4 contexts with arcs among them, 1-5 findings, two or three states each; some raised by
    contexts. In one network of four the first context reaches every cause.

    pairs : whether one network of two has two findings that fall together as well
    """
    rng = np.random.default_rng(seed)
    reaching = rng.random() < 0.25
    contexts = []
    for i in range(rng.integers(0, 5)):
        parents = tuple(c.id for c in contexts if rng.random() < 0.3)
        cards = [len(c.states) for c in contexts if c.id in parents]
        card = int(rng.integers(2, 4))
        contexts.append(
            Context(f"x{i}", tuple(f"x{i}s{k}" for k in range(card)), parents, random_distribution(rng, *cards, card))
        )
    cards = {c.id: len(c.states) for c in contexts}
    causes = []
    for i in range(rng.integers(2, 5)):
        own = tuple(c.id for c in contexts if rng.random() < 0.4 or (reaching and c.id == "x0"))
        card = int(rng.integers(2, 4))
        table = random_distribution(rng, *(cards[c] for c in own), card)
        causes.append(Cause(f"c{i}", ("absent", *(f"c{i}s{k}" for k in range(1, card))), own, table))
    findings = []
    for i in range(rng.integers(1, 6)):
        linked = tuple(c.id for c in causes if rng.random() < 0.6) or (causes[0].id,)
        raising = tuple(c.id for c in contexts if rng.random() < 0.3)
        states = int(rng.integers(2, 4))
        links = {}
        for cause in causes:
            if cause.id in linked:
                rows = distribution_functions(rng, len(cause.states), states)
                rows[0] = 1.0
                links[cause.id] = rows
        shape = [cards[c] for c in raising]
        background = distribution_functions(rng, int(np.prod(shape, dtype=int)), states).reshape(*shape, states)
        findings.append(Finding(f"f{i}", tuple(f"f{i}s{k}" for k in range(states)), linked, raising, links, background))
    together = []
    if pairs and rng.random() < 0.5:
        two, pair = random_pair(rng, 0, causes, contexts)
        findings += two
        together.append(pair)
    acting = tuple(c.id for c in causes[:2])
    effects = {c.id: np.append(0.0, rng.random(len(c.states) - 1)) for c in causes[:2]}
    mechanism = Mechanism("m0", ("absent", "present"), acting, effects)
    gamma = rng.uniform(1, 40)
    selection = np.array([0.0] + [gamma ** (min(n, 3) - 3) for n in range(1, len(causes) + 1)])
    return Network(tuple(contexts), tuple(causes), tuple(findings), (mechanism,), selection, pairs=tuple(together))


def random_evidence(network, seed):
    """Hard and soft entries on a random subset of contexts, causes and findings, leaving something possible."""
    rng = np.random.default_rng(seed)
    hard, soft = {}, {}
    for node in (*network.contexts, *network.causes, *network.findings):
        draw = rng.random()
        card = len(node.states)
        if draw < 0.35:
            hard[node.id] = int(rng.integers(card))
        elif draw < 0.55:
            likelihood = rng.random(card)
            soft[node.id] = tuple((likelihood / likelihood.max()).tolist())
    return hard, soft


def as_likelihoods(hard, soft):
    """The same evidence as the oracle reads it."""
    return {**{n: {s: 1.0} for n, s in hard.items()}, **{n: dict(enumerate(v)) for n, v in soft.items()}}
