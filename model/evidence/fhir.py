"""A FHIR R4 Bundle as evidence: what was read of each resource, what is not ours, what was not understood and why.

Nothing fails open. A guard (count, age, sex, chemotherapy, blasts) that stands in the Bundle and cannot be read is kept
as an entry that no answer gets past, until somebody corrects or removes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from model.errors import EvidenceError, shown
from model.evidence.case import Case, entered_case
from model.evidence.course import COURSE, MOST_LINES
from model.evidence.course_text import counts_of
from model.evidence.fhir_bundle import Bundle, day_of, fhir_date, looks_like_bundle, read_bundle_json
from model.evidence.fhir_resource import ENTRY, ResourceReader, StateEntry, UnreadGuard
from model.evidence.lab_agreement import LabConflict, agreed_results
from model.evidence.lab_dates import LabDate, newer
from model.evidence.lab_line import NOT_OURS, LabEntry, LabLeftOut
from model.evidence.lab_neutrophils import SOURCES
from model.evidence.lab_spellings import COUNT
from model.evidence.units import parse_quantity
from model.knowledge import Knowledge

__all__ = ["BundleRead", "StateConflict", "bundle_case", "looks_like_bundle", "read_bundle"]

_SEX = {"female": "female", "male": "male", "F": "female", "M": "male"}
_AT_BIRTH = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"


@dataclass(frozen=True, slots=True)
class StateConflict:
    """One node with different states, none of which is certainly the newest: none of them is used."""

    entries: tuple[StateEntry, ...]

    @property
    def sentence(self) -> str:
        """The conflict in words."""
        each = " and ".join(f"{one.value} ({one.place})" for one in self.entries)
        return (
            f"{self.entries[0].quantity} stands here with different answers, {each}; none was used. Enter it yourself."
        )


@dataclass(frozen=True, slots=True)
class BundleRead:
    """What a Bundle gave.

    entries   : results and states to enter, one a node;  conflicts : quantities and nodes with several, not used
    left_out  : resources that were not read, each ``not ours`` or ``not understood``
    guards    : guards that cannot be read, and why; no answer is given until they are settled
    sentences : what a reader should know besides;  resources : how many there are
    course    : neutrophil counts of several days, as lines of a course over time
    """

    entries: tuple[LabEntry | StateEntry, ...]
    left_out: tuple[LabLeftOut, ...]
    conflicts: tuple[LabConflict | StateConflict, ...]
    guards: Mapping[str, str]
    sentences: tuple[str, ...]
    resources: int
    course: tuple[str, ...] = ()

    @property
    def evidence(self) -> Mapping[str, Any]:
        """Node -> state, or number with its unit; a guard that cannot be read with the reason, which nothing takes.

        Counts of several days stand under ``course`` as well.
        """
        entered: dict[str, Any] = {**{entry.node: entry.value for entry in self.entries}, **self.guards}
        return {**entered, COURSE: list(self.course)} if self.course else entered

    @property
    def not_understood(self) -> tuple[LabLeftOut, ...]:
        """Resources that were not understood."""
        return tuple(left for left in self.left_out if left.status != NOT_OURS)

    @property
    def summary(self) -> str:
        """How much of the Bundle was read, to stand above everything else."""
        lost, total = len(self.not_understood), f"{self.resources} resource{'s' * (self.resources != 1)}"
        said = (
            f"{lost} of {total} {'was' if lost == 1 else 'were'} not understood."
            if lost
            else f"Of {total}, every one was understood."
        )
        if self.conflicts:
            said += f" To be decided by you: {', '.join(each.entries[0].quantity for each in self.conflicts)}."
        if self.guards:
            said += f" No answer until you settle: {', '.join(self.guards)}."
        return said

    @property
    def told(self) -> tuple[str, ...]:
        """Everything that has no part in an answer, in sentences; what is no entry of this model only counted."""
        lost = [
            f"{left.place[:1].upper()}{left.place[1:]}, “{left.text}”: {left.reason}" for left in self.not_understood
        ]
        other = Counter(left.text.partition(":")[0] for left in self.left_out if left.status == NOT_OURS)
        counts = ", ".join(f"{count} {kind}" for kind, count in other.most_common())
        rest = (f"No entries of this model: {counts}.",) if counts else ()
        return (*(each.sentence for each in self.conflicts), *lost, *rest)


def read_bundle(knowledge: Knowledge, content: bytes) -> BundleRead:
    """Read a Bundle of one patient: Observation, Condition, Procedure, MedicationStatement, MedicationRequest, Patient.

    content : JSON in UTF-8, at most 20 MB. Codes are those of ``fhir_codes.csv``; a number is read in its unit as in
              laboratory text, and reference ranges are not. Of several dates the newest counts, and that is said.
    raises  : CaseFileError when it is no Bundle, of several patients, or holds requests to delete.
    """
    bundle = read_bundle_json(content)
    reader = ResourceReader(knowledge, bundle)
    for resource in bundle.resources:
        reader.take(resource)
    found = reader.found
    timed = {entry.date.timed for entry in (*found.results, *found.states) if entry.date}
    results = (
        [replace(entry, date=_day_only(entry.date)) for entry in found.results] if len(timed) > 1 else found.results
    )
    states = [replace(entry, date=_day_only(entry.date)) for entry in found.states] if len(timed) > 1 else found.states
    agreed = agreed_results(knowledge, results, found.left_out)
    sentences = [*bundle.sentences, *agreed.sentences]
    conflicts: list[LabConflict | StateConflict] = list(agreed.conflicts)
    entries: list[LabEntry | StateEntry] = list(agreed.entries)
    for same in _by_node(states).values():
        one = _one_state(knowledge, same, sentences)
        if one is None:
            conflicts.append(StateConflict(tuple(same)))
        else:
            entries.append(one)
    entries.sort(key=lambda entry: entry.line)
    guards = _guards(knowledge, entries, conflicts, found.guards)
    about, said = _about_patient(knowledge, bundle, entries, guards)
    course = _course(knowledge, found.results, guards)
    if course:
        said.append(f"Its {len(course)} neutrophil counts with dates were put into the course over time.")
    return BundleRead(
        (*about, *(entry for entry in entries if entry.node not in guards)), agreed.left_out, tuple(conflicts), guards,
        (*sentences, *said), len(bundle.resources), course,
    )  # fmt: skip


def bundle_case(knowledge: Knowledge, setting: str, content: bytes) -> tuple[Case, tuple[str, ...], BundleRead]:
    """Return a Bundle as a case, with one sentence for each thing to know, and what was read of it."""
    read = read_bundle(knowledge, content)
    case, unread = entered_case(knowledge, setting, read.evidence, dropped=read.told)
    entered = [f"Read: {entry} ({entry.place})." for entry in read.entries]
    return case, (read.summary, *entered, *read.sentences, *(each.sentence for each in unread), *read.told), read


def _course(knowledge: Knowledge, results: Sequence[LabEntry], guards: Mapping[str, str]) -> tuple[str, ...]:
    """Return the counts of several days as lines of a course; none where it is not certain which count holds."""
    counts = counts_of(knowledge, results) if COUNT not in guards else ()
    return counts[-MOST_LINES:] if len({count.split()[0] for count in counts}) > 1 else ()


def _by_node(states: Iterable[StateEntry]) -> Mapping[str, list[StateEntry]]:
    found: dict[str, list[StateEntry]] = {}
    for state in states:
        found.setdefault(state.node, []).append(state)
    return found


def _one_state(knowledge: Knowledge, same: Sequence[StateEntry], sentences: list[str]) -> StateEntry | None:
    """Return the state of one node: of each test the newest, and of several tests the one that was positive.

    Of several medicines under one node the highest tier counts, as where they are named.
    """
    tests: dict[str, list[StateEntry]] = {}
    for state in same:
        tests.setdefault(state.test, []).append(state)
    newest: list[StateEntry] = []
    for of_test in tests.values():
        one = next((one for one in of_test if all(_newer_or_same(one, other) for other in of_test)), None)
        if one is None:
            return None
        older = [other for other in of_test if other.value != one.value]
        if older:
            rest = " and ".join(f"{other.value} ({other.place})" for other in older[:5])
            sentences.append(f"{one} ({one.place}) is the newest; older: {rest}, not used.")
        newest.append(one)
    if len({one.value for one in newest}) == 1 or len(tests) == 1:
        return newest[0]
    positive = [one for one in newest if one.value != "absent"]
    node = same[0].node
    if any(medicine.node == node for medicine in knowledge.medicines):
        positive = sorted(positive, key=lambda one: knowledge.nodes[node].states.index(one.value))[-1:]
    return positive[0] if len({one.value for one in positive}) == 1 else None


def _newer_or_same(one: StateEntry, other: StateEntry) -> bool:
    if one.value == other.value:
        return True
    return bool(one.date and other.date and newer(one.date, other.date))


def _guards(
    knowledge: Knowledge,
    entries: Sequence[LabEntry | StateEntry],
    conflicts: Sequence[LabConflict | StateConflict],
    unread: Sequence[UnreadGuard],
) -> dict[str, str]:
    """Return the guards that cannot be read, and why, as they are kept among the entries."""
    roles = {node.id for node in knowledge.role("guard")}
    read = {entry.node: entry for entry in entries}
    found: dict[str, str] = {}
    for conflict in conflicts:
        first = conflict.entries[0]
        node = first.node if first.node in roles else COUNT if first.quantity in SOURCES and COUNT not in read else ""
        if node:
            found.setdefault(node, f"not certain: {conflict.sentence}")
    for guard in unread:
        entry = read.get(guard.node)
        if entry and entry.date and guard.date and newer(entry.date, guard.date):
            continue  # it is older than what was read
        found.setdefault(guard.node, f"not certain: {ENTRY} {guard.line}, {guard.reason}")
    return found


def _about_patient(
    knowledge: Knowledge, bundle: Bundle, entries: Sequence[LabEntry | StateEntry], guards: dict[str, str]
) -> tuple[list[StateEntry], list[str]]:
    """Return age and sex, and what to say of them; what cannot be read is added to `guards`."""
    patient = bundle.patient
    if not patient:
        return [], ["No Patient stands in the Bundle, so neither age nor sex was read."]
    number = next(each.number for each in bundle.resources if each.content is patient)
    found: list[StateEntry] = []
    said: list[str] = []
    gender, birth_sex = patient.get("gender"), _extension(patient, _AT_BIRTH)
    sexes = {_SEX[each] for each in (gender, birth_sex) if isinstance(each, str) and each in _SEX}
    if len(sexes) == 1 and isinstance(gender, str) and gender in _SEX:
        found.append(_of_patient(knowledge, number, "sex", sexes.pop()))
    else:
        given = f"gender {shown(gender)}, sex at birth {shown(birth_sex)}"
        said.append(f"The sex was not read: {given}. A haemoglobin number needs it.")
    if "birthDate" in patient:
        at, named = _reference_day(entries)
        age = _age(patient["birthDate"], at)
        try:
            parse_quantity(knowledge, "age", f"{age} years")
        except EvidenceError:
            guards.setdefault("age", f"not certain: {ENTRY} {number}, born {patient['birthDate']!s:.40}, seen {at}")
        else:
            found.append(_of_patient(knowledge, number, "age", f"{age} years"))
            said.append(f"The age is that {named}.")
    if "deceasedDateTime" in patient or patient.get("deceasedBoolean") is True:
        said.append("The Bundle says that the patient has died.")
    return found, said


def _of_patient(knowledge: Knowledge, number: int, node: str, value: str) -> StateEntry:
    return StateEntry(number, "Patient", knowledge.nodes[node].short_label, node, value, node)


def _reference_day(entries: Sequence[LabEntry | StateEntry]) -> tuple[date, str]:
    """Return the day the patient is described at, and that in words: of the count, of the newest result, or today."""
    dated = [entry for entry in entries if entry.date]
    counts = [entry for entry in dated if entry.node == COUNT]
    for some, what in ((counts, "at the neutrophil count"), (dated, "at the newest result")):
        days = [max(entry.date.days).date() for entry in some if entry.date]
        if days:
            return max(days), f"{what}, {max(days)}"
    return date.today(), f"of today, {date.today()}, for no result has a date"


def _age(born: Any, at: date) -> int | None:
    """Return the age in whole years; the lower one where the birth date leaves two."""
    found = fhir_date(born) if isinstance(born, str) else None
    if found is None:
        return None
    last = day_of(born) or max(found.days).date()
    return at.year - last.year - ((at.month, at.day) < (last.month, last.day))


def _extension(patient: Mapping[str, Any], url: str) -> Any:
    extensions = patient.get("extension")
    for each in extensions if isinstance(extensions, list) else []:
        if isinstance(each, Mapping) and each.get("url") == url:
            return each.get("valueCode")
    return None


def _day_only(given: LabDate | None) -> LabDate | None:
    """Return a moment as the day its text begins with, so that it can be told from days without a time."""
    if given is None or not given.timed:
        return given
    return fhir_date(given.text[:10])
