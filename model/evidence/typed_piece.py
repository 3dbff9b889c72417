"""One piece of a typed line: every reader is asked, and what two of them read differently is not read.

The readers: age and sex, a laboratory result, a medicine, and a phrase of the tables with its yes or no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from model.errors import EvidenceError
from model.evidence.in_words import NEAR
from model.evidence.lab_line import LabEntry, read_line
from model.evidence.lab_spellings import HEADING, name_at, spellings
from model.evidence.medicine import MEDICINES, find_medicine, read_medicine, starting_with
from model.evidence.typed_vocabulary import Meaning, States, Vocabulary, Words, fold_typed, typed_vocabulary
from model.evidence.units import bare_unit, lab_likelihood, parse_quantity, unit_named, units_of
from model.knowledge import Knowledge
from model.knowledge.medicines import fold_medicine
from model.knowledge.typed_tables import (
    AGE,
    AGE_UNIT,
    NO_AFTER,
    NO_BEFORE,
    OTHER_PERSON,
    PASSED,
    PAST,
    SEX,
    UNSURE,
    YES_AFTER,
    YES_BEFORE,
)

_LETTERS = 3
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_ENDS_IN_NUMBER = re.compile(r"[0-9][0-9.,]*\s*$")
_AGE = re.compile(r"(\D*)([0-9]{1,3})(\D*)")
_OR = re.compile(r"\s+(?:or|nor)\s+|\s*/\s*", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and)\s+|\s*&\s*", re.IGNORECASE)
_WHY = {UNSURE: "it is not certain", OTHER_PERSON: "it is of somebody else", PAST: "it says what was, not what is"}
UNKNOWN = "Not known to this line; nothing was guessed."


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece says: entries or the line of a medicine, or the reason why neither.

    bare : a phrase without a word for yes or no;  negated_before : one that such a word before it negates
    """

    evidence: Mapping[str, str] = field(default_factory=dict)
    medicine: str = ""
    reason: str = ""
    bare: bool = False
    negated_before: bool = False

    @property
    def read(self) -> bool:
        """Whether anything was read."""
        return bool(self.evidence or self.medicine)

    @property
    def said(self) -> str:
        """What it was taken for, for a sentence."""
        return "an age" if "age" in self.evidence else "a sex" if "sex" in self.evidence else ""


def read_piece(knowledge: Knowledge, text: str, sex: str = "", units: Mapping[str, str] | None = None) -> Found:
    """Read one piece; `sex` and `units` as in ``typed_line.read_typed``. Raises nothing on account of `text`."""
    vocabulary, typed = typed_vocabulary(knowledge), fold_typed(text)
    exact = vocabulary.phrases.get(typed)
    asked = [_age(knowledge, vocabulary, text), _laboratory(knowledge, text, sex, units or {})]
    asked += [_counted(knowledge, vocabulary, text), _phrase(knowledge, vocabulary, text)]
    read = [each for each in asked if each.read]
    if (exact is None or not exact.nodes) and (not read or _begins_with_a_medicine(knowledge, text)):
        asked.append(_medicine(knowledge, text))
        read = [each for each in asked if each.read]
    if len({(repr(dict(each.evidence)), each.medicine) for each in read}) > 1:
        return Found(reason="This can be read in two ways; say more.")
    if read:
        return read[0]
    if exact is not None and exact.why:
        return Found(reason=f"“{text.strip()}”: {exact.why}.")
    if why := _not_said(vocabulary, typed):
        return Found(reason=why)
    reasons = [each.reason for each in asked if each.reason]
    return Found(reason=reasons[0] if reasons else UNKNOWN)


def _begins_with_a_medicine(knowledge: Knowledge, text: str) -> bool:
    first = text.split()[0] if text.split() else ""
    return first[:1].isalnum() and find_medicine(knowledge, first) is not None


def _not_said(vocabulary: Vocabulary, typed: Words) -> str:
    """Return why a piece is not about this patient now; nothing where no word says so."""
    for kind, why in _WHY.items():
        if word := vocabulary.anywhere(typed, kind):
            return f"“{word}”: {why}, so nothing is entered."
    return ""


