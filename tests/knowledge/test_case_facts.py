"""The states of a published case are those that the numbers told of it say, read again from the two tables alone."""

import csv
import re
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
FEVER_C = 38.0  # as the question of the node asks
MEASURED = {"fever": "fever", "hb_g_dl": "anaemia", "mcv_fl": "macrocytosis", "plt_k": "thrombocytopenia"}


def table(name, key):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return {tuple(row[column] for column in key): row for row in csv.DictReader(file)}


CASES, FACTS = table("cases.csv", ["id"]), table("case_facts.csv", ["id"])
LABS = table("labs.csv", ["node", "sex", "state"])
LIMITS = {(node, sex): float(row["limit"]) for (node, sex, _), row in LABS.items() if row["limit"]}
SEXES = {"M": ["male"], "F": ["female"], "": ["male", "female"]}


def beyond(node, number, sex):
    """Every state that the number can stand for; two only where the sex decides and is not told."""
    if node == "fever":
        return {"present" if number >= FEVER_C else "absent"}
    limits = {LIMITS.get((node, each), LIMITS.get((node, ""))) for each in SEXES[sex]}
    above = node == "macrocytosis"
    return {"present" if (number > limit if above else number < limit) else "absent" for limit in limits}


def measured():
    for (name,), facts in FACTS.items():
        for fact in facts["findings"].split("; "):
            key, _, told = fact.partition("=")
            number = re.search(r"(\d\d(?:\.\d)?)C\b" if key == "fever" else r"(\d+(?:\.\d+)?)", told)
            if key in MEASURED and number and "[posthoc]" not in told:
                yield pytest.param(MEASURED[key], float(number[1]), CASES[name,], id=f"{name} {fact}")


@pytest.mark.parametrize(("node", "number", "case"), list(measured()))
def test_a_number_told_is_the_state_entered_or_none_is(node, number, case):
    assert case[node] in {*beyond(node, number, case["sex"]), ""}


def test_many_numbers_are_told():
    assert len(list(measured())) > 60


def test_limits_of_the_question_are_those_used_here():
    with (DATA / "nodes.csv").open(encoding="utf-8", newline="") as file:
        question = next(row["question"] for row in csv.DictReader(file) if row["node"] == "fever")
    assert f"{FEVER_C} °C" in question
