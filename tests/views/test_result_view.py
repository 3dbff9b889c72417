"""What the app draws, compared with the engine: no Streamlit here, and none behind it."""

import csv
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import model
from model.cohort.csv_file import safe_cell
from model.evidence import read_each
from model.wording import of_hundred, percent
from views import markup
from views.case.next_view import as_cost
from views.case.share_basis import share_basis
from views.numbers.markup import source_row
from views.numbers.rows import COLUMNS, number_rows, search, to_csv
from views.numbers.sources import SourceRow, claim_rows, difference_rows, matching, source_rows
from views.questions import Entry, Questionnaire, evidence_of
from views.result_view import result_view
from views.wording import change

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("article", "haematology_clinic", "urban_us_clinic", "primary_care", "even")
NUMBERS = {
    "serum_b12": ("150 pg/mL", "400 pmol/L"),
    "serum_folate": ("3 ng/mL", "20 nmol/L"),
    "macrocytosis": ("104 fL",),
    "antibiotic_course": ("3 weeks", "5 days"),
}  # fmt: skip
NO_CAUSE = dict.fromkeys(("drug", "viral", "nutritional", "ben", "autoimmune", "marrow", "other"), "absent")


def shown_for(loaded, evidence, *args, **options):
    """Return what is shown of evidence as it is typed."""
    return result_view(loaded, read_each(loaded.knowledge, evidence), *args, **options)


def random_evidence(knowledge, seed):
    """Return a case of up to fifteen entries, some of them numbers, in a random order."""
    rng = Random(seed)
    nodes = [node for node in knowledge.role("context", "finding") if rng.random() < 0.35]
    evidence = {}
    for node in rng.sample(nodes, len(nodes)):
        numbers = NUMBERS.get(node.id, ())
        evidence[node.id] = rng.choice(numbers) if numbers and rng.random() < 0.5 else rng.choice(node.states)
    return evidence


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("seed", range(8))
def test_what_is_drawn_is_the_engines_answer(setting, seed):
    loaded = model.load(setting)
    evidence = random_evidence(loaded.knowledge, seed)
    view, posterior = shown_for(loaded, evidence), loaded.posterior(evidence)
    before = loaded.posterior({})
    assert view.status == "answer"
    assert {row.id: row.probability for row in view.causes} == pytest.approx(posterior.causes.to_dict(), abs=1e-12)
    assert {row.id: row.prior for row in view.causes} == pytest.approx(before.causes.to_dict(), abs=1e-9)
    drawn = {(row.id, state.state): state.probability for row in view.causes for state in row.states}
    assert drawn == pytest.approx({key: posterior.states[key] for key in drawn}, abs=1e-12)
    assert {row.id: row.probability for row in view.mechanisms} == pytest.approx(posterior.mechanisms.to_dict())
    assert view.posterior.log_evidence == posterior.log_evidence
    assert view.readings == posterior.evidence.readings
    assert [row.rank for row in view.causes] == list(range(1, 8))
    assert [row.probability for row in view.causes] == sorted((row.probability for row in view.causes), reverse=True)


def test_only_other_is_marked_as_no_cause_of_the_article(m):
    assert [row.id for row in shown_for(m, {}).causes if not row.in_article] == ["other"]


@pytest.mark.parametrize(
    ("probability", "shown", "people"),
    [
        (0.0, "<1 %", "fewer than 1 of 100 such patients"),
        (0.0099, "<1 %", "fewer than 1 of 100 such patients"),
        (0.01, "1 %", "about 1 of 100 such patients"),
        (0.6149, "61 %", "about 61 of 100 such patients"),
        (0.99, "99 %", "about 99 of 100 such patients"),
        (0.9951, ">99 %", "more than 99 of 100 such patients"),
        (1.0, ">99 %", "more than 99 of 100 such patients"),
    ],
)
def test_no_percentage_is_ever_nothing_or_all(probability, shown, people):
    assert percent(probability).replace("\N{NO-BREAK SPACE}", " ") == shown
    assert of_hundred(probability) == people


@pytest.mark.parametrize("seed", range(200))
def test_a_change_is_the_difference_of_what_is_shown(seed):
    now, before = (Random(seed + k).random() for k in (0, 1000))
    shown = [float(percent(p).strip("<>%\N{NO-BREAK SPACE}")) for p in (now, before)]
    if 1 < shown[0] < 99 and 1 < shown[1] < 99 and shown[0] != shown[1]:
        said = change(now, before).replace("\N{MINUS SIGN}", "-")
        assert float(said.split("\N{NO-BREAK SPACE}")[1]) == shown[0] - shown[1]


