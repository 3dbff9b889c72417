"""The course over time as a picture, drawn from shapes: no markup comes from outside, and no pixel is fixed."""

from __future__ import annotations

from model.report import CoursePicture
from views.components.inline import Inline

_component = Inline(
    __file__,
    """
<figure>
  <svg role="img" fill="currentColor"></svg>
  <figcaption>Neutrophils per mm³. Filled: low. Ringed: the count in question. Bars: medicines.</figcaption>
</figure>
""",
)


def time_line(picture: CoursePicture) -> None:
    """Draw the picture; what it shows stands in its name and, row by row, in the table beside it."""
    shapes = [
        {"tag": each.tag, "attributes": dict(each.attributes), "text": each.text, "title": each.title}
        for each in picture.shapes
    ]
    data = {"name": picture.name, "width": picture.width, "height": picture.height, "shapes": shapes}
    _component.draw(data, "select", lambda _chosen: None)
