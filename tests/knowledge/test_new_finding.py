"""A finding is added by rows of data/ alone: read, calibrated, answered, asked on screen."""

import csv
import shutil

import pytest

import model
from model.knowledge import data_folder
from tests.oracles.enumeration import joint_terms
from tests.oracles.random_networks import as_likelihoods
from views.questions import Questionnaire

ROWS = {
    "nodes.csv": [{
        "node": "night_sweats", "role": "finding", "label": "Night sweats", "states": "absent;present",
        "parents_or_causes": "viral;autoimmune(connective_tissue);autoimmune(felty)", "claims": "A1",
        "basis": "literature", "note": "Now",
        "group": "symptoms", "question": "Are there drenching sweats at night?",
    }],
    "test_costs.csv": [{"node": "night_sweats", "burden": "0.1", "unit": "blood tests", "reading": "assumption",
                        "rationale": "One question."}],
    "parameters/links.csv": [
        {"parent": cause, "parent_state": state, "value": value}
        for cause, state, value in (("viral", "present", "0.2"), ("autoimmune", "felty", "0.9"),
                                    ("autoimmune", "connective_tissue", "0.5"))
    ],
    "parameters/leaks.csv": [{"value": "0.1"}],
}  # fmt: skip
NUMBER = {"setting": "all", "node": "night_sweats", "state": "present", "low": "0.05", "high": "0.95",
          "reading": "assumption", "grade": "E", "tag": "GAP", "rationale": "For a test."}  # fmt: skip


def added(folder, name, rows):
    path = folder / name
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        for row in rows:
            if name.startswith("parameters/"):
                kind = name.removeprefix("parameters/").removesuffix("s.csv")
                parts = [kind, "night_sweats", "present", row.get("parent"), row.get("parent_state")]
                row = {**NUMBER, "id": ".".join(part for part in parts if part), "kind": kind, **row}
            writer.writerow({column: row.get(column, "") for column in columns})


@pytest.fixture(scope="module")
def larger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("larger") / "data"
    shutil.copytree(data_folder(), folder)
    for name, rows in ROWS.items():
        added(folder, name, rows)
    return model.load(folder=folder)


def test_the_answer_is_the_sum_over_the_joint(larger):
    evidence = {context.id: context.states[0] for context in larger.network.contexts}  # few terms are left to sum
    evidence |= {"night_sweats": "present", "fever": "present"}
    answer = larger.posterior(evidence)
    terms = list(joint_terms(larger.network, as_likelihoods(answer.evidence.hard, {})))
    total = sum(weight for _, weight in terms)
    for cause in larger.network.causes:
        for state, probability in enumerate(answer.state_probabilities[cause.id]):
            expected = sum(weight for assignment, weight in terms if assignment[cause.id] == state) / total
            assert probability == pytest.approx(expected, abs=1e-12)
    assert answer.acting["autoimmune"] > larger.posterior({**evidence, "night_sweats": "absent"}).acting["autoimmune"]


def test_the_shares_are_those_of_before(larger, article):
    assert larger.prior.acting == pytest.approx(article.prior.acting, abs=1e-9)


def test_the_app_asks_for_it(larger):
    question = Questionnaire(larger.knowledge).every["night_sweats"]
    assert question.label == "Night sweats"
    assert "night_sweats" in larger.next_tests({}).table.index
