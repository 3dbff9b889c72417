"""The network as others read it: its tables expanded, pgmpy's class, and files (``file_formats``)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.errors import ExportError, listed
from model.network.file_formats import Expanded, writers
from model.network.network import Cause, Context, Finding, Mechanism, Network
from model.whole_file import write_whole

if TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork


@contextmanager
def quiet_pgmpy() -> Iterator[None]:
    """Silence what pgmpy 1.1 says of its own deprecated names while it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def expanded_tables(network: Network) -> dict[str, Expanded]:
    """Return node -> (states, parents, P(state | parents)), the selection node included, parents before children."""

    def tables(nodes: Iterable[Context | Cause | Finding | Mechanism]) -> dict[str, Expanded]:
        return {node.id: (node.states, network.parents(node.id), network.table(node.id)) for node in nodes}

    causes = tuple(cause.id for cause in network.causes)
    states = np.indices([len(cause.states) for cause in network.causes])
    seen = network.selection[(states > 0).sum(0)]
    selection = (network.selection_states, causes, np.stack([1 - seen, seen], axis=-1))
    above, below = (*network.contexts, *network.causes), (*network.findings, *network.mechanisms)
    return {**tables(above), network.selection_id: selection, **tables(below)}


def to_pgmpy(network: Network) -> DiscreteBayesianNetwork:
    """Return a pgmpy network of every node, checked to 1e-9 (pgmpy's own check lets columns be 1 % off)."""
    with quiet_pgmpy():
        from pgmpy.factors.discrete import TabularCPD
        from pgmpy.models import DiscreteBayesianNetwork

    tables = expanded_tables(network)
    exported = DiscreteBayesianNetwork()
    exported.add_nodes_from(list(tables))
    exported.add_edges_from([(parent, node) for node, (_, parents, _) in tables.items() for parent in parents])
    for node, (states, parents, table) in tables.items():
        columns = table.reshape(-1, len(states)).T  # one per configuration of the parents, the last parent fastest
        names = {node: list(states), **{parent: list(tables[parent][0]) for parent in parents}}
        exported.add_cpds(
            TabularCPD(
                node,
                len(states),
                columns.tolist(),
                evidence=list(parents) or None,
                evidence_card=[len(tables[parent][0]) for parent in parents] or None,
                state_names=names,
            )
        )
    if not exported.check_model():
        raise ExportError("Export: pgmpy does not accept the network.")
    return exported


def export(network: Network, path: Path, about: Mapping[str, str]) -> None:
    """Write the network; the suffix of `path` chooses the format. The same network gives the same bytes.

    about  : what the model is called in the file: setting, hash, version. JSON carries all of it.
    raises : ExportError for an unknown suffix or a file that cannot be written; nothing is left of it then.
    """
    written = writers(about, _places(network))
    if path.suffix.lower() not in written:
        raise ExportError(f"Export: expected a file ending in {listed(written)}, got {path.name!r}.")
    write_whole(path, written[path.suffix.lower()](expanded_tables(network)))


def _places(network: Network) -> dict[str, tuple[int, int]]:
    """Return column and row of each node: contexts, causes, selection and mechanisms, and findings in rows."""
    rows = (
        [node.id for node in network.contexts],
        [node.id for node in network.causes],
        [network.selection_id, *(node.id for node in network.mechanisms)],
        [node.id for node in network.findings],
    )
    return {node: (column, row) for row, nodes in enumerate(rows) for column, node in enumerate(nodes)}
