"""Knowledge and numbers -> a calibrated :class:`~model.network.Network`.

The numbers come in as one array per record id (a scalar at the plug-in point, a vector for parameter draws); this module
says which number goes where. It knows the structure and no medicine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from model.calibration import Calibration, CauseLoad, calibrate
from model.context_grid import ContextGrid, context_grid, joint_contexts
from model.cpt import Array, cause_table, distribution_function, leaky_or, net_effect, selection_probabilities
from model.errors import KnowledgeError
from model.knowledge import Knowledge, Node, Record
from model.network import Cause, Context, Finding, Mechanism, Network

Key = tuple[str, str, str, str, str]


class RecordIndex:
    """The records of one setting, found by (kind, node, state, parent, parent_state)."""

    def __init__(self, knowledge: Knowledge, setting: str):
        self.setting = setting
        self.records = knowledge.records_of(setting)
        self._by_key: dict[Key, Record] = {
            (record.kind, record.node, record.state, record.parent, record.parent_state): record
            for record in self.records
        }

    def id(self, kind: str, node: str, state: str = "", parent: str = "", parent_state: str = "") -> str:
        """Return the id of the number, or raise KnowledgeError saying which one is missing."""
        record = self._by_key.get((kind, node, state, parent, parent_state))
        if record is None:
            given = f" given {parent}={parent_state}" if parent else ""
            raise KnowledgeError(f"data/parameters: no {kind} for {node} {state}{given} in setting {self.setting!r}.")
        return record.id

    def get(self, kind: str, node: str, state: str = "", parent: str = "", parent_state: str = "") -> str | None:
        """Return the id of the number, or None."""
        record = self._by_key.get((kind, node, state, parent, parent_state))
        return record.id if record else None

    def of(self, kind: str, node: str | None = None) -> list[Record]:
        """Return the records of one kind (and node), in table order."""
        return [record for record in self.records if record.kind == kind and node in (None, record.node)]

    def background_of(self, record: Record) -> str | None:
        """Return the id of the background that a compound number includes, or None."""
        if record.kind == "link":
            return self.get("leak", record.node, record.state)
        if record.kind in ("leak", "base_rate") and record.parent:
            return self.id(record.kind, record.node, record.state)
        return None


def net_numbers(index: RecordIndex, stated: Mapping[str, float]) -> dict[str, float]:
    """Turn stated (compound) numbers into the ones that enter tables: links and conditional rates become net effects.

    raises : KnowledgeError where a number lies below the background it includes.
    """
    net = dict(stated)
    for record in index.records:
        background = index.background_of(record)
        if background is None or record.id not in stated:
            continue
        if stated[record.id] < stated[background]:
            raise KnowledgeError(
                f"data/parameters, record {record.id!r}: expected at least the background {stated[background]:.4g} "
                f"({background}), which the number includes, got {stated[record.id]:.4g}."
            )
        net[record.id] = float(net_effect(stated[record.id], stated[background]))
    return net


@dataclass(frozen=True)
class CalibratedNetwork:
    """A network with the numbers behind its priors.

    targets : (cause, state) -> M * share * split, the elicited P(cause state | count)
    kappa   : (cause, state) -> factor on its hazards; near 1 where shares and epidemiology agree
    gamma   : how many times likelier two processes together bring the count than one
    """

    network: Network
    setting: str
    targets: Mapping[tuple[str, str], float]
    kappa: Mapping[tuple[str, str], float]
    gamma: float
    residual: float


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
            total = np.asarray(numbers[index.id("baseline_hazard", cause.id, state)], float)
            for position, context in enumerate(contexts):
                ids = [index.get("hazard", cause.id, state, context, s) for s in knowledge.nodes[context].states]
                added = np.stack(
                    np.broadcast_arrays(*(numbers[i] if i else np.zeros(()) for i in ids)), axis=-1
                ).astype(float)
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
    mean_acting = np.asarray(numbers[index.id("cooccurrence", "neutropenia")], float)
    other = np.asarray(numbers[index.id("other_share", "other")], float)
    columns = []
    for cause in knowledge.role("cause"):
        share = shares[cause.id] * (1 - other) if cause.id in shares else other
        if len(cause.states) == 2:
            columns.append(mean_acting * share)
            continue
        weights = [np.asarray(numbers[index.id("split", cause.id, state)], float) for state in cause.states[1:]]
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
        np.asarray(numbers[index.id("population", "neutropenia")], float),
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
                rows.append(distribution_function([np.asarray(numbers[i] if i else 0.0, float) for i in ids]))
            links[cause] = np.stack(np.broadcast_arrays(*rows), axis=-2)
        raising = _ordered(
            knowledge.role("context"), (record.parent for record in index.of("leak", node.id) if record.parent)
        )
        leaks = [index.get("leak", node.id, state) for state in upper]
        background = distribution_function([np.asarray(numbers[i] if i else 0.0, float) for i in leaks])
        for position, context in enumerate(raising):
            effects = [numbers[index.id("leak", node.id, state, context, "present")] for state in upper]
            raised = distribution_function([np.asarray(effect, float) for effect in effects])
            factor = np.stack([np.ones_like(raised), raised], axis=-2)
            background = background[..., None, :] * factor.reshape(
                *factor.shape[:-2], *(1,) * position, *factor.shape[-2:]
            )
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
            effects[cause] = np.stack([np.asarray(numbers[i] if i else 0.0, float) for i in ids], axis=-1)
        built.append(Mechanism(node.id, node.states, acting, effects))
    return tuple(built)


def assemble(
    knowledge: Knowledge, setting: str, stated: Mapping[str, float], shares: Mapping[str, float]
) -> CalibratedNetwork:
    """Build and calibrate the network of one setting.

    stated : record id -> plug-in value as elicited;  shares : cause -> share among the ordered causes.
    raises : KnowledgeError for missing or incoherent numbers, CalibrationError when no priors fit.
    """
    index = RecordIndex(knowledge, setting)
    numbers = {key: np.asarray(value, float) for key, value in net_numbers(index, stated).items()}
    pieces = parts(knowledge, index, numbers, {cause: np.asarray(share) for cause, share in shares.items()})
    loads = pieces.loads()
    solution: Calibration = calibrate(loads, pieces.grid.probabilities, pieces.targets, pieces.some_acting)
    network = Network(
        contexts=tuple(
            Context(node, knowledge.nodes[node].states, parents, table)
            for node, (parents, table) in pieces.contexts.items()
        ),
        causes=calibrated_causes(knowledge, pieces, solution.kappa),
        findings=findings(knowledge, index, numbers),
        mechanisms=mechanisms(knowledge, index, numbers),
        selection=selection_probabilities(solution.gamma, len(pieces.hazards)),
    )
    network.check()
    names = [(cause.id, state) for cause in network.causes for state in cause.states[1:]]
    return CalibratedNetwork(
        network,
        setting,
        dict(zip(names, pieces.targets.tolist(), strict=True)),
        dict(zip(names, solution.kappa.tolist(), strict=True)),
        float(solution.gamma),
        float(solution.residual),
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
