"""One-way and two-way sensitivity against the overridden model, finite differences and the published bounds."""

import numpy as np
import pytest

from model.errors import EvidenceError, KnowledgeError
from model.sensitivity import one_way, two_way

EVIDENCE = {
    "fever": "present",
    "methotrexate": "present",
    "serum_folate": "low",
    "anaemia": "present",
    "duration": "earlier_normal",
}


@pytest.fixture(scope="module")
def found(article):
    return one_way(article, article.posterior(EVIDENCE), "drug")


def acting(model, number, value, cause="drug"):
    return model.override({number: value}).posterior(EVIDENCE).acting[cause]


def test_rows_are_the_numbers_that_matter(article, found):
    frame = found.frame
    assert frame["swing"].is_monotonic_decreasing
    kinds = set(frame["kind"])
    assert {"link", "leak", "hazard", "base_rate", "share_order", "cooccurrence", "other_share", "split"} <= kinds
    silent = {"link.rash.present.viral.present", "leak.splenomegaly.present"}
    assert not silent & set(frame["id"]), "a number of a finding that was not entered moves nothing"
    assert found.posterior == article.posterior(EVIDENCE).acting["drug"]


def test_ends_are_the_overridden_model(article, found):
    frame = found.frame[~found.frame["kind"].isin(["share_order"])]
    for row in frame.sample(25, random_state=0).itertuples():
        assert row.at_low == pytest.approx(acting(article, row.id, row.low), abs=1e-9), row.id
        assert row.at_high == pytest.approx(acting(article, row.id, row.high), abs=1e-9), row.id


def test_derivatives_are_central_differences(article, found):
    frame = found.frame[~found.frame["kind"].isin(["share_order"])]
    for row in frame.sample(40, random_state=1).itertuples():
        width = 1e-4 * min(row.value, abs(1 - row.value))
        above, below = (acting(article, row.id, row.value + sign * width) for sign in (1, -1))
        assert row.derivative == pytest.approx((above - below) / (2 * width), rel=2e-4, abs=1e-6), row.id


def test_exact_rows_obey_the_bounds(found):
    """|f'| <= p (1 - p) / (x (1 - x)), and no log-odds move beyond the distance (Chan and Darwiche 2002)."""
    p = found.posterior
    exact = found.frame[found.frame["exact"]]
    assert set(exact["kind"]) <= {"link", "leak"}
    assert len(exact) > 10
    bound = p * (1 - p) / (exact["value"] * (1 - exact["value"]))
    assert (exact["derivative"].abs() <= bound + 1e-9).all()
    moved = np.abs(np.log(exact["at_low"] / (1 - exact["at_low"])) - np.log(exact["at_high"] / (1 - exact["at_high"])))
    assert (moved <= exact["distance"] + 1e-9).all()


def test_the_leader_ties_at_its_flip_value(article):
    answer = article.posterior({"fever": "present", "rash": "absent"})
    frame = one_way(article, answer, "viral").frame
    flips = frame[frame["exact"] & frame["flip"].notna()]
    assert not flips.empty
    for row in flips.itertuples():
        there = article.override({row.id: row.flip}).posterior({"fever": "present", "rash": "absent"}).acting
        assert there[row.rival] == pytest.approx(there[max(answer.acting, key=answer.acting.__getitem__)], abs=1e-9)
        assert row.inside == (row.low <= row.flip <= row.high)


def test_a_grid_flip_is_refined(article):
    """With nothing entered drug and other are close, so shares and o flip the leader inside their intervals."""
    answer = article.posterior({})
    result = one_way(article, answer, "drug")
    row = result.frame.set_index("id").loc["other_share.other.article"]
    assert not row["exact"]
    assert row["inside"]
    assert row["rival"] == "other"
    there = article.override({"other_share.other.article": row["flip"]}).posterior({}).acting
    assert there["other"] == pytest.approx(there["drug"], abs=2e-4)
    assert "other_share.other.article" in result.certificate


def test_certificate_of_a_firm_answer(article, found):
    assert found.certificate.startswith("No single number inside its 90 % interval changes the leading cause")


def test_vertex_has_slope_one(article, found):
    exact = found.frame[found.frame["exact"] & found.frame["vertex"].between(0.02, 0.98)]
    assert not exact.empty
    for row in exact.head(5).itertuples():
        stated = row.vertex
        background = article.knowledge.record(row.id)
        if background.kind == "leak" and background.parent:
            continue
        width = 1e-5
        try:
            slope = (acting(article, row.id, stated + width) - acting(article, row.id, stated - width)) / (2 * width)
        except KnowledgeError:
            continue  # the vertex lies below the background
        assert abs(slope) == pytest.approx(1, abs=1e-3)


def test_two_way_edges_are_one_way(article):
    answer = article.posterior(EVIDENCE)
    first, second = "link.fever.present.drug.immune", "hazard.drug.toxic.methotrexate.present"
    surface = two_way(article, answer, "drug", first, second, points=5)
    assert len(surface.frame) == 25
    for row in surface.frame.iloc[[0, 7, 24]].to_dict("records"):
        changed = article.override({first: row[first], second: row[second]}).posterior(EVIDENCE)
        assert row["probability"] == pytest.approx(changed.acting["drug"], abs=1e-9)
        assert row["leader"] == max(changed.acting, key=changed.acting.__getitem__)


def test_errors_name_what_is_allowed(article):
    answer = article.posterior({})
    with pytest.raises(EvidenceError, match="Cause 'drugs' is unknown; allowed is 'drug'"):
        one_way(article, answer, "drugs")
    with pytest.raises(EvidenceError, match="two different numbers"):
        two_way(article, answer, "drug", "a", "a")
    with pytest.raises(KnowledgeError, match="Number 'a' is not one of setting"):
        two_way(article, answer, "drug", "a", "b")
