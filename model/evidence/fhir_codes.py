"""The codes and words of FHIR resources that ``fhir_codes.csv`` knows, and what a CodeableConcept says by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import KnowledgeError, listed
from model.evidence.lab_neutrophils import SOURCES
from model.evidence.lab_spellings import COUNT, names_in, spellings
from model.evidence.lab_words import OTHER, fold_words, lab_words
from model.knowledge import Knowledge, kept_with_knowledge
from model.knowledge.medicines import RARE
from model.knowledge.rows import FhirCode

NUMBER, AMOUNT, PRESENCE, FACT, MEDICINE, COURSE, KNOWN, ASKED, FORM, ANSWER = KINDS = (
    "number", "count", "presence", "fact", "medicine", "course", "known", "asked", "form", "answer",
)  # fmt: skip
LOINC, TEXT = "loinc", "text"
POSITIVE, NEGATIVE = "positive", "negative"  # states of an answer
SYSTEMS = {
    "http://loinc.org": LOINC,
    "http://snomed.info/sct": "snomed",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10",
    "http://hl7.org/fhir/sid/icd-10-gm": "icd10",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "icd10",
    "http://www.whocc.no/atc": "atc",
    "http://fhir.de/CodeSystem/bfarm/atc": "atc",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation": "interpretation",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
}
_BY_CODE_ALONE = (LOINC, "atc", "interpretation")  # whose printed names differ too much to be compared with ours
WHEN_NEW = "when new"  # the kind of names of a rare culprit: it counts when new or suspected, and no Bundle says that
_SHORT = 4  # letters by which words of a name are compared


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept. systems : those of its codings that are known;  words : its texts, folded

    rows : what the table says of its codes;  text : how it is shown;  clash : a code whose printed name is another's
    """

    text: str
    texts: tuple[str, ...]
    systems: tuple[str, ...]
    rows: tuple[FhirCode, ...]
    clash: str = ""

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """Its texts, each in folded words."""
        return tuple(fold_words(text) for text in self.texts)


@dataclass(frozen=True, slots=True)
class _Codes:
    exact: Mapping[tuple[str, str], FhirCode]
    beginnings: tuple[FhirCode, ...]
    words: Mapping[tuple[str, ...], FhirCode]
    longest: int


def concept_of(knowledge: Knowledge, given: Any) -> Concept:
    """Return what a CodeableConcept says. Raises nothing on account of `given`."""
    given = given if isinstance(given, Mapping) else {}
    found: list[FhirCode] = []
    systems: list[str] = []
    texts: list[str] = [given["text"]] if isinstance(given.get("text"), str) else []
    clash = ""
    codings = given.get("coding")
    for coding in codings if isinstance(codings, list) else []:
        if not isinstance(coding, Mapping):
            continue
        code, display = coding.get("code"), coding.get("display")
        system = SYSTEMS.get(str(coding.get("system")).strip().rstrip("/"), "")
        texts += [display] if isinstance(display, str) else []
        if not system or not isinstance(code, str):
            continue
        systems.append(system)
        row = _row(knowledge, system, code.strip())
        if row is None:
            continue
        if isinstance(display, str) and system not in _BY_CODE_ALONE and not _alike(row.label, display):
            clash = f"the code {code} stands for {row.label!r}, and beside it stands {display[:80]!r}"
        found.append(row)
    texts = list(dict.fromkeys(" ".join(text.split())[:200] for text in texts if text.strip()))
    shown = texts[0] if texts else (found[0].label if found else "no code and no text")
    return Concept(shown, tuple(texts), tuple(dict.fromkeys(systems)), tuple(dict.fromkeys(found)), clash)


def word_row(knowledge: Knowledge, words: tuple[str, ...], *kinds: str) -> FhirCode | None:
    """Return the row whose words are exactly these."""
    row = _codes(knowledge).words.get(words)
    return row if row and row.kind in kinds else None


def rows_within(knowledge: Knowledge, words: tuple[str, ...], *kinds: str) -> tuple[FhirCode, ...]:
    """Return the rows whose words stand anywhere in a text, from left to right, the longest at each place."""
    known, found, at = _codes(knowledge), [], 0
    while at < len(words):
        size = next(
            (size for size in range(min(known.longest, len(words) - at), 0, -1)
             if (row := known.words.get(words[at : at + size])) and row.kind in kinds), 0,
        )  # fmt: skip
        if size:
            found.append(known.words[words[at : at + size]])
        at += max(size, 1)
    return tuple(found)


def only_medicine(knowledge: Knowledge, words: tuple[str, ...]) -> bool:
    """Say whether a text holds nothing but names of medicines, amounts and forms: no "stopped" and no "allergy"."""
    known, at = _codes(knowledge), 0
    while at < len(words):
        size = next(
            (size for size in range(min(known.longest, len(words) - at), 0, -1)
             if (row := known.words.get(words[at : at + size])) and row.kind in (MEDICINE, COURSE, FORM)), 0,
        )  # fmt: skip
        if not size and not words[at].isdecimal():
            return False
        at += max(size, 1)
    return True


