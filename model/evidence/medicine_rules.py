"""What named medicines say about the nodes: every rule in one place.

1. One of the table without a node is left out of the question on purpose: a notice, nothing entered.
2. One with a node of its own (methotrexate, valproate ...) is present; so is a guard, such as chemotherapy.
3. An antibiotic: the days of the course decide, unless the table gives the state. Without days every length that is no
   shorter than the longest known one stays open, and that is a notice.
4. Another culprit has a tier. Of several the highest counts. A ``rare`` one counts only when it was begun within
   ``rare_counts_within`` days or is suspected. Long taken it is a notice; without a duration nobody can tell, so it is
   not counted either, and the notice asks, however many others are named.
5. Timing, against the window of each medicine that counts; where some are suspected, of those alone. Within its window:
   in_window, and one such medicine is enough. Begun after the count was low, begun later than the window allows, or
   taken for more than ``outside_after`` days and past its window: outside, when that is true of all of them. Anything
   else, or a medicine without a window in the table: not assessed.

A medicine that is not named says nothing: nothing becomes absent here. The numbers are rows of ``medicine_rules.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.evidence.medicine import NamedMedicine
from model.evidence.units import lab_likelihood, parse_quantity
from model.knowledge import Knowledge, Node
from model.knowledge.medicines import PRESENT, RARE, TIERS, state_of
from model.wording import inside_sentence, plain

TIMING, IN_WINDOW, OUTSIDE = "drug_timing", "in_window", "outside"


@dataclass(frozen=True, slots=True)
class MedicineReading:
    """What became of one medicine. notice : it is not counted, or something about it is left open."""

    named: NamedMedicine
    said: str
    counts: bool
    notice: bool

    @property
    def sentence(self) -> str:
        """The medicine and how it is read."""
        return f"{self.named.label}: {self.said}"

    def to_dict(self) -> dict[str, Any]:
        """Return what ``posterior --json`` prints."""
        named = self.named
        return {
            "name": named.medicine.name, "as": named.name.spelling, "days": named.days, "suspected": named.suspected,
            "node": named.medicine.node, "counts": self.counts, "reading": self.sentence,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Implied:
    """What the medicines say about one node: the states that stay possible, by index, and the medicines that say it."""

    states: frozenset[int]
    behind: tuple[NamedMedicine, ...]

    @property
    def labels(self) -> str:
        """The medicines, for a sentence."""
        return "; ".join(named.label for named in self.behind)


@dataclass(frozen=True, slots=True)
class Medicines:
    """All medicines of one patient, read: each with its sentence, and what they say about each node."""

    readings: tuple[MedicineReading, ...]
    implied: Mapping[str, Implied]


def judge(knowledge: Knowledge, named: Sequence[NamedMedicine]) -> Medicines:
    """Apply the rules."""
    states = {place: _states(knowledge, each) for place, each in enumerate(named)}
    counted = [each for place, each in enumerate(named) if states[place]]
    timing = {place: _timing(knowledge, each) for place, each in enumerate(named) if states[place]}
    implied = {}
    for node_id in dict.fromkeys(each.medicine.node for each in counted):
        here = {place: states[place] for place in timing if named[place].medicine.node == node_id}
        least = max(min(possible) for possible in here.values())
        together = frozenset(s for possible in here.values() for s in possible if s >= least)
        implied[node_id] = Implied(together, tuple(named[place] for place in here if here[place] & together))
    if TIMING in knowledge.nodes and (found := _together(knowledge, named, timing)):
        implied[TIMING] = found
    readings = [
        MedicineReading(each, *_said(knowledge, each, states[place], timing.get(place, ""), implied))
        for place, each in enumerate(named)
    ]
    return Medicines(tuple(readings), implied)


def _states(knowledge: Knowledge, named: NamedMedicine) -> frozenset[int]:
    """Return the states one medicine leaves possible; none when it does not count."""
    medicine = named.medicine
    if not medicine.node:
        return frozenset()
    node = knowledge.nodes[medicine.node]
    if medicine.state:
        counts = medicine.state != RARE or named.suspected or _begun_lately(knowledge, named)
        return frozenset({node.states.index(state_of(medicine, node))}) if counts else frozenset()
    if named.days is None:
        return frozenset(range(1, len(node.states)))
    most = max(lab.plausible_high for lab in knowledge.labs if lab.node == node.id)
    measured = parse_quantity(knowledge, node.id, f"{min(named.days, most):.12g} days")
    likelihood = lab_likelihood(knowledge, measured, None).likelihood
    return frozenset({likelihood.index(max(likelihood))})


def _begun_lately(knowledge: Knowledge, named: NamedMedicine) -> bool:
    return named.days is not None and named.days <= knowledge.medicine_rules["rare_counts_within"].value


def _timing(knowledge: Knowledge, named: NamedMedicine) -> str:
    """Return the state of the timing of one medicine, or an empty string where it is not assessed."""
    low, high, days = named.medicine.window_low_days, named.medicine.window_high_days, named.days
    if named.after_low_count:
        return OUTSIDE
    if days is None or low is None or high is None:
        return ""
    if low <= days <= high:
        return IN_WINDOW
    return OUTSIDE if days < low or days > knowledge.medicine_rules["outside_after"].value else ""


def _together(knowledge: Knowledge, named: Sequence[NamedMedicine], timing: Mapping[int, str]) -> Implied | None:
    suspected = {place: state for place, state in timing.items() if named[place].suspected}
    asked = suspected or dict(timing)
    found = IN_WINDOW if IN_WINDOW in asked.values() else OUTSIDE
    if not asked or (found == OUTSIDE and "" in asked.values()):
        return None
    behind = tuple(named[place] for place, state in asked.items() if state == found)
    return Implied(frozenset({knowledge.nodes[TIMING].states.index(found)}), behind)


def _said(
    knowledge: Knowledge, named: NamedMedicine, states: frozenset[int], timing: str, implied: Mapping[str, Implied]
) -> tuple[str, bool, bool]:
    """Return how one medicine is read in words, whether it counts, and whether that is a notice."""
    medicine = named.medicine
    if not medicine.node:
        return inside_sentence(medicine.note.rstrip(".")), False, True
    node = knowledge.nodes[medicine.node]
    if not states:
        return _not_counted(knowledge, named), False, True
    said = [_place(node, medicine.state, states)]
    if TIMING in knowledge.nodes and node.role == "context":
        said.append(_window(named, timing))
    if not states & implied[node.id].states:
        said.append("another one counts for more")
    return ", ".join(filter(None, said)), True, len(states) > 1


def _not_counted(knowledge: Knowledge, named: NamedMedicine) -> str:
    within = f"{knowledge.medicine_rules['rare_counts_within'].value:.0f} days"
    if named.days is None:
        return f"rarely guilty, so not counted before it is said whether it was begun within {within} or is suspected"
    return f"rarely guilty and long taken, so not counted; it would be if suspected or begun within {within}"


def _place(node: Node, state: str, states: frozenset[int]) -> str:
    if state in TIERS:
        return f"{state} culprit"
    if state == PRESENT:
        return "counts as taken" if node.role == "context" else f"read as {inside_sentence(node.short_label)}"
    length = " or ".join(plain(node.states[place]).lower() for place in sorted(states))
    unknown = ", for its length is not given" if len(states) > 1 else ""
    return f"{inside_sentence(node.short_label)}, {length}{unknown}"


def _window(named: NamedMedicine, timing: str) -> str:
    if named.after_low_count:
        return "so it cannot be the cause of that count"
    low, high = named.medicine.window_low_days, named.medicine.window_high_days
    if low is None or high is None:
        return "its timing says nothing"
    if named.days is None:
        return "timing not assessed without a duration"
    window = f"its window of {low:.0f} to {high:.0f} days"
    return {IN_WINDOW: f"inside {window}", OUTSIDE: f"outside {window}"}.get(timing, f"timing open: past {window}")
