"""What the learn screen shows: the findings of a case in words, guess against model, replay, own calibration. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import log2
from random import Random
from typing import Any

from model import DiagnosticModel
from model.evidence import PublishedCase, bands_of_guards, cases_of_today, teaching_cases
from model.explanation import ReplayStep, replay
from model.knowledge import Example, Knowledge, Node
from model.validation import wilson_interval
from model.wording import GROUPS, cause_labels, percent, percent_range, state_label
from views.questions import SEX
from views.visit import Guess

LEAST_BELIEF = 0.005  # a belief of zero in what is true counts as this: "under 1 %"
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)  # of the bins of stated belief
FEW = 10  # cases; below, a calibration curve is noise
PATIENT = "guard"  # the group in nodes.csv of what is asked of every patient first
ORDERS = {"history": "As a history is taken", "reversed": "The other way round", "strongest": "Strongest first"}


@dataclass(frozen=True)
class TeachingCase:
    """A published case ready to be guessed at. `given`: what was known at presentation."""

    id: str
    title: str
    teaches: str
    given: Mapping[str, str]
    published: PublishedCase


def cases(knowledge: Knowledge) -> dict[str, TeachingCase]:
    """Return every teaching case by id."""
    published = cases_of_today(knowledge.folder)
    bands = bands_of_guards(knowledge)
    return {each.case: _case(each, published[each.case], bands) for each in teaching_cases(knowledge)}


def _case(example: Example, published: PublishedCase, bands: Mapping[str, str]) -> TeachingCase:
    told = published.presenting()
    for guard in bands.keys() & told.keys():
        told.pop(bands[guard], None)  # said by the number already
    return TeachingCase(example.case, example.title, example.teaches, told, published)


def next_case(ids: Sequence[str], current: str, done: Sequence[str], seed: int | None = None) -> str:
    """Return the next case not guessed yet, in order or, with a seed, at random; any other when all are done."""
    at = ids.index(current)
    others = [*ids[at + 1 :], *ids[:at]]
    open_ = [case for case in others if case not in done] or others
    return open_[0] if seed is None else Random(f"{seed} {len(done)} {current}").choice(open_)


@dataclass(frozen=True)
class FindingGroup:
    """A heading and what is told under it: what is there, and what is absent."""

    title: str
    there: tuple[str, ...]
    absent: tuple[str, ...]


def finding_groups(knowledge: Knowledge, given: Mapping[str, str]) -> tuple[FindingGroup, ...]:
    """Return the findings in plain words, in the order of a history; everything else was not told."""
    groups, first = [], {SEX, *bands_of_guards(knowledge).values()}
    nodes = sorted(knowledge.nodes.values(), key=lambda node: node.role != "guard")  # the age before the sex
    told = [node for node in nodes if node.id in given]
    for group, title in {PATIENT: "The patient", **GROUPS}.items():
        nodes = [node for node in told if (PATIENT if node.id in first else node.group) == group]
        there = tuple(finding_text(node, given[node.id]) for node in nodes if not _absent(node, given[node.id]))
        absent = tuple(node.label for node in nodes if _absent(node, given[node.id]))
        if nodes:
            groups.append(FindingGroup(title, there, absent))
    return tuple(groups)


def _absent(node: Node, value: str) -> bool:
    return value == "absent" and "absent" in node.states


def finding_text(node: Node, value: str) -> str:
    """Return one finding in words: its label, and its value unless that is plainly present."""
    if value in ("present", "absent") and set(node.states) == {"absent", "present"}:
        return node.label if value == "present" else f"{node.label}: no"
    return f"{node.label}: {state_label(node, value).lower() if node.states else value}"


def belief(points: Mapping[str, int]) -> dict[str, float]:
    """Return points as shares that add to one. raises : ZeroDivisionError without any point."""
    total = sum(points.values())
    return {cause: number / total for cause, number in points.items()}


@dataclass(frozen=True)
class Score:
    """How far a belief was from what the authors found; smaller is better.

    brier    : sum over the causes of (belief - truth)², 0 to 2
    surprise : -log2 of the belief in the authors' cause, in bits; 0 is certain and right, 1 is even odds
    """

    brier: float
    surprise: float


def score(shares: Mapping[str, float], truth: str) -> Score:
    """Score a belief; no belief counts as smaller than ``LEAST_BELIEF``."""
    brier = sum((share - (cause == truth)) ** 2 for cause, share in shares.items())
    return Score(brier, -log2(max(shares[truth], LEAST_BELIEF)))


def even(knowledge: Knowledge) -> dict[str, float]:
    """Return the belief of somebody who knows nothing."""
    causes = knowledge.role("cause")
    return {cause.id: 1 / len(causes) for cause in causes}


def model_belief(model: DiagnosticModel, given: Mapping[str, Any]) -> dict[str, float]:
    """Return the model's shares of the explanation, which add to one: where two causes act, each gets half.

    A count of 500 to 999 is answered here, and marked.
    """
    return {str(cause): float(share) for cause, share in model.posterior(given, "allow").share.items()}


@dataclass(frozen=True)
class ComparisonRow:
    """One cause of the reveal: guess and model as shares, and whether the authors named it (first or second).

    alone : the share where all seven start alike, so that only the findings speak
    """

    cause: str
    label: str
    yours: float
    share: float
    alone: float
    authors: str


def comparison(
    model: DiagnosticModel, alike: DiagnosticModel, case: TeachingCase, points: Mapping[str, int]
) -> tuple[ComparisonRow, ...]:
    """Return guess and model side by side, the model's likeliest first; `alike` is it in the setting ``even``."""
    yours, shares, alone = belief(points), model_belief(model, case.given), model_belief(alike, case.given)
    named = {case.published.second_cause: "also named", case.published.true_cause: "the authors' cause"}
    labels = cause_labels(model.knowledge)
    return tuple(
        ComparisonRow(cause, labels[cause], yours[cause], shares[cause], alone[cause], named.get(cause, ""))
        for cause in sorted(shares, key=lambda cause: -shares[cause])
    )


