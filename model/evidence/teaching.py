"""The cases to learn from: published patients with a title that gives nothing away, and what each teaches."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from model.errors import KnowledgeError, listed
from model.evidence.case import published_cases
from model.knowledge.csv_table import table_rows
from model.knowledge.load import Knowledge
from model.knowledge.rows import Example


def teaching_cases(knowledge: Knowledge) -> tuple[Example, ...]:
    """Return the cases of ``examples.csv`` and ``teaching_cases.csv``, in that order. raises : KnowledgeError."""
    return (*knowledge.examples, *_further(knowledge.folder))


@lru_cache(maxsize=4)
def _further(folder: Path) -> tuple[Example, ...]:
    cases = published_cases(folder)
    rows = table_rows(folder / "teaching_cases.csv")
    found = tuple(Example(row["case"], row["title"], row["teaches"]) for _, row in rows)
    for case in found:
        if case.case not in cases or not case.title or not case.teaches:
            raise KnowledgeError(
                f"teaching_cases.csv, case {case.case!r}: expected a title, what it teaches and one of {listed(cases)}."
            )
    return found
