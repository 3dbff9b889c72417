"""Measures of a cause outside the list, and the prompts: known answers, and areas and thresholds counted by hand."""

from itertools import product

import numpy as np
import pytest

import model
from model.errors import KnowledgeError
from model.explanation.outside import MEASURES, outside_measures, prompts, read_prompts
from model.validation import case_set
from model.validation.published.goals import of_the_six
from model.validation.published.outside import OutsideReport, outside_validation, report_text


@pytest.fixture(scope="module")
def plain():
    return model.load()


@pytest.fixture(scope="module")
def cases(plain):
    return case_set(plain)


@pytest.fixture(scope="module")
def found(plain, cases):
    return outside_validation(plain, cases, replicates=300, seed=4)


def test_nothing_entered_is_no_conflict(plain):
    measured = outside_measures(plain, plain.posterior({}))
    assert set(measured) == set(MEASURES)
    assert all(measured[name] == 0 for name in ("straw", "straw_each", "flat", "population"))
    assert measured["undecided"] == pytest.approx(1 - plain.posterior({}).attribution.max())


def test_measures_are_ratios_of_probabilities(plain):
    entered = {"anaemia": "present", "rash": "present", "rheumatoid_arthritis": "present"}
    answer = plain.posterior(entered)
    measured = outside_measures(plain, answer)
    alone = [plain.posterior({node: state}).log_evidence for node, state in entered.items()]
    assert measured["straw"] == pytest.approx(sum(alone) - answer.log_evidence)
    assert measured["straw"] == pytest.approx(plain.conflict(entered).conflict)
    assert measured["straw_each"] == pytest.approx(measured["straw"] / 3)
    assert measured["flat"] == pytest.approx(-3 * np.log(2) - answer.log_evidence)
    share = answer.share
    assert measured["entropy"] == pytest.approx(-(share * np.log(share)).sum() / np.log(len(share)))


def test_all_adults_are_those_whose_count_is_not_looked_at(plain):
    """A context's rate in all adults is its base rate; fever's is asked of the whole network by its own export."""
    answer = plain.posterior({"rheumatoid_arthritis": "present"})
    age, sex, arthritis = (plain.network.by_id[node] for node in ("age_band", "sex", "rheumatoid_arthritis"))
    assert (sex.parents, arthritis.parents) == (("age_band",), ("age_band", "sex"))
    rate = np.einsum("a,as,as->", age.table, sex.table, arthritis.table[:, :, 1])
    measured = outside_measures(plain, answer)
    assert measured["population"] == pytest.approx(np.log(rate) - answer.log_evidence)
    assert measured["straw"] == pytest.approx(0, abs=1e-12)


def test_areas_and_thresholds_are_those_counted_by_hand(found, cases):
    outside = ~of_the_six(cases)
    assert list(found.cases["outside"]) == list(outside)
    for row in found.measures.to_dict("records"):
        values = found.cases[row["measure"]].to_numpy()
        pairs = list(product(values[outside], values[~outside]))
        area = np.mean([(a > b) + 0.5 * (a == b) for a, b in pairs])
        assert row["auc"] == pytest.approx(area)
        assert row["strict_low"] <= row["low"] <= row["auc"] <= row["high"]
        alarmed = []
        for i in range(len(values)):
            others = np.arange(len(values)) != i
            best = max(
                sorted(set(values[others])),
                key=lambda c: np.mean(values[others & outside] >= c) - np.mean(values[others & ~outside] >= c),
            )
            alarmed.append(values[i] >= best)
        assert row["sensitivity"] == pytest.approx(np.mean(np.array(alarmed)[outside]))
        assert row["specificity"] == pytest.approx(1 - np.mean(np.array(alarmed)[~outside]))


def test_a_measure_that_knows_is_chosen_and_noise_is_not(plain, cases, monkeypatch):
    outside = dict(zip((case.id for case in cases.cases), ~of_the_six(cases), strict=True))
    ids = iter(outside)
    rng = np.random.default_rng(0)

    def measured(model, answer):
        return {name: float(rng.random()) for name in MEASURES} | {"flat": float(outside[next(ids)]) + rng.random()}

    monkeypatch.setattr("model.validation.published.outside.outside_measures", measured)
    knowing = outside_validation(plain, cases, replicates=200)
    assert knowing.chosen == "flat"
    assert "flat" in report_text(OutsideReport((knowing,))).splitlines()[-1]


def test_one_setting_against_it_is_enough(found, plain, cases):
    report = OutsideReport((found, outside_validation(model.load("primary_care"), cases, replicates=300)))
    for each in report.settings:
        if report.shown:
            row = each.measures.set_index("measure").loc[report.shown]
            assert row["strict_low"] > 0.5
    if report.shown is None:
        assert "none is shown" in report_text(report)


def test_the_coverage_curve_ends_at_all_cases(found):
    for measure, rows in found.curve.groupby("measure"):
        assert measure in MEASURES
        assert rows["cases"].iloc[-1] == len(found.cases)
        assert rows["accuracy"].iloc[-1] == pytest.approx(found.cases["right"].mean())


def test_prompts_come_up_and_go_when_answered(plain):
    shown = {
        prompt.id for prompt in prompts(plain, plain.posterior({"anaemia": "present", "thrombocytopenia": "present"}))
    }
    assert "two_lines" in shown
    answered = plain.posterior({"anaemia": "present", "thrombocytopenia": "present", "smear_dysplasia": "absent"})
    assert "two_lines" not in {prompt.id for prompt in prompts(plain, answered)}
    one_line = plain.posterior({"anaemia": "present"})
    assert "two_lines" not in {prompt.id for prompt in prompts(plain, one_line)}
    ancestry = {"african_or_middle_eastern_ancestry": "present"}
    assert "duffy" in {prompt.id for prompt in prompts(plain, plain.posterior(ancestry))}
    typed = plain.posterior({**ancestry, "duffy_null": "present"})
    assert "duffy" not in {prompt.id for prompt in prompts(plain, typed)}


def test_a_share_outside_the_six_brings_prompts_up():
    clinic = model.load("haematology_clinic")
    answer = clinic.posterior({})
    shown = {prompt.id for prompt in prompts(clinic, answer)}
    for prompt in read_prompts(clinic.knowledge.folder):
        if prompt.share is not None:
            assert (prompt.id in shown) == (answer.share["other"] >= prompt.share)


def test_every_prompt_says_why_and_names_known_words(plain):
    for prompt in read_prompts(plain.knowledge.folder):
        assert prompt.why
        assert prompt.source
        assert prompt.any_of or prompt.share is not None
        for node, state in (fact for group in prompt.any_of for fact in group):
            assert state in plain.knowledge.nodes[node].states
        assert set(prompt.unanswered) <= set(plain.knowledge.nodes)
        assert set(prompt.source) <= set(plain.knowledge.sources)


def test_a_fact_that_is_none_is_an_error(tmp_path):
    (tmp_path / "outside_prompts.csv").write_text(
        "prompt,label,why,unanswered,any_of,share,source\na,A,b,,fever,,x\n", encoding="utf-8"
    )
    with pytest.raises(KnowledgeError, match="expected node=state"):
        read_prompts(tmp_path)
