"""The network as text in the formats of other programs: BIF, XMLBIF, XDSL, NET, UAI and JSON.

Every format lists a table with the node's own state fastest, then its last parent, and the first parent slowest.
Numbers have every digit and no power of ten, which some readers cannot take. Nothing but the network and its name
decides a byte of the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import product
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from model.network.cpt import Array

Expanded = tuple[tuple[str, ...], tuple[str, ...], Array]  # states, parents, P(state | parents)
Tables = Mapping[str, Expanded]  # parents stand before their children
Place = Mapping[str, tuple[int, int]]  # column and row of each node in a drawing

_WIDE, _HIGH, _GAP = 150, 60, 20  # of a node in a drawing


def _numbers(table: Array) -> list[str]:
    """Return a table's numbers in the order of every format, so that reading gives the same double again."""
    return [np.format_float_positional(value, unique=True, trim="0") for value in np.asarray(table).ravel().tolist()]


def _rows(table: Array) -> list[list[str]]:
    """Return one distribution for each configuration of the parents."""
    found, wide = _numbers(table), table.shape[-1]
    return [found[start : start + wide] for start in range(0, len(found), wide)]


def bif(tables: Tables, name: str) -> str:
    """Return the network in the Bayesian interchange format 0.15."""
    lines = [f"network {name} {{", "}"]
    for node, (states, _, _) in tables.items():
        lines += [f"variable {node} {{", f"  type discrete [ {len(states)} ] {{ {', '.join(states)} }};", "}"]
    for node, (_, parents, table) in tables.items():
        if not parents:
            lines += [f"probability ( {node} ) {{", f"  table {', '.join(_numbers(table))};", "}"]
            continue
        lines.append(f"probability ( {node} | {', '.join(parents)} ) {{")
        given = product(*(tables[parent][0] for parent in parents))
        lines += [f"  ({', '.join(config)}) {', '.join(row)};" for config, row in zip(given, _rows(table), strict=True)]
        lines.append("}")
    return _text(lines)


def xmlbif(tables: Tables, name: str) -> str:
    """Return the network in XMLBIF 0.3, without the empty properties at which Weka stops."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<BIF VERSION="0.3">',
        "<NETWORK>",
        f"<NAME>{escape(name)}</NAME>",
    ]
    for node, (states, _, _) in tables.items():
        outcomes = [f"  <OUTCOME>{escape(state)}</OUTCOME>" for state in states]
        lines += ['<VARIABLE TYPE="nature">', f"  <NAME>{escape(node)}</NAME>", *outcomes, "</VARIABLE>"]
    for node, (_, parents, table) in tables.items():
        given = [f"  <GIVEN>{escape(parent)}</GIVEN>" for parent in parents]
        numbers = f"  <TABLE>{' '.join(_numbers(table))}</TABLE>"
        lines += ["<DEFINITION>", f"  <FOR>{escape(node)}</FOR>", *given, numbers, "</DEFINITION>"]
    return _text([*lines, "</NETWORK>", "</BIF>"])


def xdsl(tables: Tables, name: str, place: Place) -> str:
    """Return the network as GeNIe and SMILE keep it, each node drawn at its place."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<smile version="1.0" id={quoteattr(name)} numsamples="1000" discsamples="10000">',
        "  <nodes>",
    ]
    for node, (states, parents, table) in tables.items():
        lines.append(f"    <cpt id={quoteattr(node)}>")
        lines += [f"      <state id={quoteattr(state)} />" for state in states]
        if parents:
            lines.append(f"      <parents>{escape(' '.join(parents))}</parents>")
        lines += [f"      <probabilities>{' '.join(_numbers(table))}</probabilities>", "    </cpt>"]
    lines += [
        "  </nodes>",
        "  <extensions>",
        f'    <genie version="1.0" app="neutropenia-bn" name={quoteattr(name)} faultnameformat="nodestate">',
    ]
    for node in tables:
        column, row = place[node]
        left, top = _GAP + (_WIDE + _GAP) * column, _GAP + (_HIGH + 5 * _GAP) * row
        lines += [
            f"      <node id={quoteattr(node)}>",
            f"        <name>{escape(node)}</name>",
            '        <interior color="e5f6f7" />',
            '        <outline color="000080" />',
            '        <font color="000000" name="Arial" size="8" />',
            f"        <position>{left} {top} {left + _WIDE} {top + _HIGH}</position>",
            "      </node>",
        ]
    return _text([*lines, "    </genie>", "  </extensions>", "</smile>"])


def net(tables: Tables) -> str:
    """Return the network as Hugin keeps it."""
    lines = ["net", "{", "}"]
    for node, (states, _, _) in tables.items():
        quoted = " ".join(f'"{state}"' for state in states)
        lines += [f"node {node}", "{", f"  states = ({quoted});", "}"]
    for node, (_, parents, table) in tables.items():
        head = f"{node} | {' '.join(parents)}" if parents else node
        lines += [f"potential ({head})", "{", f"  data = {_nested(table)};", "}"]
    return _text(lines)


def _nested(table: Array) -> str:
    """Return a table as Hugin writes it: one pair of brackets an axis, the first parent outermost."""
    if table.ndim == 1:
        return f"({' '.join(_numbers(table))})"
    return f"({' '.join(_nested(part) for part in table)})"


def uai(tables: Tables) -> str:
    """Return the network in the format of the UAI competitions, which has numbers and no names.

    Variable i, and its states, are those of node i of the JSON format.
    """
    index = {node: str(place) for place, node in enumerate(tables)}
    lines = [
        "BAYES",
        str(len(tables)),
        " ".join(str(len(states)) for states, _, _ in tables.values()),
        str(len(tables)),
    ]
    for node, (_, parents, _) in tables.items():
        lines.append(" ".join((str(len(parents) + 1), *(index[parent] for parent in parents), index[node])))
    for _, _, table in tables.values():
        lines += ["", str(table.size), *(" ".join(row) for row in _rows(table))]
    return _text(lines)


def as_json(tables: Tables, about: Mapping[str, str]) -> str:
    """Return the network as JSON: what it is, then every node; a table has one axis a parent, and its states last."""
    nodes = [
        {"id": node, "states": list(states), "parents": list(parents), "table": table.tolist()}
        for node, (states, parents, table) in tables.items()
    ]
    return json.dumps({"schema": 1, **about, "nodes": nodes}, indent=1) + "\n"


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def writers(about: Mapping[str, str], place: Place) -> dict[str, Callable[[Tables], str]]:
    """Return what writes each suffix; the name of the network says which model of which setting it is."""
    name = "_".join(("neutropenia", *(about[key] for key in ("setting", "model_hash") if about.get(key))))
    return {
        ".bif": lambda tables: bif(tables, name),
        ".xmlbif": lambda tables: xmlbif(tables, name),
        ".xdsl": lambda tables: xdsl(tables, name, place),
        ".net": net,
        ".uai": uai,
        ".json": lambda tables: as_json(tables, about),
    }