def _age(knowledge: Knowledge, vocabulary: Vocabulary, text: str) -> Found:
    """Read ``52 f``, ``F 52``, ``52-year-old woman``, ``age 52`` or ``female``; a number alone is no age."""
    sexes, ages = vocabulary.words[SEX], vocabulary.words[AGE]
    alone = list(_parts(vocabulary, fold_typed(text)))
    if len(alone) == 1 and alone[0] in sexes:
        return Found({"sex": sexes[alone[0]]})
    parts = _AGE.fullmatch(text.strip())
    if parts is None:
        return Found()
    words = [*_parts(vocabulary, fold_typed(parts[1])), *_parts(vocabulary, fold_typed(parts[3].lstrip("-–")))]
    units = [each for each in words if each in vocabulary.words[AGE_UNIT] or _years(knowledge, each)]
    said = [sexes[each] for each in words if each in sexes]
    named = [each for each in words if each in ages]
    if len(units) + len(said) + len(named) != len(words) or max(map(len, (units, said, named))) > 1 or not words:
        return Found()
    try:
        parse_quantity(knowledge, "age", f"{parts[2]} years")
    except EvidenceError as error:
        return Found(reason=_sentence(knowledge, "age", error))
    return Found({"age": f"{int(parts[2])} years", **({"sex": said[0]} if said else {})})


def _years(knowledge: Knowledge, words: Words) -> bool:
    return unit_named(knowledge, "age", " ".join(words)) == "years"


def _parts(vocabulary: Vocabulary, typed: Words) -> Iterator[Words]:
    """Yield the words about an age, longest entry first; those passed over are left out."""
    while typed:
        sizes = [vocabulary.before(typed, kind) for kind in (AGE_UNIT, SEX, AGE)]
        size = max(*sizes, 1)
        if max(sizes) or not vocabulary.before(typed, PASSED):
            yield typed[:size]
        typed = typed[size:]


def _laboratory(knowledge: Knowledge, text: str, sex: str, units: Mapping[str, str]) -> Found:
    """Read a result by the reader of laboratory lines; nothing where the piece does not begin with a name of one."""
    rows, end = name_at(spellings(knowledge), text, 0)
    if not rows or rows[0].quantity == HEADING:
        return Found()
    entries, left = read_line(knowledge, 1, text)
    node = next((row.node for row in rows if row.node), "")
    if not entries and node and _ENDS_IN_NUMBER.search(text, end):
        return _without_unit(knowledge, node, text, sex, units, left[0].reason if left else UNKNOWN)
    if left or len(entries) != 1:
        return Found(reason=left[0].reason if left else "More than one result; part them by commas.")
    if not entries[0].node:
        return Found(reason=f"{entries[0].quantity} alone is no entry of this model; give the absolute count.")
    return _entry(knowledge, entries[0], sex)


def _without_unit(knowledge: Knowledge, node: str, text: str, sex: str, units: Mapping[str, str], reason: str) -> Found:
    """Read a number without a unit, where every unit that makes sense of it puts it into one state."""
    offered = knowledge.nodes[node].unit or (bare_unit(knowledge, node),)
    read = list(_in_units(knowledge, node, text, offered)) or list(
        _in_units(knowledge, node, text, [each for each in units_of(knowledge, node) if each not in offered])
    )
    if not read:
        return Found(reason=reason)
    if len(read) == 1:
        return _entry(knowledge, read[0], sex)
    found = [_entry(knowledge, each, sex) for each in read]
    if not all(each.read for each in found):
        return found[0]
    said, sure = zip(*(_likeliest(knowledge, each, sex) for each in read), strict=True)
    if len(set(said)) > 1 or not said[0] or min(sure) < NEAR:
        options = " or ".join(
            f"{each.value} is {state}{', near its limit' if share < NEAR else ''}" if state else each.value
            for each, state, share in zip(read, said, sure, strict=True)
        )
        return Found(reason=f"The unit decides: {options}; write the unit.")
    chosen = units.get(node)
    return next((each for one, each in zip(read, found, strict=True) if one.measurement.unit == chosen), found[0])


