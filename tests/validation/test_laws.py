"""Clinical laws: they come out as the tables say, and the checker finds what is planted."""

import re
import shutil
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

import model
from model.errors import ExportError, ImpossibleEvidence, KnowledgeError
from model.inference import Engine
from model.inference.batch import BatchEngine
from model.knowledge import data_folder, load_knowledge
from model.validation import check_laws
from model.validation.laws.check import entered
from model.validation.laws.exceptions import found_exceptions, write_exceptions
from model.validation.laws.lattice import Lattice
from model.validation.laws.table import Check, Listed, read_laws
from model.validation.laws.text import laws_table
from tests.oracles.random_networks import random_network

KNOWLEDGE = load_knowledge()
TABLE = read_laws(KNOWLEDGE)
SMALL = dict.fromkeys(("fever", "duration", "rheumatoid_arthritis"), "")


def some(*laws, lattice=SMALL, exceptions=()):
    """The table with these laws alone, on a small lattice, nothing beyond it."""
    chosen = tuple(replace(law, also=()) for law in TABLE.laws if law.id in laws)
    return replace(TABLE, laws=chosen, lattice=lattice, held=(), exceptions=exceptions)


@cache
def whole(setting):
    """The report of one setting on the whole lattice, and how its progress was told."""
    seen = []
    return check_laws(model.load(setting), progress=lambda done, _: seen.append(done)), seen


def test_laws_hold_and_fail_exactly_as_listed(any_model):
    report, seen = whole(any_model.setting)
    assert [f"{c.law}: {c.check}: {c.violations} against it, listed: {c.listed!r}" for c in report.surprises] == []
    assert all(check.violations == 0 for check in report.checks if check.must)
    assert report.by_law["patterns"].sum() > 2_000_000
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    frame = report.frame
    assert len(frame) == sum(len(law.checks) for law in TABLE.laws)
    assert (frame["setting"] == any_model.setting).all()


def probability(asked, evidence, cause, state):
    """By the plain posterior of one patient; None where the entries exclude each other."""
    try:
        answer = asked.posterior(evidence)
    except ImpossibleEvidence:
        return None
    return float(answer.states[cause, state]) if state else answer.acting[cause]


@pytest.mark.parametrize(
    "law", ["linked_finding", "rule_out_with_findings", "more_is_more", "rule_out", "benign_with_findings"]
)
def test_violations_are_those_of_a_loop_over_plain_posteriors(law):
    asked = model.load("primary_care")
    (stated,) = some(law).laws
    checks = stated.checks[:6]
    table = replace(some(law), laws=(replace(stated, checks=checks),))
    report = check_laws(asked, table)
    failing = 0
    for check, found in zip(checks, report.checks, strict=True):
        nodes = [n for n in (*SMALL, *stated.answered) if n not in {n for n, _ in (*check.entered, *check.instead)}]
        nodes = list(dict.fromkeys(nodes))
        findings = {node.id for node in KNOWLEDGE.role("finding")}
        options = []
        for node in nodes:
            states = KNOWLEDGE.nodes[node].states
            states = states[:1] if node in findings and not stated.positive else states
            options.append(states if node in stated.answered else ("", *states))
        compared, wrong, worst = 0, 0, 0.0
        for states in product(*options):
            pattern = {node: state for node, state in zip(nodes, states, strict=True) if state}
            for cause, state in check.targets:
                before = probability(asked, pattern | dict(check.instead), cause, state)
                after = probability(asked, pattern | dict(check.entered), cause, state)
                if before is None or after is None:
                    continue
                against = before - after if stated.form == "never_lowers" else after - before
                compared, wrong, worst = compared + 1, wrong + (against > 1e-11), max(worst, against)
        assert (found.patterns, found.violations) == (compared, wrong), check.text
        if wrong:
            assert found.worst == pytest.approx(worst, abs=1e-12)
        failing += wrong
    assert (failing > 0) == (law not in ("more_is_more", "rule_out"))


def test_a_counterexample_is_one(article):
    report = check_laws(article, some("linked_finding", "rule_out_with_findings"))
    failing = [check for check in report.checks if check.violations]
    assert len(failing) > 20
    for check in failing:
        left, _, _ = check.check.partition(" -> ")
        node, _, state = left.partition("=")
        cause, _, target = check.target.partition("=")
        assert probability(article, check.evidence, cause, target) == pytest.approx(check.before, abs=1e-12)
        after = probability(article, {**check.evidence, node: state}, cause, target)
        assert after == pytest.approx(check.after, abs=1e-12)
        assert after < check.before


