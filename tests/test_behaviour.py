"""What a clinician expects, and must come out of the records: nothing here is set by hand in the model.

Every statement is checked at M (the mean number of acting causes) of 1.02, 1.10 and 1.25, the ends and the middle of
its interval.
"""

import pytest

import model
from model.knowledge import load_knowledge

M = "cooccurrence.neutropenia.article"
NO_DRUGS = {
    "antibiotic_course": "none",
    **dict.fromkeys(("methotrexate", "azathioprine", "mycophenolate", "valproate", "other_culprit_drug"), "absent"),
}
NO_SYMPTOMS = dict.fromkeys(
    ("fever", "respiratory_symptoms", "rash", "constitutional_symptoms", "recurrent_infections"), "absent"
)
NO_VIRAL_SIGNS = dict.fromkeys(("fever", "respiratory_symptoms", "rash"), "absent")


@pytest.fixture(params=[1.02, 1.10, 1.25], ids="M={}".format, scope="module")
def ask(request):
    chosen = model.load().override({M: request.param})
    return lambda **evidence: chosen.posterior(evidence)


def leader(answer):
    return max(answer.acting, key=answer.acting.__getitem__)


def test_no_evidence_gives_the_article_order(ask):
    p = ask().acting
    assert p["drug"] > p["viral"] > p["nutritional"] > p["ben"] > p["autoimmune"]
    assert p["autoimmune"] == pytest.approx(p["marrow"], abs=1e-12)
    assert p["other"] > p["ben"]


def test_a_long_antibiotic_course_without_viral_signs_puts_drug_first(ask):
    answer = ask(antibiotic_course="over_2_weeks", **NO_VIRAL_SIGNS)
    assert leader(answer) == "drug"
    assert answer.acting["drug"] > 0.75


def test_no_drug_at_all_leaves_drug_under_8_percent(ask):
    assert ask(**NO_DRUGS).acting["drug"] < 0.08


def test_ancestry_without_drugs_or_symptoms_puts_ben_first(ask):
    answer = ask(african_or_middle_eastern_ancestry="present", **NO_DRUGS, **NO_SYMPTOMS)
    assert leader(answer) == "ben"
    assert answer.acting["ben"] > 0.5


def test_methotrexate_with_low_folate_is_nutritional_and_drug_together(ask):
    answer = ask(methotrexate="present", serum_folate="low")
    assert answer.acting["nutritional"] > 0.5
    assert answer.acting["drug"] > 0.2


def test_transplant_with_medicines_unanswered_raises_drug_above_marrow(ask):
    answer = ask(transplant="present")
    assert answer.acting["drug"] > ask().acting["drug"]
    assert answer.acting["drug"] > answer.acting["marrow"]


def test_known_arthritis_is_not_counted_twice_by_its_serology(ask):
    assert ask(rheumatoid_arthritis="present", autoimmune_serology="present").acting["autoimmune"] < 0.6


def test_arthritis_with_a_large_spleen_puts_felty_above_the_other_autoimmune_causes(ask):
    states = ask(rheumatoid_arthritis="present", splenomegaly="present").states["autoimmune"]
    assert states.drop("absent").idxmax() == "felty"


def test_normal_folate_b12_copper_and_mcv_leave_nutritional_under_3_percent(ask):
    normal = {"serum_folate": "normal", "serum_b12": "normal", "serum_copper": "normal", "macrocytosis": "absent"}
    assert ask(**normal).acting["nutritional"] < 0.03


def test_a_positive_viral_test_with_fever_and_new_onset_puts_viral_first(ask):
    assert leader(ask(viral_test="present", fever="present", duration="earlier_normal")) == "viral"


def test_portal_hypertension_needs_spleen_or_platelets(ask):
    normal = ask(portal_hypertension="present", splenomegaly="absent", thrombocytopenia="absent")
    assert normal.states["other", "hypersplenism"] < 0.4
    abnormal = ask(portal_hypertension="present", splenomegaly="present", thrombocytopenia="present")
    states = abnormal.states.drop(index="absent", level="state")
    assert states.idxmax() == ("other", "hypersplenism")
    assert leader(abnormal) == "other"


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"fever": "present"},
        {"african_or_middle_eastern_ancestry": "present", **NO_DRUGS, **NO_SYMPTOMS},
        {"antibiotic_course": "over_2_weeks", **NO_VIRAL_SIGNS},
        {"viral_test": "present", "fever": "present", "duration": "earlier_normal"},
        {"methotrexate": "present", "serum_folate": "low"},
    ],
    ids=["nothing", "fever", "ancestry", "antibiotic", "viral", "methotrexate and folate"],
)
def test_ruling_the_leader_out_raises_each_of_the_rest(ask, known):
    before = ask(**known)
    first = leader(before)
    after = ask(**known, **{first: "absent"})
    assert after.acting[first] == 0
    for cause, probability in before.acting.items():
        if cause != first:
            assert after.acting[cause] > probability, cause


def test_numbers_come_from_the_tables():
    """The statements above hold for the records as they stand: M is the only number this file replaces."""
    assert {record.id for record in load_knowledge().records if record.kind == "cooccurrence"} == {M}