def test_a_fall_from_93_to_91_is_two_points_however_they_were_rounded():
    assert change(0.9149, 0.9251).endswith("\N{MINUS SIGN}2")


def test_change_has_a_sign_and_an_arrow():
    assert [change(now, 0.36).replace("\N{NO-BREAK SPACE}", " ") for now in (0.97, 0.16, 0.36, 0.362)] == [
        "▲ +61", "▼ −20", "no change", "under 1 point",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "outside", "level", "status"),
    [
        ({}, "refuse", "in", "answer"),
        ({"anc": "1000 /mm3"}, "refuse", "in", "answer"),
        ({"anc": "1.49 10^9/L"}, "refuse", "in", "answer"),
        ({"anc": "1500 /mm3"}, "refuse", "refused", "refused"),
        ({"anc": "1500 /mm3"}, "allow", "refused", "refused"),
        ({"anc": "999 /mm3"}, "refuse", "near", "refused"),
        ({"anc": "999 /mm3"}, "allow", "near", "answer"),
        ({"anc": "499 /mm3"}, "allow", "refused", "refused"),
        ({"anc": "499 /mm3", "fever": "present"}, "allow", "emergency", "refused"),
        ({"anc": "499 /mm3", "fever": "absent"}, "allow", "refused", "refused"),
        ({"age": "17 years"}, "allow", "refused", "refused"),
        ({"age": "18 years"}, "refuse", "in", "answer"),
        ({"chemotherapy": "present"}, "allow", "refused", "refused"),
        ({"blasts": "present"}, "allow", "refused", "refused"),
        ({"blasts": "absent", "chemotherapy": "absent"}, "refuse", "in", "answer"),
    ],
)
def test_scope_comes_first(m, evidence, outside, level, status):
    view = shown_for(m, evidence, outside)
    assert (view.banner.level, view.status) == (level, status)
    assert bool(view.causes) == (status == "answer")
    assert view.outside == (level == "near" and status == "answer")
    assert view.banner.reason


def test_a_red_flag_shows_beside_a_value_that_cannot_be_read(m):
    view = shown_for(m, {"blasts": "present", "anaemia": "80 g/L"})
    assert view.banner.rule == "blasts_on_smear"
    assert view.causes == ()
    assert "sex" in view.problems[0]


def test_a_value_that_cannot_be_read_is_left_out_and_said(m):
    view = shown_for(m, {"fever": "present", "macrocytosis": "0.09 fL"})
    assert view.status == "answer"
    assert view.causes[0].probability == shown_for(m, {"fever": "present"}).causes[0].probability
    assert len(view.problems) == 1
    assert view.problems[0].startswith("Left out. Macrocytosis (MCV over 100 fL):")


@pytest.mark.parametrize(
    ("node", "given"),
    [("blasts", "perhaps"), ("chemotherapy", ["x"]), ("age", "7 ans"), ("age_band", "7 ans"), ("ancc", "300")],
)
def test_any_guard_that_cannot_be_read_stops_the_answer_and_is_said(m, node, given):
    view = shown_for(m, {"fever": "present", node: given}, "allow")
    assert (view.status, view.causes) == ("refused", ())
    assert view.banner.title == "An entry is not understood: no probabilities are shown"
    assert view.problems[0].startswith("No answer. ")
    assert view.problems[0].removeprefix("No answer. ") in view.banner.reason


def test_a_red_flag_shows_beside_a_guard_that_cannot_be_read(m):
    view = shown_for(m, {"blasts": "present", "age": "7 ans"}, "allow")
    assert (view.status, view.causes, view.banner.rule) == ("refused", (), "blasts_on_smear")
    assert view.problems[0].startswith("No answer. Age")


def test_haemoglobin_is_read_beside_any_word_for_the_sex(m):
    view = shown_for(m, {"anaemia": "11 g/dL", "sex": "F", "rash": "maybe"})
    assert view.status == "answer"
    spelled_out = m.posterior({"anaemia": "11 g/dL", "sex": "female"}).evidence
    assert (view.evidence.hard, view.evidence.soft) == (spelled_out.hard, spelled_out.soft)
    assert m.knowledge.nodes["sex"].states[view.evidence.hard["sex"]] == "female"
    assert len(view.problems) == 1


