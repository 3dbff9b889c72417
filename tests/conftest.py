"""Shared fixtures: the real model in every setting; and nothing connects to another machine."""

import gc
import logging
import os
from pathlib import Path

import pytest
from hypothesis import settings

import model
from model.explanation.coalition import batch_engines, unselected
from model.sensitivity import uncertainty
from model.sensitivity.one_way import probes
from tests import no_network

no_network.guard()

# Speed is measured in benchmarks, never by a test. Integration draws the same examples each time, other runs new ones.
settings.register_profile("untimed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("untimed")

ROOM = 4_000_000_000  # bytes of one worker
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


@pytest.fixture(scope="module", autouse=True)
def _room():
    """After a file of tests that left much behind, drop what is a third of a gigabyte a model and made in seconds."""
    yield
    held = Path("/proc/self/statm")
    if held.exists() and int(held.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") > ROOM:
        for kept in (uncertainty._draws, probes, batch_engines, unselected):
            kept.cache_clear()
        gc.collect()


@pytest.fixture(scope="session")
def article():
    return model.load()


@pytest.fixture(scope="session", params=SETTINGS)
def any_model(request):
    return model.load(setting=request.param)
