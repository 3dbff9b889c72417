"""One row of each table of the typed line: ``typed_phrases.csv`` and ``typed_words.csv``, and what they must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.errors import KnowledgeError, listed
from model.knowledge.rows import Node

NO_BEFORE, NO_AFTER, YES_BEFORE, YES_AFTER = "no_before", "no_after", "yes_before", "yes_after"
UNSURE, OTHER_PERSON, PAST, PASSED = "unsure", "other_person", "past", "passed"
LEVEL, SEX, AGE, AGE_UNIT = "level", "sex", "age", "age_unit"
TYPED_KINDS = (
    NO_BEFORE, NO_AFTER, YES_BEFORE, YES_AFTER, UNSURE, OTHER_PERSON, PAST, PASSED, LEVEL, SEX, AGE, AGE_UNIT,
)  # fmt: skip
LEVELS = ("low", "normal", "high", "borderline")


@dataclass(frozen=True, slots=True)
class TypedPhrase:
    """What somebody types for states of nodes.

    node, state : one state for each node; no state where a number has to follow, no node for what is not read
    negated     : the states that its negation says; none where that leaves them open
    result      : ``yes`` for the name of a test, which says nothing without its result
    note        : why it is read so; without a node, why it is not read
    """

    phrase: str
    node: tuple[str, ...]
    state: tuple[str, ...]
    negated: tuple[str, ...]
    result: str
    note: str


@dataclass(frozen=True, slots=True)
class TypedWord:
    """Words beside a phrase: `kind` says what they do, `meaning` a level, a sex, or why nothing is read."""

    kind: str
    meaning: str
    spelling: tuple[str, ...]


def check_typed(phrases: Iterable[TypedPhrase], words: Iterable[TypedWord]) -> None:
    """Check the form of every row of both tables; whether its nodes are there, ``is_known`` says.

    raises : KnowledgeError.
    """
    seen: set[str] = set()
    for row in phrases:
        where = f"typed_phrases.csv: {row.phrase!r}"
        if not row.phrase or row.phrase.casefold() in seen:
            raise KnowledgeError(f"{where}: expected each phrase once.")
        seen.add(row.phrase.casefold())
        if row.result not in ("", "yes"):
            raise KnowledgeError(f"{where}: expected 'yes' or nothing as result, got {row.result!r}.")
        if not row.node and (row.state or row.negated or not row.note):
            raise KnowledgeError(f"{where}: without a node it has no states, and its note says why.")
        for states in (row.state, row.negated):
            if states and len(states) != len(row.node):
                raise KnowledgeError(f"{where}: expected a state for each of {listed(row.node)}, got {listed(states)}.")
    for word in words:
        allowed = {LEVEL: LEVELS, SEX: ("female", "male")}.get(word.kind, (word.meaning,))
        if word.kind not in TYPED_KINDS or word.meaning not in allowed or not word.spelling:
            raise KnowledgeError(
                f"typed_words.csv: expected a kind of {listed(TYPED_KINDS)} with a meaning of its own and spellings, "
                f"got {word.kind!r} with {word.meaning!r}."
            )


def is_known(phrase: TypedPhrase, nodes: Mapping[str, Node]) -> bool:
    """Say whether its nodes may be entered and have its states; in tables of an earlier version not all of them do."""
    return all(node in nodes and nodes[node].role in ("context", "finding", "guard") for node in phrase.node) and all(
        state in nodes[node].states
        for states in (phrase.state, phrase.negated)
        for node, state in zip(phrase.node, states, strict=False)
    )
