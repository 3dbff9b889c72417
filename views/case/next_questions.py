"""The open questions: what each answer would do is seen before it is given, and it can be given in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model.wording import number_text, percent
from views.case.next_view import NextView, OpenQuestion
from views.components.inline import Inline

_component = Inline(__file__, '\n<ol class="open" aria-label="What to ask or test next"></ol>\n')


def next_questions(view: NextView, on_answer: Callable[[str, str], None]) -> None:
    """Draw the questions; `on_answer` gets node and state of the answer that was chosen."""
    most = max((question.test.worth.information for question in view.questions), default=0.0)
    rows = [_row(question, most) for question in view.questions]
    _component.draw({"rows": rows}, "answer", lambda given: on_answer(str(given["node"]), str(given["state"])))


def _row(question: OpenQuestion, most: float) -> dict[str, Any]:
    test, worth = question.test, question.test.worth
    cost = f"cost {number_text(test.cost)} blood tests"
    marks = (("article's next step", test.step_next), ("must not be missed", test.cannot_miss))
    return {
        "id": test.test,
        "label": question.label,
        "marks": [mark for mark, holds in marks if holds],
        "share": round(100 * worth.information / most, 1) if most > 0 else 0,
        "worth": f"{worth.information:.2f} bits · {cost} · changes the leader in {percent(worth.change)}",
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
