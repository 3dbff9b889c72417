"""The open questions: what each answer would do is seen before it is given, and it can be given in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from views.case.next_view import NextView, OpenQuestion
from views.wording import number_text, percent

HERE = Path(__file__).parent
_component = component(
    "next_questions",
    html='\n<ol class="open" aria-label="What to ask or test next"></ol>\n',
    css=(HERE / "next_questions.css").read_text(encoding="utf-8"),
    js=(HERE / "next_questions.js").read_text(encoding="utf-8"),
)


def next_questions(view: NextView, on_answer: Callable[[str, str], None], key: str = "next") -> None:
    """Draw the questions; `on_answer` gets node and state of the answer that was chosen."""

    def answered() -> None:
        chosen: Any = st.session_state[key].answer
        if chosen:
            on_answer(str(chosen["node"]), str(chosen["state"]))

    most = max((question.bits for question in view.questions), default=0.0)
    _component(data={"rows": [_row(question, most) for question in view.questions]}, key=key, on_answer_change=answered)


def _row(question: OpenQuestion, most: float) -> dict[str, Any]:
    cost = f"cost {number_text(question.cost)} blood tests"
    marks = (("article's next step", question.article), ("must not be missed", question.guarded))
    return {
        "id": question.id,
        "label": question.label,
        "marks": [mark for mark, holds in marks if holds],
        "share": round(100 * question.bits / most, 1) if most > 0 else 0,
        "worth": f"{question.bits:.2f} bits · {cost} · changes the leader in {percent(question.change)}",
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
