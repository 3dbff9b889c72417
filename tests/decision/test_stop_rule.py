"""When to stop, the sentence that says why, and the cause that must not be missed."""

import pytest

from model.decision.outcomes import Outcomes
from model.decision.stop_rule import cannot_miss
from model.decision.worth import worth_of_one
from model.knowledge import load_knowledge
from model.wording import SPACE

FEW = {"fever": "present", "serum_b12": "normal", "methotrexate": "absent"}


def test_the_cause_not_to_be_missed_keeps_its_tests_on_offer(article):
    rule = next(row for row in load_knowledge().decision_rules if row.rule == "cannot_miss")
    assert rule.cause == "marrow"
    linked = {f.id for f in article.network.findings if "marrow" in f.causes} | set(article.network.parents("marrow"))
    p = article.posterior(FEW).acting["marrow"]
    above = article.next_tests(FEW, threshold=p - 1e-9)
    assert set(above.cannot_miss.tests) == linked - set(FEW)
    assert above.cannot_miss.probability == pytest.approx(p)
    outcomes = Outcomes.of(article.posterior(FEW))
    bits = [worth_of_one(outcomes, test, "marrow").cause_information for test in above.cannot_miss.tests]
    assert bits == sorted(bits, reverse=True)
    flagged = above.table["cannot_miss"]
    assert set(flagged.index[flagged & (above.table["kind"] != "panel")]) == set(above.cannot_miss.tests)
    assert flagged["blood_film"]
    assert not flagged["nutrition"]
    below = article.next_tests(FEW, threshold=p + 1e-9)
    assert below.cannot_miss.tests == ()
    assert not below.table["cannot_miss"].any()
    for entered in ("absent", "mds"):
        assert cannot_miss(Outcomes.of(article.posterior({"marrow": entered})), ("anaemia",), rule) is None


def test_stop_when_nothing_is_worth_its_cost(article):
    found = article.next_tests(FEW, cost_worth=1000, threshold=1)
    assert found.stop.stop
    assert found.stop.rule == "no value"
    assert "no test is worth its cost" in found.stop.reason
    kept = article.next_tests(FEW, cost_worth=1000, threshold=0).stop
    assert not kept.stop
    assert kept.rule == "cannot miss"
    assert "bone marrow disorder is at" in kept.reason
    assert "marrow examination" in kept.reason


def test_stop_when_more_answers_would_hardly_change_the_leader(article):
    settled = {"respiratory_symptoms": "present", "fever": "present", "duration": "earlier_normal",
               "other_culprit_drug": "absent", "antibiotic_course": "none", "serum_b12": "normal",
               "age": 40, "sex": "female"}  # fmt: skip
    found = article.next_tests(settled, cost_worth=0, threshold=1).stop
    assert found.same_decision.probability >= 0.95
    assert found.stop
    assert found.rule == "same decision"
    assert "viral infection would still lead" in found.reason


def test_go_on_while_answers_matter(article):
    found = article.next_tests(FEW, threshold=1)
    assert not found.stop.stop
    assert found.stop.rule == "go on"
    assert found.stop.same_decision.probability < 0.95
    assert f"{100 * found.stop.same_decision.probability:.0f}{SPACE}%" in found.stop.reason
    also = article.next_tests(FEW, threshold=0).stop
    assert also.rule == "go on"
    assert "Also, bone marrow disorder" in also.reason
