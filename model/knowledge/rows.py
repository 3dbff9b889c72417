"""One row of each table in ``data/``: what its columns mean in code. ``data/README.md`` explains them at length."""

from __future__ import annotations

from dataclasses import dataclass

RecordKey = tuple[str, str, str, str, str]  # kind, node, state, parent, parent_state


@dataclass(frozen=True, slots=True)
class Node:
    """One variable. `states` is empty for guards that are numbers; the first state of a cause is ``absent``."""

    id: str
    role: str
    label: str
    states: tuple[str, ...]
    unit: tuple[str, ...]
    threshold: str
    parents_or_causes: tuple[str, ...]
    claims: tuple[str, ...]
    basis: str
    note: str
    group: str
    question: str

    @property
    def short_label(self) -> str:
        """The label without its bracket."""
        return short_label(self.label)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The states that ``present`` leaves open: of a cause or context that is absent or there in several ways."""
        several = len(self.states) > 2 and self.states[0] == "absent" and "present" not in self.states
        return self.states[1:] if several and self.role in ("cause", "context") else ()


def short_label(label: str) -> str:
    """Return a label without its bracket."""
    return label.split(" (")[0]


@dataclass(frozen=True, slots=True)
class Record:
    """One number of the model with its reason. `value`, `low`, `high` are None where a word or an order gives them."""

    id: str
    kind: str
    setting: tuple[str, ...]
    node: str
    state: str
    parent: str
    parent_state: str
    value: float | None
    low: float | None
    high: float | None
    word: str
    reading: str
    grade: str
    tag: str
    claims: tuple[str, ...]
    sources: tuple[str, ...]
    locator: str
    rationale: str
    conflict: str

    @property
    def key(self) -> RecordKey:
        """What it is about: the same number in another setting has the same key."""
        return self.kind, self.node, self.state, self.parent, self.parent_state


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the article, paraphrased."""

    claim: str
    section: str
    bullet: str
    kind: str
    paraphrase: str
    article_refs: tuple[str, ...]
    where_it_must_live: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a claim lives in the product."""

    claim: str
    target_kind: str
    target: str
    note: str


@dataclass(frozen=True, slots=True)
class Source:
    """One publication or data set."""

    source: str
    kind: str
    citation: str
    year: str
    locator_url: str
    tag: str
    note: str


@dataclass(frozen=True, slots=True)
class Word:
    """How one verbal scale reads one word: mean, 5 % and 95 %."""

    scale: str
    word: str
    low: float
    value: float
    high: float
    source: str
    locator: str
    tag: str
    note: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A population the shares, base rates and the share of adults with this count belong to together.

    condition : ``finding=state`` of those whose causes were counted; empty for everybody with the count
    """

    setting: str
    label: str
    population: str
    basis: str
    caution: str
    condition: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """One limit of a numeric entry, in the canonical `unit`; `limit` is None for a plain range."""

    node: str
    quantity: str
    unit: str
    state: str
    limit: float | None
    side: str
    width: float | None
    sex: str
    plausible_low: float
    plausible_high: float
    source: str
    rationale: str


@dataclass(frozen=True, slots=True)
class LabName:
    """One way a laboratory writes a quantity; `node` is empty for a quantity that is no entry, `note` then says why."""

    node: str
    quantity: str
    spelling: str
    note: str


@dataclass(frozen=True, slots=True)
class LabWord:
    """One word of a laboratory printout besides names and units: `kind` says what it does, `meaning` what it is."""

    kind: str
    meaning: str
    spelling: str


@dataclass(frozen=True, slots=True)
class CellWord:
    """A word that stands in cells of tables for something else; `meaning`: not_assessed, present, absent or code."""

    word: str
    meaning: str
    note: str


@dataclass(frozen=True, slots=True)
class RenamedState:
    """A word of an earlier version: `state` of `node` reads as `new_state` of `new_node`, one of them if several.

    new_state : states of `new_node`, or ``present`` where that leaves the state open; `notice` says what changed
    """

    node: str
    state: str
    new_node: str
    new_state: tuple[str, ...]
    notice: str


@dataclass(frozen=True, slots=True)
class FhirCode:
    """One code or word of a FHIR resource: `kind` says how it is read, into which `node` and `state`.

    code : with * at its end it stands for every code that begins so;  negative : state of a negative result, or empty
    """

    system: str
    code: str
    kind: str
    node: str
    state: str
    negative: str
    quantity: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit a number may be given in: canonical value = value * `factor`."""

    node: str
    unit: str
    factor: float
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """One rule of the scope guard: `low` included, `high` excluded, None = open."""

    rule: str
    node: str
    low: float | None
    high: float | None
    state: str
    verdict: str
    reason: str
    advice: str
    claim: str
    source: str

    @property
    def level(self) -> str:
        """How it is told: ``in``, ``near``, ``refused``, or ``emergency`` for a refusal that cannot wait."""
        return "emergency" if self.reason.startswith("Emergency") else self.verdict


@dataclass(frozen=True, slots=True)
class Guidance:
    """One step of the article's clinical approach, paraphrased, with its safety line."""

    step: str
    claim: str
    action: str
    nodes: tuple[str, ...]
    safety: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A place where the article is inconsistent or the literature says otherwise."""

    id: str
    article_says: str
    problem: str
    better_figure: str
    source: tuple[str, ...]
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BetterFigure:
    """What stands against the article in one disagreement, ready to be run, or why nothing can be run.

    change : number, share or setting, with the `target` it replaces; or wording, scope or no figure
    Rows of one `figure` are run together.
    """

    disagreement: str
    figure: str
    label: str
    change: str
    target: str
    value: float | None
    low: float | None
    high: float | None
    tag: str
    source: tuple[str, ...]
    rationale: str


@dataclass(frozen=True, slots=True)
class ReportingItem:
    """One item of a reporting standard, in our words: `status` is met, partly, not met or not applicable."""

    standard: str
    item: str
    paraphrase: str
    status: str
    where: str


@dataclass(frozen=True, slots=True)
class Example:
    """A published case the app offers, and what it teaches."""

    case: str
    title: str
    teaches: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What one question or test costs patient and clinic; what its panels share comes on top, once each.

    burden : the column's name for that cost
    """

    node: str
    panels: tuple[str, ...]
    burden: float
    unit: str
    reading: str
    rationale: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests done in one go, and the cost they share (column `burden`); `available` is now or later."""

    panel: str
    label: str
    burden: float
    unit: str
    available: str
    reading: str
    rationale: str


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """One number that says when to go on testing: a preference, not a fact."""

    rule: str
    cause: str
    value: float
    unit: str
    reading: str
    rationale: str


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """When not to stop, and what being wrong would cost: a preference, not a fact. value : None, no limit of its own"""

    rule: str
    cause: str
    value: float | None
    unit: str
    if_missed: str
    reading: str
    rationale: str


@dataclass(frozen=True, slots=True)
class WeightWord:
    """How a weight of evidence is called from `least` decibans on, for or against."""

    word: str
    least: float
    unit: str
    reading: str
    rationale: str


@dataclass(frozen=True, slots=True)
class AlternativeReading:
    """Another way to read the article's order, for comparing readers."""

    reading: str
    kind: str
    value: str
    label: str
    claim: str
    rationale: str
