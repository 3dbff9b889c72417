"""The tables: every number has its reason, every claim its place, every source its use."""

import csv
import re
import shutil
from decimal import Decimal

import pytest

from model.elicitation import plug_in
from model.errors import KnowledgeError
from model.evidence import published_cases, read_evidence, vocabularies
from model.knowledge import data_folder, load_knowledge
from model.knowledge.load import SETTING_KINDS

KNOWLEDGE = load_knowledge()
ROWS = {record.id: record for record in KNOWLEDGE.records}


def causes_of(cell):
    """('nutritional', ('b12',)) from ``nutritional(b12)``; every non-absent state without brackets."""
    name, _, inside = cell.partition("(")
    states = KNOWLEDGE.nodes[name].states[1:]
    return [(name, state) for state in ([inside.rstrip(")")] if inside else states)]


def test_every_record_has_its_reason():
    for record in KNOWLEDGE.records:
        assert len(record.rationale) > 15, record.id
        assert record.claims or record.sources or record.reading == "assumption", record.id
        assert set(record.claims) <= set(KNOWLEDGE.claims), record.id
        assert set(record.sources) <= set(KNOWLEDGE.sources), record.id
        if record.tag in ("RECALLED", "GAP"):
            assert (record.reading, record.grade) == ("assumption", "E"), record.id
        if record.reading == "assumption":
            assert record.grade == "E", record.id
        if record.reading in ("order", "word", "number"):
            assert record.claims, f"{record.id}: read from the article, so it names the claim"


def test_no_link_lies_below_its_background():
    leaks = {(r.node, r.state): r.value for r in KNOWLEDGE.records if r.kind == "leak" and not r.parent}
    for record in KNOWLEDGE.records:
        background = leaks.get((record.node, record.state))
        if record.kind == "link" and record.low is not None and background is not None:
            assert record.low >= background, record.id


def test_ids_say_what_they_are():
    for record in KNOWLEDGE.records:
        parts = [record.kind, record.node, record.state, record.parent, record.parent_state]
        stem = ".".join(part for part in parts if part)
        suffix = "" if record.setting == ("all",) else f".{record.setting[0]}"
        assert record.id == stem + suffix


def test_every_source_is_used_and_known():
    folder, used, looked_at = data_folder(), set(), set()
    for path in {*folder.rglob("*.csv")} - {folder / "sources.csv"}:
        with path.open(encoding="utf-8", newline="") as file:
            cells = [row.get("source") or "" for row in csv.DictReader(file)]
        found = {part.strip() for cell in cells for part in cell.split(";")} - {""}
        if path.name in ("changes.csv", "reference_scores.csv"):  # there also text: what was looked at, who computed it
            looked_at |= found
        else:
            used |= found
    assert used <= set(KNOWLEDGE.sources)
    assert set(KNOWLEDGE.sources) <= used | looked_at


def test_settings_are_covered_exactly_once():
    for setting in KNOWLEDGE.settings:
        keys = [
            (r.kind, r.node, r.state, r.parent, r.parent_state)
            for r in KNOWLEDGE.records
            if r.kind in SETTING_KINDS and setting in r.setting
        ]
        assert len(keys) == len(set(keys))
    per_setting = {
        setting: {
            (r.kind, r.node, r.state, r.parent, r.parent_state)
            for r in KNOWLEDGE.records
            if r.kind in SETTING_KINDS and setting in r.setting
        }
        for setting in KNOWLEDGE.settings
    }
    assert len({frozenset(keys) for keys in per_setting.values()}) == 1


def test_links_are_those_of_the_node_table():
    """A cause stated at a finding has a number there; an upper state without one is as common as without the cause."""
    for node in KNOWLEDGE.role("finding"):
        stated = {pair for cell in node.parents_or_causes for pair in causes_of(cell)}
        links = [r for r in KNOWLEDGE.records if r.kind == "link" and r.node == node.id]
        assert {(r.parent, r.parent_state) for r in links} == stated, node.id
        for state in node.states[1:]:
            pairs = [(r.parent, r.parent_state) for r in links if r.state == state]
            assert len(pairs) == len(set(pairs)), (node.id, state)
        for pair in stated:
            assert any((r.parent, r.parent_state, r.state) == (*pair, node.states[1]) for r in links), (node.id, pair)


def test_both_findings_follow_from_the_cause_that_brings_them_together():
    links = {(r.node, r.parent, r.parent_state) for r in KNOWLEDGE.records if r.kind == "link"}
    for r in KNOWLEDGE.records:
        if r.kind == "both":
            assert all((node, r.parent, r.parent_state) in links for node in r.node.split("&")), r.id


def test_a_context_moves_a_background_once():
    """Where the background is a table over several contexts, none of them has a number of its own besides."""
    together = {(r.node, r.state, parent) for r in KNOWLEDGE.records if r.kind == "leak" and "&" in r.parent
                for parent in r.parent.split("&")}  # fmt: skip
    assert together
    for r in KNOWLEDGE.records:
        assert r.kind != "leak" or (r.node, r.state, r.parent) not in together, r.id


