"""The visitor's table of patients, and what the buttons of the cohort screen do to it."""

from __future__ import annotations

from dataclasses import dataclass

from views import session
from views.cached_models import knowledge
from views.cohort.view import EXAMPLE, Scored, Upload, case_of_row, example, file_name

TABLE, SCORED, PENDING, WRONG = "cohort_table", "cohort_scored", "cohort_pending", "cohort_wrong"


@dataclass(frozen=True)
class Pending:
    """A file that came in and is not checked yet."""

    name: str
    content: bytes


def table() -> Upload | None:
    """Return the visitor's table."""
    return session.chosen(TABLE)


def scored() -> Scored | None:
    """Return the visitor's table with its probabilities."""
    return session.chosen(SCORED)


def take_file() -> None:
    """Handle an uploaded table; it is checked when the page is drawn, where a bar can show progress."""
    uploaded = session.uploaded("cohort_upload")
    if uploaded is not None:
        session.choose(PENDING, Pending(file_name(uploaded.name), uploaded.getvalue()))


def take_example() -> None:
    """Handle the button that tries the published cases."""
    session.choose(PENDING, Pending(EXAMPLE, example(knowledge()).encode()))


def accept(upload: Upload) -> None:
    """Put a checked table in place of the one before."""
    for key, value in ((TABLE, upload), (SCORED, None), (WRONG, None), ("cohort_page", 0)):
        session.choose(key, value)


def forget() -> None:
    """Drop the table and everything read from it."""
    for key in (TABLE, SCORED, PENDING, WRONG):
        session.choose(key, None)


def open_row(number: int) -> None:
    """Open a row as the visitor's case, and go to the case screen."""
    found, result = table(), scored()
    if found is None or result is None or not 1 <= number <= len(result.table):
        return
    opened, warnings = case_of_row(knowledge(), result, number, found.name)
    session.open_case(opened)
    said = f"Opened: row {number} of {found.name}. Undo brings the case before back."
    session.say("warning" if warnings else "info", said, *warnings)
    session.want_screen("case")
