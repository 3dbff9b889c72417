"""Each rule for named medicines, against the tables."""

from dataclasses import replace

import pytest

from model.errors import EvidenceError
from model.evidence import read_each, read_evidence
from model.knowledge import load_knowledge

K = load_knowledge()


def states(evidence):
    """Return node -> state, or the states that stay possible."""
    hard = {node: K.nodes[node].states[index] for node, index in evidence.hard.items()}
    soft = {
        node: tuple(state for state, weight in zip(K.nodes[node].states, weights, strict=True) if weight)
        for node, weights in evidence.soft.items()
    }
    return hard | soft


def read(*medicines, **entries):
    return read_evidence(K, {"medicines": list(medicines), **entries})


@pytest.mark.parametrize(
    ("medicines", "expected"),
    [
        # a node of its own
        (["methotrexate"], {"methotrexate": "present"}),
        (["mtx 2 y", "valproate"], {"methotrexate": "present", "valproate": "present"}),
        (["mtx", "methotrexate 3 d"], {"methotrexate": "present"}),
        # tiers: the highest counts
        (["carbamazepine"], {"other_culprit_drug": "occasional"}),
        (["carbamazepine", "clozapine"], {"other_culprit_drug": "frequent"}),
        (["clozapine", "carbamazepine"], {"other_culprit_drug": "frequent"}),
        # rare: begun within 90 days, or suspected; otherwise not counted
        (["omeprazole 100 d", "carbamazepine"], {"other_culprit_drug": "occasional"}),
        (["omeprazole, suspected"], {"other_culprit_drug": "rare"}),
        (["omeprazole 90 d"], {"other_culprit_drug": "rare", "drug_timing": "in_window"}),
        (["omeprazole 91 d"], {}),
        (["omeprazole 3 y, suspected"], {"other_culprit_drug": "rare", "drug_timing": "outside"}),
        (["omeprazole"], {}),
        (["omeprazole", "lisinopril"], {}),
        # antibiotics: days decide, the longest counts, an open length stays open above it
        (["amoxicillin 13 d"], {"antibiotic_course": "up_to_2_weeks", "drug_timing": "in_window"}),
        (["amoxicillin 14 d"], {"antibiotic_course": "over_2_weeks", "drug_timing": "in_window"}),
        (["amoxicillin 3 y"], {"antibiotic_course": "over_2_weeks", "drug_timing": "outside"}),
        (["amoxicillin"], {"antibiotic_course": ("up_to_2_weeks", "over_2_weeks")}),
        (["amoxicillin", "vancomycin 2 d"], {"antibiotic_course": ("up_to_2_weeks", "over_2_weeks")}),
        (["amoxicillin", "vancomycin 20 d"], {"antibiotic_course": "over_2_weeks", "drug_timing": "in_window"}),
        (["doxycycline 3 y"], {"antibiotic_course": "up_to_2_weeks", "drug_timing": "outside"}),
        # left out on purpose
        (["mesalazine 3 d"], {}),
        (["tacrolimus, suspected"], {}),
    ],
)
def test_what_medicines_say(medicines, expected):
    assert states(read(*medicines)) == expected


