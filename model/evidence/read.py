"""Evidence: what a reader says about one patient, turned into states, likelihoods and guards.

>>> from model.knowledge import load_knowledge
>>> typed = {"fever": "Present", "rash": {"present": 0.8, "absent": 0.4}, "anc": "1.2 10^9/L"}
>>> read = read_evidence(load_knowledge(), typed)
>>> dict(read.hard), dict(read.soft), dict(read.guards)  # absent is state 0
({'fever': 1}, {'rash': (0.5, 1.0)}, {'anc': 1200.0})
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from model.errors import EvidenceError, ImpossibleEvidence, as_number, listed, nearest, shown
from model.evidence.course_evidence import is_course_entry, put_course, split_course
from model.evidence.course_rules import CourseReading
from model.evidence.medicine_evidence import Entered, is_medicine_entry, split_medicines
from model.evidence.medicine_rules import MedicineReading, judge
from model.evidence.renamed import PRESENT, todays_entry
from model.evidence.units import Measurement, lab_likelihood, lab_number, parse_quantity, units_of
from model.knowledge import Knowledge, Node, kept_with_knowledge

FLAT = 1e-12  # likelihoods (largest 1) closer to each other than this say nothing

_NUMBER_START = frozenset("0123456789.,<>+-≤≥\N{MINUS SIGN}")
_LARGEST = 1e300
_REFUSED = {
    "mechanism": "a mechanism is shown, never entered, because it follows from the causes",
    "selection": "the low count is always taken as seen",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known about one patient; immutable, so it may be shared and kept.

    hard     : node -> index of its state (contexts, causes and findings)
    soft     : node -> likelihood of each state, largest 1; never one-hot (that is hard), never flat (that says nothing)
    guards   : what only the scope guard reads: anc in /mm3, age in years, sex, chemotherapy, blasts
    readings : one sentence for every entry that was converted, or that leaves a state open
    given    : what the reader typed, by node, in the words of today; the state where a medicine decides
    notices  : one sentence for what may be meant otherwise: a word of an earlier version, a medicine not counted
    medicines: the medicines that were named, or stand in the course, each with how it is read
    course   : the course over time and what follows from it, None without one
    """

    hard: Mapping[str, int]
    soft: Mapping[str, tuple[float, ...]]
    guards: Mapping[str, str | float]
    readings: tuple[str, ...]
    given: Mapping[str, object]
    notices: tuple[str, ...] = ()
    medicines: tuple[MedicineReading, ...] = ()
    course: CourseReading | None = None

    @property
    def key(self) -> Hashable:
        """A hashable value: two pieces of evidence with the same key have the same posterior and the same scope."""
        return frozenset(self.hard.items()), frozenset(self.soft.items()), frozenset(self.guards.items())

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words that may be given: node -> state -> index, the guards apart; and the nodes that are no evidence.

    other_words : node -> other way to write a state -> the state
    measured    : context -> the guard from whose number it follows (``parents_or_causes`` of the guard)
    """

    states: Mapping[str, Mapping[str, int]]
    other_words: Mapping[str, Mapping[str, str]]
    guards: Mapping[str, Mapping[str, str]]
    refused: Mapping[str, str]
    measured: Mapping[str, str]


def read_evidence(knowledge: Knowledge, mapping: Mapping[str, object]) -> Evidence:
    """Read ``{node: state | "number unit" | number | {state: likelihood}}``; guards stand in the same mapping.

    Medicines by name stand under ``medicines``, or in place of a state (``model.evidence.medicine_evidence``). Counts,
    medicines and fever with their dates stand under ``course`` (``model.evidence.course``).
    A missing key, or None, means not assessed. Capitals and outer spaces do not matter; a state name wins over a
    number. A state left out of a likelihood counts as 0; one state left over is that state, a flat likelihood says
    nothing. ``present`` of a cause or context that can be there in several ways leaves open in which. Words of earlier
    versions are read too (``renamed_states.csv``), and said.

    raises : EvidenceError for an unknown node or state, a mechanism, a number that cannot be read, a node given twice;
             ImpossibleEvidence for a likelihood that is 0 for every state. Guards that cannot be read are all named.
    """
    if not isinstance(mapping, Mapping):
        if callable(getattr(mapping, "items", None)):  # a row of a pandas table
            got = type(mapping).__name__
            raise EvidenceError(f"Evidence: expected a mapping of nodes to states, got {got}; give its .to_dict().")
        raise EvidenceError(f"Evidence: expected a mapping of nodes to states, got {shown(mapping)}.")
    vocabulary = _vocabulary(knowledge)
    states, hard, rest = vocabulary.states, {}, []
    for node_id, value in mapping.items():  # plain states, spelled as in nodes.csv, need no more than two look-ups
        index = states[node_id].get(value) if isinstance(value, str) and node_id in states else None
        if index is None:
            rest.append((node_id, value))
        else:
            hard[node_id] = index
    if not rest:
        empty = MappingProxyType({})
        return Evidence(MappingProxyType(hard), empty, empty, (), MappingProxyType(dict(mapping)))
    if any(is_course_entry(knowledge, entry[0]) or is_medicine_entry(knowledge, *entry) for entry in rest):
        return _read_named(knowledge, mapping)
    return _read_rest(knowledge, vocabulary, hard, rest, mapping)


def _read_named(knowledge: Knowledge, mapping: Mapping[str, Any]) -> Evidence:
    """Read the other entries, and put what the course and the named medicines say onto their nodes."""
    others, course = split_course(knowledge, mapping)
    split = split_medicines(knowledge, others)
    read = read_evidence(knowledge, split.others)
    onto = Entered(dict(read.hard), dict(read.soft), dict(read.guards), dict(read.given))
    followed, differs = put_course(knowledge, onto, course) if course else ((), ())
    judged = judge(knowledge, (*split.named, *(course.medicines if course else ())))
    told = (f"{each.sentence}." for each in judged.readings if each.notice)
    notices = (*read.notices, *differs, *told, *onto.put(knowledge, judged))
    hard, soft, guards, given = map(MappingProxyType, (onto.hard, onto.soft, onto.guards, onto.given))
    readings = (*read.readings, *followed, *(each.sentence for each in judged.readings))
    return Evidence(hard, soft, guards, readings, given, notices, judged.readings, course)  # type: ignore[arg-type]


def is_guard(knowledge: Knowledge, key: object) -> bool:
    """Say whether a key names a guard; a name that no node has and that resembles a guard's is taken for it."""
    vocabulary, node_id = _vocabulary(knowledge), _folded(key)
    unknown = node_id not in vocabulary.states and node_id not in vocabulary.refused
    return (
        node_id in vocabulary.guards
        or node_id in vocabulary.measured
        or (unknown and bool(nearest(node_id, vocabulary.guards)))
    )