def test_hazards_are_those_of_the_node_table():
    for node in KNOWLEDGE.role("context"):
        stated = {pair for cell in node.parents_or_causes for pair in causes_of(cell)}
        kinds = ("hazard", "relative_hazard")
        found = {(r.node, r.state) for r in KNOWLEDGE.records if r.kind in kinds and r.parent == node.id}
        assert found == stated, node.id


def test_mechanisms_are_those_of_the_node_table():
    for node in KNOWLEDGE.role("mechanism"):
        stated = {pair for cell in node.parents_or_causes for pair in causes_of(cell)}
        found = {(r.parent, r.parent_state) for r in KNOWLEDGE.records if r.kind == "mechanism" and r.node == node.id}
        assert found == stated


def test_every_claim_is_traced():
    """All 36 claims of the article live in a node, a number, the scope guard, guidance or text; the test lists any
    not."""
    assert len(KNOWLEDGE.claims) == 36
    traced = {trace.claim for trace in KNOWLEDGE.traces}
    assert sorted(set(KNOWLEDGE.claims) - traced) == []
    targets = {
        "node": set(KNOWLEDGE.nodes),
        "number": set(ROWS),
        "guard": {rule.rule for rule in KNOWLEDGE.scope},
        "guidance": {step.step for step in KNOWLEDGE.guidance},
        "text": {"banner", "model_card"},
    }
    for trace in KNOWLEDGE.traces:
        assert trace.claim in KNOWLEDGE.claims
        assert trace.target in targets[trace.target_kind], trace


def test_numbers_traced_to_a_claim_name_it():
    for trace in KNOWLEDGE.traces:
        if trace.target_kind == "number":
            assert trace.claim in ROWS[trace.target].claims, trace


def test_every_scale_reads_every_word_in_use():
    words = {record.word for record in KNOWLEDGE.records if record.reading == "word"}
    assert words
    for scale, readings in KNOWLEDGE.scales.items():
        assert words <= set(readings), scale
        for word in readings.values():
            assert 0 < word.low <= word.value <= word.high < 1


@pytest.mark.parametrize("scale", sorted(KNOWLEDGE.scales))
@pytest.mark.parametrize("setting", sorted(KNOWLEDGE.settings))
def test_every_setting_and_scale_calibrates(setting, scale):
    import model

    chosen = model.load(setting, scale)
    states = chosen.posterior({}).states
    for key, target in chosen.calibrated.targets.items():
        assert abs(states[key] - target) < 1e-9


@pytest.mark.parametrize("vocabulary", vocabularies(KNOWLEDGE.folder))
def test_published_cases_hold_known_states(vocabulary):
    cases = published_cases(KNOWLEDGE.folder, vocabulary)
    newest = vocabulary == vocabularies(KNOWLEDGE.folder)[-1]
    named = set(KNOWLEDGE.nodes) | (set() if newest else {row.node for row in KNOWLEDGE.renamed_states})
    for case in cases.values():
        read = read_evidence(KNOWLEDGE, case.evidence)
        assert not read.notices or not newest or "other_culprit_drug" in "".join(read.notices), case.id
        assert case.true_cause in {cause.id for cause in KNOWLEDGE.role("cause")}
        if newest and case.true_subtype:
            assert case.true_subtype in KNOWLEDGE.nodes[case.true_cause].states, case.id
        assert set(case.posthoc) | set(case.decisive) <= named, case.id
    assert len(cases) == 65


def test_published_cases_are_told_in_the_newest_vocabulary():
    newest = vocabularies(KNOWLEDGE.folder)[-1]
    assert newest == "new"
    assert published_cases(KNOWLEDGE.folder) == published_cases(KNOWLEDGE.folder, newest)


def test_examples_are_published_cases():
    assert {example.case for example in KNOWLEDGE.examples} <= set(published_cases(KNOWLEDGE.folder))


def documented_columns():
    """file -> columns that data/README.md describes: the first cells of the tables under a heading that names it."""
    text = (data_folder() / "README.md").read_text(encoding="utf-8")
    sections = {}
    for section in text.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        columns = set(re.findall(r"^\| `([^`|]+)` \|", body, flags=re.MULTILINE))
        for name in re.findall(r"[a-z_0-9]+(?:\.csv|/)", heading):
            sections[name] = columns
    return sections


def test_data_dictionary_describes_every_file_and_column():
    sections = documented_columns()
    for path in sorted([*data_folder().glob("*.csv"), *data_folder().glob("parameters/*.csv")]):
        section = "parameters/" if path.parent.name == "parameters" else path.name
        assert section in sections, f"data/README.md has no section on {section}"
        with path.open(encoding="utf-8", newline="") as file:
            header = set(next(csv.reader(file)))
        if path.name in ("cases.csv", "cases_2.csv"):
            header -= (set(KNOWLEDGE.nodes) | {row.node for row in KNOWLEDGE.renamed_states}) - {"sex", "age_band"}
        assert header <= sections[section], (path.name, header - sections[section])


