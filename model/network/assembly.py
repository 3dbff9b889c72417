"""Knowledge and numbers -> a calibrated :class:`~model.network.Network`.

The numbers come in as one array per record id (a scalar at the plug-in point, a vector for parameter draws);
``context_tables``, ``hazard_tables`` and ``finding_tables`` say which number goes where. They know the structure and no
medicine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from model.errors import KnowledgeError
from model.knowledge import Knowledge
from model.network.adults import Adults
from model.network.calibration import Calibration, calibrate
from model.network.competing_hazards import Hazards
from model.network.context_tables import context_tables
from model.network.cpt import Array, selection_probabilities
from model.network.finding_tables import findings, pairs
from model.network.hazard_tables import hazard_tables
from model.network.islands import Condition, adults
from model.network.named_axes import Table
from model.network.network import Cause, Context, Finding, Mechanism, Network, Pair
from model.network.record_index import Numbers, RecordIndex, net_numbers, side_by_side


@dataclass(frozen=True)
class CalibratedNetwork:
    """A network with the numbers behind its priors.

    targets   : (cause, state) -> M * share * split, the elicited P(cause state | count, condition)
    kappa     : (cause, state) -> factor on its hazards; near 1 where shares and epidemiology agree
    gamma     : how many times likelier two processes together bring the count than one
    solution  : the same as arrays, to start other calibrations nearby
    condition : finding -> state, what those whose causes were counted had; empty for everybody with the count
    """

    network: Network
    targets: Mapping[tuple[str, str], float]
    kappa: Mapping[tuple[str, str], float]
    gamma: float
    residual: float
    solution: Calibration
    condition: Mapping[str, str]


@dataclass(frozen=True)
class Parts:
    """Everything the calibration needs, any leading draw axes: context tables, hazards by cause, targets and b."""

    contexts: Mapping[str, Table]
    hazards: Mapping[str, Hazards]
    targets: Array
    some_acting: Array
    adults: Adults


def _elicited_targets(numbers: Numbers, shares: Mapping[str, Array]) -> Array:
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
    return side_by_side(columns)


def parts(index: RecordIndex, numbers: Mapping[str, Array], shares: Mapping[str, Array]) -> Parts:
    """Return what the calibration needs: the numbers (net) of `index` and the shares of the causes, shape (...)."""
    about = Numbers(index, numbers)
    contexts, strata = context_tables(about)
    hazards = hazard_tables(about, strata)
    return Parts(
        contexts,
        hazards,
        _elicited_targets(about, shares),
        about.of("population", "neutropenia"),
        adults(contexts, hazards, strata.names, _condition(about)),
    )


def condition_of(index: RecordIndex) -> dict[str, str]:
    """Return the condition of a setting's shares: finding -> state; raises KnowledgeError unless it is the lowest."""
    condition = {}
    for entry in index.knowledge.settings[index.setting].condition:
        name, _, state = entry.partition("=")
        node = index.knowledge.nodes.get(name)
        if node is None or node.role != "finding" or state != node.states[0]:
            raise KnowledgeError(
                f"settings.csv, setting {index.setting!r}: condition {entry!r}: expected a finding and its lowest "
                "state, such as 'fever=absent'."
            )
        condition[name] = state
    return condition


def _condition(numbers: Numbers) -> Condition:
    """Return how likely the condition is without any cause, and with each state of one cause alone."""
    named = condition_of(numbers.index)
    if not named:
        return Condition()
    alone = list(findings(numbers, named))
    together = list(pairs(numbers, alone))
    paired = {name for pair in together for name in (pair.first, pair.second)}
    factors: dict[str, Array] = {}
    for node in (*(finding for finding in alone if finding.id not in paired), *together):
        for cause in node.causes:
            factors[cause] = factors.get(cause, np.ones(())) * node.links[cause][..., 1:, 0]
    return Condition(tuple((node.contexts, node.background[..., 0]) for node in alone), factors)


def _mechanisms(numbers: Numbers) -> Iterator[Mechanism]:
    """Yield the display-only mechanism nodes."""
    knowledge = numbers.index.knowledge
    for node in knowledge.role("mechanism"):
        acting = numbers.parents("mechanism", node.id, "cause")
        effects = {}
        for cause in acting:
            states = knowledge.nodes[cause].states
            effects[cause] = side_by_side(numbers.or_zero("mechanism", node.id, "present", cause, s) for s in states)
        yield Mechanism(node.id, node.states, acting, effects)


def _calibrated_causes(index: RecordIndex, hazards: Mapping[str, Hazards], kappa: Array) -> Iterator[Cause]:
    """Yield the causes with their tables, hazards multiplied by kappa, shape (..., states)."""
    offset = 0
    for cause, each in hazards.items():
        width = each.baseline.shape[-1]
        calibrated = each.times(kappa[..., offset : offset + width])
        contexts = index.in_order(each.contexts)
        states = index.knowledge.nodes[cause].states
        yield Cause(cause, states, contexts, calibrated.table(contexts), calibrated)
        offset += width


def build_network(index: RecordIndex, numbers: Mapping[str, Array], pieces: Parts, solution: Calibration) -> Network:
    """Put the tables together; leading axes of the numbers stay leading axes of every table."""
    nodes, about = index.knowledge.nodes, Numbers(index, numbers)
    found: tuple[Finding, ...] = tuple(findings(about))
    together: tuple[Pair, ...] = tuple(pairs(about, found))
    return Network(
        tuple(Context(node, nodes[node].states, *table) for node, table in pieces.contexts.items()),
        tuple(_calibrated_causes(index, pieces.hazards, solution.kappa)),
        found,
        tuple(_mechanisms(about)),
        selection_probabilities(solution.gamma, len(pieces.hazards)),
        pairs=together,
    )


def without_kappa(calibrated: CalibratedNetwork) -> Network:
    """Return the network whose causes have their hazards as measured, every kappa at one; the rest is as it was."""
    causes = []
    for cause in calibrated.network.causes:
        assert cause.hazards is not None  # an assembled cause is made of them
        kappa = np.array([calibrated.kappa[cause.id, state] for state in cause.states[1:]])
        measured = cause.hazards.times(1 / kappa)
        causes.append(replace(cause, table=measured.table(cause.contexts), hazards=measured))
    return replace(calibrated.network, causes=tuple(causes))


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
    solution = calibrate(pieces.adults, pieces.targets, pieces.some_acting)
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
        condition_of(index),
    )