def _folded(key: object) -> str:
    return key.strip().casefold() if isinstance(key, str) else ""


def _read_rest(
    knowledge: Knowledge,
    vocabulary: _Vocabulary,
    hard: dict[str, int],
    rest: list[tuple[str, object]],
    mapping: Mapping[str, object],
) -> Evidence:
    """Read the entries that are not plain states, and add them to `hard`."""
    soft: dict[str, tuple[float, ...]] = {}
    guards: dict[str, str | float] = {}
    readings: list[str] = []
    notices: list[str] = []
    names: dict[object, str] = {node_id: node_id for node_id in hard}  # key as typed -> node
    entries: list[tuple[Node, object]] = []
    for key, typed in rest:
        today = todays_entry(knowledge, key, typed)
        node, value = _node(knowledge, vocabulary, today.node), today.value
        if value is None:
            continue
        if node.id in names.values():
            raise EvidenceError(f"Evidence: expected each node once, got {node.id!r} twice.")
        names[key] = node.id
        notices += today.notices
        if node.id in vocabulary.measured and not _in_words(vocabulary, node, value):
            node = knowledge.nodes[vocabulary.measured[node.id]]  # a number: the guard has to see it too
            if node.id in names.values():
                raise EvidenceError(f"Evidence: expected each node once, got {node.id!r} twice.")
            names[key] = node.id
        entries.append((node, vocabulary.other_words.get(node.id, {}).get(_folded(value), value)))
    wrong: list[str] = []
    for node, value in entries:
        if node.role == "guard":
            try:
                guards[node.id], sentence = _read_guard(knowledge, vocabulary.guards[node.id], node, value)
            except EvidenceError as error:
                wrong.append(str(error))
                continue
            readings += [sentence] if sentence else []
    if wrong:  # each keeps the patient from an answer, so all are said at once
        raise EvidenceError(" ".join(wrong))
    sex = guards.get("sex") or _sex_entered(vocabulary, hard, entries)
    for node, value in entries:
        if node.role == "guard":
            continue
        likelihood, sentence = _read_value(knowledge, vocabulary.states[node.id], node, value, sex)
        if max(likelihood) - min(likelihood) <= FLAT:
            sentence = f"{sentence or node.label}: every state is equally likely, so this says nothing"
        elif likelihood.count(0.0) == len(likelihood) - 1:
            hard[node.id] = likelihood.index(1.0)
        else:
            soft[node.id] = likelihood
        readings += [sentence] if sentence else []
    bands = _bands(knowledge, vocabulary, guards, hard, soft)
    hard |= bands
    in_words = {node.id: value for node, value in entries}
    typed_by = {names[key]: value for key, value in mapping.items() if value is not None} | in_words
    typed_by |= {band: knowledge.nodes[band].states[index] for band, index in bands.items() if band not in typed_by}
    given = {node_id: dict(value) if isinstance(value, Mapping) else value for node_id, value in typed_by.items()}
    mappings = (MappingProxyType(hard), MappingProxyType(soft), MappingProxyType(guards))
    return Evidence(*mappings, tuple(readings), MappingProxyType(given), tuple(notices))


