"""The published cases: every section of the report, its tables in step with the model, and its command."""

import csv
import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

import model
from model.__main__ import main
from model.evidence import published_cases
from model.knowledge import data_folder, load_knowledge
from model.model_diff.declared import DeclaredChange, declared_rows
from model.validation import case_set, published_text, validate_published
from model.validation.published.failures import CLASSES, certificate
from model.validation.published.mended import mended, number_changes
from model.validation.published.text import mended_text

ROWS = {record.id: record for record in load_knowledge().records}
SETTINGS = ("haematology_clinic", "urban_us_clinic", "primary_care", "even")
FEVER, RASH = "link.fever.present.viral.present", "link.rash.present.viral.present"


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def found(article, told):
    return validate_published(article, replicates=400, seed=1, progress=lambda done, what: told.append((done, what)))


@pytest.fixture(scope="module")
def misses(article):
    """Cases whose authors' cause does not lead, counted without the package's own scores."""
    answers = {}
    for case in published_cases(article.knowledge.folder).values():
        acting = article.posterior(case.presenting(), scope=False).acting
        leader = max(acting, key=acting.__getitem__)
        if leader != case.true_cause:
            answers[case.id] = (case, leader)
    return answers


@pytest.fixture(scope="module")
def classified(article):
    with (article.knowledge.folder / "case_failures.csv").open(encoding="utf-8", newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def test_progress_is_told(found, told):
    parts = [done for done, _ in told]
    assert parts == sorted(parts)
    assert 0 == parts[0] <= parts[-1] < 1
    assert {what.partition(",")[0] for _, what in told} == {"baselines", "alarm", "failures"}


def test_scores_are_those_of_the_model(article, found, misses):
    frame = found.scores.scores.set_index(["findings", "group"])
    whole = frame.loc[("with decisive", "all")]
    assert whole["top1"] == pytest.approx(1 - len(misses) / 65)
    lenient = [case for case, leader in misses.values() if leader not in (case.second_cause, *case.accepted)]
    assert whole["lenient"] == pytest.approx(1 - len(lenient) / 65)
    logs = [
        -np.log(article.posterior(case.presenting(), scope=False).share[case.true_cause])
        for case in published_cases(article.knowledge.folder).values()
    ]
    assert whole["log_score"] == pytest.approx(np.mean(logs))
    assert (frame["top1"] <= frame["top2"]).all()
    assert (frame["top2"] <= frame["top3"]).all()
    assert (frame["top1"] <= frame["lenient"] + 1e-12).all()
    parts = frame.loc["with decisive"]
    assert parts.loc["implied", "cases"] + parts.loc["without implied", "cases"] == 65
    drug = parts.loc["drug"]
    published = published_cases(article.knowledge.folder).values()
    acting = ["drug" in (case.true_cause, case.second_cause) for case in published]
    assert drug["observed"] == pytest.approx(np.mean(acting))
    assert parts["concordance"].notna().sum() >= 1


def test_every_setting_stands_in_the_table(found):
    own = found.settings[found.settings["setting"] == found.setting].drop(columns="setting").reset_index(drop=True)
    assert own.equals(found.scores.scores)
    assert set(found.settings["setting"]) == {"article", *SETTINGS}
    assert set(found.differences["setting"]) == {"article", *SETTINGS}


def test_comparison_is_of_the_same_cases(found):
    table = found.comparison.table.set_index(["findings", "method"])
    assert set(table["cases"]) == {65}
    rows = found.comparison.differences.set_index(["findings", "method", "score"])
    for (findings, method, score), row in rows.iterrows():
        gap = table.loc[(findings, method), score] - table.loc[(findings, "model"), score]
        assert row["difference"] == pytest.approx(gap)
        assert row["low"] <= row["difference"] <= row["high"]
        assert row["beaten"] == (row["low"] > 0)
        first = table.loc[(findings, "model"), "top1"] - table.loc[(findings, method), "top1"]
        assert (row["model_only"] - row["baseline_only"]) / 65 == pytest.approx(first)
    for method in ("uniform", "prior", "always drug"):
        assert rows.loc[("with decisive", method, "log_score"), "beaten"]
    expected = {(f, m) for (f, m, s), row in rows.iterrows() if s == "log_score" and row["low"] <= 0}
    assert set(found.comparison.not_beaten) == expected


def test_what_is_not_beaten_is_said(found):
    text = published_text(found)
    for findings, method in found.comparison.not_beaten:
        line = next(line for line in text.splitlines() if line.startswith(f"article, {findings}: on the log score"))
        assert method in line


def test_alarm_counts(found):
    cases = found.alarm.cases
    part = cases[(cases["findings"] == "with decisive") & cases["outside"]]
    assert sorted(part["case"]) == sorted(name for name in part["case"] if name.startswith("O"))
    assert len(part) == 8
    rates = found.alarm.rates.set_index(["findings", "sign"])
    assert rates.loc[("with decisive", "no share above a half"), "outside"] == pytest.approx(
        (part["top_share"] < 0.5).mean()
    )
    assert (rates["warns"] == (rates["low"] > 0)).all()


def test_every_miss_is_classified_and_nothing_else(misses, classified):
    """Wherever a number changes, look at the new misses and say why."""
    assert set(classified) == set(misses)
    for name, row in classified.items():
        assert row["true_cause"] == misses[name][0].true_cause
        assert row["class"] in CLASSES
        assert row["reason"].endswith(".")
        assert row["done"].endswith(".")


def test_classes_mean_what_they_say(article, misses, classified):
    elsewhere = [model.load(setting=setting) for setting in SETTINGS]
    for name, row in classified.items():
        case, leader = misses[name]
        if row["class"] == "article's prior":
            leaders = [other.posterior(case.presenting(), scope=False).causes.idxmax() for other in elsewhere]
            assert case.true_cause in leaders, name
        if row["class"] == "second cause first":
            assert leader == case.second_cause
        if row["class"] == "wrong number":
            assert row["done"].startswith("Mended")


def test_failures_explain_the_whole_gap(article, found, misses):
    frame = found.failures.cases.set_index("case")
    assert set(frame.index) == set(misses)
    for name, row in frame.iterrows():
        case, leader = misses[name]
        acting = article.posterior(case.presenting(), scope=False).acting
        odds = [10 * np.log10(acting[cause] / (1 - acting[cause])) for cause in (leader, case.true_cause)]
        assert row["prior_gap"] + row["findings_gap"] == pytest.approx(odds[0] - odds[1], abs=1e-6)
        items = found.failures.items[found.failures.items["case"] == name]
        sums = items.groupby("cause")["decibans"].sum()
        assert sums.get(leader, 0) - sums.get(case.true_cause, 0) == pytest.approx(row["findings_gap"], abs=1e-6)
        assert found.failures.text(name).startswith(f"{name}: the authors' cause, {case.true_cause}")


def test_a_certificate_holds_when_the_model_is_built_anew(article, found, misses):
    """At the flip, and a hair beyond, the truth leads; a hair before it does not."""
    flips = found.failures.flips[~found.failures.flips["number"].str.startswith("share_order")]
    names = [*flips["case"].unique()][:3]
    assert len(names) >= 2
    for name in names:
        case, _ = misses[name]
        row = flips[flips["case"] == name].iloc[0]
        hair = 0.02 * (row["high"] - row["low"])
        away = np.sign(row["flip"] - row["value"])
        for sign, leads in ((+1, True), (-1, False)):
            moved = article.override({row["number"]: row["flip"] + sign * away * hair})
            acting = moved.posterior(case.presenting(), scope=False).acting
            assert (max(acting, key=acting.__getitem__) == case.true_cause) == leads, (name, row["number"])


def test_no_certificate_means_no_single_number(article, misses):
    case, _ = misses["M07"]
    assert certificate(article, article.posterior(case.presenting(), scope=False), "marrow") == []
    for number in ("link.anaemia.present.marrow.mds", "split.marrow.mds", "link.anaemia.present.nutritional.b12"):
        record = article.knowledge.record(number)
        for value in (record.low, record.high):
            acting = article.override({number: value}).posterior(case.presenting(), scope=False).acting
            assert max(acting, key=acting.__getitem__) != "marrow"


@pytest.fixture(scope="module")
def noticed(tmp_path_factory):
    """A model whose tables say that a case pointed at one number, and that another was taken anew since."""
    folder = tmp_path_factory.mktemp("noticed") / "data"
    shutil.copytree(data_folder(), folder)
    with (folder / "changes.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([
            ["0.2.1", FEVER, "value 0.2, low 0.1", "value 0.53, low 0.25", "A source. Noticed in case V01.", "article"],
            ["0.2.1", RASH, "value 0.2", "value 0.3", "A source. Noticed in case V01.", "article"],
            ["0.2.2", RASH, "value 0.3", f"value {ROWS[RASH].value}", "Counted anew.", "article"],
        ])  # fmt: skip
    return model.load(folder=folder)


