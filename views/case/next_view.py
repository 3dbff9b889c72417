"""What to ask or test next: open questions, what each answer would do, and the article's own step. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model import DiagnosticModel, Posterior
from model.decision import NextTest, NextTests, next_tests
from model.evidence.numerals import readings
from model.knowledge import Guidance, Knowledge
from model.wording import state_label
from views.wording import plain_number

MOST = 6  # questions on offer at a time
MOST_COST = 1000  # blood tests
SAMPLES = 250  # patients drawn for what all blood tests together are worth: only whether to stop hangs on it


@dataclass(frozen=True)
class Answer:
    """One possible answer: how likely it is, and every cause's probability once it is given."""

    state: str
    label: str
    probability: float
    leader: str
    leader_label: str
    after: Mapping[str, float]


@dataclass(frozen=True)
class OpenQuestion:
    """One question or test on offer, and what each answer to it would do."""

    test: NextTest
    label: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class NextView:
    """What the panel of next questions draws."""

    questions: tuple[OpenQuestion, ...]
    later: tuple[str, ...]
    stop: bool
    reason: str
    step: Guidance | None


def next_view(
    model: DiagnosticModel,
    answer: Posterior,
    costs: Mapping[str, float] | None = None,
    by_cost: bool = True,
) -> NextView:
    """Return the open questions, best first.

    costs   : node -> cost in blood tests, in place of the tables' own
    by_cost : order by value for the cost; else by information alone
    raises  : EvidenceError for a cost of something unknown
    """
    found = next_tests(model, answer, costs=costs, samples=SAMPLES)
    now = [line for line in found.now if line.kind != "panel"]
    if not by_cost:
        now.sort(key=lambda line: -line.worth.information)
    answers = _answers(model.knowledge, found, {line.test for line in now[:MOST]})
    nodes = model.knowledge.nodes
    questions = tuple(OpenQuestion(line, nodes[line.test].short_label, answers[line.test]) for line in now[:MOST])
    later = tuple(line.label for line in found.lines if line.follow_up)
    return NextView(questions, later, found.stop.stop, found.stop.reason, found.step)


def as_cost(text: str) -> float | None:
    """Return a cost in blood tests as typed, with a decimal point or comma; None for what cannot be read."""
    numbers = [float(each) for each in readings(text.strip())]
    return numbers[0] if len(numbers) == 1 and numbers[0] <= MOST_COST else None


def not_a_cost(text: str, own: float) -> str:
    """Return the sentence for a cost that cannot be read."""
    return f"Expected a number from 0 to {MOST_COST}, such as 0.5, got “{text}”; {plain_number(own)} counts instead."


def _answers(knowledge: Knowledge, found: NextTests, wanted: set[str]) -> dict[str, tuple[Answer, ...]]:
    causes = [cause.id for cause in found.outcomes.engine.network.causes]
    answers: dict[str, list[Answer]] = {}
    for (test, state), row in zip(found.results.index, found.results.to_dict("records"), strict=True):
        if test in wanted:
            node, leader = knowledge.nodes[test], row["leader"]
            answers.setdefault(test, []).append(
                Answer(
                    state,
                    state_label(node, state),
                    row["probability"],
                    leader,
                    knowledge.nodes[leader].short_label,
                    {cause: row[cause] for cause in causes},
                )
            )
    return {test: tuple(rows) for test, rows in answers.items()}
