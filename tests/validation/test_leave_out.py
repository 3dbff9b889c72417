"""One thing left out: each change worked out once more from models made without it, or from less evidence."""

import numpy as np
import pytest

import model
from model.evidence import published_cases
from model.validation import case_set
from model.validation.published import leave_out as module
from model.validation.published.goals import MEASURES, measures
from model.validation.published.leave_out import Removal, leave_out, leave_out_text, removals
from model.validation.vignettes import read_vignettes

ARC = Removal("arc", "fever", "viral")
CHOSEN = (
    Removal("entry", "anaemia"), Removal("entry", "rheumatoid_arthritis"), Removal("node", "methotrexate"), ARC,
    Removal("arc", "ben", "african_or_middle_eastern_ancestry"), Removal("arc", "neurological_signs", "nutritional"),
    Removal("arc", "recovery_after_stopping", "drug"),
)  # fmt: skip


@pytest.fixture(scope="module")
def models():
    return [model.load(setting) for setting in model.load().knowledge.settings]


@pytest.fixture(scope="module")
def found(models):
    return leave_out(models, CHOSEN)


@pytest.fixture(scope="module")
def own(models, found):
    return next(plain for plain in models if plain.setting == found.setting)


def rows(found):
    return {(row["how"], row["left_out"]): row for row in found.frame.to_dict("records")}


def shares(plain, cases, without=()):
    return np.array([
        plain.posterior({node: state for node, state in case.presenting().items() if node not in without}, scope=False)
        .attribution
        for case in cases.cases
    ])  # fmt: skip


def test_with_everything_the_figures_are_those_of_the_goals(own, found):
    cases = case_set(own, published_cases(own.knowledge.folder, found.vocabulary))
    whole = measures(shares(own, cases), cases)
    assert {name: found.base[name] for name in MEASURES} == pytest.approx(whole)


def test_an_entry_left_out_is_not_assessed(own, found):
    cases = case_set(own, published_cases(own.knowledge.folder, found.vocabulary))
    for node in ("anaemia", "rheumatoid_arthritis"):
        without = measures(shares(own, cases, [node]), cases)
        row = rows(found)["entry", node]
        assert row["entries"] == sum(node in case.presenting() for case in cases.cases)
        for name in MEASURES:
            assert row[name] == pytest.approx(without[name] - found.base[name], abs=1e-12)
        assert row["misfit"] == 0


def test_an_arc_left_out_is_a_link_at_its_background(own, found):
    """Oracle: the number of the link set to the background it includes, so that it adds nothing."""
    cases = case_set(own, published_cases(own.knowledge.folder, found.vocabulary))
    flat = {record.id: own.knowledge.record("leak.fever.present").value
            for record in own.knowledge.records_of(own.setting, "link")
            if (record.node, record.parent) == ("fever", "viral")}  # fmt: skip
    without = measures(shares(own.override(flat), cases), cases)
    row = rows(found)["arc", ARC.label]
    for name in MEASURES:
        assert row[name] == pytest.approx(without[name] - found.base[name], abs=1e-9)


def test_the_survey_notices_what_it_should(found):
    """Without ancestry's arc nobody but the share of benign ethnic neutropenia knows who has the count."""
    row = rows(found)["arc", "african_or_middle_eastern_ancestry > ben"]
    assert row["misfit"] > 1


def test_a_finding_without_its_last_arc_is_gone(found):
    row = rows(found)["arc", "nutritional > neurological_signs"]
    assert row["note"] == ""


def test_vignettes_are_counted_in_their_own_settings(models, found):
    inside = 0
    for vignette in read_vignettes(models[0].knowledge.folder):
        plain = next(one for one in models if one.setting == vignette.setting)
        inside += (
            vignette.low <= plain.posterior(vignette.findings, scope=False).acting[vignette.cause] <= vignette.high
        )
    assert found.base["vignettes"] == inside


def test_what_cannot_be_left_out_is_said(models, monkeypatch):
    def broken(*_):
        raise module.KnowledgeError("data/parameters: it is needed.")

    monkeypatch.setattr(module, "_dropped", broken)
    row = leave_out(models, [ARC]).frame.to_dict("records")[0]
    assert "it is needed" in row["note"]
    assert "cannot be left out" in leave_out_text(leave_out(models, [ARC]))


def test_everything_that_can_be_asked_and_every_arc_is_in_the_list(own):
    chosen = removals(own.knowledge, own.setting)
    assert len(set(chosen)) == len(chosen)
    asked = {node.id for node in own.knowledge.role("context", "finding")}
    assert {removal.node for removal in chosen if removal.how == "entry"} == asked
    arcs = {(removal.parent, removal.node) for removal in chosen if removal.how == "arc"}
    network = own.network
    drawn = {(parent, node.id) for node in (*network.causes, *network.contexts, *network.findings)
             for parent in network.parents(node.id)}  # fmt: skip
    first = {pair.second: pair.first for pair in network.pairs}  # drawn as a parent, with what the two share
    shared = {(parent, node) for parent, node in drawn - arcs
              if node in first and (parent == first[node] or (parent, first[node]) in arcs)}  # fmt: skip
    assert drawn - shared <= arcs


def test_the_text_names_every_change(found):
    text = leave_out_text(found, every=True)
    for removal in CHOSEN:
        assert removal.label in text


def test_what_moves_nothing_is_named_with_the_claims_of_the_article(own, found):
    """No published case or vignette has an answer on recovery after stopping; only the article keeps its arc."""
    cases = case_set(own, published_cases(own.knowledge.folder, found.vocabulary))
    assert not any("recovery_after_stopping" in case.presenting() for case in cases.cases)
    row = rows(found)["arc", "drug > recovery_after_stopping"]
    assert row["moved"] == pytest.approx(0, abs=1e-12)
    assert [*found.idle["left_out"]] == ["drug > recovery_after_stopping"]
    assert "drug > recovery_after_stopping (article K8)." in leave_out_text(found)
    assert all(row["moved"] > 0.005 for key, row in rows(found).items() if key[0] == "node")


def test_where_nothing_was_left_to_move_only_the_articles_own_arcs_stay(models):
    """The three nodes from which arcs were taken: what changes nothing that can be checked goes, unless it is named."""
    asked = [each for each in removals(models[0].knowledge, "even") if each.how == "arc"]
    named = [each for each in asked if each.node in ("recovery_after_stopping", "alcohol_excess", "repeat_count")]
    assert all(leave_out(models, named).idle["claims"] != "")
