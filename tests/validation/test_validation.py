"""Validation's tools: known answers, proper scores, and baselines against numbers worked out by other means."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pgmpy.inference import VariableElimination
from scipy import stats

from model.errors import EvidenceError, KnowledgeError
from model.evidence import published_cases
from model.validation import (
    case_scores,
    case_set,
    difference_interval,
    mcnemar,
    model_forecast,
    paired_bootstrap,
    wilson_interval,
)
from model.validation.published.baselines import (
    always_drug,
    article_list,
    multimembership,
    naive_bayes,
    no_selection,
    prior,
    uniform,
)
from model.validation.published.decision_list import decision_list, fired
from model.validation.published.metrics import (
    best_rank,
    brier,
    concordance,
    entropy,
    log_score,
    multilabel_brier,
    multilabel_log,
    ranks,
)

METHODS = (uniform, prior, always_drug, naive_bayes, multimembership, no_selection, article_list, model_forecast)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(18, 20, 0.70, 0.97), (20, 20, 0.84, 1.00), (27, 30, 0.74, 0.97), (54, 60, 0.80, 0.95), (0, 7, 0.00, 0.35)],
)
def test_wilson_known_answers(hits, trials, low, high):
    """Wilson (1927), computed by hand for small counts."""
    found = wilson_interval(hits, trials)
    assert found == pytest.approx((low, high), abs=0.006)


def test_no_trials_say_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((5, 56, 0, 29), -0.0381, 0.1926),
     ((0, 10, 0, 20), -0.1611, 0.2775), ((10, 10, 0, 10), 0.6075, 1.0)],
)  # fmt: skip
def test_difference_known_answers(counts, low, high):
    """Newcombe (1998), table II, method 10."""
    assert difference_interval(*counts) == pytest.approx((low, high), abs=2e-4)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_the_binomial_test(first, second):
    expected = stats.binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


def test_a_bootstrap_interval_is_that_of_the_mean():
    differences = np.random.default_rng(1).normal(0.3, 1, 400)
    found = paired_bootstrap(differences, np.arange(400), 4000, seed=2)
    half = 1.96 * differences.std() / 20
    assert found.mean == pytest.approx(differences.mean())
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half), abs=0.012)
    assert found == paired_bootstrap(differences, np.arange(400), 4000, seed=2)
    assert found != paired_bootstrap(differences, np.arange(400), 4000, seed=3)


def test_cases_of_one_person_are_drawn_together():
    """Each case four times over is no more evidence than once."""
    differences = np.random.default_rng(4).normal(size=50)
    once = paired_bootstrap(differences, np.arange(50), 4000)
    copied = paired_bootstrap(np.repeat(differences, 4), np.repeat(np.arange(50), 4), 4000)
    apart = paired_bootstrap(np.repeat(differences, 4), np.arange(200), 4000)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))
    assert apart.high - apart.low < 0.6 * (once.high - once.low)


@pytest.mark.parametrize(("cases", "replicates", "message"), [(5, 99, "100 replicates or more"), (0, 100, "one case")])
def test_a_bootstrap_of_nothing_is_refused(cases, replicates, message):
    with pytest.raises(EvidenceError, match=message):
        paired_bootstrap(np.zeros(cases), np.arange(cases), replicates)


def test_scores_by_hand():
    shares, truth = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]), np.array([1, 2])
    assert log_score(shares, truth) == pytest.approx([-math.log(0.3), -math.log(0.8)])
    assert brier(shares, truth) == pytest.approx([0.25 + 0.49 + 0.04, 0.01 + 0.01 + 0.04])
    acting = np.array([[True, True, False], [False, False, True]])
    assert multilabel_log(shares, acting) == pytest.approx([
        -(math.log(0.5) + math.log(0.3) + math.log(0.8)) / 3, -(2 * math.log(0.9) + math.log(0.8)) / 3
    ])  # fmt: skip
    assert multilabel_brier(shares, acting) == pytest.approx([(0.25 + 0.49 + 0.04) / 3, 0.06 / 3])
    assert ranks(shares, truth).tolist() == [2, 1]
    assert ranks(np.array([[0.4, 0.4, 0.2]] * 2), np.array([0, 1])).tolist() == [1, 2]
    assert best_rank(shares, np.array([[False, True, True], [True, True, False]])).tolist() == [2, 2]
    assert math.isfinite(log_score(np.array([[1.0, 0.0]]), np.array([1]))[0])


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
@settings(deadline=None)
def test_the_scores_are_proper(believed, said):
    """On average over what one believes, saying what one believes is never worse."""
    p, q = (np.array(values) / sum(values) for values in (believed, said))
    everything = np.arange(3)
    for score in (log_score, brier):
        honest, other = (score(np.tile(shares, (3, 1)), everything) @ p for shares in (p, q))
        assert honest <= other + 1e-9


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=7))
def test_entropy_is_scaled(values):
    shares = np.array([values]) / sum(values)
    assert entropy(shares)[0] == pytest.approx(stats.entropy(shares[0]) / math.log(len(values)), abs=1e-9)


def test_concordance_is_the_rank_sum():
    rng = np.random.default_rng(5)
    scores, positive = rng.integers(0, 8, 60).astype(float), rng.random(60) < 0.4
    u = stats.mannwhitneyu(scores[positive], scores[~positive]).statistic
    assert concordance(scores, positive) == pytest.approx(u / (positive.sum() * (~positive).sum()))
    assert math.isnan(concordance(scores, np.zeros(60, bool)))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_every_method_gives_shares_and_an_order(article, method):
    cases = case_set(article)
    found = method(article, cases, True)
    assert found.shares.shape == found.acting.shape == found.score.shape == (65, 7)
    assert found.shares.sum(1) == pytest.approx(1)
    assert (found.shares > 0).all()
    assert ((found.acting >= 0) & (found.acting <= 1)).all()


@pytest.fixture(scope="module")
def few(article):
    """Three cases with two to four entries, without a deep context."""
    cases = published_cases(article.knowledge.folder)
    return case_set(article, {name: cases[name] for name in ("A07", "O07", "A12")})


def test_naive_bayes_against_pgmpy(article, few):
    """P(entry | this cause and no other), asked of pgmpy one entry at a time; one product a cause state."""
    asked = VariableElimination(article.to_pgmpy())
    total = sum(article.calibrated.targets.values())
    absent = dict.fromkeys(few.causes, "absent") | {"neutropenia": "yes"}
    found = naive_bayes(article, few, True)
    for i, case in enumerate(few.cases):
        entered = {node: state for node, state in case.presenting().items() if node in article.network.by_id}
        weight = dict.fromkeys(few.causes, 0.0)
        for (cause, state), target in article.calibrated.targets.items():
            product = target / total
            for node, value in entered.items():
                query = asked.query([node], evidence={**absent, cause: state}, show_progress=False)
                product *= query.get_value(**{node: value})
            weight[cause] += product
        expected = [weight[cause] / sum(weight.values()) for cause in few.causes]
        assert found.shares[i] == pytest.approx(expected, abs=1e-9)


def test_without_selection_causes_do_not_compete(article):
    """No entry leaves the elicited chances; a finding of one cause alone moves no other."""
    case = published_cases(article.knowledge.folder)["B03"]
    duffy = replace(case, evidence={"duffy_null": "present"}, decisive=())
    bare = case_set(article, {"none": replace(case, evidence={}), "duffy": duffy})
    none, given = no_selection(article, bare, True).acting
    targets = dict.fromkeys(bare.causes, 0.0)
    for (cause, _), value in article.calibrated.targets.items():
        targets[cause] += value
    assert none == pytest.approx(list(targets.values()), abs=1e-9)
    moved = np.abs(given - none) > 1e-4
    assert moved.tolist() == [cause == "ben" for cause in bare.causes]
    with_selection = model_forecast(article, bare, True).acting
    assert with_selection[1, 0] < with_selection[0, 0] - 0.1


def test_multimembership_with_one_entry_is_the_model(article):
    case = published_cases(article.knowledge.folder)["O07"]
    single = case_set(article, {"x": replace(case, evidence={"anaemia": "present"})})
    assert multimembership(article, single, True).acting == pytest.approx(model_forecast(article, single, True).acting)


def test_a_method_that_names_a_cause_has_its_hit_rate_as_certainty(article):
    cases = case_set(article)
    found = always_drug(article, cases, True)
    drug = cases.causes.index("drug")
    assert found.shares[:, drug] == pytest.approx(np.mean([case.true_cause == "drug" for case in cases.cases]))
    assert (found.score.argmax(1) == drug).all()


@pytest.mark.parametrize(
    ("entered", "causes"),
    [
        ({}, ["drug"]),
        ({"methotrexate": "present", "serum_folate": "low"}, ["nutritional", "drug"]),
        ({"antibiotic_course": "up_to_2_weeks", "fever": "present"}, ["viral", "drug"]),
        ({"african_or_middle_eastern_ancestry": "present"}, ["ben", "drug"]),
        ({"african_or_middle_eastern_ancestry": "present", "fever": "present"}, ["viral", "drug"]),
        ({"splenomegaly": "present", "rheumatoid_arthritis": "present"}, ["autoimmune", "marrow", "drug"]),
        ({"splenomegaly": "present", "portal_hypertension": "present"}, ["other", "marrow", "drug"]),
    ],
)
def test_the_articles_list(article, entered, causes):
    assert fired(decision_list(article.knowledge.folder), entered) == causes


def test_the_articles_list_uses_known_words(article):
    nodes, steps = article.knowledge.nodes, {step.step for step in article.knowledge.guidance}
    for rule in decision_list(article.knowledge.folder):
        assert nodes[rule.cause].role == "cause"
        for node, state in (*rule.any_of, *rule.all_of, *rule.none_of):
            left_open = state == "present" and nodes[node].states[0] == "absent"  # there, in which way is not told
            assert state in nodes[node].states or left_open, (rule.rule, node, state)
    with (article.knowledge.folder / "decision_list.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert set(row["step"].split(";")) <= steps
            assert row["rationale"]


def test_a_rule_that_is_no_fact_is_named(tmp_path):
    (tmp_path / "decision_list.csv").write_text(
        "rule,step,cause,any_of,all_of,none_of,rationale\nx,,drug,fever,,,\n", encoding="utf-8"
    )
    with pytest.raises(KnowledgeError, match=r"decision_list.csv, rule 'x': expected node=state, got 'fever'"):
        decision_list(tmp_path)


@pytest.fixture(scope="module")
def scored(article):
    return case_scores(article, case_set(article))


def test_rank_is_the_place_of_the_published_cause(article, scored):
    case = published_cases(article.knowledge.folder)["N05"]
    row = scored.cases.set_index(["findings", "case"]).loc[("with decisive", "N05")]
    acting = article.posterior(case.presenting(), scope=False).acting
    assert row["first"] == max(acting, key=acting.__getitem__)
    assert row["rank"] == 1 + sum(p > acting[case.true_cause] for p in acting.values())
    assert row["probability"] == acting["nutritional"]


def test_summary_counts_every_case_once(scored):
    table = scored.scores
    for findings in ("with decisive", "without decisive"):
        part = table[table["findings"] == findings].set_index("group")
        causes = part.drop(index=["all", "mean of causes", "implied", "without implied"])
        assert causes["cases"].sum() == part.loc["all", "cases"] == 65
        assert part.loc["all", "top1"] == pytest.approx((causes["top1"] * causes["cases"]).sum() / 65)
        assert part.loc["mean of causes", "top2"] == pytest.approx(causes["top2"].mean())
        assert (part["top1"] <= part["top2"]).all()
        assert (causes["top1_low"] <= causes["top1"]).all()
        assert (causes["top1"] <= causes["top1_high"]).all()


def test_decisive_findings_are_hidden_in_the_second_run(article, scored):
    ranks = scored.cases.set_index(["findings", "case"])
    hidden = [case for case in published_cases(article.knowledge.folder).values() if case.decisive]
    assert hidden
    assert any(
        ranks.loc[("with decisive", c.id), "probability"] != ranks.loc[("without decisive", c.id), "probability"]
        for c in hidden
    )