def guards_in(knowledge: Knowledge, concept: Concept) -> tuple[tuple[str, str], ...]:
    """Return (guard, why it is asked) for every guard that a resource speaks of without being read."""
    roles = {node.id for node in knowledge.role("guard")}
    found = {row.node: row.note for row in concept.rows if row.node in roles}
    for text in _of_blood(knowledge, concept):
        for row in rows_within(knowledge, fold_words(text), ASKED):
            if row.node:
                found.setdefault(row.node, row.note)
        for name in names_in(spellings(knowledge), text)[0]:
            if name.node in roles:
                found.setdefault(name.node, "")
    return tuple(found.items())


def looks_like_result(knowledge: Knowledge, concept: Concept) -> bool:
    """Say whether a name of a result that is an entry, or gives one, stands in a text of the concept."""
    names = [name for text in _of_blood(knowledge, concept) for name in names_in(spellings(knowledge), text)[0]]
    return any(name.node or name.quantity in SOURCES for name in names)


def _of_blood(knowledge: Knowledge, concept: Concept) -> list[str]:
    """Return the texts that name no other specimen than blood."""
    pairs = zip(concept.texts, concept.words, strict=True)
    return [text for text, words in pairs if lab_words(knowledge).anywhere(words, OTHER) is None]


def _alike(label: str, display: str) -> bool:
    """Say whether two names share a word, by its first letters, so that Sjögren and Sjogren's are one."""
    ours, theirs = ({word[:_SHORT] for word in fold_words(name)} for name in (label, display))
    return bool(ours & theirs)


def _row(knowledge: Knowledge, system: str, code: str) -> FhirCode | None:
    known = _codes(knowledge)
    folded = code.upper()
    if row := known.exact.get((system, folded)):
        return row
    return next((row for row in known.beginnings if row.system == system and folded.startswith(row.code[:-1])), None)


@kept_with_knowledge
def _codes(knowledge: Knowledge) -> _Codes:
    """Return the table by code and by words. raises : KnowledgeError for a row that says nothing that can be read."""
    quantities = {(name.quantity, name.node) for name in knowledge.lab_names}
    guards = {node.id for node in knowledge.role("guard")}
    exact: dict[tuple[str, str], FhirCode] = {}
    beginnings: list[FhirCode] = []
    words: dict[tuple[str, ...], FhirCode] = {}
    for row in knowledge.fhir_codes:
        where = f"fhir_codes.csv, {row.system} {row.code!r}"
        node = knowledge.nodes.get(row.node)
        if row.kind not in KINDS or row.system not in (*SYSTEMS.values(), TEXT):
            raise KnowledgeError(f"{where}: expected a kind of {listed(KINDS)} and a known system, got {row.kind!r}.")
        if row.node and node is None:
            raise KnowledgeError(f"{where}: node {row.node!r} is not in nodes.csv.")
        if row.kind == NUMBER and (row.quantity, row.node) not in quantities:
            raise KnowledgeError(f"{where}: quantity {row.quantity!r} of {row.node!r} is not in lab_names.csv.")
        if row.kind == ANSWER and row.state not in (POSITIVE, NEGATIVE):
            raise KnowledgeError(f"{where}: expected the state positive or negative, got {row.state!r}.")
        states = [state for state in (row.state, row.negative) if state]
        if row.kind in (AMOUNT, PRESENCE, FACT, MEDICINE) and (not node or not row.state):
            raise KnowledgeError(f"{where}: expected a node and a state for the kind {row.kind!r}.")
        if node and not set(states) <= set(node.states):
            raise KnowledgeError(f"{where}: {row.node!r} has only the states {listed(node.states)}.")
        key = fold_words(row.code) if row.system == TEXT else (row.system, row.code.upper())
        if key in words or key in exact:
            raise KnowledgeError(f"{where}: the code stands twice.")
        if row.system == TEXT:
            words[key] = row
        elif row.code.endswith("*"):
            beginnings.append(row)
        else:
            exact[row.system, row.code.upper()] = row
    for medicine in knowledge.medicines:  # by every name that it has in drugs.csv
        if medicine.node:
            kind = (COURSE if not medicine.state else WHEN_NEW if medicine.state == RARE
                    else ASKED if medicine.node in guards else MEDICINE)  # fmt: skip
            for name in medicine.spellings:
                row = FhirCode(TEXT, name, kind, medicine.node, medicine.state, "", "", name, "")
                words.setdefault(fold_words(name), row)
    beginnings.sort(key=lambda row: -len(row.code))
    return _Codes(exact, tuple(beginnings), words, max(map(len, words), default=0))


def of_count(row: FhirCode) -> bool:
    """Say whether a row is the neutrophil count, or one of the quantities that it follows from."""
    return row.kind == NUMBER and (row.node == COUNT or row.quantity in SOURCES)
