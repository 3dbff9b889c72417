"""The phrases and words of the typed line, folded: what each says of which node, and what its negation says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from model.evidence.medicine import find_medicine
from model.knowledge import Knowledge, Node, kept_with_knowledge
from model.knowledge.typed_tables import LEVEL, LEVELS, TYPED_KINDS, is_known

Words = tuple[str, ...]
States = tuple[tuple[str, str], ...]  # (node, state)

_DROPPED = frozenset(".:'’\"“”()[]=_/,")
_TWO = {"absent", "present"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase says of `nodes`. result : it says nothing without one;  why : why it is not read."""

    nodes: tuple[str, ...] = ()
    states: States = ()
    negated: States = ()
    result: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Both tables and the labels of ``nodes.csv``. words : kind -> words -> meaning, or the spelling where it has
    none; `longest` in words."""

    phrases: Mapping[Words, Meaning]
    words: Mapping[str, Mapping[Words, str]]
    longest: int

    def before(self, typed: Words, kind: str) -> int:
        """Return how many words at the start are one entry of this kind; the longest."""
        return next((n for n in range(min(len(typed), self.longest), 0, -1) if typed[:n] in self.words[kind]), 0)

    def after(self, typed: Words, kind: str) -> int:
        """Return the same at the end."""
        return next((n for n in range(min(len(typed), self.longest), 0, -1) if typed[-n:] in self.words[kind]), 0)

    def anywhere(self, typed: Words, kind: str) -> str:
        """Return the first entry of this kind that stands anywhere, as the table spells it; nothing without one."""
        found = ((at, self.before(typed[at:], kind)) for at in range(len(typed)))
        return next((self.words[kind][typed[at : at + size]] for at, size in found if size), "")


def fold_typed(text: str) -> Words:
    """Return the words of typed text without capitals, accents and hyphens inside words; other signs are words.

    >>> fold_typed("Duffy-null: Fy(a-b-)"), fold_typed("ANA+"), fold_typed("fever?")
    (('duffy', 'null', 'fy', 'a', 'b', '-'), ('ana', '+'), ('fever', '?'))
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    plain = re.sub(r"(?<=\w)[-–](?=\w)", " ", plain)
    parted = "".join(
        sign if sign.isalnum() or sign == "+" else " " if sign.isspace() or sign in _DROPPED else f" {sign} "
        for sign in plain
    )
    return tuple(re.findall(r"\++|[^\s+]+", parted))


@kept_with_knowledge
def typed_vocabulary(knowledge: Knowledge) -> Vocabulary:
    """Return the phrases and words; a row of the table goes before a label."""
    phrases: dict[Words, Meaning] = {}
    for row in knowledge.typed_phrases:
        if not is_known(row, knowledge.nodes):
            continue
        states, negated = (tuple(zip(row.node, each, strict=False)) for each in (row.state, row.negated))
        why = "" if row.node else row.note
        phrases.setdefault(fold_typed(row.phrase), Meaning(row.node, states, negated, row.result == "yes", why))
    for node in knowledge.role("context", "finding", "guard"):
        for name, meaning in _of_labels(node):
            if find_medicine(knowledge, name) is None:  # methotrexate is a medicine, with a duration perhaps
                phrases.setdefault(fold_typed(name), meaning)
    words: dict[str, dict[Words, str]] = {kind: {} for kind in TYPED_KINDS}
    for word in knowledge.typed_words:
        words[word.kind].update({fold_typed(each): word.meaning or each for each in word.spelling})
    for name, meaning in _of_levels(knowledge, words[LEVEL]):
        phrases.setdefault(name, meaning)
    longest = max((len(each) for table in words.values() for each in table), default=0)
    return Vocabulary(phrases, words, longest)


def _of_labels(node: Node) -> Iterator[tuple[str, Meaning]]:
    """Yield what the labels of a node say: alone, that it is so; with the name of a state, that state."""
    for name in dict.fromkeys((node.label, node.short_label)):
        if set(node.states) == _TWO:
            yield name, Meaning((node.id,), ((node.id, "present"),), ((node.id, "absent"),))
            continue
        for state in node.states:
            yield f"{name} {state.replace('_', ' ')}", Meaning((node.id,), ((node.id, state),))


def _of_levels(knowledge: Knowledge, levels: Mapping[Words, str]) -> Iterator[tuple[Words, Meaning]]:
    """Yield the names of a quantity with a level on either side: low folate, platelets normal."""
    for row in knowledge.lab_names:
        node = knowledge.nodes.get(row.node)
        if node is None or node.role != "finding" or not node.states:
            continue
        states = {level: state for level in LEVELS if (state := _state_of(knowledge, node, level))}
        name = fold_typed(row.spelling)
        for words, level in levels.items():
            if level in states:
                meaning = Meaning((node.id,), ((node.id, states[level]),))
                yield (*name, *words), meaning
                yield (*words, *name), meaning


def _state_of(knowledge: Knowledge, node: Node, level: str) -> str:
    """Return the state a level means: its own name, else the state that begins on that side of the limit."""
    if level in node.states:
        return level
    rows = [lab for lab in knowledge.labs if lab.node == node.id and lab.limit is not None]
    if level == "normal":
        return node.states[0] if node.states[0] == "absent" else ""
    side = {"low": "below", "high": "above"}.get(level)
    return next((lab.state for lab in rows if lab.side == side), "")
