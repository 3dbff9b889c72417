"""The open questions: what each answer would do is seen before it is given, and it can be given in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model.wording import number_text, percent
from views.case.next_view import STEPS, NextView, OpenQuestion
from views.components.inline import Inline

LEAST = 0.01  # probability; what changes the leader less often is left unsaid
_component = Inline(__file__, '\n<ol class="open" aria-label="What to ask or test next"></ol>\n')


def next_questions(view: NextView, arithmetic: bool, on_answer: Callable[[str, str], None]) -> None:
    """Draw the questions; `on_answer` gets node and state of the answer that was chosen. arithmetic : bits and costs"""
    most = max((question.test.worth.information for question in view.questions), default=0.0)
    rows, step = [], ""
    for question in view.questions:
        rows.append(_row(question, most, "" if question.step == step else STEPS[question.step], arithmetic))
        step = question.step
    _component.draw({"rows": rows}, "answer", lambda given: on_answer(str(given["node"]), str(given["state"])))


def _row(question: OpenQuestion, most: float, step: str, arithmetic: bool) -> dict[str, Any]:
    """step : the heading above this question, empty below the first of its step"""
    test, worth = question.test, question.test.worth
    marks = (
        ("most for its cost", question.first),
        ("article's next step", test.step_next),
        ("must not be missed", test.cannot_miss),
    )
    return {
        "id": test.test,
        "step": step,
        "label": question.label,
        "marks": [mark for mark, holds in marks if holds],
        "share": round(100 * worth.information / most, 1) if most > 0 else 0,
        "worth": _worth(question, arithmetic),
        "answers": [
            {
                "state": answer.state,
                "label": answer.label,
                "odds": f"{percent(answer.probability)} likely",
                "then": f"{answer.leader_label} {percent(answer.after[answer.leader])}",
                "after": {
                    cause: {"width": round(100 * value, 1), "text": percent(value)}
                    for cause, value in answer.after.items()
                },
            }
            for answer in question.answers
        ],
    }


def _worth(question: OpenQuestion, arithmetic: bool) -> str:
    """Return how often the answer would change the leader, where that is worth a word; its bits and cost if asked."""
    worth = question.test.worth
    changes = [f"changes the leader in {percent(worth.change)}"] if worth.change >= LEAST or arithmetic else []
    sums = (
        (f"{worth.information:.2f} bits", f"cost {number_text(question.test.cost)} blood tests") if arithmetic else ()
    )
    return " · ".join([*sums, *changes])