def test_a_count_that_cannot_be_read_stops_the_answer(m):
    last = shown_for(m, {"fever": "present"})
    view = shown_for(m, {"fever": "present", "anc": "1.2 /mm3"}, last=last)
    assert view.status == "refused"
    assert view.causes == ()


def test_a_unit_slip_with_fever_is_never_within_scope(m):
    """0.3 typed in the default unit is 300 in the one meant: the emergency rule is shown, and no probability."""
    view = shown_for(m, {"fever": "present", "anc": "0.3 /mm3"})
    assert view.banner.level == "refused"
    assert "Within scope" not in view.banner.title
    assert "0.3 10^9/L or 10^2/uL or 10^4/uL would be plausible" in view.banner.reason
    assert "febrile neutropenia pathway" in view.banner.advice
    assert view.causes == ()
    assert "febrile" not in shown_for(m, {"anc": "0.3 /mm3"}).banner.advice


def test_another_setting_that_disagrees_is_named(m):
    others = (model.load("primary_care"), model.load("urban_us_clinic"))
    evidence = {"fever": "present", "african_or_middle_eastern_ancestry": "present"}
    view = shown_for(m, evidence, others=others)
    assert view.causes[0].id == "viral"
    assert "benign ethnic neutropenia" in view.elsewhere
    assert others[0].knowledge.settings["primary_care"].label in view.elsewhere
    assert (
        shown_for(
            m, {"viral_test": "present", "fever": "present", "duration": "earlier_normal"}, others=others
        ).elsewhere
        == ""
    )


def test_the_findings_alone_are_the_answer_of_the_setting_of_that_name(m):
    others = (model.load("primary_care"), model.load("even"))
    view = shown_for(m, {"fever": "present"}, others=others)
    alone = others[1].posterior({"fever": "present"}).causes
    assert view.alone == pytest.approx(alone.to_dict(), abs=1e-12)
    label = m.knowledge.nodes[alone.idxmax()].short_label
    same = view.causes[0].id == alone.idxmax()
    assert f"{label[0].lower()}{label[1:]} leads there {'too' if same else 'instead'}" in view.alone_sentence
    assert percent(alone.max()) in view.alone_sentence
    assert shown_for(others[1], {"fever": "present"}, others=(m,)).alone == {}
    assert shown_for(m, {"fever": "present"}).alone_sentence == ""


def test_impossible_evidence_holds_the_last_result_and_names_the_clash(m):
    last = shown_for(m, {"fever": "present"})
    view = shown_for(m, {"fever": "present", **NO_CAUSE}, last=last)
    assert view.status == "held"
    assert view.causes == last.causes
    assert all(m.knowledge.nodes[cause].label.split(" (")[0] in view.problems[0] for cause in NO_CAUSE)
    assert view.summary.startswith("Last valid result")


def test_a_held_result_never_comes_from_another_setting(m):
    other = shown_for(model.load("primary_care"), {})
    assert shown_for(m, NO_CAUSE, last=other).causes == ()


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_equation_gives_the_starting_share(setting):
    loaded = model.load(setting)
    for cause in loaded.knowledge.role("cause"):
        basis = share_basis(loaded, cause.id)
        start = float(loaded.posterior({}).causes[cause.id])
        _, right = basis.equation.split(" = ", 1)
        product = 1.0
        for factor in right.split(" × "):
            product *= float(factor.split(" ")[0])
        assert product == pytest.approx(start, rel=0.01)
        assert basis.records
        assert all(card.record.rationale for card in basis.records)
        assert len(basis.kappas) == len(cause.states) - 1


def test_a_share_far_from_epidemiology_says_so(m):
    assert share_basis(m, "ben").kappas[0].far_apart
    assert "disagree" in share_basis(m, "ben").kappas[0].sentence
    assert not share_basis(m, "drug").kappas[0].far_apart
    assert "D2" in [line.id for line in share_basis(m, "ben").disagreements]


@pytest.mark.parametrize("seed", range(20))
def test_widgets_give_back_the_evidence_they_were_given(m, seed):
    evidence = random_evidence(m.knowledge, seed) | {"anc": "1.2 10^9/L", "age": "43", "sex": "female"}
    evidence.pop("age_band", None)
    entries, kept = Questionnaire(m.knowledge).entries_of(evidence)
    assert kept == {}
    assert model.load().posterior(evidence_of(entries, kept)).causes.equals(m.posterior(evidence).causes)