def test_numbers_that_a_case_pointed_at_stand_as_mended(noticed):
    (change,) = number_changes(noticed)
    assert (change.number, change.before, change.after) == (FEVER, 0.2, ROWS[FEVER].value)


def test_mending_is_measured_on_every_case(noticed, misses):
    found = mended(noticed, case_set(noticed))
    part = found.cases[found.cases["findings"] == "with decisive"].set_index("case")
    assert len(part) == 65
    assert set(part.index[part["rank_after"] > 1]) == set(misses)
    totals = found.totals.set_index(["findings", "number"])
    assert totals.loc[("with decisive", "all together"), "first_after"] == 65 - len(misses)
    assert totals.loc[("with decisive", "all together"), "first_before"] == (part["rank_before"] == 1).sum()
    case = published_cases(noticed.knowledge.folder)["V01"]
    before = noticed.override({FEVER: 0.2}).posterior(case.presenting(), scope=False).acting["viral"]
    assert part.loc["V01", "probability_before"] == pytest.approx(before)
    assert FEVER in mended_text(found)


def test_nothing_mended_is_said(article, found):
    assert number_changes(article) == found.mended.changes == ()
    assert "No number stands as a published case once led to it" in mended_text(found.mended)


def test_the_page_on_changes_says_what_was_declared(article):
    text = (article.knowledge.folder.parent / "docs" / "validation_changes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| ([\d.]+) \| ([\d.]+) \|", text, flags=re.MULTILINE)
    declared = {
        row.item: row for row in declared_rows(article.knowledge.folder, DeclaredChange) if row.version == "0.2.0"
    }
    assert len(rows) == 3
    for number, before, after in rows:
        assert declared[number].before.startswith(f"value {before}")
        assert declared[number].after.startswith(f"value {after}")


