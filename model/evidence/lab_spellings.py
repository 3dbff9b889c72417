"""The names and units of the tables, folded, and where a name stands in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from model.evidence.lab_dates import date_pattern
from model.evidence.lab_words import BLOOD, FLAG, NEUTRAL, alternatives
from model.evidence.numerals import fold_unit
from model.knowledge import Knowledge, kept_with_knowledge
from model.knowledge.rows import LabName

COUNT, LEUKOCYTES, SHARE, HEADING = "anc", "Leukocytes", "Neutrophil share", "Heading"
SEGMENTED, BANDS, POLYMORPHS = "Segmented neutrophils", "Band neutrophils", "Polymorphonuclear neutrophils"
PARTS = (SEGMENTED, BANDS, POLYMORPHS)  # a share or a count, as the unit says

_MARKS = r"\*+|!+|\++|[↑↓▲▼]+"
_PASSED = (BLOOD, NEUTRAL)  # headings that may stand before results on a line


@dataclass(frozen=True, slots=True)
class Spellings:
    """The spellings of the tables, folded; `longest` name in letters, punctuation allowed for.

    beginnings : every beginning of a name, so that most of a text is passed over at once
    flag : a flag as a word or sign;  date : a date
    """

    names: Mapping[str, tuple[LabName, ...]]
    beginnings: frozenset[str]
    units: Mapping[str, Mapping[str, str]]
    longest: int
    flag: re.Pattern[str]
    date: re.Pattern[str]


def names_in(words: Spellings, text: str) -> tuple[tuple[LabName, ...], str]:
    """Return the known names anywhere in a text, headings not among them, and the text without them."""
    found: list[LabName] = []
    at, rest = 0, ""
    while at < len(text):
        rows, end = name_at(words, text, at) if not (at and text[at - 1].isalnum()) else ((), at)
        if rows and rows[0].quantity != HEADING:
            found.append(rows[0])
            rest, at = f"{rest} ", end
        else:
            rest, at = f"{rest}{text[at]}", at + 1
    return tuple(found), rest


def name_at(words: Spellings, text: str, at: int) -> tuple[tuple[LabName, ...], int]:
    """Return the rows of the longest known name that starts here, and where it ends; no rows when there is none."""
    found: tuple[LabName, ...] = ()
    key, stop = "", at
    for end in range(at + 1, min(len(text), at + words.longest) + 1):
        last = text[end - 1]
        key += _fold_sign(last)
        if last in "<>=|;\t" or key not in words.beginnings:
            break
        if not (last.isalnum() or last in "%#)]") or (end < len(text) and (text[end].isalnum() or text[end] in "%#")):
            continue
        if rows := words.names.get(key):
            found, stop = rows, end
    return found, stop


def is_share(quantity: str) -> bool:
    """Say whether a quantity of ``lab_names.csv`` is a share of the leukocytes, in per cent."""
    return quantity.endswith(" share")


def fold_name(name: str) -> str:
    """Return a name without capitals, accents, spaces and punctuation; ``%`` and ``#`` tell counts from shares.

    >>> fold_name("Hämoglobin (Hb)"), fold_name("serum_b12"), fold_name("Neut #")
    ('hamoglobinhb', 'serumb12', 'neut#')
    """
    return "".join(map(_fold_sign, name))


@lru_cache(maxsize=4096)
def _fold_sign(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign.casefold())
    return "".join(each for each in plain if each.isalnum() or each in "%#")


@kept_with_knowledge
def spellings(knowledge: Knowledge) -> Spellings:
    """Return the spellings of the tables, folded."""
    names: dict[str, tuple[LabName, ...]] = {}
    headings = (LabName("", HEADING, word.spelling, "") for word in knowledge.lab_words if word.kind in _PASSED)
    for row in (*knowledge.lab_names, *headings):
        key = fold_name(row.spelling)
        if all(row.quantity != other.quantity for other in names.get(key, ())) and (
            row.quantity != HEADING or key not in names
        ):
            names[key] = (*names.get(key, ()), row)
    shares = {row.quantity for row in knowledge.lab_names if is_share(row.quantity)}
    units: dict[str, dict[str, str]] = {share: {"%": "%"} for share in (SHARE, *shares)}
    for unit in knowledge.units:
        for spelling in (unit.unit, *unit.spellings):
            units.setdefault(unit.node, {})[fold_unit(spelling)] = unit.unit
    units |= {part: {**units.get(COUNT, {}), "%": "%"} for part in PARTS}
    longest = max((len(row.spelling) for row in knowledge.lab_names), default=0) + 8
    flag = re.compile(rf"(?:{alternatives(knowledge, FLAG)}|{_MARKS})(?![^\s;|,)\]])", re.IGNORECASE)
    beginnings = frozenset(key[:size] for key in names for size in range(len(key) + 1))
    return Spellings(names, beginnings, units, longest, flag, date_pattern(knowledge))
