"""The figures a version is judged by: counted here once more from the posteriors, without the package's scores."""

import csv
from math import log

import pytest

import model
from benchmarks.control_scores import RELEASE, control_table
from model.evidence import published_cases, vocabularies
from model.model_diff import read_release
from model.validation.published.goals import MEASURES, goals
from model.validation.published.goals_text import goals_text


@pytest.fixture(scope="module")
def models():
    return [model.load(setting) for setting in model.load().knowledge.settings]


@pytest.fixture(scope="module")
def found(models):
    return goals(models, replicates=200, seed=3)


def by_hand(plain, vocabulary):
    first, two, losses, of_cause, all_losses = [], [], [], {}, []
    for case in published_cases(plain.knowledge.folder, vocabulary).values():
        share = plain.posterior(case.presenting(), scope=False).share
        right = {case.true_cause, case.second_cause, *case.accepted} - {""}
        ranked = list(share.sort_values(ascending=False, kind="stable").index)
        place = min(ranked.index(cause) for cause in right)
        all_losses.append(-log(max(share[cause] for cause in right)))
        if case.true_cause != "other":
            first.append(place == 0)
            two.append(place <= 1)
            losses.append(all_losses[-1])
            of_cause.setdefault(case.true_cause, []).append(place == 0)
    macro = sum(sum(hits) / len(hits) for hits in of_cause.values()) / len(of_cause)
    return {"top1": sum(first) / len(first), "top2": sum(two) / len(two), "macro": macro,
            "six_log": sum(losses) / len(losses), "log": sum(all_losses) / len(all_losses)}  # fmt: skip


def test_measures_are_those_counted_by_hand(models, found):
    table = found.table.set_index(["setting", "vocabulary", "method"])
    for plain in models:
        for vocabulary in vocabularies(plain.knowledge.folder):
            row = table.loc[(plain.setting, vocabulary, "model")]
            for name, value in by_hand(plain, vocabulary).items():
                assert row[name] == pytest.approx(value), (plain.setting, vocabulary, name)


def test_every_vocabulary_tells_of_the_same_people():
    folder = model.load().knowledge.folder
    told = [published_cases(folder, name) for name in vocabularies(folder)]
    for cases in told:
        assert list(cases) == list(told[0])
        for name, case in cases.items():
            same = told[0][name]
            assert (case.true_cause, case.accepted, case.patient) == (same.true_cause, same.accepted, same.patient)


def test_differences_are_those_of_the_table(found):
    table = found.table.set_index(["setting", "vocabulary", "method"])
    for row in found.differences.to_dict("records"):
        own = table.loc[(row["setting"], row["vocabulary"], "model"), row["score"]]
        key = (
            ("", "old", "control")
            if row["against"] == "control"
            else (row["setting"], row["vocabulary"], row["against"])
        )
        assert row["difference"] == pytest.approx(table.loc[key, row["score"]] - own)
        assert row["low"] <= row["difference"] <= row["high"]
        assert row["beaten"] == (row["low"] > 0)


def test_the_control_is_the_second_version_with_equal_shares():
    release = read_release(RELEASE)
    with (model.load().knowledge.folder / "control_scores.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == control_table(release)
    rows = control_table(release)[1:]
    assert len(rows) == 65
    assert all(sum(map(float, row[2:])) == pytest.approx(1) for row in rows)


def test_references_are_told_with_their_source(found):
    assert all(row["source"] for row in found.references.to_dict("records"))
    assert set(MEASURES) <= set(found.references.columns)
    text = goals_text(found)
    for word in ("blind reader", "control", "version 0.2", "naive Bayes", "article's list"):
        assert word in text


def test_nothing_can_beat_itself(models, found):
    from model.validation import case_set, model_forecast
    from model.validation.published.goals import gap

    cases = case_set(models[0])
    own = model_forecast(models[0], cases, True).shares
    for score in ("six_log", "log"):
        same = gap(own, own, cases, score, 200, 0)
        assert same["difference"] == same["low"] == same["high"] == 0
        assert not same["beaten"]
