"""A case as a link: one readable word of letters, digits and ``. _ ~ -``, which no address has to escape.

    1~article~0a1b2c3d4e5f~fever.y~serum_b12.lt50_pg_per_mL~rash..absent.0.2..present.0.8~n.leak.rash.present..0.01

version, setting and model stand first; then ``node.state`` (y = present, n = absent), ``node.number_unit`` with ``lt le
gt ge`` before a bound, ``node..state.likelihood..state.likelihood``, and ``n.record..value`` for a replaced number. A
medicine is ``m.name_days_flags``, the name one of ``drugs.csv``, folded; s = suspected, a = begun after the low count.
Of a course over time it holds what follows, states and days, and no date.
Entries stand in the order of ``nodes.csv``, so equal cases have equal links. A link holds names of this model and
numbers, and nothing that somebody typed freely: never the note.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from model.elicitation import plug_in
from model.errors import CaseFileError, EvidenceError, ModelError, as_number, listed, shown
from model.evidence.case import Case, case_of
from model.evidence.cell import entered_value
from model.evidence.course_evidence import split_course
from model.evidence.course_rules import CourseReading
from model.evidence.lab_spellings import COUNT
from model.evidence.medicine import MEDICINES, NamedMedicine, find_medicine
from model.evidence.medicine_evidence import split_medicines
from model.evidence.read import bands_of_guards, read_evidence
from model.evidence.renamed import PRESENT
from model.evidence.units import parse_quantity, units_of
from model.knowledge import Knowledge
from model.knowledge.medicines import fold_medicine

VERSION = "1"
LONGEST = 8000  # characters; addresses of this length still pass browsers and servers

_TOKEN = re.compile(r"[A-Za-z0-9._~-]+")
_HASH = re.compile(r"[A-Za-z0-9]{1,64}")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]{1,3})?")
_QUANTITY = re.compile(r"(lt|le|gt|ge)?([0-9]+(?:\.[0-9]+)?)(?:_(.+))?")
_SHORT = {"present": "y", "absent": "n"}
_BOUNDS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "": ""}
_NUMBERS = "n"  # before a replaced number; no node has this name
_MEDICINE = "m"  # before a medicine; neither has this one
_FLAGS = {"s": "suspected", "a": "after_low_count"}


def to_link(case: Case, knowledge: Knowledge, model_hash: str) -> str:
    """Return the case as one word, without its note; `model_hash` says which model the findings were entered for.

    raises : CaseFileError for an entry or replaced number that this model cannot read, so that nothing a person typed
             freely gets into a link; and when the link would be longer than 8000 characters.
    """
    if not _HASH.fullmatch(model_hash):
        raise CaseFileError(f"Link: expected the hash of a model, got {shown(model_hash)}.")
    try:
        evidence = read_evidence(knowledge, case.entries)
        plug_in(knowledge, case.setting, knowledge.default_scale, case.numbers)
    except ModelError as error:
        raise CaseFileError(f"Link: this cannot be put into a link. {error}") from None
    order = {node: place for place, node in enumerate(knowledge.nodes)}
    parts = [VERSION, case.setting, model_hash]
    others, course = split_course(knowledge, case.entries)
    entered = read_evidence(knowledge, split_medicines(knowledge, others).others)
    given = {**(_followed(course) if course else {}), **entered.given}
    follows = {band for guard, band in bands_of_guards(knowledge).items() if guard in given}
    for node in sorted(given.keys() - follows, key=order.__getitem__):
        parts.append(f"{node}.{_value(knowledge, node, given[node], entered.guards)}")
    for named in sorted(map(_medicine, (each.named for each in evidence.medicines))):
        parts.append(f"{_MEDICINE}.{named}")
    for record, value in sorted(case.numbers.items()):
        parts.append(f"{_NUMBERS}.{record}..{_digits(value)}")
    token = "~".join(parts)
    if len(token) > LONGEST:
        raise CaseFileError(f"Link: expected at most {LONGEST} characters, got {len(token)}; save the case as a file.")
    return token


def _followed(course: CourseReading) -> dict[str, object]:
    """Return what follows from a course as entries; its medicines stand among the medicines, with days."""
    states: dict[str, object] = {each.node: each.state for each in course.follows if each.state}
    return states | ({COUNT: f"{_digits(course.count.value)} /mm3"} if course.count else {})


def read_link(token: str, knowledge: Knowledge, model_hash: str | None = None) -> tuple[Case, tuple[str, ...]]:
    """Read what :func:`to_link` wrote.

    model_hash : the model it will be used with; a different one in the link is worth a warning
    returns    : the case, and one sentence for each thing left out because this model does not know it; as from
                 ``read_case``, a guard that cannot be read is kept, and then nothing answers
    raises     : CaseFileError when nothing sensible can be read, or an entry stands twice. Nothing else.
    """
    version, setting, made_with, *parts = _parts(token)
    if version != VERSION:
        raise CaseFileError(f"Link: expected version {VERSION!r}, got {shown(version)}; ask for a new link.")
    if setting not in knowledge.settings:
        raise CaseFileError(f"Link: setting {shown(setting)} is unknown; allowed is {listed(knowledge.settings)}.")
    if not _HASH.fullmatch(made_with):
        raise CaseFileError(f"Link: expected the hash of a model, got {shown(made_with)}.")
    evidence: dict[str, Any] = {}
    numbers: dict[str, float] = {}
    dropped = []
    for part in parts:
        name, dot, value = part.partition(".")
        if name == _MEDICINE or name.casefold() == MEDICINES:
            evidence.setdefault(MEDICINES, []).append(_named(knowledge, value))
            continue
        table, key = (numbers, value.partition("..")[0]) if name == _NUMBERS else (evidence, name.casefold())
        if key in table:
            raise CaseFileError(f"Link: expected each entry once, got {shown(key)} twice.")
        read = _number(value.partition("..")[2]) if table is numbers else _entered(knowledge, key, value)
        if dot and key and value and read is not None:
            table[key] = read
        elif table is numbers:
            dropped.append(f"{shown(part)} cannot be read.")
        else:
            evidence[key] = part  # which no node takes: for read_case to say, and to keep when it is a guard
    content = {"setting": setting, "evidence": evidence, "numbers": numbers, "model_hash": made_with}
    case, more = case_of(content, knowledge, model_hash)
    case = replace(case, dropped=(*dropped, *case.dropped))
    return case, (*(f"Left out: {sentence}" for sentence in dropped), *more)


def _parts(token: object) -> list[str]:
    if not isinstance(token, str) or not token.strip():
        raise CaseFileError(f"Link: expected the word of a link as text, got {shown(token)}.")
    token = token.strip()
    if len(token) > LONGEST:
        raise CaseFileError(f"Link: expected at most {LONGEST} characters, got {len(token)}.")
    parts = token.split("~")
    if not _TOKEN.fullmatch(token) or len(parts) < 3:
        raise CaseFileError(
            f"Link: expected version~setting~model~entries in letters, digits and '. _ ~ -', got {shown(token)}."
        )
    return parts


def _medicine(named: NamedMedicine) -> str:
    """Return a medicine in letters of a link; nothing of it was typed freely, for the name is one of the table."""
    days = "" if named.days is None else _digits(named.days)
    flags = "".join(letter for letter, flag in _FLAGS.items() if getattr(named, flag))
    return f"{fold_medicine(named.name.spelling)}_{days}_{flags}".rstrip("_")


def _named(knowledge: Knowledge, value: str) -> Any:
    """Return a medicine as ``read_evidence`` takes it; whether the model knows it is for ``read_case`` to say."""
    name, days, flags, *more = (*value.split("_"), "", "")
    number = _number(days) if days else None
    number = int(number) if number and number.is_integer() else number
    if any(more) or (days and number is None) or not set(flags) <= set(_FLAGS):
        return value  # which is no name
    found = find_medicine(knowledge, name)
    said = {flag: True for letter, flag in _FLAGS.items() if letter in flags}
    return {"name": found.spelling if found else name, **({} if number is None else {"days": number}), **said}


def _value(knowledge: Knowledge, node: str, value: object, guards: Mapping[str, str | float]) -> str:
    """Return one value that has been read before, so it is a state, a number or a likelihood."""
    if isinstance(value, Mapping):
        weights = ((str(state).strip().casefold(), float(weight)) for state, weight in value.items())
        return "." + "..".join(f"{_SHORT.get(s, s)}.{w!r}".replace("+", "") for s, w in weights)
    word = value.strip().casefold() if isinstance(value, str) else ""
    word = str(guards[node]) if node in guards and knowledge.nodes[node].states else word
    if word in knowledge.nodes[node].states or (word == PRESENT and knowledge.nodes[node].kinds):
        return _SHORT.get(word, word)
    bare = _number(word) if word else as_number(value)
    if bare is not None and not _may_be_code(knowledge, node, value):
        return _digits(bare)
    measured = parse_quantity(knowledge, node, value)  # type: ignore[arg-type]
    return f"{_BOUNDS[measured.bound]}{_digits(measured.value)}_{_unit_word(measured.unit)}"


def _may_be_code(knowledge: Knowledge, node: str, value: object) -> bool:
    """Say whether a bare number would be asked about in a link, as 1 is where it can be a day or a yes."""
    try:
        entered_value(knowledge, node, value)
    except EvidenceError:
        return True
    return False


def _entered(knowledge: Knowledge, node: str, value: str) -> Any:
    """Return a value as ``read_evidence`` takes it, or None; whether the model knows it is for ``read_case`` to say."""
    long = {short: word for word, short in _SHORT.items()}
    if value.startswith("."):
        weights: dict[str, float] = {}
        for pair in value[1:].split(".."):
            state, _, digits = pair.partition(".")
            state = long.get(state, state)
            weight = _number(digits)
            if state in weights or weight is None:
                return None
            weights[state] = weight
        return weights
    known = knowledge.nodes[node].states if node in knowledge.nodes else ()
    word = long.get(value, value)
    found = None if word in known else _QUANTITY.fullmatch(value)
    if found is None:
        return word
    bound, digits, unit = found.groups()
    if unit is None and bound is None:
        return int(digits) if digits.isdecimal() and len(digits) < 16 else _number(digits)
    sign = next(sign for sign, short in _BOUNDS.items() if short == (bound or ""))
    unit = next((each for each in units_of(knowledge, node) if _unit_word(each) == unit), unit or "")
    return f"{sign}{' ' * bool(sign)}{digits} {unit}".strip()


def _number(digits: str) -> float | None:
    """Return a number that is finite and not negative, or None."""
    number = float(digits) if _NUMBER.fullmatch(digits) else math.inf
    return number if math.isfinite(number) else None


def _unit_word(unit: str) -> str:
    """Return a unit in the letters of a link: ``pg_per_mL``, ``10e9_per_L``, ``per_mm3``."""
    return unit.replace("^", "e").replace("/", "_per_").strip("_")


def _digits(number: float) -> str:
    """Return every digit of a number that is not negative, without a power of ten."""
    return format(Decimal(repr(abs(float(number)))), "f").removesuffix(".0")
