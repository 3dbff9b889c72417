"""The questions of the case screen, and the way between their widgets and evidence. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from model.errors import ModelError
from model.evidence import bands_of_guards, parse_quantity, read_evidence, units_of
from model.evidence.cell import entered_value
from model.evidence.numerals import split_quantity
from model.evidence.units import unit_named
from model.knowledge import Knowledge, Node, kept_with_knowledge
from model.knowledge.rows import short_label
from model.wording import GROUPS, state_label
from views.wording import NOT_ASSESSED, holds, named, plain_number

UNASSESSED = ""
WHOLE = {"medicines": "No medicines", "symptoms": "Asymptomatic"}
REST = {"nutrition": "Rest: normal"}  # elsewhere "Rest: no"
OPEN = frozenset(("medicines", "symptoms", "blood_count"))  # what tells most; the other groups open when wanted
SETTLED = "settled"
OTHER_MEDICINES = "other_culprit_drug"
SEX = "sex"  # asked with the count and the age, before everything else
NEGATIVE = frozenset(("absent", "none", "normal", "negative"))  # first states that say no; an age or a sex does not


@dataclass(frozen=True)
class Question:
    """One node to ask about: states to choose from, and units where a number may be given instead."""

    id: str
    label: str
    states: tuple[str, ...]
    labels: Mapping[str, str]
    units: tuple[str, ...]
    quantity: str
    neutral: str
    help: str
    names: tuple[str, ...] = ()

    def found_by(self, words: str) -> bool:
        """Return whether its label, help or states hold every word, or one of its names has words that begin so.

        names : what laboratories, clinicians and prescriptions call it: ANC, Hb, MTX
        """
        typed, *named = (each.casefold().replace("-", " ").split() for each in (words, *self.names))
        return holds(self.text, words) or any(
            all(any(part.startswith(word) for part in name) for word in typed) for name in named
        )

    @property
    def text(self) -> str:
        """Everything a search looks through, in small letters."""
        return " ".join((self.label, self.quantity, self.help, *self.labels.values())).casefold()


@dataclass(frozen=True)
class Group:
    """A heading and its questions, in the order of ``nodes.csv``."""

    id: str
    title: str
    questions: tuple[Question, ...]

    def matching(self, words: str) -> Group:
        """Return the group with the questions that are found by these words."""
        return replace(self, questions=tuple(q for q in self.questions if q.found_by(words)))


@dataclass(frozen=True)
class Fill:
    """A button that answers several questions of a group at once; `help` says what it will enter.

    only_open : questions that are answered already stay as they are
    """

    id: str
    label: str
    help: str
    states: Mapping[str, str]
    only_open: bool


def fills_of(group: Group) -> tuple[Fill, ...]:
    """Return the buttons of a group: what the patient does not have, as one statement. The course has none."""
    if group.id == "course":
        return ()
    asked = [question for question in group.questions if question.states[0] in NEGATIVE]
    states = {question.id: question.states[0] for question in asked}
    listed = ", ".join(f"{short_label(q.label)}: {q.labels[q.states[0]].lower()}" for q in asked)
    rest = Fill(f"{group.id}_rest", REST.get(group.id, "Rest: no"), f"Enters, where open, {listed}.", states, True)
    if group.id not in WHOLE:
        return (rest,)
    return Fill(f"{group.id}_all", WHOLE[group.id], f"Enters {listed}. Replaces what is there.", states, False), rest


@dataclass(frozen=True)
class Entry:
    """What the widgets of one question hold. Typed text, where there is some, decides; the state is kept beside it.

    text : what stands in the number field, read or not;  unit : of the list beside it, for text without its own
    """

    state: str = UNASSESSED
    text: str = ""
    unit: str = ""

    @property
    def typed(self) -> bool:
        """Whether something stands in the number field, be it readable or not."""
        return bool(self.text.strip())

    @property
    def evidence(self) -> str | None:
        """The value as evidence, or None for *not assessed*. Text that cannot be read is evidence that is refused."""
        if not self.typed:
            return self.state or None
        text = self.text.strip()
        _, _, unit = split_quantity(text) or ("", "", "")
        return text if unit else f"{text} {self.unit}".strip()


@dataclass(frozen=True)
class Reading:
    """How a number was read: a sentence, and whether it could be used."""

    text: str
    usable: bool


class Questionnaire:
    """Every question of one Knowledge. Immutable once made, so sessions share it."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.bands = bands_of_guards(knowledge)
        first = {SEX, *self.bands.values()}
        asked = [node for node in knowledge.role("context", "finding") if node.id not in first]
        self.groups = tuple(
            Group(group, title, tuple(_question(knowledge, node) for node in asked if node.group == group))
            for group, title in GROUPS.items()
        )
        nodes = (*knowledge.role("guard"), *(knowledge.nodes[node] for node in first if node in knowledge.nodes))
        self.patient = {node.id: _question(knowledge, node, node.id not in self.bands.values()) for node in nodes}
        self.settled = Group(SETTLED, "Causes already settled", tuple(map(_cause, knowledge.role("cause"))))
        questions = [question for group in (*self.groups, self.settled) for question in group.questions]
        self.every: Mapping[str, Question] = {**self.patient, **{question.id: question for question in questions}}

    def entries_of(self, evidence: Mapping[str, Any]) -> tuple[dict[str, Entry], dict[str, Any]]:
        """Return the widgets' content, and what no widget can show: likelihoods, numbers that lack their unit."""
        entries: dict[str, Entry] = {}
        kept: dict[str, Any] = {}
        guard_of = {band: guard for guard, band in self.bands.items()}
        for node, value in evidence.items():
            if node in guard_of and guard_of[node] in evidence:
                if not self._agrees(guard_of[node], evidence):
                    kept[node] = value
                continue
            question = self.every.get(node)
            entry = self._entry(question, value) if question else None
            if entry is None and node in guard_of:  # a number stands for the guard as well
                node, entry = guard_of[node], self._entry(self.every[guard_of[node]], value)
            if entry is None:
                kept[node] = value
            else:
                entries[node] = entry
        return entries, kept

    def _agrees(self, guard: str, evidence: Mapping[str, Any]) -> bool:
        """Return whether a number says the same as the state beside it, which then need not be shown."""
        band = self.bands[guard]
        try:
            return bool(read_evidence(self.knowledge, {node: evidence[node] for node in (guard, band)}))
        except ModelError:
            return False

    def _entry(self, question: Question, value: Any) -> Entry | None:
        if isinstance(value, str) and value.strip().casefold() in question.states:
            return Entry(value.strip().casefold())
        if not question.units or isinstance(value, (bool, Mapping)):
            return None
        bound, digits, unit = (split_quantity(value) if isinstance(value, str) else None) or ("", "", "")
        if unit:  # a unit of the list is chosen there, any other stays in the field; so does what cannot be read
            offered = unit_named(self.knowledge, question.id, unit)
            text = f"{bound} {digits}".strip()
            return Entry(text=text, unit=offered) if offered in question.units else Entry(text=value.strip())
        if isinstance(value, str) and not digits:
            chosen = next((each for each in question.units if value.endswith(f" {each}")), None)
            return Entry(text=value.removesuffix(f" {chosen}"), unit=chosen) if chosen else None
        try:
            entered_value(self.knowledge, question.id, value)  # 1 may be a day or a yes: kept as it is
            measurement = parse_quantity(self.knowledge, question.id, value)
        except ModelError:
            return None
        if measurement.unit not in question.units:
            return None
        text = f"{bound} {digits}".strip() if digits else plain_number(measurement.value)
        return Entry(text=text, unit=measurement.unit)

    def reading_of(self, node: str, entry: Entry, sex: str) -> Reading | None:
        """Return how typed text reads in the model's states, or why it cannot be read; None for an empty field."""
        if not entry.typed:
            return None
        value = entry.evidence or ""
        try:
            read = read_evidence(self.knowledge, {node: value, **({"sex": sex} if sex else {})})
            as_typed = f"{self.every[node].quantity} {parse_quantity(self.knowledge, node, value)}"
        except ModelError as error:
            return Reading(named(self.knowledge.nodes[node], str(error)), False)
        band = self.bands.get(node, "")
        if band in read.hard:
            question = self.every[band]
            as_typed += f", {question.labels[question.states[read.hard[band]]].lower()}"
        return Reading("; ".join(read.readings) or as_typed, True)


