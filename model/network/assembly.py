"""Knowledge and numbers -> a calibrated :class:`~model.network.Network`.

The numbers come in as one array per record id (a scalar at the plug-in point, a vector for parameter draws); this
module says which number goes where. It knows the structure and no medicine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from model.errors import KnowledgeError
from model.knowledge.load import Knowledge, Node
from model.network.calibration import Calibration, CauseLoad, calibrate
from model.network.context_grid import ContextGrid, context_grid, joint_contexts
from model.network.cpt import Array, cause_table, distribution_function, leaky_or, selection_probabilities
from model.network.network import Cause, Context, Finding, Mechanism, Network
from model.network.record_index import RecordIndex, net_numbers


@dataclass(frozen=True)
class CalibratedNetwork:
    """A network with the numbers behind its priors.

    targets  : (cause, state) -> M * share * split, the elicited P(cause state | count)
    kappa    : (cause, state) -> factor on its hazards; near 1 where shares and epidemiology agree
    gamma    : how many times likelier two processes together bring the count than one
    solution : the same as arrays, to start other calibrations nearby
    """

    network: Network
    setting: str
    targets: Mapping[tuple[str, str], float]
    kappa: Mapping[tuple[str, str], float]
    gamma: float
    residual: float
    solution: Calibration


@dataclass(frozen=True)
class Parts:
    """Everything the calibration needs, any leading draw axes: context tables, hazards by cause, targets and b."""

    contexts: Mapping[str, tuple[tuple[str, ...], Array]]
    hazards: Mapping[str, tuple[tuple[str, ...], Array]]
    targets: Array
    some_acting: Array
    grid: ContextGrid

    def loads(self) -> list[CauseLoad]:
        """Return one load per cause: hazards flattened over its context configurations, and their weights."""
        loads = []
        for contexts, hazards in self.hazards.values():
            lead = hazards.ndim - len(contexts) - 1
            flat = hazards.reshape(*hazards.shape[:lead], -1, hazards.shape[-1])
            loads.append(CauseLoad(flat, self.grid.weights(contexts)))
        return loads


def context_tables(
    knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array]
) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Return context -> (parents, P(state | parents)), parents before children."""
    tables: dict[str, tuple[tuple[str, ...], Array]] = {}
    nodes = knowledge.role("context")
    given = {node.id: _ordered(nodes, (r.parent for r in index.of("base_rate", node.id) if r.parent)) for node in nodes}
    for node in sorted(nodes, key=lambda node: bool(given[node.id])):
        if len(node.states) == 2:
            present = node.states[1]
            base = numbers[index.id("base_rate", node.id, present)]
            effects = [numbers[index.id("base_rate", node.id, present, p, "present")] for p in given[node.id]]
            tables[node.id] = (given[node.id], leaky_or(base, effects))
        elif given[node.id]:
            raise KnowledgeError(f"data/parameters: {node.id} has more than two states and cannot depend on a context.")
        else:
            weights = np.stack([numbers[index.id("base_rate", node.id, state)] for state in node.states], axis=-1)
            tables[node.id] = ((), weights / weights.sum(-1, keepdims=True))
    return tables


def _ordered(nodes: Iterable[Node], ids: Iterable[str]) -> tuple[str, ...]:
    wanted = set(ids)
    return tuple(node.id for node in nodes if node.id in wanted)