@pytest.mark.parametrize(
    ("medicines", "timing"),
    [
        (["carbamazepine 5 d"], "in_window"),  # window of 5 to 90 days
        (["carbamazepine 90 d"], "in_window"),
        (["carbamazepine 4 d"], "outside"),
        (["carbamazepine 91 d"], None),  # past the window, not yet long use
        (["carbamazepine 180 d"], None),
        (["carbamazepine 181 d"], "outside"),
        (["rituximab 300 d"], "in_window"),  # its own window, 40 to 362 days, goes before the 180 days
        (["rituximab 20 d"], "outside"),
        (["carbamazepine"], None),
        (["carbamazepine 3 weeks, begun after the low count"], "outside"),
        (["methotrexate 2 y"], None),  # no window in the table: the timing says nothing
        (["methotrexate 2 y, begun after the low count"], "outside"),
        (["carbamazepine 2 y", "sulfasalazine 3 weeks"], "in_window"),  # one is enough
        (["carbamazepine 2 y", "sulfasalazine 2 y"], "outside"),
        (["carbamazepine 2 y", "sulfasalazine"], None),
        (["carbamazepine 2 y", "omeprazole 3 weeks"], "in_window"),
        (["carbamazepine 3 weeks", "sulfasalazine 2 y, suspected"], "outside"),  # the suspected one decides
        (["carbamazepine 3 weeks, suspected", "sulfasalazine 2 y"], "in_window"),
        (["omeprazole 2 y"], None),  # not counted, so it has no timing either
    ],
)
def test_timing_follows_the_window_of_the_medicine(medicines, timing):
    assert states(read(*medicines)).get("drug_timing") == timing


def test_the_numbers_of_the_rules_are_rows():
    rules = {name: replace(rule, value=rule.value * 2) for name, rule in K.medicine_rules.items()}
    longer = replace(K, medicine_rules=rules)
    assert "other_culprit_drug" in read_evidence(longer, {"medicines": "omeprazole 180 d"}).hard
    assert "drug_timing" not in read_evidence(longer, {"medicines": "carbamazepine 300 d"}).hard


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("carbamazepine, 3 weeks", "Carbamazepine, 3 weeks: occasional culprit, inside its window of 5 to 90 days"),
        ("carbamazepine, 2 y", "Carbamazepine, 2 y: occasional culprit, outside its window of 5 to 90 days"),
        ("carbamazepine, 100 d", "timing open: past its window"),
        ("carbamazepine", "timing not assessed without a duration"),
        ("mtx 2 y", "MTX (Methotrexate), 2 y: counts as taken, its timing says nothing"),
        ("amoxicillin 10 d", "antibiotic course, up to 2 weeks, inside its window of 5 to 28 days"),
    ],
)
def test_a_reading_names_the_medicine(line, said):
    evidence = read(line)
    assert said in evidence.readings[-1]
    assert evidence.notices == ()
    assert [each.counts for each in evidence.medicines] == [True]


@pytest.mark.parametrize(
    ("line", "said", "counts"),
    [
        ("omeprazole 3 y", "rarely guilty and long taken, so not counted", False),
        ("omeprazole", "not counted before it is said whether it was begun within 90 days or is suspected", False),
        ("amoxicillin", "for its length is not given", True),
        ("mesalazine", "left out on purpose", False),
    ],
)
def test_a_notice_says_what_is_not_counted_or_left_open(line, said, counts):
    evidence = read(line, fever="present")
    (notice,) = evidence.notices
    assert said in notice
    assert notice.endswith(".")
    assert [each.counts for each in evidence.medicines] == [counts]
    assert evidence.given["fever"] == "present"


def test_an_entered_timing_counts_and_a_contradiction_is_told():
    evidence = read("carbamazepine 3 weeks", drug_timing="outside")
    assert states(evidence)["drug_timing"] == "outside"
    assert "'outside' was entered" in evidence.notices[-1]
    assert "Carbamazepine, 3 weeks" in evidence.notices[-1]
    assert read("carbamazepine 3 weeks", drug_timing="in_window").notices == ()
    evidence = read("carbamazepine 3 weeks", drug_timing={"outside": 0.5, "in_window": 1})
    assert evidence.soft["drug_timing"] == (0.5, 1.0)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"other_culprit_drug": "present"}, {"other_culprit_drug": "occasional"}),  # the tier was open
        ({"other_culprit_drug": "occasional"}, {"other_culprit_drug": "occasional"}),
        ({"other_culprit_drug": {"absent": 0.5, "occasional": 1}}, {"other_culprit_drug": "occasional"}),
    ],
)
def test_an_entry_that_agrees_is_made_narrower(entries, expected):
    assert states(read("carbamazepine", **entries)) == expected


