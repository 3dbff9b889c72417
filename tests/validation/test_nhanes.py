"""The carried survey against its published table, a plain reading of the file, and the model against both."""

import csv
import gzip
import json
import shutil
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

import model
from model.errors import SurveyError
from model.knowledge import load_knowledge
from model.validation import nhanes_comparison
from model.validation.population.checks import COMPARED, Check, read_checks, surveyed
from model.validation.population.comparison import summary
from model.validation.population.estimates import read_estimates
from model.validation.population.expectations import Expectations
from model.validation.population.nhanes import COUNTS, FOLDER, prevalence, read_survey
from model.validation.population.survey import logit_interval

KNOWLEDGE = load_knowledge()
FILES = KNOWLEDGE.folder / FOLDER
CHECKS = {check.check: check for check in read_checks(KNOWLEDGE.folder)}
DATA_SET = "nhanes_cbc_2011_2018"
ANCESTRY = "african_or_middle_eastern_ancestry"


@pytest.fixture(scope="module")
def survey():
    return read_survey(KNOWLEDGE)


@pytest.fixture(scope="module")
def plain():
    """The file as it stands, the limits written out here."""
    frame = pd.read_csv(FILES / COUNTS)
    return frame.assign(
        weight=frame.WTMEC2YR / 4,
        adult=frame.RIDAGEYR >= 18,
        low=(frame.RIDAGEYR >= 18) & frame.LBDNENO.between(0.99, 1.45),
        black=frame.RIDRETH3 == 4,
        anaemia=frame.LBXHGB.lt(frame.RIAGENDR.map({1: 13, 2: 12})),
        macrocytosis=frame.LBXMCVSI > 100,
        thrombocytopenia=frame.LBXPLTSI < 150,
    )


@pytest.fixture(scope="module")
def found():
    return nhanes_comparison([model.load(setting) for setting in ("article", "primary_care")], draws=200)


@pytest.fixture(scope="module")
def expected():
    return Expectations(model.load("primary_care"), draws=20)


def test_people(survey):
    assert (len(survey.adult), survey.adult.sum(), survey.low.sum()) == (32_102, 21_678, 195)
    assert (len(survey.design.units_in), survey.design.degrees()) == (59, 62)


with (FILES / "neutropenia_prevalence.csv").open(encoding="utf-8", newline="") as file:
    PUBLISHED = list(csv.DictReader(file))


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: "-".join((row["age_group"][:5], row["race_ethnicity"],
                                                                    row["threshold"])))  # fmt: skip
def test_published_table_is_reproduced(survey, row):
    code = {line.label: line.code for line in survey.codebook if line.column == "RIDRETH3"} | {"ALL": ""}
    low, high = {"ANC<1500": (0, 1500), "ANC 1000-1499": (1000, 1500), "ANC<1000": (0, 1000)}[row["threshold"]]
    one = prevalence(survey, code[row["race_ethnicity"]], row["age_group"].startswith("adult"), low, high)
    assert (one.group, one.estimate.people, one.estimate.events) == (
        row["race_ethnicity"], int(row["n"]), int(row["k"]))  # fmt: skip
    below, above = logit_interval(one.estimate, normal=True)
    for number, column in ((one.estimate.value, "weighted_pct"), (below, "ci95_lo"), (above, "ci95_hi")):
        assert 100 * number == pytest.approx(float(row[column]), abs=0.00101), column


@pytest.mark.parametrize("finding", ["macrocytosis", "anaemia", "thrombocytopenia"])
@pytest.mark.parametrize("group", [None, True, False])
def test_shares_agree_with_a_plain_weighted_mean(survey, plain, finding, group):
    check = CHECKS[finding if group is None else f"{finding}_{'black' if group else 'others'}"]
    people = plain[plain.low] if group is None else plain[plain.low & (plain.black == group)]
    one = surveyed(survey, check)
    assert (one.people, one.events) == (len(people), people[finding].sum())
    assert one.value == pytest.approx(np.average(people[finding], weights=people.weight), rel=1e-12)


def test_none_of_these_is_what_the_notes_of_the_file_say(survey):
    one = surveyed(survey, CHECKS["none"])
    assert (one.events, one.people) == (132, 195)
    assert one.value == pytest.approx(0.715, abs=0.0005)
    assert surveyed(survey, CHECKS["ancestry"]).value == pytest.approx(0.554, abs=0.0005)


def test_none_one_and_several_findings_add_up(survey, expected):
    parts = ["none", "macrocytosis_alone", "anaemia_alone", "thrombocytopenia_alone", "two"]
    assert sum(surveyed(survey, CHECKS[part]).value for part in parts) == pytest.approx(1, abs=1e-12)
    assert sum(expected.of(CHECKS[part]).value for part in parts) == pytest.approx(1, abs=1e-9)
    assert sum(expected.of(CHECKS[part]).drawn for part in parts) == pytest.approx(np.ones(20), abs=1e-9)