def hazard_tables(
    knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array]
) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Return cause -> (contexts, hazard of each non-absent state, shape (..., *context cards, K-1))."""
    tables: dict[str, tuple[tuple[str, ...], Array]] = {}
    for cause in knowledge.role("cause"):
        contexts = _ordered(knowledge.role("context"), (record.parent for record in index.of("hazard", cause.id)))
        states = []
        for state in cause.states[1:]:
            total = np.asarray(numbers[index.id("baseline_hazard", cause.id, state)])
            for position, context in enumerate(contexts):
                ids = [index.get("hazard", cause.id, state, context, s) for s in knowledge.nodes[context].states]
                added = np.stack(np.broadcast_arrays(*(numbers[i] if i else np.zeros(()) for i in ids)), axis=-1)
                total = total[..., None] + added.reshape(*added.shape[:-1], *(1,) * position, added.shape[-1])
            states.append(total)
        tables[cause.id] = (contexts, np.stack(np.broadcast_arrays(*states), axis=-1))
    return tables


def elicited_targets(
    knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array], shares: Mapping[str, Array]
) -> Array:
    """Return P(cause state | count) = M * share * split, shape (..., number of non-absent cause states).

    shares : cause -> its share among the causes the article orders, shape (...), summing to one.
    """
    mean_acting = np.asarray(numbers[index.id("cooccurrence", "neutropenia")])
    other = np.asarray(numbers[index.id("other_share", "other")])
    columns = []
    for cause in knowledge.role("cause"):
        share = shares[cause.id] * (1 - other) if cause.id in shares else other
        if len(cause.states) == 2:
            columns.append(mean_acting * share)
            continue
        weights = [np.asarray(numbers[index.id("split", cause.id, state)]) for state in cause.states[1:]]
        total = sum(weights)
        columns += [mean_acting * share * weight / total for weight in weights]
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def parts(knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array], shares: Mapping[str, Array]) -> Parts:
    """Return what the calibration needs."""
    contexts = context_tables(knowledge, index, numbers)
    hazards = hazard_tables(knowledge, index, numbers)
    joint = joint_contexts(
        {context: parents for context, (parents, _) in contexts.items()},
        {cause: of for cause, (of, _) in hazards.items()},
        [],
    )
    return Parts(
        contexts,
        hazards,
        elicited_targets(knowledge, index, numbers, shares),
        np.asarray(numbers[index.id("population", "neutropenia")]),
        context_grid(contexts, joint),
    )


def findings(knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array]) -> tuple[Finding, ...]:
    """Return every finding with its links and background (net numbers)."""
    causes = knowledge.role("cause")
    built = []
    for node in knowledge.role("finding"):
        upper = node.states[1:]
        linked = _ordered(causes, (record.parent for record in index.of("link", node.id)))
        links = {}
        for cause in linked:
            rows = []
            for cause_state in knowledge.nodes[cause].states:
                ids = [index.get("link", node.id, state, cause, cause_state) for state in upper]
                rows.append(distribution_function([np.asarray(numbers[i] if i else 0.0) for i in ids]))
            links[cause] = np.stack(np.broadcast_arrays(*rows), axis=-2)
        raising = _ordered(
            knowledge.role("context"), (record.parent for record in index.of("leak", node.id) if record.parent)
        )
        leaks = [index.get("leak", node.id, state) for state in upper]
        background = distribution_function([np.asarray(numbers[i] if i else 0.0) for i in leaks])
        for position, context in enumerate(raising):
            effects = [numbers[index.id("leak", node.id, state, context, "present")] for state in upper]
            raised = distribution_function([np.asarray(effect) for effect in effects])
            factor = np.stack([np.ones_like(raised), raised], axis=-2)
            background = background[..., None, :] * factor.reshape(
                *factor.shape[:-2], *(1,) * position, *factor.shape[-2:]
            )
        draws = next(iter(links.values())).shape[:-2]  # a finding without leak has no draws of its own
        background = np.broadcast_to(background, (*draws, *background.shape[-1 - len(raising) :]))
        built.append(Finding(node.id, node.states, linked, raising, links, background))
    return tuple(built)


def mechanisms(knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array]) -> tuple[Mechanism, ...]:
    """Return the display-only mechanism nodes."""
    built = []
    for node in knowledge.role("mechanism"):
        acting = _ordered(knowledge.role("cause"), (record.parent for record in index.of("mechanism", node.id)))
        effects = {}
        for cause in acting:
            ids = [index.get("mechanism", node.id, "present", cause, state) for state in knowledge.nodes[cause].states]
            found = np.broadcast_arrays(*(np.asarray(numbers[i] if i else 0.0) for i in ids))
            effects[cause] = np.stack(found, axis=-1)
        built.append(Mechanism(node.id, node.states, acting, effects))
    return tuple(built)


def assemble(
    knowledge: Knowledge,
    setting: str,
    stated: Mapping[str, float],
    shares: Mapping[str, float],
    replaced: Mapping[str, float] | None = None,
) -> CalibratedNetwork:
    """Build and calibrate the network of one setting.

    stated   : record id -> plug-in value as elicited;  shares : cause -> share among the ordered causes
    replaced : record id -> value to use instead
    raises   : KnowledgeError for missing or incoherent numbers, CalibrationError when no priors fit.
    """
    index = RecordIndex(knowledge, setting)
    numbers = {key: np.asarray(value) for key, value in net_numbers(index, stated, replaced).items()}
    pieces = parts(knowledge, index, numbers, {cause: np.asarray(share) for cause, share in shares.items()})
    solution = calibrate(pieces.loads(), pieces.grid.probabilities, pieces.targets, pieces.some_acting)
    network = build_network(knowledge, index, numbers, pieces, solution)
    network.check()
    names = [(cause.id, state) for cause in network.causes for state in cause.states[1:]]
    return CalibratedNetwork(
        network,
        setting,
        dict(zip(names, pieces.targets.tolist(), strict=True)),
        dict(zip(names, solution.kappa.tolist(), strict=True)),
        float(solution.gamma),
        float(solution.residual),
        solution,
    )


def build_network(
    knowledge: Knowledge, index: RecordIndex, numbers: Mapping[str, Array], pieces: Parts, solution: Calibration
) -> Network:
    """Put the tables together; leading axes of the numbers stay leading axes of every table."""
    return Network(
        contexts=tuple(
            Context(node, knowledge.nodes[node].states, parents, table)
            for node, (parents, table) in pieces.contexts.items()
        ),
        causes=calibrated_causes(knowledge, pieces, solution.kappa),
        findings=findings(knowledge, index, numbers),
        mechanisms=mechanisms(knowledge, index, numbers),
        selection=selection_probabilities(solution.gamma, len(pieces.hazards)),
    )


def calibrated_causes(knowledge: Knowledge, pieces: Parts, kappa: Array) -> tuple[Cause, ...]:
    """Return the causes with their tables, hazards multiplied by kappa, shape (..., states)."""
    causes, offset = [], 0
    for cause, (contexts, hazards) in pieces.hazards.items():
        width = hazards.shape[-1]
        factor = kappa[..., offset : offset + width]
        table = cause_table(hazards * factor.reshape(*factor.shape[:-1], *(1,) * len(contexts), width))
        causes.append(Cause(cause, knowledge.nodes[cause].states, contexts, table))
        offset += width
    return tuple(causes)
