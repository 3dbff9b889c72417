"""What the about screen says of validation is what is stored, and every cell of it."""

import json

import pytest

from model.knowledge import load_knowledge
from model.wording import SPACE
from views.about.view import validation_results, validation_tables

KNOWLEDGE = load_knowledge()
RESULTS = validation_results(KNOWLEDGE)


@pytest.mark.parametrize("setting", KNOWLEDGE.settings)
def test_every_table_is_whole(setting):
    tables = validation_tables(KNOWLEDGE, RESULTS, setting)
    assert len({table.title for table in tables}) == len(tables) == 8
    for table in tables:
        assert table.rows
        assert all(len(row) == len(table.head) for row in table.rows)


def test_the_published_cases_are_those_of_the_setting():
    (published, *_) = validation_tables(KNOWLEDGE, RESULTS, "primary_care")
    wanted = ("primary_care", "with decisive", "all")
    scores = RESULTS["published"]["scores"]
    stored = next(row for row in scores if (row["setting"], row["findings"], row["group"]) == wanted)
    (row,) = (row for row in published.rows if row[:2] == ("with decisive", "all"))
    assert row[3].startswith(f"{100 * stored['top1']:.0f}{SPACE}% ({100 * stored['top1_low']:.0f} to ")


def test_what_was_not_shown_is_not_called_better():
    results = json.loads(json.dumps(RESULTS))
    simpler = validation_tables(KNOWLEDGE, results, "article")[1]
    said = {(row[0], row[1]): row[3] for row in simpler.rows}
    for row in results["published"]["differences"]:
        if row["setting"] == "article":
            assert said[row["findings"], row["method"]] == ("yes" if row["low"] > 0 else "not shown")


def test_methods_whose_names_do_not_say_what_they_do_are_explained():
    simpler = validation_tables(KNOWLEDGE, RESULTS, "article")[1]
    assert simpler.title == "Against simpler methods"
    methods = {row[1] for row in simpler.rows}
    for name in ("multimembership", "no selection", "article's list"):
        assert name in methods
        assert name in simpler.says.casefold()