def order_of(model: DiagnosticModel, case: TeachingCase, order: str, cause: str) -> tuple[str, ...]:
    """Return the findings in the order asked for; `cause` is the one that *strongest* speaks about.

    The patient's age, sex and count are there from the start.
    """
    first = {SEX, *bands_of_guards(model.knowledge).values()}
    nodes = [node for node in model.knowledge.role("context", "finding") if node.id not in first]
    grouped = [node.id for group in GROUPS for node in nodes if node.group == group and node.id in case.given]
    if order == "reversed":
        return tuple(reversed(grouped))
    if order == "strongest":
        alone = {node: abs(replay(model, {node: case.given[node]}, [node])[1].decibans[cause]) for node in grouped}
        return tuple(sorted(grouped, key=lambda node: -alone[node]))
    return tuple(grouped)


def steps(model: DiagnosticModel, case: TeachingCase, order: Sequence[str]) -> tuple[ReplayStep, ...]:
    """Return the case finding by finding."""
    return replay(model, case.given, order, "allow")


def entered_by(case: TeachingCase, order: Sequence[str], count: int) -> dict[str, str]:
    """Return what is known after `count` findings."""
    hidden = set(order[count:])
    return {node: value for node, value in case.given.items() if node not in hidden}


def filled(probability: float) -> int:
    """Return how many of a hundred icons are filled: never none, never all, as no probability is 0 or 1."""
    return min(max(round(100 * probability), 1), 99)


def icons(probability: float, label: str) -> str:
    """Return a hundred people as HTML, filled ones first; size differs as well as fill. The label is read out."""
    count = filled(probability)
    marks = "<i class=on></i>" * count + "<i></i>" * (100 - count)
    return f'<div class="icons" role="img" aria-label="{escape(label)}">{marks}</div>'


@dataclass(frozen=True)
class CalibrationBin:
    """Statements of belief between two bounds: how many, their mean, how often right, Wilson 95 % interval."""

    low: float
    high: float
    statements: int
    stated: float
    right: int
    interval: tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """A visitor over the cases guessed at. Each case gives one statement a cause.

    yours, model, even : mean scores;  bins : those with a statement
    """

    cases: int
    yours: Score
    model: Score
    even: Score
    bins: tuple[CalibrationBin, ...]


def calibration(model: DiagnosticModel, guesses: Sequence[Guess]) -> Calibration | None:
    """Return how well the guesses fit what the authors found; None without a guess."""
    if not guesses:
        return None
    known = cases(model.knowledge)
    truths = [known[guess.case].published.true_cause for guess in guesses]
    beliefs = [belief(dict(guess.points)) for guess in guesses]
    models = [model_belief(model, known[guess.case].given) for guess in guesses]
    stated = [(share, cause == truth) for shares, truth in zip(beliefs, truths, strict=True)
              for cause, share in shares.items()]  # fmt: skip
    return Calibration(
        len(guesses),
        _mean([score(shares, truth) for shares, truth in zip(beliefs, truths, strict=True)]),
        _mean([score(shares, truth) for shares, truth in zip(models, truths, strict=True)]),
        _mean([score(even(model.knowledge), truth) for truth in truths]),
        tuple(found for low, high in pairwise(EDGES) if (found := _bin(stated, low, high)) is not None),
    )


def _mean(scores: Sequence[Score]) -> Score:
    return Score(sum(s.brier for s in scores) / len(scores), sum(s.surprise for s in scores) / len(scores))


def _bin(stated: Sequence[tuple[float, bool]], low: float, high: float) -> CalibrationBin | None:
    inside = [(share, right) for share, right in stated if low <= share < high or share == high == EDGES[-1]]
    if not inside:
        return None
    right = sum(right for _, right in inside)
    mean = sum(share for share, _ in inside) / len(inside)
    return CalibrationBin(low, high, len(inside), mean, right, wilson_interval(right, len(inside)))


def calibration_rows(found: Calibration) -> tuple[tuple[str, ...], ...]:
    """Return the bins as they stand in the table."""
    return tuple(
        (f"{100 * b.low:.0f} to {100 * b.high:.0f} of 100", str(b.statements), percent(b.stated),
         f"{b.right} of {b.statements}", percent_range(*b.interval))
        for b in found.bins
    )  # fmt: skip


def honest(found: Calibration) -> str:
    """Return what so few cases can say."""
    said = f"{found.cases} case{'s' * (found.cases != 1)} guessed at."
    if found.cases < FEW:
        return f"{said} Too few to say anything about you: with under {FEW} cases luck decides most of this."
    return f"{said} The seven statements of a case belong together, so even these intervals are too narrow."


def score_rows(rows: Mapping[str, Score]) -> tuple[tuple[str, str, str], ...]:
    """Return name, Brier score and surprise of each."""
    return tuple((name, f"{s.brier:.2f}", f"{s.surprise:.1f} bits") for name, s in rows.items())
