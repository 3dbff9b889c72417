"""Two versions of the tables: planted changes with known answers, and the last release against what is declared."""

import csv
import json
import shutil
import zipfile
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

import model
from model.__main__ import main
from model.errors import TableError
from model.knowledge import data_folder
from model.model_diff import (
    attribution,
    compare,
    current,
    declare,
    diff_dict,
    diff_text,
    last_release,
    needs_declaring,
    read_release,
    row_changes,
    undeclared,
    write_release,
)
from model.model_diff.release import told_alike

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ROOT / "tests" / "releases"
FEVER = "link.fever.present.viral.present"
RASH = "leak.rash.present"
HERE = current()


@pytest.fixture
def folder(tmp_path):
    """A copy of the tables that a test may change, under a name that is a version."""
    target = tmp_path / "9.0.0"
    shutil.copytree(data_folder(), target)
    return target


def table(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder, name, rows):
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def edit(folder, changes):
    """Change cells of parameter rows: id -> {column: cell}; None takes the row out."""
    left = dict(changes)
    for path in sorted(folder.glob("parameters/*.csv")):
        rows = table(folder, f"parameters/{path.name}")
        kept = [row | left.get(row["id"], {}) for row in rows if left.get(row["id"], {}) is not None]
        for row in rows:
            left.pop(row["id"], None)
        write(folder, f"parameters/{path.name}", kept)
    assert not left


def changed(folder, **cells):
    edit(folder, {FEVER: cells or {"value": "0.6", "low": "0.3", "high": "0.85"}})


def acting(folder, setting, evidence):
    """Oracle: the tables of the folder loaded as a model of their own, without any comparison."""
    return model.load(setting, folder=folder).posterior(evidence, scope=False).acting


def test_no_number_drifts_silently():
    """What changed since the last release is what data/changes.csv says; the message says what to add."""
    old = read_release(last_release(RELEASES))
    major, minor, _ = old.label.split(".")
    found = undeclared(compare(old, HERE, attributed=False), data_folder(), f"{major}.{int(minor) + 1}.0")
    assert not found, "\n".join(["changes that are not declared as they are:", *found])


def test_every_release_can_still_be_read():
    for path in RELEASES.glob("*.zip"):
        assert len(read_release(path).knowledge.records) > 200


def test_the_same_tables_differ_in_nothing(folder):
    found = compare(read_release(folder), HERE)
    assert found.rows == found.answers == found.leader_changes == ()
    assert "No number differs" in diff_text(found)
    assert "No answer moves" in diff_text(found)


def test_one_changed_number_is_named_and_carries_the_whole_change(folder):
    changed(folder)
    old, new = HERE, read_release(folder)
    found = compare(old, new)
    assert [(row.item, row.how) for row in found.rows] == [(FEVER, "changed")]
    assert {change.field for change in found.rows[0].fields} == {"value", "low", "high"}
    assert {answer.setting for answer in found.answers} == set(HERE.knowledge.settings)
    for answer in found.answers:
        assert list(answer.by) == [(FEVER,)]
        assert answer.by[(FEVER,)] == pytest.approx(answer.moved, abs=1e-12)


@pytest.mark.parametrize("question", ["nothing entered", "fever=present", "V01"])
def test_before_and_after_are_what_each_version_answers_by_itself(folder, question):
    changed(folder)
    (part,) = compare(HERE, read_release(folder), settings=["primary_care"]).settings
    given = {"nothing entered": {}, "fever=present": {"fever": "present"}, "V01": HERE.cases["V01"].presenting()}
    answer = part.answer(question)
    assert answer.before == pytest.approx(acting(data_folder(), "primary_care", given[question]), abs=1e-12)
    assert answer.after == pytest.approx(acting(folder, "primary_care", given[question]), abs=1e-12)


def test_three_numbers_divide_as_the_average_over_all_orders(folder, tmp_path):
    cells = {f"share_order.{cause}.primary_care": {"value": value}
             for cause, value in (("viral", "0.08"), ("drug", "0.12"), ("marrow", "0.05"))}  # fmt: skip
    evidence = {"fever": "present"}
    edit(folder, cells)
    answer = next(a for a in compare(HERE, read_release(folder)).answers
                  if (a.setting, a.question) == ("primary_care", "fever=present"))  # fmt: skip
    answers = {}
    for held in range(8):
        some = tmp_path / f"mixture{held}"
        shutil.copytree(data_folder(), some)
        on = [item for bit, item in enumerate(cells) if held >> bit & 1]
        edit(some, {item: cells[item] for item in on})
        answers[frozenset(on)] = acting(some, "primary_care", evidence)["viral"]
    for item in cells:
        gains = [answers[frozenset(order[: order.index(item) + 1])] - answers[frozenset(order[: order.index(item)])]
                 for order in permutations(cells)]  # fmt: skip
        assert answer.by[(item,)]["viral"] == pytest.approx(np.mean(gains), abs=1e-12)


