"""What a reader may say about a patient, and what becomes of it."""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError, ImpossibleEvidence
from model.evidence import Evidence, read_evidence
from model.knowledge import load_knowledge
from tests.evidence.test_scope import small_knowledge
from tests.evidence.test_units import FRAGMENTS

SMALL = small_knowledge()
REAL = load_knowledge()
ENTERED = REAL.role("cause", "context", "finding")


def test_states_become_indices_and_guards_stand_apart():
    typed = {
        "sneezing": "present", "lack": "zinc", "course": "short", "treated": "absent", "sex": "female", "age": 40,
        "anc": "2.5 C", "zinc": "borderline",
    }  # fmt: skip
    evidence = read_evidence(SMALL, typed)
    assert evidence.hard == {"sneezing": 1, "lack": 2, "course": 1, "zinc": 1}
    assert evidence.soft == {}
    assert evidence.guards == {"treated": "absent", "sex": "female", "age": 40.0, "anc": 2500.0}
    assert evidence.readings == ("Count 2.5 C = 2500 /c",)
    assert evidence.given == typed
    assert list(evidence.given) == list(typed)


def test_nothing_is_known_without_entries():
    evidence = read_evidence(SMALL, {"sneezing": None, "sex": None, "lack": None})
    assert (evidence.hard, evidence.soft, evidence.guards, evidence.readings, evidence.given) == ({}, {}, {}, (), {})
    assert evidence.key == read_evidence(SMALL, {}).key == read_evidence(SMALL, MappingProxyType({})).key


@pytest.mark.parametrize("value", ["present", " Present", "PRESENT\n", np.str_("present"), {"present": 0.3}])
def test_capitals_and_outer_spaces_do_not_matter(value):
    assert read_evidence(SMALL, {"sneezing": value}).hard == {"sneezing": 1}
    assert read_evidence(SMALL, {" Sneezing ": value}).hard == {"sneezing": 1}
    assert list(read_evidence(SMALL, {" Sneezing ": value}).given) == ["sneezing"]


@pytest.mark.parametrize("value", ["female", "F", "f", " Female"])
def test_the_sex_may_be_a_letter(value):
    assert read_evidence(SMALL, {"sex": value}).guards == {"sex": "female"}


def test_numbers_become_likelihoods_near_a_limit_and_states_beyond():
    evidence = read_evidence(SMALL, {"pallor": "11 p", "sex": "F", "iron": "20 mg", "course": 14, "size": "71"})
    assert evidence.hard == {"iron": 1, "course": 1}
    assert evidence.soft["pallor"] == pytest.approx((1.0, math.exp(-1)))
    assert evidence.soft["size"] == pytest.approx((math.exp(-0.5), 1.0))
    assert evidence.guards == {"sex": "female"}
    assert set(evidence.readings) == {
        "The pallor 11 p in a woman: absent 0.73, present 0.27 (limit 10)",
        "The iron 20 mg: low (limit 50)",
        "The course 14 days: short (limits 0 and 20)",
        "The size 71 fl: present 0.62, absent 0.38 (limit 70)",
    }


def test_a_number_at_the_limit_says_nothing():
    evidence = read_evidence(SMALL, {"iron": "50 mg"})
    assert not evidence.hard
    assert not evidence.soft
    assert evidence.readings[0].endswith("(limit 50): every state is equally likely, so this says nothing")
    assert evidence.given == {"iron": "50 mg"}


def test_a_bound_near_a_guard_is_kept_on_its_side():
    evidence = read_evidence(SMALL, {"anc": "< 0.9 C"})
    assert evidence.guards == {"anc": math.nextafter(900.0, 0)}
    assert evidence.readings == ("Count < 0.9 C = < 900 /c",)


@pytest.mark.parametrize(
    ("likelihood", "hard", "soft"),
    [
        ({"absent": 0.2, "present": 0.8}, {}, {"sneezing": (0.25, 1.0)}),
        ({" Absent": 5, "PRESENT": 2}, {}, {"sneezing": (1.0, 0.4)}),
        ({"present": 1e-320}, {"sneezing": 1}, {}),
        ({"present": 0.0, "absent": 7}, {"sneezing": 0}, {}),
        ({"present": 0.3, "absent": 0.1 + 0.2}, {}, {}),
        ({"present": np.float64(1), "absent": np.int64(2)}, {}, {"sneezing": (1.0, 0.5)}),
    ],
)
def test_a_likelihood_is_scaled_to_largest_one(likelihood, hard, soft):
    evidence = read_evidence(SMALL, {"sneezing": likelihood})
    assert (evidence.hard, evidence.soft) == (hard, soft)


