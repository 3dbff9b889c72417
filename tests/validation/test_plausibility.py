"""What the model expects before anything is known: figures counted another way, ranges both ways, exceptions shown."""

import csv
import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import model
from model.errors import KnowledgeError
from model.inference import Engine
from model.inference.draw_engine import at_point
from model.inference.sampling import draw
from model.knowledge import load_knowledge
from model.sensitivity import parameter_draws, prior_predictive
from model.validation import plausibility
from model.validation.plausibility import read_ranges

KNOWLEDGE = load_knowledge()
RANGES = read_ranges(KNOWLEDGE)
LINES = "two of anaemia=present & macrocytosis=present & thrombocytopenia=present"


def test_every_setting_is_plausible_or_says_why_not(any_model):
    found = plausibility(any_model, draws=100)
    if any_model.setting == "even":  # about nobody, so nothing is plausible of it
        assert found.frame.empty
        return
    assert found.surprises == ()
    assert found.expected
    assert found.to_dict()["expected"]
    if any_model.setting == "even":  # about nobody
        assert found.frame.empty
        return
    assert (found.frame["low"] < found.frame["high"]).all()
    findings = {f"{node.id}={state}" for node in KNOWLEDGE.role("finding") for state in node.states[1:]}
    assert findings | {"two or more causes", "mean findings", LINES} == set(found.frame.index)


def test_exceptions_are_shown_and_nearly_all_are_the_articles():
    outside = Counter(setting for row in RANGES if row.exception for setting in row.settings)
    assert outside == {"article": 9, "primary_care": 1}
    assert all(len(row.exception) > 40 for row in RANGES if row.exception)
    assert all(len(row.reason) > 40 for row in RANGES)


def counted(patients):
    """Item -> (mean, standard error) over simulated patients."""
    patients = {node: np.asarray(codes) for node, codes in patients.items()}
    shown = sum((patients[node.id] > 0).astype(int) for node in KNOWLEDGE.role("finding"))
    acting = sum((patients[node.id] > 0).astype(int) for node in KNOWLEDGE.role("cause"))
    lines = sum(patients[node] for node in ("anaemia", "macrocytosis", "thrombocytopenia"))
    found = {"mean findings": shown, "two or more causes": acting > 1, LINES: lines > 1,
             "duffy_null=present": patients["duffy_null"] == 1}  # fmt: skip
    return {item: (column.mean(), column.std() / len(column) ** 0.5) for item, column in found.items()}


def test_figures_are_those_of_simulated_patients(any_model):
    ranges = [replace(row, settings=(any_model.setting,)) for row in RANGES if "article" in row.settings]
    found = plausibility(any_model, ranges, draws=50).frame["plug_in"]
    for item, (mean, error) in counted(draw(any_model.engine, 40_000, np.random.default_rng(5))).items():
        assert found[item] == pytest.approx(mean, abs=5 * error), item


def test_interval_of_one_draw_is_what_patients_of_that_draw_show(article):
    found = plausibility(article, draws=1, seed=2).frame
    engine = Engine(at_point(parameter_draws(article, 1, 2).batch.network, 0))
    for item, (mean, error) in counted(draw(engine, 40_000, np.random.default_rng(6))).items():
        assert found.loc[item, "low"] == found.loc[item, "high"] == pytest.approx(mean, abs=5 * error), item
    assert (found["low"] - found["plug_in"]).abs().max() > 0.03  # another point than the stated numbers


def test_intervals_are_those_of_the_prior_predictive(article):
    ours, theirs = plausibility(article, draws=60, seed=4).frame, prior_predictive(article, 60, 4).frame
    columns = ["plug_in", "low", "high"]
    for (node, state), row in theirs[theirs["role"] == "finding"].iterrows():
        np.testing.assert_allclose(ours.loc[f"{node}={state}", columns].astype(float), row[columns].astype(float))


@pytest.mark.parametrize(("numbers", "item"), [
    ({"leak.fever.present": 0.5}, "fever=present"),
    ({"leak.rash.present": 0.3}, "rash=present"),
    ({"leak.autoimmune_serology.present": 0.02}, "autoimmune_serology=present"),
    ({"cooccurrence.neutropenia.article": 1.4}, "two or more causes"),
])  # fmt: skip
def test_a_planted_number_is_flagged(numbers, item):
    found = plausibility(model.load("primary_care").override(numbers), draws=20)
    assert found.frame.loc[item, "verdict"] == "implausible"
    assert item in found.surprises
    assert not found.expected


def test_an_exception_that_is_none_is_flagged(article):
    ranges = [replace(row, exception="It lies outside.") if row.item == "fever=present" else row for row in RANGES]
    assert plausibility(article, ranges, draws=20).surprises == ("fever=present",)


@pytest.mark.parametrize(("low", "high", "verdict", "reached"), [
    (0.001, 0.1, "implausible", False), (0.001, 0.17, "implausible", True), (0.1, 0.3, "plausible", True),
    (0.18, 0.9, "implausible", True), (0.4, 0.9, "implausible", False),
])  # fmt: skip
def test_verdict_is_of_the_figure_and_reached_of_its_interval(article, low, high, verdict, reached):
    """Duffy-null: 17 %, interval 12 to 23 %."""
    moved = [replace(row, low=low, high=high) if row.item == "duffy_null=present" else row for row in RANGES]
    found = plausibility(article, moved, draws=50).frame.loc["duffy_null=present"]
    assert (found["verdict"], found["reached"]) == (verdict, reached)


@pytest.mark.parametrize(("old", "new", "message"), [
    ("rash=present,all", "rash=present,ward", "row 5: settings are 'all' or of 'article'"),
    ("rash=present,all", "rash=present,article", "one row on 'rash=present' in setting 'haematology_clinic', got 0"),
    ("rash=present,all", "fever=present,all", "one row on 'fever=present' in setting 'article', got 2"),
    ("rash=present,all", "rash=absent,all", "row 5: expected a finding's 'node=state' above its lowest state"),
    ("rash=present,all", "two of rash=present,all", "row 5: expected 'two of ' before several different findings"),
    ("rash=present,all,0.01,0.2", "rash=present,all,0.3,0.2", "row 5: expected 0 <= low < high <= 1, got 0.3 and 0.2"),
    ("rash=present,all,0.01,0.2", "rash=present,all,low,0.2", "row 5: expected numbers, got 'low' and '0.2'"),
    ("rash=present,all,0.01,0.2,GAP", "rash=present,all,0.01,0.2,FELT", "expected a tag of 'ARTICLE'"),
    ("item,setting", "item,settings", "row 2: expected the columns 'item'"),
    ("all,1.5,7,GAP", "all,1.5,7,SEEN", "expected a reason, and a source unless the tag is GAP"),
    ("all,1.5,7,GAP", "all,1.5,70,GAP", "expected 0 <= low < high <= 32"),
])  # fmt: skip
def test_a_broken_table_is_named(tmp_path, old, new, message):
    text = (KNOWLEDGE.folder / "plausible_ranges.csv").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "plausible_ranges.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        read_ranges(KNOWLEDGE, tmp_path)


def test_ranges_touch_no_answer(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(KNOWLEDGE.folder, folder)
    with (folder / "plausible_ranges.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["x"] * 8)
    assert load_knowledge(folder).digest == KNOWLEDGE.digest
