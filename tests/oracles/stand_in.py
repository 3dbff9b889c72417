"""A random network in the place of the real one, and its joint distribution as one long list, summed by hand.

``stand_in`` gives a :class:`~model.diagnostic_model.DiagnosticModel` around any network, so that what takes a model can
be tested on networks that are small enough.
"""

from dataclasses import replace
from math import inf, log, log10, prod
from types import MappingProxyType, SimpleNamespace

import numpy as np

from model.diagnostic_model import DiagnosticModel
from model.inference import Engine
from model.knowledge import Node, load_knowledge
from tests.oracles.enumeration import findings_likelihood, joint_terms
from tests.oracles.random_networks import random_evidence, random_network


def stand_in(network, groups=None):
    """A model that answers with this network; `groups`: node -> group."""
    roles = {"context": network.contexts, "cause": network.causes, "finding": network.findings}
    nodes = {
        node.id: Node(
            node.id, role, f"Label {node.id}", node.states, (), "", (), (), "", "", (groups or {}).get(node.id, ""), ""
        )
        for role, members in roles.items()
        for node in members
    }
    knowledge = replace(load_knowledge(), nodes=MappingProxyType(nodes), scope=load_knowledge().scope)
    return DiagnosticModel(knowledge, "test", "test", SimpleNamespace(network=network), Engine(network))


def small_network(seed, most=250):
    """The first random network from this seed on with at most so many configurations of contexts and causes."""
    while True:
        network = random_network(seed)
        if prod(len(node.states) for node in (*network.contexts, *network.causes)) <= most:
            return network
        seed += 1


def small_evidence(network, seed, most=4, causes=True):
    """(evidence as a reader types it, the same as node -> {state index: likelihood}), at most so many entries."""
    hard, soft = random_evidence(network, seed)
    both = {**{n: {s: 1.0} for n, s in hard.items()}, **{n: dict(enumerate(v)) for n, v in soft.items()}}
    names = [n for n in both if causes or n not in {c.id for c in network.causes}]
    names = [names[i] for i in np.random.default_rng(seed).permutation(len(names))[:most]]
    states = {node.id: node.states for node in (*network.contexts, *network.causes, *network.findings)}
    typed = {n: states[n][hard[n]] if n in hard else dict(zip(states[n], soft[n], strict=True)) for n in names}
    return typed, {n: both[n] for n in names}


class Joint:
    """Every configuration of contexts and causes with its weight, P(configuration, low count)."""

    def __init__(self, network):
        self.network = network
        self.findings = {finding.id: finding for finding in network.findings}
        self.terms = list(joint_terms(network, {}))
        self.total = sum(weight for _, weight in self.terms)

    def likelihood(self, at, likelihoods):
        """P(evidence | configuration), evidence as node -> {state: likelihood}."""
        value = findings_likelihood(self.network, at, {n: each for n, each in likelihoods.items() if n not in at})
        for node, likelihood in likelihoods.items():
            value *= likelihood.get(at[node], 0.0) if node in at else 1.0
        return value

    def weighted(self, likelihoods):
        """[(configuration, P(configuration, evidence, low count))]."""
        return [(at, weight * self.likelihood(at, likelihoods)) for at, weight in self.terms]

    def probability(self, likelihoods, holds=lambda at: True):
        """P(holds, evidence | low count)."""
        return sum(weight for at, weight in self.weighted(likelihoods) if holds(at)) / self.total

    def decibans(self, likelihoods, cause):
        """10 log10 of the odds that the cause acts, given the evidence."""
        acts = self.probability(likelihoods, lambda at: at[cause] > 0)
        absent = self.probability(likelihoods, lambda at: at[cause] == 0)
        return inf if absent == 0 else -inf if acts == 0 else 10 * log10(acts) - 10 * log10(absent)

    def surprise(self, likelihoods):
        """-ln P(evidence | low count)."""
        return -log(self.probability(likelihoods))