def test_no_shorter_counterexample_exists(article):
    report = check_laws(article, some("linked_finding"))
    drug = next(check for check in report.checks if check.check == "fever=present -> drug=immune")
    assert drug.evidence == {}
    assert entered(drug.evidence) == "nothing else"
    long = [check for check in report.checks if check.evidence]
    for check in long:
        node, _, state = check.check.partition(" -> ")[0].partition("=")
        cause, _, target = check.target.partition("=")
        before, after = (probability(article, given, cause, target) for given in ({}, {node: state}))
        assert after >= before - 1e-11, check.check
    assert long


PLANTED = [
    ({"hazard.drug.immune.antibiotic_course.over_2_weeks": 0.001,
      "hazard.drug.toxic.antibiotic_course.over_2_weeks": 0.0001}, "more_is_more",
     "antibiotic_course=over_2_weeks against antibiotic_course=up_to_2_weeks -> drug"),
    ({"link.duration.lifelong.ben.present": 0.002, "link.duration.chronic.ben.present": 0.1}, "lifelong",
     "duration=lifelong -> ben"),
    ({"link.recovery_after_stopping.present.drug.immune": 0.2,
      "link.recovery_after_stopping.present.drug.toxic": 0.2}, "recovery_after_stopping",
     "recovery_after_stopping=present -> drug"),
    ({"link.fever.present.viral.present": 0.03}, "viral_signs", "fever=present -> viral"),
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "law", "check"), PLANTED, ids=[law for _, law, _ in PLANTED])
def test_a_wrong_number_is_found(article, numbers, law, check):
    assert check_laws(article, some(law)).expected
    report = check_laws(article.override(numbers), some(law))
    assert not report.expected
    assert check in [found.check for found in report.surprises]
    found = next(found for found in report.surprises if found.check == check)
    assert found.violations > 0
    assert found.worst > 1e-4


UP = Check("", (("respiratory_symptoms", "present"),), (), ())
DOWN = Check("", (("respiratory_symptoms", "absent"),), (), ())


@pytest.mark.parametrize(("form", "check", "targets"), [
    ("changes_nothing", UP, ("viral",)), ("changes_nothing", DOWN, ("viral",)),
    ("keeps_odds", UP, ("viral", "drug")), ("keeps_odds", UP, ("drug", "viral")),
    ("never_raises", UP, ("viral",)), ("never_lowers", DOWN, ("viral",)),
])  # fmt: skip
def test_every_form_finds_a_change_in_either_direction(article, form, check, targets):
    """A sign of a virus moves it in every pattern: up where present, down where absent."""
    stated = replace(some("lifelong").laws[0], form=form, left_out=(), given=(), answered=(), positive=True,
                     checks=(replace(check, targets=tuple((cause, "") for cause in targets)),))  # fmt: skip
    (found,) = check_laws(article, replace(some("lifelong"), laws=(stated,))).checks
    assert found.violations == found.patterns > 10
    assert found.worst > 0.05


def test_an_engine_that_does_not_add_up_is_found(article):
    """A finding whose states do not sum to one breaks the law of total probability."""
    assert check_laws(article, some("adds_up")).expected
    findings = tuple(
        replace(node, background=node.background * 0.9) if node.id == "fever" else node
        for node in article.network.findings
    )
    network = replace(article.network, findings=findings)
    calibrated = replace(article.calibrated, network=network)
    report = check_laws(replace(article, calibrated=calibrated, engine=Engine(network)), some("adds_up"))
    assert [check.check for check in report.surprises] == ["fever"]


def test_a_listed_exception_that_is_none_is_a_surprise(article):
    listed = Listed("lifelong", "duration=lifelong -> ben", ("article",), "it is not")
    report = check_laws(article, some("lifelong", exceptions=(listed,)))
    assert [check.listed for check in report.surprises] == ["it is not"]
    elsewhere = replace(listed, settings=("primary_care",))
    assert check_laws(article, some("lifelong", exceptions=(elsewhere,))).expected


def test_every_law_has_its_reason_and_only_the_others_have_exceptions():
    laws = {law.id: law for law in TABLE.laws}
    assert len(laws) == len(TABLE.laws) >= 25
    for law in TABLE.laws:
        assert len(law.reason) > 15, law.id
        assert law.statement.endswith(".")
        assert set(law.claims) <= set(KNOWLEDGE.claims), law.id
        assert len({check.text for check in law.checks}) == len(law.checks)
    assert {row.law for row in TABLE.exceptions} <= {law.id for law in TABLE.laws if not law.must}
    assert {law.id for law in TABLE.laws if not law.must} == {row.law for row in TABLE.exceptions}
    assert len({(row.law, row.check) for row in TABLE.exceptions}) == len(TABLE.exceptions)
    assert all(len(row.reason) > 30 for row in TABLE.exceptions)
    assert all(len(reason) > 15 for reason in TABLE.lattice.values())


