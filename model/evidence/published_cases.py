"""The published cases that travel with the project, and those among them to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from model.errors import CaseFileError, KnowledgeError, listed
from model.evidence.case import Case
from model.evidence.read import bands_of_guards
from model.knowledge import Example, Knowledge, cell_items, table_rows

_SEX = {"F": "female", "M": "male"}
VOCABULARIES = {"old": "cases", "new": "cases_2"}  # the same patients in the nodes of two versions: table of each


@dataclass(frozen=True)
class PublishedCase:
    """One published patient, mapped to our nodes.

    true_cause, true_subtype, second_cause : the authors' conclusion, as node ids and states
    accepted : causes that may be called right too; patient : one id for all cases of one person
    posthoc  : nodes known only afterwards;  decisive : nodes that settle the matter alone
    """

    id: str
    true_cause: str
    true_subtype: str
    second_cause: str
    certainty: str
    accepted: tuple[str, ...]
    patient: str
    evidence: Mapping[str, str]
    posthoc: tuple[str, ...]
    decisive: tuple[str, ...]
    note: str
    citation: str
    address: str

    def presenting(self, decisive: bool = True) -> dict[str, str]:
        """Return what was known at presentation; without the decisive findings when `decisive` is False."""
        hidden = set(self.posthoc) | (set() if decisive else set(self.decisive))
        return {node: value for node, value in self.evidence.items() if node not in hidden}


@lru_cache(maxsize=8)
def published_cases(folder: Path, vocabulary: str = "") -> Mapping[str, PublishedCase]:
    """Return every published case with its citation from ``case_facts.csv``.

    vocabulary : of `VOCABULARIES`; the newest of the tables when empty. Words of an old one that have changed are read
        like any other old entry.
    """
    vocabulary = vocabulary or next(reversed(vocabularies(folder)), "old")
    facts = {row["id"]: row for _, row in table_rows(folder / "case_facts.csv")}
    described = {"id", "true_cause", "true_subtype", "second_cause", "dx_certainty", "accepted_too", "patient",
                 "age_years", "sex", "anc_per_mm3", "posthoc_nodes", "decisive_nodes", "mapping_note"}  # fmt: skip
    told = {row["id"]: row for _, row in table_rows(folder / f"{VOCABULARIES['old']}.csv")}
    cases = {}
    for _, row in table_rows(folder / f"{VOCABULARIES[vocabulary]}.csv"):
        evidence = {node: value for node, value in row.items() if node not in described and value}
        guards = {"age": row["age_years"], "sex": _SEX.get(row["sex"], "")}
        guards["anc"] = f"{row['anc_per_mm3']} /mm3" if row["anc_per_mm3"] else ""
        fact, person = facts[row["id"]], {**told.get(row["id"], {}), **row}
        cases[row["id"]] = PublishedCase(
            row["id"], row["true_cause"], row["true_subtype"], row["second_cause"], row["dx_certainty"],
            cell_items(person.get("accepted_too", "")), person.get("patient") or row["id"],
            {**evidence, **{node: value for node, value in guards.items() if value}},
            cell_items(row["posthoc_nodes"]), cell_items(row["decisive_nodes"]), row["mapping_note"],
            fact["source_title"], fact["url_or_repo_path"],
        )  # fmt: skip
    return cases


def vocabularies(folder: Path) -> tuple[str, ...]:
    """Return the vocabularies of which the tables hold the cases, the oldest first."""
    tables = {name: folder / f"{table}.csv" for name, table in VOCABULARIES.items()}
    return tuple(name for name, path in tables.items() if path.is_file() and any(True for _ in table_rows(path)))


def cases_of_today(folder: Path) -> Mapping[str, PublishedCase]:
    """Return every published case in the newest vocabulary, for screens."""
    return published_cases(folder, vocabularies(folder)[-1])


def published_case(knowledge: Knowledge, case_id: str, setting: str = "article") -> Case:
    """Return a published case as it presented, ready to be shown: an age without its band, so that either may change.

    raises : CaseFileError for an unknown id.
    """
    cases = cases_of_today(knowledge.folder)
    if case_id not in cases:
        raise CaseFileError(f"Published case {case_id!r} is unknown; allowed is {listed(sorted(cases))}.")
    case = cases[case_id]
    told, follows = case.presenting(), {band: guard for guard, band in bands_of_guards(knowledge).items()}
    told = {node: value for node, value in told.items() if follows.get(node) not in told}
    return Case(setting, told, f"Published case {case_id}: {case.citation}.")


def teaching_cases(knowledge: Knowledge) -> tuple[Example, ...]:
    """Return the cases of ``examples.csv`` and ``teaching_cases.csv``, in that order. raises : KnowledgeError."""
    return (*knowledge.examples, *_further(knowledge.folder))


@lru_cache(maxsize=4)
def _further(folder: Path) -> tuple[Example, ...]:
    cases = cases_of_today(folder)
    rows = table_rows(folder / "teaching_cases.csv")
    found = tuple(Example(row["case"], row["title"], row["teaches"]) for _, row in rows)
    for case in found:
        if case.case not in cases or not case.title or not case.teaches:
            raise KnowledgeError(
                f"teaching_cases.csv, case {case.case!r}: expected a title, what it teaches and one of {listed(cases)}."
            )
    return found
