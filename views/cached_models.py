"""Tables and calibrated models, made once and shared by every visitor; nothing of a visitor's case is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import streamlit as st

import model
from model.knowledge import Knowledge, load_knowledge
from model.sensitivity import parameter_draws
from model.sensitivity.swap_reader import reordered
from model.sensitivity.uncertainty import QUICK_DRAWS
from views.medicines import offered
from views.questions import Questionnaire

Numbers = tuple[tuple[str, float], ...]  # replaced numbers, (record id, value), sorted


def key_of(setting: str, numbers: Mapping[str, float]) -> tuple[str, Numbers]:
    """Return what names a model among the cached ones."""
    return setting, tuple(sorted(numbers.items()))


@st.cache_resource
def knowledge() -> Knowledge:
    """Return the tables."""
    return load_knowledge()


@st.cache_resource
def medicine_names() -> Mapping[str, str]:
    """Return the names of medicines, as read and as shown."""
    return offered(knowledge())


@st.cache_resource
def questionnaire() -> Questionnaire:
    """Return the questions."""
    return Questionnaire(knowledge())


@st.cache_resource(max_entries=8, show_spinner=False)
def plain_model(setting: str, numbers: Numbers = ()) -> model.DiagnosticModel:
    """Return the model of one setting, some numbers replaced, with nothing drawn yet: it answers in some milliseconds.

    raises : KnowledgeError, CalibrationError for numbers that no model can take.
    """
    loaded = model.load(setting)
    return loaded.override(dict(numbers)) if numbers else loaded


@st.cache_resource(max_entries=8, show_spinner=False)
def diagnostic_model(setting: str, numbers: Numbers = ()) -> model.DiagnosticModel:
    """Return the same model as `plain_model`, with its numbers drawn for the ranges: half a second the first time."""
    loaded = plain_model(setting, numbers)
    parameter_draws(loaded, QUICK_DRAWS)
    _drawn().add((setting, numbers))
    return loaded


@st.cache_resource(show_spinner=False)
def _drawn() -> set[tuple[str, Numbers]]:
    return set()


def has_ranges(setting: str, numbers: Numbers = ()) -> bool:
    """Return whether the numbers of this model are drawn already, so that ranges cost nothing to wait for."""
    return (setting, numbers) in _drawn()


@st.cache_resource(max_entries=6, show_spinner=False)
def reader_model(setting: str, reader: str, numbers: Numbers = ()) -> model.DiagnosticModel:
    """Return the model of another reader of the article.

    reader : ``scale:`` or ``order:`` and the id of one, or what stands for the published reading
    raises : KnowledgeError, CalibrationError for numbers that no model can take.
    """
    kind, _, name = reader.partition(":")
    loaded = model.load(setting, name if kind == "scale" else None)
    if kind == "order":
        loaded = cast(model.DiagnosticModel, reordered(loaded, name))  # a model keeps its kind
    return loaded.override(dict(numbers)) if numbers else loaded


@st.cache_resource(max_entries=8)
def other_models(setting: str) -> tuple[model.DiagnosticModel, ...]:
    """Return the models of the other settings, without draws, for comparison."""
    return tuple(model.load(other) for other in knowledge().settings if other != setting)