def test_an_age_and_its_band_are_one_entry_and_a_band_that_disagrees_is_kept(m):
    asked = Questionnaire(m.knowledge)
    for evidence in ({"age": "43 years"}, {"age": "43 years", "age_band": "40_to_64"}, {"age_band": "43 years"}):
        entries, kept = asked.entries_of(evidence)
        assert (entries, kept) == ({"age": Entry(text="43", unit="years")}, {})
        assert model.load().posterior(evidence_of(entries, kept)).causes.equals(m.posterior(evidence).causes)
        assert shown_for(m, evidence).entered == 1
    assert asked.entries_of({"age_band": "under_40"}) == ({"age_band": Entry("under_40")}, {})
    _, kept = asked.entries_of({"age": "43 years", "age_band": "under_40"})
    assert kept == {"age_band": "under_40"}
    assert asked.reading_of("age", Entry(text="64"), "").text == "Age 64 years, 40 to 64"


def test_no_state_on_a_screen_is_a_word_of_the_tables(m):
    asked = Questionnaire(m.knowledge)
    said = {(node, state): label for node, q in asked.every.items() for state, label in q.labels.items()}
    assert all("_" not in label and label[:1] == label[:1].upper() for label in said.values())
    assert said["marrow", "mds"] == "MDS"
    assert said["duration", "earlier_normal"] == "Normal before"
    assert said["drug_timing", "in_window"] == "In its window"
    assert said["repeat_count", "still_low"] == "Still low"
    assert said["lymphocytes", "high_or_atypical"] == "High or atypical"
    assert said["other_culprit_drug", "absent"] == "No"


def test_what_no_widget_can_show_is_kept(m):
    evidence = {"fever": {"present": 1, "absent": 0.2}, "serum_b12": 150, "serum_copper": "800"}  # the unit is missing
    entries, kept = Questionnaire(m.knowledge).entries_of(evidence)
    assert (entries, kept) == ({}, evidence)
    assert evidence_of({"fever": Entry("present")}, kept)["fever"] == "present"


@pytest.mark.parametrize(
    "text", ["2,8", "2.8 ng/mL", "< 2", "2,8 g", "1,200", "1,2,3", "low", "2 3", "<", "x ng/mL", "-"]
)
@pytest.mark.parametrize("unit", ["ng/mL", "nmol/L"])
def test_what_was_typed_comes_back_into_its_field_read_or_not(m, text, unit):
    questionnaire = Questionnaire(m.knowledge)
    evidence = {"serum_folate": Entry(text=text, unit=unit).evidence}
    entries, kept = questionnaire.entries_of(evidence)
    assert kept == {}
    entry = entries["serum_folate"]
    assert evidence_of({"serum_folate": replace(entry, unit=entry.unit or unit)}, {}) == evidence
    assert questionnaire.reading_of("serum_folate", Entry(), "") is None
    read = questionnaire.reading_of("serum_folate", entry, "")
    assert read.usable == (text in ("2,8", "2.8 ng/mL", "< 2"))


def test_a_cost_that_is_no_single_number_is_none():
    assert [as_cost(text) for text in ("1", " 0,5 ", "0.5", "1000")] == [1.0, 0.5, 0.5, 1000.0]
    assert [as_cost(text) for text in ("", "1,200", "1001", "-1", "1 test", "nan")] == [None] * 6


def test_every_question_is_asked_once_in_the_order_of_a_history(m):
    questions = Questionnaire(m.knowledge)
    asked = [question.id for group in questions.groups for question in group.questions]
    first = {"age_band", "sex"}
    assert sorted(asked) == sorted(node.id for node in m.knowledge.role("context", "finding") if node.id not in first)
    assert questions.patient.keys() == first | {node.id for node in m.knowledge.role("guard")}
    assert len(asked) == len(set(asked))
    assert [group.id for group in questions.groups][:3] == ["medicines", "background", "symptoms"]
    assert all(question.help for question in questions.every.values())


