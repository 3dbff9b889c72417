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

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from model.inference.engine import Engine
from model.inference.pairs import four_states, paired
from model.inference.patterns import Codes
from model.inference.slots import Kind
from model.inference.stratum import NOTHING, Hard, Soft, Stratum
from model.network import Array, Finding, Network, grid

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
    engine.possible(hard, soft)
    seen_hard, seen_soft = paired(network.pairs, hard, soft)
    open_, seen_hard, seen_soft = engine.open_strata(seen_hard, seen_soft)
    across = _across_blocks(engine.strata[0])
    coupled = any(seen_hard.get(node, 0) > 0 or node in seen_soft for node in across)
    weights, opened = [], []
    for number, weight in open_:
        by_opened, opened = engine.strata[number].by_opened(seen_hard, seen_soft)
        weights.append(weight * (by_opened if coupled else by_opened.sum(0, keepdims=True)))
    opened = opened if coupled else []
    shape = (len(weights), len(weights[0]), len(engine.codes))
    stratum, opening, configuration = np.unravel_index(
        sample(np.reshape(weights, (1, -1)), np.zeros(count, np.intp), rng), shape
    )
    drawn: dict[str, Codes] = {
        cause: engine.codes[configuration, position] for position, cause in enumerate(engine.causes)
    }
    drawn |= {context.id: np.zeros(count, np.intp) for context in network.contexts}
    entered = _likelihoods(network, seen_hard, seen_soft)
    opened_codes = grid([network.cardinality[context] for context in opened])
    for (place, code), rows in _groups(stratum, opening):
        number = open_[place][0]
        for position, context in enumerate(engine.cutset):
            drawn[context][rows] = engine.stratum_codes[number, position]
        known = {context: int(state) for context, state in zip(opened, opened_codes[code], strict=True)}
        here = {**entered, **_likelihoods(network, known, {})}
        for block in range(len(engine.strata[number].blocks)):
            for context, states in _contexts(engine.strata[number], block, here, configuration[rows], rng).items():
                drawn[context][rows] = states
    entered = _likelihoods(network, hard, soft)
    in_pairs = {node for pair in network.pairs for node in (pair.first, pair.second)}
    for finding in network.findings:
        if finding.id not in in_pairs:
            drawn[finding.id] = _finding(finding, finding.table() * entered.get(finding.id, 1.0), drawn, rng)
    for pair in network.pairs:
        first, second = (entered.get(node, np.ones(2)) for node in (pair.first, pair.second))
        both = _finding(pair, pair.table() * four_states(first, second), drawn, rng)
        drawn[pair.first], drawn[pair.second] = both % 2, both // 2
    return drawn


def _across_blocks(stratum: Stratum) -> list[str]:
    """Return the findings and pairs whose contexts lie in several blocks."""
    homes = {node: {stratum.slot[context][1] for context in several.contexts}
             for node, several in stratum.several.items()}  # fmt: skip
    return [node for node, numbers in homes.items() if len(numbers) > 1]


def _likelihoods(network: Network, hard: Hard, soft: Soft) -> dict[str, Array]:
    """Return the likelihood of each state of each node entered, pairs included."""
    cards = {**network.cardinality, **{pair.id: 4 for pair in network.pairs}}
    return {node: np.eye(cards[node])[state] for node, state in hard.items()} | {
        node: np.asarray(likelihood) for node, likelihood in soft.items()
    }


def _groups(stratum: Codes, opening: Codes) -> Iterator[tuple[tuple[int, int], slice | Codes]]:
    """Yield (stratum, configuration of the opened contexts) that occur, with their rows."""
    keys = stratum * (int(opening.max(initial=0)) + 1) + opening
    for key in np.unique(keys):
        rows = np.flatnonzero(keys == key)
        yield (int(stratum[rows[0]]), int(opening[rows[0]])), rows


def _finding(finding: Finding, table: Array, drawn: Mapping[str, Codes], rng: np.random.Generator) -> Codes:
    """Return one draw a patient from the row of a table that its causes and contexts choose."""
    parents = tuple(drawn[parent] for parent in (*finding.causes, *finding.contexts))
    row = np.ravel_multi_index(parents, table.shape[:-1])
    return sample(table.reshape(-1, table.shape[-1]), row, rng)


def _contexts(
    stratum: Stratum, number: int, entered: Mapping[str, Array], configuration: Codes, rng: np.random.Generator
) -> dict[str, Codes]:
    """Return the contexts of one block, given the causes and what was entered: the joint ones, then those of one cause.

    configuration : (count,), index of each patient's causes; what is alike for a configuration is worked out once
    """
    network, block = stratum.network, stratum.blocks[number]
    met, row = np.unique(configuration, return_inverse=True)
    states = {cause: stratum.codes[met, position] for position, cause in enumerate(stratum.causes)}
    prior = block.prior
    # what was entered on contexts of one cause, and on its findings that depend on them
    local = [np.ones((factor.shape[1], 1)) for factor in block.factors]
    for context, masks in block.masks.items():
        if context in entered:
            likelihood = entered[context] @ masks
            if context in block.local_of:
                local[block.local_of[context]] = local[block.local_of[context]] * likelihood[:, None]
            else:
                prior = prior * likelihood
    for finding in network.findings:
        kind, home, position, table = stratum.slot[finding.id]
        if kind is Kind.OWN and home == number and finding.id in entered:
            local[position] = local[position] * np.tensordot(entered[finding.id], table, 1)
    weight = np.repeat(prior[None], len(met), axis=0)  # (configurations met, J)
    for cause, factor, seen in zip(block.causes, block.factors, local, strict=True):
        weight = weight * (factor * seen).sum(1).T[states[cause]]
    across = _across_blocks(stratum)
    for finding in network.findings:
        own = stratum.slot[finding.id][0] is Kind.OWN
        if finding.id in entered and not own and {*finding.contexts} & {*block.joint} and finding.id not in across:
            weight = (
                weight
                * _likelihood(finding, entered[finding.id], states)[:, block.configuration(network, finding.contexts)]
            )
    for node in across:  # in its lowest state a finding factorises; else the contexts it meets are in `entered`
        floor = stratum.several[node].floors.get(number)
        if floor is not None and node in entered and not entered[node][1:].any():
            weight = weight * floor
    joint = sample(weight, row, rng)
    found = {context: block.masks[context].argmax(0)[joint] for context in block.joint}
    for position, (cause, factor, seen) in enumerate(zip(block.causes, block.factors, local, strict=True)):  # (J, L, K)
        own = [context for context, owner in block.local_of.items() if owner == position]
        if own:
            rows = np.moveaxis(factor * seen, 2, 1).reshape(-1, factor.shape[1])
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