def checks_of(*laws):
    return {check for law in TABLE.laws if law.id in laws for check in law.checks}


def test_no_finding_and_no_risk_factor_is_forgotten():
    """The lists in the table are those of the network's structure."""
    links = [record for record in KNOWLEDGE.records if record.kind == "link"]
    causes = {node.id: {r.parent for r in links if r.node == node.id} for node in KNOWLEDGE.role("finding")}
    only = {node for node, parents in causes.items() if len(parents) == 1}
    for law in ("only_cause_present", "only_cause_absent"):
        assert {check.entered[0][0] for check in checks_of(law)} == only
    two = {node.id for node in KNOWLEDGE.role("finding") if len(node.states) == 2}  # the others are graded
    linked = {(r.node, r.state, r.parent, r.parent_state) for r in links if r.node in two}
    stated = {(*c.entered[0], cause, state or "present") for c in checks_of("linked_finding")
              for cause, state in c.targets}  # fmt: skip
    assert stated == linked
    hazards = {(r.parent, r.node) for r in KNOWLEDGE.records if r.kind == "hazard"}
    stated = {(c.entered[0][0], c.targets[0][0]) for c in checks_of("risk_factor", "shared_risk_factor")}
    assert stated == hazards
    every = {node.id for node in KNOWLEDGE.role("cause")}
    for law in ("rule_out", "rule_out_with_findings"):
        assert {check.entered[0][0] for check in checks_of(law)} == every
        assert all(len(check.targets) == len(every) - 1 for check in checks_of(law))
    acting = {(node.id, state) for node in KNOWLEDGE.role("cause") for state in node.states[1:]}
    assert {check.entered[0] for check in checks_of("established")} == acting
    refused = {node.id for node in KNOWLEDGE.role("mechanism", "selection")}
    assert {check.text for check in checks_of("mechanisms")} == refused


def broken(tmp_path, name, old, new):
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("laws.csv", ",never_lowers,", ",lowers,", r"laws.csv row 2 column 'form': expected 'never_lowers'"),
        ("laws.csv", "must hold", "must", r"column 'status': expected 'must hold' or 'may fail', got 'must'"),
        ("laws.csv", "viral_test=present -> viral;", "viral_test=present to viral;", r"expected 'entered -> target'"),
        ("laws.csv", "viral_test=present ->", "viral_test=positive ->", r"expected 'node=state' as in nodes.csv"),
        ("laws.csv", "-> nutritional=folate", "-> nutritional=zinc", r"expected a cause, 'cause=state' or 'others'"),
        ("laws.csv", "decreased_production;", "production;", r"expected a node of nodes.csv, got 'production'"),
        ("law_lattice.csv", "fever,", "fevers,", r"law_lattice.csv row 2: expected a context or finding of nodes.csv"),
        ("law_exceptions.csv", "fever=present -> drug", "fever=present->drug", r"law 'linked_finding' has no check"),
        ("law_exceptions.csv", ",all,", ",ward,", r"settings are 'all' or of 'article'"),
    ],
)
def test_a_broken_table_is_named(tmp_path, name, old, new, message):
    with pytest.raises(KnowledgeError, match=message):
        read_laws(KNOWLEDGE, broken(tmp_path, name, old, new))


def test_laws_do_not_change_the_model(tmp_path):
    folder = broken(tmp_path, "laws.csv", "must hold", "may fail")
    assert load_knowledge(folder).digest == KNOWLEDGE.digest


# the table of exceptions is written anew


def reports_of(table):
    return [check_laws(model.load(setting), table) for setting in KNOWLEDGE.settings]


def rewritten(tmp_path, table, reports):
    """Write what is found, put it in the place of the table, and read it again."""
    found = found_exceptions(reports, table)
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    write_exceptions(folder / "law_exceptions.csv", found.rows, list(KNOWLEDGE.settings))
    return found, read_laws(KNOWLEDGE, folder).exceptions


def test_the_table_is_what_would_be_written(tmp_path):
    found, _ = rewritten(tmp_path, TABLE, [whole(setting)[0] for setting in KNOWLEDGE.settings])
    assert (found.moved, found.gone, found.broken, found.open) == ((), (), (), ())
    written = tmp_path / "data" / "law_exceptions.csv"
    assert written.read_bytes() == (data_folder() / "law_exceptions.csv").read_bytes()


