"""Shared fixtures: the real model in every setting; and nothing connects to another machine."""

import logging
import os

import pytest
from hypothesis import settings

import model
from tests import no_network

no_network.guard()

# Speed is measured in benchmarks, never by a test. Integration draws the same examples each time, other runs new ones.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

SETTINGS = ("article", "haematology_clinic", "urban_us_clinic", "primary_care", "even")


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Streamlit warns at every call outside a running app."""
    caplog.set_level(logging.ERROR, logger="streamlit")


@pytest.fixture(autouse=True)
def _nobody_is_called():
    """Whoever catches the refusal of a connection fails all the same."""
    before = len(no_network.tried)
    yield
    assert no_network.tried[before:] == []


@pytest.fixture(scope="session")
def article():
    return model.load()


@pytest.fixture(scope="session", params=SETTINGS)
def any_model(request):
    return model.load(setting=request.param)
