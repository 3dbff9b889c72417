"""Patients drawn from the posterior: the unknown contexts, causes and findings of one patient, completed many times.

Exact ancestral sampling, no chain and no rejection: first the causes from their posterior, then each block's contexts
given its causes and everything entered, then the findings given both.
"""

from __future__ import annotations

from math import prod

import numpy as np

from model.cpt import Array
from model.inference import NOTHING, Engine, Hard, Soft
from model.network import Finding
from model.patterns import Codes


def draw(engine: Engine, hard: Hard, soft: Soft = NOTHING, count: int = 1000, seed: int = 0) -> dict[str, Codes]:
    """Return, for every cause, context and finding, its state in `count` patients; what was entered as hard stays.

    A node entered as a likelihood is drawn too: its true state is unknown.
    Reference: Koller and Friedman 2009, 12.1 (forward sampling; here from the exact posterior of the causes).
    raises : ImpossibleEvidence. Cost: count times the joint contexts of a block.
    """
    rng = np.random.default_rng(seed)
    network = engine.network
    solution = engine.possible(hard, soft)
    rows = rng.choice(len(solution.weights), size=count, p=solution.weights / solution.total)
    drawn: dict[str, Codes] = {cause: engine.codes[rows, position] for position, cause in enumerate(engine.causes)}
    entered = {node: np.eye(network.cardinality[node])[state] for node, state in hard.items()}
    entered |= {node: np.asarray(likelihood) for node, likelihood in soft.items()}
    for block in range(len(engine.components)):
        _draw_contexts(engine, block, entered, drawn, rng)
    for finding in network.findings:
        likelihood = entered.get(finding.id, np.ones(len(finding.states)))
        at = tuple(drawn[parent] for parent in (*finding.causes, *finding.contexts))
        drawn[finding.id] = _choose(finding.table()[at] * likelihood, rng)
    return drawn


def _draw_contexts(
    engine: Engine, block: int, entered: dict[str, Array], drawn: dict[str, Codes], rng: np.random.Generator
) -> None:
    """Draw the contexts of one block, given its causes and what was entered, and add them to `drawn`."""
    network, component = engine.network, engine.components[block]
    prior = component.prior.copy()
    local = [np.ones(factor.shape[1]) for factor in component.factors]  # what was entered on contexts of one cause
    for context, masks in component.masks.items():
        if context in entered:
            likelihood = entered[context] @ masks
            if context in component.local_of:
                local[component.local_of[context]] = local[component.local_of[context]] * likelihood
            else:
                prior = prior * likelihood
    count = len(drawn[engine.causes[0]])
    weight = np.tile(prior, (count, 1))  # (count, J)
    for cause, factor, seen in zip(component.causes, component.factors, local, strict=True):
        weight *= np.einsum("l,jlk->kj", seen, factor)[drawn[cause]]
    for finding in network.findings:
        if finding.id in entered and finding.contexts and finding.contexts[0] in component.masks:
            configuration = component.configuration(network, finding.contexts)
            weight *= _likelihood(finding, entered[finding.id], drawn)[:, configuration]
    joint = _choose(weight, rng)
    for position, context in enumerate(component.joint):
        drawn[context] = component.grid.codes[joint, position]
    for position, (cause, factor) in enumerate(zip(component.causes, component.factors, strict=True)):
        place = _choose(factor[joint, :, drawn[cause]] * local[position], rng)
        for context, owner in component.local_of.items():
            if owner == position:
                drawn[context] = component.masks[context].argmax(0)[place]


def _likelihood(finding: Finding, likelihood: Array, drawn: dict[str, Codes]) -> Array:
    """Return P(what was entered on a finding | causes, contexts), shape (count, context configurations)."""
    table = finding.table() @ likelihood
    configurations = prod(table.shape[len(finding.causes) :])
    return table.reshape(*table.shape[: len(finding.causes)], configurations)[tuple(drawn[c] for c in finding.causes)]


def _choose(weights: Array, rng: np.random.Generator) -> Codes:
    """Draw one column of each row, in proportion to its weights."""
    cumulative = np.cumsum(weights, axis=1)
    chosen = (cumulative <= rng.random(len(weights))[:, None] * cumulative[:, -1:]).sum(1)
    return np.minimum(chosen, weights.shape[1] - 1)
