"""The model that screens are compared with."""

import pytest

import model


@pytest.fixture(scope="session")
def m():
    return model.load()
