"""Tables and calibrated models, made once and shared by every visitor; nothing of a visitor's case is in them."""

from __future__ import annotations

import streamlit as st

import model
from model.knowledge import Knowledge, load_knowledge
from model.uncertainty import parameter_draws
from views.questions import Questionnaire

DRAWS = 500  # parameter draws behind the ranges on screen; the command line takes 2000
Numbers = tuple[tuple[str, float], ...]  # replaced numbers, (record id, value), sorted


@st.cache_resource
def knowledge() -> Knowledge:
    """Return the tables."""
    return load_knowledge()


@st.cache_resource
def questionnaire() -> Questionnaire:
    """Return the questions."""
    return Questionnaire(knowledge())


@st.cache_resource(max_entries=24, show_spinner="Drawing the numbers of this setting")
def diagnostic_model(setting: str, numbers: Numbers = ()) -> model.DiagnosticModel:
    """Return the model of one setting, some numbers replaced, with its numbers drawn for the ranges.

    raises : KnowledgeError, CalibrationError for numbers that no model can take.
    """
    loaded = model.load(setting)
    if numbers:
        loaded = loaded.override(dict(numbers))
    parameter_draws(loaded, DRAWS)
    return loaded


@st.cache_resource(max_entries=8)
def other_models(setting: str) -> tuple[model.DiagnosticModel, ...]:
    """Return the models of the other settings, without draws, for comparison."""
    return tuple(model.load(other) for other in knowledge().settings if other != setting)
