"""A FHIR R4 Bundle as JSON: its resources, whose patient they are of, and when they were true. Reads no code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from model.errors import CaseFileError, listed, shown
from model.evidence.lab_dates import LabDate

MAX_BYTES = 20_000_000
MAX_ENTRIES = 50_000
_TYPES = ("collection", "searchset", "document", "message", "batch", "batch-response", "transaction",
          "transaction-response")  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?)?)?")
DATED = {
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "MedicationRequest": ("authoredOn",),
    "Procedure": ("performedDateTime", "performedPeriod"),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource. number : of its entry, from 1;  kind : its resourceType"""

    number: int
    kind: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A Bundle of one patient. patient : that resource, or an empty mapping;  sentences : what else to know

    named : id, reference and address of an entry -> resource, for references between them
    """

    resources: tuple[Resource, ...]
    patient: Mapping[str, Any]
    named: Mapping[str, Mapping[str, Any]]
    sentences: tuple[str, ...]


def looks_like_bundle(content: bytes) -> bool:
    """Say whether a file is of FHIR rather than a case file, without reading it whole."""
    return b'"resourceType"' in content[: 1 << 16]


def read_bundle_json(content: bytes) -> Bundle:
    """Return the resources of a Bundle. raises : CaseFileError when it is none, or is of several patients."""
    if len(content) > MAX_BYTES:
        raise CaseFileError(f"Bundle: expected at most {MAX_BYTES} bytes, got {len(content)}.")
    try:
        given = json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
    except (RecursionError, ValueError, ArithmeticError) as error:
        reason = str(error).split("\n")[0] or type(error).__name__
        raise CaseFileError(f"Bundle: expected JSON in UTF-8, but it cannot be read ({reason}).") from None
    if not isinstance(given, dict) or given.get("resourceType") != "Bundle":
        raise CaseFileError("Bundle: expected a resource of type 'Bundle'; put single resources into one.")
    if given.get("type") not in _TYPES:
        raise CaseFileError(f"Bundle: expected a type of {listed(_TYPES)}, got {shown(given.get('type'))}.")
    entries = given.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise CaseFileError(f"Bundle: expected a list of at most {MAX_ENTRIES} entries.")
    resources: list[Resource] = []
    named: dict[str, Mapping[str, Any]] = {}
    sentences: list[str] = []
    for number, entry in enumerate(entries, start=1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            sentences.append(f"Entry {number} holds no resource.")
            continue
        request = entry.get("request")
        if isinstance(request, dict) and request.get("method") == "DELETE":
            raise CaseFileError(f"Bundle, entry {number}: expected what is known, got a request to delete.")
        kind = resource["resourceType"]
        resources.append(Resource(number, kind, resource))
        for name in (entry.get("fullUrl"), f"{kind}/{resource.get('id')}" if resource.get("id") else None):
            if isinstance(name, str):
                named.setdefault(name, resource)
        contained = resource.get("contained")
        for inner in contained if isinstance(contained, list) else []:
            if isinstance(inner, dict) and isinstance(inner.get("resourceType"), str):
                named[f"{number}#{inner.get('id')}"] = inner
                if inner["resourceType"] in ("Observation", "Condition", "MedicationStatement", "MedicationRequest"):
                    resources.append(Resource(number, inner["resourceType"], inner))
    sentences += _pages(given)
    return Bundle(tuple(resources), _one_patient(resources, named), named, tuple(sentences))


def referred(bundle: Bundle, resource: Resource, reference: Any) -> Mapping[str, Any] | None:
    """Return the resource that a reference points to; None where it is not in the Bundle."""
    name = reference.get("reference") if isinstance(reference, Mapping) else None
    if not isinstance(name, str):
        return None
    if name.startswith("#"):
        return bundle.named.get(f"{resource.number}{name}")
    found = bundle.named.get(name)
    return found if found is not None else bundle.named.get("/".join(name.split("/")[-2:]))


def date_of_resource(resource: Resource) -> LabDate | None:
    """Return when a resource was true; None where it does not say."""
    for name in DATED.get(resource.kind, ()):
        given = resource.content.get(name)
        if isinstance(given, Mapping):
            given = given.get("end") or given.get("start")
        if isinstance(given, str) and (found := fhir_date(given)):
            return found
    return None


def fhir_date(text: str) -> LabDate | None:
    """Return a date, or a moment, as FHIR writes it: a year, a month, a day, or a time with its zone."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    year, month, day, time, zone = found.groups()
    try:
        if time:
            moment = datetime.fromisoformat(f"{year}-{month}-{day}T{time}{(zone or '').replace('Z', '+00:00')}")
            if moment.tzinfo:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            return LabDate(f"{year}-{month}-{day} {time[:5]}", (moment,), timed=True)
        first = datetime(int(year), int(month or 1), int(day or 1))
        if day:
            return LabDate(text.strip(), (first,))
        after = datetime(int(year) + (not month or month == "12"), (int(month) % 12 + 1) if month else 1, 1)
        return LabDate(text.strip(), (first, after - timedelta(days=1)))
    except (ValueError, OverflowError):
        return None


def day_of(given: Any) -> date | None:
    """Return the one day that a FHIR date names; None for less."""
    found = fhir_date(given) if isinstance(given, str) else None
    return found.days[0].date() if found and len(found.days) == 1 else None


def _pages(given: Mapping[str, Any]) -> Iterator[str]:
    links = given.get("link")
    if any(
        isinstance(link, dict) and link.get("relation") == "next" for link in (links if isinstance(links, list) else ())
    ):
        yield "This Bundle is one page of several; what stands on the others is not read."


def _one_patient(resources: list[Resource], named: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the one patient. raises : CaseFileError when several are there or are spoken of."""
    patients: dict[str, Mapping[str, Any]] = {}
    for each in resources:
        if each.kind == "Patient":
            patients.setdefault(str(each.content.get("id", f"entry {each.number}")), each.content)
    if len(patients) > 1:
        raise CaseFileError(f"Bundle: expected one patient, got {listed(list(patients)[:5])}; give the Bundle of one.")
    spoken: dict[str, int] = {}
    known = next(iter(patients.values()), None)
    for each in resources:
        subject = each.content.get("subject", each.content.get("patient"))
        name = subject.get("reference") if isinstance(subject, Mapping) else None
        if not isinstance(name, str) or each.kind not in DATED:
            continue
        short = "/".join(name.split("/_history")[0].split("/")[-2:])
        target, name = named.get(name, named.get(short)), short
        spoken.setdefault("" if target is not None and target is known else name, each.number)
    others = {name: number for name, number in spoken.items() if name}
    if len(spoken) > 1 or (others and known is not None):
        name, number = next(iter(others.items()))
        raise CaseFileError(
            f"Bundle, entry {number}: expected one patient, got another, {name[:80]!r}; give the Bundle of one patient."
        )
    return known or {}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number JSON allows")
