"""Knowledge and numbers -> a calibrated :class:`~model.network.Network`.

The numbers come in as one array per record id (a scalar at the plug-in point, a vector for parameter draws); this
module says which number goes where. It knows the structure and no medicine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from model.errors import KnowledgeError
from model.knowledge import Knowledge
from model.network.calibration import Calibration, CauseLoad, calibrate
from model.network.context_grid import ContextGrid, context_grid, joint_contexts
from model.network.cpt import Array, cause_table, distribution_function, leaky_or, selection_probabilities
from model.network.network import Cause, Context, Finding, Mechanism, Network
from model.network.record_index import RecordIndex, net_numbers

Table = tuple[tuple[str, ...], Array]  # the parents, and an axis for each before the states


@dataclass(frozen=True)
class CalibratedNetwork:
    """A network with the numbers behind its priors.

    targets  : (cause, state) -> M * share * split, the elicited P(cause state | count)
    kappa    : (cause, state) -> factor on its hazards; near 1 where shares and epidemiology agree
    gamma    : how many times likelier two processes together bring the count than one
    solution : the same as arrays, to start other calibrations nearby
    """

    network: Network
    targets: Mapping[tuple[str, str], float]
    kappa: Mapping[tuple[str, str], float]
    gamma: float
    residual: float
    solution: Calibration


@dataclass(frozen=True)
class Parts:
    """Everything the calibration needs, any leading draw axes: context tables, hazards by cause, targets and b."""

    contexts: Mapping[str, Table]
    hazards: Mapping[str, Table]
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


@dataclass(frozen=True)
class _Numbers:
    """The numbers of one setting, by what they are about: kind, node, state, parent, state of the parent."""

    index: RecordIndex
    values: Mapping[str, Array]

    def of(self, *about: str) -> Array:
        """Return a number; KnowledgeError when there is none."""
        return np.asarray(self.values[self.index.id(*about)])

    def or_zero(self, *about: str) -> Array:
        """Return a number, or zero when there is none."""
        found = self.index.get(*about)
        return np.asarray(self.values[found] if found else 0.0)

    def parents(self, kind: str, node: str, role: str) -> tuple[str, ...]:
        """Return the parents that numbers of one kind give a node, in the order of ``nodes.csv``."""
        named = {record.parent for record in self.index.of(kind, node)}
        return tuple(parent.id for parent in self.index.knowledge.role(role) if parent.id in named)


def _side_by_side(arrays: Iterable[Array]) -> Array:
    """Return the arrays along a new last axis."""
    return np.stack(np.broadcast_arrays(*arrays), axis=-1)


def _with_axes(array: Array, axes: int, before: int) -> Array:
    """Return the array with so many axes of length one before its last `before` axes."""
    return np.expand_dims(array, tuple(range(-axes - before, -before)))


def _context_tables(numbers: _Numbers) -> dict[str, Table]:
    """Return context -> (parents, P(state | parents)), parents before children."""
    tables: dict[str, Table] = {}
    nodes = numbers.index.knowledge.role("context")
    given = {node.id: numbers.parents("base_rate", node.id, "context") for node in nodes}
    for node in sorted(nodes, key=lambda node: bool(given[node.id])):
        if len(node.states) == 2:
            present = node.states[1]
            base = numbers.of("base_rate", node.id, present)
            effects = [numbers.of("base_rate", node.id, present, parent, "present") for parent in given[node.id]]
            tables[node.id] = (given[node.id], leaky_or(base, effects))
        elif given[node.id]:
            raise KnowledgeError(f"data/parameters: {node.id} has more than two states and cannot depend on a context.")
        else:
            weights = np.stack([numbers.of("base_rate", node.id, state) for state in node.states], axis=-1)
            tables[node.id] = ((), weights / weights.sum(-1, keepdims=True))
    return tables


def _hazard_tables(numbers: _Numbers) -> dict[str, Table]:
    """Return cause -> (contexts, hazard of each non-absent state, shape (..., *context cards, K-1))."""
    tables: dict[str, Table] = {}
    nodes = numbers.index.knowledge.nodes
    for cause in numbers.index.knowledge.role("cause"):
        contexts = numbers.parents("hazard", cause.id, "context")
        states = []
        for state in cause.states[1:]:
            total = numbers.of("baseline_hazard", cause.id, state)
            for position, context in enumerate(contexts):
                added = _side_by_side(
                    numbers.or_zero("hazard", cause.id, state, context, level) for level in nodes[context].states
                )
                total = total[..., None] + _with_axes(added, position, 1)
            states.append(total)
        tables[cause.id] = (contexts, _side_by_side(states))
    return tables


def _elicited_targets(numbers: _Numbers, shares: Mapping[str, Array]) -> Array:
    """Return P(cause state | count) = M * share * split, shape (..., number of non-absent cause states).

    shares : cause -> its share among the causes the article orders, shape (...), summing to one.
    """
    mean_acting, other = numbers.of("cooccurrence", "neutropenia"), numbers.of("other_share", "other")
    columns = []
    for cause in numbers.index.knowledge.role("cause"):
        share = shares[cause.id] * (1 - other) if cause.id in shares else other
        if len(cause.states) == 2:
            columns.append(mean_acting * share)
            continue
        weights = [numbers.of("split", cause.id, state) for state in cause.states[1:]]
        total = sum(weights)
        columns += [mean_acting * share * weight / total for weight in weights]
    return _side_by_side(columns)


def parts(index: RecordIndex, numbers: Mapping[str, Array], shares: Mapping[str, Array]) -> Parts:
    """Return what the calibration needs: the numbers (net) of `index` and the shares of the causes, shape (...)."""
    about = _Numbers(index, numbers)
    contexts, hazards = _context_tables(about), _hazard_tables(about)
    joint = joint_contexts(
        {context: parents for context, (parents, _) in contexts.items()},
        {cause: of for cause, (of, _) in hazards.items()},
        [],
    )
    some_acting = about.of("population", "neutropenia")
    return Parts(contexts, hazards, _elicited_targets(about, shares), some_acting, context_grid(contexts, joint))


def _findings(numbers: _Numbers) -> Iterator[Finding]:
    """Yield every finding with its links and background (net numbers)."""
    knowledge = numbers.index.knowledge
    for node in knowledge.role("finding"):
        upper, linked = node.states[1:], numbers.parents("link", node.id, "cause")
        links = {}
        for cause in linked:
            rows = [
                distribution_function([numbers.or_zero("link", node.id, state, cause, acting) for state in upper])
                for acting in knowledge.nodes[cause].states
            ]
            links[cause] = np.stack(np.broadcast_arrays(*rows), axis=-2)
        raising = numbers.parents("leak", node.id, "context")
        background = distribution_function([numbers.or_zero("leak", node.id, state) for state in upper])
        for position, context in enumerate(raising):
            raised = distribution_function([numbers.of("leak", node.id, state, context, "present") for state in upper])
            factor = np.stack([np.ones_like(raised), raised], axis=-2)
            background = background[..., None, :] * _with_axes(factor, position, 2)
        draws = next(iter(links.values())).shape[:-2]  # a finding without leak has no draws of its own
        background = np.broadcast_to(background, (*draws, *background.shape[-1 - len(raising) :]))
        yield Finding(node.id, node.states, linked, raising, links, background)


def _mechanisms(numbers: _Numbers) -> Iterator[Mechanism]:
    """Yield the display-only mechanism nodes."""
    knowledge = numbers.index.knowledge
    for node in knowledge.role("mechanism"):
        acting = numbers.parents("mechanism", node.id, "cause")
        effects = {}
        for cause in acting:
            states = knowledge.nodes[cause].states
            effects[cause] = _side_by_side(numbers.or_zero("mechanism", node.id, "present", cause, s) for s in states)
        yield Mechanism(node.id, node.states, acting, effects)


def _calibrated_causes(knowledge: Knowledge, pieces: Parts, kappa: Array) -> Iterator[Cause]:
    """Yield the causes with their tables, hazards multiplied by kappa, shape (..., states)."""
    offset = 0
    for cause, (contexts, hazards) in pieces.hazards.items():
        factor = kappa[..., offset : offset + hazards.shape[-1]]
        table = cause_table(hazards * _with_axes(factor, len(contexts), 1))
        yield Cause(cause, knowledge.nodes[cause].states, contexts, table)
        offset += hazards.shape[-1]


def build_network(index: RecordIndex, numbers: Mapping[str, Array], pieces: Parts, solution: Calibration) -> Network:
    """Put the tables together; leading axes of the numbers stay leading axes of every table."""
    nodes, about = index.knowledge.nodes, _Numbers(index, numbers)
    return Network(
        tuple(Context(node, nodes[node].states, *table) for node, table in pieces.contexts.items()),
        tuple(_calibrated_causes(index.knowledge, pieces, solution.kappa)),
        tuple(_findings(about)),
        tuple(_mechanisms(about)),
        selection_probabilities(solution.gamma, len(pieces.hazards)),
    )


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
    pieces = parts(index, numbers, {cause: np.asarray(share) for cause, share in shares.items()})
    solution = calibrate(pieces.loads(), pieces.grid.probabilities, pieces.targets, pieces.some_acting)
    network = build_network(index, numbers, pieces, solution)
    network.check()
    names = [(cause.id, state) for cause in network.causes for state in cause.states[1:]]
    return CalibratedNetwork(
        network,
        dict(zip(names, pieces.targets.tolist(), strict=True)),
        dict(zip(names, solution.kappa.tolist(), strict=True)),
        float(solution.gamma),
        float(solution.residual),
        solution,
    )