def _in_units(knowledge: Knowledge, node: str, text: str, units: tuple[str, ...] | list[str]) -> Iterator[LabEntry]:
    for unit in units:
        entries, left = read_line(knowledge, 1, f"{text} {unit}")
        if len(entries) == 1 and not left and entries[0].node == node:
            yield entries[0]


def _likeliest(knowledge: Knowledge, entry: LabEntry, sex: str) -> tuple[str, float]:
    """Return the state a result most likely means and its share of the likelihood; nothing without states."""
    states = knowledge.nodes[entry.node].states
    if not states:
        return "", 1.0
    weights = lab_likelihood(knowledge, entry.measurement, sex or None).likelihood
    return states[weights.index(max(weights))].replace("_", " "), max(weights) / sum(weights)


def _entry(knowledge: Knowledge, entry: LabEntry, sex: str) -> Found:
    """Return a result as an entry; one whose limit depends on a sex that nobody gave is asked about."""
    if knowledge.nodes[entry.node].states:
        try:
            lab_likelihood(knowledge, entry.measurement, sex or None)
        except EvidenceError:
            return Found(reason=f"The limit of {entry.quantity.lower()} depends on the sex; give the sex, as in “f”.")
    return Found({entry.node: entry.value})


def _counted(knowledge: Knowledge, vocabulary: Vocabulary, text: str) -> Found:
    """Read a phrase that a number follows, such as ``antibiotics 10 days``."""
    number = _NUMBER.search(text)
    meaning = vocabulary.phrases.get(fold_typed(text[: number.start()])) if number else None
    if number is None or meaning is None or len(meaning.nodes) != 1 or not units_of(knowledge, meaning.nodes[0]):
        return Found()
    node, value = meaning.nodes[0], text[number.start() :].strip()
    try:
        parse_quantity(knowledge, node, value)
    except EvidenceError as error:
        return Found(reason=_sentence(knowledge, node, error))
    return Found({node: value})


def _medicine(knowledge: Knowledge, text: str) -> Found:
    """Read a medicine; ``no mtx`` where a question is about that medicine alone."""
    vocabulary, typed = typed_vocabulary(knowledge), text.strip()
    try:
        read_medicine(knowledge, typed)
        return Found(medicine=typed)
    except EvidenceError as error:
        letters = "".join(fold_typed(typed)[:1])[:_LETTERS]  # as many as a search for a name takes
        near = any(fold_medicine(each.spelling).startswith(letters) for each in starting_with(knowledge, letters))
        meant = _begins_with_a_medicine(knowledge, typed) or (near and "did you mean" in str(error))
        reason = str(error).removeprefix(f"{MEDICINES}: ") if meant else ""
    sign, rest = _stripped(typed, vocabulary)
    name = find_medicine(knowledge, rest) if sign and rest[:1].isalnum() else None
    if sign == "yes" and rest:
        try:
            read_medicine(knowledge, rest)
            return Found(medicine=rest)
        except EvidenceError:
            return Found(reason=reason)
    if sign != "no" or name is None:
        return Found(reason=reason)
    node = knowledge.nodes.get(name.medicine.node)
    if node is None or fold_medicine(node.id) != fold_medicine(name.medicine.name) or "absent" not in node.states:
        return Found(reason=f"Without {name.spelling} another medicine may still be there; answer its question.")
    return Found({node.id: "absent"})


