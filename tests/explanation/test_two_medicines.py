"""Two medicines of one node: the explanation names both, and says what they weigh."""

import model
from model.explanation import sentences


def test_two_medicines_of_one_node_are_one_entry_of_an_explanation():
    entered = {"medicines": ["clozapine, 7 weeks", "carbamazepine, 7 weeks"], "fever": "present"}
    text = " ".join(sentences(model.load().explain(entered, "drug")))
    assert "Clozapine, 7 weeks and Carbamazepine, 7 weeks" in text
