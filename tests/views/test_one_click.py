"""One click on a finding of the first example: its evidence is read, its scope checked, its answer computed once."""

import sys
from collections import Counter
from functools import wraps

import pytest

from model.calibrated_model import DEFAULT_SETTING, CalibratedModel
from model.evidence import check_scope, read_evidence
from model.inference import Engine
from tests.views.test_app import answer, opened, shown

MOST_SOLVED = 44  # passes of the engine: the answer, three other settings, and what open questions could show


@pytest.fixture
def calls(monkeypatch):
    """Return how often each of these ran, wherever it was imported to; answers of the shown model only."""
    found = Counter()
    answered = CalibratedModel.answer

    def counting(function):
        @wraps(function)
        def counted(*args, **options):
            shown_case = function is not answered or args[0].setting == DEFAULT_SETTING
            found[function.__name__] += shown_case  # the other settings are asked too, once each
            return function(*args, **options)

        return counted

    for function in (read_evidence, check_scope):
        for module in [module for name, module in sys.modules.items() if name.startswith(("model", "views"))]:
            for name in [name for name, value in vars(module).items() if value is function]:
                monkeypatch.setattr(module, name, counting(function))
    for owner, function in ((CalibratedModel, CalibratedModel.answer), (Engine, Engine.solve)):
        monkeypatch.setattr(owner, function.__name__, counting(function))
    return found


def test_a_click_reads_checks_and_answers_once(request):
    at = opened()
    assert not at.exception
    calls = request.getfixturevalue("calls")  # from here on, when every model is compiled
    at.segmented_control(key="ev_fever").set_value("present").run()
    assert not at.exception
    assert not at.segmented_control  # only the results and what is behind them were drawn again
    once = {name: calls[name] for name in ("read_evidence", "check_scope", "answer")}
    assert once == {"read_evidence": 1, "check_scope": 1, "answer": 1}
    assert calls["solve"] <= MOST_SOLVED


def test_a_click_draws_what_the_whole_page_draws():
    at = opened()
    at.segmented_control(key="ev_fever").set_value("present").run()
    clicked = shown(at)
    assert shown(at.run()) == clicked
    assert shown(answer(opened(), "fever", "present")) == clicked
