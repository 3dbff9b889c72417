"""What would change the answer, in three lines: a finding, a sentence of the article or its reading, a number.

Each line names what alone would put another cause first, or else what moves the leader most and leaves it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from model.calibrated_model import CalibratedModel
from model.decision import NextTests
from model.explanation.otherwise import Otherwise, otherwise
from model.knowledge import Knowledge
from model.posterior import Posterior
from model.sensitivity.article_otherwise import ArticleOtherwise, article_otherwise
from model.sensitivity.one_way import Flip, flip_sentence, one_way
from model.wording import cause_labels, inside_sentence, percent, percent_said, record_title, state_label, words_of

Moved = TypeVar("Moved", Otherwise, ArticleOtherwise)
MOST_WORDS = 90  # characters of a sentence of the article; the whole of it stands under Numbers and sources


@dataclass(frozen=True, slots=True)
class OpenResult:
    """An answer not known yet that would put another cause first. likely : P(this result | e)"""

    node: str
    state: str
    likely: float
    leader: str
    leads: float


@dataclass(frozen=True)
class WhatWouldChange:
    """What alone would change the leading cause, or move it most.

    finding : an entry otherwise, None when there is none;  measured : the likeliest open answer that changes the leader
    article : a sentence dropped or an order read otherwise;  number : None when none inside its interval does
    """

    leader: str
    finding: Otherwise | None
    measured: OpenResult | None
    article: ArticleOtherwise | None
    number: Flip | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line. kind : finding, article or number;  changes : whether another cause would lead"""

    kind: str
    sentence: str
    changes: bool


def what_would_change(model: CalibratedModel, answer: Posterior, following: NextTests) -> WhatWouldChange:
    """Return what would change the leading cause.

    answer : a posterior of `model`;  following : ``next_tests`` of the same answer
    Cost   : that of ``one_way``, and some milliseconds.
    """
    return WhatWouldChange(
        answer.leader,
        _telling(otherwise(model, answer), answer.leader),
        _measured(following),
        _telling(article_otherwise(model, answer), answer.leader),
        one_way(model, answer, answer.leader).nearest_flip,
    )


def change_lines(knowledge: Knowledge, found: WhatWouldChange) -> tuple[ChangeLine, ...]:
    """Return the three lines, each a sentence or two."""
    labels = {cause: inside_sentence(label) for cause, label in cause_labels(knowledge).items()}
    return (
        ChangeLine("finding", _finding(knowledge, found, labels), _changes(found, found.finding, found.measured)),
        ChangeLine("article", _article(found, labels), _changes(found, found.article)),
        ChangeLine("number", _number(knowledge, found, labels), found.number is not None),
    )


def _changes(found: WhatWouldChange, *each: Otherwise | ArticleOtherwise | OpenResult | None) -> bool:
    return any(one is not None and one.leader != found.leader for one in each)


def _telling(found: Sequence[Moved], leader: str) -> Moved | None:
    """Return what puts another cause first and takes most from the leader; else what takes most, None if nothing."""
    return next((each for each in found if each.leader != leader), found[0] if found else None)


def _measured(following: NextTests) -> OpenResult | None:
    now = {line.test for line in following.now}
    rows = [
        OpenResult(test, state, row["probability"], row["leader"], row["leads"])
        for (test, state), row in zip(following.results.index, following.results.to_dict("records"), strict=True)
        if test in now and row["leader"] != following.leader and row["probability"] > 0
    ]
    return max(rows, key=lambda each: each.likely, default=None)


def _finding(knowledge: Knowledge, found: WhatWouldChange, labels: Mapping[str, str]) -> str:
    said = []
    if found.finding is not None:
        node = knowledge.nodes[found.finding.node]
        state = inside_sentence(state_label(node, found.finding.state))
        given = found.finding.entered
        given = inside_sentence(state_label(node, given)) if given in node.states else words_of(given)
        said.append(f"{node.short_label} “{state}” instead of “{given}”: {_effect(found.finding, found, labels)}")
    if found.measured is not None:
        node = knowledge.nodes[found.measured.node]
        state = inside_sentence(state_label(node, found.measured.state))
        said.append(
            f"Not known yet: {node.short_label}; “{state}” ({percent_said(found.measured.likely)} "
            f"likely) would put {labels[found.measured.leader]} first with {percent_said(found.measured.leads)}."
        )
    else:
        said.append("No single open answer would put another cause first.")
    return " ".join(said)


def _article(found: WhatWouldChange, labels: Mapping[str, str]) -> str:
    each = found.article
    if each is None:
        return "No sentence of the article bears on this setting."
    if each.kind == "order":
        start = f"The article’s order read otherwise (“{inside_sentence(each.label)}”)"
    else:
        start = f"Without the article’s sentence {each.id} (“{_shortened(each.label)}”)"
    return f"{start}: {_effect(each, found, labels)}"


def _number(knowledge: Knowledge, found: WhatWouldChange, labels: Mapping[str, str]) -> str:
    named = dict(labels)
    if found.number is not None:
        named[found.number.number] = f"“{record_title(knowledge, knowledge.record(found.number.number))}”"
    return flip_sentence(found.number, found.leader, named)


def _effect(each: Otherwise | ArticleOtherwise, found: WhatWouldChange, labels: Mapping[str, str]) -> str:
    moved = f"{labels[found.leader]} {'falls' if each.then < each.now else 'rises'} to {percent_said(each.then)}"
    if percent(each.now) == percent(each.then):
        moved = f"{labels[found.leader]} stays at {percent_said(each.now)}"
    if each.leader == found.leader:
        return f"{moved}, still first."
    return f"{moved}, and {labels[each.leader]} leads with {percent_said(each.leads)}."


def _shortened(text: str) -> str:
    if len(text) <= MOST_WORDS:
        return text
    return f"{text[:MOST_WORDS].rsplit(' ', 1)[0].rstrip(',;:')} …"
