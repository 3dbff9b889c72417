"""What a report of one case says: every sentence and number of it, before any of it becomes HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from model.decision import NextTest
from model.diagnostic_model import DiagnosticModel
from model.errors import CaseFileError, ImpossibleEvidence, ModelError, OutOfScope
from model.evidence import Case, Evidence, read_each, red_flag, todays_words
from model.explanation import Explanation, conflict_sentences, explain, exposures_sentence, weigh_exposures
from model.knowledge import Disagreement, Guidance, Knowledge
from model.knowledge.rows import Setting
from model.posterior import Posterior
from model.report.course_lines import CourseRow, FollowLine, course_rows, follow_lines
from model.report.course_picture import CoursePicture, course_picture
from model.report.lines import (
    InputLine,
    NumberLine,
    ReplacedLine,
    disagreements_behind,
    input_lines,
    numbers_behind,
    replaced_lines,
)
from model.report.summary import Summary, summary
from model.sensitivity import CauseLine, flip_sentence, intervals, ranking
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.wording import GROUPS, SCOPE_TITLES, inside_sentence

LEADING = 3  # causes that are explained
TESTS = 6
NUMBERS = 10  # records behind the answer
PICTURE = 460  # units of the picture of a course from left to right


@dataclass(frozen=True)
class Answer:
    """What only an answered case has. tests : in the order to do them;  step : of the article, None when all is done"""

    causes: tuple[CauseLine, ...]
    mechanisms: tuple[tuple[str, float], ...]
    reasons: tuple[Explanation, ...]
    fit: str
    tests: tuple[NextTest, ...]
    leader: str
    stop: str
    step: Guidance | None
    certificate: str
    numbers: tuple[NumberLine, ...]
    disagreements: tuple[tuple[Disagreement, str], ...]
    leader_changes: float
    short: Summary


@dataclass(frozen=True)
class CourseContent:
    """The course over time. picture : as shapes;  rows : the same as text;  follows : from it"""

    picture: CoursePicture | None
    rows: tuple[CourseRow, ...]
    follows: tuple[FollowLine, ...]


@dataclass(frozen=True)
class ReportContent:
    """A whole report. ``answer`` is None when the case is out of scope, contradicts itself or cannot be read.

    ``left_out`` : one sentence for each thing of the case that has no part in the answer
    ``notices``  : one sentence for what may be meant otherwise: a word of an earlier version, a medicine not counted
    """

    setting: Setting
    scale: str
    model_hash: str
    when: str
    note: str
    verdict: str
    scope: tuple[str, ...]
    left_out: tuple[str, ...]
    notices: tuple[str, ...]
    inputs: tuple[InputLine, ...]
    replaced: tuple[ReplacedLine, ...]
    unknown: Mapping[str, tuple[str, ...]]
    unknown_count: int
    askable_count: int
    answer: Answer | None
    course: CourseContent | None = None


def report_content(model: DiagnosticModel, case: Case, outside: str = "refuse", when: str = "") -> ReportContent:
    """Return what the report of `case` says.

    model   : of the setting of the case; numbers that the case replaces are put into it here
    outside : ``refuse``, or ``allow`` for a count of 500-999, which is then marked
    when    : a date to print, as text; no clock is read
    raises  : CaseFileError for a case of another setting; KnowledgeError or CalibrationError for replaced numbers that
              the model cannot take. A case that cannot be answered is a report that says so.
    """
    if case.setting != model.setting:
        raise CaseFileError(f"report: expected a case of setting {model.setting!r}, got {case.setting!r}.")
    if dict(model.overridden) != dict(case.numbers):
        model = model.override(case.numbers)
    knowledge = model.knowledge
    words, notices = todays_words(knowledge, case.evidence)
    case = replace(case, evidence=words, notices=(*case.notices, *notices))
    askable = knowledge.role("context", "finding")
    read, _ = read_each(knowledge, case.evidence)
    given = {str(node).strip().casefold() for node, value in case.evidence.items() if value is not None} | {*read.given}
    unknown = [node for node in askable if node.id not in given]
    by_group = {title: tuple(n.label for n in unknown if n.group == group) for group, title in GROUPS.items()}
    verdict, scope, posterior = _asked(model, case.evidence, outside)
    return ReportContent(
        setting=knowledge.settings[model.setting],
        scale=model.scale,
        model_hash=model.hash,
        when=when,
        note=case.note,
        verdict=verdict,
        scope=scope,
        left_out=case.left_out,
        notices=(*case.notices, *read.notices),
        inputs=input_lines(knowledge, case.entries),
        replaced=replaced_lines(model, case.numbers),
        unknown={title: labels for title, labels in by_group.items() if labels},
        unknown_count=len(unknown),
        askable_count=len(askable),
        answer=_answer(model, posterior, case) if posterior else None,
        course=_course(knowledge, read, case.evidence),
    )


def _course(knowledge: Knowledge, read: Evidence, entered: Mapping[str, Any]) -> CourseContent | None:
    if read.course is None:
        return None
    picture = course_picture(knowledge, read.course, PICTURE)
    return CourseContent(picture, course_rows(knowledge, read), follow_lines(knowledge, read, entered))


def _asked(
    model: DiagnosticModel, evidence: Mapping[str, Any], outside: str
) -> tuple[str, tuple[str, ...], Posterior | None]:
    """Return the verdict in a few words, what stands under it, and the posterior if there is one."""
    try:
        answer = model.posterior(evidence, outside)
    except OutOfScope as error:
        return _refused(model, error)
    except ImpossibleEvidence as error:
        labels = [model.knowledge.nodes[node].label for node in error.clash if node in model.knowledge.nodes]
        said = f"Take at least one of these back: {', '.join(labels)}." if labels else ""
        return SCOPE_TITLES["impossible"], (str(error), said), None
    except ModelError as error:
        if flag := red_flag(model.knowledge, evidence):
            return _refused(model, flag, str(error))
        return SCOPE_TITLES["unread"], (str(error),), None
    title = SCOPE_TITLES["near, answered" if answer.scope.verdict == "near" else "in"]
    return title, (answer.scope.reason, answer.scope.advice), answer


def _refused(model: DiagnosticModel, refusal: OutOfScope, *besides: str) -> tuple[str, tuple[str, ...], None]:
    rule = next(rule for rule in model.knowledge.scope if rule.rule == refusal.rule)
    return SCOPE_TITLES[rule.level], (rule.reason, rule.advice, *besides), None


def _answer(model: DiagnosticModel, posterior: Posterior, case: Case) -> Answer:
    nodes, ranked = model.knowledge.nodes, list(posterior.ranked)
    moved = model.one_way(posterior, posterior.leader)
    following = model.next_tests(posterior)
    numbers = numbers_behind(model, moved, NUMBERS)
    labels = {cause: inside_sentence(nodes[cause].short_label) for cause in ranked}
    return Answer(
        causes=ranking(model, posterior, QUICK_DRAWS),
        mechanisms=tuple((nodes[name].label, p) for name, p in posterior.mechanism_probabilities.items()),
        reasons=tuple(filter(None, (_reasons(model, posterior, cause) for cause in ranked[:LEADING]))),
        fit=_fit(model, posterior),
        tests=following.now[:TESTS],
        leader=nodes[ranked[0]].short_label,
        stop=following.stop.reason,
        step=following.step,
        certificate=flip_sentence(moved.nearest_flip, moved.leader, labels),
        numbers=numbers,
        disagreements=disagreements_behind(model.knowledge, ranked[:LEADING], numbers),
        leader_changes=intervals(model, posterior, QUICK_DRAWS).leader_changes,
        short=summary(model, case, posterior, following),
    )


def _reasons(model: DiagnosticModel, posterior: Posterior, cause: str) -> Explanation | None:
    try:
        return explain(model, posterior, cause)
    except ModelError:  # certain or excluded: nothing is left to divide
        return None


def _fit(model: DiagnosticModel, posterior: Posterior) -> str:
    found = model.conflict(posterior)
    said = " ".join(conflict_sentences(found, model.knowledge.nodes))
    weighed = weigh_exposures(model, posterior)
    if weighed and weighed.matters:
        said = f"{said} {exposures_sentence(model, weighed)}"
    if len(found.items) < 2:
        return said
    return (
        f"{said} Conflict {found.conflict:+.2f} nats: above 0, the entries are less likely together than if they were "
        "independent."
    )
