"""Stated probability against frequency, counted here once more bin by bin."""

import numpy as np
import pytest

import model
from model.validation import case_set
from model.validation.published.reliability import EVERY, newest_cases, reliability_by_cause, reliability_text


@pytest.fixture(scope="module")
def plain():
    return model.load()


@pytest.fixture(scope="module")
def cases(plain):
    return case_set(plain, newest_cases(plain.knowledge.folder))


@pytest.fixture(scope="module")
def frame(plain, cases):
    return reliability_by_cause(plain, cases, patients=5000, seed=2)


def test_published_bins_are_those_counted_by_hand(plain, cases, frame):
    found = frame[frame["source"] == "published"].set_index(["cause", "bin"])
    counted = {}
    for case in cases.cases:
        for cause, p in plain.posterior(case.presenting(), scope=False).acting.items():
            number = min(int(p * 5), 4)
            span = f"{20 * number} to {20 * number + 20} %"
            for name in (cause, EVERY):
                stated, acting = counted.setdefault((name, span), ([], []))
                stated.append(p)
                acting.append(cause in (case.true_cause, case.second_cause))
    assert set(counted) == set(found.index)
    for key, (stated, acting) in counted.items():
        row = found.loc[key]
        assert (row["cases"], row["acting"]) == (len(stated), sum(acting))
        assert row["stated"] == pytest.approx(np.mean(stated))
        assert row["low"] <= row["frequency"] <= row["high"]


def test_simulated_patients_are_as_stated(frame):
    rows = frame[(frame["source"] == "simulated") & (frame["cases"] >= 100)]
    assert len(rows) > 10
    z = (rows["frequency"] - rows["stated"]) / np.sqrt(rows["stated"] * (1 - rows["stated"]) / rows["cases"])
    assert z.abs().max() < 4.5


def test_every_row_is_printed(frame):
    text = reliability_text(frame)
    for row in frame.to_dict("records"):
        assert f"{row['acting']} of {row['cases']})" in text
