"""The about screen: what the model is for, what it is not, and which version this is."""

from __future__ import annotations

from html import escape

import streamlit as st

import model
from model.report import model_card
from model.wording import GRADES, words_of
from views import actions, cached_models, markup, session
from views.about.view import validation_results, validation_tables
from views.page_head import page_head
from views.wording import literal

INTENDED = """
Clinicians and teachers can explore how findings move the causes of a mildly low neutrophil count in an adult, and see
the claim or study behind every number. It answers with a ranking and its reasons. It does not decide, and it is not a
medical device.
"""
LIMITS = """
- It is built on one article: {article}. Where the article is silent the literature
  stands in, and what nobody knows is an assumption with a wide interval. Each number says which of these it is.
- It has not been validated on patients. Published cases serve as examples and checks, and most lie outside its scope.
- The probabilities are plug-in values: every number of the model is taken at its mean. The range beside each is where
  it lies when all numbers are drawn from their distributions (500 draws, 5 % to 95 %); it says nothing of what the
  article, or the structure of the model, gets wrong.
- Nutritional deficiency is one deficiency at a time. A finding that is not assessed counts neither way.
- Anything outside the six causes and “other or unexplained” cannot come first, however well it fits.
"""
HELP = """
- **Case.** Answer what you know and leave the rest as *not assessed*, which counts neither way. A laboratory value may
  be given as a state or as a number with its unit; how it was read stands under it. *Paste results* reads text from a
  laboratory. Choose a cause in the ranking to see what speaks for and against it; open a line for the numbers behind.
  Point at an answer under *Ask or test next* to see what it would do, choose it to enter it.
- **Compare** sets pinned scenarios, settings or readers side by side. **Sensitivity** shows which numbers decide, and
  lets you put another value in place of one for this visit. **Network** shows the whole graph.
  **Numbers and sources** holds every record. **Cohort** scores a table. **Learn** asks you first.
- **Keys.** Tab goes from question to question, arrows and Space answer one; Alt+U takes back, Alt+X clears.
- **What is kept.** Nothing is stored on the server. The browser keeps the case for this tab until it is closed, so
  that a reload loses nothing; *Save or share* gives a file, a page to print, or a link. A case holds no identity.
"""
VALIDATION = """
What would prove the model wrong, and what came of it. Failures stand here as they are; nothing was fitted to a case.
Run `neutropenia-bn validate` for all of it anew; notebook 07 shows how.
"""
PARTS = ("Use and help", "Is it right?", "Model card")


def show() -> None:
    """Draw the screen."""
    page_head("About", "What this model is for, how far to trust it, and where it fails.")
    part = st.segmented_control("Show", PARTS, default=PARTS[0], required=True, key="about_part",
                                label_visibility="collapsed", persist_state="session")  # fmt: skip
    if part == PARTS[1]:
        _validation()
    elif part == PARTS[2]:
        _card()
    else:
        _use()
    _version()


def _use() -> None:
    knowledge = cached_models.knowledge()
    limits = LIMITS.format(article=literal(knowledge.sources["article"].citation))
    with st.container(key="prose"):
        for title, words in (("What it is for", INTENDED), ("Help", HELP), ("Limits", limits)):
            st.header(title, anchor=False)
            st.markdown(words)
            if title == "Help":
                st.button("Show the first steps again", key="first_steps", on_click=actions.show_first_steps)
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


def _validation() -> None:
    knowledge = cached_models.knowledge()
    results = validation_results(knowledge)
    st.markdown(VALIDATION)
    for table in validation_tables(knowledge, results, session.setting()):
        st.header(table.title, anchor=False)
        st.html(f'<p class="legend">{escape(table.says)}</p>{markup.table(table.head, table.rows, table.title)}')


def _card() -> None:
    knowledge = cached_models.knowledge()
    card = model_card(knowledge, validation_results(knowledge))
    st.download_button("Download the model card (Markdown)", data=card, file_name="model-card.md",
                       mime="text/markdown", on_click="ignore")  # fmt: skip
    with st.container(key="card"):
        st.markdown(card.split("\n", 1)[1])  # its title is the screen's


def _version() -> None:
    current, knowledge = session.current_model(), cached_models.knowledge()
    st.header("Version", anchor=False)
    st.markdown(
        f"Version {model.__version__}, model `{current.hash}`, setting: {knowledge.settings[current.setting].label}, "
        f"words as read by {words_of(current.scale)}. {len(knowledge.records)} numbers, "
        f"{len(knowledge.sources)} sources."
    )


VERDICTS = {"in": "Yes", "near": "On request, marked", "refused": "No"}


def _range(low: float | None, high: float | None, state: str) -> str:
    if low is None and high is None:
        return state
    bounds = [f"{low:g} or more" if low is not None else "", f"below {high:g}" if high is not None else ""]
    extra = state.replace("=", " ") if state else ""
    return ", ".join(part for part in (*bounds, extra) if part)
