"""``present`` of what can be there in several ways: it is there, and in which way stays open."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from model.errors import EvidenceError
from model.evidence import Case, read_cell, read_evidence
from model.evidence.case_link import read_link, to_link
from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
OLD_WORD = {row.node: row.new_state for row in KNOWLEDGE.renamed_states if row.state == "present"}  # means only some
SEVERAL = [node for node in KNOWLEDGE.role("cause", "context") if node.states[0] == "absent" and len(node.states) > 2]


@pytest.mark.parametrize("node", SEVERAL, ids=lambda node: node.id)
def test_any_of_the_states_none_preferred(node):
    read = read_evidence(KNOWLEDGE, {node.id: " Present"})
    meant = OLD_WORD.get(node.id, node.states[1:])
    assert read.soft == {node.id: tuple(float(state in meant) for state in node.states)}
    assert not read.hard
    assert bool(read.notices) == (node.id in OLD_WORD)
    assert node.id in OLD_WORD or node.label in read.readings[0]
    assert all(state in (*read.readings, *read.notices)[0] for state in meant)


def test_other_nodes_are_read_as_before():
    assert {node.kinds for node in KNOWLEDGE.nodes.values() if node not in SEVERAL} == {()}
    with pytest.raises(EvidenceError, match="antibiotic_course: state 'present' is unknown"):
        read_evidence(KNOWLEDGE, {"antibiotic_course": "present"})
    with pytest.raises(EvidenceError, match="serum_b12: state 'present' is unknown"):
        read_evidence(KNOWLEDGE, {"serum_b12": "present"})


def test_the_error_names_it():
    with pytest.raises(EvidenceError, match="allowed is 'absent', 'folate', 'b12', 'copper' or 'present'"):
        read_evidence(KNOWLEDGE, {"nutritional": "iron"})


def test_in_a_likelihood_it_stands_for_the_states_not_named():
    typed = {"nutritional": {"present": 0.8, "b12": 0.2, "absent": 0.4}}
    assert read_evidence(KNOWLEDGE, typed).soft == {"nutritional": pytest.approx((0.5, 1.0, 0.25, 1.0))}
    with pytest.raises(EvidenceError, match="expected each state once, got 'PRESENT' twice"):
        read_evidence(KNOWLEDGE, {"nutritional": {"present": 1, "PRESENT": 1}})


@pytest.mark.parametrize("cause", [node for node in SEVERAL if node.role == "cause"], ids=lambda node: node.id)
def test_the_answer_keeps_the_proportions_of_the_states(cause, article):
    """Given that it acts, its states are to each other as before; that it acts is certain."""
    beside = {"fever": "present", "anaemia": "absent"}
    before, after = (article.posterior(typed).states for typed in (beside, {**beside, cause.id: "present"}))
    were = np.array([before[cause.id, state] for state in cause.states[1:]])
    assert [after[cause.id, state] for state in cause.states[1:]] == pytest.approx((were / were.sum()).tolist())
    assert after[cause.id, "absent"] == 0


def test_yes_in_a_table_and_no_number():
    assert read_cell(KNOWLEDGE, "nutritional", "Yes") == "present"
    assert read_cell(KNOWLEDGE, "nutritional", "nein") == "absent"
    assert read_cell(KNOWLEDGE, "nutritional", "NA") is None
    assert read_cell(KNOWLEDGE, "nutritional", "1") == "1"  # may be the first of its states; the reader refuses it


def test_a_table_agrees_with_the_single_patient(article):
    frame = pd.DataFrame({"Nutritional (yes/no)": ["yes", "present", "b12", "1", ""], "fever": ["present"] * 5})
    frame = frame.rename(columns={"Nutritional (yes/no)": "nutritional (yes/no)"})
    found = article.posterior_batch(frame)
    open_state = article.posterior({"nutritional": "present", "fever": "present"}).acting
    for row in (0, 1):
        assert found.loc[row, "p_drug"] == pytest.approx(open_state["drug"], abs=1e-12)
    assert found["scope"].tolist() == ["in", "in", "in", "invalid", "in"]


def test_a_link_holds_it():
    case = Case("article", {"nutritional": "present", "fever": "absent"})
    word = to_link(case, KNOWLEDGE, "abc")
    assert "nutritional.y" in word
    assert read_link(word, KNOWLEDGE)[0].evidence == case.evidence
