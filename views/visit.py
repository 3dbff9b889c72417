"""What a browser tab remembers across a reload: the case, the example it came from, the pinned scenarios. No Streamlit.

It is kept by the browser for this tab alone, until the tab is closed; nothing is stored on the server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from model.errors import CaseFileError
from model.evidence import Case, read_case, teaching_cases
from model.evidence.case import MAX_BYTES
from model.knowledge import Knowledge

MAX_TITLE = 80
MOST_POINTS = 100


@dataclass(frozen=True)
class Pin:
    """A scenario kept for comparison."""

    title: str
    case: Case


@dataclass(frozen=True)
class Guess:
    """A first guess at a teaching case: (cause, points), 0 to 100 each, in the order of ``nodes.csv``."""

    case: str
    points: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Visit:
    """Everything of a visit that a reload brings back."""

    case: Case
    example: str = ""
    pins: tuple[Pin, ...] = ()
    guesses: tuple[Guess, ...] = ()

    def to_text(self) -> str:
        """Return the visit as JSON."""
        pins = [{"title": pin.title, "case": _content(pin.case)} for pin in self.pins]
        guesses = [{"case": guess.case, "points": dict(guess.points)} for guess in self.guesses]
        content = {"case": _content(self.case), "example": self.example, "pins": pins, "guesses": guesses}
        return json.dumps(content, ensure_ascii=False)


def read_visit(text: str, knowledge: Knowledge) -> Visit:
    """Read what a tab remembered; it comes from the browser, so it is checked like any file.

    raises : CaseFileError when nothing sensible can be read.
    """
    if not isinstance(text, str) or len(text) > 4 * MAX_BYTES:
        raise CaseFileError(f"Remembered visit: expected text of at most {4 * MAX_BYTES} characters.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise CaseFileError("Remembered visit: expected JSON, but it cannot be read.") from None
    if not isinstance(content, dict):
        raise CaseFileError(f"Remembered visit: expected an object, got {type(content).__name__}.")
    example = content.get("example", "")
    known = {each.case for each in knowledge.examples}
    pins = content.get("pins", [])
    return Visit(
        _case(content.get("case"), knowledge),
        example if isinstance(example, str) and example in known else "",
        tuple(_pin(pin, knowledge) for pin in pins if isinstance(pin, dict)) if isinstance(pins, list) else (),
        _guesses(content.get("guesses", []), knowledge),
    )


def _content(case: Case) -> dict[str, Any]:
    return json.loads(case.to_json(""))


def _case(content: Any, knowledge: Knowledge) -> Case:
    return read_case(json.dumps(content), knowledge)[0]


def _pin(content: dict[str, Any], knowledge: Knowledge) -> Pin:
    return Pin(str(content.get("title", ""))[:MAX_TITLE], _case(content.get("case"), knowledge))


def _guesses(content: Any, knowledge: Knowledge) -> tuple[Guess, ...]:
    """Return the first sound guess at each teaching case; so there are never more than there are cases."""
    cases = {case.case for case in teaching_cases(knowledge)}
    causes = [node.id for node in knowledge.role("cause")]
    found: dict[str, Guess] = {}
    for each in content if isinstance(content, list) else ():
        case, points = (each.get("case"), each.get("points")) if isinstance(each, dict) else (None, None)
        if not isinstance(case, str) or case not in cases or case in found or not isinstance(points, dict):
            continue
        given = [n for cause in causes if type(n := points.get(cause)) is int and 0 <= n <= MOST_POINTS]
        if len(points) == len(given) == len(causes) and any(given):
            found[case] = Guess(case, tuple(zip(causes, given, strict=True)))
    return tuple(found.values())