def test_many_numbers_still_add_up(folder, monkeypatch):
    monkeypatch.setattr(attribution, "EXACT_TO", 3)
    rows = [row for row in table(folder, "parameters/population.csv") if row["setting"] == "primary_care"][:4]
    edit(folder, {row["id"]: {"value": row["high"]} for row in rows})
    found = compare(HERE, read_release(folder))
    part = next(part for part in found.settings if part.attribution)
    assert part.attribution is not None
    assert len(part.attribution.blocks) == len(rows) == 4
    assert "8 orders" in part.attribution.method
    np.testing.assert_allclose(part.attribution.shares.sum(0), part.after - part.before, atol=1e-12)


def test_a_number_of_one_setting_moves_only_that_setting(folder):
    edit(folder, {"share_order.ben.primary_care": {"value": "0.7"}})
    found = compare(HERE, read_release(folder))
    assert {answer.setting for answer in found.answers} == {"primary_care"}
    assert [part.setting for part in found.settings if part.attribution] == ["primary_care"]


@pytest.mark.parametrize("cells", [{"rationale": "Because we now say it in other words."}, {"source": "mart_2022"},
                                   {"grade": "C"}, {"value": "0.530"}])  # fmt: skip
def test_wording_source_and_grade_move_nothing(folder, cells):
    changed(folder, **cells)
    found = compare(HERE, read_release(folder))
    assert not found.answers
    assert not any(needs_declaring(row) for row in found.rows)
    assert [row.item for row in found.rows] == ([FEVER] if "value" not in cells else [])


def test_an_interval_counts_but_moves_no_plug_in_answer(folder):
    changed(folder, low="0.2")
    found = compare(HERE, read_release(folder))
    assert [needs_declaring(row) for row in found.rows] == [True]
    assert (found.rows[0].before, found.rows[0].after) == ("low 0.25", "low 0.2")
    assert not found.answers


def test_a_node_taken_out_is_one_change_with_its_numbers(folder):
    gone = {row["id"] for path in folder.glob("parameters/*.csv")
            for row in table(folder, f"parameters/{path.name}") if "rash" in (row["node"], row["parent"])}  # fmt: skip
    edit(folder, dict.fromkeys(gone) | {FEVER: {"value": "0.6"}})
    write(folder, "nodes.csv", [row for row in table(folder, "nodes.csv") if row["node"] != "rash"])
    for old, new, how in ((HERE, read_release(folder), "removed"), (read_release(folder), HERE, "added")):
        found = compare(old, new, settings=["article"])
        assert {row.item for row in found.rows if row.how == how} == gone | {"nodes/rash"}
        for part in found.settings:
            assert part.attribution is not None
            blocks = {frozenset(block) for block in part.attribution.blocks}
            assert blocks == {frozenset(gone | {"nodes/rash"}), frozenset({FEVER})}
            np.testing.assert_allclose(part.attribution.shares.sum(0), part.after - part.before, atol=1e-12)
        told = diff_text(found)
        assert [item for item in gone if item not in told] == []
        moved = {answer.question for answer in found.answers}
        with_rash = {case.id for case in HERE.cases.values() if "rash" in case.presenting()}
        assert moved & set(HERE.cases) >= with_rash


def test_numbers_that_cannot_change_apart_are_one(folder):
    links = [row["id"] for row in table(folder, "parameters/links.csv") if row["node"] == "rash"]
    given = {"value": "0.8", "low": "0.7", "high": "0.9", "reading": "assumption", "word": ""}
    edit(folder, dict.fromkeys(links, given) | {RASH: given | {"value": "0.75"}, FEVER: {"value": "0.6"}})
    part = compare(HERE, read_release(folder), settings=["article"]).settings[0]
    assert part.attribution is not None
    assert (FEVER,) in part.attribution.blocks
    assert any(RASH in block and len(block) > 1 for block in part.attribution.blocks)
    np.testing.assert_allclose(part.attribution.shares.sum(0), part.after - part.before, atol=1e-12)


def test_another_mapping_of_a_case_is_told_from_another_number(folder):
    rows = table(folder, "cases_2.csv")
    first = next(row for row in rows if row["id"] == "V01")
    assert first["fever"] == "present"
    write(folder, "cases_2.csv", [row | {"fever": "absent"} if row is first else row for row in rows])
    changed(folder)
    part = compare(HERE, read_release(folder), settings=["article"]).settings[0]
    by = part.answer("V01").by
    assert set(by) == {(FEVER,), ("cases/V01",)}
    assert abs(by[("cases/V01",)]["viral"]) > 0.01
    assert sum(parts["viral"] for parts in by.values()) == pytest.approx(part.answer("V01").moved["viral"], abs=1e-12)
    assert part.answer("fever=present").by[("cases/V01",)] == pytest.approx(dict.fromkeys(part.causes, 0.0), abs=1e-15)


