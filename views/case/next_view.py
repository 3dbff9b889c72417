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

MOST_A_STEP = 2  # questions on offer at a time, of each step of a work-up
STEPS = {"history": "History", "examination": "Examination", "blood": "One blood draw", "special": "Special tests"}
ASKED = ("medicines", "background", "symptoms", "course")  # groups of nodes.csv that are asked, not measured
DRAW = "blood_draw"  # panel of panels.csv: one puncture for all of them
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
    """One question or test on offer, and what each answer to it would do.

    step : of a work-up, a key of `STEPS`;  first : of all, most worth its cost
    """

    test: NextTest
    label: str
    step: str
    first: bool
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class NextView:
    """What the panel of next questions draws.

    questions : step by step of a work-up; within a step, what tells most first
    reason    : whether to stop, and why;  arithmetic : the numbers behind it;  tests : everything that is open
    """

    questions: tuple[OpenQuestion, ...]
    later: tuple[str, ...]
    stop: bool
    reason: str
    arithmetic: str
    step: Guidance | None
    tests: NextTests


def next_view(
    model: DiagnosticModel,
    answer: Posterior,
    costs: Mapping[str, float] | None = None,
    by_cost: bool = True,
) -> NextView:
    """Return the open questions: of each step of a work-up those worth most.

    costs   : node -> cost in blood tests, in place of the tables' own
    by_cost : choose by value for the cost; else by information alone
    raises  : EvidenceError for a cost of something unknown
    """
    found = next_tests(model, answer, costs=costs, samples=SAMPLES)
    now = [line for line in found.now if line.kind != "panel"]
    if not by_cost:
        now.sort(key=lambda line: -line.worth.information)
    steps = step_of(model.knowledge)
    chosen = []
    for step in STEPS:
        of_step = [line for line in now if steps[line.test] == step][:MOST_A_STEP]
        chosen += sorted(of_step, key=lambda line: -line.worth.information)
    answers = _answers(model.knowledge, found, {line.test for line in chosen})
    nodes = model.knowledge.nodes
    questions = tuple(
        OpenQuestion(line, nodes[line.test].short_label, steps[line.test], line is now[0], answers[line.test])
        for line in chosen
    )
    later = tuple(line.label for line in found.lines if line.follow_up)
    stop = found.stop
    return NextView(questions, later, stop.stop, stop.reason, stop.arithmetic, found.step, found)


def step_of(knowledge: Knowledge) -> dict[str, str]:
    """Return node -> the step of a work-up that it belongs to: asked, examined, of one blood draw, or special."""
    drawn = {row.node for row in knowledge.costs if DRAW in row.panels}
    return {
        node.id: "history" if node.group in ASKED
        else "examination" if node.group == "examination"
        else "blood" if node.id in drawn else "special"
        for node in knowledge.role("context", "finding")
    }  # fmt: skip


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
