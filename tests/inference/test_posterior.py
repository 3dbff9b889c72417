"""What one answer promises: shapes, sums, names, and entry in every form."""

import json

import numpy as np
import pandas as pd
import pytest

import model
from model.errors import EvidenceError, ImpossibleEvidence, OutOfScope
from model.explanation import See

CAUSES = ["drug", "viral", "nutritional", "ben", "autoimmune", "marrow", "other"]


def test_labels_and_sums(any_model):
    answer = any_model.posterior({"fever": "present", "serum_b12": "150 pg/mL", "methotrexate": "absent"})
    assert list(answer.causes.index) == CAUSES
    assert answer.states.groupby(level="cause", sort=False).sum().to_numpy() == pytest.approx(np.ones(7), abs=1e-12)
    for cause in CAUSES:
        assert 1 - answer.states[cause, "absent"] == pytest.approx(answer.causes[cause], abs=1e-12)
    assert answer.share.sum() == pytest.approx(1, abs=1e-12)
    assert answer.causes.sum() >= 1
    assert answer.nodes.groupby(level="node").sum().to_numpy() == pytest.approx(
        np.ones(answer.nodes.index.get_level_values("node").nunique()), abs=1e-9
    )
    entered = {"fever", "serum_b12", "methotrexate"}
    expected = {n.id for n in any_model.knowledge.role("context", "finding")} - entered
    assert set(answer.nodes.index.get_level_values("node")) == expected
    assert list(answer.mechanisms.index) == ["decreased_production", "peripheral_destruction", "splenic_sequestration"]


def test_share_of_a_single_cause(article):
    only = {**dict.fromkeys(CAUSES, "absent"), "ben": "present"}
    answer = article.posterior(only)
    assert answer.share["ben"] == 1
    assert answer.share.drop("ben").eq(0).all()


def test_everything_entered_leaves_no_node(article):
    everything = {n.id: n.states[0] for n in article.knowledge.role("context", "finding")}
    assert article.posterior(everything).nodes.empty


def test_no_evidence_has_log_zero(article):
    assert article.posterior({}).log_evidence == 0


def test_unknown_yes_unknown_returns_exactly(article):
    before = article.posterior({"fever": "present"}).acting
    article.posterior({"fever": "present", "rash": "present"})
    assert article.posterior({"fever": "present"}).acting == before


def test_to_dict_is_json_and_carries_the_same_numbers(article):
    answer = article.posterior({"serum_b12": "low"})
    content = json.loads(json.dumps(answer.to_dict()))
    assert set(content) == {"setting", "model_hash", "scope", "causes", "states", "share", "log_evidence"}
    assert content["causes"] == answer.causes.to_dict()
    assert content["states"]["nutritional"]["b12"] == answer.states["nutritional", "b12"]
    assert set(content["states"]["nutritional"]) == {"absent", "folate", "b12", "copper"}
    assert content["model_hash"] == article.hash


def test_all_causes_excluded_names_the_clash(article):
    with pytest.raises(ImpossibleEvidence, match="drug=absent") as error:
        article.posterior({**dict.fromkeys(CAUSES, "absent"), "fever": "present"})
    assert set(error.value.clash) == set(CAUSES)


def test_established_cause(article):
    answer = article.posterior({"nutritional": "b12"})
    assert answer.states["nutritional", "b12"] == pytest.approx(1, abs=1e-12)
    assert answer.causes["drug"] < article.posterior({}).causes["drug"]


@pytest.mark.parametrize(
    ("evidence", "error", "message"),
    [
        ({"fevr": "present"}, EvidenceError, "did you mean 'fever'"),
        ({"fever": "maybe"}, EvidenceError, "allowed is 'absent' or 'present'"),
        ({"decreased_production": "present"}, EvidenceError, "mechanism"),
        ({"neutropenia": "yes"}, EvidenceError, "low count"),
        ({"serum_b12": 150}, EvidenceError, "'pg/mL' or 'pmol/L'"),
        ({"anc": "1500 /mm3"}, OutOfScope, "1500"),
        ({"anc": "700 /mm3"}, OutOfScope, "outside='allow'"),
        ({"chemotherapy": "present"}, OutOfScope, "chemotherapy"),
        ({"age": 12}, OutOfScope, "12"),
    ],
)
def test_errors_say_what_is_allowed(article, evidence, error, message):
    with pytest.raises(error, match=message):
        article.posterior(evidence)


def test_near_is_answered_on_request_and_marked(article):
    assert article.posterior({"anc": "700 /mm3"}, outside="allow").scope.verdict == "near"
    assert article.posterior({"anc": "1200 /mm3"}).scope.verdict == "in"
    assert article.posterior({"anc": "300 /mm3"}, scope=False).scope.verdict == "unchecked"


def test_load_is_cached_and_immutable():
    assert model.load("article") is model.load()
    with pytest.raises(AttributeError):
        model.load().setting = "x"


METHODS = {
    "posterior": (),
    "explain": ("drug",),
    "conflict": (),
    "most_relevant": (),
    "what_if": (See({"fever": "present"}),),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("evidence", [[], "", 0, False, ()])
def test_only_none_stands_for_no_evidence(article, method, evidence):
    with pytest.raises(EvidenceError, match="expected a mapping of nodes to states, got"):
        getattr(article, method)(evidence, *METHODS[method])


@pytest.mark.parametrize("method", METHODS)
def test_none_is_no_evidence(article, method):
    assert getattr(article, method)(None, *METHODS[method]) is not None


def test_a_row_of_a_table_is_told_what_to_do(article):
    row = pd.Series({"fever": "present"})
    with pytest.raises(EvidenceError, match=r"got Series; give its \.to_dict\(\)\."):
        article.posterior(row)
    assert article.posterior(row.to_dict()).acting == article.posterior({"fever": "present"}).acting


def test_it_prints_in_one_line(article):
    answer = article.posterior({"fever": "present"})
    for printed in (repr(answer), repr(article), repr(article.override({"link.fever.present.viral.present": 0.4}))):
        assert "\n" not in printed
        assert len(printed) < 250
    assert f"{answer.acting['viral']:.3f}" in repr(answer)
    assert "replaced=1" in repr(article.override({"link.fever.present.viral.present": 0.4}))
    assert "replaced" not in repr(article)


def test_no_rounding_carries_a_certainty_past_one(any_model):
    for cause in any_model.network.causes:
        for state in cause.states[1:]:
            answer = any_model.posterior({cause.id: state, "fever": "present", "rash": "absent"})
            assert answer.acting[cause.id] <= 1
            assert answer.states.max() <= 1
            assert answer.share.max() <= 1
