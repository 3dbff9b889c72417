"""Shared fixtures: the real model in every setting."""

import logging
import os

import pytest
from hypothesis import settings

import model

# Speed is measured in benchmarks, never by a test. Integration draws the same examples each time, other runs new ones.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

SETTINGS = ("article", "haematology_clinic", "urban_us_clinic", "primary_care", "even")


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Streamlit warns at every call outside a running app."""
    caplog.set_level(logging.ERROR, logger="streamlit")


@pytest.fixture(scope="session")
def article():
    return model.load()


@pytest.fixture(scope="session", params=SETTINGS)
def any_model(request):
    return model.load(setting=request.param)
