"""Other readers of the article: each row is the model of that reader, asked the same."""

import pytest

import model
from model.elicitation.ordered_simplex import centroid_of_order
from model.errors import CalibrationError, KnowledgeError
from model.evidence import published_cases
from model.network import RecordIndex
from model.sensitivity.parameter_space import ParameterSpace
from model.sensitivity.swap_reader import AS_READ, centroid_of_constraints, orders, reordered, swap_reader

CAUSES = ["drug", "viral", "nutritional", "ben", "autoimmune", "marrow"]
EVIDENCE = {"fever": "present", "african_or_middle_eastern_ancestry": "present"}


@pytest.fixture(scope="module")
def swapped(article):
    return swap_reader(article, article.posterior(EVIDENCE))


def test_full_order_is_the_rank_order_centroid():
    full = centroid_of_constraints(CAUSES, "drug>viral>nutritional>ben>autoimmune>marrow")
    assert full == pytest.approx(centroid_of_order({cause: f"rank {i}" for i, cause in enumerate(CAUSES, 1)}))


def test_the_article_order_as_constraints_is_its_ranks():
    found = centroid_of_constraints(CAUSES, "drug>viral>nutritional>ben;ben>autoimmune;ben>marrow")
    ranks = dict(zip(CAUSES, ("1", "2", "3", "4", "5-6", "5-6"), strict=True))
    assert found == pytest.approx(centroid_of_order({cause: f"rank {rank}" for cause, rank in ranks.items()}))


def test_unranked_causes_float_up():
    """Known answer: autoimmune and marrow after drug alone come to .118 each, above ben at .045."""
    found = centroid_of_constraints(CAUSES, "drug>viral>nutritional>ben;drug>autoimmune;drug>marrow")
    assert found["autoimmune"] == pytest.approx(0.118, abs=0.001)
    assert found["ben"] == pytest.approx(0.045, abs=0.001)


def test_no_order_is_uniform():
    assert centroid_of_constraints(CAUSES, "") == pytest.approx(dict.fromkeys(CAUSES, 1 / 6))


def test_contradictions_are_named():
    with pytest.raises(KnowledgeError, match="no ranking respects it"):
        centroid_of_constraints(CAUSES, "drug>viral;viral>drug")
    with pytest.raises(KnowledgeError, match="unknown cause 'virus'"):
        centroid_of_constraints(CAUSES, "drug>virus")


def test_each_row_is_that_readers_model(article, swapped):
    frame = swapped.frame
    assert frame.loc[AS_READ, CAUSES].to_dict() == pytest.approx(
        {cause: article.posterior(EVIDENCE).acting[cause] for cause in CAUSES}
    )
    for setting in ("primary_care", "urban_us_clinic"):
        expected = model.load(setting).posterior(EVIDENCE).acting
        assert frame.loc[f"setting:{setting}", CAUSES].to_dict() == pytest.approx({c: expected[c] for c in CAUSES})
    scale = next(s for s in article.knowledge.scales if s != article.scale)
    expected = model.load("article", scale).posterior(EVIDENCE).acting
    assert frame.loc[f"scale:{scale}", "viral"] == pytest.approx(expected["viral"])
    assert {"as read", "scale", "setting", "order", "claim dropped"} == set(frame["kind"])
    assert 0 <= swapped.agreement <= 1


def test_a_dropped_claim_silences_its_links(swapped):
    """Without K4 (ask for fever, respiratory symptoms, rash) fever says little of a virus."""
    assert swapped.frame.loc["claim:K4", "viral"] < 0.5 * swapped.frame.loc[AS_READ, "viral"]


@pytest.mark.parametrize("claim", ["K4", "D2", "N1"])
def test_a_dropped_claim_is_the_model_with_its_numbers_replaced(article, swapped, claim):
    """Oracle: a whole model, its hazards next to nothing and its links at the background they include."""
    index, muted = RecordIndex(article.knowledge, article.setting), {}
    for record in index.records:
        if claim in record.claims and record.kind in ("hazard", "link"):
            background = index.background_of(record) if record.kind == "link" else None
            muted[record.id] = article.knowledge.record(background).value if background else 1e-9
    assert muted
    other = article.override(muted)
    expected = other.posterior(EVIDENCE)
    row = swapped.frame.loc[f"claim:{claim}"]
    assert row[CAUSES].tolist() == pytest.approx([expected.acting[cause] for cause in CAUSES], abs=1e-10)
    assert row["leader"] == expected.leader
    changed = [case.id for case in published_cases(article.knowledge.folder).values()
               if other.posterior(case.presenting(), scope=False).leader
               != article.posterior(case.presenting(), scope=False).leader]  # fmt: skip
    assert list(filter(None, row["cases"].split(";"))) == changed


def test_another_order_is_the_model_with_those_shares(article, swapped):
    for reading in orders(article):
        expected = reordered(article, reading.reading).posterior(EVIDENCE).acting
        row = swapped.frame.loc[f"order:{reading.reading}"]
        assert row[CAUSES].tolist() == pytest.approx([expected[cause] for cause in CAUSES], abs=1e-10)


def test_cases_that_change_leader_really_do(article, swapped):
    other = model.load("primary_care")
    changed = set(filter(None, swapped.frame.loc["setting:primary_care", "cases"].split(";")))
    assert changed
    for case in list(published_cases(article.knowledge.folder).values())[:20]:
        leaders = [
            max(acting, key=acting.__getitem__)
            for acting in (m.posterior(case.presenting(), scope=False).acting for m in (article, other))
        ]
        assert (case.id in changed) == (leaders[0] != leaders[1])


def test_other_settings_have_no_order_to_reread():
    clinic = model.load("haematology_clinic")
    kinds = set(swap_reader(clinic, clinic.posterior({})).frame["kind"])
    assert "order" not in kinds


def test_a_reading_that_no_priors_fit_is_named(article):
    space = ParameterSpace(article)
    numbers, shares = space.net_plug_in
    fewer_than_one = {**numbers, "cooccurrence.neutropenia.article": 0.9}  # causes acting, of those with the count
    with pytest.raises(CalibrationError, match="under 'another reading'"):
        space.at_each({"as read": (numbers, shares), "another reading": (fewer_than_one, shares)})
