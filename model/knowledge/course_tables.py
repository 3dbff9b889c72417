"""One row of each table of the course over time: ``course_rules.csv`` and ``course_words.csv``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.errors import KnowledgeError, listed

RULES = (
    "low_below", "normal_from", "normal_share", "chronic_after", "repeat_from", "repeat_to", "recovery_within",
    "not_recovered_after", "taken_until", "fever_within", "longest_course",
)  # fmt: skip
FEVER, INFECTION, START, STOP, PASSED = "fever", "infection", "start", "stop", "passed"
WORDS = (FEVER, INFECTION, START, STOP, PASSED)
_ORDERED = (("low_below", "normal_from"), ("repeat_from", "repeat_to"), ("not_recovered_after", "recovery_within"))


@dataclass(frozen=True, slots=True)
class CourseRule:
    """One number that says what follows from a course. unit : of `value`: /mm3, days, or a share of 1"""

    rule: str
    value: float
    unit: str
    reading: str
    source: tuple[str, ...]
    rationale: str


@dataclass(frozen=True, slots=True)
class CourseWord:
    """The words of one kind on a line of a course."""

    kind: str
    spelling: tuple[str, ...]


def check_course(rules: Mapping[str, CourseRule], words: Iterable[CourseWord]) -> None:
    """Check both tables; an older release has neither. raises : KnowledgeError, naming the file and the row."""
    if rules and set(rules) != set(RULES):
        raise KnowledgeError(f"course_rules.csv: expected the rules {listed(RULES)}, got {listed(rules)}.")
    for row in rules.values():
        where = f"course_rules.csv: {row.rule}"
        if not 0 < row.value < float("inf"):
            raise KnowledgeError(f"{where}: expected a number above 0, got {row.value}.")
        if not row.rationale or (row.reading != "assumption" and not row.source):
            raise KnowledgeError(f"{where}: expected a rationale, and a source for what is no assumption.")
    for low, high in _ORDERED if rules else ():
        if rules[low].value > rules[high].value:
            raise KnowledgeError(f"course_rules.csv: expected {low} at most {high}.")
    for word in words:
        if word.kind not in WORDS:
            raise KnowledgeError(f"course_words.csv: kind {word.kind!r} is not {listed(WORDS)}.")
