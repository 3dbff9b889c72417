"""The tab's memory: keeps the visit in the browser's own storage for this tab, and brings it back after a reload.

Nothing is sent anywhere and nothing goes into the address; the browser forgets it when the tab is closed.
"""

from __future__ import annotations

from views import session
from views.components.inline import Inline

_component = Inline(__file__, "<span hidden></span>")


def tab_memory() -> None:
    """Keep the visit as it stands; at the end of every run."""
    _component.draw({"fresh": session.fresh(), "visit": session.visit().to_text()}, "restore", _restore)


def _restore(text: str) -> None:
    if session.fresh():
        session.restore_visit(str(text))
