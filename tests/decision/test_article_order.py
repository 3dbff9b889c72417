"""The article's steps beside the computed order, and the tables of costs they rest on."""

from math import isnan

import pytest

from model.decision.article_order import first_step, kendall_tau
from model.decision.cost import decision_rule, read_costs
from model.decision.outcomes import Outcomes
from model.decision.worth import preference, worth_of_sets
from model.errors import KnowledgeError
from model.knowledge import load_knowledge
from tests.oracles.naive_decisions import toy_model

KNOWLEDGE = load_knowledge()
MEDICINES = {"antibiotic_course": "none"} | dict.fromkeys(
    ("methotrexate", "azathioprine", "mycophenolate", "valproate", "other_culprit_drug"), "absent"
)


def test_steps_are_those_of_the_article_in_its_order(article):
    order = article.article_order()
    assert [step.guidance for step in order.steps] == list(KNOWLEDGE.guidance)
    claims = ";".join(step.guidance.claim for step in order.steps)
    assert all(f"K{number}" in claims for number in range(1, 9))
    places = [step.article for step in order.steps if step.article]
    assert places == list(range(1, len(places) + 1))
    assert sorted(step.computed for step in order.steps if step.computed) == places


def test_a_step_is_worth_what_its_open_tests_are_together(article):
    order = article.article_order({"fever": "present"})
    outcomes = Outcomes(article.engine, article.posterior({"fever": "present"}).evidence.hard)
    costs, rate = read_costs(KNOWLEDGE), decision_rule(KNOWLEDGE, "burden_worth").value
    for step in order.steps:
        assert "fever" not in step.open
        assert step.answered == ("fever" in step.guidance.nodes)
        assert not set(step.open) & costs.later
        assert set(step.open) <= set(step.guidance.nodes)
        (together,) = worth_of_sets(outcomes, [step.open])
        assert step.worth.information == pytest.approx(together.information)
        assert step.worth.value == pytest.approx(together.value)
        assert step.cost == pytest.approx(costs.of(step.open))
        assert step.net == pytest.approx(step.worth.value - rate * step.cost)
    ranked = sorted(order.steps, key=lambda step: step.computed)
    keys = [preference(step.net, step.worth.information, step.cost) for step in ranked]
    assert keys == sorted(keys, reverse=True)


def test_agreement_and_difference_are_said(article):
    order = article.article_order()
    for step in order.steps:
        if step.article:
            assert step.verdict.startswith("Agreement" if step.article == step.computed else "Difference")
            assert ("sooner" in step.verdict) == (step.computed < step.article)
    assert order.best_test == article.next_tests({}).best
    assert order.agrees == (order.best_test in order.steps[0].open)
    assert order.sentence.startswith("Agreement" if order.agrees else "Difference")
    agreeing = article.article_order({"fever": "present", "serum_b12": "normal", "methotrexate": "absent"})
    assert agreeing.agrees
    assert agreeing.sentence.startswith("Agreement")
    assert "K1" in agreeing.sentence


def test_answered_steps_fall_out(article):
    order = article.article_order({**MEDICINES, "drug_timing": "outside"})
    first = order.steps[0]
    assert (first.open, first.worth, first.article, first.computed) == ((), None, None, None)
    assert first.verdict == "Everything here is answered."
    assert order.next_step == "take_drug_history"
    assert order.table.loc[0, "open"] == ""
    assert order.table["article"].isna().sum() == order.table["net"].isna().sum() == 2  # K1 and K3 ask for the same


def test_nothing_left(article):
    everything = {node.id: node.states[0] for node in (*article.network.contexts, *article.network.findings)}
    for late in ("recovery_after_stopping", "repeat_count"):
        del everything[late]
    order = article.article_order(everything)
    assert (order.next_step, order.best_test, order.agrees) == (None, None, None)
    assert isnan(order.tau)
    assert order.steps[-1].verdict == "Nothing left to ask now; the rest is known only at follow-up."
    assert "nothing" in order.sentence.lower()


def test_table_has_a_row_a_step(article):
    table = article.article_order().table
    assert len(table) == len(KNOWLEDGE.guidance)
    assert table["safety"].str.len().min() > 10
    assert table["computed"].dtype == "Int64"


def test_kendall_tau():
    same = {0: 1, 1: 2, 2: 3}
    assert kendall_tau(same, same) == 1
    assert kendall_tau(same, {0: 3, 1: 2, 2: 1}) == -1
    assert kendall_tau(same, {0: 1, 1: 3, 2: 2}) == pytest.approx(1 / 3)
    assert isnan(kendall_tau({0: 1}, {0: 1}))


def test_first_step_is_the_first_that_asks():
    assert first_step(KNOWLEDGE)["fever"] == "ask_viral_symptoms"
    assert first_step(KNOWLEDGE)["duration"] == "confirm_count"


# --- the tables ---
def test_every_test_has_one_cost_and_its_panels_exist():
    nodes = [row.node for row in KNOWLEDGE.costs]
    assert sorted(nodes) == sorted(node.id for node in KNOWLEDGE.role("context", "finding"))
    panels = {row.panel for row in KNOWLEDGE.panels}
    assert {panel for row in KNOWLEDGE.costs for panel in row.panels} == panels
    assert not panels & set(KNOWLEDGE.nodes)
    for row in (*KNOWLEDGE.costs, *KNOWLEDGE.panels):
        assert row.burden >= 0
        assert row.unit == "blood tests"
    for row in (*KNOWLEDGE.costs, *KNOWLEDGE.panels, *KNOWLEDGE.decision_rules):
        assert row.reading == "assumption"
        assert len(row.rationale) > 10
    assert {row.available for row in KNOWLEDGE.panels} == {"now", "later"}


def test_known_only_later_is_what_the_nodes_say():
    notes = {node.id: node.note.casefold() for node in KNOWLEDGE.nodes.values()}
    later = {node for node, note in notes.items() if "known only" in note}
    assert read_costs(KNOWLEDGE).later == later == {"recovery_after_stopping", "repeat_count"}


def test_a_shared_cost_counts_once():
    costs = read_costs(KNOWLEDGE)
    one, other = ("serum_folate", "serum_b12")
    both = costs.of([one, other])
    assert both == pytest.approx(costs.of([one]) + costs.of([other]) - costs.shared["blood_draw"])
    assert costs.of([]) == 0
    assert costs.members("examination") == ("neurological_signs", "splenomegaly", "lymphadenopathy")


def test_a_missing_row_is_named(article):
    network = article.network
    with pytest.raises(KnowledgeError, match="test_costs.csv: expected every context and finding, got no row for"):
        read_costs(toy_model(network, panels=KNOWLEDGE.panels).knowledge)
    with pytest.raises(KnowledgeError, match="test_costs.csv: 'antibiotic_course' names .'medicines',., not all in"):
        read_costs(toy_model(network, costs=KNOWLEDGE.costs).knowledge)
    with pytest.raises(KnowledgeError, match="decision_rules.csv: expected a row for 'luck', got none"):
        decision_rule(KNOWLEDGE, "luck")
