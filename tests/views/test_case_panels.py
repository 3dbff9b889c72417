"""What stands behind the ranking on the case screen, compared with the engine; no Streamlit."""

from math import log10
from random import Random

import pytest

import model
from model.evidence import published_case, published_cases
from model.explanation.weight_words import rank_of, weight_word
from model.knowledge import load_knowledge
from model.wording import percent, percent_said, points
from views.case.changes_view import TITLES, changes_view
from views.case.firmness_view import conflict_view
from views.case.next_view import STEPS, next_view, step_of
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


def test_the_next_question_heeds_cost_and_choice():
    loaded, evidence = model.load(), {"fever": "present"}
    found = next_view(loaded, loaded.posterior(evidence))
    (first,) = [question.test.test for question in found.questions if question.first]
    dear = next_view(loaded, loaded.posterior(evidence), {first: 500.0})
    assert first not in {question.test.test for question in dear.questions if question.first}
    by_bits = next_view(loaded, loaded.posterior(evidence), by_cost=False)
    bits = {line.test: line.worth.information for line in by_bits.tests.now if line.kind != "panel"}
    assert max(bits, key=bits.get) == next(question.test.test for question in by_bits.questions if question.first)
    assert found.step is not None
    assert found.step.claim == "K1"
    assert loaded.article_order(evidence).next_step == "review_medicines_first"


@pytest.mark.parametrize("seed", range(6))
def test_questions_go_step_by_step_and_the_longer_bar_first(seed):
    loaded, evidence = model.load(), drawn(seed)
    questions = next_view(loaded, loaded.posterior(evidence)).questions
    steps = [question.step for question in questions]
    assert steps == sorted(steps, key=list(STEPS).index)
    for step in STEPS:
        bits = [question.test.worth.information for question in questions if question.step == step]
        assert bits == sorted(bits, reverse=True)


def test_every_question_has_its_step_of_a_work_up():
    steps = step_of(KNOWLEDGE)
    assert steps["methotrexate"] == steps["fever"] == steps["duration"] == "history"
    assert steps["splenomegaly"] == "examination"
    assert steps["serum_b12"] == steps["smear_dysplasia"] == steps["liver_enzymes"] == "blood"
    assert steps["marrow_examination"] == steps["viral_test"] == "special"


def test_entries_that_disagree_are_named():
    evidence = published_cases(KNOWLEDGE.folder)["A03"].presenting()
    loaded = model.load()
    view = conflict_view(loaded, loaded.posterior(evidence))
    assert view is not None
    assert view.level == "clash"
    assert "disagree" in view.sentence
    assert conflict_view(loaded, loaded.posterior({"fever": "present"})) is None


def changes_of(loaded, evidence):
    answer = loaded.posterior(evidence)
    return changes_view(loaded, answer, next_view(loaded, answer).tests)


@pytest.mark.parametrize("seed", range(6))
def test_the_number_that_would_change_the_answer_does(seed):
    loaded, evidence = model.load(), drawn(seed, 4)
    leader = loaded.posterior(evidence).causes.idxmax()
    found = changes_of(loaded, evidence)
    line = found.lines[-1]
    assert (line.kind, line.changes) == ("number", found.card is not None)
    if found.card is None:
        assert line.sentence.startswith("No single number")
        return
    frame = loaded.one_way(evidence, leader).frame.set_index("id")
    row = frame.loc[found.card.id]
    assert row["low"] <= row["flip"] <= row["high"]
    if row["kind"] in ("link", "leak"):  # numbers that `override` takes one at a time
        beyond = row["flip"] + 1e-6 * (row["flip"] - row["value"])
        assert loaded.override({found.card.id: beyond}).posterior(evidence).causes.idxmax() == row["rival"]


def test_a_measured_value_that_came_out_otherwise_is_said_with_what_it_would_leave():
    loaded = model.load()
    evidence = {"serum_folate": "2.8 ng/mL", "macrocytosis": "104 fL", "fever": "absent"}
    line = changes_of(loaded, evidence).lines[0]
    assert line.sentence.startswith("Macrocytosis “no” instead of “104 fL”: nutritional deficiency falls to")
    after = loaded.posterior({**evidence, "macrocytosis": "absent"}).causes
    assert f"falls to {percent_said(after['nutritional'])}, and" in line.sentence
    assert f"leads with {percent_said(after.max())}" in line.sentence
    assert line.changes


def test_what_would_change_it_has_three_lines_also_when_nothing_is_entered():
    found = changes_of(model.load(), {})
    assert [line.kind for line in found.lines] == ["finding", "article", "number"] == list(TITLES)
    assert all(line.sentence.endswith(".") for line in found.lines)


@pytest.mark.parametrize("seed", range(10))
def test_without_it_is_what_the_engine_says_without_it(seed):
    loaded, evidence = model.load(), drawn(seed)
    answer = loaded.posterior(evidence)
    view = reasons_view(loaded, answer, answer.leader)
    for reason in view.reasons:
        left = {node: state for node, state in evidence.items() if node != reason.id}
        assert reason.without == pytest.approx(loaded.posterior(left).causes[answer.leader], abs=1e-9)
        moved = points(answer.acting[answer.leader]) - points(reason.without)
        assert bool(reason.opposite) == (moved * reason.decibans < 0)
    shown = (*view.side(True), *view.side(False), *view.little)
    assert sorted(reason.id for reason in shown) == sorted(reason.id for reason in view.reasons)
    assert all(reason.decibans > 0 for reason in view.side(True))
    assert all(reason.decibans < 0 for reason in view.side(False))


def test_words_follow_the_table():
    words = [(row.word, row.least) for row in KNOWLEDGE.weight_words]
    assert [word for word, _ in words] == ["strongly", "moderately", "slightly"]
    for place, (word, least) in enumerate(words):
        below = words[place + 1][0] if place < 2 else ""
        for sign in (1, -1):
            assert weight_word(KNOWLEDGE, sign * least) == word
            assert weight_word(KNOWLEDGE, sign * (least - 1e-9)) == below
        assert rank_of(KNOWLEDGE, word) == 3 - place
    assert rank_of(KNOWLEDGE, "") == 0


def test_an_entry_that_now_moves_the_cause_the_other_way_says_so():
    """With many signs of an infection, fever speaks for a virus on the whole, and for another infection at the end."""
    loaded = model.load()
    answer = loaded.posterior(published_case(KNOWLEDGE, "V01").evidence)
    turned = [reason for reason in reasons_view(loaded, answer, "viral").reasons if reason.opposite]
    (fever,) = [reason for reason in turned if reason.id == "fever"]
    assert fever.decibans > 0 > fever.last
    assert fever.opposite == (
        "On the whole it speaks for it, but added to all the others it moves it down: "
        f"{percent(fever.without)} without it, {percent(answer.acting['viral'])} with it."
    )


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
