"""The oracle of the decision analysis: everything by summing the joint distribution in plain loops, no arrays."""

from itertools import product
from math import log2
from types import SimpleNamespace

from model.inference import Engine
from model.knowledge import DecisionRule, Guidance
from model.knowledge.rows import Cost, Panel
from tests.oracles.enumeration import enumerate_posterior, joint_terms, noisy_max_cell
from tests.oracles.random_networks import as_likelihoods, random_evidence, random_network


def size(network):
    total = 1
    for node in (*network.contexts, *network.causes):
        total *= len(node.states)
    return total


def small_cases(count, largest=400):
    """(network, hard, soft) of the first seeds that are small, possible, and leave two tests open; evidence on some."""
    found, seed = [], 0
    while len(found) < count:
        network = random_network(seed)
        hard, soft = random_evidence(network, seed + 1) if seed % 3 else ({}, {})
        if size(network) <= largest and len(open_tests(network, hard, soft)) >= 2:
            posterior, _ = enumerate_posterior(network, as_likelihoods(hard, soft))
            if posterior is not None:
                found.append((network, hard, soft))
        seed += 1
    return found


def open_tests(network, hard, soft):
    return tuple(n.id for n in (*network.contexts, *network.findings) if n.id not in hard and n.id not in soft)


def joint_table(network, hard, soft, tests):
    """{(joint result, states of the causes): P(both | evidence)}."""
    findings = {finding.id: finding for finding in network.findings}
    table, total = {}, 0.0
    for at, weight in joint_terms(network, as_likelihoods(hard, soft)):
        total += weight
        causes = tuple(at[cause.id] for cause in network.causes)
        options = []
        for test in tests:
            if test in findings:
                cells = [noisy_max_cell(findings[test], at, at, k) for k in range(len(findings[test].states))]
                options.append(list(enumerate(cells)))
            else:
                options.append([(at[test], 1.0)])
        for combination in product(*options):
            p = weight
            for _, cell in combination:
                p *= cell
            key = tuple(state for state, _ in combination), causes
            table[key] = table.get(key, 0.0) + p
    return {key: p / total for key, p in table.items()}


def entropy(distribution):
    return -sum(p * log2(p) for p in distribution.values() if p > 0)


def marginal(table, of):
    """Sum a table down to of(key)."""
    found = {}
    for key, p in table.items():
        found[of(key)] = found.get(of(key), 0.0) + p
    return found


def information(table, of=lambda causes: causes):
    """H(C) - sum over results of P(result) H(C | result), C = of(the causes' states)."""
    before = entropy(marginal(table, lambda key: of(key[1])))
    results = marginal(table, lambda key: key[0])
    after = 0.0
    for result, p in results.items():
        if p > 0:
            given = {key: q / p for key, q in table.items() if key[0] == result}
            after += p * entropy(marginal(given, lambda key: of(key[1])))
    return before - after


def acting(table, result, number):
    """Per cause, P(cause acting, result); `result` None for all."""
    found = [0.0] * number
    for (seen, causes), p in table.items():
        if result is None or seen == result:
            for position, state in enumerate(causes):
                found[position] += p * (state > 0)
    return found


def decision(table, number):
    """(EVOI, P(another cause leads), leader now, P(each leads then)), causes by position, a tie keeps the leader."""
    now = acting(table, None, number)
    leader = now.index(max(now))
    value, by_leader = -max(now), [0.0] * number
    for result, p in marginal(table, lambda key: key[0]).items():
        joint = acting(table, result, number)
        value += max(joint)
        by_leader[leader if joint[leader] >= max(joint) - 1e-9 * p else joint.index(max(joint))] += p
    return value, 1 - by_leader[leader], leader, by_leader


def toy_model(network, rules=(), costs=(), panels=(), guidance=()):
    """What the functions need of a model, around any network; evidence = {node: state index or likelihood}."""
    nodes = {
        node.id: SimpleNamespace(id=node.id, role=role, label=node.id.upper())
        for role, group in (("context", network.contexts), ("finding", network.findings), ("cause", network.causes))
        for node in group
    }
    knowledge = SimpleNamespace(
        nodes=nodes, costs=costs, panels=panels, decision_rules=rules, guidance=guidance, stopping=(),
        role=lambda *roles: tuple(node for node in nodes.values() if node.role in roles),
    )  # fmt: skip

    def posterior(evidence=None, outside="refuse", scope=True):
        hard = {node: value for node, value in (evidence or {}).items() if not isinstance(value, tuple)}
        soft = {node: value for node, value in (evidence or {}).items() if isinstance(value, tuple)}
        evidence = SimpleNamespace(hard=hard, soft=soft)
        return SimpleNamespace(evidence=evidence, engine=engine, solution=engine.possible(hard, soft))

    engine = Engine(network)
    return SimpleNamespace(engine=engine, network=network, knowledge=knowledge, posterior=posterior)


def toy(case, **changes):
    """(model, evidence) around (network, hard, soft): tests cost 1, the first two share 2, the last is known later."""
    network, hard, soft = case
    tests = [node.id for node in (*network.contexts, *network.findings)]
    costs = tuple(
        Cost(test, ("late",) if test == tests[-1] else ("pair",) if test in tests[:2] else (), 1.0, "", "", "")
        for test in tests
    )
    panels = (Panel("pair", "Two", 2.0, "", "now", "", ""), Panel("late", "Later", 0.0, "", "later", "", ""))
    limits = {"burden_worth": 0.001, "cannot_miss": 0.2, "same_decision_enough": 0.95} | changes
    rules = tuple(DecisionRule(name, "c0" if name == "cannot_miss" else "", value, "", "", "")
                  for name, value in limits.items())  # fmt: skip
    guidance = tuple(Guidance(f"step {test}", "K1", "", (test,), "") for test in tests)
    return toy_model(network, rules, costs, panels, guidance), {**hard, **soft}
