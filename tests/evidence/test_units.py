"""Numbers with units: known answers on a small table made by hand, and properties on the real tables."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError, KnowledgeError, as_number
from model.evidence import parse_quantity, units_of
from model.evidence.numerals import certain, readings
from model.evidence.units import Measurement, lab_likelihood
from model.knowledge import load_knowledge
from model.knowledge.rows import Unit
from tests.evidence.test_scope import lab, small_knowledge

REAL = load_knowledge()
NUMERIC = tuple(dict.fromkeys(unit.node for unit in REAL.units))
LIMITS = [(row.node, row.limit, row.width or 0.0, row.sex) for row in REAL.labs if row.limit is not None]
LABS = tuple(dict.fromkeys(row[0] for row in LIMITS))
SOFT = tuple(dict.fromkeys(row[0] for row in LIMITS if row[2]))
SEX = {"anaemia": "female"}


KNOWLEDGE = load_knowledge()
SMALL = small_knowledge()


@pytest.mark.parametrize(
    ("node_id", "value", "canonical"),
    [
        ("iron", "150 mg", 150.0), ("iron", "150mg", 150.0), ("iron", "  0.2 G ", 200.0), ("iron", ".1 gram", 100.0),
        ("anc", "2.5 x10^9/L", 2500.0), ("anc", "2.5×10⁹/L", 2500.0), ("anc", "2.5 * 10**9 / l", 2500.0),
        ("anc", "2.5 x 10*3/c", 2500.0), ("anc", "2,500 /c", 2500.0), ("anc", "2,500.5 /c", 2500.5),
        ("anc", "2 C", 2000.0), ("anc", "2500.0 cells/c", 2500.0), ("zinc", "12 μ", 12.0), ("zinc", "12 µ", 12.0),
        ("course", 14, 14.0), ("course", "14", 14.0), ("course", "2 weeks", 14.0), ("course", np.int64(3), 3.0),
        ("age", 40, 40.0), ("age", np.float64(40.5), 40.5), ("zinc", 250, 250.0), ("size", "１２.５", 12.5),
        ("zinc", "< 100 u", math.nextafter(100.0, 0)), ("zinc", "<=100 u", 100.0), ("zinc", "≥ 500 u", 500.0),
        ("iron", "1,5 mg", 1.5), ("iron", "0,2 g", 200.0), ("iron", ",1 gram", 100.0), ("iron", "0,300 g", 300.0),
        ("anc", "2,5 C", 2500.0), ("anc", "2.500,5 /c", 2500.5), ("zinc", "< 99,5 u", math.nextafter(99.5, 0)),
        ("anc", "1.234 C", 1234.0), ("size", "12,75", 12.75), ("zinc", 1.234, 1.234),
        ("anc", "<900 /c", math.nextafter(900.0, 0)), ("anc", "> 3 C", math.nextafter(3000.0, math.inf)),
    ],
)  # fmt: skip
def test_a_quantity_is_read_into_the_canonical_unit(node_id, value, canonical):
    assert parse_quantity(SMALL, node_id, value).canonical == canonical


@pytest.mark.parametrize(
    ("node_id", "value", "message"),
    [
        ("iron", 150, r"iron: a number needs its unit, got 150; allowed is 'mg' or 'g'\."),
        ("iron", "150", "iron: a number needs its unit"),
        ("iron", "150 kg", r"iron: the unit 'kg' is unknown, got '150 kg'; allowed is 'mg' or 'g'\."),
        ("iron", "1.2.3 mg", r"iron: expected digits with one decimal mark, a point or a comma, got '1\.2\.3 mg'\."),
        ("iron", "1,2,3 mg", "expected digits with one decimal mark"), ("iron", "2, mg", "with one decimal mark"),
        ("iron", "mg 150", "iron: expected a number with its unit, got 'mg 150'; allowed"),
        ("iron", True, "iron: expected a number with its unit, got True"),
        ("iron", None, "iron: expected a number with its unit, got None"),
        ("zinc", math.nan, "zinc: expected a finite number, got nan; leave the key out"),
        ("zinc", math.inf, "zinc: expected a finite number, got inf"),
        ("zinc", 10**400, "zinc: expected a finite number, got inf"), ("zinc", "9" * 400, "zinc: expected 1 to 900 u"),
        ("zinc", "nan", "zinc: expected a number with its unit, got 'nan'"),
        ("zinc", -5, "zinc: expected 1 to 900 u, got -5"), ("zinc", "\N{MINUS SIGN}5 u", "zinc: expected 1 to 900 u"),
        ("iron", "1,200 mg", r"iron: the comma in '1,200 mg' can be read in two ways; write '1\.2' or '1200'\."),
        ("iron", "1,234 mg", r"two ways; write '1\.2340' or '1234'\."),
        ("anc", "1,200 C", "anc: the comma in '1,200 C' can be read in two ways"),
        ("anc", "12,00 /c", "anc: expected a whole number of /c, got '12,00 /c'; 12 C would be plausible"),
        ("anc", "0,300 /c", "anc: expected a whole number of /c"),
        ("anc", "2500 C", r"anc: expected 0 to 50 C, got '2500 C'; 2500 /c would be plausible, so check the unit\."),
        ("anc", "2.5 /c", r"anc: expected a whole number of /c, got '2.5 /c'; 2.5 C would be plausible"),
        ("anc", "2.500 /c", "anc: expected a whole number of /c"),
        ("anc", "1 103 /c", "anc: the unit '103 /c' is unknown"), ("anc", "1 10⁹", r"anc: the unit '10\^9' is unknown"),
        ("iron", "2 mg-", "unit 'mg-' is unknown"),
        ("iron", "0.5 mg", r"iron: expected 1 to 900 mg, got '0.5 mg'; 0.5 g would be plausible, so check the unit\."),
        ("size", "0.5", r"size: expected 1 to 900 fl, got '0.5'\."),
        ("zinc", "< 250 u", "zinc: expected a bound that leaves one state, got '< 250 u'; give the number"),
        ("zinc", "> 100 u", "zinc: expected a bound that leaves one state"),
        ("course", "< 20 days", "course: expected a bound that leaves one state"),
        ("course", "< 0 days", "course: expected a bound that leaves one state"),
        ("anc", "< 1000 /c", "anc: expected a bound that leaves one rule of the scope guard"),
        ("anc", "<= 900 /c", "anc: expected a bound that leaves one rule of the scope guard"),
        ("anc", "> 2 C", "anc: expected a bound that leaves one rule of the scope guard"),
        ("sneezing", "3 mg", "sneezing: expected a state, got '3 mg'; this node takes no number"),
        ("nobody", 3, "nobody: expected a state"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_reason(node_id, value, message):
    with pytest.raises(EvidenceError, match=message):
        parse_quantity(SMALL, node_id, value)


@pytest.mark.parametrize("value", ["< 171 u", "> 344 u", "<= 171 u", ">= 344 u"])
def test_a_bound_beyond_the_last_limit_counts_as_the_number_at_it(value):
    bounded, number = (parse_quantity(SMALL, "zinc", each) for each in (value, value.strip("<>= ")))
    reading, plain = lab_likelihood(SMALL, bounded), lab_likelihood(SMALL, number)
    assert reading.state is None
    assert reading.likelihood == pytest.approx(plain.likelihood)
    assert reading.sentence.startswith(f"{plain.sentence.partition(':')[0].replace(str(number), str(bounded))}:")
    assert "counted as the number at its bound, which is the least it can say" in reading.sentence
    assert "bound" not in plain.sentence


@given(st.floats(25, 199), st.floats(0, 1))
def test_a_bounded_result_says_no_more_than_any_value_it_leaves(bound, part):
    value = 20 + part * (bound - 20)
    low = KNOWLEDGE.nodes["serum_b12"].states.index("low")

    def share(text):
        weights = lab_likelihood(KNOWLEDGE, parse_quantity(KNOWLEDGE, "serum_b12", text)).likelihood
        return weights[low] / sum(weights)

    assert share(f"<{bound:.4f} pg/mL") <= share(f"{value:.4f} pg/mL") + 1e-6


@pytest.mark.parametrize(
    ("digits", "numbers"),
    [
        ("12", ("12",)), ("2.8", ("2.8",)), ("2,8", ("2.8",)), ("2.", ("2.",)), ("2,", ()), (",5", (".5",)),
        ("1,200", ("1.200", "1200")), ("1.200", ("1.200", "1200")), ("0,300", ("0.300",)), ("1234,567", ("1234.567",)),
        ("1,2345", ("1.2345",)), ("1,234,567", ("1234567",)), ("1.234.567", ("1234567",)), ("1,23,456", ()),
        ("1,234.5", ("1234.5",)), ("1.234,567", ("1234.567",)), ("1,2.3", ()), ("1.2,3.4", ()), ("", ()), ("x", ()),
    ],
)  # fmt: skip
def test_digits_with_marks_stand_for_these_numbers(digits, numbers):
    assert readings(digits) == numbers


@given(st.integers(0, 10**7), st.integers(0, 5))
def test_both_decimal_marks_are_alike_and_what_is_written_is_read_in_one_way(number, places):
    decimal = f"{number / 10**places:.{places}f}"
    assert readings(decimal) == readings(decimal.replace(".", ","))
    assert [float(read) for read in readings(certain(decimal))] == [float(decimal)]


def test_a_point_may_part_thousands_only_where_that_is_plausible():
    assert parse_quantity(REAL, "anaemia", "11.234 g/dL").canonical == 11.234
    with pytest.raises(EvidenceError, match=r"the point in '1\.500 10\^9/L' can be read in two ways; write '1\.5' or"):
        parse_quantity(REAL, "thrombocytopenia", "1.500 10^9/L")
    assert parse_quantity(REAL, "thrombocytopenia", "1.5000 10^9/L").canonical == 1.5


def likelihood_of(knowledge, node_id, value, sex=None):
    return lab_likelihood(knowledge, parse_quantity(knowledge, node_id, value), sex)


def test_one_limit_gives_the_sigmoid():
    below = 1 / (1 + math.exp((56 - 50) / 5))
    assert likelihood_of(SMALL, "iron", "56 mg").likelihood == pytest.approx((1.0, below / (1 - below)), rel=1e-12)
    assert likelihood_of(SMALL, "size", 71).likelihood == pytest.approx((math.exp(-0.5), 1.0), rel=1e-12)


def test_two_limits_give_the_differences_of_two_sigmoids():
    labs = [row for row in REAL.labs if row.node == "serum_b12"]
    assert sorted((row.limit, row.width) for row in labs) == [(200, 30), (300, 45)]  # both are near 230
    low, borderline_or_low = 1 / (1 + math.exp((230 - 200) / 30)), 1 / (1 + math.exp((230 - 300) / 45))
    weights = np.array([1 - borderline_or_low, borderline_or_low - low, low])
    found = likelihood_of(REAL, "serum_b12", "230 pg/mL")
    assert found.likelihood == pytest.approx(weights / weights.max(), rel=1e-9)


def test_a_limit_further_than_three_widths_away_adds_nothing():
    low = 1 / (1 + math.exp((225 - 200) / 10))  # 300 is five widths of its own above
    assert likelihood_of(SMALL, "zinc", 225).likelihood == pytest.approx((0.0, 1.0, low / (1 - low)), rel=1e-9)
    assert likelihood_of(REAL, "monocytes", "0.2 10^9/L").likelihood == (1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("node_id", "value", "state"),
    [
        ("iron", "65.01 mg", 0), ("iron", "34.99 mg", 1), ("size", 76.01, 1), ("size", 63.99, 0),
        ("zinc", 345.01, 0), ("zinc", 169.99, 2), ("zinc", 240, 1), ("zinc", "<50", 2), ("zinc", "> 400 u", 0),
        ("course", 0, 0), ("course", 0.5, 1), ("course", 19.9, 1), ("course", 20, 2), ("course", 21, 2),
        ("course", "3 weeks", 2), ("course", ">= 20", 2), ("course", "> 20", 2),
    ],
)  # fmt: skip
def test_beyond_three_widths_the_number_is_the_state(node_id, value, state):
    reading = likelihood_of(SMALL, node_id, value)
    assert reading.state == state
    assert reading.likelihood == tuple(float(index == state) for index in range(len(reading.likelihood)))


@pytest.mark.parametrize(("node_id", "value"), [("iron", "65 mg"), ("iron", "35 mg"), ("zinc", 345), ("zinc", 170)])
def test_at_three_widths_the_number_is_still_soft(node_id, value):
    reading = likelihood_of(SMALL, node_id, value)
    assert (reading.state, sorted(reading.likelihood)[-2]) == (None, pytest.approx(0.05, abs=0.01))


def test_the_limit_depends_on_the_sex():
    assert likelihood_of(SMALL, "pallor", "12.5 p", "female").likelihood == pytest.approx((1.0, math.exp(-2.5)))
    assert likelihood_of(SMALL, "pallor", "12.5 p", "male").likelihood == pytest.approx((math.exp(-1.5), 1.0))
    for sex in (None, "x"):
        with pytest.raises(EvidenceError, match=r"pallor: the limit .* depends on the sex.*'female' or 'male'"):
            likelihood_of(SMALL, "pallor", "12.5 p", sex)


@pytest.mark.parametrize(
    ("node_id", "value", "sex", "sentence"),
    [
        ("pallor", "13.6 p", "male", "13.6 p in a man: present 0.60, absent 0.40 (limit 14)"),
        ("pallor", "136 q", "male", "136 q in a man: present 0.60, absent 0.40 (limit 140)"),
        ("pallor", "7 p", "female", "7 p in a woman: present 0.95, absent 0.05 (limit 10)"),
        ("zinc", "<50", None, "< 50 u: low (limits 200 and 300)"),
        ("zinc", 200, None, "200 u: low 0.50, borderline 0.50 (limits 200 and 300)"),
    ],
)
def test_the_sentence_says_what_the_number_was_read_as(node_id, value, sex, sentence):
    assert likelihood_of(SMALL, node_id, value, sex).sentence == f"The {node_id} {sentence}"


def test_what_takes_a_number_and_what_a_likelihood():
    with pytest.raises(EvidenceError, match="anc: expected a node with limits, got 2500 /c"):
        likelihood_of(SMALL, "anc", "2500 /c")
    assert (units_of(SMALL, "iron"), units_of(SMALL, "sneezing")) == (("mg", "g"), ())
    assert [as_number(value) for value in (True, "1", None, 2, np.float32(0.5))] == [None, None, None, 2.0, 0.5]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": (*SMALL.units, Unit("iron", "t", 1e9, ("MGS",)))}, "'MGS' of 'iron' stands for two units"),
        ({"units": SMALL.units[3:]}, "unit 'mg' of 'iron' has no row"),
        ({"labs": (*SMALL.labs, lab("iron", "mg", 80.0, "low", "below", width=1.0))}, "limits of 'iron' do not give"),
        ({"labs": (*SMALL.labs, lab("iron", "mg", None, plausible_low=2.0))}, "one plausible range for 'iron'"),
        ({"labs": (replace(SMALL.labs[3], width=None), *SMALL.labs[:3], *SMALL.labs[4:])}, "limits of 'zinc' do not"),
    ],
)  # fmt: skip
def test_a_broken_table_is_named(change, message):
    with pytest.raises(KnowledgeError, match=message):
        parse_quantity(replace(SMALL, **change), "iron", "1 mg")


# The real tables


def plausible(node_id: str) -> tuple[float, float]:
    return next((row.plausible_low, row.plausible_high) for row in REAL.labs if row.node == node_id)


@pytest.mark.parametrize("unit", REAL.units, ids=lambda unit: f"{unit.node} {unit.unit}")
def test_every_spelling_means_the_same(unit):
    low, high = plausible(unit.node)
    middle = math.sqrt(max(low, high / 100) * high) / unit.factor
    value = f"{middle:.0f}" if middle >= 10 else f"{middle:.1f}"
    expected = float(value) * unit.factor
    for spelling in (unit.unit, *unit.spellings):
        joined = "" if spelling[0].isdigit() else f"{value}{spelling}"  # a power would join the number
        for text in filter(None, (f"{value} {spelling}", f" {value}  {spelling.upper()} ", joined)):
            measurement = parse_quantity(REAL, unit.node, text)
            assert (measurement.unit, measurement.canonical) == (unit.unit, expected), text


@pytest.mark.parametrize(
    ("node_id", "value", "canonical"),
    [
        ("serum_b12", "200 pmol/L", 271.08), ("serum_folate", "10 nmol/L", 4.414), ("serum_copper", "11 umol/L", 69.9),
        ("serum_copper", "0.7 mg/L", 70), ("anaemia", "126 g/L", 12.6), ("anaemia", "8 mmol/L", 12.89),
        ("thrombocytopenia", "150,000 /mm3", 150), ("thrombocytopenia", "150 K/uL", 150), ("anc", "1.2 G/L", 1200),
        ("anc", "1,200/mm³", 1200), ("serum_folate", "2,8 ng/mL", 2.8), ("anc", "0,3 10^9/L", 300),
        ("antibiotic_course", "2 weeks", 14), ("age", "45 y", 45),
    ],
)  # fmt: skip
def test_known_conversions(node_id, value, canonical):
    assert parse_quantity(REAL, node_id, value).canonical == pytest.approx(canonical, rel=1e-3)


@pytest.mark.parametrize(
    ("node_id", "value", "state"),
    [
        ("serum_b12", "60 pg/mL", "low"), ("serum_b12", "800 pmol/L", "normal"), ("serum_folate", "1 ng/mL", "low"),
        ("serum_copper", "20 umol/L", "normal"), ("macrocytosis", 120, "present"), ("macrocytosis", 88, "absent"),
        ("thrombocytopenia", "90 10^9/L", "present"), ("antibiotic_course", 0, "none"),
        ("antibiotic_course", 13, "up_to_2_weeks"), ("antibiotic_course", 14, "over_2_weeks"),
        ("anaemia", "10 g/dL", "present"), ("anaemia", "15 g/dL", "absent"),
    ],
)  # fmt: skip
def test_known_states(node_id, value, state):
    assert likelihood_of(REAL, node_id, value, SEX.get(node_id)).state == REAL.nodes[node_id].states.index(state)


def test_haemoglobin_in_a_man():
    limit, width = next(row[1:3] for row in LIMITS if row[0] == "anaemia" and row[3] == "male")
    reading = likelihood_of(REAL, "anaemia", f"{limit - width} g/dL", "male")
    assert reading.likelihood == pytest.approx((math.exp(-1), 1.0), rel=1e-9)
    assert reading.sentence == "Haemoglobin 12.6 g/dL in a man: present 0.73, absent 0.27 (limit 13)"


def values_of(node_id):
    low, high = plausible(node_id)
    limits = [(limit, 5 * (width or 1)) for one, limit, width, _ in LIMITS if one == node_id]
    near = [st.floats(max(low, limit - reach), limit + reach) for limit, reach in limits]
    return st.one_of(*near, st.floats(low, high))


@pytest.mark.parametrize("node_id", SOFT)
@given(data=st.data())
@settings(max_examples=60)
def test_the_unit_does_not_change_the_likelihood(node_id, data):
    value, units = data.draw(values_of(node_id)), [row for row in REAL.units if row.node == node_id]
    low, high = plausible(node_id)
    value = min(max(value, low * (1 + 1e-9)), high * (1 - 1e-9))
    for one, limit, width, _ in LIMITS:  # where soft turns into hard, the last digit decides
        assume(one != node_id or abs(abs(value - limit) - 3 * width) > 1e-6 * limit)
    texts = [f"{value / unit.factor:.17f} {unit.unit}" for unit in units if unit.unit != "/mm3"]  # whole numbers only
    measurements = [parse_quantity(REAL, node_id, text) for text in texts]
    readings = [lab_likelihood(REAL, one, SEX.get(node_id)) for one in measurements]
    for measurement, reading in zip(measurements, readings, strict=True):
        assert measurement.canonical == pytest.approx(value, rel=1e-9)
        assert reading.state == readings[0].state
        assert reading.likelihood == pytest.approx(readings[0].likelihood, abs=1e-9)


@pytest.mark.parametrize("node_id", LABS)
@given(data=st.data())
@settings(max_examples=100)
def test_a_higher_value_moves_the_likelihood_one_way(node_id, data):
    unit, sex = units_of(REAL, node_id)[0], SEX.get(node_id)
    first, second = sorted(data.draw(st.tuples(values_of(node_id), values_of(node_id))))
    ends = [likelihood_of(REAL, node_id, f"{end:f} {unit}", sex).likelihood.index(1.0) for end in plausible(node_id)]
    lower, upper = (likelihood_of(REAL, node_id, f"{value:.17f} {unit}", sex).likelihood for value in (first, second))
    assert lower[ends[0]] / sum(lower) >= upper[ends[0]] / sum(upper) - 1e-12
    assert lower[ends[1]] / sum(lower) <= upper[ends[1]] / sum(upper) + 1e-12
    assert max(lower) == max(upper) == 1.0
    assert min(*lower, *upper) >= 0.0


@pytest.mark.parametrize("node_id", SOFT)
@given(data=st.data())
@settings(max_examples=60, deadline=None)  # each example reads the tables again
def test_soft_tends_to_hard_as_the_width_shrinks(node_id, data):
    value, unit, sex = data.draw(values_of(node_id)), units_of(REAL, node_id)[0], SEX.get(node_id)
    assume(all(one != node_id or abs(value - limit) > 1e-6 * limit for one, limit, *_ in LIMITS))
    readings = []
    for shrink in (1.0, 0.25, 1e-8):
        sharp = replace(REAL, labs=tuple(replace(row, width=shrink * (row.width or 0)) for row in REAL.labs))
        readings.append(likelihood_of(sharp, node_id, f"{value:.17f} {unit}", sex))
    assert readings[-1].state is not None
    final = readings[-1].state
    shares = [reading.likelihood[final] / sum(reading.likelihood) for reading in readings]
    assert shares[0] <= shares[1] + 1e-9
    assert shares[2] == 1.0


FRAGMENTS = ("1", "200", ".", ",", "-", "<", "> ", "≤", "e", "x", "10^9/L", " pg/mL", "/mm3", "⁹", "µ", "nan", "٣")


@pytest.mark.parametrize("node_id", NUMERIC)
@given(text=st.text(max_size=12) | st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join))
@settings(max_examples=150)
def test_garbage_is_never_more_than_an_evidence_error(node_id, text):
    (low, high), outcome = plausible(node_id), attempt(node_id, text)
    if isinstance(outcome, EvidenceError):
        assert str(outcome).startswith(f"{node_id}: ")
        assert str(outcome).endswith(".")
    else:
        assert math.nextafter(low, 0) <= outcome.canonical <= math.nextafter(high, math.inf)


def attempt(node_id: str, text: str) -> Measurement | EvidenceError:
    try:
        return parse_quantity(REAL, node_id, text)
    except EvidenceError as error:
        return error


@pytest.mark.parametrize(("text", "count"), [("300.0 /mm3", 300.0), ("1400.00 /mm3", 1400.0)])
def test_a_whole_count_with_a_zero_behind_the_point_is_whole(text, count):
    assert parse_quantity(REAL, "anc", text).canonical == count


@pytest.mark.parametrize("text", ["1.0 /mm3", "1.000 /mm3", "1.2 /mm3", "12.5 /mm3"])
def test_a_count_that_may_be_of_another_unit_is_asked_about(text):
    with pytest.raises(EvidenceError, match="check the unit|can be"):
        parse_quantity(REAL, "anc", text)
