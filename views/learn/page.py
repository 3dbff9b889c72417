"""The learn screen: guess first, then see the model, the authors' cause, and the case finding by finding."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

import model
from model.charts.learn import replay_lines, replay_steps, replay_steps_text
from model.evidence import read_each
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.wording import cause_labels, inside_sentence, of_hundred, percent
from views import cached_models, markup, session
from views.chart_frame import chart_panel
from views.components.ranked_causes import ranked_causes
from views.learn import actions as learn_actions
from views.learn import view
from views.learn.view import TeachingCase
from views.page_head import page_head
from views.result_view import ResultView, result_view
from views.wording import literal

HOW = (
    "Read what was known at presentation and spread points over the seven causes; only their proportion counts. Then "
    "reveal: your guess beside the model's and the authors' cause, and the case finding by finding. The first guess at "
    "a case counts for your calibration below. Published cases are unusual, and the model is often wrong about them: "
    "that is part of the lesson."
)
ALONE = (
    "Findings alone: every cause starts alike, so only the findings speak. Where that differs from the model, the "
    "setting's starting shares decided."
)
BRIER = (
    "Brier: squared distance from the authors' cause, 0 to 2. Surprise: 1 bit is having given it even odds, 0 is "
    "certainty. Where two causes act, each gets half of the model's share."
)
NOTHING_YET = "Nothing yet: reveal a case first. Guesses stay in this tab, and a reload keeps them."
OUTSIDE = "The count lies outside the model's range: take every number of this case with that in mind."


def show() -> None:
    """Draw the screen."""
    learn_actions.begin()
    page_head("Learn", "Guess first, then compare.")
    st.html(f'<p class="scope">{escape(HOW)}</p>')
    known = view.cases(cached_models.knowledge())
    _choose(known)
    case = known[session.chosen("learn_case")]
    guess = next((guess for guess in session.guesses() if guess.case == case.id), None)
    left, right = st.columns([9, 11], gap="medium")
    with left:
        _presenting(case)
    with right:
        if guess is None:
            _ask(case)
        else:
            _reveal(case, dict(guess.points))
    if guess is not None:
        _replay(case)
    _calibration()


def _model() -> model.DiagnosticModel:
    return cached_models.diagnostic_model(session.setting())


def _result(given: Mapping[str, Any]) -> ResultView:
    """Return what is shown of these findings; a count of 500 to 999 is answered here, and marked."""
    found = _model()
    return result_view(found, read_each(found.knowledge, given), "allow", draws=QUICK_DRAWS)


def _choose(known: dict[str, TeachingCase]) -> None:
    done = {guess.case for guess in session.guesses()}
    numbers = {case: place for place, case in enumerate(known, start=1)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Teaching case",
            list(known),
            format_func=lambda case: f"{numbers[case]}. {known[case].title}",  # the browser answers with this: fixed
            key="learn_case",
            on_change=learn_actions.chosen,
            persist_state="session",
            width=480,
        )
        st.button("Next case", on_click=learn_actions.go, args=(False,))
        st.button("Random case", on_click=learn_actions.go, args=(True,))
        this = "this one too" if session.chosen("learn_case") in done else "not this one"
        st.html(f'<p class="legend">Guessed: {len(done)} of {len(known)} cases, {this}.</p>', width="content")


def _presenting(case: TeachingCase) -> None:
    st.header(literal(case.title), anchor=False)
    parts = []
    for group in view.finding_groups(cached_models.knowledge(), case.given):
        absent = f"<i>Absent:</i> {escape('; '.join(group.absent))}" if group.absent else ""
        told = ". ".join(part for part in (escape("; ".join(group.there)), absent) if part)
        parts.append(f"<dt>{escape(group.title)}</dt><dd>{told}.</dd>")
    st.html(f'<dl class="told">{"".join(parts)}</dl><p class="legend">Everything else was not told.</p>')


@st.fragment
def _ask(case: TeachingCase) -> None:
    st.header("Your guess", anchor=False)
    labels = cause_labels(cached_models.knowledge())
    points = {}
    with st.container(key="guess"):
        for cause, label in labels.items():
            points[cause] = int(
                st.number_input(label, 0, 100, 0, 5, key=f"guess_{case.id}_{cause}", persist_state="session")
            )
    total = sum(points.values())
    scaled = "" if total in (0, 100) else "; scaled to 100 when you reveal"
    st.html(f'<p class="legend" role="status">Points given: <b>{total}</b>{scaled}.</p>')
    if st.button("Reveal", disabled=not total, help="Keeps this guess; it cannot be changed afterwards"):
        learn_actions.reveal(case.id, points)
        st.rerun()


def _reveal(case: TeachingCase, points: dict[str, int]) -> None:
    found = _model()
    labels = cause_labels(found.knowledge)
    rows = view.comparison(found, cached_models.diagnostic_model("even"), case, points)
    shown = _result(case.given)
    acting = {row.id: f"{row.percent}, {row.interval.text}" if row.interval else row.percent for row in shown.causes}
    truth, second = case.published.true_cause, case.published.second_cause
    also = f", with {inside_sentence(labels[second])}" if second in labels else ""
    st.header(f"The authors' cause: {inside_sentence(labels[truth])}{also}", anchor=False)
    st.html(f'<p class="legend">{escape(case.teaches)} {escape(case.published.citation)}.</p>')
    if shown.outside:
        st.html(f'<p class="scope">{OUTSIDE}</p>')
    table = [(row.label, percent(row.yours), percent(row.share), percent(row.alone), acting[row.cause], row.authors)
             for row in rows]  # fmt: skip
    head = ("Cause", "You", "Model", "Findings alone", "Acting at all, and its range", "")
    st.html(markup.table(head, table, "Your guess and the model, as shares that add up to 100"))
    shares = {row.cause: row.share for row in rows}
    alone = {row.cause: row.alone for row in rows}
    beliefs = {"You": view.belief(points), "Model": shares, "Findings alone": alone,
               "Knowing nothing": view.even(found.knowledge)}  # fmt: skip
    scores = {name: view.score(held, truth) for name, held in beliefs.items()}
    st.html(markup.table(("", "Brier score", "Surprise"), view.score_rows(scores), "Smaller is better"))
    st.html(f'<p class="legend">{ALONE} {BRIER}</p>')
    st.button("Open on the case screen", on_click=learn_actions.open_on_case_screen, args=(case.id,))


def _replay(case: TeachingCase) -> None:
    found = _model()
    labels, nodes = cause_labels(found.knowledge), found.knowledge.nodes
    st.header("Finding by finding", anchor=False)
    cause = session.chosen("learn_focus", case.published.true_cause)
    st.segmented_control("Order", list(view.ORDERS), format_func=view.ORDERS.__getitem__, key="learn_order",
                         default="history", required=True, persist_state="session")  # fmt: skip
    order = view.order_of(found, case, session.chosen("learn_order"), case.published.true_cause)
    names = {node: view.finding_text(nodes[node], case.given[node]) for node in order}
    at = min(session.chosen("learn_step", len(order)), len(order))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Back", disabled=at == 0, on_click=session.choose, args=("learn_step", at - 1))
        st.button("Forward", disabled=at == len(order), on_click=session.choose, args=("learn_step", at + 1))
        st.button("From the start", disabled=at == 0, on_click=session.choose, args=("learn_step", 0))
        last = f": {names[order[at - 1]]}" if at else ": before any finding"
        st.html(f'<p class="legend" role="status">{at} of {len(order)}{escape(last)}</p>')
    left, right = st.columns([11, 9], gap="medium")
    shown = _result(view.entered_by(case, order, at))
    with left:
        ranked_causes(shown, cause, lambda chosen: session.choose("learn_focus", chosen), key="learn_ranked")
        row = shown.cause(cause)
        if row is not None:
            text = f"{labels[cause]} acting in {of_hundred(row.probability)}"
            st.html(f'<figure class="hundred">{view.icons(row.probability, text)}'
                    f"<figcaption>{escape(text)}.</figcaption></figure>")  # fmt: skip
    with right:
        lines = replay_lines(view.steps(found, case, order)[: at + 1], cause, names)
        if at:
            chart_panel(replay_steps, replay_steps_text, lines, f"Steps of {labels[cause]}", key="learn_steps")
        st.html('<p class="legend">Choose a cause to follow it. The end is the same in every order; the steps are not, '
                "because one finding can explain another away.</p>")  # fmt: skip


def _calibration() -> None:
    st.header("Your calibration", anchor=False)
    found = view.calibration(_model(), session.guesses())
    if found is None:
        st.html(f'<p class="legend">{NOTHING_YET}</p>')
        return
    st.html(f'<p class="legend" role="status">{escape(view.honest(found))}</p>')
    left, right = st.columns(2, gap="medium")
    with left:
        head = ("You said", "Statements", "Mean", "Right", "95 % interval")
        st.html(markup.table(head, view.calibration_rows(found), "How often what you said was the authors' cause"))
    with right:
        means = {"You": found.yours, "Model": found.model, "Knowing nothing": found.even}
        st.html(markup.table(("Mean of the cases", "Brier score", "Surprise"), view.score_rows(means),
                             "Smaller is better"))  # fmt: skip
    st.button("Forget my guesses", on_click=learn_actions.forget)
