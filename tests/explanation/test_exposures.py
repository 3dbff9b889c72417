"""Known exposures of different causes: hazards alone, against the records themselves and against calibration."""

from itertools import combinations
from math import exp

import pytest

import model
from model.elicitation import plug_in
from model.explanation import exposures_sentence, weigh_exposures
from model.network import without_kappa
from model.wording import number_text, percent

SETTINGS = ("article", "even", "primary_care")
BOTH = {"methotrexate": "present", "rheumatoid_arthritis": "present"}


@pytest.mark.parametrize("setting", SETTINGS)
def test_without_kappa_a_cause_is_as_likely_as_its_records_say(setting):
    m = model.load(setting=setting)
    stated, _ = plug_in(m.knowledge, setting, m.scale, {})
    drug = next(cause for cause in without_kappa(m.calibrated).causes if cause.id == "drug")

    def hazard(kind, state, context=None):
        return sum(
            stated[record.id] for record in m.knowledge.records
            if (record.kind, record.node, record.state, record.parent or None) == (kind, "drug", state, context)
        )  # fmt: skip

    unexposed = sum(hazard("baseline_hazard", state) for state in drug.states[1:])
    exposed = sum(hazard("hazard", state, "methotrexate") for state in drug.states[1:])
    assert exposed > 0
    for taken in (0, 1):
        place = tuple(taken if context == "methotrexate" else 0 for context in drug.contexts)
        assert 1 - drug.table[(*place, 0)] == pytest.approx(1 - exp(-unexposed - taken * exposed), rel=1e-9)


@pytest.mark.parametrize("setting", SETTINGS)
def test_hazards_alone_do_not_know_the_shares(setting):
    m = model.load(setting=setting)
    moved = m.with_shares({"autoimmune": 0.5} | dict.fromkeys(("drug", "viral", "nutritional", "ben", "marrow"), 0.1))
    first, second = (weigh_exposures(each, each.posterior(BOTH)) for each in (m, moved))

    def moved_by(answers):
        return sum(abs(answers[0].acting[cause] - answers[1].acting[cause]) for cause in first.exposures)

    alone = moved_by((first.hazards_alone, second.hazards_alone))
    # gamma, how far two processes go together, is what is left of the shares
    assert alone < moved_by((first.shown, second.shown)) / 2


def test_kappa_lies_between_those_of_the_states_that_the_exposures_raise():
    m = model.load()
    found = weigh_exposures(m, m.posterior(BOTH))
    assert set(found.exposures) == {"drug", "nutritional", "autoimmune"}
    assert found.exposures["autoimmune"] == ("rheumatoid_arthritis",)
    for cause, kappa in found.kappa.items():
        of_states = [value for (name, _), value in m.calibrated.kappa.items() if name == cause]
        assert min(of_states) * (1 - 1e-12) <= kappa <= max(of_states) * (1 + 1e-12)
    assert found.kappa["drug"] / found.kappa["autoimmune"] > 5  # the article orders drug far before autoimmune
    assert found.matters


@pytest.mark.parametrize("entered", [
    {}, {"fever": "present"}, {"methotrexate": "present"}, {"methotrexate": "present", "alcohol_excess": "absent"},
    {"methotrexate": "absent", "rheumatoid_arthritis": "absent"},
    {"methotrexate": "present", "rheumatoid_arthritis": {"absent": 0.2, "present": 0.8}},
])  # fmt: skip
def test_one_known_exposure_is_not_weighed_against_another(entered):
    assert weigh_exposures(model.load(), model.load().posterior(entered)) is None


def test_two_exposures_of_different_causes_are_always_weighed():
    m = model.load()
    raised = {"methotrexate": "drug", "rheumatoid_arthritis": "autoimmune", "portal_hypertension": "other",
              "african_or_middle_eastern_ancestry": "ben", "transplant": "marrow"}  # fmt: skip
    for pair in combinations(raised, 2):
        answer = m.posterior(dict.fromkeys(pair, "present"))
        found = weigh_exposures(m, answer)
        assert {raised[context] for context in pair} <= set(found.exposures)
        assert sum(found.hazards_alone.share) == pytest.approx(1)


def test_the_sentence_names_exposures_factors_and_the_answer_without_them():
    m = model.load()
    found = weigh_exposures(m, m.posterior(BOTH))
    said = exposures_sentence(m, found)
    factors = (f"×{number_text(found.kappa[cause])}" for cause in found.exposures)
    alone = f"drug-induced {percent(found.hazards_alone.acting['drug'])}"
    for word in ("methotrexate", "rheumatoid arthritis", "hazards alone", *factors, alone):
        assert word in said, word
    elsewhere = model.load(setting="primary_care")  # whose shares and epidemiology agree
    kappa = weigh_exposures(elsewhere, elsewhere.posterior(BOTH)).kappa
    assert max(kappa.values()) / min(kappa.values()) < 2
