"""One typed line as evidence: ``52 f, mtx 2 y, ra, no fever, folate 2.8, plt 98, spleen not palpable``.

The line is parted at commas, semicolons and line ends; a comma between two digits is a decimal or thousands mark. Each
piece is read as a whole or not at all, by the library's own readers of laboratory lines and medicines and by the tables
``typed_phrases.csv`` and ``typed_words.csv``. What can be read in two ways is not read, and the reason says so.

>>> from model.knowledge import load_knowledge
>>> read = read_typed(load_knowledge(), "52 f, no fever, folate 2,8, possible ra")
>>> dict(read.evidence)
{'age': '52 years', 'sex': 'female', 'fever': 'absent', 'serum_folate': '2.8 ng/mL'}
>>> read.left, read.unread[0].reason
('possible ra', '“possible”: it is not certain, so nothing is entered.')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from model.errors import EvidenceError, ImpossibleEvidence
from model.evidence.in_words import in_words
from model.evidence.medicine import MEDICINES, NamedMedicine, read_medicine
from model.evidence.read import bands_of_guards, read_evidence
from model.evidence.typed_piece import Found, read_piece
from model.evidence.units import units_of
from model.knowledge import Knowledge

LONGEST = 1000  # characters
_PARTING = re.compile(r"[;\n\r]|,(?![0-9])|(?<![0-9]),")


@dataclass(frozen=True, slots=True)
class TypedPiece:
    """One piece of a line, or a medicine with the pieces that go on about it.

    start, end : where it stands in the line;  text : that part of the line
    evidence   : node -> state or number with its unit;  medicine : the line of a medicine
    reading    : what it was read as, in a few words;  reason : why it is not read; one of the two is empty
    """

    start: int
    end: int
    text: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    medicine: str = ""
    reading: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """What a line gave. pieces : in its order, what stands between them are separators and spaces."""

    text: str
    pieces: tuple[TypedPiece, ...]

    @property
    def evidence(self) -> Mapping[str, str]:
        """Node -> value, as ``read_evidence`` takes it; the medicines apart."""
        return MappingProxyType({node: value for piece in self.pieces for node, value in piece.evidence.items()})

    @property
    def medicines(self) -> tuple[str, ...]:
        """The lines of the medicines, each once."""
        return tuple(dict.fromkeys(piece.medicine for piece in self.pieces if piece.medicine))

    @property
    def unread(self) -> tuple[TypedPiece, ...]:
        """The pieces that were not read."""
        return tuple(piece for piece in self.pieces if piece.reason)

    @property
    def left(self) -> str:
        """What stays in the line, as it was typed."""
        return ", ".join(piece.text for piece in self.unread)


def read_typed(
    knowledge: Knowledge, text: str, beside: Mapping[str, Any] | None = None, units: Mapping[str, str] | None = None
) -> TypedLine:
    """Read a line piece by piece.

    beside  : what is known already; of it the sex, by which haemoglobin is read
    units   : node -> the unit a screen shows beside its field, for a number without one; default the first on offer
    returns : see :class:`TypedLine`. A number without a unit is read where one unit alone makes sense of it, or where
              all that do put it into the same state; else its unit is asked for. Pieces that contradict each other are
              none of them read. Without a sex, haemoglobin is not read.
    raises  : nothing on account of `text`; of what is longer than 1000 characters nothing is read.
    """
    pieces = _pieces(text)
    if len(text) > LONGEST:
        why = f"Expected at most {LONGEST} characters, got {len(text)}; nothing was read."
        return TypedLine(text, tuple(replace(piece, reason=why) for piece in pieces))
    found = [read_piece(knowledge, piece.text, units=units or {}) for piece in pieces]
    sexes = {each.evidence["sex"] for each in found if "sex" in each.evidence} or {(beside or {}).get("sex")}
    sex = next(iter(sexes)) if len(sexes) == 1 else None
    found = [
        each if each.read else read_piece(knowledge, piece.text, sex if isinstance(sex, str) else "", units or {})
        for piece, each in zip(pieces, found, strict=True)
    ]
    pieces, found = _joined(knowledge, pieces, found)
    found = _carried(knowledge, pieces, found)
    read = [_as_read(knowledge, *each, sex) for each in zip(pieces, found, strict=True)]
    return TypedLine(text, tuple(_agreeing(knowledge, read, sex)))


def _pieces(text: str) -> list[TypedPiece]:
    """Part a line; pieces are without the spaces around them, and none is empty."""
    pieces, start = [], 0
    for end in (*(match.start() for match in _PARTING.finditer(text)), len(text)):
        piece = text[start:end]
        if piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            pieces.append(TypedPiece(first, first + len(piece.strip()), piece.strip()))
        start = end + 1
    return pieces


def _joined(
    knowledge: Knowledge, pieces: Sequence[TypedPiece], found: Sequence[Found]
) -> tuple[list[TypedPiece], list[Found]]:
    """Join a medicine with the pieces after it that say how long it was taken, or that it is suspected."""
    together: list[TypedPiece] = []
    read: list[Found] = []
    for piece, each in zip(pieces, found, strict=True):
        before = read[-1] if read else Found()
        if not before.medicine:
            together.append(piece)
            read.append(each)
            continue
        line = f"{before.medicine}, {piece.text}"
        named, was = _medicine(knowledge, line), _medicine(knowledge, before.medicine)
        if named is None or was is None or (named.duration and was.duration and named.duration != was.duration):
            together.append(piece)
            read.append(each)
        elif each.read:
            why = f"This can be {each.said or 'an entry of its own'}, or how long {was.name.spelling} was taken"
            together.append(piece)
            read.append(Found(reason=f"{why}; write “{was.name.spelling} {piece.text}” or “age {piece.text}”."))
        else:
            together[-1] = replace(together[-1], end=piece.end, text=f"{together[-1].text}, {piece.text}")
            read[-1] = Found(medicine=line)
    return together, read


def _medicine(knowledge: Knowledge, line: str) -> NamedMedicine | None:
    try:
        return read_medicine(knowledge, line)
    except EvidenceError:
        return None


def _carried(knowledge: Knowledge, pieces: Sequence[TypedPiece], found: Sequence[Found]) -> list[Found]:
    """Ask about a bare finding after a negated one: "no fever, rash" can mean that there is a rash, or none.

    Findings that take a number stand apart: nobody says "no fever, anaemia" and means that there is none.
    """
    result: list[Found] = []
    negated = ""
    for piece, each in zip(pieces, found, strict=True):
        told = all(knowledge.nodes[node].role == "finding" and not units_of(knowledge, node) for node in each.evidence)
        if each.bare and negated and told:
            why = f"After “{negated}” this can mean yes or no; write “{piece.text}: yes” or “no {piece.text}”."
            result.append(Found(reason=why))
            continue
        negated = piece.text if each.negated_before and told else ""
        result.append(each)
    return result


def _as_read(knowledge: Knowledge, piece: TypedPiece, found: Found, sex: Any) -> TypedPiece:
    """Have the library read what was found; what it refuses is not read."""
    if not found.read:
        return replace(piece, reason=found.reason)
    try:
        if found.medicine:
            named = read_medicine(knowledge, found.medicine)
            return replace(piece, medicine=found.medicine, reading=named.label)
        beside = {"sex": sex} if isinstance(sex, str) and sex else {}
        read = read_evidence(knowledge, {**beside, **found.evidence})
    except (EvidenceError, ImpossibleEvidence) as error:
        return replace(piece, reason=str(error))
    reading = "; ".join(in_words(knowledge, read, node) for node in found.evidence)
    return replace(piece, evidence=MappingProxyType(dict(found.evidence)), reading=reading)


def _agreeing(knowledge: Knowledge, pieces: Sequence[TypedPiece], sex: Any) -> list[TypedPiece]:
    """Take back the pieces that contradict each other."""
    beside = {"sex": sex} if isinstance(sex, str) and sex else {}
    against: dict[int, str] = {}
    read = [place for place, piece in enumerate(pieces) if not piece.reason]
    for at, place in enumerate(read):
        for other in read[:at]:
            if _contradict(knowledge, pieces[other], pieces[place], beside):
                against.setdefault(place, pieces[other].text)
                against.setdefault(other, pieces[place].text)
    return [
        replace(piece, evidence={}, medicine="", reading="", reason=f"It contradicts “{against[place]}”; keep one.")
        if place in against
        else piece
        for place, piece in enumerate(pieces)
    ]


def _contradict(knowledge: Knowledge, one: TypedPiece, other: TypedPiece, beside: Mapping[str, Any]) -> bool:
    """Return whether two pieces cannot both be true; the same number in two units is no contradiction."""
    for node in one.evidence.keys() & other.evidence.keys():
        first, second = ({**beside, node: piece.evidence[node]} for piece in (one, other))
        if first != second and read_evidence(knowledge, first).key != read_evidence(knowledge, second).key:
            return True
    follows = any(
        {guard, band} <= {*one.evidence, *other.evidence} for guard, band in bands_of_guards(knowledge).items()
    )
    if bool(one.medicine) == bool(other.medicine) and not follows:
        return False
    lines = [piece.medicine for piece in (one, other) if piece.medicine]
    try:
        read_evidence(knowledge, {**beside, **one.evidence, **other.evidence, MEDICINES: lines})
    except (EvidenceError, ImpossibleEvidence):
        return True
    return False
