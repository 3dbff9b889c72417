"""The about screen: what the model is for, what it is not, and which version this is."""

from __future__ import annotations

import streamlit as st

import model
from views import cached_models, markup, session
from views.page_head import page_head
from views.wording import GRADES

INTENDED = """
Clinicians and teachers can explore how findings move the causes of a mildly low neutrophil count in an adult, and see
the claim or study behind every number. It answers with a ranking and its reasons. It does not decide, and it is not a
medical device.
"""
LIMITS = """
- It is built on one web article that is marked as pending human review. Where the article is silent the literature
  stands in, and what nobody knows is an assumption with a wide interval. Each number says which of these it is.
- It has not been validated on patients. Published cases serve as examples and checks, and most lie outside its scope.
- The probabilities are plug-in values: every number of the model is taken at its mean. The range beside each is where
  it lies when all numbers are drawn from their distributions (500 draws, 5 % to 95 %); it says nothing of what the
  article, or the structure of the model, gets wrong.
- Nutritional deficiency is one deficiency at a time. A finding that is not assessed counts neither way.
- Anything outside the six causes and “other or unexplained” cannot come first, however well it fits.
"""
HELP = """
Answer what you know and leave the rest as *not assessed*. A laboratory value may be given as a state or as a number
with its unit; how it was read stands under it. Choose a cause in the ranking to see its states and the records behind
its share.
Save keeps a case as a file on your own computer; nothing is stored here, and a case holds no identity.
"""


def show() -> None:
    """Draw the screen."""
    knowledge = cached_models.knowledge()
    current = session.current_model()
    page_head("About")
    st.header("What it is for", anchor=False)
    st.markdown(INTENDED)
    st.header("Limits", anchor=False)
    st.markdown(LIMITS)
    st.header("Scope", anchor=False)
    rules = [
        (
            f"{knowledge.nodes[rule.node].label}: {_range(rule.low, rule.high, rule.state)}",
            VERDICTS[rule.verdict],
            rule.reason,
            rule.advice,
        )
        for rule in knowledge.scope
    ]
    st.html(markup.table(("Patient", "Answered", "Why", "What to do"), rules, "Scope of the model"))
    st.header("Settings", anchor=False)
    settings = [(row.label, row.population, row.basis, row.caution) for row in knowledge.settings.values()]
    st.html(markup.table(("Setting", "Who", "Built on", "Caution"), settings, "Settings; one at a time, never mixed"))
    st.header("Grades", anchor=False)
    st.html(markup.table(("Grade", "Meaning"), list(GRADES.items()), "How much to trust a number"))
    st.header("Help", anchor=False)
    st.markdown(HELP)
    st.header("Version", anchor=False)
    st.markdown(
        f"Version {model.__version__}, model `{current.hash}`, setting: {knowledge.settings[current.setting].label}, "
        f"words read by the scale `{current.scale}`. {len(knowledge.records)} numbers, "
        f"{len(knowledge.sources)} sources."
    )


VERDICTS = {"in": "Yes", "near": "On request, marked", "refused": "No"}


def _range(low: float | None, high: float | None, state: str) -> str:
    if low is None and high is None:
        return state
    bounds = [f"{low:g} or more" if low is not None else "", f"below {high:g}" if high is not None else ""]
    extra = state.replace("=", " ") if state else ""
    return ", ".join(part for part in (*bounds, extra) if part)