def test_cases_told_anew_are_compared_as_both_tell_them(folder):
    (folder / "cases_2.csv").unlink()
    old = read_release(folder)
    assert list(old.told) == ["old"]
    assert list(HERE.told) == ["old", "new"]
    assert row_changes(old, HERE) == ()
    was, now = (release.cases["A12"].evidence for release in told_alike(old, HERE))
    assert was == now != HERE.cases["A12"].evidence


def test_very_many_numbers_are_told_by_family(folder, monkeypatch):
    links = [row["id"] for row in table(folder, "parameters/links.csv") if row["parent"] == "viral"][:3]
    hazards = [row["id"] for row in table(folder, "parameters/hazards.csv") if row["parent"] == "valproate"]
    read = {row["id"]: row for name in ("links", "hazards") for row in table(folder, f"parameters/{name}.csv")}
    edit(folder, {item: {"value": str((float(read[item]["value"]) + float(read[item]["high"])) / 2)}
                  for item in (*links, *hazards)})  # fmt: skip
    changes = row_changes(HERE, read_release(folder))
    assert len(attribution.blocks_of(changes)) == len(links) + len(hazards) == 5
    monkeypatch.setattr(attribution, "MANY", 4)
    assert {frozenset(block) for block in attribution.blocks_of(changes)} == {frozenset(links), frozenset(hazards)}


def test_a_word_read_otherwise_is_named(folder):
    rows = table(folder, "verbal_scales.csv")
    used = {record.word for record in HERE.knowledge.records if record.reading == "word"}
    row = next(row for row in rows if row["scale"] == HERE.knowledge.default_scale and row["word"] in used)
    row["value"] = str((float(row["value"]) + float(row["low"])) / 2)
    write(folder, "verbal_scales.csv", rows)
    found = compare(HERE, read_release(folder))
    named = {block for answer in found.answers for block in answer.by}
    assert named == {(f"verbal_scales/{row['scale']}.{row['word']}",)}


def test_another_default_scale_is_named(folder):
    rows = table(folder, "verbal_scales.csv")
    write(folder, "verbal_scales.csv", sorted(rows, key=lambda row: row["scale"] == rows[0]["scale"]))
    found = compare(HERE, read_release(folder))
    assert [row.item for row in found.rows] == ["verbal_scales/order"]
    assert {block for answer in found.answers for block in answer.by} == {("verbal_scales/order",)}


def test_a_leader_that_changes_is_reported_with_what_turned_it(folder):
    edit(folder, {"share_order.ben.primary_care": {"value": "0.05", "low": "0.01", "high": "0.1"},
                  FEVER: {"value": "0.531"}})  # fmt: skip
    found = compare(HERE, read_release(folder))
    answer = next(a for a in found.leader_changes if a.question == "nothing entered")
    before = acting(data_folder(), "primary_care", {})
    after = acting(folder, "primary_care", {})
    assert answer.leader_before == max(before, key=before.__getitem__) != answer.leader_after
    assert answer.leader_after == max(after, key=after.__getitem__)
    assert answer.because == (("share_order.ben.primary_care",),)
    assert f"primary_care, nothing entered: ben -> {answer.leader_after} leads; ben " in diff_text(found)


def test_a_release_is_the_same_bytes_each_time_and_reads_back(folder, tmp_path):
    one, two = tmp_path / "1.zip", tmp_path / "2.zip"
    write_release(data_folder(), one)
    (folder / "cases.csv").write_bytes((folder / "cases.csv").read_bytes().replace(b"\n", b"\r\n"))
    write_release(folder, two)
    assert one.read_bytes() == two.read_bytes()
    assert row_changes(read_release(one), HERE) == ()


def test_an_archive_of_a_data_folder_and_an_older_layout_can_be_read(folder, tmp_path):
    rows = table(folder, "nodes.csv")
    write(folder, "nodes.csv", [{k: v for k, v in row.items() if k != "question"} | {"gone": "x"} for row in rows])
    (folder / "panels.csv").unlink()
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*.csv"):
            archive.write(file, f"project/data/{file.relative_to(folder).as_posix()}")
    found = row_changes(read_release(path), HERE)
    assert {row.table for row in found} == {"nodes", "panels"}
    assert {row.how for row in found if row.table == "panels"} == {"added"}
    assert not any(needs_declaring(row) for row in found if row.table == "nodes")


def test_what_is_no_release_is_refused(tmp_path, monkeypatch):
    with pytest.raises(TableError, match="expected the tables of a data folder"):
        read_release(tmp_path)
    (tmp_path / "x.zip").write_bytes(b"not an archive")
    for name in ("x.zip", "missing.zip"):
        with pytest.raises(TableError, match="expected a folder of tables or a ZIP archive"):
            read_release(tmp_path / name)
    monkeypatch.setattr("model.model_diff.release.LARGEST", 1000)
    with pytest.raises(TableError, match="at most 1000 bytes"):
        read_release(RELEASES / "0.1.0.zip")