def _question(knowledge: Knowledge, node: Node, numbers: bool = True) -> Question:
    units = (node.unit or units_of(knowledge, node.id)) if numbers else ()
    labels = {state: state_label(node, state) for state in node.states}
    quantity = next((lab.quantity for lab in knowledge.labs if lab.node == node.id), "")
    names = _names(knowledge).get(node.id, ())
    return Question(node.id, node.label, node.states, labels, units, quantity, NOT_ASSESSED, node.question, names)


@kept_with_knowledge
def _names(knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    """Return node -> the names of it in the tables: of laboratories, of the typed line, and of its medicines.

    A medicine that is left out of the questions on purpose is found where others stand.
    """
    found: dict[str, list[str]] = {}
    for row in knowledge.lab_names:
        found.setdefault(row.node, []).append(row.spelling)
    for phrase in knowledge.typed_phrases:
        for node in phrase.node:
            found.setdefault(node, []).append(phrase.phrase)
    for medicine in knowledge.medicines:
        found.setdefault(medicine.node or OTHER_MEDICINES, []).extend(medicine.spellings)
    return {node: tuple(names) for node, names in found.items()}


def _cause(node: Node) -> Question:
    acting = {state: "Established" if len(node.states) == 2 else state_label(node, state) for state in node.states[1:]}
    help_text = "Use only when this cause is ruled out or established by other means; otherwise leave it open."
    label = node.short_label
    return Question(node.id, label, node.states, {"absent": "Ruled out", **acting}, (), "", "Open", help_text)


def evidence_of(entries: Mapping[str, Entry], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evidence of all widgets, and of `kept`, what a file held that no widget can show."""
    entered = {node: entry.evidence for node, entry in entries.items() if entry.evidence is not None}
    return {**{node: value for node, value in kept.items() if node not in entered}, **entered}
