"""Textbook patients: the answer lies in the range that was written down from the literature, not from the model."""

import pytest

import model
from model.knowledge import data_folder
from model.validation.vignettes import read_vignettes, vignettes, vignettes_text

ROWS = read_vignettes(data_folder())


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.id}-{row.setting}-{row.cause}" for row in ROWS])
def test_the_answer_lies_in_its_range(row):
    probability = model.load(row.setting).posterior(row.findings, scope=False).acting[row.cause]
    assert row.low <= probability <= row.high, row.rationale


def test_every_row_has_its_reason_and_a_known_source():
    known = model.load().knowledge.sources
    assert len({row.id for row in ROWS}) >= 10
    assert len({(row.id, row.setting, row.cause) for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert row.rationale
        assert row.source
        assert set(row.source) <= set(known), row.id


def test_ranges_say_something():
    assert all(row.high - row.low <= 0.5 for row in ROWS)


def test_the_report_names_what_is_outside():
    found = vignettes([model.load(setting) for setting in model.load().knowledge.settings])
    text = vignettes_text(found)
    assert len(found.frame) == len(ROWS)
    assert text.count("outside") == len(found.outside)
