"""Every analysis names the same leading cause, also where rounding alone tells two certain causes apart."""

from itertools import combinations

import pytest

from model.decision.outcomes import Outcomes
from model.evidence import read_each
from model.sensitivity.side_by_side import side_by_side
from views.result_view import result_view

SETTLED = [
    {one: state, other: state_of}
    for (one, states), (other, states_of) in combinations(
        {"drug": ("present",), "viral": ("present",), "nutritional": ("folate", "b12"), "ben": ("present",),
         "marrow": ("mds",), "other": ("unexplained",)}.items(), 2)
    for state in states
    for state_of in states_of
]  # fmt: skip


@pytest.mark.parametrize("evidence", SETTLED, ids=str)
def test_two_settled_causes_have_one_leader(any_model, evidence):
    answer = any_model.posterior(evidence)
    causes = list(answer.acting)
    first = min(evidence, key=causes.index)
    outcomes = Outcomes.of(answer)
    assert answer.leader == first
    assert causes[outcomes.leader] == first
    assert any_model.same_decision(answer, []).leader == first


def test_tables_and_screens_name_it_too(article):
    evidence = {"nutritional": "folate", "marrow": "mds"}
    answer = article.posterior(evidence)
    assert side_by_side({"here": (article, answer)}, draws=20).leaders == {"here": "nutritional"}
    assert article.one_way(answer, "drug").leader == "nutritional"
    assert article.intervals(answer, draws=50).leader_changes == 0
    assert result_view(article, read_each(article.knowledge, evidence), others=[article]).elsewhere == ""
    assert result_view(article, read_each(article.knowledge, evidence)).causes[0].id == "nutritional"
