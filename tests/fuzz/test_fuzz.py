"""Every entrance under whatever a fuzzer thinks of: numbers or a sentence, never a traceback, never a NaN.

``make soak`` gives each entrance ten thousand examples; ``NEUTROPENIA_FUZZ`` sets another number.
"""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings

from model.knowledge import data_folder
from tests.fuzz import entrances
from tests.fuzz.entrances import ENTRANCES


@pytest.fixture(scope="module", autouse=True)
def _folders(tmp_path_factory):
    arguments, knowledge = (tmp_path_factory.mktemp(name) for name in ("arguments", "knowledge"))
    entrances.sound_and_spoilt_files(arguments)
    shutil.copytree(data_folder(), knowledge, dirs_exist_ok=True)
    entrances.FOLDERS.update(arguments=arguments, knowledge=knowledge)


@pytest.mark.parametrize("name", ENTRANCES)
def test_numbers_or_a_sentence(name):
    entrance = ENTRANCES[name]
    examples = int(os.environ.get("NEUTROPENIA_FUZZ", entrance.examples))

    @given(entrance.draws)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    def hold(drawn):
        entrance.promise(drawn)

    hold()
