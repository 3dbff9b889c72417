"""What the result panel draws, from the model and the evidence. No Streamlit: tests compare it with the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from model import DiagnosticModel, Posterior
from model.errors import ImpossibleEvidence, ModelError
from model.evidence import Evidence, Unread, bands_of_guards
from model.knowledge import Knowledge
from model.sensitivity import CauseLine, ranking
from model.wording import inside_sentence, percent
from views.scope_banner import NO_ANSWER, Banner, Outside, not_understood, scope_banner
from views.wording import named

FINDINGS_ALONE = "even"  # the setting in which every cause starts alike
Read = tuple[Evidence, tuple[Unread, ...]]  # what was entered, and what of it cannot be read


@dataclass(frozen=True)
class MechanismRow:
    """One mechanism: shown, never entered."""

    id: str
    label: str
    probability: float
    prior: float


@dataclass(frozen=True)
class ResultView:
    """Everything the result panel draws.

    status   : answer; refused (outside the scope, nothing is computed); held (the last answer, for evidence that
               cannot be used)
    problems : one sentence for each entry that was left out, or the clash that stops the answer
    readings : one sentence for each number that was converted
    outside  : an answer was asked for outside the scope; to be marked wherever a number stands
    elsewhere: a sentence when another setting puts another cause first
    alone    : cause -> what the findings alone say; empty in their own setting, and where no other setting was asked
    evidence : what was entered, less what cannot be read;  posterior : the answer to it, None when there is none
    """

    setting: str
    status: Literal["answer", "refused", "held"]
    banner: Banner
    causes: tuple[CauseLine, ...]
    mechanisms: tuple[MechanismRow, ...]
    problems: tuple[str, ...]
    readings: tuple[str, ...]
    entered: int
    outside: bool
    evidence: Evidence
    posterior: Posterior | None = None
    elsewhere: str = ""
    alone: Mapping[str, float] = field(default_factory=dict)

    @property
    def alone_sentence(self) -> str:
        """What the findings alone say, beside the ranking."""
        first = max(self.alone, key=lambda cause: self.alone[cause], default="")
        row = self.cause(first)
        if row is None:
            return ""
        same = self.causes[0].id == first
        leads = f"{inside_sentence(row.label)} leads there {'too' if same else 'instead'}"
        return f"Every cause starting alike, the findings alone: {leads}, with {percent(self.alone[first])}."

    @property
    def summary(self) -> str:
        """The first three causes in one sentence, for the phone strip and for screen readers."""
        if not self.causes:
            return self.banner.title if self.status == "refused" else "No result."
        mark = {"held": "Last valid result: ", "answer": "Outside the model's range: " if self.outside else ""}
        ranked = ", ".join(f"{row.label} {row.percent}" for row in self.causes[:3])
        return f"{mark.get(self.status, '')}{ranked}"

    def cause(self, cause: str) -> CauseLine | None:
        """Return one row, or None when nothing is shown."""
        return next((row for row in self.causes if row.id == cause), None)


def mark(view: ResultView) -> str:
    """Return what stands beside every number that is not an ordinary answer."""
    marks = ("outside the model's range", view.outside), ("last valid result", view.status == "held")
    said = ", ".join(text for text, holds in marks if holds)
    return f" ({said})" if said else ""


def refusal(view: ResultView) -> str:
    """Return why nothing can be computed for this case, and what to do about it."""
    if view.status == "refused":
        return f"{view.banner.reason} {view.banner.advice}".strip()
    return " ".join(view.problems) or "These entries cannot be used together."


def result_view(
    model: DiagnosticModel,
    read: Read,
    outside: Outside = "refuse",
    last: ResultView | None = None,
    draws: int = 0,
    others: Sequence[DiagnosticModel] = (),
) -> ResultView:
    """Return what to draw for one patient.

    read   : what ``read_each`` makes of the entries; one that cannot be read is left out, with its sentence
    last   : the last valid result, shown greyed when the evidence is impossible
    draws  : parameter draws behind the intervals; 0 for none
    others : models of other settings, to be compared with
    raises : nothing on account of what was entered
    """
    entered, unread = read
    problems = [_problem(model.knowledge, each) for each in unread]
    banner, scope = scope_banner(model.knowledge, entered, outside)
    follow = {band for guard, band in bands_of_guards(model.knowledge).items() if guard in entered.given}
    count = len(entered.given.keys() - follow) + len(unread)
    base = ResultView(model.setting, "refused", banner, (), (), tuple(problems), (), count, False, entered)
    if any(each.guard for each in unread) and not banner.urgent:  # a red flag that is understood says more
        return replace(base, banner=not_understood(model.knowledge, entered, problems))
    if scope is None:
        return base
    try:
        posterior = model.answer(entered, scope)
    except ImpossibleEvidence as error:
        return _held(replace(base, problems=(*problems, _clash(model.knowledge, error))), last)
    except ModelError as error:
        return _held(replace(base, problems=(*problems, str(error))), last)
    there = {other.setting: other.answer(entered, scope) for other in others}
    return replace(
        base,
        status="answer",
        causes=ranking(model, posterior, draws),
        mechanisms=mechanism_rows(model, posterior),
        readings=entered.readings,
        outside=banner.level == "near",
        posterior=posterior,
        elsewhere=_elsewhere(model.knowledge, posterior, there),
        alone=dict(there[FINDINGS_ALONE].acting) if FINDINGS_ALONE in there else {},
    )


def _elsewhere(knowledge: Knowledge, posterior: Posterior, there: Mapping[str, Posterior]) -> str:
    """Return a sentence when the same patient has another leading cause in another setting, or an empty string.

    there : setting -> its answer to the same patient
    """
    said = []
    for setting, other in there.items():
        if other.leader != posterior.leader:
            label = inside_sentence(knowledge.nodes[other.leader].short_label)
            said.append(f"{knowledge.settings[setting].label}: {label} {percent(other.acting[other.leader])}")
    return f"Another setting puts another cause first. {'; '.join(said)}." if said else ""


def mechanism_rows(model: DiagnosticModel, posterior: Posterior) -> tuple[MechanismRow, ...]:
    """Return the mechanisms in the order of ``nodes.csv``, with what they are before anything is known."""
    before = model.prior.mechanism_probabilities
    return tuple(
        MechanismRow(name, model.knowledge.nodes[name].label, now, before[name])
        for name, now in posterior.mechanism_probabilities.items()
    )


def _problem(knowledge: Knowledge, unread: Unread) -> str:
    """Return the sentence of an entry that cannot be read."""
    said = named(knowledge.nodes[unread.node], unread.reason) if unread.node in knowledge.nodes else unread.reason
    return f"{NO_ANSWER if unread.guard else 'Left out.'} {said}"


def _clash(knowledge: Knowledge, error: ImpossibleEvidence) -> str:
    """Return the engine's sentence with labels in place of ids."""
    labels = [knowledge.nodes[node].short_label for node in error.clash if node in knowledge.nodes]
    if not labels:
        return str(error)
    return (
        f"These entries cannot all be true together with a low count: {', '.join(labels)}. "
        "Some cause must be acting; take at least one of them back."
    )


def _held(base: ResultView, last: ResultView | None) -> ResultView:
    if last is None or last.setting != base.setting:
        return replace(base, status="held")
    return replace(
        base, status="held", causes=last.causes, mechanisms=last.mechanisms, outside=last.outside, readings=()
    )
