"""One pass: retractions are the posterior without the entry, derivatives are central differences."""

import itertools
from math import log

import numpy as np
import pytest

from model.sensitivity.differential import differential

EVIDENCE = {
    "fever": "present", "methotrexate": "present", "anaemia": "present", "serum_b12": "250 pg/mL", "rash": "absent",
    "african_or_middle_eastern_ancestry": "absent",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(article):
    return differential(article, article.posterior(EVIDENCE))


def test_retraction_is_the_posterior_without_the_entry(article, found):
    assert set(found.retractions.index) == set(EVIDENCE)
    for entry in EVIDENCE:
        rest = article.posterior({node: value for node, value in EVIDENCE.items() if node != entry})
        row = found.retractions.loc[entry]
        assert row["log_evidence"] == pytest.approx(rest.log_evidence, abs=1e-10)
        for cause, probability in rest.acting.items():
            assert row[cause] == pytest.approx(probability, abs=1e-12)


def test_derivatives_are_central_differences(article, found):
    frame = found.derivatives[found.derivatives["kind"] != "share_order"].sample(30, random_state=3)
    for name, row in frame.iterrows():
        width = 1e-4 * min(row["value"], abs(1 - row["value"]))
        above, below = (article.override({name: row["value"] + sign * width}).posterior(EVIDENCE) for sign in (1, -1))
        for cause in found.causes.index:
            slope = (above.acting[cause] - below.acting[cause]) / (2 * width)
            assert row[cause] == pytest.approx(slope, rel=3e-4, abs=2e-6), (name, cause)
        slope = (log(above.solution.total) - log(below.solution.total)) / (2 * width)
        assert row["log_evidence"] == pytest.approx(slope, rel=3e-4, abs=2e-5), name


def test_derivatives_of_the_states_of_one_cause_cancel(article, found):
    """What a number gives to one state it takes from the others: the posterior sums to one at every point."""
    from model.sensitivity.one_way import STEP, probes

    answer = article.posterior(EVIDENCE)
    states = probes(article).derivative.solve(answer.evidence.hard, answer.evidence.soft).states.imag / STEP
    starts = np.cumsum([0, *(len(cause.states) for cause in article.network.causes)])
    for start, end in itertools.pairwise(starts):
        assert np.abs(states[:, start:end].sum(1)).max() < 1e-8 * (1 + np.abs(states).max())


def test_nothing_entered_has_nothing_to_retract(article):
    empty = differential(article, article.posterior({}))
    assert empty.retractions.empty
    assert empty.log_evidence == 0
    m = empty.derivatives.loc["cooccurrence.neutropenia.article"]
    assert m["drug"] == pytest.approx(article.posterior({}).acting["drug"] / 1.10, rel=1e-9)
