"""One resource of a FHIR Bundle: read as a result or a state, not ours, or not understood, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from model.errors import shown
from model.evidence.fhir_bundle import Bundle, Resource, date_of_resource, day_of, referred
from model.evidence.fhir_codes import (
    AMOUNT,
    ASKED,
    COURSE,
    FACT,
    KNOWN,
    LOINC,
    MEDICINE,
    NUMBER,
    WHEN_NEW,
    Concept,
    concept_of,
    guards_in,
    looks_like_result,
    of_count,
    only_medicine,
    rows_within,
    word_row,
)
from model.evidence.fhir_value import listed_items, positives, typed_number
from model.evidence.lab_dates import LabDate
from model.evidence.lab_line import NOT_OURS, NOT_UNDERSTOOD, LabEntry, LabLeftOut, printable, read_line
from model.evidence.lab_spellings import COUNT, fold_name, spellings
from model.knowledge import Knowledge
from model.knowledge.rows import FhirCode

ENTRY = "entry"
_DONE = ("final", "amended", "corrected", "preliminary")  # states of an Observation with a result
_NO_RESULT = {"entered-in-error": "entered in error", "cancelled": "cancelled", "registered": "without a result yet"}
_NOW, _PAST = ("active", "recurrence", "relapse"), ("inactive", "remission", "resolved")
_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")


@dataclass(frozen=True, slots=True)
class StateEntry:
    """A state that a resource says of a node. test : what it was found by, so that several tests can say one state

    Its other fields are those of ``LabEntry``.
    """

    line: int
    text: str
    quantity: str
    node: str
    value: str
    test: str
    date: LabDate | None = None

    @property
    def place(self) -> str:
        """Where it stands, and its date where it has one."""
        return f"{ENTRY} {self.line}, {self.date}" if self.date else f"{ENTRY} {self.line}"

    def __str__(self) -> str:
        return f"{self.quantity}: {self.value}"


@dataclass(frozen=True, slots=True)
class UnreadGuard:
    """A resource that speaks of a guard and cannot be read; nothing is answered until that is settled."""

    node: str
    line: int
    reason: str
    date: LabDate | None


@dataclass(slots=True)
class Found:
    """What resources gave, in order."""

    results: list[LabEntry] = field(default_factory=list)
    states: list[StateEntry] = field(default_factory=list)
    left_out: list[LabLeftOut] = field(default_factory=list)
    guards: list[UnreadGuard] = field(default_factory=list)


class ResourceReader:
    """Reads the resources of one Bundle into `found`."""

    def __init__(self, knowledge: Knowledge, bundle: Bundle):
        self.knowledge, self.bundle, self.found = knowledge, bundle, Found()

    def take(self, resource: Resource) -> None:
        """Read one resource."""
        kind = resource.kind
        if kind == "Observation":
            self._observation(resource)
        elif kind in ("Condition", "Procedure"):
            self._fact(resource)
        elif kind in ("MedicationStatement", "MedicationRequest"):
            self._medicine(resource)
        elif kind not in ("Patient", "Medication"):
            self._other(resource)

    def _leave(self, resource: Resource, text: str, reason: str, status: str = NOT_UNDERSTOOD) -> None:
        left = LabLeftOut(resource.number, f"{resource.kind}: {text}"[:200], reason, status, ENTRY)
        self.found.left_out.append(left)

    def _ask(self, resource: Resource, concept: Concept, reason: str, rows: tuple[FhirCode, ...] = ()) -> None:
        """Leave a resource that is not understood, and keep every guard it speaks of from being passed over."""
        self._leave(resource, concept.text, reason)
        asked = dict(guards_in(self.knowledge, concept))
        if any(of_count(row) for row in (*rows, *concept.rows)):
            asked.setdefault(COUNT, "")
        date = date_of_resource(resource)
        for node, why in asked.items():
            said = f"{concept.text}: {why or reason}"
            self.found.guards.append(UnreadGuard(node, resource.number, said, date))

    def _other(self, resource: Resource) -> None:
        """Leave a resource of a kind that is not read; one that speaks of a guard is asked about."""
        given = resource.content
        if given.get("status") in ("entered-in-error", "not-done"):
            return self._leave(resource, "", f"The {resource.kind} is {given['status']}.", NOT_OURS)
        codes = [given.get(name) for name in ("code", "medicationCodeableConcept", "vaccineCode")]
        concept = concept_of(self.knowledge, next((code for code in codes if code), None))
        if resource.kind == "MedicationAdministration" and guards_in(self.knowledge, concept):
            return self._ask(resource, concept, "It is not read; say yourself what it means for today.")
        self._leave(resource, concept.text if codes else "", f"A {resource.kind} is not read.", NOT_OURS)
        return None

    def _observation(self, resource: Resource) -> None:
        given = resource.content
        concept = concept_of(self.knowledge, given.get("code"))
        status = given.get("status")
        if isinstance(status, str) and status in _NO_RESULT:
            self._leave(resource, concept.text, f"The result is {_NO_RESULT[status]}; it was not read.")
            return
        if status not in _DONE:
            self._ask(resource, concept, f"Its status is {shown(status)}, so it is not certain that it holds.")
            return
        components = given.get("component")
        components = [each for each in components if isinstance(each, Mapping)] if isinstance(components, list) else []
        has_value = any(name.startswith("value") for name in given) or "dataAbsentReason" in given
        if has_value or not (components or given.get("hasMember")):
            self._result(resource, concept, given)
        elif not components:
            self._leave(resource, concept.text, "A panel; its results stand by themselves.", NOT_OURS)
        for component in components:
            self._result(resource, concept_of(self.knowledge, component.get("code")), component)

    def _result(self, resource: Resource, concept: Concept, given: Mapping[str, Any]) -> None:
        """Read one result, of an Observation or a component of it."""
        rows = {row.kind: row for row in concept.rows if row.system == LOINC}
        if len({(row.kind, row.node, row.quantity) for row in rows.values()}) > 1 or concept.clash:
            self._ask(resource, concept, concept.clash or "Its codes stand for different things.")
            return
        row = next(iter(rows.values()), None)
        if row is None:
            self._unknown_result(resource, concept, given)
        elif row.kind == KNOWN:
            self._leave(resource, concept.text, f"{row.note}.", NOT_OURS)
        elif row.kind == NUMBER:
            self._number(resource, concept, given, row.quantity, (row,))
        elif row.kind == AMOUNT:
            self._amount(resource, concept, given, row)
        else:
            self._presence(resource, concept, given, row)

    def _unknown_result(self, resource: Resource, concept: Concept, given: Mapping[str, Any]) -> None:
        """Read a result without a code of the table by its name, where a laboratory name is the whole of it."""
        names = spellings(self.knowledge).names
        found = next((rows for text in concept.texts if (rows := names.get(fold_name(text)))), ())
        elsewhere = any(name in resource.content for name in ("specimen", "bodySite")) and LOINC not in concept.systems
        if found and not elsewhere:
            name = next(text for text in concept.texts if names.get(fold_name(text)))
            self._number(resource, concept, given, name, ())
        elif guards_in(self.knowledge, concept):
            self._ask(
                resource, concept, "Its code is not known, and its name looks like one of ours; enter it yourself."
            )
        elif found or looks_like_result(self.knowledge, concept):
            why = "Its code is not known, and its name looks like one of ours; enter it yourself if it is."
            self._leave(resource, concept.text, why)
        elif concept.systems or concept.texts:
            self._leave(resource, concept.text, "No entry of this model.", NOT_OURS)
        else:
            self._leave(resource, concept.text, "It does not say what was observed.")

    def _number(
        self, resource: Resource, concept: Concept, given: Mapping[str, Any], name: str, rows: tuple[FhirCode, ...]
    ) -> None:
        """Read a number as the laboratory text does, by its name, in its unit."""
        units = spellings(self.knowledge).units
        known = {unit for each in units.values() for unit in each}
        typed = typed_number(given, known)
        if not isinstance(typed, tuple):
            self._ask(resource, concept, typed, rows)
            return
        entries, left = read_line(self.knowledge, resource.number, f"{name} {typed[0]} {typed[1]}")
        if left or len(entries) != 1:
            ours = not left or left[0].status == NOT_UNDERSTOOD
            reason = left[0].reason if left else "The number is not understood."
            if ours:
                self._ask(resource, concept, reason, rows)
            else:
                self._leave(resource, concept.text, reason, NOT_OURS)
            return
        date = date_of_resource(resource)
        text = printable(f"{concept.text} {typed[0]} {typed[1]}")
        self.found.results.append(replace(entries[0], text=text, date=date, at=ENTRY))

    def _amount(self, resource: Resource, concept: Concept, given: Mapping[str, Any], row: FhirCode) -> None:
        quantity = given.get("valueQuantity")
        value = quantity.get("value") if isinstance(quantity, Mapping) else given.get("valueInteger")
        plain = isinstance(value, int | Decimal) and not isinstance(value, bool) and value >= 0
        if not plain or (isinstance(quantity, Mapping) and quantity.get("comparator")):
            self._ask(resource, concept, "Expected a number of 0 or more; enter it yourself.")
            return
        assert isinstance(value, int | Decimal)
        self._state(resource, f"{concept.text} {value}", row, row.state if value > 0 else row.negative)

    def _presence(self, resource: Resource, concept: Concept, given: Mapping[str, Any], row: FhirCode) -> None:
        said = set(positives(self.knowledge, given))
        state = (row.state if True in said else row.negative) if len(said) == 1 else ""
        if not state:
            note = f" {row.note}." if row.note else ""
            self._ask(resource, concept, f"Expected a result that says positive or negative.{note}")
            return
        self._state(resource, concept.text, row, state)

    def _state(self, resource: Resource, text: str, row: FhirCode, state: str) -> None:
        node = self.knowledge.nodes[row.node]
        test = (row.label or row.code) if row.kind == MEDICINE else row.quantity or row.node
        self.found.states.append(
            StateEntry(resource.number, text, node.short_label, row.node, state, test, date_of_resource(resource))
        )

    def _fact(self, resource: Resource) -> None:
        """Read a diagnosis that holds today, or a procedure that was done."""
        given = resource.content
        concept = concept_of(self.knowledge, given.get("code"))
        verified = _code_of(given.get("verificationStatus"))
        if "entered-in-error" in (verified, given.get("status")) or given.get("status") == "not-done":
            self._leave(resource, concept.text, "It was entered in error or not done; it was not read.")
            return
        rows = {(row.node, row.state): row for row in concept.rows if row.kind in (FACT, ASKED)}
        row = next(iter(rows.values())) if len(rows) == 1 else None
        if row is None and not rows and not concept.systems:
            row = next((row for words in concept.words if (row := word_row(self.knowledge, words, FACT))), None)
        if concept.clash or len(rows) > 1:
            self._ask(
                resource, concept, f"{concept.clash or 'Its codes stand for different things'}; enter it yourself."
            )
        elif row is None or row.kind == ASKED:
            self._no_fact(resource, concept, row)
        elif resource.kind == "Procedure":
            done = given.get("status") == "completed"
            if done:
                self._state(resource, concept.text, row, row.state)
            else:
                self._ask(
                    resource, concept, f"Its status is {shown(given.get('status'))}; enter it yourself if it holds."
                )
        else:
            self._condition(resource, concept, row, verified)

    def _condition(self, resource: Resource, concept: Concept, row: FhirCode, verified: str) -> None:
        given, clinical = resource.content, _code_of(resource.content.get("clinicalStatus"))
        if verified == "refuted" and row.negative:
            self._state(resource, f"{concept.text}, refuted", row, row.negative)
        elif verified not in ("", "confirmed"):
            self._ask(resource, concept, f"It is {verified}, not confirmed; enter it yourself if it holds.")
        elif clinical in _PAST or any(name.startswith("abatement") for name in given):
            self._ask(resource, concept, "It is over (resolved or in remission); enter it yourself if it counts.")
        elif clinical not in _NOW:
            self._ask(resource, concept, "It does not say whether it holds today; enter it yourself if it does.")
        else:
            self._state(resource, concept.text, row, row.state)

    def _no_fact(self, resource: Resource, concept: Concept, row: FhirCode | None) -> None:
        near = [each for words in concept.words for each in rows_within(self.knowledge, words, FACT)]
        if (row and row.kind == ASKED) or guards_in(self.knowledge, concept):
            self._ask(resource, concept, f"{row.note if row else 'It speaks of something that is asked'}.")
        elif near:
            label = self.knowledge.nodes[near[0].node].short_label
            self._leave(resource, concept.text, f"It looks like {label!r}; enter it yourself if it is.")
        elif concept.systems or concept.texts:
            self._leave(resource, concept.text, "No entry of this model.", NOT_OURS)
        else:
            self._leave(resource, concept.text, "It has no code and no text.")

    def _medicine(self, resource: Resource) -> None:
        given = resource.content
        concept = self._medication(resource)
        if given.get("status") == "entered-in-error":
            self._leave(resource, concept.text, "It was entered in error; it was not read.")
            return
        rows = [row for row in concept.rows if row.kind in (MEDICINE, COURSE, ASKED)]
        coded = "rxnorm" in concept.systems or bool(rows)
        for words in concept.words:
            if not rows and (coded or only_medicine(self.knowledge, words)):
                rows = list(rows_within(self.knowledge, words, MEDICINE, COURSE, ASKED))
        near = [row for words in concept.words for row in rows_within(self.knowledge, words, MEDICINE, COURSE, ASKED)]
        if any(row.kind == ASKED for row in (*rows, *near)):
            self._ask(resource, concept, "Say whether this is cancer chemotherapy now.")
        elif not rows:
            self._no_medicine(resource, concept, near)
        elif reason := _not_taken(resource):
            self._leave(resource, concept.text, reason)
        else:
            for row in {row.node: row for row in rows}.values():
                self._taken(resource, concept, row)

    def _taken(self, resource: Resource, concept: Concept, row: FhirCode) -> None:
        if row.kind == MEDICINE:
            self._state(resource, concept.text, row, row.state)
            return
        period = resource.content.get("effectivePeriod")
        first, last = (
            (day_of(period.get(name)) for name in ("start", "end")) if isinstance(period, Mapping) else (None,) * 2
        )
        days = (last - first).days + 1 if first and last else 0
        if days < 1:
            label = self.knowledge.nodes[row.node].short_label
            self._leave(resource, concept.text, f"{label}: it does not say from when to when; enter the days yourself.")
            return
        self._state(resource, concept.text, row, f"{days} days")

    def _no_medicine(self, resource: Resource, concept: Concept, near: list[FhirCode]) -> None:
        if near:
            label = self.knowledge.nodes[near[0].node].short_label
            why = f"The text says more than a medicine and its dose; enter {label!r} yourself if it is taken."
            self._leave(resource, concept.text, why)
        elif named := [row for words in concept.words for row in rows_within(self.knowledge, words, WHEN_NEW)]:
            self._leave(resource, concept.text, f"Name {named[0].label!r} among the medicines, with for how long it is "
                        "taken: it counts when it is new or suspected.")  # fmt: skip
        elif concept.texts:
            self._leave(resource, concept.text, "No medicine of this model.", NOT_OURS)
        else:
            self._leave(resource, concept.text, "It does not say which medicine it is.")

    def _medication(self, resource: Resource) -> Concept:
        given = resource.content
        if "medicationCodeableConcept" in given:
            return concept_of(self.knowledge, given["medicationCodeableConcept"])
        found = referred(self.bundle, resource, given.get("medicationReference"))
        if found is not None:
            return concept_of(self.knowledge, found.get("code"))
        display = given.get("medicationReference")
        text = display.get("display") if isinstance(display, Mapping) else None
        return concept_of(self.knowledge, {"text": text} if isinstance(text, str) else None)


def _not_taken(resource: Resource) -> str:
    """Return why a medicine is not taken now, as far as its status says; empty where it is."""
    given = resource.content
    if given.get("doNotPerform") is True:
        return "It says that the medicine is not to be given."
    if resource.kind == "MedicationRequest" and given.get("intent") not in _ORDERS:
        return f"Its intent is {shown(given.get('intent'))}, not an order; enter it yourself if it is taken."
    if given.get("status") != "active":
        return f"Its status is {shown(given.get('status'))}; enter it yourself if it is taken, or was until lately."
    return ""


def _code_of(concept: Any) -> str:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    codes = [coding.get("code") for coding in listed_items(codings) if isinstance(coding, Mapping)]
    return next((code for code in codes if isinstance(code, str)), "")
