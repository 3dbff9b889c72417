"""The literature against the article: every disagreement runs or says why not, and runs what it says."""

import re

import pytest
from scipy.stats import binomtest

import model
from model.errors import KnowledgeError
from model.knowledge import load_knowledge
from model.knowledge.load import TAGS
from model.sensitivity.literature import RUN, alternatives, shares_with

KNOWLEDGE = load_knowledge()
ROWS = KNOWLEDGE.better_figures
DISAGREEMENTS = {row.id: row for row in KNOWLEDGE.disagreements}
CASE = {"fever": "present", "african_or_middle_eastern_ancestry": "present", "antibiotic_course": "up_to_2_weeks"}


@pytest.fixture(scope="module")
def found(article):
    return article.literature(CASE)


def under(found, disagreement, figure):
    return next(f for f in found.figures if (f.disagreement, f.figure) == (disagreement, figure))


def test_every_disagreement_runs_or_says_why_not():
    assert {row.disagreement for row in ROWS} == set(DISAGREEMENTS) == {f"D{i}" for i in range(1, 20)}
    for row in ROWS:
        assert len(row.rationale) > 15
        assert set(row.source) <= set(KNOWLEDGE.sources), row
        assert row.source
        if row.change in RUN:
            assert row.label
            assert row.figure
            assert row.tag in TAGS
        else:
            assert row.change in ("wording", "scope", "no figure")
            assert (row.figure, row.target, row.value) == ("", "", None)


def test_no_figure_to_run_is_from_memory():
    assert not [row for row in ROWS if row.tag in ("RECALLED", "GAP")]


def test_figures_concern_what_their_disagreement_concerns():
    records = {record.id: record for record in KNOWLEDGE.records}
    for row in ROWS:
        concerns = DISAGREEMENTS[row.disagreement].concerns
        nodes = {records[item].node if item in records else item for item in concerns}
        if row.change == "number":
            assert row.target in concerns or records[row.target].node in concerns, row
        elif row.change == "share":
            assert row.target in nodes, row
        elif row.change == "setting":
            assert row.target in KNOWLEDGE.settings


def test_values_lie_in_their_intervals():
    for row in ROWS:
        if row.low is not None:
            assert row.value is not None
            assert row.high is not None
            assert 0 < row.low < row.value < row.high < 1, row
        if row.change in ("number", "share"):
            assert 0 < row.value < 1


def test_wilson_intervals_are_those_of_their_counts():
    """Known answer: scipy's interval of the counts that the rationale gives."""
    counted = [(row, re.search(r"Wilson interval of (\d+) of (\d+)", row.rationale)) for row in ROWS]
    counted = [(row, counts) for row, counts in counted if counts]
    assert len(counted) == sum("Wilson" in row.rationale for row in ROWS) == 16
    for row, counts in counted:
        hits, of = map(int, counts.groups())
        interval = binomtest(hits, of).proportion_ci(0.95, method="wilson")
        assert (row.value, row.low, row.high) == pytest.approx((hits / of, *interval), abs=0.0006), row


def test_a_number_is_the_override(article, found):
    expected = article.override({"link.fever.present.viral.present": 0.276}).posterior(CASE).acting
    figure = under(found, "D12", "children")
    assert figure.causes == pytest.approx(expected, abs=1e-12)
    assert figure.replaced[0].in_model == 0.53
    ends = [
        article.override({"link.fever.present.viral.present": end}).posterior(CASE).acting for end in (0.242, 0.313)
    ]
    assert figure.at_low == pytest.approx(ends[0], abs=1e-12)
    assert figure.at_high == pytest.approx(ends[1], abs=1e-12)


def test_shares_are_those_of_all_patients(article):
    """With nothing entered, share and posterior agree: those two of all patients, the others in proportion."""
    plain, nothing = article.posterior({}), article.literature({})
    factor = sum(plain.states[cause, state] for cause, state in article.calibrated.targets)  # mean number acting
    figure = under(nothing, "D2", "nhanes")
    given = {each.row.target: each.row.value for each in figure.replaced}
    assert set(given) == {"ben", "drug"}
    for cause, share in given.items():
        assert figure.causes[cause] / factor == pytest.approx(share, abs=1e-9)
    assert figure.causes["other"] == pytest.approx(plain.acting["other"], abs=1e-9)
    ratio = plain.acting["viral"] / plain.acting["marrow"]
    assert figure.causes["viral"] / figure.causes["marrow"] == pytest.approx(ratio, abs=1e-9)
    assert figure.at_low == figure.at_high == {}  # two shares at once have no common interval


def test_a_setting_is_that_setting(found):
    for setting in ("primary_care", "haematology_clinic", "urban_us_clinic"):
        expected = model.load(setting).posterior(CASE).acting
        assert under(found, "D2", setting).causes == pytest.approx(expected, abs=1e-12)


def test_leader_and_largest_move_are_read_from_the_answers(article, found):
    before = article.posterior(CASE).acting
    assert found.causes == before
    for figure in found.figures:
        change = {cause: figure.causes[cause] - before[cause] for cause in before}
        assert abs(figure.change) == max(abs(moved) for moved in change.values())
        assert figure.change == change[figure.moved]
        assert figure.causes[figure.leader] == max(figure.causes.values())
    assert {f.figure for f in found.leader_changes} == {f.figure for f in found.figures if f.leader != found.leader}


@pytest.mark.parametrize("example", [example.case for example in KNOWLEDGE.examples])
def test_every_example_is_answered(article, example):
    from model.evidence import published_cases

    evidence = published_cases(KNOWLEDGE.folder)[example].presenting()
    result = article.literature(evidence, scope=False, ends=False)
    assert len({f.disagreement for f in result.figures} | {n.disagreement for n in result.not_run}) == 19
    assert all(0 <= p <= 1 for figure in result.figures for p in figure.causes.values())


def test_another_setting_says_what_does_not_concern_it():
    clinic = model.load("haematology_clinic").literature({}, ends=False)
    assert "share" not in {each.row.change for figure in clinic.figures for each in figure.replaced}
    assert {f.figure for f in clinic.figures if f.replaced[0].in_model is None} == {"primary_care", "urban_us_clinic"}
    reasons = " ".join(point.reason for point in clinic.not_run if point.why == "another setting")
    assert "only the article ranks its causes" in reasons
    assert "other_share.other.article does not hold in setting haematology_clinic" in reasons


def test_models_are_made_once(article):
    assert alternatives(article) is alternatives(article)


def test_shares_that_leave_nothing_are_refused():
    assert shares_with({"a": 0.4, "b": 0.2, "c": 0.2}, {"a": 0.2}) == pytest.approx({"a": 0.25, "b": 0.375, "c": 0.375})
    with pytest.raises(KnowledgeError, match="expected shares below 0.800 together"):
        shares_with({"a": 0.4, "b": 0.4}, {"a": 0.5, "b": 0.3})
