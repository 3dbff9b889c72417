"""The model card is of this model: what is written in it is what the tables and the validation say today."""

import json
import re
import shutil
from pathlib import Path

import pytest

import model
from model.__main__ import main
from model.errors import KnowledgeError
from model.knowledge import data_folder, load_knowledge
from model.report import model_card
from model.report.model_card import STATUSES
from model.validation.results import quick_results, rounded
from model.wording import SPACE

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "docs" / "MODEL_CARD.md"
STORED = json.loads((ROOT / "data" / "validation_results.json").read_text(encoding="utf-8"))
KNOWLEDGE = load_knowledge()
AGAIN = "docs/MODEL_CARD.md is not of this model any more; write it anew with `make card`"


def differences(stored, now, where=""):
    """Every place where results of today differ from those stored; what is stored beyond them is left alone."""
    if isinstance(now, dict):
        for key in now:
            yield from differences(stored.get(key), now[key], f"{where}/{key}") if stored else [f"{where}/{key}"]
    elif isinstance(now, list):
        if stored is None or len(stored) != len(now):
            yield where
        else:
            for place, (before, after) in enumerate(zip(stored, now, strict=True)):
                yield from differences(before, after, f"{where}/{place}")
    elif isinstance(now, float) and not isinstance(now, bool):
        if stored is None or abs(stored - now) > 2e-5 * max(1.0, abs(now)):
            yield f"{where}: {stored} is now {now}"
    elif stored != now:
        yield f"{where}: {stored} is now {now}"


def test_the_card_is_what_the_stored_results_say():
    assert CARD.read_text(encoding="utf-8") == model_card(KNOWLEDGE, STORED), AGAIN


def test_the_stored_results_are_of_the_model_as_it_is():
    assert STORED["hashes"] == {setting: model.load(setting).hash for setting in KNOWLEDGE.settings}, AGAIN


def test_what_can_be_worked_out_in_seconds_is_as_stored():
    assert list(differences(STORED, quick_results())) == [], AGAIN


def test_a_drift_would_be_seen():
    now = json.loads(json.dumps(STORED))
    now["published"]["scores"][0]["top1"] += 0.01
    now["literature"]["moves"].pop()
    now["hashes"]["article"] = "0"
    found = " ".join(differences(STORED, now))
    assert all(part in found for part in ("/published/scores/0/top1", "/literature/moves", "/hashes/article"))


def test_simulations_and_laws_were_run_in_full():
    assert [row["setting"] for row in STORED["laws"]] == list(KNOWLEDGE.settings)
    assert all(row["surprises"] == row["must_broken"] == 0 for row in STORED["laws"])
    assert STORED["simulation"]["self_consistency"]["patients"] >= 50_000
    assert STORED["simulation"]["recovery"]["worlds"] >= 200
    assert len(STORED["simulation"]["ranks"]["causes"]) == 7
    assert {row["setting"] for row in STORED["population"]["agreement"]} == set(KNOWLEDGE.settings)


def test_every_reporting_item_says_where_or_why_not():
    names = [(item.standard, item.item) for item in KNOWLEDGE.reporting_items]
    assert len(names) == len(set(names))
    assert {item.standard for item in KNOWLEDGE.reporting_items} == {"TRIPOD+AI", "BN reporting"}
    numbers = {int(re.sub(r"\D", "", item)) for standard, item in names if standard == "TRIPOD+AI"}
    assert numbers == set(range(1, 28))
    for item in KNOWLEDGE.reporting_items:
        assert item.status in STATUSES
        assert item.paraphrase
        assert item.where
        for path in re.findall(r"`([\w/]+(?:/|\.\w+))`", item.where):
            assert (ROOT / path).exists(), f"{item.item} points to {path}"
        for command in re.findall(r"the command `(\w+)`", item.where):
            with pytest.raises(SystemExit, match="0"):
                main([command, "--help"])


def test_sections_named_by_items_exist():
    headings = {int(number) for number in re.findall(r"^## (\d+)\. ", CARD.read_text(encoding="utf-8"), re.MULTILINE)}
    assert headings == set(range(1, 11))
    for item in KNOWLEDGE.reporting_items:
        for named in re.findall(r"[Ss]ections? (\d+)(?: and (\d+))?", item.where):
            assert {int(number) for number in named if number} <= headings


def test_the_card_holds_what_claims_promise_of_it():
    text = CARD.read_text(encoding="utf-8")
    promised = [trace.claim for trace in KNOWLEDGE.traces if trace.target == "model_card"]
    assert promised
    assert all(KNOWLEDGE.claims[claim].paraphrase in text for claim in promised)
    for setting in KNOWLEDGE.settings.values():
        assert setting.caution in text


def test_a_share_is_printed_with_its_interval_and_a_bar_is_escaped():
    results = json.loads(json.dumps(STORED))
    results["published"]["scores"][0] |= {"top1": 0.5, "top1_low": 0.25, "top1_high": 0.75}
    results["literature"]["moves"][0]["label"] = "a|b"
    text = model_card(KNOWLEDGE, results)
    assert f"| 50{SPACE}% (25 to 75{SPACE}%) |" in text
    assert "| a\\|b |" in text


def test_an_unknown_status_is_named(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    path = folder / "reporting_items.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",partly,", ",half,", 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="reporting_items.csv, TRIPOD.AI 2: expected a status of 'met', "):
        model_card(load_knowledge(folder), STORED)


def test_the_command_writes_the_card_from_kept_results(tmp_path, capsys):
    kept, target = tmp_path / "results.json", tmp_path / "card.md"
    kept.write_text(json.dumps(STORED), encoding="utf-8")
    assert main(["card", "--keep", "--results", str(kept), "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == CARD.read_text(encoding="utf-8")
    assert main(["card", "--keep", "--results", str(kept)]) == 0
    assert capsys.readouterr().out == CARD.read_text(encoding="utf-8")
    kept.write_text("nothing", encoding="utf-8")
    assert main(["card", "--keep", "--results", str(kept)]) == 2
    assert "expected results written by this command" in capsys.readouterr().err


def test_rounding_keeps_six_digits_and_no_nan():
    import numpy as np

    found = rounded({"a": [np.float64(0.12345678), np.bool_(True), float("nan")], 1: (np.int64(3), "x", None)})
    assert found == {"a": [0.123457, True, None], "1": [3, "x", None]}
