"""Digits and units as typed, with a decimal comma or a decimal point: which numbers they can stand for.

Two different marks: the last is the decimal one. One mark several times parts thousands. One mark once is a decimal
mark; only before exactly three digits, as in ``1,200``, it may part thousands as well, and both numbers are returned.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_QUANTITY = re.compile(r"([<>]=?)?\s*([+-]?(?:[0-9][0-9.,]*|[.,][0-9]+))\s*(.*)", re.DOTALL)
_DIGITS = re.compile(r"[0-9][0-9.,]*|[.,][0-9]+")
_THOUSANDS = {mark: re.compile(rf"[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+") for mark in ",."}
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_TIMES = re.compile(r"^[x×·*](?=1)")
_POWER = re.compile(r"\*\*|\*|~|\\s\\")  # as typed, as spoken, and as a message between laboratory systems escapes ^


def readings(digits: str) -> tuple[str, ...]:
    """Return every number the digits can stand for, with a decimal point and no other mark.

    returns : one; two for a mark that can be read in two ways, the decimal one first; none for what is no number, such
              as ``1.2.3``
    """
    if not _DIGITS.fullmatch(digits):
        return ()
    marks = [sign for sign in digits if sign in ".,"]
    if not marks:
        return (digits,)
    whole, mark, part = digits.rpartition(marks[-1])
    other = "," if mark == "." else "."
    if mark in whole:
        return (digits.replace(mark, ""),) if _THOUSANDS[mark].fullmatch(digits) else ()
    if other in whole:
        return (f"{whole.replace(other, '')}.{part}",) if _THOUSANDS[other].fullmatch(whole) else ()
    if mark == "," and not part:
        return ()
    decimal = f"{whole}.{part}"
    return (decimal, f"{whole}{part}") if _THOUSANDS[mark].fullmatch(digits) else (decimal,)


def certain(decimal: str) -> str:
    """Return a decimal in digits that can be read in one way only: ``1.200`` as 1.2, ``1.234`` as 1.2340."""
    short = decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
    return short if len(readings(short)) == 1 else f"{short}0"


def split_quantity(text: str) -> tuple[str, str, str] | None:
    """Return bound, digits with their sign, and unit as typed; None where the text does not begin with a number."""
    match = _QUANTITY.fullmatch(_plain(text))
    return (match[1] or "", match[2], match[3]) if match else None


@lru_cache(maxsize=16384)
def fold_unit(unit: str) -> str:
    """Return a unit without the differences that do not matter: spaces, capitals, signs for times, power and micro."""
    unit = "".join(_plain(unit).casefold().split()).replace("\N{GREEK SMALL LETTER MU}", "u")
    return _POWER.sub("^", _TIMES.sub("", unit)).replace("m^3", "m3")


def _plain(text: str) -> str:
    """Return text in plain characters; a superscript stays a power, so that 10⁹ is never read as 109."""
    if not text.isascii():
        text = _SUPERSCRIPT.sub(lambda match: f"^{match[0]}", text).replace("≤", "<=").replace("≥", ">=")
        text = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    return text.strip()
