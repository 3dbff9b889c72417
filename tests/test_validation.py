"""Validation: known intervals, and rankings that follow from the posterior."""

import pytest

from model.case import published_cases
from model.validation import accuracy, rank_case, rank_cases, wilson_interval


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


def test_rank_is_the_place_of_the_published_cause(article):
    case = published_cases(article.knowledge.folder)["N05"]
    ranking = rank_case(article, case, decisive=True)
    acting = article.posterior(case.presenting(), scope=False).acting
    assert ranking.first == max(acting, key=acting.__getitem__)
    assert ranking.rank == 1 + sum(p > acting[case.true_cause] for p in acting.values())
    assert ranking.probability == acting["nutritional"]


def test_summary_counts_every_case_once(article):
    ranks = rank_cases(article)
    table = accuracy(ranks)
    for findings in ("with decisive", "without decisive"):
        part = table[table["findings"] == findings].set_index("cause")
        causes = part.drop(index=["all", "mean of causes"])
        assert causes["cases"].sum() == part.loc["all", "cases"] == 65
        assert part.loc["all", "top1"] == pytest.approx((causes["top1"] * causes["cases"]).sum() / 65)
        assert part.loc["mean of causes", "top2"] == pytest.approx(causes["top2"].mean())
        assert (part["top1"] <= part["top2"]).all()
        assert (causes["top1_low"] <= causes["top1"]).all()
        assert (causes["top1"] <= causes["top1_high"]).all()


def test_decisive_findings_are_hidden_in_the_second_run(article):
    ranks = rank_cases(article).set_index(["findings", "case"])
    hidden = [case for case in published_cases(article.knowledge.folder).values() if case.decisive]
    assert hidden
    assert any(
        ranks.loc[("with decisive", c.id), "probability"] != ranks.loc[("without decisive", c.id), "probability"]
        for c in hidden
    )