def bands_of_guards(knowledge: Knowledge) -> Mapping[str, str]:
    """Return guard -> the context that follows from its number, as the age band does from the age."""
    return {guard: band for band, guard in _vocabulary(knowledge).measured.items()}


def _in_words(vocabulary: _Vocabulary, node: Node, value: object) -> bool:
    """Say whether a value is a state or a likelihood, or anything else that no number can be."""
    return isinstance(value, Mapping) or _folded(value) in vocabulary.states[node.id]


def _bands(
    knowledge: Knowledge,
    vocabulary: _Vocabulary,
    guards: Mapping[str, str | float],
    hard: Mapping[str, int],
    soft: dict[str, tuple[float, ...]],
) -> dict[str, int]:
    """Return the states that follow from the numbers of guards; each takes the place of a likelihood it agrees with.

    raises : EvidenceError where another state was entered beside the number.
    """
    found = {}
    for band, guard in vocabulary.measured.items():
        number = guards.get(guard)
        if not isinstance(number, float):
            continue
        unit = next(lab.unit for lab in knowledge.labs if lab.node == band)
        state = lab_likelihood(knowledge, Measurement(band, number, unit, number, unit)).state
        assert state is not None  # a band has hard limits
        if hard.get(band, state) != state or (band in soft and not soft[band][state]):
            states = knowledge.nodes[band].states
            raise EvidenceError(
                f"{band}: expected {states[state]!r}, for {guard} is {lab_number(number)}, got another; take one back."
            )
        soft.pop(band, None)
        found[band] = state
    return found


def _sex_entered(vocabulary: _Vocabulary, hard: Mapping[str, int], entries: list[tuple[Node, object]]) -> str | None:
    """Return the sex where it is a context, for the limits of laboratory values that depend on it."""
    states = vocabulary.states.get("sex", {})
    value = next((value for node, value in entries if node.id == "sex"), None)
    return next((s for s, index in states.items() if s == _folded(value) or hard.get("sex") == index), None)


def _node(knowledge: Knowledge, vocabulary: _Vocabulary, key: object) -> Node:
    """Return the node a key names; only contexts, causes, findings and guards may be given."""
    node_id = _folded(key)
    if node_id in vocabulary.refused:
        raise EvidenceError(f"{node_id}: expected a cause, context, finding or guard; {vocabulary.refused[node_id]}.")
    if node_id not in vocabulary.states and node_id not in vocabulary.guards:
        hint = nearest(node_id, [*vocabulary.states, *vocabulary.guards]) or "; it is no question of this model."
        raise EvidenceError(f"Evidence: node {shown(key)} is unknown{hint}")
    return knowledge.nodes[node_id]


