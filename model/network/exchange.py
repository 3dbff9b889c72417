"""The network as others read it: pgmpy's class, and the files BIF, XMLBIF, XDSL, NET and JSON."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from model.errors import ExportError, listed
from model.network.cpt import Array
from model.network.network import Cause, Context, Finding, Mechanism, Network

if TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork

Expanded = tuple[tuple[str, ...], tuple[str, ...], Array]  # states, parents, P(state | parents)
FORMATS = (".bif", ".xmlbif", ".xdsl", ".net", ".json")


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


def export(network: Network, path: Path, about: dict[str, str]) -> None:
    """Write the network; the suffix of `path` chooses the format. The file appears whole or not at all.

    about  : what the JSON format carries with it (setting, hash, version).
    raises : ExportError for an unknown suffix or a folder that cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise ExportError(f"Export: expected a file ending in {listed(FORMATS)}, got {path.name!r}.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            partial = Path(folder) / path.name
            _write(network, partial, about)
            os.replace(partial, path)
    except OSError as error:
        raise ExportError(f"Export: {path} cannot be written ({error.strerror}).") from error


def _write(network: Network, path: Path, about: dict[str, str]) -> None:
    if path.suffix.lower() == ".json":
        nodes = [
            {"id": node, "states": list(states), "parents": list(parents), "table": table.tolist()}
            for node, (states, parents, table) in expanded_tables(network).items()
        ]
        path.write_text(json.dumps({"schema": 1, **about, "nodes": nodes}, indent=1) + "\n", encoding="utf-8")
        return
    exported = to_pgmpy(network)
    with quiet_pgmpy():
        from pgmpy.readwrite import BIFWriter, NETWriter, XDSLWriter, XMLBIFWriter

    writer = {".bif": BIFWriter, ".xmlbif": XMLBIFWriter, ".xdsl": XDSLWriter, ".net": NETWriter}[path.suffix.lower()]
    writer(exported).write(str(path))
    if path.suffix.lower() == ".xdsl":
        _lay_out(network, path)


def _lay_out(network: Network, path: Path) -> None:
    """Place contexts, causes, selection and mechanisms, and findings in rows; pgmpy places every node at random."""
    rows = (
        [node.id for node in network.contexts],
        [node.id for node in network.causes],
        [network.selection_id, *(node.id for node in network.mechanisms)],
        [node.id for node in network.findings],
    )
    place = {node: (column, row) for row, nodes in enumerate(rows) for column, node in enumerate(nodes)}
    tree = ElementTree.parse(path)
    for box in tree.iter("node"):
        position = box.find("position")
        if position is not None:
            column, row = place[box.attrib["id"]]
            left, top = 20 + 170 * column, 20 + 160 * row
            position.text = f"{left} {top} {left + 150} {top + 60}"
    tree.write(path, encoding="utf-8", xml_declaration=True)