def test_exceptions_keep_their_reasons_and_new_ones_have_none(tmp_path):
    laws = ("rule_out_with_findings", "new_onset_marrow", "more_is_more")
    known = [row for row in TABLE.exceptions if row.law == "rule_out_with_findings"]
    gone = Listed("more_is_more", some("more_is_more").laws[0].checks[0].text, ("article",), "It was so once.")
    narrower = replace(known[1], settings=("article",), reason="Written for one setting.")
    table = some(*laws, exceptions=(known[0], narrower, gone))
    reports = reports_of(table)
    found, read = rewritten(tmp_path, table, reports)
    assert read == found.rows
    failing = {(c.law, c.check, r.setting) for r in reports for c in r.checks if c.violations}
    assert {(row.law, row.check, setting) for row in read for setting in row.settings} == failing
    reasons = {row.check: row.reason for row in read if row.law == "rule_out_with_findings"}
    assert reasons[known[0].check] == known[0].reason
    assert reasons[known[1].check] == "Written for one setting."
    assert set(reasons.values()) == {known[0].reason, "Written for one setting.", ""}
    assert [row.check for row in found.moved if row.reason] == [known[1].check]
    assert {row.check for row in found.open} == {row.check for row in read if not row.reason} != set()
    assert found.gone == (gone,)
    assert found.broken == ()
    again = found_exceptions(reports, replace(table, exceptions=read))
    assert (again.rows, again.moved, again.gone) == (read, (), ())


def test_a_law_that_must_hold_has_no_exception(tmp_path):
    (law,) = some("linked_finding").laws
    table = replace(some("linked_finding"), laws=(replace(law, must=True, checks=law.checks[:3]),))
    reports = reports_of(table)
    found = found_exceptions(reports, table)
    assert found.rows == ()
    failing = {f"{check.law}: {check.check}" for report in reports for check in report.checks if check.violations}
    assert set(found.broken) == failing != set()


def test_exceptions_that_cannot_be_written_leave_nothing(tmp_path):
    with pytest.raises(ExportError, match="cannot be written"):
        write_exceptions(tmp_path / "missing" / "law_exceptions.csv", TABLE.exceptions, list(KNOWLEDGE.settings))
    assert list(tmp_path.iterdir()) == []


def test_the_text_counts_failing_checks_and_shows_the_plainest(article):
    table = some("rule_out_with_findings", "rule_out")
    report = check_laws(article, table)
    text = laws_table([report, check_laws(model.load("primary_care"), table)])
    checks = [check for check in report.checks if check.law == "rule_out_with_findings" and check.violations]
    line = next(line for line in text.splitlines() if line.startswith("rule out with findings "))
    assert f"fails in {len(checks)} " in line
    assert "holds" in next(line for line in text.splitlines() if line.startswith("rule out "))
    assert text.count("goes from") == 1
    both = [*checks, *(c for c in check_laws(model.load("primary_care"), table).checks if c.violations)]
    fewest = min(len(check.evidence) for check in both)
    largest = max(abs(check.after - check.before) for check in both if len(check.evidence) == fewest)
    was, now = re.search(r"goes\s+from\s+([\d.]+)\s+to\s+([\d.]+\d)", text).groups()
    assert abs(float(now) - float(was)) == pytest.approx(largest, abs=2e-4)
    turned = laws_table([check_laws(model.load("primary_care"), table), report])
    assert re.search(r"goes\s+from.*", turned).group() == re.search(r"goes\s+from.*", text).group()
    missing = [f"{report.setting}, {check.law}: {check.check} fails and is not listed" for check in report.surprises]
    assert len(missing) == len(checks) > 0
    assert all(sentence in text for sentence in missing)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("positive", [True, False], ids=["any", "none positive"])
def test_lattice_is_the_engine_on_every_pattern(seed, positive):
    network = random_network(seed)
    engine = Engine(network)
    nodes = tuple(node.id for node in (*network.contexts, *network.findings))[:4]
    lattice = Lattice(network, BatchEngine(engine), nodes, positive)
    cause = network.causes[0]
    outside = {cause.id: 1}
    used = {nodes[-1]: network.cardinality[nodes[-1]] - 1}  # on the lattice, at its highest state
    for entries in ({}, outside, used, outside | used):
        free = lattice.free(entries)
        scores = lattice.scores(entries, free)
        for levels in np.ndindex(scores.total.shape):
            hard = {**entries, **{node: level - 1 for node, level in zip(free, levels, strict=True) if level}}
            solution = engine.solve(hard)
            assert scores.total[levels] == pytest.approx(solution.total, rel=1e-10)
            expected = (solution.weights @ engine.acting) / solution.total
            np.testing.assert_allclose(scores.acting[levels], expected, atol=1e-11)
