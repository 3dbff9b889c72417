"""Where every node of the network picture stands, and where its edges run. No Streamlit, nothing random.

Three columns, read from left to right: contexts, causes, findings; the mechanisms under the findings, the selection
node apart under the causes. Horizontal places are thousandths of the picture's width, vertical ones are em.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1000
NARROWEST = 58.0  # em; in less the nodes stand in a list
COLUMNS = ((30, 232), (355, 205), (648, 352))  # left edge and width of each column
LINE, PADDING, GAP, LOWEST = 1.28, 0.8, 0.34, 2.1  # em
HEAD, GROUP_HEAD = 1.9, 1.55
CHARACTER = 0.47  # em, a wide average of the interface fonts
WIDEST_GAP = 2.4


@dataclass(frozen=True)
class Box:
    """A node to be placed. `beside` stands right of the label; each of `below` stands on lines of its own."""

    id: str
    column: int
    heading: str
    label: str
    beside: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a node stands: left, width in thousandths of the picture's width; top, height in em."""

    column: int
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Height of its centre."""
        return self.top + self.height / 2


@dataclass(frozen=True)
class Heading:
    """Words above a group of nodes; `first` stands on top of a column."""

    text: str
    before: str
    left: float
    top: float
    width: float
    first: bool


@dataclass(frozen=True)
class Layout:
    """Places of the nodes, headings, the curve of each edge as four points (x, y), and the picture's height in em."""

    places: Mapping[str, Place]
    headings: tuple[Heading, ...]
    curves: Mapping[tuple[str, str], tuple[float, ...]]
    height: float


def network_layout(boxes: Sequence[Box], edges: Sequence[tuple[str, str]], titles: Sequence[str]) -> Layout:
    """Place the boxes, in the order given within a column, and route the edges (parent, child).

    titles : one heading on top of each column
    raises : KeyError for an edge whose end is no box.
    """
    stacks = [[box for box in boxes if box.column == column] for column in range(len(COLUMNS))]
    height = max(_least_height(stack) for stack in stacks)
    places: dict[str, Place] = {}
    headings: list[Heading] = []
    for column, stack in enumerate(stacks):
        left, width = COLUMNS[column]
        gap = min(WIDEST_GAP, GAP + max(0.0, height - _least_height(stack)) / max(1, len(stack)))
        y, group = HEAD, ""
        headings.append(Heading(titles[column], stack[0].id if stack else "", left, 0.0, width, True))
        for box in stack:
            if box.heading and box.heading != group:
                headings.append(Heading(box.heading, box.id, left, y, width, False))
                y += GROUP_HEAD
            group = box.heading
            places[box.id] = Place(column, left, y, width, box_height(box))
            y += places[box.id].height + gap
    return Layout(places, tuple(headings), _curves(places, edges), height)


def box_height(box: Box) -> float:
    """Return the height of a box in em, its words wrapped as the narrowest picture wraps them."""
    room = (NARROWEST * COLUMNS[box.column][1] / WIDTH - 1.3) / CHARACTER
    beside = len(box.beside) + 1 if box.beside else 0
    lines = _lines(box.label, room - beside) + sum(_lines(text, room) for text in box.below)
    return max(LOWEST, PADDING + LINE * lines)


def _lines(text: str, room: float) -> int:
    return len(textwrap.wrap(text, max(8, int(room)))) or 1


def _least_height(stack: Sequence[Box]) -> float:
    groups = sum(1 for i, box in enumerate(stack) if box.heading and (i == 0 or stack[i - 1].heading != box.heading))
    return HEAD + GROUP_HEAD * groups + sum(box_height(box) + GAP for box in stack)


def _curves(places: Mapping[str, Place], edges: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return a cubic curve per edge; ends spread along the sides of a box, in the order of where they lead."""
    sides: dict[tuple[str, str], list[tuple[float, tuple[str, str]]]] = {}
    for parent, child in edges:
        same = places[parent].column == places[child].column
        sides.setdefault((parent, "left" if same else "right"), []).append((places[child].middle, (parent, child)))
        sides.setdefault((child, "left"), []).append((places[parent].middle, (parent, child)))
    ports: dict[tuple[str, tuple[str, str]], float] = {}
    for (node, _), ends in sides.items():
        for position, (_, edge) in enumerate(sorted(ends), start=1):
            ports[node, edge] = places[node].top + places[node].height * position / (len(ends) + 1)
    return {edge: _curve(places, edge, ports) for edge in edges}


def _curve(
    places: Mapping[str, Place], edge: tuple[str, str], ports: Mapping[tuple[str, tuple[str, str]], float]
) -> tuple[float, ...]:
    start, end = places[edge[0]], places[edge[1]]
    y0, y1 = ports[edge[0], edge], ports[edge[1], edge]
    if start.column == end.column:
        bend = start.left - min(start.left - 2 if start.column == 0 else 70, 14 + 1.1 * abs(y1 - y0))
        return (start.left, y0, bend, y0, bend, y1, end.left, y1)
    x0, x1 = start.left + start.width, end.left
    middle = (x1 - x0) * (0.5 if end.column - start.column == 1 else 0.3)
    return (x0, y0, x0 + middle, y0, x1 - middle, y1, x1, y1)
