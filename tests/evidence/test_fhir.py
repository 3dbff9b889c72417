"""A FHIR Bundle: every resource read as what it says, not ours, or not understood; and no guard passed over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.__main__ import main
from model.errors import CaseFileError, OutOfScope
from model.evidence import check_scope, read_evidence
from model.evidence.fhir import bundle_case, read_bundle
from model.evidence.fhir_bundle import fhir_date
from model.evidence.fhir_codes import MEDICINE, NUMBER
from model.evidence.medicine import find_medicine
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
LOINC, SNOMED, ICD = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM, ATC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
SUBJECT = {"reference": "Patient/1"}
PATIENT = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1970-05-05"}


def concept(system, code, display=None, text=None):
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def obs(code, value=None, unit=None, date="2024-03-02", **more):
    given = {"resourceType": "Observation", "status": "final", "subject": SUBJECT, "effectiveDateTime": date,
             "code": code if isinstance(code, dict) else concept(LOINC, code)}  # fmt: skip
    if value is not None:
        given["valueQuantity"] = {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    return given | more


def condition(code, clinical="active", verified="confirmed", **more):
    return {"resourceType": "Condition", "code": code, "subject": SUBJECT,
            "clinicalStatus": {"coding": [{"code": clinical}]},
            "verificationStatus": {"coding": [{"code": verified}]}} | more  # fmt: skip


def medicine(code, status="active", kind="MedicationRequest", **more):
    return {"resourceType": kind, "status": status, "intent": "order", "subject": SUBJECT,
            "medicationCodeableConcept": code} | more  # fmt: skip


def procedure(code):
    return {"resourceType": "Procedure", "status": "completed", "code": code, "subject": SUBJECT}


def bundle(*resources, **more):
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": each} for n, each in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, **more}).encode()


def read(*resources, **more):
    return read_bundle(KNOWLEDGE, bundle(PATIENT, *resources, **more))


def answers(found):
    """Say what becomes of it: the verdict of the scope guard, or the word asked."""
    case, _, _ = bundle_case(KNOWLEDGE, "article", found)
    try:
        return check_scope(KNOWLEDGE, read_evidence(KNOWLEDGE, case.evidence)).verdict
    except OutOfScope as error:
        return error.verdict
    except ValueError:
        return "asked"


ANC = obs("751-8", 1.2, "10*3/uL")
RA = concept(SNOMED, "69896004", "Rheumatoid arthritis (disorder)")


def test_a_bundle_as_us_core_and_synthea_write_it_is_read():
    found = read(
        obs("26499-4", 1.21, "10*9/L"), obs("718-7", 12.9, "g/dL"), obs("787-2", 104, "fL"),
        obs("777-3", 98, "10*3/uL"), obs("2132-9", 143, "pg/mL"), obs("14732-2", 6.4, "nmol/L"), obs("709-6", 0, "%"),
        obs("8061-4", interpretation=[concept(INTERPRETATION, "POS")]),
        condition(RA), condition(concept(ICD, "K74.60", "Unspecified cirrhosis of liver")),
        medicine(concept(RXNORM, "105585", "Methotrexate 2.5 MG Oral Tablet")),
        medicine(concept(ATC, "N05AH02"), kind="MedicationStatement"),
        medicine(concept(RXNORM, "308182", "Amoxicillin 250 MG Oral Capsule"), kind="MedicationStatement",
                 effectivePeriod={"start": "2024-02-01", "end": "2024-02-21"}),
        procedure(concept(SNOMED, "70536003", "Transplant of kidney")),
        {"resourceType": "Encounter", "status": "finished"}, {"resourceType": "Claim"},
    )  # fmt: skip
    assert found.evidence == {
        "sex": "female", "age": "53 years", "anc": "1.21 10^9/L", "anaemia": "12.9 g/dL", "macrocytosis": "104 fL",
        "thrombocytopenia": "98 10^9/L", "serum_b12": "143 pg/mL", "serum_folate": "6.4 nmol/L", "blasts": "absent",
        "autoimmune_serology": "present", "rheumatoid_arthritis": "present", "portal_hypertension": "present",
        "methotrexate": "present", "other_culprit_drug": "frequent", "antibiotic_course": "21 days",
        "transplant": "present",
    }  # fmt: skip
    assert not found.guards
    assert not found.not_understood
    assert [left.status for left in found.left_out] == ["not ours"] * 2
    assert read_evidence(KNOWLEDGE, found.evidence)


def test_the_count_follows_from_leukocytes_and_share_and_says_so():
    found = read(obs("6690-2", 3.2, "10*3/uL"), obs("770-8", 38, "%"))
    assert found.evidence["anc"] == "1.216 10^9/L"
    assert any("was computed" in sentence for sentence in found.sentences)


def test_components_are_read_each():
    parts = [{"code": concept(LOINC, "751-8"), "valueQuantity": {"value": 1.2, "unit": "K/uL"}},
             {"code": concept(LOINC, "718-7"), "valueQuantity": {"value": 9.5, "code": "g/dL"}}]  # fmt: skip
    found = read(obs("58410-2", component=parts))
    assert {"anc": "1.2 10^9/L", "anaemia": "9.5 g/dL"}.items() <= found.evidence.items()


def test_of_several_dates_the_newest_counts_and_is_told():
    found = read(obs("751-8", 0.4, "10*3/uL", "2019-01-01"), obs("751-8", 1.2, "10*3/uL", "2024-03-02T08:00:00-05:00"))
    assert found.evidence["anc"] == "1.2 10^9/L"
    assert any("is the newest; older: 0.4 10^9/L (entry 2, 2019-01-01)" in sentence for sentence in found.sentences)
    same = read(obs("751-8", 0.4, "10*3/uL"), obs("751-8", 1.2, "10*3/uL"))
    assert same.evidence["anc"].startswith("not certain: ")
    assert "anc" in same.guards
    assert answers(bundle(PATIENT, obs("751-8", 0.4, "10*3/uL", "2024"), ANC)) == "asked"


def test_several_results_of_one_day_are_told_apart_by_their_time():
    found = read(
        obs("751-8", 0.4, "10*3/uL", "2024-03-02T08:00:00+01:00"), obs("751-8", 1.2, "10*3/uL", "2024-03-02T07:30:00Z")
    )
    assert found.evidence["anc"] == "1.2 10^9/L"  # 08:00 in Paris is 07:00 in Greenwich


@pytest.mark.parametrize(
    "broken",
    [
        obs("751-8", 1.2, None), obs("751-8", 1.2, "furlong"), obs("751-8", -1, "10*3/uL"),
        obs("751-8", "1", "10*3/uL"),
        obs("751-8", valueString="1.2"), obs("751-8"), obs("751-8", 1.2, "10*3/uL", status="unknown"),
        obs("751-8", dataAbsentReason=concept("x", "error")), obs("751-8", True, "10*3/uL"),
        obs("709-6", valueString="few"), obs("709-6", 1, "%", valueQuantity={"value": 1, "comparator": "<"}),
        obs(concept("http://local", "A1", "Absolute neutrophils, by our machine"), 0.3, "10*3/uL"),
        obs({"coding": [{"system": LOINC, "code": "751-8"}, {"system": LOINC, "code": "718-7"}]}, 1.2, "10*3/uL"),
        obs(concept("http://local", "B", "Blast cells seen"), valueBoolean=True), obs("770-8", 0.3, "%"),
        medicine(concept(RXNORM, "1", "Doxorubicin 50 MG Injection")), medicine(concept(ATC, "L01DB01")),
        medicine({"text": "Chemotherapy, cycle 3"}), medicine({"text": "cyclophosphamide stopped"}, status="stopped"),
        condition(concept(ICD, "Z51.11", "Encounter for antineoplastic chemotherapy")),
        procedure(concept(SNOMED, "367336001", "Chemotherapy")),
        {"resourceType": "MedicationAdministration", "status": "completed",
         "medicationCodeableConcept": {"text": "Paclitaxel 80 mg"}},
        {**PATIENT, "birthDate": "soon"}, {**PATIENT, "birthDate": "1850-01-01"}, {**PATIENT, "birthDate": "2031"},
    ],
    ids=str,
)  # fmt: skip
def test_a_guard_that_cannot_be_read_is_asked_about_and_never_passed_over(broken):
    resources = [broken] if broken["resourceType"] == "Patient" else [PATIENT, broken]
    found = read_bundle(KNOWLEDGE, bundle(*resources))
    assert found.guards
    assert answers(bundle(*resources)) == "asked"
    case, said, _ = bundle_case(KNOWLEDGE, "article", bundle(*resources))
    assert set(found.guards) <= set(case.evidence)
    assert any("No answer until" in sentence for sentence in said)


def test_an_older_count_that_cannot_be_read_does_not_stand_in_the_way():
    assert not read(obs("751-8", 1.2, None, "2019-01-01"), ANC).guards
    assert read(obs("751-8", 1.2, None, "2025-01-01"), ANC).guards


def test_an_emergency_is_refused_whatever_else_is_there():
    fever = condition(concept(SNOMED, "386661006", "Fever (finding)"))
    assert answers(bundle(PATIENT, obs("751-8", 0.3, "10*3/uL"), fever)) == "refused"
    assert answers(bundle({**PATIENT, "birthDate": "2020-01-01"}, ANC)) == "refused"
    assert answers(bundle(PATIENT, ANC, obs("26446-5", 2, "%"))) == "refused"
    assert answers(bundle(PATIENT, ANC)) == "in"


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (obs("718-7", 5, "g/dL", status="entered-in-error"), "entered in error"),
        (obs("718-7", status="cancelled"), "cancelled"),
        (obs("718-7", 9, "mg/dL"), "the unit 'mg/dL' is unknown"),
        (condition(RA, verified="entered-in-error"), "entered in error"),
        (condition(RA, verified="provisional"), "provisional, not confirmed"),
        (condition(RA, clinical="resolved"), "It is over"),
        (condition(RA, clinical=""), "does not say whether it holds today"),
        (condition(RA, abatementDateTime="2020"), "It is over"),
        (condition(concept(SNOMED, "69896004", "Gout")), "for 'Rheumatoid arthritis', and beside it stands 'Gout'"),
        (condition({"text": "Family history of rheumatoid arthritis"}), "looks like 'Rheumatoid arthritis'"),
        (condition(concept(SNOMED, "239791005", "Seropositive rheumatoid arthritis")), "looks like"),
        (medicine(concept(ATC, "L04AX03"), status="completed"), "Its status is 'completed'"),
        (medicine(concept(ATC, "L04AX03"), status="entered-in-error"), "entered in error"),
        (medicine(concept(ATC, "L04AX03"), intent="proposal"), "not an order"),
        (medicine(concept(ATC, "L04AX03"), doNotPerform=True), "not to be given"),
        (medicine({"text": "methotrexate, allergic to it"}), "says more than a medicine"),
        (medicine(concept(ATC, "J01CA04")), "from when to when"),
        (medicine({}), "does not say which medicine"),
        (obs("8061-4", 1, "1"), "positive or negative"),
        (obs("11572-5", 300, "[IU]/mL"), "positive or negative"),
        (obs({}), "does not say what was observed"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_named_and_not_entered(resource, reason):
    found = read(ANC, resource)
    assert set(found.evidence) == {"sex", "age", "anc"}
    assert len(found.not_understood) == 1
    assert reason in found.not_understood[0].reason
    assert found.not_understood[0].place == "entry 3"
    assert any(reason in sentence for sentence in found.told)


@pytest.mark.parametrize(
    "resource",
    [
        obs("2345-7", 99, "mg/dL"), obs("8310-5", 39.2, "Cel"), obs("2283-0", 500, "ng/mL"), obs("30450-1", 4, "%"),
        obs(concept(LOINC, "20405-7", "Neutrophils [#/volume] in Urine"), 3, "/uL"),
        condition(concept(SNOMED, "44054006", "Diabetes mellitus type 2")),
        medicine(concept(RXNORM, "860975", "Metformin 500 MG Oral Tablet")),
        {"resourceType": "ExplanationOfBenefit", "status": "active"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_entry_of_the_model_is_said_to_be_that(resource):
    found = read(ANC, resource)
    assert [left.status for left in found.left_out] == ["not ours"]
    assert not found.guards
    assert "No entries of this model: 1" in found.told[-1]


def test_a_diagnosis_that_was_refuted_is_absent_where_that_says_it():
    lupus = condition(concept(SNOMED, "55464009", "Systemic lupus erythematosus"), verified="refuted")
    found = read(condition(RA, verified="refuted"), lupus)
    assert found.evidence["rheumatoid_arthritis"] == "absent"
    assert "lupus_or_other_autoimmune" not in found.evidence
    assert len(found.not_understood) == 1


def test_of_several_medicines_the_highest_tier_counts():
    both = (
        medicine(concept(ATC, "N05AH02")),
        medicine({"text": "carbamazepine 200 MG"}),
        medicine(concept(ATC, "N03AF01")),
    )
    found = read(*both)
    assert found.evidence["other_culprit_drug"] == "frequent"
    assert not found.conflicts
    assert read(*both[1:]).evidence["other_culprit_drug"] == "occasional"


def test_every_medicine_has_the_state_that_its_name_has():
    for row in KNOWLEDGE.fhir_codes:
        name = find_medicine(KNOWLEDGE, row.label or row.code)
        if row.kind == MEDICINE and name:
            assert (row.node, row.state) == (name.medicine.node, name.medicine.state), row.code


def test_one_positive_test_of_several_makes_the_serology_positive():
    negative = obs("11572-5", valueCodeableConcept=concept(SNOMED, "260385009", "Negative"))
    positive = obs("42254-3", valueString="Positive")
    assert read(negative, positive).evidence["autoimmune_serology"] == "present"
    assert read(negative).evidence["autoimmune_serology"] == "absent"
    both = read(positive, obs("8061-4", valueCodeableConcept={"text": "not detected"}))
    assert "autoimmune_serology" not in both.evidence
    assert "different answers" in both.conflicts[0].sentence


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ([{**PATIENT, "id": "2"}], "expected one patient, got '1' or '2'"),
        ([{**ANC, "subject": {"reference": "Patient/2"}}], "entry 2: expected one patient, got another, 'Patient/2'"),
        ([{**ANC, "subject": {"reference": "http://x.org/fhir/Patient/2"}}], "got another, 'Patient/2'"),
    ],
)
def test_a_bundle_of_several_patients_is_refused(more, match):
    with pytest.raises(CaseFileError, match=match):
        read(*more)


@pytest.mark.parametrize("name", ["Patient/1", "urn:uuid:0", "http://x.org/fhir/Patient/1", "Patient/1/_history/3"])
def test_every_way_to_speak_of_the_one_patient_will_do(name):
    assert read({**ANC, "subject": {"reference": name}}).evidence["anc"] == "1.2 10^9/L"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"<Bundle/>", "expected JSON in UTF-8"), (b"[]", "expected a resource of type 'Bundle'"),
        (json.dumps(ANC).encode(), "expected a resource of type 'Bundle'"), (b"{" * 9, "expected JSON"),
        (b"[" * 100_000, "expected JSON"), (b'{"resourceType": "Bundle", "type": "history"}', "got 'history'"),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": 3}', "expected a list"),
        (b'{"resourceType":"Bundle","type":"collection","x":NaN}', "NaN is not a number"),
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_refused(content, match):
    with pytest.raises(CaseFileError, match=match):
        read_bundle(KNOWLEDGE, content)


def test_a_page_of_several_and_a_missing_patient_are_told():
    found = read_bundle(KNOWLEDGE, bundle(ANC, type="searchset", link=[{"relation": "next", "url": "x"}]))
    assert any("one page of several" in sentence for sentence in found.sentences)
    assert any("neither age nor sex" in sentence for sentence in found.sentences)


def test_sex_is_read_only_where_gender_and_sex_at_birth_agree():
    birth = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "M"}
    for patient in ({**PATIENT, "extension": [birth]}, {**PATIENT, "gender": "other"}):
        found = read_bundle(KNOWLEDGE, bundle(patient, ANC))
        assert "sex" not in found.evidence
        assert any("The sex was not read" in sentence for sentence in found.sentences)


@pytest.mark.parametrize(
    ("text", "days"),
    [("2024", 2), ("2024-02", 2), ("2024-12", 2), ("2024-02-29", 1), ("2024-02-30", 0), ("soon", 0), ("2024-1-1", 0),
     ("2024-03-02T10:00:00.123Z", 1), ("9999", 0)],
)  # fmt: skip
def test_dates_are_as_exact_as_they_are_written(text, days):
    found = fhir_date(text)
    assert (len(found.days) if found else 0) == days


KEYS = ("code", "coding", "system", "display", "text", "status", "valueQuantity", "value", "unit", "subject",
        "reference", "component", "interpretation", "medicationCodeableConcept", "contained", "id",
        "medicationReference", "start",
        "effectivePeriod", "end", "clinicalStatus", "birthDate", "effectiveDateTime", "resourceType", "extension",
        "gender", "valueCodeableConcept", "verificationStatus", "specimen", "comparator")  # fmt: skip
VALUES = (
    "final",
    "active",
    "751-8",
    LOINC,
    SNOMED,
    "69896004",
    "fever",
    "methotrexate",
    "2024",
    "#1",
    "Patient/1",
    "%",
)
KINDS = ("Observation", "Condition", "MedicationRequest", "Patient", "Procedure", "MedicationAdministration")
junk = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), junk, max_size=4)), max_size=4)
)
@settings(max_examples=150)
def test_nothing_in_a_bundle_is_an_error_but_a_sentence(resources):
    entries = [{"resource": {"status": "final", **more, "resourceType": kind}} for kind, more in resources]
    content = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    try:
        case, _, found = bundle_case(KNOWLEDGE, "article", content)
    except CaseFileError:
        return
    assert set(found.guards) <= set(case.evidence)


@given(st.sampled_from([row for row in KNOWLEDGE.fhir_codes if row.kind == NUMBER and row.node]), st.data())
@settings(max_examples=60)
def test_a_number_is_what_the_same_number_typed_is(row, data):
    unit = data.draw(st.sampled_from([each for each in KNOWLEDGE.units if each.node == row.node]))
    lab = next(lab for lab in KNOWLEDGE.labs if lab.node == row.node)
    low, high = lab.plausible_low / unit.factor, lab.plausible_high / unit.factor
    value = data.draw(st.floats(low + (high - low) / 99, high - (high - low) / 99).map(lambda number: round(number, 3)))
    value = int(value) if unit.unit.startswith("/") else value
    entered = read(obs(row.code, value, unit.unit)).evidence.get(row.node)
    digits = f"{value:.4f}" if value != int(value) else f"{int(value)}"
    typed = read_evidence(KNOWLEDGE, {row.node: f"{digits} {unit.unit}", "sex": "female"})
    same = read_evidence(KNOWLEDGE, {row.node: entered, "sex": "female"})
    assert (typed.hard, typed.soft) == (same.hard, same.soft)
    assert typed.guards.get("anc", 0) == pytest.approx(same.guards.get("anc", 0))


def test_the_command_line_knows_a_bundle_from_a_case(tmp_path, capsys):
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle(PATIENT, ANC, condition(RA), {"resourceType": "Claim"}, pad="x" * 300_000))
    assert main(["posterior", "--case", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert "Read: Rheumatoid arthritis: present (entry 3)." in err
    assert json.loads(out)["left_out"] == ["No entries of this model: 1 Claim."]
    path.write_bytes(bundle(PATIENT, obs("751-8", 1.2, "furlong")))
    assert main(["posterior", "--case", str(path)]) == 2
    assert "EvidenceError: anc: expected a number with its unit" in capsys.readouterr().err


def test_a_medicine_is_known_by_every_name_of_the_table_of_medicines():
    """A tier where the table gives one; a rarely guilty medicine counts only when new, so it is named, not dropped."""
    texts = ("Methimazole 10 mg tablet", "clopidogrel 75 MG Oral Tablet", "Omeprazole", "Cefazolin", "vitamin D")
    read = read_bundle(KNOWLEDGE, json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "MedicationStatement", "id": str(place), "status": "active",
                      "medicationCodeableConcept": {"text": text}}} for place, text in enumerate(texts)
    ]}).encode())  # fmt: skip
    assert read.evidence == {"other_culprit_drug": "frequent"}
    reasons = {left.line: left for left in read.left_out}
    for line, name in ((2, "clopidogrel"), (3, "omeprazole")):
        assert reasons[line].status == "not understood"
        assert f"Name {name!r} among the medicines" in reasons[line].reason
    assert "does not say from when" in reasons[4].reason
    assert reasons[5].status == "not ours"