@pytest.mark.parametrize(
    ("line", "entries", "words"),
    [
        ("mtx 2 y", {"methotrexate": "absent"}, ("'absent'", "MTX (Methotrexate), 2 y", "'present'")),
        ("carbamazepine", {"other_culprit_drug": "frequent"}, ("'frequent'", "Carbamazepine", "'occasional'")),
        ("carbamazepine", {"other_culprit_drug": "absent"}, ("'absent'", "Carbamazepine")),
        ("amoxicillin 3 d", {"antibiotic_course": "20 days"}, ("'20 days'", "Amoxicillin", "'up_to_2_weeks'")),
        ("amoxicillin", {"antibiotic_course": "none"}, ("'none'", "'up_to_2_weeks or over_2_weeks'")),
        ("cisplatin", {"chemotherapy": "absent"}, ("'absent'", "Cisplatin (Cancer chemotherapy)")),
    ],
)
def test_a_contradiction_names_both(line, entries, words):
    with pytest.raises(EvidenceError) as error:
        read(line, **entries)
    assert all(word in str(error.value) for word in words)
    (node,) = entries
    evidence, unread = read_each(K, {"medicines": [line, "valproate"], "fever": "present", **entries})
    assert states(evidence) == {"fever": "present", "valproate": "present"}
    assert [(each.node, each.given) for each in unread] == [(node, entries[node]), ("medicines", line)]
    assert {each.guard for each in unread} == {node == "chemotherapy"}  # of a guard nobody knows which is true


def test_chemotherapy_by_name_is_the_guard():
    assert read("cisplatin 2 w").guards == {"chemotherapy": "present"}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"methotrexate": "methotrexate"}, {"methotrexate": "present"}),
        ({"methotrexate": "MTX, 2 y"}, {"methotrexate": "present"}),
        ({"other_culprit_drug": "carbamazepine"}, {"other_culprit_drug": "occasional"}),
        (
            {"other_culprit_drug": "Carbamazepine, 3 weeks; clozapine"},
            {"other_culprit_drug": "frequent", "drug_timing": "in_window"},
        ),
        ({"antibiotic_course": "amoxicillin 10 d"}, {"antibiotic_course": "up_to_2_weeks", "drug_timing": "in_window"}),
        ({"antibiotic_course": "10 days"}, {"antibiotic_course": "up_to_2_weeks"}),
        ({"other_culprit_drug": "rare"}, {"other_culprit_drug": "rare"}),
    ],
)
def test_a_name_in_place_of_a_state_is_read(entries, expected):
    assert states(read_evidence(K, entries)) == expected


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"methotrexate": "carbamazepine"}, "belongs to 'other_culprit_drug'"),
        ({"methotrexate": "mesalazine"}, "is left out of the question"),
        ({"methotrexate": "metformin"}, "state 'metformin' is unknown"),
        ({"fever": "methotrexate"}, "state 'methotrexate' is unknown"),
    ],
)
def test_a_name_under_a_wrong_node_is_refused(entries, said):
    with pytest.raises(EvidenceError) as error:
        read_evidence(K, entries)
    assert said in str(error.value)


def test_what_was_given_reads_the_same_again():
    evidence = read("carbamazepine 3 weeks", "amoxicillin", "omeprazole", fever="present")
    again = read_evidence(K, evidence.given)
    assert again.key == evidence.key


def test_the_order_of_names_does_not_matter():
    lines = ["carbamazepine 3 weeks", "amoxicillin", "omeprazole 2 d", "mtx", "vancomycin 20 d"]
    assert read(*lines).key == read(*reversed(lines)).key


def test_a_network_that_does_not_tell_the_tiers_apart_takes_them_as_present():
    nodes = {**K.nodes, "other_culprit_drug": replace(K.nodes["other_culprit_drug"], states=("absent", "present"))}
    evidence = read_evidence(replace(K, nodes=nodes), {"medicines": "carbamazepine; clozapine"})
    assert dict(evidence.given) == {"other_culprit_drug": "present"}