def test_the_last_release_is_the_newest_by_number(tmp_path):
    with pytest.raises(TableError, match="found none"):
        last_release(tmp_path)
    for name in ("0.9.0", "0.10.0", "0.2.0"):
        (tmp_path / f"{name}.zip").touch()
    assert last_release(tmp_path).stem == "0.10.0"
    (tmp_path / "next.zip").touch()
    with pytest.raises(TableError, match="numbers joined by dots"):
        last_release(tmp_path)


@pytest.fixture
def step(folder):
    """(diff from the copy with one old number to the tables here, a folder for declarations)."""
    edit(folder, {"share_order.ben.primary_care": {"value": "0.05", "low": "0.01", "high": "0.1"}})
    declared = folder.parent / "declared"
    declared.mkdir()
    for name, columns in (("changes.csv", "version,item,before,after,reason,source"),
                          ("leader_changes.csv", "version,setting,case,before,after,because")):  # fmt: skip
        (declared / name).write_text(columns + "\n", encoding="utf-8")
    return compare(read_release(folder), HERE), declared


def test_an_undeclared_change_fails_with_the_line_to_add(step):
    found, declared = step
    sentences = undeclared(found, declared, "9.1.0")
    assert 'no row says so; add the line: 9.1.0,share_order.ben.primary_care,"value 0.05, low 0.01' in sentences[0]
    assert any("nothing entered in setting primary_care: the leader went from" in sentence for sentence in sentences)


def test_declaring_writes_what_changed_and_asks_for_reasons(step):
    found, declared = step
    past = "8.0.0,link.gone,,value 0.1,long ago,article"
    path = declared / "changes.csv"
    path.write_text(path.read_text(encoding="utf-8") + past + "\n", encoding="utf-8")
    assert declare(found, declared, "9.1.0") == ("share_order.ben.primary_care",)
    assert past in path.read_text(encoding="utf-8")
    missing = "changes.csv: share_order.ben.primary_care has no reason; say why the number moved."
    assert undeclared(found, declared, "9.1.0") == (missing,)
    rows = table(declared, "changes.csv")
    rows[1]["reason"] = "Counted anew."
    write(declared, "changes.csv", rows)
    assert undeclared(found, declared, "9.1.0") == ()
    assert declare(found, declared, "9.1.0") == ()
    assert table(declared, "changes.csv") == rows


def test_a_declaration_that_is_not_so_fails(step):
    found, declared = step
    declare(found, declared, "9.1.0")
    rows = table(declared, "changes.csv")
    stale = rows[0] | {"item": FEVER, "reason": "x"}
    write(declared, "changes.csv", [rows[0] | {"before": "value 0.06", "reason": "x"}, stale])
    leaders = table(declared, "leader_changes.csv")
    assert len(leaders) > 1
    wrong = leaders[1] | {"after": leaders[1]["before"]}
    write(declared, "leader_changes.csv", [wrong, *leaders[2:], leaders[0] | {"case": "N05"}])
    sentences = "\n".join(undeclared(found, declared, "9.1.0"))
    assert f"{FEVER} is declared, but is as in release 9.0.0; take the row out" in sentences
    assert "is declared as 'value 0.06' to" in sentences
    assert "N05 in setting primary_care is declared, but its leader is the one of release" in sentences
    for row in leaders[:2]:
        assert (
            f"{row['case']} in setting primary_care: the leader went from {row['before']} to {row['after']}"
            in sentences
        )


def test_a_declaration_needs_a_newer_version_and_its_columns(step):
    found, declared = step
    with pytest.raises(TableError, match="expected a version after 9.0.0, got 9.0.0"):
        declare(found, declared, "9.0.0")
    (declared / "changes.csv").write_text("version,item\n1.0,x\n", encoding="utf-8")
    with pytest.raises(TableError, match="changes.csv row 2: expected the columns"):
        undeclared(found, declared, "9.1.0")


def test_the_command_prints_text_and_json(folder, capsys):
    changed(folder)
    assert main(["diff", str(folder)]) == 0
    out = capsys.readouterr().out
    assert f"  {FEVER}  changed\n    value: 0.6 -> 0.53" in out
    assert main(["diff", str(folder), str(data_folder()), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == json.loads(json.dumps(diff_dict(compare(read_release(folder), read_release(data_folder())))))
    assert {part["items"][0] for answer in said["answers"] for part in answer["by"]} == {FEVER}
    assert main(["diff", "nowhere"]) == 2
    assert main(["diff", str(folder), str(folder), "--declare", "9.1.0"]) == 2
