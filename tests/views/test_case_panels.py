"""What stands behind the ranking on the case screen, compared with the engine; no Streamlit."""

from math import log10
from random import Random

import pytest

import model
from model.evidence import published_cases
from model.knowledge import load_knowledge
from views.case.firmness_view import conflict_view, flip_view
from views.case.next_view import next_view
from views.case.reasons_view import reasons_view
from views.questions import Questionnaire, fills_of

KNOWLEDGE = load_knowledge()
SETTINGS = ("article", "primary_care")


def drawn(seed, most=9):
    """Return a seeded case of single states."""
    rng = Random(seed)
    nodes = rng.sample(KNOWLEDGE.role("context", "finding"), rng.randint(2, most))
    return {node.id: rng.choice(node.states) for node in nodes}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("seed", range(10))
def test_the_balance_sheet_adds_up_to_the_engines_answer(setting, seed):
    loaded, evidence = model.load(setting), drawn(seed)
    causes = loaded.posterior(evidence).causes
    cause = causes.index[seed % len(causes)]
    view = reasons_view(loaded, loaded.posterior(evidence), cause)
    p, before = causes[cause], loaded.posterior({}).causes[cause]
    assert view.end == pytest.approx(10 * log10(p / (1 - p)), abs=1e-9)
    assert view.start == pytest.approx(10 * log10(before / (1 - before)), abs=1e-9)
    assert view.start + sum(reason.decibans for reason in view.reasons) == pytest.approx(view.end, abs=1e-9)
    assert {reason.id for reason in view.reasons} == set(evidence)
    assert [abs(r.decibans) for r in view.reasons] == sorted((abs(r.decibans) for r in view.reasons), reverse=True)


@pytest.mark.parametrize(
    ("evidence", "entry", "records"),
    [
        ({"rash": "present"}, "rash", {"link.rash.present.drug.immune", "leak.rash.present"}),
        ({"valproate": "present"}, "valproate", {"hazard.drug.toxic.valproate.present"}),
        ({"viral_test": "present"}, "viral_test", {"leak.viral_test.present"}),
    ],
)
def test_a_reason_carries_the_records_between_entry_and_cause(evidence, entry, records):
    loaded = model.load()
    view = reasons_view(loaded, loaded.posterior(evidence), "drug")
    (reason,) = (reason for reason in view.reasons if reason.id == entry)
    found = {card.id for card in reason.records}
    assert records <= found
    assert all(".viral." not in card and ".nutritional." not in card for card in found)


def test_a_settled_cause_has_no_balance_sheet_but_a_sentence():
    loaded = model.load()
    view = reasons_view(loaded, loaded.posterior({"drug": "present", "fever": "present"}), "drug")
    assert view.reasons == ()
    assert "nothing left to weigh" in view.problem


@pytest.mark.parametrize("seed", range(8))
def test_each_answer_on_offer_says_what_the_engine_would(seed):
    loaded, evidence = model.load(), drawn(seed)
    view = next_view(loaded, loaded.posterior(evidence))
    assert view.questions
    for question in view.questions:
        assert question.test.test not in evidence
        assert sum(answer.probability for answer in question.answers) == pytest.approx(1, abs=1e-12)
        for answer in question.answers:
            causes = loaded.posterior({**evidence, question.test.test: answer.state}).causes
            assert answer.after == pytest.approx(causes.to_dict(), abs=1e-12)
            assert answer.leader == causes.idxmax()


def test_the_next_question_heeds_cost_and_order():
    loaded, evidence = model.load(), {"fever": "present"}
    found = next_view(loaded, loaded.posterior(evidence))
    first = found.questions[0].test.test
    dear = next_view(loaded, loaded.posterior(evidence), {first: 500.0})
    assert dear.questions[0].test.test != first
    by_bits = next_view(loaded, loaded.posterior(evidence), by_cost=False)
    bits = [question.test.worth.information for question in by_bits.questions]
    assert bits == sorted(bits, reverse=True)
    assert found.step is not None
    assert found.step.claim == "K1"
    assert loaded.article_order(evidence).next_step == "review_medicines_first"


def test_entries_that_disagree_are_named():
    evidence = published_cases(KNOWLEDGE.folder)["A03"].presenting()
    loaded = model.load()
    view = conflict_view(loaded, loaded.posterior(evidence))
    assert view is not None
    assert view.level == "clash"
    assert "disagree" in view.sentence
    assert conflict_view(loaded, loaded.posterior({"fever": "present"})) is None


@pytest.mark.parametrize("seed", range(6))
def test_what_would_flip_the_answer_does(seed):
    loaded, evidence = model.load(), drawn(seed, 4)
    leader = loaded.posterior(evidence).causes.idxmax()
    flip = flip_view(loaded, loaded.posterior(evidence))
    assert flip is not None
    if flip.card is None:
        assert flip.sentence.startswith("No single number")
        return
    frame = loaded.one_way(evidence, leader).frame.set_index("id")
    row = frame.loc[flip.card.id]
    assert row["low"] <= row["flip"] <= row["high"]
    if row["kind"] in ("link", "leak"):  # numbers that `override` takes one at a time
        beyond = row["flip"] + 1e-6 * (row["flip"] - row["value"])
        assert loaded.override({flip.card.id: beyond}).posterior(evidence).causes.idxmax() == row["rival"]


def test_a_button_fills_what_it_says():
    questionnaire = Questionnaire(KNOWLEDGE)
    for group in questionnaire.groups:
        for fill in fills_of(group):
            asked = [question for question in group.questions if question.id != "marrow_examination"]  # never meant
            assert set(fill.states) == {question.id for question in asked}
            assert all(KNOWLEDGE.nodes[node].states[0] == state for node, state in fill.states.items())
            assert all(question.label.split(" (")[0] in fill.help for question in asked)
    (symptoms,) = (group for group in questionnaire.groups if group.id == "symptoms")
    assert [fill.label for fill in fills_of(symptoms)] == ["Asymptomatic", "Rest: no"]
    assert [fill.only_open for fill in fills_of(symptoms)] == [False, True]
    (course,) = (group for group in questionnaire.groups if group.id == "course")
    assert fills_of(course) == ()


def test_a_search_finds_questions_by_label_state_or_help():
    questionnaire = Questionnaire(KNOWLEDGE)
    found = [q.id for group in questionnaire.groups for q in group.matching("b12").questions]
    assert "serum_b12" in found
    assert [q.id for group in questionnaire.groups for q in group.matching("respiratory sympt").questions] == [
        "respiratory_symptoms"
    ]
    assert all(group.matching("zzz").questions == () for group in questionnaire.groups)
    assert questionnaire.groups[0].matching("") == questionnaire.groups[0]
