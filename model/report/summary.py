"""One case in short: what the first page of a report says, and the plain text to take into a note."""

from __future__ import annotations

from dataclasses import dataclass

from model.decision import NextTests, next_tests
from model.diagnostic_model import DiagnosticModel
from model.errors import ModelError
from model.evidence import Case
from model.explanation import explain
from model.explanation.weight_words import weight_word
from model.posterior import Posterior
from model.report.lines import input_lines
from model.sensitivity import ranking
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.sensitivity.what_would_change import change_lines, what_would_change
from model.version import __version__
from model.wording import SCOPE_TITLES, percent, plain, sentence, state_label

NO_VERDICT = (
    "Educational: one article's account, completed from the literature and not validated on patients. Not a medical "
    "device and not a verdict; nobody should be treated by it."
)
PAIRS = 64  # random orders, and their reverses, where there are too many entries for all orders
SAMPLES = 250  # patients drawn for what all blood tests together are worth: only whether to stop hangs on it


@dataclass(frozen=True)
class CauseShort:
    """One cause: its label, its probability, its range and where it stood before anything was entered, as shown."""

    label: str
    now: str
    between: str
    before: str


@dataclass(frozen=True)
class Summary:
    """A case in short.

    mark     : what stands beside every number that is not an ordinary answer, else empty
    entered  : one phrase an entry;  notes : one sentence for each thing left out or to be minded
    speaks_for, speaks_against : of the leader, strongest first;  changes : what would change it, three sentences
    stop     : whether to stop, and why
    """

    setting: str
    model_hash: str
    mark: str
    entered: tuple[str, ...]
    notes: tuple[str, ...]
    causes: tuple[CauseShort, ...]
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    changes: tuple[str, ...]
    stop: str

    @property
    def leader(self) -> str:
        """The label of the cause that leads."""
        return self.causes[0].label


def summary(model: DiagnosticModel, case: Case, answer: Posterior, following: NextTests | None = None) -> Summary:
    """Return a case in short.

    model : with the numbers that the case replaces;  case : as entered;  answer : a posterior of `model`
    following : ``next_tests`` of the same answer, worked out here unless given
    """
    following = following or next_tests(model, answer, samples=SAMPLES)
    marks = [SCOPE_TITLES["near, answered"]] if answer.scope.verdict == "near" else []
    marks += ["With replaced numbers: not the model as published"] if model.overridden else []
    speaks_for, speaks_against = _reasons(model, answer)
    return Summary(
        model.knowledge.settings[model.setting].label,
        answer.model_hash,
        "; ".join(marks),
        tuple(
            f"{line.label}: {_entry(line.entered, line.read)}" for line in input_lines(model.knowledge, case.entries)
        ),
        (*case.left_out, *case.notices),
        tuple(
            CauseShort(line.label, line.percent, line.interval.between if line.interval else "", percent(line.prior))
            for line in ranking(model, answer, QUICK_DRAWS)
        ),
        speaks_for,
        speaks_against,
        tuple(line.sentence for line in change_lines(model.knowledge, what_would_change(model, answer, following))),
        following.stop.reason,
    )


def _entry(entered: str, read: str) -> str:
    """Return a number as it was entered, anything else as it was read."""
    return entered if any(sign.isdigit() for sign in entered) and not read.startswith("Not read") else read


def _reasons(model: DiagnosticModel, answer: Posterior) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        found = explain(model, answer, answer.leader, pairs=PAIRS)
    except ModelError:  # certain or excluded: nothing is left to divide
        return (), ()
    sides: tuple[list[str], list[str]] = [], []
    for row in found.strongest:
        word, node = weight_word(model.knowledge, row["shapley"]), model.knowledge.nodes[row["item"]]
        if word:
            state = state_label(node, row["state"]) if row["state"] in node.states else plain(row["state"])
            without = f"without it {percent(found.without(row))}"
            sides[row["shapley"] < 0].append(f"{word}: {node.short_label}, {state} ({without})")
    return tuple(sides[0]), tuple(sides[1])


def summary_text(found: Summary) -> str:
    """Return the summary as plain text, for a note."""
    lines = ["Causes of mild neutropenia, an educational model's ranking", NO_VERDICT, ""]
    if found.mark:
        lines += [f"NOTE. {sentence(found.mark)}", ""]
    lines += [f"Setting: {found.setting}. neutropenia-bn {__version__}, model {found.model_hash}.", ""]
    lines += ["Entered:", *_listed(found.entered, "nothing; these are the shares among people with such a count")]
    lines += [f"Mind: {sentence(note)}" for note in found.notes]
    lines += ["", "Causes, likeliest first (range: nine of ten answers when the model's own numbers vary):"]
    for place, cause in enumerate(found.causes, start=1):
        between = f", range {cause.between}" if cause.between else ""
        lines.append(f"{place}. {cause.label} {cause.now}{between}; before {cause.before}")
    for title, said in (("For", found.speaks_for), ("Against", found.speaks_against)):
        lines += ["", f"{title} {found.leader}:", *_listed(said, "nothing that was entered, to speak of")]
    lines += ["", "What would change it:", *_listed(found.changes, "")]
    lines += ["", found.stop]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def _listed(items: tuple[str, ...], none: str) -> list[str]:
    return [f"- {item}" for item in items] or [f"- {none}"]