def test_one_person_twice_is_one_person(article):
    case = published_cases(article.knowledge.folder)["A07"]
    again, other = replace(case, id="b"), replace(case, id="c", patient="c")
    chosen = case_set(article, {"a": case, "b": again, "c": other})
    assert chosen.patient[0] == chosen.patient[1] != chosen.patient[2]
    assert chosen.accepted[0].tolist() == [cause in ("autoimmune", "marrow") for cause in chosen.causes]


@pytest.fixture
def quick(monkeypatch, found):
    asked = {}

    def instead(model, cases, replicates, seed, progress):
        asked.update(setting=model.setting, replicates=replicates, seed=seed)
        return found

    monkeypatch.setattr("model.validation.validate_published", instead)
    return asked


def test_the_command_prints_every_section(capsys, quick):
    assert main(["validate", "--published", "--replicates", "300", "--seed", "7", "--setting", "primary_care"]) == 0
    assert quick == {"setting": "primary_care", "replicates": 300, "seed": 7}
    out = capsys.readouterr().out
    assert out.count("====\n") == 6
    for word in ("with decisive", "without decisive", "%)", "article's list", "M07: the authors' cause, marrow"):
        assert word in out
    assert all(len(line) <= 140 for line in out.splitlines())
    assert "nan" not in out


def test_the_command_prints_json(capsys, quick, found):
    assert main(["validate", "--published", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    content = plain["published"]
    assert content["model_hash"] == found.model_hash
    assert len(content["cases"]) == 130
    assert len(content["failures"]) == len(found.failures.cases)
    assert {row["setting"] for row in content["settings"]} == {"article", *SETTINGS}


def test_too_few_replicates_are_refused(capsys):
    assert main(["validate", "--published", "--replicates", "5"]) == 2
    assert "100 replicates or more" in capsys.readouterr().err
