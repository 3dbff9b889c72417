"""Chips of all that is entered: each leads to its question and can be taken back; three lines unless all are wanted.

What follows from the course over time leads to its question too, and goes only with the course.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from views.case.entered_view import Chip
from views.components.inline import Inline

_component = Inline(
    __file__,
    """
<ul class="chips" aria-label="What is entered"></ul>
<button type="button" class="all" aria-expanded="false" hidden></button>
""",
)


def draw_chips(chips: Sequence[Chip], on_remove: Callable[[str], None], on_find: Callable[[str], None]) -> None:
    """Draw the chips; `on_remove` gets the id of one, `on_find` the id of one whose question a search keeps hidden."""
    rows = [
        {
            "id": chip.id,
            "text": chip.text,
            "target": chip.target,
            "group": chip.group,
            "usable": chip.usable,
            "fixed": chip.fixed,
        }
        for chip in chips
    ]
    _component.draw(
        {"chips": rows}, "remove", lambda chip: on_remove(str(chip)), find=lambda chip: on_find(str(chip["id"]))
    )
