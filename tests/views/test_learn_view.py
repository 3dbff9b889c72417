"""Guess and model scored against what the authors found; the replay against the engine; calibration by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model.charts.learn import replay_lines, replay_steps, replay_steps_text
from model.explanation import replay
from model.wording import cause_labels
from views.learn import view
from views.visit import Guess

M = model.load()
KNOWLEDGE = M.knowledge
CASES = view.cases(KNOWLEDGE)
CAUSES = [node.id for node in KNOWLEDGE.role("cause")]
points = (
    st.lists(st.integers(0, 100), min_size=7, max_size=7).filter(any).map(lambda n: dict(zip(CAUSES, n, strict=True)))
)


def test_there_are_ten_cases_or_more_of_every_cause_and_the_model_answers_each():
    assert len(CASES) >= 10
    assert {case.published.true_cause for case in CASES.values()} == set(CAUSES)
    for case in CASES.values():
        assert sum(view.model_belief(M, case.given).values()) == pytest.approx(1)


def test_a_title_does_not_name_its_cause_and_the_text_names_no_diagnosis():
    for case in CASES.values():
        own = cause_labels(KNOWLEDGE)[case.published.true_cause].casefold()
        assert own not in case.title.casefold()
        assert "diagnosis:" not in case.teaches.casefold()


def test_nothing_known_only_afterwards_is_told():
    for case in CASES.values():
        assert not set(case.given) & set(case.published.posthoc)


def test_every_finding_is_told_once():
    for case in CASES.values():
        groups = view.finding_groups(KNOWLEDGE, case.given)
        assert sum(len(group.there) + len(group.absent) for group in groups) == len(case.given)
        for node, value in case.given.items():
            where = "absent" if value == "absent" else "there"
            said = [text for group in groups for text in getattr(group, where)]
            assert any(text.startswith(KNOWLEDGE.nodes[node].label) for text in said)


@given(points, st.sampled_from(CAUSES))
@settings(deadline=None)
def test_scores_by_hand(given_points, truth):
    shares = view.belief(given_points)
    assert sum(shares.values()) == pytest.approx(1)
    found = view.score(shares, truth)
    total = sum(given_points.values())
    by_hand = sum((n / total) ** 2 for cause, n in given_points.items() if cause != truth)
    by_hand += (1 - given_points[truth] / total) ** 2
    assert found.brier == pytest.approx(by_hand)
    expected = math.log(total / given_points[truth]) / math.log(2) if given_points[truth] else math.inf
    assert found.surprise == pytest.approx(min(expected, math.log(200) / math.log(2)))


def test_known_scores():
    certain = {cause: float(cause == "drug") for cause in CAUSES}
    assert view.score(certain, "drug") == view.Score(0.0, 0.0)
    assert view.score(certain, "viral").brier == 2.0
    half = {**dict.fromkeys(CAUSES, 0.0), "drug": 0.5, "viral": 0.5}
    assert view.score(half, "drug") == view.Score(0.5, 1.0)
    assert view.score(view.even(KNOWLEDGE), "drug").surprise == pytest.approx(math.log2(7))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_replay_ends_where_the_engine_does_in_every_order(case):
    expected = M.posterior(case.given, "allow").causes.to_dict()
    for name in view.ORDERS:
        order = view.order_of(M, case, name, case.published.true_cause)
        first = {"sex", "age_band"}  # there from the start, as the count is
        assert sorted(order) == sorted(n for n in case.given if KNOWLEDGE.nodes[n].role != "guard" and n not in first)
        steps = view.steps(M, case, order)
        assert steps[-1].acting == pytest.approx(expected, abs=1e-12)
        assert view.entered_by(case, order, len(order)) == case.given
        for cause in CAUSES:
            before, after = steps[0].acting[cause], steps[-1].acting[cause]
            odds = math.log(after / (1 - after) * (1 - before) / before) * 10 / math.log(10)
            assert sum(step.decibans[cause] for step in steps) == pytest.approx(odds, abs=1e-6)


def test_a_step_is_the_posterior_of_what_is_known_by_then():
    case = CASES["N11"]
    order = view.order_of(M, case, "reversed", "nutritional")
    for count, step in enumerate(view.steps(M, case, order)):
        known = view.entered_by(case, order, count)
        assert len(known) == len(case.given) - len(order) + count
        assert step.acting == pytest.approx(M.posterior(known, "allow").causes.to_dict(), abs=1e-12)


def test_strongest_first_is_strongest_alone_first():
    case = CASES["N15"]
    order = view.order_of(M, case, "strongest", "nutritional")
    prior = M.posterior({}).causes["nutritional"]

    def alone(node):
        p = M.posterior({node: case.given[node]}).causes["nutritional"]
        return abs(math.log(p / (1 - p)) - math.log(prior / (1 - prior)))

    assert [alone(node) for node in order] == sorted(map(alone, order), reverse=True)


def test_a_replay_of_nothing_is_where_it_starts():
    (only,) = replay(M, {"fever": "present"}, [])
    assert (only.node, set(only.decibans.values())) == ("", {0.0})
    assert only.acting == pytest.approx(M.posterior({"fever": "present"}).causes.to_dict())


def test_the_chart_says_the_same_as_its_text():
    case = CASES["D01"]
    order = view.order_of(M, case, "history", "drug")
    names = {node: view.finding_text(KNOWLEDGE.nodes[node], case.given[node]) for node in order}
    lines = replay_lines(view.steps(M, case, order), "drug", names)
    spec = replay_steps(lines).to_dict()
    text = replay_steps_text(lines)
    assert spec["description"] == text
    (data,) = spec["datasets"].values()
    assert len(data) == len(order) == len(text.splitlines()) - 2
    for row, line in zip(data, text.splitlines()[2:], strict=True):
        decibans, probability = row["shown"].rstrip(")").split("  (")
        assert line.split()[-3:] == [decibans, *probability.split()]


@pytest.mark.parametrize(("probability", "count"), [(0.0, 1), (0.004, 1), (0.5, 50), (0.614, 61), (0.999, 99), (1, 99)])
def test_the_icons_are_a_hundred_and_say_what_they_show(probability, count):
    html = view.icons(probability, 'a "label" <b>')
    assert html.count("<i class=on></i>") == count
    assert html.count("<i") == 100
    assert "&lt;b&gt;" in html


@given(st.lists(st.tuples(st.sampled_from(sorted(CASES)), points), min_size=1, max_size=6, unique_by=lambda g: g[0]))
@settings(max_examples=25, deadline=None)
def test_calibration_counts_every_statement_once(drawn):
    found = view.calibration(M, [Guess(case, tuple(n.items())) for case, n in drawn])
    stated = [
        (n[cause] / sum(n.values()), CASES[case].published.true_cause == cause) for case, n in drawn for cause in n
    ]
    assert sum(b.statements for b in found.bins) == len(stated) == 7 * found.cases
    assert sum(b.right for b in found.bins) == found.cases
    for b in found.bins:
        inside = [(p, right) for p, right in stated if b.low <= p and (p < b.high or b.high == 1)]
        assert (b.statements, b.right) == (len(inside), sum(right for _, right in inside))
        assert b.stated == pytest.approx(sum(p for p, _ in inside) / len(inside))
        assert b.interval[0] <= b.right / b.statements <= b.interval[1]
    assert found.even.surprise == pytest.approx(math.log2(7))
    assert "Too few" in view.honest(found)


def test_no_guess_no_calibration():
    assert view.calibration(M, []) is None


def test_the_next_case_is_one_not_guessed_yet():
    ids = list(CASES)
    assert view.next_case(ids, ids[0], []) == ids[1]
    assert view.next_case(ids, ids[-1], []) == ids[0]
    assert view.next_case(ids, ids[0], ids[:-1]) == ids[-1]
    assert view.next_case(ids, ids[0], ids) == ids[1]
    drawn = {view.next_case(ids, ids[0], [ids[1]], seed) for seed in range(60)}
    assert len(drawn) > 5
    assert not drawn & set(ids[:2])
    assert view.next_case(ids, ids[0], [], 7) == view.next_case(ids, ids[0], [], 7)
