"""The network picture: nodes are buttons over one SVG of edges; arrow keys move, Enter or Space selects.

Where there is no room for the picture the same buttons stand in a list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from views.components.inline import Inline
from views.network.layout import WIDTH
from views.network.view import NetworkView, NodeView

_component = Inline(
    __file__,
    """
<p class="sr" role="status" aria-live="polite"></p>
<p class="sr" id="keys">Arrow keys move between nodes, Enter or Space selects one.</p>
<div class="net" role="group" aria-label="The network" aria-describedby="keys">
  <div class="board"><svg aria-hidden="true"><g class="all"></g><g class="lit"></g></svg></div>
</div>
""",
)


def network_picture(view: NetworkView, selected: str, said: str, on_select: Callable[[str], None]) -> None:
    """Draw the picture; `said` is what a screen reader hears when it changes, `on_select` gets the node chosen."""
    _component.draw({**picture(view), "selected": selected, "said": said}, "select", on_select)


def picture(view: NetworkView) -> dict[str, Any]:
    """Return what the browser draws: nodes, headings and edges with their places."""
    layout = view.layout
    headings = [
        {"text": heading.text, "before": heading.before, "first": heading.first,
         "x": heading.left / WIDTH, "y": heading.top, "w": heading.width / WIDTH}
        for heading in layout.headings
    ]  # fmt: skip
    edges = [
        {"from": edge.parent, "to": edge.child, "weight": round(edge.weight, 3),
         "curve": [round(number, 2) for number in layout.curves[edge.parent, edge.child]]}
        for edge in view.edges
    ]  # fmt: skip
    return {
        "nodes": [_node(view, node) for node in view.nodes.values()],
        "headings": headings,
        "edges": edges,
        "height": round(layout.height, 2),
    }


def _node(view: NetworkView, node: NodeView) -> dict[str, Any]:
    place = view.layout.places[node.id]
    shown = node.probability is not None and node.role != "selection"
    return {
        "id": node.id,
        "role": node.role,
        "label": node.label,
        "headline": node.headline,
        "lines": node.lines,
        "name": node.name,
        "entered": bool(node.entered or node.soft),
        "bars": [round(100 * (state.probability or 0), 2) for state in node.telling] if shown else [],
        "prior": round(100 * node.prior, 2) if shown else None,
        "column": place.column,
        "x": place.left / WIDTH,
        "y": round(place.top, 3),
        "w": place.width / WIDTH,
        "h": round(place.height, 3),
    }