def _stripped(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return yes or no and the text without its word for it, at the start; nothing where there is none."""
    words = text.split()
    for sign, kind in (("no", NO_BEFORE), ("yes", YES_BEFORE)):
        for size in range(min(len(words), vocabulary.longest), 0, -1):
            if fold_typed(" ".join(words[:size])) in vocabulary.words[kind]:
                return sign, " ".join(words[size:])
    return "", text


def _phrase(knowledge: Knowledge, vocabulary: Vocabulary, text: str) -> Found:
    """Read a phrase with its yes or no, or several joined by a word: no fever or rash, fever and rash."""
    typed = fold_typed(text)
    found = _one_phrase(knowledge, vocabulary, typed)
    if found.read or typed in vocabulary.phrases:
        return found
    either, both = _OR.split(text), _AND.split(text)
    if len(either) > 1:
        size = vocabulary.before(typed, NO_BEFORE)
        if not size:
            return Found(reason=found.reason or "One of several, and nobody says which; give each on its own.")
        first = _one_phrase(knowledge, vocabulary, fold_typed(either[0]))
        rest = [_one_phrase(knowledge, vocabulary, (*typed[:size], *fold_typed(each))) for each in either[1:]]
        return _together([first, *rest], negated=True)
    if len(both) > 1 and not vocabulary.before(typed, NO_BEFORE):
        return _together([_one_phrase(knowledge, vocabulary, fold_typed(each)) for each in both])
    if len(both) > 1:
        return Found(reason="After “no”, “and” can mean yes or no; give each on its own, or write “or”.")
    return found


def _together(found: list[Found], negated: bool = False) -> Found:
    unread = next((each for each in found if not each.read), None)
    if unread is not None:
        return Found(reason=unread.reason or UNKNOWN)
    evidence: dict[str, str] = {}
    for each in found:
        if any(evidence.get(node, state) != state for node, state in each.evidence.items()):
            return Found(reason="Its parts contradict each other.")
        evidence |= each.evidence
    return Found(evidence, negated_before=negated)


def _one_phrase(knowledge: Knowledge, vocabulary: Vocabulary, typed: Words) -> Found:
    meaning = vocabulary.phrases.get(typed)
    if meaning is not None:
        return _said(knowledge, meaning, typed, "")
    words, no, yes, before = typed, 0, 0, False
    while words:
        if size := vocabulary.before(words, NO_BEFORE):
            words, no, before = words[size:], no + 1, True
        elif size := vocabulary.before(words, YES_BEFORE):
            words, yes = words[size:], yes + 1
        elif size := vocabulary.before(words, PASSED):
            words = words[size:]
        elif size := vocabulary.after(words, NO_AFTER):
            words, no = words[:-size], no + 1
        elif size := vocabulary.after(words, YES_AFTER):
            words, yes = words[:-size], yes + 1
        elif size := vocabulary.after(words, PASSED):
            words = words[:-size]
        else:
            break
        if (meaning := vocabulary.phrases.get(words)) is not None:
            break
    if meaning is None or not (no or yes or words != typed):
        return Found()
    if no + yes > 1:
        return Found(reason="It says yes or no more than once; say it once.")
    return _said(knowledge, meaning, typed, "no" if no else "yes" if yes else "", before)


def _said(knowledge: Knowledge, meaning: Meaning, typed: Words, sign: str, before: bool = False) -> Found:
    """Return what a phrase says with its yes or no; `before` is whether the no stands before it."""
    if not meaning.nodes:
        return Found(reason=f"“{' '.join(typed)}”: {meaning.why}.")
    states: States = meaning.negated if sign == "no" else meaning.states
    label = " and ".join(knowledge.nodes[node].short_label for node in meaning.nodes[:2])
    if sign == "no" and not states:
        return Found(reason=f"Negated, it leaves “{label}” open; answer that question.")
    if meaning.result and not sign:
        return Found(reason="A test without its result; write “positive” or “negative” after it.")
    if not states:
        return Found(reason=f"{label}: for how long? Give a number with its unit.")
    bare = not sign and all(state == "present" for _, state in states)
    return Found(dict(states), bare=bare, negated_before=sign == "no" and before)


def _sentence(knowledge: Knowledge, node: str, error: EvidenceError) -> str:
    return str(error).replace(f"{node}: ", f"{knowledge.nodes[node].short_label}: ", 1)
