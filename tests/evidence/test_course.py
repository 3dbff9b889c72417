"""The course over time, worked by hand: what a line is read as, what follows, and what counts before it."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model.__main__ import main
from model.errors import CaseFileError, EvidenceError, OutOfScope
from model.evidence import Case, read_case, read_each, read_evidence
from model.evidence.case_link import read_link, to_link
from model.evidence.course import COURSE, Count, Mark, MedicineCourse, read_course, read_event
from model.evidence.course_rules import DURATION, FOLLOWING, RECOVERY, REPEAT, TIMING, follows
from model.evidence.medicine import MEDICINES
from model.knowledge import load_knowledge

K = load_knowledge()
DAY = date(2026, 3, 12)


def on(days, rest):
    """Return a line of the day so many days after the twelfth of March."""
    return f"{DAY + timedelta(days=days)} {rest}"


def clozapine(start, stop=None, more=""):
    dates = f"from {DAY + timedelta(days=start)}" + ("" if stop is None else f" to {DAY + timedelta(days=stop)}")
    return f"clozapine {dates}{more}"


def told(*lines):
    """Return node -> state that follows, nodes without one left out, the timing among them."""
    read = read_evidence(K, {COURSE: list(lines)})
    states = {node: K.nodes[node].states[read.hard[node]] for node in FOLLOWING if node in read.hard}
    assert {each.node: each.state for each in read.course.follows if each.state} == {
        node: state for node, state in states.items() if node != TIMING
    }
    return states


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("2026-03-12 900", 900),
        ("2026-03-12: 0.9", 900),
        ("12 Mar 2026 ANC 0.9 10^9/L", 900),
        ("March 12, 2026; neutrophils 1,200 /mm3", 1200),
        ("12.03.2026 1.2 G/L", 1200),
        ("900 on 2026-03-12", 900),
        ("2026-03-12 08:30 ANC 1100 /mm3", 1100),
        ("13/03/2026 900", 900),
        ("2026-03-12 0", 0),
    ],
)
def test_a_count_is_read_in_every_way_it_is_written(line, value):
    found = read_event(K, line)
    assert isinstance(found, Count)
    assert found.value == value
    assert found.date in (DAY, DAY + timedelta(days=1))
    assert read_event(K, found.line) == Count(found.date, value, found.line)


@pytest.mark.parametrize(
    ("line", "start", "stop", "suspected"),
    [
        ("clozapine from 2026-01-20", "2026-01-20", None, False),
        ("2026-01-20 started clozapine", "2026-01-20", None, False),
        ("stopped clozapine on 2026-03-01", None, "2026-03-01", False),
        ("clozapine 2026-01-20 to 2026-03-01, suspected", "2026-01-20", "2026-03-01", True),
        ("2026-01-20 - 2026-03-01 Clozaril", "2026-01-20", "2026-03-01", False),
        ("clozapine stopped 2026-03-01, started 2026-01-20", "2026-01-20", "2026-03-01", False),
    ],
)
def test_a_medicine_has_a_start_and_a_stop(line, start, stop, suspected):
    found = read_event(K, line)
    assert isinstance(found, MedicineCourse)
    assert (found.start and str(found.start), found.stop and str(found.stop)) == (start, stop)
    assert found.named.medicine.name == "Clozapine"
    assert found.named.suspected is suspected


def test_fever_and_infections_are_marks():
    assert read_event(K, "2026-03-12 fever") == Mark(DAY, "fever", "2026-03-12 fever")
    assert read_event(K, "Influenza, 12 Mar 2026").kind == "infection"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("03/04/2026 900", "can be 2026-03-04 or 2026-04-03; write it as one of these"),
        ("2026-02-30 900", "no calendar has the day '2026-02-30'"),
        ("2026-03-12 12", "a number needs its unit"),
        ("2026-03-12 < 500", "got a bound"),
        ("2026-03-12 ANC 45 %", "the unit '%' is unknown"),
        ("2026-03-12 999999 /mm3", "expected 0 to 100000 /mm3"),
        ("900", "no date such as 2026-03-12"),
        ("2026-03-12", "expected a date and a count"),
        ("2026-03-12 no fever", "'no fever' is not in the table"),
        ("clozapin from 2026-03-12", "did you mean 'Clozapine'"),
        ("clozapine 2026-03-12", "'from 2026-03-12' or 'stopped 2026-03-12'"),
        ("clozapine 3 weeks from 2026-03-12", "expected dates alone"),
        ("clozapine 2026-03-12 to 2026-03-01", "expected a stop after the start"),
        ("2026-03-12 2026-03-13 900", "expected one date on this line, got 2"),
        ("", "got ''"),
        (12, "got 12"),
        ("2026-03-12 900 " + "x" * 300, "at most 300 characters"),
    ],
)
def test_what_is_not_certain_is_refused_with_a_sentence(line, said):
    with pytest.raises(EvidenceError) as error:
        read_event(K, line)
    assert str(error.value).startswith("course: ")
    assert said in str(error.value)


def test_a_slip_of_a_century_is_refused():
    with pytest.raises(EvidenceError, match="at most 36525 days apart"):
        read_course(K, ["1826-03-12 900", "2026-03-12 900"])


def test_one_low_count_alone_says_nothing_but_the_count():
    assert told(on(0, "1200")) == {}
    assert read_evidence(K, {COURSE: [on(0, "1200")]}).guards == {"anc": 1200.0}


def test_earlier_normal_counts():
    assert told(on(-400, "3200"), on(-200, "2400"), on(0, "1200")) == {DURATION: "earlier_normal"}
    assert told(on(-400, "3200"), on(-200, "1300"), on(-100, "2400"), on(0, "1200"))[DURATION] == "earlier_normal"
    assert DURATION not in told(on(-400, "1300"), on(-200, "2400"), on(0, "1200"))  # one of two
    assert DURATION not in told(on(-400, "1600"), on(0, "1200"))  # near the limit says neither
    assert told(on(-400, "1800"), on(0, "1200"))[DURATION] == "earlier_normal"  # from here on it is clear


def test_low_for_over_three_months_is_chronic():
    assert told(on(-93, "1300"), on(0, "1200"))[DURATION] == "chronic"
    assert DURATION not in told(on(-92, "1300"), on(0, "1200"))
    assert told(on(-400, "1300"), on(-200, "1600"), on(0, "1200"))[DURATION] == "chronic"  # one near the limit among
    assert DURATION not in told(on(-400, "1300"), on(-200, "1600"), on(-100, "1700"), on(0, "1200"))
    assert told(on(-900, "2400"), on(-400, "1300"), on(0, "1200"))[DURATION] == "earlier_normal"  # however long


def test_a_repeat_count_two_to_twelve_weeks_later():
    assert REPEAT not in told(on(-13, "1300"), on(0, "1200"))
    assert told(on(-14, "1300"), on(0, "1200"))[REPEAT] == "still_low"
    assert told(on(-84, "1300"), on(0, "1499"))[REPEAT] == "still_low"
    assert told(on(-84, "1300"), on(0, "1500"))[REPEAT] == "normal_again"
    assert REPEAT not in told(on(-85, "1300"), on(0, "1200"))
    assert told(on(-40, "1300"), on(-5, "1250"), on(0, "1200"))[REPEAT] == "still_low"


def test_a_change_in_between_is_no_repeat():
    assert REPEAT not in told(on(-28, "1300"), on(0, "2500"), clozapine(-80, -20))
    assert REPEAT not in told(on(-28, "1300"), on(0, "1200"), clozapine(-10))
    assert REPEAT not in told(on(-28, "1300"), on(0, "2500"), clozapine(-80, -60))  # stopped shortly before
    assert told(on(-28, "1300"), on(0, "1200"), clozapine(-300))[REPEAT] == "still_low"


def test_timing_is_read_against_the_window_of_the_medicine_up_to_the_first_low_count():
    assert told(on(-60, "3000"), on(0, "1200"), clozapine(-50))[TIMING] == "in_window"
    assert told(on(-60, "3000"), on(-40, "1300"), on(0, "1200"), clozapine(-45))[TIMING] == "outside"  # 5 days
    assert told(on(-60, "1300"), on(0, "1200"), clozapine(-30))[TIMING] == "outside"  # low already
    assert told(on(0, "1200"), clozapine(0))[TIMING] == "outside"  # begun on that day
    assert (
        "begun after the low count" in read_evidence(K, {COURSE: [on(0, "1200"), clozapine(0)]}).medicines[0].sentence
    )
    assert told(on(0, "1200"), clozapine(-400))[TIMING] == "outside"
    assert TIMING not in told(on(0, "1200"), clozapine(-160))  # past its window, not yet half a year


def test_a_medicine_stopped_long_before_does_not_count():
    long_before = read_evidence(K, {COURSE: [on(0, "1200"), clozapine(-400, -200)]})
    assert "other_culprit_drug" not in long_before.hard
    assert long_before.medicines == ()
    assert "does not count as taken" in long_before.notices[0]
    shortly = read_evidence(K, {COURSE: [on(0, "1200"), clozapine(-400, -30)]})
    assert K.nodes["other_culprit_drug"].states[shortly.hard["other_culprit_drug"]] == "frequent"
    within_window = read_evidence(K, {COURSE: [on(0, "1200"), clozapine(-120, -80)]})
    assert "other_culprit_drug" in within_window.hard


def test_recovery_after_stopping():
    low = (on(-90, "3000"), on(-28, "1100"))
    assert told(*low, clozapine(-80, -27), on(0, "2500"))[RECOVERY] == "present"
    assert told(*low, clozapine(-80, -27), on(29, "2500"))[RECOVERY] == "present"  # 56 days after the stop
    assert RECOVERY not in told(*low, clozapine(-80, -27), on(30, "2500"))
    assert told(*low, clozapine(-80, -27), on(3, "1200"))[RECOVERY] == "absent"
    assert RECOVERY not in told(*low, clozapine(-80, -27), on(2, "1200"))  # 29 days are too early
    assert RECOVERY not in told(*low, clozapine(-80), on(0, "2500"))  # never stopped
    assert RECOVERY not in told(*low, clozapine(-20, -10), on(0, "2500"))  # begun when low already
    assert RECOVERY not in told(*low, clozapine(-80, -27), clozapine(-20), on(0, "2500"))  # taken again
    both = (*low, clozapine(-80, -27), "carbamazepine from 2026-01-01 to 2026-02-14, suspected")
    assert told(*both, on(0, "2500"))[RECOVERY] == "present"
    assert "Carbamazepine" in read_evidence(K, {COURSE: [*both, on(0, "2500")]}).course.of(RECOVERY).said


def test_absent_only_where_it_holds_of_every_medicine_that_was_stopped():
    low = (on(-60, "1100"), clozapine(-90, -40), on(0, "1200"))
    assert told(*low)[RECOVERY] == "absent"
    assert RECOVERY not in told(*low, "carbamazepine from 2025-12-01 to 2026-03-01")
    assert RECOVERY not in told(*low, "amoxicillin from 2025-12-20 to 2026-03-01")


def test_fever_within_two_weeks_of_the_count():
    assert told(on(0, "1200"), on(-14, "fever"))["fever"] == "present"
    assert "fever" not in told(on(0, "1200"), on(-15, "fever"))
    assert told(on(0, "1200"), on(3, "fever"))["fever"] == "present"


def test_the_count_in_question():
    def asked(*lines):
        return follows(K, read_course(K, list(lines))).count.value

    assert asked(on(0, "1200"), on(-30, "1400")) == 1200
    assert asked(on(-30, "1400"), on(0, "2500")) == 1400  # its repeat
    assert asked(on(-100, "1400"), on(0, "2500")) == 2500
    assert asked(on(-100, "1400"), clozapine(-200, -50), on(0, "2500")) == 1400  # its recovery
    assert asked(on(0, "1200"), on(0, "1400")) == 1200  # the lowest of one day
    assert "2 counts are of 2026-03-12" in read_evidence(K, {COURSE: [on(0, "1200"), on(0, "1400")]}).notices[0]


def test_what_is_answered_counts_before_what_follows_and_that_is_told():
    course = [on(-93, "1300"), on(0, "1200")]
    read = read_evidence(K, {COURSE: course, DURATION: "lifelong", "anc": "1100 /mm3"})
    assert K.nodes[DURATION].states[read.hard[DURATION]] == "lifelong"
    assert read.guards["anc"] == 1100
    assert any("chronic" in said and "“lifelong” was answered, and counts" in said for said in read.notices)
    assert any(said.startswith("anc: 1100 /mm3 was entered, and the course has 1200 /mm3") for said in read.notices)
    assert read_evidence(K, {COURSE: course, DURATION: "chronic", "anc": "1.2 10^9/L"}).notices == ()
    timed = read_evidence(K, {COURSE: [on(0, "1200"), clozapine(-50)], TIMING: "outside"})
    assert timed.hard[TIMING] == 0
    assert "what was entered counts" in timed.notices[-1]


def test_a_medicine_and_an_answer_that_cannot_both_be_true_are_named():
    entries = {COURSE: [on(0, "1200"), clozapine(-50)], "other_culprit_drug": "absent", "fever": "absent"}
    with pytest.raises(EvidenceError, match="other_culprit_drug: 'absent' was entered, and the medicine"):
        read_evidence(K, entries)
    read, unread = read_each(K, entries)
    assert {each.node for each in unread} == {COURSE, "other_culprit_drug"}
    assert read.guards == {"anc": 1200.0}
    assert "fever" in read.hard


def test_a_line_that_may_be_a_count_is_in_the_way_of_any_answer():
    read, unread = read_each(K, {COURSE: ["2026-03-12 1200", "03/04/2026 300", "clozapin from 2026-01-01"]})
    assert [(each.given, each.guard) for each in unread] == [
        ("03/04/2026 300", True),
        ("clozapin from 2026-01-01", False),
    ]
    assert read.guards == {"anc": 1200.0}
    case, warnings = read_case('{"schema": 1, "evidence": {"course": ["2026-03-12 1200", "x from 2026-01-01"]}}', K)
    assert case.evidence == {COURSE: ["2026-03-12 1200"]}
    assert case.entries == {COURSE: ["2026-03-12 1200", "x from 2026-01-01"]}
    assert "not in the table" in warnings[0]
    with pytest.raises(EvidenceError, match="can be 2026-03-04 or 2026-04-03"):
        model.load().posterior({COURSE: ["03/04/2026 300"]})


def test_the_scope_guard_has_the_counts_of_the_course():
    with pytest.raises(OutOfScope, match="300 /mm3"):
        model.load().posterior({COURSE: [on(0, "300")]})
    with pytest.raises(OutOfScope, match="Emergency"):
        model.load().posterior({COURSE: [on(0, "300"), on(-2, "fever")]})
    with pytest.raises(OutOfScope, match="not below 1500"):
        model.load().posterior({COURSE: [on(0, "2300")]})


EVERYTHING = {
    COURSE: [
        on(-400, "3200"), on(-60, "2900"), on(-28, "1100"), on(0, "2500"), clozapine(-80, -27, ", suspected"),
        on(-30, "fever"), on(-35, "influenza"),
    ],
    "age": "52 years", MEDICINES: ["mtx 2 y"],
}  # fmt: skip


def test_states_that_follow_count_like_answers():
    loaded = model.load()
    said = told(*EVERYTHING[COURSE])
    assert said == {DURATION: "earlier_normal", RECOVERY: "present", TIMING: "in_window", "fever": "present"}
    by_hand = {**said, "anc": "1100 /mm3", "other_culprit_drug": "frequent", "age": "52 years", MEDICINES: ["mtx 2 y"]}
    assert loaded.posterior(EVERYTHING).acting == loaded.posterior(by_hand).acting


def test_a_link_holds_what_follows_and_no_date():
    loaded = model.load()
    token = to_link(Case(loaded.setting, EVERYTHING), K, loaded.hash)
    assert COURSE not in token
    assert "2026" not in token.replace(loaded.hash, "")
    assert "2025" not in token.replace(loaded.hash, "")
    case, warnings = read_link(token, K, loaded.hash)
    assert warnings == ()
    assert loaded.posterior(case.evidence).acting == loaded.posterior(EVERYTHING).acting
    assert to_link(case, K, loaded.hash) == token


def test_a_case_file_keeps_the_course_as_it_was_typed():
    loaded = model.load()
    case = Case(loaded.setting, EVERYTHING)
    again, warnings = read_case(case.to_json(loaded.hash), K, loaded.hash)
    assert (again, warnings) == (case, ())


@pytest.mark.parametrize("value", [3, {"a": 1}, ["2026-03-12 900"] * 301])
def test_a_course_that_is_no_list_of_lines_is_kept_and_answers_nothing(value):
    with pytest.raises(EvidenceError, match="^course: "):
        read_evidence(K, {COURSE: value})
    assert read_each(K, {COURSE: value})[1][0].guard


def test_twice_is_refused():
    with pytest.raises(EvidenceError, match="once"):
        read_evidence(K, {COURSE: ["2026-03-12 900"], "Course ": []})
    with pytest.raises(CaseFileError, match="once"):
        read_case('{"schema": 1, "evidence": {"course": [], "Course": []}}', K)


line = st.one_of(
    st.builds(lambda day, value: on(day, f"{value} /mm3"), st.integers(-500, 0), st.integers(500, 4000)),
    st.builds(
        lambda name, start, days, more: f"{name} from {DAY + timedelta(days=start)} to "
        f"{DAY + timedelta(days=start + days)}{more}",
        st.sampled_from(["clozapine", "carbamazepine", "amoxicillin", "mtx"]), st.integers(-500, 0),
        st.integers(0, 300), st.sampled_from(["", ", suspected"]),
    ),
    st.builds(on, st.integers(-500, 0), st.sampled_from(["fever", "flu"])),
)  # fmt: skip
lines = st.lists(line, min_size=1, max_size=9)


@settings(deadline=None, max_examples=150)
@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_matter(entered, random):
    shuffled = list(entered)
    random.shuffle(shuffled)
    one, other = (read_evidence(K, {COURSE: each}) for each in (entered, shuffled))
    assert one.key == other.key
    assert one.course.follows == other.course.follows


@settings(deadline=None, max_examples=150)
@given(lines)
def test_a_link_gives_the_same_evidence_without_dates(entered):
    loaded = model.load()
    token = to_link(Case(loaded.setting, {COURSE: entered}), K, loaded.hash)
    again, warnings = read_link(token, K, loaded.hash)
    assert warnings == ()
    was, now = read_evidence(K, {COURSE: entered}), read_evidence(K, again.evidence)
    assert was.key == now.key


@settings(deadline=None, max_examples=100)
@given(lines, st.integers(1, 60))
def test_the_same_course_on_other_days_says_the_same(entered, later):
    """Only what lies between dates matters, never the dates."""
    moved = [_later(each, later) for each in entered]
    one, other = (read_evidence(K, {COURSE: each}) for each in (entered, moved))
    assert one.key == other.key


def _later(text, days):
    words = text.split(" ")
    for place, word in enumerate(words):
        end = "," if word.endswith(",") else ""
        if word.count("-") == 2:
            words[place] = f"{date.fromisoformat(word.rstrip(',')) + timedelta(days=days)}{end}"
    return " ".join(words)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(-500, -1), st.integers(500, 4000)), max_size=6), st.integers(500, 1400), st.data()
)
def test_lower_counts_never_make_earlier_counts_normal_and_higher_ones_never_chronic(before, last, data):
    entered = [on(day, f"{value}") for day, value in dict(before).items()]
    lower = [on(day, f"{value - data.draw(st.integers(0, value - 500))}") for day, value in dict(before).items()]
    now = on(0, str(last))
    high, low = told(*entered, now).get(DURATION), told(*lower, now).get(DURATION)
    assert not (low == "earlier_normal" and high == "chronic")
    assert not (high is None and low == "earlier_normal")


def test_a_line_of_the_command_is_read_as_well(capsys):
    assert main(["posterior", "--json", "--set", f"course={on(-93, '1300')}; {on(0, '1200')}"]) == 0
    assert '"chronic"' in capsys.readouterr().out