def broken(tmp_path, name, old, new):
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("parameters/hazards.csv", "hazard.drug.toxic.valproate.present,hazard,all,drug,toxic",
         "hazard.drug.toxic.valproate.present,hazard,all,drugs,toxic", r"node 'drugs' is not in nodes.csv"),
        ("parameters/hazards.csv", "hazard.drug.toxic.valproate.present,hazard,all,drug,toxic",
         "hazard.drug.toxic.valproate.present,hazard,all,drug,likely", r"has no state 'likely'; allowed is 'absent'"),
        ("parameters/hazards.csv", "0.004,0.0008,0.01,", "0.004,0.005,0.01,", r"expected 0 <= low <= value <= high"),
        ("parameters/hazards.csv", "0.004,0.0008,0.01,", "0.004,little,0.01,", r"row \d+ column 'low': expected a nu"),
        ("parameters/hazards.csv", "0.004,0.0008,0.01,", "0.004,0.01,", r"row \d+: the row has more or fewer cells"),
        ("settings.csv", "setting,label", "setting,name", r"columns missing \['label'\], columns not known \['name'\]"),
    ],
)  # fmt: skip
def test_a_broken_table_is_named(tmp_path, name, old, new, message):
    with pytest.raises(KnowledgeError, match=message):
        load_knowledge(broken(tmp_path, name, old, new))


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [("nodes.csv", b"\xff", "nodes.csv: expected UTF-8, got another encoding at byte 0"),
     ("panels.csv", b"n\xe4", "panels.csv: expected UTF-8, got another encoding at byte 1"),
     ("nodes.csv", b'"' + b"x" * 200_000, "nodes.csv: expected CSV, got something else")],
)  # fmt: skip
def test_a_file_that_is_no_table_is_named(tmp_path, name, wrong, message):
    shutil.copytree(data_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / name).write_bytes(wrong + (tmp_path / name).read_bytes())
    with pytest.raises(KnowledgeError, match=message):
        load_knowledge(tmp_path)


def test_a_unit_of_no_node_is_named(tmp_path):
    loaded = load_knowledge(broken(tmp_path, "units.csv", "\nserum_b12,", "\nserum_b13,"))
    with pytest.raises(KnowledgeError, match=r"units.csv: node 'serum_b13' is not in nodes.csv"):
        read_evidence(loaded, {"serum_b12": "150 pg/mL"})


def test_a_missing_number_is_named(tmp_path):
    import model

    folder = broken(tmp_path, "parameters/hazards.csv", "baseline_hazard.viral.present,baseline_hazard,all,viral",
                    "baseline_hazard.viral.present,baseline_hazard,article,viral")  # fmt: skip
    assert model.load("article", folder=folder)
    with pytest.raises(KnowledgeError, match="no baseline_hazard for viral present in setting 'primary_care'"):
        model.load("primary_care", folder=folder)


def test_a_link_below_its_background_is_named(article):
    with pytest.raises(KnowledgeError, match="expected at least the background"):
        article.override({"link.fever.present.viral.present": 0.001})


def test_an_override_is_checked(article):
    with pytest.raises(KnowledgeError, match="did you mean 'link.fever.present.viral.present'"):
        article.override({"link.fever.present.viral.presnt": 0.5})
    with pytest.raises(KnowledgeError, match="expected 0 to 1, got 1.5"):
        article.override({"link.fever.present.viral.present": 1.5})


def test_an_override_changes_the_answer_and_the_hash(article):
    changed = article.override({"link.fever.present.viral.present": 0.9})
    assert (
        changed.posterior({"fever": "present"}).acting["viral"]
        > article.posterior({"fever": "present"}).acting["viral"]
    )
    assert changed.hash != article.hash
    assert changed.override({"link.fever.present.drug.immune": 0.3}).overridden.keys() == {
        "link.fever.present.viral.present", "link.fever.present.drug.immune"
    }  # fmt: skip


def test_unknown_setting_and_scale_are_named():
    with pytest.raises(KnowledgeError, match="Setting 'ward' is unknown; allowed is 'article'"):
        plug_in(KNOWLEDGE, "ward", "hpo_frequency")
    with pytest.raises(KnowledgeError, match="Verbal scale 'x' is unknown"):
        plug_in(KNOWLEDGE, "article", "x")


@pytest.mark.parametrize("value", [None, "0.3", [0.3], True, 0.3j, Decimal("0.3")])
def test_an_override_is_a_number(article, value):
    with pytest.raises(KnowledgeError, match="Override: link.fever.present.viral.present: expected a number, got"):
        article.override({"link.fever.present.viral.present": value})


def test_an_override_is_finite(article):
    number = next(id for id, record in ROWS.items() if record.kind == "cooccurrence")
    for value in (float("inf"), float("nan"), 1):
        with pytest.raises(KnowledgeError, match="expected more than 1, got"):
            article.override({number: value})
