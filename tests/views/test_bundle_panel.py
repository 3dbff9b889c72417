"""A FHIR Bundle in the app: shown first, then opened as the case or dropped; a guard that is not read stops it."""

import json

import pytest

from model.evidence.fhir import read_bundle
from model.knowledge import load_knowledge
from tests.views.test_app import answer, click, entered, opened, refused, upload
from views.case.lab_paste import outcome

PATIENT = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1970-05-05"}


def observed(code, value, unit):
    return {"resourceType": "Observation", "status": "final", "effectiveDateTime": "2024-03-02",
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": unit}}  # fmt: skip


def bundle(*resources):
    entries = [{"resource": each} for each in (PATIENT, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


@pytest.fixture
def app():
    return click(opened(), "Reset")


def shown_outcome(at):
    return next((html.proto.body for html in at.get("html") if "<b>Read: " in html.proto.body), "")


def test_a_bundle_is_shown_and_changes_nothing_until_it_is_opened(app):
    answer(app, "fever", "present")
    before = entered(app)
    upload(app, bundle(observed("751-8", 1.2, "10*3/uL"), observed("777-3", 98, "10*3/uL"), {"resourceType": "Claim"}))
    assert entered(app) == before
    assert "Platelets 98 10^9/L (entry 3, 2024-03-02)" in shown_outcome(app)
    click(app, "Open as the case")
    assert not app.exception
    assert not shown_outcome(app)
    case = app.session_state["current"].case
    assert case.evidence == {"anc": "1.2 10^9/L", "age": "53 years", "sex": "female", "thrombocytopenia": "98 10^9/L"}
    assert case.dropped == ("No entries of this model: 1 Claim.",)
    click(app, "Undo")
    assert entered(app) == before


def test_a_bundle_can_be_dropped_and_a_bad_one_is_a_sentence(app):
    answer(app, "rash", "present")
    upload(app, bundle(observed("751-8", 1.2, "10*3/uL")))
    click(app, "Drop the Bundle")
    assert not shown_outcome(app)
    upload(app, b'{"resourceType": "Bundle", "type": "history"}')
    assert "expected a type of" in app.error[0].value
    assert entered(app) == {"rash": "present"}


def test_a_guard_of_a_bundle_that_cannot_be_read_stops_the_answer_until_it_is_removed(app):
    upload(app, bundle(observed("751-8", 0.3, "furlong")))
    click(app, "Open as the case")
    assert "anc" in refused(app).casefold() or "neutrophil count" in refused(app)
    assert app.text_input(key="num_anc").value or "anc" in app.session_state["kept"]


def test_what_a_bundle_says_is_text_and_never_markup():
    hostile = {"resourceType": "Condition", "code": {"text": "<script>alert(1)</script> fever"}}
    read = read_bundle(load_knowledge(), bundle(hostile))
    assert "<script>" not in outcome(read, "Read")
    assert "&lt;script&gt;" in outcome(read, "Read")


def test_a_long_list_of_what_is_not_ours_is_cut_and_counted():
    read = read_bundle(load_knowledge(), bundle(*[{"resourceType": "Claim"}] * 250))
    assert "No entries of this model: 250" in outcome(read)
    assert "50 more" in outcome(read)
