"""What would change the answer: entries otherwise, the article otherwise. Each against the engine asked plainly."""

from random import Random

import pytest

import model
from model.explanation.otherwise import otherwise
from model.sensitivity.article_otherwise import article_otherwise
from model.sensitivity.swap_reader import swap_reader
from model.sensitivity.what_would_change import change_lines, what_would_change


def drawn(knowledge, seed, most=9):
    rng = Random(seed)
    nodes = rng.sample(knowledge.role("context", "finding"), rng.randint(2, most))
    return {node.id: rng.choice(node.states) for node in nodes}


@pytest.mark.parametrize("seed", range(6))
def test_an_entry_otherwise_is_what_the_engine_says_of_it(article, seed):
    evidence = drawn(article.knowledge, seed)
    answer = article.posterior(evidence)
    found = otherwise(article, answer)
    states = {node: article.knowledge.nodes[node].states for node in evidence if node not in ("sex", "age_band")}
    asked = {(node, state) for node, every in states.items() for state in every if state != evidence[node]}
    assert {(each.node, each.state) for each in found} == asked
    assert [each.then for each in found] == sorted(each.then for each in found)
    for each in found:
        causes = article.posterior({**evidence, each.node: each.state}).causes
        assert each.then == pytest.approx(causes[answer.leader], abs=1e-12)
        assert (each.leader, each.leads) == (causes.idxmax(), pytest.approx(causes.max(), abs=1e-12))


def test_a_number_near_its_limit_is_otherwise_in_the_states_it_is_not(article):
    answer = article.posterior({"serum_b12": "205 pg/mL", "age": 50, "sex": "female"})
    found = otherwise(article, answer)
    assert {each.state for each in found} == {"normal"}  # 205 may be low as well as borderline
    assert {each.entered for each in found} == {"205 pg/mL"}


@pytest.mark.parametrize("setting", ["article", "primary_care"])
@pytest.mark.parametrize("seed", range(3))
def test_the_article_otherwise_is_what_its_readers_say(setting, seed):
    """The same readers as ``swap_reader``, which calibrates a model for each."""
    loaded = model.load(setting)
    answer = loaded.posterior(drawn(loaded.knowledge, seed))
    frame = swap_reader(loaded, answer).frame
    frame = frame[frame["kind"].isin(["claim dropped", "order"])]
    found = {f"{each.kind}:{each.id}": each for each in article_otherwise(loaded, answer)}
    assert set(found) == set(frame.index)
    for reader, each in found.items():
        assert each.then == pytest.approx(frame.loc[reader, answer.leader], abs=1e-9)
        assert each.leads == pytest.approx(max(frame.loc[reader, list(answer.acting)]), abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_a_line_that_names_another_leader_is_right(article, seed):
    evidence = drawn(article.knowledge, seed, 5)
    answer = article.posterior(evidence)
    found = what_would_change(article, answer, article.next_tests(evidence, samples=50))
    lines = change_lines(article.knowledge, found)
    assert [line.kind for line in lines] == ["finding", "article", "number"]
    each = found.finding
    turned = [one for one in otherwise(article, answer) if one.leader != answer.leader]
    assert (each.leader != answer.leader) == bool(turned)
    if found.measured is not None:
        causes = article.posterior({**evidence, found.measured.node: found.measured.state}).causes
        assert causes.idxmax() == found.measured.leader != answer.leader
    assert lines[0].changes == (bool(turned) or found.measured is not None)
    assert lines[2].changes == (found.number is not None)
