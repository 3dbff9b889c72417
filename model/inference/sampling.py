"""Patients drawn from the posterior: the unknown contexts, causes and findings of one patient, completed many times.

Exact ancestral sampling, no chain and no rejection: first the causes from their posterior, then each block's contexts
given its causes and everything entered, then the findings given both. With nothing entered these are patients of the
model, given a low count.

>>> from model.network.toy import toy
>>> drawn = draw(Engine(toy()), 1000, np.random.default_rng(0), {"sign": 1})
>>> bool(drawn["first"].all()), round(float(drawn["second"].mean()), 1)  # nobody shows it without the first cause
(True, 0.1)
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from model.inference.blocks import Block
from model.inference.engine import NOTHING, Engine, Hard, Soft
from model.inference.patterns import Codes
from model.network import Array, Finding

CHUNK = 1 << 14  # rows that are compared with a whole distribution at once


def draw(
    engine: Engine, count: int, rng: np.random.Generator, hard: Hard = NOTHING, soft: Soft = NOTHING
) -> dict[str, Codes]:
    """Return, for every cause, context and finding, its state in `count` patients, shape (count,).

    What was entered as hard stays; a node entered as a likelihood is drawn too, for its true state is unknown. The same
    seed and count give the same patients.
    Reference: Koller and Friedman 2009, 12.1 (forward sampling; here from the exact posterior of the causes).
    raises : ImpossibleEvidence. Cost: linear in count, and configurations of the causes times contexts of a block.
    """
    network = engine.network
    solution = engine.possible(hard, soft)
    configuration = sample(solution.weights[None], np.zeros(count, np.intp), rng)
    drawn: dict[str, Codes] = {
        cause: engine.codes[configuration, position] for position, cause in enumerate(engine.causes)
    }
    entered = {node: np.eye(network.cardinality[node])[state] for node, state in hard.items()}
    entered |= {node: np.asarray(likelihood) for node, likelihood in soft.items()}
    for block in engine.blocks:
        drawn |= _contexts(engine, block, entered, configuration, rng)
    for finding in network.findings:
        table = finding.table() * entered.get(finding.id, 1.0)
        parents = tuple(drawn[parent] for parent in network.parents(finding.id))
        row = np.ravel_multi_index(parents, table.shape[:-1])
        drawn[finding.id] = sample(table.reshape(-1, table.shape[-1]), row, rng)
    return drawn


def _contexts(
    engine: Engine, block: Block, entered: Mapping[str, Array], configuration: Codes, rng: np.random.Generator
) -> dict[str, Codes]:
    """Return the contexts of one block, given the causes and what was entered: the joint ones, then those of one cause.

    configuration : (count,), index of each patient's causes; what is alike for a configuration is worked out once
    """
    network = engine.network
    met, row = np.unique(configuration, return_inverse=True)
    states = {cause: engine.codes[met, position] for position, cause in enumerate(engine.causes)}
    prior = block.prior
    local = [np.ones(factor.shape[1]) for factor in block.factors]  # what was entered on contexts of one cause
    for context, masks in block.masks.items():
        if context in entered:
            likelihood = entered[context] @ masks
            if context in block.local_of:
                local[block.local_of[context]] = local[block.local_of[context]] * likelihood
            else:
                prior = prior * likelihood
    weight = np.repeat(prior[None], len(met), axis=0)  # (configurations met, J)
    for cause, factor, seen in zip(block.causes, block.factors, local, strict=True):
        weight = weight * np.einsum("l,jlk->kj", seen, factor)[states[cause]]
    for finding in network.findings:
        if finding.id in entered and finding.contexts and finding.contexts[0] in block.masks:
            weight = (
                weight
                * _likelihood(finding, entered[finding.id], states)[:, block.configuration(network, finding.contexts)]
            )
    joint = sample(weight, row, rng)
    found = {context: block.masks[context].argmax(0)[joint] for context in block.joint}
    for position, (cause, factor, seen) in enumerate(zip(block.causes, block.factors, local, strict=True)):  # (J, L, K)
        own = [context for context, owner in block.local_of.items() if owner == position]
        if own:
            rows = np.moveaxis(factor * seen[:, None], 2, 1).reshape(-1, factor.shape[1])
            drawn = sample(rows, joint * factor.shape[2] + states[cause][row], rng)
            found |= {context: block.masks[context].argmax(0)[drawn] for context in own}
    return found


def _likelihood(finding: Finding, likelihood: Array, states: Mapping[str, Codes]) -> Array:
    """Return P(what was entered on a finding | causes, contexts), shape (configurations met, contexts')."""
    table = finding.table() @ likelihood
    configurations = prod(table.shape[len(finding.causes) :])
    return table.reshape(*table.shape[: len(finding.causes)], configurations)[tuple(states[c] for c in finding.causes)]


def sample(weights: Array, rows: Codes, rng: np.random.Generator) -> Codes:
    """Return one draw for each entry of `rows`, from that row of `weights`, shape (rows, outcomes), not normalised.

    By inversion: one uniform number a draw. A row that is never asked for may be all zero.
    """
    uniform = rng.random(len(rows))
    edges = np.cumsum(weights, axis=1)
    edges = edges[:, :-1] / np.where(edges[:, -1:] > 0, edges[:, -1:], 1.0)
    if len(weights) == 1:
        return np.searchsorted(edges[0], uniform, side="right")
    drawn = np.empty(len(rows), np.intp)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        drawn[part] = (edges[rows[part]] <= uniform[part, None]).sum(1)
    return drawn
