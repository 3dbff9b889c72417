"""Medicines by name: find one, search for one, and read a line such as ``carbamazepine, 3 weeks, suspected``.

Names are those of ``drugs.csv``, compared without capitals, accents, hyphens and a salt at the end; the words beside a
name are those of ``medicine_words.csv``. Nothing is guessed: what is only near a name is a question.

>>> from model.knowledge import load_knowledge
>>> tables = load_knowledge()
>>> line = read_medicine(tables, "CBZ for 3 weeks, suspected")
>>> line.label, line.medicine.name, line.days, line.suspected
('CBZ (Carbamazepine), 3 weeks, suspected', 'Carbamazepine', 21.0, True)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from model.errors import EvidenceError, as_number, listed, shown
from model.evidence.numerals import readings
from model.knowledge import Knowledge, kept_with_knowledge
from model.knowledge.medicine_tables import Medicine
from model.knowledge.medicines import fold_medicine

MEDICINES = "medicines"  # the key of evidence, the column of a table
LINE = "expected a line such as 'carbamazepine, 3 weeks, suspected'"

_KEYS = ("name", "days", "suspected", "after_low_count")
_NEAREST = 3  # names that are offered for an unknown one
_LETTERS = 3  # from which on a beginning is worth a search
_SEPARATORS = re.compile(r"[\s,:()\[\]–-]+")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling of the table and the medicine it means."""

    spelling: str
    medicine: Medicine

    @property
    def text(self) -> str:
        """The spelling, and in brackets what the table calls it where that is another name."""
        head = f"{self.spelling[:1].upper()}{self.spelling[1:]}"
        same = fold_medicine(self.spelling) in fold_medicine(self.medicine.name)
        return head if same else f"{head} ({self.medicine.name})"


@dataclass(frozen=True, slots=True)
class NamedMedicine:
    """One medicine of a patient.

    days            : from its start to the low count, None when not given;  duration : the same, as it was given
    suspected       : somebody suspects it;  after_low_count : it was begun when the count was low already
    typed           : the entry as given, to be saved
    """

    name: Name
    days: float | None = None
    duration: str = ""
    suspected: bool = False
    after_low_count: bool = False
    typed: Any = ""

    @property
    def medicine(self) -> Medicine:
        """The row of ``drugs.csv``."""
        return self.name.medicine

    @property
    def node(self) -> str:
        """The node it is entered under; empty for none."""
        return self.name.medicine.node

    @property
    def label(self) -> str:
        """The medicine as a screen or page names it."""
        said = (
            self.duration,
            "suspected" if self.suspected else "",
            "begun after the low count" if self.after_low_count else "",
        )
        return ", ".join((self.name.text, *filter(None, said)))


def find_medicine(knowledge: Knowledge, name: str) -> Name | None:
    """Return the medicine that has this name or synonym, None for an unknown one."""
    words = name.split()
    names, endings = _names(knowledge), _words(knowledge).endings
    while words:
        if found := names.get(fold_medicine(" ".join(words))):
            return found
        if fold_medicine(words[-1]) not in endings:
            return None
        words.pop()
    return None


def starting_with(knowledge: Knowledge, letters: str) -> tuple[Name, ...]:
    """Return the names that begin with these letters, then those with a word that does, then those that hold them."""
    key = fold_medicine(letters)
    ranked = []
    for folded, name in _names(knowledge).items():
        if key and key in folded:
            words = map(fold_medicine, re.split(r"[\s-]+", name.spelling))
            rank = 0 if folded.startswith(key) else 1 if any(word.startswith(key) for word in words) else 2
            ranked.append((rank, folded, name))
    return tuple(name for _, _, name in sorted(ranked, key=lambda each: each[:2]))


