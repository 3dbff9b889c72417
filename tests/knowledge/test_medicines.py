"""The table of medicines: what may stand in it, and what is refused."""

from dataclasses import replace

import pytest

from model.errors import KnowledgeError
from model.knowledge import load_knowledge
from model.knowledge.medicines import check_medicines, fold_medicine, state_of

K = load_knowledge()
IN_DAYS = {lab.node for lab in K.labs if lab.unit == "days"}
BY_NAME = {medicine.name: medicine for medicine in K.medicines}
CARBAMAZEPINE = BY_NAME["Carbamazepine"]


def test_the_table_is_what_it_should_be():
    check_medicines(K.medicines, K.nodes, IN_DAYS)
    assert len(K.medicines) > 50
    nodes = {medicine.node for medicine in K.medicines}
    assert nodes >= {"antibiotic_course", "methotrexate", "azathioprine", "mycophenolate", "valproate"}
    assert all(medicine.note for medicine in K.medicines if not medicine.node)
    assert set(K.medicine_rules) == {"rare_counts_within", "outside_after", "longest_course"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "CBZ 2", "synonyms": ("Tegretol",)}, "also means 'Carbamazepine'"),
        ({"name": "te-gretol", "synonyms": ()}, "also means 'Carbamazepine'"),
        ({"name": "X", "synonyms": ("-",)}, "'-' is no name"),
        ({"name": "X", "synonyms": (), "node": "no_node"}, "no context or guard"),
        ({"name": "X", "synonyms": (), "node": "drug"}, "no context or guard"),
        ({"name": "X", "synonyms": (), "node": "fever"}, "no context or guard"),
        ({"name": "X", "synonyms": (), "node": "anc"}, "no context or guard"),
        ({"name": "X", "synonyms": (), "state": "sometimes"}, "has no state 'sometimes'"),
        ({"name": "X", "synonyms": (), "state": "absent"}, "has no state 'absent'"),
        ({"name": "X", "synonyms": (), "state": ""}, "needs a state"),
        ({"name": "X", "synonyms": (), "node": ""}, "without a node"),
        ({"name": "X", "synonyms": (), "node": "", "state": "", "note": ""}, "its note says why"),
        ({"name": "X", "synonyms": (), "mechanism": "magic"}, "mechanism 'magic'"),
        ({"name": "X", "synonyms": (), "window_low_days": 90.0, "window_high_days": 5.0}, "0 <= low < high"),
        ({"name": "X", "synonyms": (), "window_low_days": None}, "0 <= low < high"),
    ],
)
def test_a_row_that_cannot_stand_is_named(change, said):
    with pytest.raises(KnowledgeError, match=r"^drugs\.csv: ") as error:
        check_medicines([*K.medicines, replace(CARBAMAZEPINE, **change)], K.nodes, IN_DAYS)
    assert said in str(error.value)


def test_a_tier_is_present_where_the_node_does_not_tell_tiers():
    node = K.nodes["other_culprit_drug"]
    assert state_of(CARBAMAZEPINE, replace(node, states=("absent", "present"))) == "present"
    assert state_of(CARBAMAZEPINE, replace(node, states=("absent", "rare", "occasional", "frequent"))) == "occasional"


def test_names_are_folded():
    assert fold_medicine("6-MP") == fold_medicine("6 mp") == "6mp"
    assert fold_medicine("  ") == ""
