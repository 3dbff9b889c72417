"""Words that only screens need; those shared with the report are in ``model.wording``. No Streamlit."""

from __future__ import annotations

import re

from model.knowledge import Node
from model.wording import MINUS, SPACE, percent, points, state_label

NOT_ASSESSED = "Not assessed"
JOINER = "\N{WORD JOINER}"  # has no width; the browser links what looks like an address even where signs are escaped
_QUOTED = re.compile(r"(?<!\w)'([^']*)'(?!\w)")
_ADDRESS = re.compile(r"www(?=\.)|:(?=//)|@", re.IGNORECASE)


def change(now: float, before: float) -> str:
    """Return the change in percentage points with an arrow, or ``no change``.

    It is the difference of the two numbers as they are shown, so that 93 % and 91 % are always −2 apart.
    """
    moved = points(now) - points(before)
    if moved == 0:
        return "no change" if abs(now - before) < 0.0005 else "under 1 point"
    return f"▲{SPACE}+{moved}" if moved > 0 else f"▼{SPACE}{MINUS}{-moved}"


def came_from(now: float, before: float) -> str:
    """Return where a probability came from, with an arrow; empty when both are shown alike.

    >>> came_from(0.976, 0.36).replace(SPACE, " "), came_from(0.5, 0.502)
    ('▲ from 36 %', '')
    """
    if percent(now) == percent(before):
        return ""
    return f"{'▲' if now > before else '▼'}{SPACE}from{SPACE}{percent(before)}"


def named(node: Node, sentence: str) -> str:
    """Return an error sentence with the node's label in place of its id, and its states as the buttons call them."""
    start = f"{node.id}: "
    said = f"{node.label}: {sentence[len(start) :]}" if sentence.startswith(start) else sentence
    said = said.replace(f", or {node.id} as ", ", or answer ")
    return _QUOTED.sub(lambda q: f"“{state_label(node, q[1]) if q[1] in node.states else q[1]}”", said)


def plain_number(number: float) -> str:
    """Return a number in digits, without a power of ten, so that reading it gives the same number again."""
    digits = format(number, "f") if "e" in repr(number) else repr(number)
    return digits.removesuffix(".0")


def holds(text: str, words: str) -> bool:
    """Return whether a text in small letters holds every word, anywhere."""
    return all(word in text for word in words.casefold().split())


def unit_text(unit: str) -> str:
    """Return a unit as it is printed on a report: ``10⁹/L``, ``µg/dL``."""
    return unit.replace("10^9", "10⁹").replace("mm3", "mm³").replace("ug/", "µg/").replace("umol", "µmol")


def literal(text: str) -> str:
    """Return text that Markdown leaves as it is, an address in it no link: it may come from a file or a link."""
    parted = _ADDRESS.sub(f"\\g<0>{JOINER}", text)
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|~$:^&" else sign for sign in parted)
