"""The ranking as PNG: the browser draws it from the SVG, so that nothing new is needed on the server."""

from __future__ import annotations

from views.components.inline import Inline

_component = Inline(__file__, '<button type="button">The ranking as a picture (PNG)</button>')


def picture_button(svg: str, file_name: str) -> None:
    """Draw the button that saves `svg` as a picture of dots, twice as fine as it is large."""
    _component.draw({"svg": svg, "name": file_name}, "saved", lambda _: None)
