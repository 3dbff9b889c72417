"""What every inline component shares: its files stand beside its Python file, and a choice made in it is handed on.

``shared.js`` goes before the script of each, ``shared.css`` before its style sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from views import session

HERE = Path(__file__).parent


class Inline:
    """A component of plain JavaScript and CSS.

    file : its Python file; script and style sheet have the same name, the style sheet may be missing
    html : what its script fills
    """

    def __init__(self, file: str, html: str):
        path = Path(file)
        self.name = path.stem
        styles = path.with_suffix(".css")
        self._mount = component(
            self.name,
            html=html,
            css=_text(HERE / "shared.css") + _text(styles) if styles.is_file() else None,
            js=_text(HERE / "shared.js") + _text(path.with_suffix(".js")),
        )

    def draw(
        self, data: Any, event: str, then: Callable[[Any], None], key: str = "", **states: Callable[[Any], None]
    ) -> None:
        """Draw `data`; `then` gets what was chosen in the browser, sent as `event`, before the page is drawn again.

        states : name -> what gets the new value of a state that the script sets and the browser keeps
        """
        key = key or self.name

        def happened() -> None:
            chosen = getattr(session.chosen(key), event)
            if chosen:
                then(chosen)

        def changed(name: str) -> Callable[[], None]:
            return lambda: states[name](getattr(session.chosen(key), name))

        callbacks: dict[str, Any] = {f"on_{event}_change": happened}
        callbacks |= {f"on_{name}_change": changed(name) for name in states}
        self._mount(data=data, key=key, **callbacks)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