def test_rounding_is_corrected_by_half_a_bin(survey, plain):
    part = plain.LBDNENO.round(1).map({1.0: 0.5, 1.1: 1, 1.2: 1, 1.3: 1, 1.4: 1, 1.5: 0.5}).fillna(0) * plain.adult
    assert survey.low_corrected == pytest.approx(part.to_numpy())
    assert surveyed(survey, CHECKS["count"]).value == pytest.approx(
        np.average(part[plain.adult], weights=plain.weight[plain.adult])
    )


def test_excess_is_what_black_adults_have_above_the_rate_of_the_others(survey, plain):
    low = pd.Series(survey.low_corrected) * plain.weight
    adults = plain[plain.adult]
    rate = low[plain.adult & ~plain.black].sum() / adults.weight[~adults.black].sum()
    excess = low[plain.black].sum() - rate * adults.weight[adults.black].sum()
    assert surveyed(survey, CHECKS["excess"]).value == pytest.approx(excess / low.sum(), rel=1e-12)


def test_every_number_taken_from_the_survey_is_in_the_list():
    named = {record for check in CHECKS.values() for record in check.records}
    assert named == {record.id for record in KNOWLEDGE.records if DATA_SET in record.sources}


def test_a_use_has_a_record_and_what_is_held_out_has_none():
    for check in CHECKS.values():
        if check.kind in COMPARED:
            assert (check.use == "held out") == (not check.records), check.check


def test_use_depends_on_the_setting():
    assert CHECKS["excess"].use_in(model.load("primary_care")) == "input"
    assert CHECKS["excess"].use_in(model.load("article")) == "held out"


def test_every_setting_says_whether_it_is_about_these_people(found):
    assert set(found.populations) == set(KNOWLEDGE.settings)


@pytest.mark.parametrize("finding", ["macrocytosis", "anaemia", "thrombocytopenia"])
def test_the_model_is_asked_what_it_answers(expected, finding):
    m = expected.model
    assert expected.of(CHECKS[finding]).value == pytest.approx(m.posterior({}).nodes[finding, "present"])
    answer = m.posterior({ANCESTRY: "present"}).nodes[finding, "present"]
    assert expected.of(CHECKS[f"{finding}_black"]).value == pytest.approx(answer)


def test_a_joint_finding_is_a_product_of_answers(expected):
    m, product, evidence = expected.model, 1.0, {}
    for finding in ("macrocytosis", "anaemia", "thrombocytopenia"):
        product *= m.posterior(evidence).nodes[finding, "absent"]
        evidence[finding] = "absent"
    assert expected.of(CHECKS["none"]).value == pytest.approx(product)


def test_rates_by_ancestry_mix_to_the_share_of_all_adults(expected):
    ancestry, black, others, all_adults = (
        expected.of(CHECKS[check]) for check in ("ancestry_adults", "count_black", "count_others", "count")
    )
    for q, one, other, whole in (
        (ancestry.value, black.value, others.value, all_adults.value),
        (ancestry.drawn, black.drawn, others.drawn, all_adults.drawn),
    ):
        assert q * one + (1 - q) * other == pytest.approx(whole)


def test_what_was_found(found):
    """Held out or not, the setting built on the survey agrees but for one; the article's order does not with its
    ancestry.

    Of quantities compared at two standard errors one in twenty differs by chance: one in ten may.
    """
    verdict = found.frame.set_index(["setting", "check"])["verdict"]
    own = found.frame[found.frame["setting"] == "primary_care"]
    apart = own.loc[(own["years"] == "2011-2018") & (own["verdict"] != "agree"), "check"]
    assert set(apart) <= {"two"}  # just above, which plausible_ranges.csv says too
    held_out = own[own["use"] == "held out"]
    assert (held_out["verdict"] != "agree").mean() <= 0.1, held_out[held_out["verdict"] != "agree"]
    assert held_out["z"].abs().max() < 3
    apart = verdict["article"][verdict["article"] != "agree"].to_dict()
    assert {
        "ancestry": "model lower",
        "count_black": "model lower",
        "macrocytosis": "model higher",
    }.items() <= apart.items()
    assert found.counts["of"].sum() == len(found.frame)
    assert found.frame.loc[found.frame["use"] == "held out", "setting"].nunique() == 2


def test_summary_counts_what_agrees(found):
    article, primary = summary(found).splitlines()
    rows = found.frame[(found.frame["setting"] == "primary_care") & (found.frame["use"] == "held out")]
    assert primary.startswith(f"primary_care: agrees on {(rows['verdict'] == 'agree').sum()} of {len(rows)} held out, ")
    rows = found.frame[(found.frame["setting"] == "article") & (found.frame["use"] == "held out")]
    assert f"{(rows['verdict'] == 'agree').sum()} of {len(rows)} held out" in article
    other = nhanes_comparison([model.load("haematology_clinic")], draws=20)
    assert "about other people" in summary(other)
    assert "about other people" not in article


def test_the_result_is_ready_for_json(found):
    back = json.loads(json.dumps(found.to_dict()))
    assert (back["low"], back["adults"]) == (195, 21_678)
    assert [row["check"] for row in back["compared"]] == list(found.frame["check"])
    assert back["compared"][0]["model"] == found.frame["model"].iloc[0]
    assert {row["setting"] for row in back["agreement"]} == {"article", "primary_care"}
    assert (
        found.frame.assign(z=float("nan")).pipe(lambda f: replace(found, frame=f)).to_dict()["compared"][0]["z"] is None
    )


