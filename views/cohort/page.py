"""The cohort screen: a table of patients, checked before it is scored, scored, summed up and handed back."""

from __future__ import annotations

from html import escape

import streamlit as st

import model
from model import charts
from model.errors import ModelError
from views import cached_models, markup, session
from views.chart_frame import chart_panel
from views.cohort import actions as cohort_actions
from views.cohort import view
from views.cohort.actions import Pending
from views.cohort.patient_rows import patient_rows
from views.page_head import page_head
from views.scope_banner import Outside
from views.wording import literal

STALE = (cohort_actions.SCORED, None)  # what was scored with another setting or scope no longer holds
HOW = (
    "One patient a row, one column for each thing known, the unit of numbers in its header or in every cell; an empty "
    "cell, or NA, is not assessed. First see what will be read; then score. Leave names and dates of birth out: other "
    "columns come back as they are, named as not read."
)


def show() -> None:
    """Draw the screen."""
    page_head("Cohort", "A whole table of patients at once.")
    st.html(f'<p class="scope">{HOW} <b>{view.LIMIT}</b> Nothing is stored; the table is dropped with the visit.</p>')
    _sources()
    _choices()
    _take_pending()
    _wrong()
    _check()
    _result()


def _model() -> model.DiagnosticModel:
    return cached_models.diagnostic_model(session.chosen("cohort_setting") or session.setting())


def _outside() -> Outside:
    return "allow" if session.chosen("cohort_outside") else "refuse"


def _sources() -> None:
    knowledge = cached_models.knowledge()
    with st.container(key="cohort_sources", border=True):
        st.file_uploader(
            "Table of patients (CSV, Parquet or Excel)",
            type=view.KINDS,
            key=session.upload_key("cohort_upload"),
            on_change=cohort_actions.take_file,
            max_upload_size=view.MOST_MEGABYTES,
        )
        with st.container(horizontal=True, gap="small"):
            st.button("Try the published cases", on_click=cohort_actions.take_example,
                      help="Published patients as they presented; most counts are not mild or not told")  # fmt: skip
            for label, name, content in (
                ("Empty template", "template.csv", lambda: view.template(knowledge)),
                ("Columns and allowed states", "columns.csv", lambda: view.guide(knowledge)),
                ("Published cases as a table", view.EXAMPLE, lambda: view.example(knowledge)),
            ):
                st.download_button(label, data=content, file_name=name, mime="text/csv", on_click="ignore")
        with st.expander("Which columns can be read"):
            st.html(markup.table(view.GUIDE, view.guide_rows(knowledge), "Columns of a table of patients"))


def _choices() -> None:
    settings = cached_models.knowledge().settings
    session.offer("cohort_setting", session.setting())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        st.selectbox("Setting of the table", list(settings), format_func=lambda setting: settings[setting].label,
                     key="cohort_setting", on_change=session.choose, args=STALE, persist_state="session",
                     width=320)  # fmt: skip
        st.toggle("Answer counts of 500 to 999 too, marked", key="cohort_outside",
                  on_change=session.choose, args=STALE, persist_state="session")  # fmt: skip
    if session.numbers():
        st.html('<p class="legend">The table is scored with the numbers as published, not with those you replaced.</p>')


def _take_pending() -> None:
    """Check what came in; what cannot be scored is said and changes nothing."""
    found = cohort_actions.table()
    pending: Pending | None = session.take(cohort_actions.PENDING)
    if pending is None and (found is None or found.outside == _outside()):
        return
    name, content = (pending.name, pending.content) if pending else (found.name, found.content)  # type: ignore[union-attr]
    bar = st.progress(0.0, "Reading the table")
    try:
        upload = view.upload_of(_model(), content, name, _outside(), _progress(bar, "Reading"))
    except ModelError as error:
        session.choose(cohort_actions.WRONG, tuple(str(error).split("\n")))
    else:
        cohort_actions.accept(upload)
    bar.empty()


def _progress(bar, doing: str):
    return lambda fraction, what: bar.progress(min(fraction, 1.0), f"{doing}: {what}")


def _wrong() -> None:
    lines: tuple[str, ...] | None = session.chosen(cohort_actions.WRONG)
    if lines:
        kept = " The table before is kept." if cohort_actions.table() else ""
        st.error("  \n".join(literal(line) for line in lines), title=f"This table cannot be scored.{kept}")


def _check() -> None:
    found = cohort_actions.table()
    if found is None:
        return
    knowledge = cached_models.knowledge()
    st.header(f"What is read: {literal(found.name)}", anchor=False)
    st.html(f'<p class="legend" role="status">{escape(view.check_sentence(found))}</p>')
    if found.check.warnings:
        st.warning("  \n".join(literal(sentence) for sentence in found.check.warnings))
    st.html(markup.table(("Rows", "What becomes of them", "Why", "Instead"), view.scope_lines(knowledge, found.check),
                         "Rows in and out of scope"))  # fmt: skip
    unread = sum(column.unreadable > 0 for column in found.check.columns)
    title = f"Column by column{f': {unread} with cells that cannot be read' if unread else ''}"
    with st.expander(title, expanded=unread > 0):
        st.html(markup.table(view.COLUMNS, view.column_lines(knowledge, found.check), "What is read of every column"))
    with st.container(horizontal=True):
        st.button(f"Score {found.check.rows:,} rows", on_click=session.choose, args=("cohort_score", True),
                  disabled=not found.check.rows)  # fmt: skip
        st.button("Drop the table", on_click=cohort_actions.forget)
    if session.take("cohort_score"):
        bar = st.progress(0.0, "Scoring")
        try:
            result = view.score_upload(_model(), found, _progress(bar, "Scoring"))
        except ModelError as error:
            st.error(literal(str(error)))
        else:
            session.choose(cohort_actions.SCORED, result)
        bar.empty()


def _result() -> None:
    found, result = cohort_actions.table(), cohort_actions.scored()
    if found is None or result is None:
        return
    knowledge = cached_models.knowledge()
    label = knowledge.settings[result.setting].label
    st.header(f"Result, setting: {literal(label)}", anchor=False)
    st.html(f'<p class="legend" role="status">{escape(view.summary_sentence(result.summary))}</p>')
    st.download_button("Download the scored table", data=result.content, file_name=view.scored_name(found.name),
                       mime="text/csv", on_click="ignore")  # fmt: skip
    if result.summary.answered:
        _pictures(result)
    _rows(found, result)


def _pictures(result: view.Scored) -> None:
    pictures = (
        (charts.cohort_leaders, charts.cohort_leaders_text, "Leading cause"),
        (charts.cohort_means, charts.cohort_means_text, "Mean probability of each cause"),
        (charts.cohort_clarity, charts.cohort_clarity_text, "How clear the leader is"),
    )
    for column, (draw, text, about) in zip(st.columns(3, gap="medium"), pictures, strict=True):
        with column:
            chart_panel(draw, text, result.summary, about, key=f"chart_{about}")


def _rows(found: view.Upload, result: view.Scored) -> None:
    knowledge = cached_models.knowledge()
    pages = view.pages(result)
    page = min(session.chosen("cohort_page", 0), pages - 1)
    st.header("Patients", anchor=False)
    rows = view.patient_rows(knowledge, result, page)
    about = found.check.others[0] if found.check.others else ""
    caption = f"Choose a row to open it as your case. Page {page + 1} of {pages}."
    patient_rows(rows, about, caption, cohort_actions.open_row)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Earlier rows", disabled=page == 0, on_click=session.choose, args=("cohort_page", page - 1))
            st.button("Later rows", disabled=page == pages - 1, on_click=session.choose, args=("cohort_page", page + 1))
