"""The case in short as plain text, to be copied into a note. No Streamlit."""

from __future__ import annotations

from model import DiagnosticModel
from model.evidence import Case
from model.report import NO_VERDICT, summary, summary_text
from views.result_view import ResultView, refusal


def summary_of(model: DiagnosticModel, case: Case, view: ResultView) -> str:
    """Return the case in short; where there is no answer, why.

    model : of the visitor;  case : as entered;  view : what is shown of it
    """
    if view.posterior is None:
        return f"No probabilities are shown. {refusal(view)}\n{NO_VERDICT}"
    return summary_text(summary(model, case, view.posterior))