def test_a_state_left_out_of_a_likelihood_counts_as_zero():
    assert read_evidence(SMALL, {"zinc": {"low": 1, "normal": 2}}).soft == {"zinc": (1.0, 0.0, 0.5)}
    assert read_evidence(SMALL, {"lack": {"iron": 1, "zinc": 1}}).soft == {"lack": (0.0, 1.0, 1.0)}


@pytest.mark.parametrize("likelihood", [{}, {"present": 0}, {"present": 0.0, "absent": 0}])
def test_a_likelihood_of_zero_everywhere_is_impossible(likelihood):
    with pytest.raises(ImpossibleEvidence, match="sneezing: expected a likelihood above 0") as caught:
        read_evidence(SMALL, {"sneezing": likelihood})
    assert caught.value.clash == ("sneezing",)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ([("sneezing", "present")], "Evidence: expected a mapping of nodes to states, got"),
        (None, "Evidence: expected a mapping of nodes to states, got None"),
        ("sneezing", "Evidence: expected a mapping"),
        ({"sneezin": "present"}, r"Evidence: node 'sneezin' is unknown; did you mean 'sneezing'\?"),
        ({"sneezin": None}, "node 'sneezin' is unknown"),
        ({"qwertz": "present"}, r"node 'qwertz' is unknown; it is no question of this model\."),
        ({7: "present"}, "node 7 is unknown"),
        ({"loss": "present"}, "loss: expected a cause, context, finding or guard; a mechanism is shown, never entered"),
        ({"low_count": "yes"}, "low_count: expected a cause, .* the low count is always taken as seen"),
        ({"sneezing": "presnt"}, r"sneezing: state 'presnt' is unknown; allowed is 'absent' or 'present'; did you"),
        ({"sneezing": "yes"}, r"sneezing: state 'yes' is unknown; allowed is 'absent' or 'present'\."),
        ({"iron": "lo"}, "iron: state 'lo' is unknown; allowed is 'normal' or 'low', or a number in 'mg' or 'g'"),
        ({"sneezing": 1}, "sneezing: expected 'absent' or 'present', got 1"),
        ({"sneezing": "1"}, "sneezing: state '1' is unknown"),
        ({"sneezing": math.nan}, "sneezing: .* got nan; leave the key out if not assessed"),
        ({"iron": math.nan}, "iron: .* got nan; leave the key out if not assessed"),
        ({"anc": math.nan}, "anc: .* got nan; leave the key out if not assessed"),
        ({"sneezing": ""}, "sneezing: .* got ''; leave the key out if not assessed"),
        ({"sneezing": True}, "sneezing: expected 'absent' or 'present', got True"),
        ({"course": True}, "course: expected 'none', 'short' or 'long', or a number in 'days' or 'weeks', got True"),
        ({"sneezing": ["present"]}, r"sneezing: expected 'absent' or 'present', got \['present'\]"),
        ({"iron": 20}, r"iron: a number needs its unit, got 20; allowed is 'mg' or 'g'\."),
        ({"iron": "20 mg/x"}, "iron: the unit 'mg/x' is unknown"),
        ({"pallor": "11 p"}, "pallor: the limit of the pallor depends on the sex, which is not given"),
        ({"treated": "now"}, "treated: state 'now' is unknown; allowed is 'absent' or 'present'"),
        ({"treated": {"present": 1}}, "treated: expected 'absent' or 'present', got"),
        ({"treated": 1}, "treated: expected 'absent' or 'present', got 1"),
        ({"treated": "p"}, "treated: state 'p' is unknown"),
        ({"sex": "x"}, "sex: state 'x' is unknown; allowed is 'female' or 'male'"),
        ({"anc": "present"}, "anc: expected a number with its unit, got 'present'"),
        ({"anc": 2500}, "anc: a number needs its unit"),
        ({"anc": {"2500 /c": 1}}, "anc: expected a number with its unit"),
        ({"sneezing": {"presen": 1}}, "sneezing: state 'presen' is unknown; .* did you mean 'present'"),
        ({"sneezing": {1: 1}}, r"sneezing: state 1 is unknown; allowed is 'absent' or 'present'\."),
        ({"sneezing": {"present": -1}}, "sneezing: expected a likelihood of 0 or more for 'present', got -1"),
        ({"sneezing": {"present": math.nan}}, "sneezing: expected a likelihood of 0 or more for 'present', got nan"),
        ({"sneezing": {"present": math.inf}}, "sneezing: expected a likelihood"),
        ({"sneezing": {"present": True}}, "sneezing: expected a likelihood"),
        ({"sneezing": {"present": "1"}}, "sneezing: expected a likelihood"),
        ({"sneezing": {"present": 1, "PRESENT": 1}}, "sneezing: expected each state once, got 'PRESENT' twice"),
        ({"sneezing": "present", "Sneezing": "present"}, "Evidence: expected each node once, got 'sneezing' twice"),
        ({"SEX": "f", "Sex": "m"}, "Evidence: expected each node once, got 'sex' twice"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(mapping, message):
    with pytest.raises(EvidenceError, match=message):
        read_evidence(SMALL, mapping)


def test_evidence_is_immutable_and_hashable():
    evidence = read_evidence(SMALL, {"sneezing": "present", "anc": "2500 /c", "zinc": {"low": 1, "normal": 2}})
    again = read_evidence(SMALL, {"zinc": {"low": 2, "normal": 4}, "anc": "2.5 C", "sneezing": "PRESENT"})
    assert evidence.key == again.key
    assert hash(evidence) == hash(again)
    for change in ({"sneezing": None}, {"anc": None}, {"anc": "2501 /c"}, {"zinc": {"low": 1, "normal": 3}}):
        typed = {"sneezing": "present", "anc": "2500 /c", "zinc": {"low": 1, "normal": 2}} | change
        assert read_evidence(SMALL, typed).key != evidence.key
    for one in (evidence, read_evidence(SMALL, {"sneezing": "present"})):
        with pytest.raises(TypeError):
            one.hard["sneezing"] = 0  # type: ignore[index]
    with pytest.raises(AttributeError):
        evidence.hard = {}  # type: ignore[misc]


def test_what_the_reader_typed_is_a_copy():
    likelihood = {"low": 1, "normal": 2}
    typed: dict[str, object] = {"zinc": likelihood}
    evidence = read_evidence(SMALL, typed)
    likelihood["low"], typed["sneezing"] = 5, "present"
    assert evidence.given == {"zinc": {"low": 1, "normal": 2}}


# The real tables


@pytest.mark.parametrize("node", ENTERED, ids=lambda node: node.id)
def test_every_state_of_every_node_can_be_entered(node):
    for index, state in enumerate(node.states):
        assert read_evidence(REAL, {node.id: state}).hard == {node.id: index}
        assert read_evidence(REAL, {node.id.upper(): f" {state.title()} "}).hard == {node.id: index}


@pytest.mark.parametrize("node", REAL.role("mechanism", "selection"), ids=lambda node: node.id)
def test_mechanisms_and_the_count_itself_are_never_evidence(node):
    with pytest.raises(EvidenceError, match=f"{node.id}: expected a cause, context, finding or guard"):
        read_evidence(REAL, {node.id: node.states[1]})


@given(st.data())
@settings(max_examples=150)
def test_only_ratios_of_a_likelihood_matter(data):
    node = data.draw(st.sampled_from(ENTERED))
    weights = data.draw(st.lists(st.floats(1e-6, 1.0) | st.just(0.0), min_size=1, max_size=len(node.states)))
    assume(any(weights))
    scale = data.draw(st.floats(1e-9, 1e9))
    one = read_evidence(REAL, {node.id: dict(zip(node.states, weights, strict=False))})
    other = read_evidence(REAL, {node.id: dict(zip(node.states, [scale * weight for weight in weights], strict=False))})
    assert one.hard == other.hard
    assert set(one.soft) == set(other.soft)
    for node_id, likelihood in one.soft.items():
        assert max(likelihood) == 1.0
        assert sum(value > 0 for value in likelihood) > 1
        assert min(likelihood) < 1.0
        assert other.soft[node_id] == pytest.approx(likelihood, rel=1e-12)


@given(st.dictionaries(st.sampled_from(ENTERED).map(lambda node: node.id), st.none(), max_size=12), st.randoms())
def test_the_order_of_the_entries_does_not_matter(picked, random):
    mapping = {node_id: random.choice(REAL.nodes[node_id].states) for node_id in picked}
    shuffled = random.sample(list(mapping.items()), len(mapping))
    assert read_evidence(REAL, mapping).key == read_evidence(REAL, dict(shuffled)).key
    assert read_evidence(REAL, mapping).hard.keys() == mapping.keys()


ANY_NODE = st.sampled_from([node.id for node in REAL.nodes.values()])


@given(
    ANY_NODE | st.text(max_size=10),
    st.text(max_size=12) | st.lists(st.sampled_from((*FRAGMENTS, "present", "low")), max_size=6).map("".join),
)
@settings(max_examples=600)
def test_garbage_is_never_more_than_an_evidence_error(node_id, text):
    outcome = attempt(node_id, text)
    if isinstance(outcome, EvidenceError):
        assert str(outcome).endswith((".", "?"))
    else:
        assert len(outcome.given) == 1


def attempt(node_id: str, text: str) -> Evidence | EvidenceError:
    try:
        return read_evidence(REAL, {node_id: text})
    except EvidenceError as error:
        return error