def medicine_lines(value: Any) -> tuple[Any, ...]:
    """Return the entries of a value of ``medicines``: a list, one mapping, or text parted by ``;`` or line ends.

    raises : EvidenceError for anything else.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(line.strip() for line in re.split(r"[;\n]", value) if line.strip())
    if isinstance(value, Mapping):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(line for each in value for line in (medicine_lines(each) if isinstance(each, str) else (each,)))
    raise EvidenceError(f"{MEDICINES}: {LINE}, or a list of such lines, got {shown(value)}.")


def lines_without(value: Any, away: Iterable[Any]) -> Any:
    """Return a value of ``medicines`` without some of its entries; as given where none goes."""
    away = list(away)
    if not away:
        return value
    return [] if value in away else [line for line in medicine_lines(value) if line not in away]


def read_medicine(knowledge: Knowledge, line: Any) -> NamedMedicine:
    """Read one entry: a line, or ``{"name": ..., "days": ..., "suspected": ..., "after_low_count": ...}``.

    raises : EvidenceError naming the nearest names for an unknown one, or what beside the name is not understood.
    """
    if isinstance(line, Mapping):
        return _of_mapping(knowledge, line)
    if not isinstance(line, str) or not line.strip():
        raise EvidenceError(f"{MEDICINES}: {LINE}, got {shown(line)}.")
    text = " ".join(line.split())
    for end in range(len(text), 0, -1):  # the longest beginning that is a name; words are not parted
        if text[end - 1].isalnum() and not text[end : end + 1].isalnum() and (name := _found(knowledge, text[:end])):
            return _with_words(knowledge, name, text[end:], line)
    raise _unknown(knowledge, _without_words(text), line)


def _found(knowledge: Knowledge, text: str) -> Name | None:
    return find_medicine(knowledge, text) if text[:1].isalnum() else None


def _with_words(knowledge: Knowledge, name: Name, rest: str, line: str) -> NamedMedicine:
    """Read what stands after the name."""
    words = _words(knowledge)
    days, durations, flags, at = 0.0, [], set[str](), 0
    while at < len(rest):
        if gap := _SEPARATORS.match(rest, at):
            at = gap.end()
        elif number := words.duration.match(rest, at):
            days += _number(number[1], line) * words.days[number[2].casefold()]
            durations.append(f"{number[1]} {number[2]}")
            at = number.end()
        elif word := words.phrase.match(rest, at):
            flags.add(words.kinds[word[0].casefold()])
            at = word.end()
        else:
            raise EvidenceError(
                f"{MEDICINES}: {shown(line)}: {rest[at:]!r} after {name.spelling} is not understood; allowed is how "
                "long it has been taken, as in '3 weeks', and 'suspected'. A dose is left out."
            )
    if durations:
        _check_days(knowledge, days, line)
    suspected, after = "suspected" in flags, "after_low_count" in flags
    return NamedMedicine(name, days if durations else None, " ".join(durations), suspected, after, line)


def _of_mapping(knowledge: Knowledge, line: Mapping[Any, Any]) -> NamedMedicine:
    unknown = [key for key in line if key not in _KEYS]
    if unknown or not isinstance(line.get("name"), str):
        raise EvidenceError(f"{MEDICINES}: expected a mapping with {listed(_KEYS)}, got {shown(dict(line))}.")
    flags = {key: line.get(key) or False for key in _KEYS[2:]}
    if any(not isinstance(flag, bool) for flag in flags.values()):
        raise EvidenceError(f"{MEDICINES}: expected true or false for {listed(flags)}, got {shown(dict(line))}.")
    days = line.get("days")
    number = None if days is None else as_number(days)
    if days is not None:
        if number is None:
            raise EvidenceError(f"{MEDICINES}: expected a number of days for {line['name']!r}, got {shown(days)}.")
        _check_days(knowledge, number, dict(line))
    name = _found(knowledge, line["name"].strip())
    if name is None:
        raise _unknown(knowledge, line["name"].strip(), dict(line))
    duration = "" if number is None else f"{number:.12g} day{'s' * (number != 1)}"
    return NamedMedicine(name, number, duration, **flags, typed=dict(line))


def _number(digits: str, line: str) -> float:
    numbers = readings(digits)
    if len(numbers) != 1:
        raise EvidenceError(f"{MEDICINES}: {shown(line)}: {digits!r} is read in two ways or in none; write it plainly.")
    return float(numbers[0])


def _check_days(knowledge: Knowledge, days: float, line: Any) -> None:
    longest = knowledge.medicine_rules["longest_course"].value
    if not 0 < days <= longest:
        raise EvidenceError(
            f"{MEDICINES}: {shown(line)}: expected above 0 and at most {longest:.0f} days, got {days:.12g}."
        )


def _without_words(text: str) -> str:
    """Return the part of a line that looks like its name."""
    return re.split(r",\s|\s[0-9]", text)[0].strip(" ,") or text


def _unknown(knowledge: Knowledge, name: str, line: Any) -> EvidenceError:
    names = _names(knowledge)
    close = get_close_matches(fold_medicine(name), names, n=_NEAREST, cutoff=0.7)
    begun = starting_with(knowledge, name) if len(fold_medicine(name)) >= _LETTERS else ()
    near = [*(names[key] for key in close), *(each for each in begun if not close)]
    spelled = list(dict.fromkeys(each.spelling for each in near))[:_NEAREST]
    hint = f"; did you mean {listed(spelled)}?" if spelled else "."
    where = "" if name == line else f"{shown(line)}: "
    return EvidenceError(f"{MEDICINES}: {where}medicine {shown(name)} is not in the table, so nothing is entered{hint}")


@kept_with_knowledge
def _names(knowledge: Knowledge) -> Mapping[str, Name]:
    """Return folded spelling -> name, in the order of the table."""
    return {fold_medicine(s): Name(s, medicine) for medicine in knowledge.medicines for s in medicine.spellings}


@dataclass(frozen=True, slots=True)
class _Words:
    """The words beside a name. kinds : word -> what it does;  days : unit of a duration -> days."""

    kinds: Mapping[str, str]
    days: Mapping[str, float]
    endings: frozenset[str]
    phrase: re.Pattern[str]
    duration: re.Pattern[str]


@kept_with_knowledge
def _words(knowledge: Knowledge) -> _Words:
    rows = [(row, word.casefold()) for row in knowledge.medicine_words for word in row.spelling]
    days = {word: float(row.meaning) for row, word in rows if row.kind == "duration"}
    kinds = {word: row.kind for row, word in rows if row.kind not in ("duration", "ending")}
    endings = frozenset(fold_medicine(word) for row, word in rows if row.kind == "ending")
    return _Words(
        kinds, days, endings, re.compile(rf"(?:{_either(kinds)})(?!\w)", re.IGNORECASE),
        re.compile(rf"({_NUMBER.pattern})\s*({_either(days)})(?!\w)", re.IGNORECASE),
    )  # fmt: skip


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"