def test_a_wrong_number_is_found_out():
    m = model.load("primary_care")
    wrong = m.override({"leak.anaemia.present": 0.5, "link.anaemia.present.other.unexplained": 0.55})
    frame = nhanes_comparison([wrong], draws=60).frame.set_index("check")
    assert frame.loc["anaemia_others", "verdict"] == "model higher"
    assert frame.loc["none_others", "verdict"] == "model lower"
    assert frame.loc["thrombocytopenia", "verdict"] == "agree"


def test_intervals_hold_what_they_are_about(found):
    for frame in (found.frame, found.described):
        assert ((frame["survey_low"] <= frame["survey"]) & (frame["survey"] <= frame["survey_high"])).all()
    assert (found.frame["model_low"] < found.frame["model_high"]).all()


def folder_with(tmp_path, content):
    shutil.copytree(KNOWLEDGE.folder, tmp_path / "data")
    (tmp_path / "data" / FOLDER / COUNTS).write_bytes(content)
    return replace(KNOWLEDGE, folder=tmp_path / "data")


def test_a_broken_file_gives_a_sentence(tmp_path):
    whole = (FILES / COUNTS).read_bytes()
    with pytest.raises(SurveyError, match="expected a compressed table of numbers"):
        read_survey(folder_with(tmp_path, whole[:5000]))


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(SurveyError, match="column 'LBDNENO' of codebook.csv is missing"):
        read_survey(folder_with(tmp_path, gzip.compress(gzip.decompress((FILES / COUNTS).read_bytes())
                                                        .replace(b"LBDNENO", b"OTHER"))))  # fmt: skip


@pytest.mark.parametrize("event", ["anaemia=severe", "fever=present", "age", "RIDRETH3=9"])
def test_a_condition_the_survey_does_not_hold_is_refused(survey, event):
    with pytest.raises(SurveyError, match="is not something it holds"):
        survey.who(event)


def test_a_check_that_cannot_be_read_is_refused(tmp_path, expected):
    (tmp_path / FOLDER).mkdir()
    text = (FILES / "checks.csv").read_text(encoding="utf-8")
    (tmp_path / FOLDER / "checks.csv").write_text(text.replace(",held out,", ",secret,", 1), encoding="utf-8")
    with pytest.raises(SurveyError, match="use 'secret' is not '', 'input', 'near' or 'held out'"):
        read_checks(tmp_path)
    with pytest.raises(SurveyError, match="is not a node and one of its states"):
        expected.of(Check("x", "x", "share", "height=tall", "", "recorded", "held out", (), ""))
    with pytest.raises(SurveyError, match="must be a context"):
        expected.of(Check("x", "x", "adults", "anaemia=present", "", "", "held out", (), ""))


def test_what_the_network_has_no_node_for_is_named(found):
    known = {check.check for check, _ in read_estimates(KNOWLEDGE.folder)}
    asked = set(found.frame["check"])
    assert known == (known & asked) | set(found.not_asked)
    assert not asked & set(found.not_asked)
    nodes = {node.id for node in model.load("primary_care").network.contexts}
    assert ("age_band" in nodes) == ("early_under_40" in asked)


def test_estimates_and_the_carried_file_tell_of_the_same_people(survey):
    """Both halves together are all eight cycles: a share of all lies between those of the halves."""
    early = {check.check: estimate for check, estimate in read_estimates(KNOWLEDGE.folder)}
    assert early["early_anaemia"].people == 199
    assert early["lymphocytes_low"].people == 199 + survey.low.sum()
    parts = [early[f"early_{band}"] for band in ("under_40", "40_to_64", "65_and_over")]
    assert sum(part.value for part in parts) == pytest.approx(1, abs=1e-5)
    assert sum(part.events for part in parts) == 199


def test_what_is_asked_of_contexts_is_their_joint_prior(expected):
    m = expected.model
    one, other = "rheumatoid_arthritis=present", "methotrexate=present"
    value, drawn = expected._prior(f"{one}; {other}")
    contexts = {context.id: context for context in m.network.contexts}
    above = ["age_band", "sex", "rheumatoid_arthritis", "methotrexate"]
    assert all(parent in above for node in above for parent in contexts[node].parents)
    by_hand = 0.0
    for states in product(*(range(len(contexts[node].states)) for node in above[:2])):
        at = dict(zip(above, (*states, 1, 1), strict=True))
        by_hand += np.prod([contexts[x].table[(*(at[y] for y in contexts[x].parents), at[x])] for x in above])
    assert value == pytest.approx(by_hand)
    assert drawn.shape == (20,)


def test_without_draws_the_value_is_the_same(expected):
    plain = Expectations(expected.model, draws=0)
    for check in CHECKS.values():
        if check.kind in COMPARED:
            assert plain.of(check).value == expected.of(check).value
            assert plain.of(check).drawn.size == 0