def _read_value(
    knowledge: Knowledge, states: Mapping[str, int], node: Node, value: object, sex: object
) -> tuple[tuple[float, ...], str]:
    """Return the likelihood of each state, largest 1 (one-hot for a state), and a sentence if a number was read."""
    if isinstance(value, Mapping):
        return _read_likelihood(states, node, value), ""
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word == PRESENT and node.kinds:
        left_open = f"{node.label}: present, as {listed(node.kinds)}; which of them is left open"
        return tuple(float(state in node.kinds) for state in states), left_open
    if word in states:
        return tuple(float(index == states[word]) for index in range(len(states))), ""
    if units_of(knowledge, node.id) and (as_number(value) is not None or word[:1] in _NUMBER_START):
        measurement = parse_quantity(knowledge, node.id, value)  # type: ignore[arg-type]
        reading = lab_likelihood(knowledge, measurement, sex if isinstance(sex, str) else None)
        return reading.likelihood, reading.sentence
    raise _unknown_state(knowledge, node, states, value)


def _read_guard(knowledge: Knowledge, words: Mapping[str, str], node: Node, value: object) -> tuple[str | float, str]:
    """Return a guard in its canonical unit, or its state, and a sentence if a number was converted."""
    if not words:
        measurement = parse_quantity(knowledge, node.id, value)  # type: ignore[arg-type]
        converted = measurement.unit != measurement.canonical_unit
        canonical = f"{measurement.bound} {lab_number(measurement.canonical)} {measurement.canonical_unit}".strip()
        return measurement.canonical, f"{node.label} {measurement} = {canonical}" if converted else ""
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word not in words:
        raise _unknown_state(knowledge, node, node.states, value)
    return words[word], ""


def _read_likelihood(states: Mapping[str, int], node: Node, value: Mapping[object, object]) -> tuple[float, ...]:
    """Return ``{state: likelihood}`` in the order of the states, scaled to largest 1."""
    weights: dict[int, float] = {}
    any_kind: float | None = None  # of ``present``: it holds for each kind that is not named itself
    for name, number in value.items():
        index = states.get(_folded(name))
        open_kind = bool(node.kinds) and _folded(name) == PRESENT
        if index is None and not open_kind:
            hint = nearest(str(name), states) or "."
            raise EvidenceError(f"{node.id}: state {shown(name)} is unknown; allowed is {_allowed(node, states)}{hint}")
        weight = as_number(number)
        if weight is None or not 0 <= weight <= _LARGEST:
            raise EvidenceError(
                f"{node.id}: expected a likelihood of 0 or more for {shown(name)}, got {shown(number)}; "
                "leave the key out if not assessed."
            )
        if index is None and any_kind is None:
            any_kind = weight
            continue
        if index is None or index in weights:
            raise EvidenceError(f"{node.id}: expected each state once, got {shown(name)} twice.")
        weights[index] = weight
    if any_kind is not None:
        weights = dict.fromkeys(map(states.__getitem__, node.kinds), any_kind) | weights
    largest = max(weights.values(), default=0.0)
    if not largest:
        raise ImpossibleEvidence(
            f"{node.id}: expected a likelihood above 0 for one state or more, got {shown(dict(value))}.", (node.id,)
        )
    return tuple(weights.get(index, 0.0) / largest for index in range(len(states)))


def _unknown_state(knowledge: Knowledge, node: Node, states: Collection[str], value: object) -> EvidenceError:
    units = units_of(knowledge, node.id)
    allowed = _allowed(node, states) + (f", or a number in {listed(units)}" if units else "")
    if isinstance(value, str) and value.strip():
        hint = nearest(value.strip().casefold(), states) or "."
        return EvidenceError(f"{node.id}: state {shown(value)} is unknown; allowed is {allowed}{hint}")
    return EvidenceError(f"{node.id}: expected {allowed}, got {shown(value)}; leave the key out if not assessed.")


def _allowed(node: Node, states: Collection[str]) -> str:
    return listed((*states, PRESENT)) if node.kinds else listed(states)


@kept_with_knowledge
def _vocabulary(knowledge: Knowledge) -> _Vocabulary:
    """Return the words that may be given."""
    entered, guards = knowledge.role("cause", "context", "finding"), knowledge.role("guard")
    return _Vocabulary(
        states={node.id: {state: index for index, state in enumerate(node.states)} for node in entered},
        other_words={node.id: _guard_words(node) for node in entered if node.id == "sex"},
        guards={node.id: _guard_words(node) for node in guards},
        measured={band: node.id for node in guards for band in node.parents_or_causes},
        refused={node.id: _REFUSED[node.role] for node in knowledge.role(*_REFUSED)},
    )


def _guard_words(node: Node) -> dict[str, str]:
    words = {state: state for state in node.states}
    if node.id == "sex":
        words |= {state[0]: state for state in node.states}  # f, m
    return words
