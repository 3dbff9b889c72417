"""The same network in pgmpy and pyAgrum, built from the same tables, and how each is asked for the seven causes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from model.network import Network
from model.network.exchange import expanded_tables, to_pgmpy

Answer = np.ndarray  # P(acting) of each cause, in the network's order
Ask = Callable[[Mapping[str, str]], Answer]


def pyagrum_net(network: Network) -> Any:
    """Return a pyAgrum BayesNet of every node."""
    with _quiet():
        import pyagrum as gum

    net: Any = gum.BayesNet()
    tables = expanded_tables(network)
    for node, (states, _, _) in tables.items():
        net.add(gum.LabelizedVariable(node, node, list(states)))
    for node, (_, parents, _) in tables.items():
        for parent in parents:
            net.addArc(parent, node)
    for node, (_, parents, table) in tables.items():
        names = net.cpt(node).names  # the array has its axes the other way round
        axes = [*parents, node]
        net.cpt(node)[:] = np.ascontiguousarray(np.transpose(table, [axes.index(name) for name in reversed(names)]))
    return net


def ask_pyagrum(network: Network, targets: bool) -> Ask:
    """Return the pyAgrum query: setEvidence, makeInference, seven posteriors; `targets`: setTargets(causes) first."""
    with _quiet():
        import pyagrum as gum

    inference: Any = gum.LazyPropagation(pyagrum_net(network))
    causes = [cause.id for cause in network.causes]
    if targets:
        inference.setTargets(set(causes))
    seen = {network.selection_id: network.selection_states[1]}

    def ask(case: Mapping[str, str]) -> Answer:
        inference.setEvidence({**case, **seen})
        inference.makeInference()
        return np.array([1 - inference.posterior(cause)[0] for cause in causes])

    return ask


def ask_pgmpy(network: Network, joint: bool) -> Ask:
    """Return the pgmpy query: one joint query of the seven causes, or one query per cause."""
    with _quiet():
        from pgmpy.inference import VariableElimination

        inference: Any = VariableElimination(to_pgmpy(network))
    causes = [cause.id for cause in network.causes]
    seen = {network.selection_id: network.selection_states[1]}

    def ask_jointly(case: Mapping[str, str]) -> Answer:
        found = inference.query(causes, evidence={**case, **seen}, elimination_order="greedy", show_progress=False)
        values, axes = np.asarray(found.values), range(len(causes))
        place = {cause: found.variables.index(cause) for cause in causes}
        margins = [values.sum(axis=tuple(axis for axis in axes if axis != place[cause])) for cause in causes]
        return np.array([1 - margin[0] / margin.sum() for margin in margins])

    def ask_each(case: Mapping[str, str]) -> Answer:
        evidence = {**case, **seen}
        found = [
            inference.query([cause], evidence=evidence, elimination_order="greedy", show_progress=False)
            for cause in causes
        ]
        return np.array([1 - float(factor.values[0]) for factor in found])

    return ask_jointly if joint else ask_each


def timings(
    asks: Mapping[str, Ask], cases: Sequence[Mapping[str, str]], clock: Callable[[], float], turn: int = 20
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return (asker -> seconds of each case, asker -> answers). Askers take turns, `turn` cases at a time.

    The first case of a turn is asked twice and timed the second time: everyone is timed with warm caches.
    """
    seconds: dict[str, list[float]] = {name: [] for name in asks}
    answers: dict[str, list[Answer]] = {name: [] for name in asks}
    for start in range(0, len(cases), turn):
        for name, ask in asks.items():
            ask(cases[start])
            for case in cases[start : start + turn]:
                began = clock()
                found = ask(case)
                seconds[name].append(clock() - began)
                answers[name].append(found)
    return (
        {name: np.array(values) for name, values in seconds.items()},
        {name: np.array(values) for name, values in answers.items()},
    )


@contextmanager
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pgmpy warns about itself; pyAgrum's import crashes if a warning is an error
        yield
