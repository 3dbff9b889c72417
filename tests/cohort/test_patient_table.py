"""A table of patients gives each row what the same row gives alone, and says what is wrong with the others."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.cohort import column_cells, patient_table
from model.cohort.column_name import edits
from model.cohort.header import checked_header
from model.cohort.patient_table import _clashes
from model.diagnostic_model import load
from model.errors import EvidenceError, ImpossibleEvidence, OutOfScope, TableError
from model.evidence import red_flag
from model.inference import Engine
from model.inference.batch import Column
from model.network import Cause, Context, Network

MODEL = load()
CAUSES = [cause.id for cause in MODEL.network.causes]
PROBABILITIES = [f"p_{cause}" for cause in CAUSES]
CELLS = {
    **{node.id: [*node.states, "", " "] for node in (*MODEL.network.contexts, *MODEL.network.findings)},
    "serum_b12": ["low", "normal", "", "150 pg/mL", "205 pg/mL", "1 pg/mL", "150", "Low "],
    "anaemia": ["present", "", "10 g/dL", "12.1 g/dL", "13.0 g/dL", "17 g/dL"],
    "antibiotic_course": ["none", "", 3.0, 20.0, "2 weeks"],
    "sex": ["female", "male", "", "F", "x"],
    "anc": ["1200 /mm3", "1.2 10^9/L", "700 /mm3", "300 /mm3", "450 /mm3", "1600 /mm3", "", "1200", None],
    "age": [40.0, 17.0, None, 300.0],
    "blasts": ["absent", "present", ""],
    "chemotherapy": ["absent", "", None],
    "age_band": ["under_40", "65_and_over", "70 years", "old", ""],
    "medicines": [
        "doxorubicin",
        "mtx, 3 weeks; clozapine, 2 months",
        "carbamazepine, 3 weeks, suspected",
        "xy",
        "",
        None,
    ],
    "methotrexate": ["absent", "present", "", "soon"],
    "other_culprit_drug": ["absent", "frequent", "present", ""],
}
FEW = ("fever", "anaemia", "sex", "anc", "age", "blasts", "serum_b12", "thrombocytopenia", "antibiotic_course", "ben")
MEDICINE_COLUMNS = ("medicines", "methotrexate", "other_culprit_drug", "chemotherapy", "age", "age_band", "anc")


def blank(cell):
    return cell is None or cell != cell or not str(cell).strip()


def alone(row, outside, scope):
    """What the model says of one row by itself: (verdict, start of the reason, probabilities)."""
    evidence = {node: cell for node, cell in row.items() if not blank(cell)}
    if not evidence:
        return "blank", "No cell of this row is filled, so it is no patient.", None
    try:
        posterior = MODEL.posterior(evidence, outside, scope=scope)
    except OutOfScope as error:
        return "refused", str(error), None
    except EvidenceError:
        flag = red_flag(MODEL.knowledge, evidence) if scope else None
        return ("refused", str(flag), None) if flag else ("invalid", "", None)
    except ImpossibleEvidence:
        return "impossible", "", None
    reason = posterior.scope.reason if posterior.scope.verdict == "near" else ""
    return posterior.scope.verdict, reason, posterior.causes.to_numpy()


few, of_medicines = (
    st.fixed_dictionaries({node: st.sampled_from(CELLS.get(node, ["absent", ""])) for node in nodes})
    for nodes in (FEW, MEDICINE_COLUMNS)
)
tables = st.sampled_from([few, of_medicines]).flatmap(lambda rows: st.lists(rows, min_size=1, max_size=12))


@given(tables, st.sampled_from(["refuse", "allow"]), st.booleans())
@settings(deadline=None, max_examples=60)
def test_every_row_is_answered_as_if_alone(patients, outside, scope):
    frame = pd.DataFrame(patients, index=[f"patient {n}" for n in range(len(patients))])
    found = MODEL.posterior_batch(frame, outside, scope=scope)
    assert found.columns.tolist() == [*PROBABILITIES, "scope", "scope_reason"]
    assert found.index.equals(frame.index)
    for patient, (_, row) in zip(patients, found.iterrows(), strict=True):
        verdict, reason, probabilities = alone(patient, outside, scope)
        assert row["scope"] == verdict
        if verdict == "refused":
            assert row["scope_reason"].startswith(reason)
        elif verdict in ("near", "in", "unchecked"):
            assert row["scope_reason"] == reason
        else:
            assert row["scope_reason"].endswith(".")
        if probabilities is None:
            assert row[PROBABILITIES].isna().all()
        else:
            assert row[PROBABILITIES].to_numpy(float) == pytest.approx(probabilities, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_the_kind_of_column_does_not_matter(kind):
    frame = pd.DataFrame({"fever": ["present", None, "absent", ""], "rash": ["", "present", None, "absent"]})
    expected = MODEL.posterior_batch(frame)
    assert MODEL.posterior_batch(frame.astype(kind)).equals(expected)
    assert expected["scope"].tolist() == ["in"] * 4
    single = MODEL.posterior({"rash": "present"}).causes.to_numpy()
    assert expected[PROBABILITIES].iloc[1].to_numpy() == pytest.approx(single, rel=1e-12)


def test_numbers_and_likelihoods_may_stand_in_cells():
    frame = pd.DataFrame({"antibiotic_course": [3, 20], "fever": [{"present": 1.0, "absent": 0.5}, {"present": 1}]})
    found = MODEL.posterior_batch(frame)[PROBABILITIES].to_numpy()
    for row, evidence in enumerate(frame.to_dict("records")):
        assert found[row] == pytest.approx(MODEL.posterior(evidence).causes.to_numpy(), rel=1e-9)


def test_chunks_of_the_table_change_nothing(monkeypatch):
    frame = pd.DataFrame({"fever": ["present", "absent", "what"] * 9, "anc": ["1200 /mm3", "", "400 /mm3"] * 9})
    expected = MODEL.posterior_batch(frame)
    monkeypatch.setattr(patient_table, "CHUNK", 4)
    pd.testing.assert_frame_equal(MODEL.posterior_batch(frame), expected, rtol=1e-12)


def test_rows_that_clash_name_what_clashes():
    excluded = dict.fromkeys(CAUSES, "absent")
    patients = [{"ben": "x"}, {**excluded, "fever": "present"}, {**excluded, "ben": "present"}, excluded]
    found = MODEL.posterior_batch(pd.DataFrame(patients, columns=[*CAUSES, "fever"])).iloc[1:]
    assert found["scope"].tolist() == ["impossible", "in", "impossible"]
    with pytest.raises(ImpossibleEvidence) as single:
        MODEL.posterior(excluded)
    assert found["scope_reason"].iloc[2] == str(single.value)
    assert all(f"{cause}=absent" in found["scope_reason"].iloc[0] for cause in CAUSES)
    assert "fever" not in found["scope_reason"].iloc[0]
    assert found[PROBABILITIES].isna().all(axis=1).tolist() == [True, False, True]


def test_rows_with_different_clashes_name_their_own():
    contexts = (Context("x", ("a", "b"), (), np.array([1.0, 0.0])),)
    causes = (Cause("c", ("absent", "present"), ("x",), np.full((2, 2), 0.5)),)
    engine = Engine(Network(contexts, causes, (), (), np.array([0.0, 1.0])))
    columns = {"x": Column(np.array([1, -1, 0, 1])), "c": Column(np.array([-1, 0, 1, 1]))}
    found = dict(_clashes(engine, columns, np.array([0, 1, 3])))
    named = {row: ("x=b" in sentence, "c=absent" in sentence) for row, sentence in found.items()}
    assert named == {0: (True, False), 1: (False, True), 3: (True, False)}


def test_a_refusal_names_the_value_of_its_row():
    counts = ["400 /mm3", "300 /mm3", "400 /mm3", "1700 /mm3"]
    found = MODEL.posterior_batch(pd.DataFrame({"anc": counts}))
    assert found["scope"].tolist() == ["refused"] * 4
    assert all(count in reason for count, reason in zip(counts, found["scope_reason"], strict=True))


def test_the_scope_of_each_row_is_that_of_the_row_alone():
    counts = [f"{count} /mm3" for count in (499, 500, 999, 1000, 1499, 1500)]
    patients = [{"anc": anc, "fever": fever, "age": age} for anc in counts for fever in ("present", "absent", "")
                for age in (17.0, 18.0)]  # fmt: skip
    found = MODEL.posterior_batch(pd.DataFrame(patients), "allow")
    expected = [alone(patient, "allow", True)[:2] for patient in patients]
    assert list(zip(found["scope"], found["scope_reason"], strict=True)) == expected
    assert set(found["scope"]) == {"in", "near", "refused"}


def test_haemoglobin_needs_the_sex_of_its_row():
    frame = pd.DataFrame({"anaemia": ["12.5 g/dL"] * 3, "sex": ["female", "male", ""]})
    found = MODEL.posterior_batch(frame)
    assert found["scope"].tolist() == ["in", "in", "invalid"]
    assert "depends on the sex" in found["scope_reason"].iloc[2]
    assert not np.isclose(found["p_nutritional"].iloc[0], found["p_nutritional"].iloc[1], rtol=1e-3)


def test_results_of_an_earlier_scoring_are_ignored():
    frame = pd.DataFrame({"fever": ["present"], "p_drug": [0.5], "top": ["drug"], "scope": ["in"], "note": ["x"]})
    assert MODEL.posterior_batch(frame).equals(MODEL.posterior_batch(frame[["fever"]]))


def test_an_empty_table_gives_an_empty_answer():
    found = MODEL.posterior_batch(pd.DataFrame({"fever": []}))
    assert found.shape == (0, len(CAUSES) + 2)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (["id", "note"], "one column or more named after a node .* got 'id' or 'note'"),
        ([], "got no column"),
        (["fever", "fever"], "each column once, got 'fever' twice"),
        (["fever", "note", "note"], "got 'note' twice"),
        (["fever", " Fever "], "each node in one column, got 'fever' twice"),
        (["fever", "splenomegally"], "'splenomegally' is unknown; did you mean 'splenomegaly'"),
        (["fever", "serum_b21"], "did you mean 'serum_b12'"),
        (["fever", "drugs"], "did you mean 'drug'"),
        (["fever", "neutropenia"], "'neutropenia' cannot be entered, because the low count is taken as seen"),
        (["fever", "decreased_production"], "because a mechanism follows from the causes"),
    ],
)
def test_columns_that_cannot_be_taken(labels, match):
    with pytest.raises(TableError, match=match):
        checked_header(MODEL.knowledge, labels)
    with pytest.raises(TableError, match=match):
        MODEL.posterior_batch(pd.DataFrame([[""] * len(labels)], columns=labels))


def test_ordinary_columns_are_left_alone():
    labels = ["id", "name", "case", "date", "fever", "p_viral", "top", "scope", "scope_reason", 3, None, "", "Rash "]
    assert checked_header(MODEL.knowledge, labels).nodes == {"fever": 4, "rash": 12}


def test_outside_must_be_known():
    with pytest.raises(EvidenceError, match="outside"):
        MODEL.posterior_batch(pd.DataFrame({"fever": ["present"]}), "maybe")


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("fever", "fever", 0), ("fevr", "fever", 1), ("name", "age", 2), ("kitten", "sitting", 3), ("a", "abcde", 3)],
)
def test_edits_are_counted_to_three(one, other, count):
    assert edits(one, other) == edits(other, one) == count


@pytest.mark.parametrize("cells", [[3, True, 3.0, Decimal(3)], ["present", 1, True, None, {"present": 1.0}, 0, False]])
def test_equal_cells_of_different_types_are_read_apart_in_any_order(cells):
    def answers(order):
        frame = pd.DataFrame({"antibiotic_course": pd.Series([cells[place] for place in order], order, object)})
        return MODEL.posterior_batch(frame).sort_index()

    expected = pd.concat([answers([place]) for place in range(len(cells))])
    for order in (list(range(len(cells))), list(reversed(range(len(cells))))):
        pd.testing.assert_frame_equal(answers(order), expected, rtol=1e-12)
    assert expected["scope"][[isinstance(cell, bool | Decimal) for cell in cells]].eq("invalid").all()


@pytest.mark.parametrize("frame", [None, [], {"fever": ["present"]}, pd.Series(["present"], name="fever"), "fever"])
def test_only_a_data_frame_is_a_table(frame):
    with pytest.raises(TableError, match=f"Table: expected a DataFrame, got {type(frame).__name__}\\."):
        MODEL.posterior_batch(frame)


def test_an_emergency_is_not_hidden_by_a_cell_that_cannot_be_read():
    patients = [("300 /mm3", "present", "?!"), ("300 /mm3", "hot", "present"), ("1200 /mm3", "hot", "absent"),
                ("x", "present", "absent")]  # fmt: skip
    frame = pd.DataFrame(patients, columns=["anc", "fever", "rash"])
    found = MODEL.posterior_batch(frame)
    assert found["scope"].tolist() == ["refused", "refused", "invalid", "invalid"]
    first, second, third, _ = found["scope_reason"]
    assert "Emergency: fever with a count below 500" in first
    assert "rash: state '?!' is unknown" in first
    assert first.index("Emergency") < first.index("?!")
    assert "Severe neutropenia" in second
    assert "fever: state 'hot' is unknown" in second
    assert third.startswith("fever: state 'hot'")
    assert found[PROBABILITIES].isna().all(axis=None)
    assert MODEL.posterior_batch(frame, scope=False)["scope"].tolist() == ["invalid"] * 2 + ["invalid"] * 2


def test_a_row_of_a_frame_without_any_cell_is_no_patient_and_is_told():
    frame = pd.DataFrame(
        {"fever": ["present", None, " ", None], "note": [None, None, "", "x"], "n": [1.0, None, None, 2]}
    )
    found = MODEL.posterior_batch(frame)
    assert found["scope"].tolist() == ["in", "blank", "blank", "in"]
    assert found[PROBABILITIES].isna().all(axis=1).tolist() == [False, True, True, False]
    assert found.attrs["warnings"] == ["2 rows without any cell: no patient, no answer."]


def test_cells_that_are_kept_give_what_they_gave_at_first(monkeypatch):
    patients = [(f"{n % 37 * 20} pg/mL", ("female", "male", "")[n % 3], f"{9 + n % 50 / 10} g/dL") for n in range(300)]
    frame = pd.DataFrame(patients, columns=["serum_b12", "sex", "anaemia"])
    expected = MODEL.posterior_batch(frame)
    monkeypatch.setattr(patient_table, "CHUNK", 7)
    monkeypatch.setattr(column_cells, "MOST_KEPT", 3)
    pd.testing.assert_frame_equal(MODEL.posterior_batch(frame), expected, rtol=1e-12)
