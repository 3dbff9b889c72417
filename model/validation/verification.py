"""Three engines, one answer: the exact engine against pgmpy and against plain enumeration, and the calibration.

Neither oracle shares code with ``inference``: both start from the expanded tables that ``exchange`` writes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.network import Array
from model.network.exchange import expanded_tables, quiet_pgmpy, to_pgmpy

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Check:
    """One check: the largest difference found, over how many comparisons."""

    name: str
    setting: str
    worst: float
    comparisons: int

    @property
    def passed(self) -> bool:
        """Whether the largest difference is within 1e-9."""
        return self.worst < TOLERANCE


def random_evidence(model: CalibratedModel, rng: np.random.Generator, entries: int = 12) -> dict[str, str]:
    """Return `entries` random hard findings and contexts; sometimes a cause is ruled in or out as well."""
    nodes = [*model.network.contexts, *model.network.findings]
    chosen = [nodes[i] for i in rng.choice(len(nodes), size=min(entries, len(nodes)), replace=False)]
    if rng.random() < 0.3:
        chosen.append(model.network.causes[rng.integers(len(model.network.causes))])
    return {node.id: node.states[rng.integers(len(node.states))] for node in chosen}


def enumerate_causes(tables: Mapping[str, tuple], causes: list[str], evidence: Mapping[str, str]) -> dict[str, Array]:
    """Return cause -> P(state | evidence) by summing the joint of all contexts and causes, one context at a time.

    tables : what :func:`~model.exchange.expanded_tables` returns;  evidence : node -> state, the selection included.
    """
    contexts = [
        node for node, (_, parents, _) in tables.items() if node not in causes and not set(parents) & set(causes)
    ]
    free = [node for node in (*contexts, *causes) if node not in evidence]
    axis = {node: position for position, node in enumerate(free)}
    joint = np.ones(tuple(len(tables[node][0]) for node in free))
    for node, (_, parents, table) in tables.items():
        if node not in evidence and node not in axis:
            continue  # an unobserved leaf sums to one
        members = [*parents, node]
        for position, member in reversed(list(enumerate(members))):
            if member in evidence:
                table = np.take(table, tables[member][0].index(evidence[member]), axis=position)
        members = [member for member in members if member not in evidence]
        order = sorted(range(len(members)), key=lambda i: axis[members[i]])
        shape = [1] * len(free)
        for member in members:
            shape[axis[member]] = len(tables[member][0])
        joint = joint * np.transpose(table, order).reshape(shape)
    joint /= joint.sum()
    found = {}
    for cause in causes:
        states = tables[cause][0]
        if cause in evidence:
            found[cause] = np.eye(len(states))[states.index(evidence[cause])]
        else:
            found[cause] = joint.sum(axis=tuple(position for position in axis.values() if position != axis[cause]))
    return found


def check_calibration(model: CalibratedModel) -> Check:
    """Compare P(cause state | count, condition of the shares), without other evidence, with M * share * split."""
    condition = model.calibrated.condition
    found = model.counted.state_probabilities
    worst = max(
        abs(found[cause][model.network.by_id[cause].states.index(state)] - target)
        for (cause, state), target in model.calibrated.targets.items()
    )
    given = " and ".join(f"{node}={state}" for node, state in condition.items()) or "no evidence"
    return Check(f"{given} returns the elicited shares", model.setting, float(worst), len(model.calibrated.targets))


def check_enumeration(model: CalibratedModel, cases: int, seed: int) -> Check:
    """Compare with plain enumeration on random evidence."""
    tables = expanded_tables(model.network)
    causes = [cause.id for cause in model.network.causes]
    return _compare("enumeration", model, cases, seed, lambda seen: enumerate_causes(tables, causes, seen))


def check_pgmpy(model: CalibratedModel, cases: int, seed: int) -> Check:
    """Compare with pgmpy's variable elimination on random evidence."""
    exported = to_pgmpy(model.network)
    with quiet_pgmpy():
        from pgmpy.inference import VariableElimination

    logging.getLogger("pgmpy").setLevel(logging.ERROR)
    causes = [cause.id for cause in model.network.causes]

    def query(seen: Mapping[str, str]) -> dict[str, Array]:
        engine: Any = VariableElimination(exported)  # a fresh one: pgmpy keeps state between queries
        found = {}
        for cause in causes:
            states = list(model.network.by_id[cause].states)
            if cause in seen:
                found[cause] = np.eye(len(states))[states.index(seen[cause])]
                continue
            factor = engine.query([cause], evidence=dict(seen), show_progress=False)
            order = [factor.state_names[cause].index(state) for state in states]
            found[cause] = np.asarray(factor.values)[order]
        return found

    return _compare("pgmpy variable elimination", model, cases, seed, query)


def _compare(
    name: str, model: CalibratedModel, cases: int, seed: int, oracle: Callable[[Mapping[str, str]], dict[str, Array]]
) -> Check:
    rng = np.random.default_rng(seed)
    worst, comparisons = 0.0, 0
    for _ in range(cases):
        evidence = random_evidence(model, rng)
        expected = oracle({**evidence, model.network.selection_id: model.network.selection_states[1]})
        found = model.posterior(evidence, scope=False).state_probabilities
        for cause, states in expected.items():
            worst = max(worst, float(np.abs(states - found[cause]).max()))
            comparisons += len(states)
    return Check(f"engine = {name}", model.setting, worst, comparisons)


def verify(model: CalibratedModel, cases: int = 20, seed: int = 0) -> list[Check]:
    """Run every check on one setting.

    cases : random evidence sets per oracle (enumeration, the slowest, takes a quarter of them).
    """
    return [
        check_calibration(model),
        check_enumeration(model, max(1, cases // 4), seed),
        check_pgmpy(model, cases, seed),
    ]
