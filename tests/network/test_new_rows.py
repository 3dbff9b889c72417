"""Kinds of rows that the tables need not hold: strata, pairs, conditions, and what contexts do to each other."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

import model
from model.errors import KnowledgeError
from model.inference import Engine
from model.knowledge import data_folder, load_knowledge
from model.network import Finding
from model.sensitivity.parameter_space import ParameterSpace

VERSION_02 = Path(__file__).resolve().parents[1] / "releases" / "0.2.0.zip"
PAIR = "anaemia&thrombocytopenia"
AGES = ("under_40", "40_to_64", "65_and_over")
CONTEXTS = ("band;under_40;40_to_64;65_and_over", "gender;female;male")
BANDS = {"under_40": 0.35, "40_to_64": 0.4, "65_and_over": 0.25}
FEMALE = {"under_40": 0.5, "40_to_64": 0.52, "65_and_over": 0.58}
ANAEMIA = {("under_40", "female"): 0.09, ("under_40", "male"): 0.012, ("40_to_64", "female"): 0.07,
           ("40_to_64", "male"): 0.03, ("65_and_over", "female"): 0.1, ("65_and_over", "male"): 0.15}  # fmt: skip
ROWS = [  # kind, node, state, parent, state of the parent, value, word
    *(("base_rate", "band", age, "", "", weight, "") for age, weight in BANDS.items()),
    *(("base_rate", "gender", "female", "band", age, rate, "") for age, rate in FEMALE.items()),
    ("relative_hazard", "nutritional", "b12", "band", "under_40", 0.5, ""),
    ("relative_hazard", "nutritional", "b12", "band", "65_and_over", 2.2, ""),
    ("relative_hazard", "nutritional", "b12", "gender", "female", 1.6, ""),
    ("relative_hazard", "ben", "present", "gender", "female", 0.8, "exposures"),
    ("relative_base_rate", "rheumatoid_arthritis", "present", "gender", "female", 2.5, ""),
    ("relative_base_rate", "rheumatoid_arthritis", "present", "band", "under_40", 0.2, ""),
    ("relative_base_rate", "antibiotic_course", "up_to_2_weeks", "gender", "female", 1.4, ""),
    *(("leak", "anaemia", "present", "band&gender", "&".join(at), rate, "") for at, rate in ANAEMIA.items()),
    ("leak", "fever", "present", "gender", "male", 0.02, ""),
    ("leak", "thrombocytopenia", "present", "antibiotic_course", "up_to_2_weeks", 0.2, ""),
    ("leak", "thrombocytopenia", "present", "antibiotic_course", "over_2_weeks", 0.3, ""),
    ("base_rate", "antibiotic_course", "up_to_2_weeks", "transplant", "present", 0.2, ""),
    ("base_rate", "antibiotic_course", "over_2_weeks", "transplant", "present", 0.3, ""),
    ("both", PAIR, "present&present", "nutritional", "b12", 0.3, ""),
    ("both", PAIR, "present&present", "marrow", "mds", 0.43, ""),
    ("both", PAIR, "present&present", "autoimmune", "other_autoimmune", 0.1, ""),  # bound below by more than 0
]
B12_AGE = "relative_hazard.nutritional.b12.band.65_and_over"
BOTH = f"both.{PAIR}.present&present.nutritional.b12"


def written(folder, rows=ROWS, condition=""):
    """The tables of version 0.2, which had no such row, with two more contexts and these rows, all for `article`."""
    shutil.copytree(data_folder(), folder)
    with ZipFile(VERSION_02) as tables:
        tables.extractall(folder)
    add(folder / "nodes.csv", [
        {"node": node.split(";")[0], "role": "context", "label": node.split(";")[0], "states": node.partition(";")[2],
         "basis": "literature", "group": "background", "question": "?"} for node in CONTEXTS
    ])  # fmt: skip
    add(folder / "parameters" / "links.csv", [
        {"id": ".".join(filter(None, (kind, node, state, parent, given))), "kind": kind,
         "setting": "article" if kind == "base_rate" else "all", "node": node, "state": state, "parent": parent,
         "parent_state": given, "value": value, "low": value * 0.8, "high": value * 1.15, "word": word,
         "reading": "assumption", "grade": "E", "tag": "GAP", "rationale": "For a test."}
        for kind, node, state, parent, given, value, word in rows
    ])  # fmt: skip
    path = folder / "settings.csv"
    with path.open(encoding="utf-8", newline="") as file:
        settings = list(csv.DictReader(file))
    settings[0]["condition"] = condition
    write(path, [*settings[0]], settings)
    return folder


def add(path, rows):
    with path.open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    write(path, list(known[0]), known + rows)


def write(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return model.load(folder=written(tmp_path_factory.mktemp("rows") / "data"))


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    folder = written(tmp_path_factory.mktemp("counted") / "data", condition="anaemia=absent;thrombocytopenia=absent")
    return model.load(folder=folder)


def stated(loaded, *about):
    return loaded.knowledge.record(".".join(about)).value


def test_the_tables_are_whole(loaded):
    loaded.network.check()
    assert loaded.network.parents("gender") == ("band",)
    assert loaded.network.parents("nutritional")[-2:] == ("band", "gender")
    assert "band" not in loaded.network.parents("drug")
    assert loaded.network.parents("thrombocytopenia")[-1] == "anaemia"


def test_the_shares_hold_without_evidence(loaded):
    found = loaded.prior.states
    for key, target in loaded.calibrated.targets.items():
        assert abs(found[key] - target) < 1e-12


def test_ratios_leave_the_average_and_hold_between_strata(loaded):
    """Rheumatoid arthritis: on average as stated, 2.5 times as common in women, a fifth as common under 40."""
    strata = np.array([[BANDS[age] * share for share in (FEMALE[age], 1 - FEMALE[age])] for age in AGES])
    table = loaded.network.by_id["rheumatoid_arthritis"].table[..., 1]
    assert (strata * table).sum() == pytest.approx(stated(loaded, "base_rate.rheumatoid_arthritis.present.article"))
    assert np.allclose(table[:, 0] / table[:, 1], 2.5)
    assert np.allclose(table[0] / table[1], 0.2)
    hazards = loaded.network.by_id["nutritional"].hazards
    b12 = hazards.baseline[..., 1] / loaded.calibrated.kappa["nutritional", "b12"]
    assert (strata * b12).sum() == pytest.approx(stated(loaded, "baseline_hazard.nutritional.b12"))
    assert np.allclose(b12[2] / b12[0], 2.2 / 0.5)
    assert np.ptp(hazards.baseline[..., 0]) == 0  # folate has no ratio
    assert all(added.shape[:2] == (1, 1) for added in hazards.exposures.values())


def test_exposures_are_multiplied_where_the_row_says_so(loaded):
    hazards = loaded.network.by_id["ben"].hazards
    ancestry = hazards.exposures["african_or_middle_eastern_ancestry"][:, 1, 0]
    assert ancestry[0] / ancestry[1] == pytest.approx(0.8)
    assert hazards.baseline[0, 0] / hazards.baseline[1, 0] == pytest.approx(0.8)


def test_a_state_multiplied_takes_from_the_lowest(loaded):
    table = loaded.network.by_id["antibiotic_course"].table  # transplant, gender, course
    assert loaded.network.parents("antibiotic_course") == ("transplant", "gender")
    assert table[0, 0, 1] / table[0, 1, 1] == pytest.approx(1.4)
    assert table[0, 0, 2] == pytest.approx(table[0, 1, 2])
    assert np.allclose(table.sum(-1), 1)


def test_a_context_of_three_states_given_another(tmp_path):
    """Without the ratio by gender, the course after a transplant is as stated; the higher of two shows."""
    rows = [row for row in ROWS if row[0] != "relative_base_rate"]
    table = model.load(folder=written(tmp_path / "data", rows)).network.by_id["antibiotic_course"].table
    assert table[1, 1:].tolist() == pytest.approx([0.2, 0.3])


def test_backgrounds_of_strata_are_absolute_and_others_raise_them(loaded):
    anaemia = loaded.network.by_id["anaemia"]
    background = dict(zip(anaemia.contexts, range(3), strict=True))
    assert set(background) == {"band", "gender", "african_or_middle_eastern_ancestry"}
    plain, given = (
        stated(loaded, f"leak.anaemia.present{end}") for end in ("", ".african_or_middle_eastern_ancestry.present")
    )
    for (age, gender), rate in ANAEMIA.items():
        place = [0, 0, 0]
        place[background["band"]], place[background["gender"]] = AGES.index(age), ("female", "male").index(gender)
        assert anaemia.background[tuple(place)][0] == pytest.approx(1 - rate)
        place[background["african_or_middle_eastern_ancestry"]] = 1
        assert anaemia.background[tuple(place)][0] == pytest.approx((1 - rate) * (1 - given) / (1 - plain))


def test_a_context_may_lower_a_background(loaded):
    fever = loaded.network.by_id["fever"]
    assert fever.contexts == ("gender",)
    assert fever.background[:, 1].tolist() == [1, 1]
    assert fever.background[:, 0].tolist() == pytest.approx([1 - stated(loaded, "leak.fever.present"), 0.98])


def test_a_background_given_a_context_of_three_states(loaded):
    found = loaded.network.by_id["thrombocytopenia"]
    background = np.moveaxis(found.background[..., 0], found.contexts.index("antibiotic_course"), 0)
    plain = background[0].flat[0]
    assert np.allclose(background[1] / background[0], 0.8 / plain)
    assert np.allclose(background[2] / background[0], 0.7 / plain)


@pytest.mark.parametrize(
    ("cause", "state", "value"),
    [("nutritional", "b12", 0.3), ("marrow", "mds", 0.43), ("autoimmune", "other_autoimmune", 0.1)],
)
def test_both_with_the_background_that_links_include(loaded, cause, state, value):
    (pair,) = loaded.network.pairs
    link = pair.links[cause][loaded.network.by_id[cause].states.index(state)]
    kept = [1 - stated(loaded, f"leak.{name}.present") for name in PAIR.split("&")]
    assert 1 - kept[0] * link[1] - kept[1] * link[2] + kept[0] * kept[1] * link[0] == pytest.approx(value)


def test_without_a_row_two_findings_are_independent_given_the_cause(loaded):
    (pair,) = loaded.network.pairs
    folate = pair.links["nutritional"][1]
    assert folate[0] == pytest.approx(folate[1] * folate[2])
    assert np.allclose(pair.background[..., 0], pair.background[..., 1] * pair.background[..., 2])


def test_the_findings_of_a_pair_are_its_margins(loaded):
    (pair,) = loaded.network.pairs
    for name, column in zip(PAIR.split("&"), (1, 2), strict=True):
        finding = loaded.network.by_id[name]
        for cause, link in finding.links.items():
            assert np.array_equal(link[..., 0], pair.links[cause][..., column])


def test_the_shares_hold_in_those_counted(counted):
    """Neither anaemia nor thrombocytopenia is one finding to the engine here, so that it need not know of pairs."""
    network = counted.network
    (pair,) = network.pairs
    neither = Finding(
        "neither", ("yes", "no"), pair.causes, pair.contexts,
        {cause: link[..., [0, 3]] for cause, link in pair.links.items()}, pair.background[..., [0, 3]],
    )  # fmt: skip
    engine = Engine(replace(network, findings=(neither,), pairs=()))
    solution = engine.possible({"neither": 0})
    states = solution.weights @ engine.state_indicator / solution.total
    wanted = [counted.calibrated.targets.get((c.id, s)) for c in network.causes for s in c.states]
    found = [(one, other) for one, other in zip(states, wanted, strict=True) if other is not None]
    assert len(found) == len(counted.calibrated.targets)
    assert max(abs(one - other) for one, other in found) < 1e-12
    assert abs(engine.no_evidence.total - solution.total) > 1e-4 * solution.total  # the condition says something


def test_some_acting_is_of_everybody(counted):
    """b is the share of all adults with a cause acting, whatever the condition."""
    engine = Engine(replace(counted.network, findings=(), pairs=()))
    before = np.where(engine.selection > 0, engine.no_evidence.weights / np.maximum(engine.selection, 1e-300), 0)
    assert before.sum() == pytest.approx(stated(counted, "population.neutropenia.article"), abs=1e-13)


def test_draws_are_solved_and_keep_the_mean(counted):
    space = ParameterSpace(counted)
    batch, _ = space.drawn(40, 0)
    assert batch.calibration.solved.all()
    assert batch.network.by_id["nutritional"].table.shape[0] == 40
    (pair,) = batch.network.pairs
    for each in (pair.background, *pair.links.values()):
        brought = each @ pair.coefficients().T  # neither, one, the other, both
        assert brought.min() > -1e-12
    ratio = dict(zip(space.coordinates, space.quantities, strict=False))[B12_AGE]
    assert ratio.family == "lognormal"
    assert ratio.sample(np.random.default_rng(0), 200_000).mean() == pytest.approx(2.2, rel=0.01)


@pytest.mark.parametrize("number", [B12_AGE, BOTH, "leak.fever.present.gender.male", "leak.fever.present",
                                    "base_rate.gender.female.band.under_40",
                                    "base_rate.antibiotic_course.over_2_weeks.transplant.present",
                                    "leak.anaemia.present.band&gender.under_40&female"])  # fmt: skip
def test_a_complex_step_is_the_slope(counted, number):
    space = ParameterSpace(counted)
    value = space.stated(number)
    assert value == pytest.approx(counted.knowledge.record(number).value)
    width = 1e-4 * value
    batch = space.at_moves([number] * 2, np.array([value - width, value + width]))
    step = space.at_moves([number], np.array([value + 1e-30j]))
    slope = step.calibration.kappa[0].imag / 1e-30
    assert np.allclose(slope, np.diff(batch.calibration.kappa, axis=0)[0] / (2 * width), rtol=1e-4, atol=1e-5)
    tables = [(batch.network.by_id[n.id].background, n.background) for n in step.network.findings]
    tables += [(batch.network.pairs[0].links[c], link) for c, link in step.network.pairs[0].links.items()]
    for ends, stepped in tables:
        slopes = np.broadcast_to(stepped, (1, *stepped.shape[1:]))[0].imag / 1e-30
        assert np.allclose(slopes, (ends[1] - ends[0]) / (2 * width), rtol=1e-5, atol=1e-8)


def test_what_cannot_be_is_refused(loaded, tmp_path):
    assert loaded.override({B12_AGE: 3.5}).calibrated.kappa
    with pytest.raises(KnowledgeError, match="more than 0"):
        loaded.override({B12_AGE: 0.0})
    with pytest.raises(KnowledgeError, match="as the two findings by themselves allow"):
        loaded.override({BOTH: 0.99})
    rows = [row for row in ROWS if row[4] != "65_and_over&male"]
    with pytest.raises(KnowledgeError, match="no leak for anaemia present given band&gender=65_and_over&male"):
        model.load(folder=written(tmp_path / "missing", rows))
    for condition in ("fever=present", "drug=absent", "fever", "nothing=absent"):
        with pytest.raises(KnowledgeError, match="expected a finding and its lowest state"):
            model.load(folder=written(tmp_path / condition, condition=condition))
    nothing = ("relative_hazard", "viral", "present", "gender", "female", 0.0, "")
    with pytest.raises(KnowledgeError, match="0 < low <= value"):
        load_knowledge(written(tmp_path / "nothing", [*ROWS, nothing]))
    with pytest.raises(KnowledgeError, match="a state for each of 'gender&band'"):
        load_knowledge(written(tmp_path / "odd", [*ROWS, ("leak", "fever", "present", "gender&band", "male", 0.1, "")]))
