"""Four steps for a first visit: where to enter, what is ranked, why, and what to take along. Told once.

The browser alone remembers that they were seen; it notes nothing of a case.
"""

from __future__ import annotations

from views import session
from views.actions import FIRST_STEPS
from views.components.inline import Inline

STEPS = (
    ("Type what is known", "One line takes it as it would be said. Below it stand all questions with buttons.", "line"),
    ("Read the ranking", "Each bar is a cause to choose; the bracket beneath shows how uncertain it is.", "ranked"),
    ("See why, and what to ask", "What speaks for and against, and which question would tell most next.", "reasons"),
    ("Take it along", "A file, a page to print, a picture or a link. Nothing is sent by itself.", "save"),
)  # fmt: skip
_component = Inline(
    __file__,
    """
<section class="steps" aria-label="First steps" hidden>
  <p class="told" aria-live="polite"><span class="count"></span> <b class="title"></b> <span class="words"></span></p>
  <div class="press"><button type="button" class="next"></button><button type="button" class="skip">Skip</button></div>
</section>
""",
)


def first_visit() -> None:
    """Draw the steps where the browser has not seen them, or where they were asked for again."""
    steps = [{"title": title, "words": words, "target": target} for title, words, target in STEPS]
    _component.draw({"steps": steps, "again": session.chosen(FIRST_STEPS, 0)}, "done", lambda _: None)