def test_every_number_can_be_found_and_downloaded(m):
    rows = number_rows(m)
    assert [row.id for row in rows] == [record.id for record in m.knowledge.records]
    table = list(csv.reader(io.StringIO(to_csv(rows))))
    assert tuple(table[0]) == COLUMNS
    assert len(table) == len(rows) + 1
    assert search(rows, "FELTY splenomegaly")
    assert search(rows, "no such words at all") == []
    assert {row.record.grade for row in search(rows, "", ["A"])} == {"A"}
    assert {row.record.reading for row in search(rows, "", (), ["order"])} == {"order"}
    assert {row.id.split(".")[0] for row in search(rows, "", (), (), ["hazard"])} == {"hazard"}


def test_every_claim_difference_and_source_stands_with_its_numbers(m):
    rows, knowledge = number_rows(m), m.knowledge
    claims = {row.claim.claim: row for row in claim_rows(knowledge, rows)}
    assert list(claims) == list(knowledge.claims)
    assert all(row.lives for row in claims.values())
    resting = {record.id for record in knowledge.records if "A3" in record.claims}
    assert {card.id for card in claims["A3"].numbers} == resting != set()
    differences = difference_rows(knowledge, rows)
    assert [row.difference for row in differences] == list(knowledge.disagreements)
    assert "share_order.drug.article" in {card.id for card in differences[1].numbers}
    assert [row.difference.id for row in matching(differences, "NHANES half Black")] == ["D2"]
    sources = source_rows(knowledge, rows)
    assert {row.source.source for row in sources} == set(knowledge.sources)
    assert [len(row.numbers) for row in sources] == sorted((len(row.numbers) for row in sources), reverse=True)
    used = {card.id for row in sources for card in row.numbers}
    assert used == {record.id for record in knowledge.records if record.sources}


def test_what_comes_from_the_tables_is_escaped_wherever_it_is_drawn(m):
    first = number_rows(m)[0]
    card = replace(first, record=replace(first.record, rationale="<script>"), title="<b>x</b>", value="<i>")
    assert "<script>" not in markup.record(card)
    assert "&lt;script&gt;" in markup.record(card)
    source = replace(next(iter(m.knowledge.sources.values())), citation="<img>", note="<u>", locator_url="javascript:1")
    drawn = source_row(SourceRow(source, (card,)))
    assert "<img>" not in drawn
    assert "href" not in drawn.split("<dl>")[0]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1"])
def test_no_cell_is_a_formula(cell):
    assert safe_cell(cell).startswith("'")


def test_nothing_behind_the_view_model_loads_streamlit():
    modules = [
        "result_view",
        "questions",
        "markup",
        "wording",
        "visit",
        "case.share_basis",
        "numbers.rows",
        "numbers.sources",
    ]
    modules += ["case.reasons_view", "case.next_view", "case.firmness_view", "case.changes_view"]
    imported = "; ".join(f"import views.{module}" for module in modules)
    code = f"import sys; {imported}; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_files_stay_short():
    long = {path.name for path in (ROOT / "views").rglob("*.*") if path.suffix in (".py", ".js", ".css")
            and len(path.read_text(encoding="utf-8").splitlines()) > 400}  # fmt: skip
    assert long == set()
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_ranges_are_the_intervals_of_the_engine():
    """Every range on screen is what the uncertainty analysis returns for the same patient."""
    m = model.load()
    evidence = {"fever": "present", "serum_b12": "150 pg/mL"}
    view = shown_for(m, evidence, draws=300)
    frame = m.intervals(evidence, draws=300).frame
    for row in view.causes:
        assert row.interval is not None
        assert (row.interval.low, row.interval.high) == (frame.loc[row.id, "low"], frame.loc[row.id, "high"])
        assert row.interval.first == frame.loc[row.id, "first"]
        assert row.interval.low <= row.interval.high
    assert all(row.interval is None for row in shown_for(m, evidence).causes)


def test_a_difference_says_what_the_case_would_say_under_the_better_figure(m):
    found = m.literature({"fever": "present"}, ends=False)
    rows = difference_rows(m.knowledge, number_rows(m), found)
    said = {row.difference.id: row.answers for row in rows}
    assert set(said) == {each.id for each in m.knowledge.disagreements}
    assert all(said.values())
    figure = next(each for each in found.figures if each.leader != found.leader)
    line = next(line for line in said[figure.disagreement] if line.startswith(figure.label))
    assert percent(figure.causes[figure.moved]) in line
    assert f"{m.knowledge.nodes[figure.leader].label.split(' (')[0]} leads" in line
