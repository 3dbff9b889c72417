"""The typed line: read as it is typed, entered with Enter; ``/`` anywhere on the page focuses it."""

from __future__ import annotations

from collections.abc import Callable

from views.case.typed_line_view import TypedView
from views.components.inline import Inline

_component = Inline(
    __file__,
    """
<label for="line">Type what is known, parted by commas</label>
<div class="field">
  <input id="line" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="1000"
    aria-describedby="help" enterkeyhint="go" placeholder="52 f, mtx 2 y, no fever, plt 98 …">
  <kbd aria-hidden="true">/</kbd>
  <button type="button" class="enter">Enter</button>
</div>
<p id="help" class="sr">Each piece is read as a whole; Enter puts what is understood into the case, the rest stays.</p>
<p class="sr" role="status" aria-live="polite"></p>
<ul class="pieces" aria-label="How the line is read"></ul>
""",
)


def typed_line(
    text: str, turn: int, view: TypedView, on_text: Callable[[str], None], on_enter: Callable[[str], None]
) -> None:
    """Draw the line.

    text, turn : what the field gets whenever `turn` is another than before; else what stands in it stays
    on_text    : gets the line after a pause in typing;  on_enter : gets it when it is to be entered
    """
    pieces = [{"text": each.text, "said": each.said, "understood": each.understood} for each in view.pieces]
    data = {"text": text, "turn": turn, "pieces": pieces, "told": list(view.told), "status": view.status}
    _component.draw(data, "enter", lambda line: on_enter(str(line)), text=lambda line: on_text(str(line)))
