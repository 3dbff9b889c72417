"""Does the model expect plausible patients: how often each finding, and how many at once, against stated ranges.

A prior predictive check (Box 1980; Gabry et al. 2019) that can fail: each range rests on its sources, not on the model.
They are wide where nobody counted, so lying inside proves little there; lying outside means that a number, a share or
the range is wrong.

The ranges are data, ``plausible_ranges.csv``. An item is ``node=state`` of a finding, ``two or more causes``, ``mean
findings``, or ``two of`` some findings joined by ``&``; every item has one row for each setting. The row also holds the
exception, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.elicitation.quantity import TAILS
from model.errors import KnowledgeError, listed
from model.knowledge import Knowledge, cell_items, table_rows
from model.knowledge.load import TAGS
from model.late import pd
from model.network import Array, Network
from model.sensitivity import parameter_draws
from model.sensitivity.uncertainty import QUICK_DRAWS
from model.validation.frame_rows import plain_records
from model.wording import words_of

CAUSES, FINDINGS, TWO = "two or more causes", "mean findings", "two of "
COLUMNS = ["item", "setting", "low", "high", "tag", "source", "reason", "exception"]
_COLUMNS = ["label", "plug_in", "low", "high", "range_low", "range_high", "verdict", "reached", "tag", "sources",
            "reason", "exception"]  # fmt: skip
Entries = tuple[tuple[str, str], ...]
Total = Callable[[Mapping[str, int]], Array]  # P(entries, low count) at every parameter point


@dataclass(frozen=True)
class Plausibility:
    """The figures of one setting against their ranges.

    frame : index item; columns label, plug_in, low (5 %), high (95 %) over the draws, range_low, range_high, verdict
            (plausible, implausible: of the plug-in figure), reached (the interval meets the range), tag, sources,
            reason, exception; no row for a setting that is about nobody
    """

    frame: pd.DataFrame
    draws: int
    seed: int
    setting: str

    @property
    def expected(self) -> bool:
        """Whether every figure lies inside its range, or outside with a reason given."""
        return not self.surprises

    @property
    def surprises(self) -> tuple[str, ...]:
        """Items outside their range with no exception stated, or inside it with one."""
        return tuple(str(item) for item, row in self.frame.to_dict("index").items()
                     if (row["verdict"] == "implausible") != bool(row["exception"]))  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, ready for JSON."""
        rows = [{**row, "sources": list(row["sources"])} for row in plain_records(self.frame)]
        return {"setting": self.setting, "draws": self.draws, "seed": self.seed, "expected": self.expected,
                "items": rows}  # fmt: skip


def plausibility(
    model: CalibratedModel, ranges: Sequence[PlausibleRange] | None = None, draws: int = QUICK_DRAWS, seed: int = 0
) -> Plausibility:
    """Return what the model expects of people with the count, and whether that is plausible.

    ranges : default those of ``data/``.  Cost: about 45 passes over the draws, a second for 500.
    raises : KnowledgeError when the table cannot be read.
    """
    ranges = read_ranges(model.knowledge) if ranges is None else ranges
    drawn = parameter_draws(model, draws, seed).engine
    figures = (_Figures(model.network, lambda hard: np.array(model.engine.solve(hard).total)),
               _Figures(model.network, lambda hard: drawn.solve(hard).total))  # fmt: skip
    rows = {}
    for row in ranges:
        if model.setting not in row.settings:
            continue
        plug_in = float(figures[0].of(row.item, row.entries))
        low, high = np.quantile(figures[1].of(row.item, row.entries), TAILS)
        rows[row.item] = {
            "label": label(model, row.item, row.entries), "plug_in": plug_in, "low": float(low), "high": float(high),
            "range_low": row.low, "range_high": row.high,
            "verdict": "plausible" if row.low <= plug_in <= row.high else "implausible",
            "reached": bool(low <= row.high and high >= row.low),
            "tag": row.tag, "sources": row.sources, "reason": row.reason, "exception": row.exception,
        }  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS).rename_axis("item")
    return Plausibility(frame, draws, seed, model.setting)


def label(model: CalibratedModel, item: str, entries: Entries) -> str:
    """Return an item in words."""
    if not entries:
        return {CAUSES: "Two or more causes at once", FINDINGS: "Findings in one person, mean number"}[item]
    nodes = model.knowledge.nodes
    if item.startswith(TWO):
        return f"Two or more: {', '.join(nodes[node].short_label for node, _ in entries)}"
    ((node, state),) = entries
    return nodes[node].label + ("" if state == "present" else f": {words_of(state)}")


class _Figures:
    """Figures given the low count at one point or many; what was summed once is kept."""

    def __init__(self, network: Network, total: Total):
        self.network, self.total = network, total
        self.whole = total({})
        self._kept: dict[tuple[tuple[str, int], ...], Array] = {}

    def of(self, item: str, entries: Entries) -> Array:
        if item == CAUSES:
            return self._two_causes()
        if item == FINDINGS:
            shown = [1 - self._probability({finding.id: 0}) for finding in self.network.findings]
            return np.sum(shown, axis=0)
        codes = {node: self.network.by_id[node].states.index(state) for node, state in entries}
        return self._two_of(codes) if item.startswith(TWO) else self._probability(codes)

    def _probability(self, hard: Mapping[str, int]) -> Array:
        key = tuple(hard.items())
        if key not in self._kept:
            self._kept[key] = self.total(hard) / self.whole
        return self._kept[key]

    def _two_causes(self) -> Array:
        """Some cause acts, so only one does where all the others are absent."""
        causes = [cause.id for cause in self.network.causes]
        alone = [self._probability({other: 0 for other in causes if other != cause}) for cause in causes]
        return 1 - np.sum(alone, axis=0)

    def _two_of(self, codes: Mapping[str, int]) -> Array:
        """Inclusion and exclusion: P(two or more) = sum over k of (-1)^k (k - 1) times the sum over k-subsets."""
        found = np.zeros_like(self.whole)
        for size in range(2, len(codes) + 1):
            joint = [self._probability({node: codes[node] for node in chosen}) for chosen in combinations(codes, size)]
            found = found + (-1) ** size * (size - 1) * np.sum(joint, axis=0)
        return found


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """One range. `entries` are the findings of the item, none for the two items about everything.

    low, high : a probability given the low count, or for ``mean findings`` a number of findings
    exception : why the model is known to lie outside; empty where it should lie inside
    """

    item: str
    entries: Entries
    settings: tuple[str, ...]
    low: float
    high: float
    tag: str
    sources: tuple[str, ...]
    reason: str
    exception: str


def read_ranges(knowledge: Knowledge, folder: Path | None = None) -> tuple[PlausibleRange, ...]:
    """Read ``plausible_ranges.csv``.

    A setting that no row names is about nobody and has no ranges; `all` means every other one.
    raises : KnowledgeError, naming the row and what is allowed; also when a finding or a setting is left out.
    """
    path = (knowledge.folder if folder is None else folder) / "plausible_ranges.csv"
    rows = list(table_rows(path))
    named = {setting for _, row in rows for setting in cell_items(row.get("setting", ""))}
    people = tuple(setting for setting in knowledge.settings if setting in named)
    found = tuple(_range(knowledge, f"{path.name} row {number}", row, people) for number, row in rows)
    said = [(row.item, setting) for row in found for setting in row.settings]
    items = dict.fromkeys([*_every(knowledge), *(row.item for row in found)])
    for item in items:
        for setting in people:
            if said.count((item, setting)) != 1:
                raise KnowledgeError(
                    f"plausible_ranges.csv: expected one row on {item!r} in setting {setting!r}, "
                    f"got {said.count((item, setting))}."
                )
    return found


def _every(knowledge: Knowledge) -> list[str]:
    return [
        CAUSES,
        FINDINGS,
        *(f"{node.id}={state}" for node in knowledge.role("finding") for state in node.states[1:]),
    ]


def _range(knowledge: Knowledge, where: str, row: dict[str, str], people: tuple[str, ...]) -> PlausibleRange:
    if list(row) != COLUMNS:
        raise KnowledgeError(f"{where}: expected the columns {listed(COLUMNS)}.")
    settings = people if row["setting"] == "all" else cell_items(row["setting"])
    if not settings or not set(settings) <= set(knowledge.settings):
        raise KnowledgeError(f"{where}: settings are 'all' or of {listed(knowledge.settings)}, got {row['setting']!r}.")
    entries = _entries(knowledge, where, row["item"])
    most = len(knowledge.role("finding")) if row["item"] == FINDINGS else 1
    try:
        low, high = float(row["low"]), float(row["high"])
    except ValueError:
        raise KnowledgeError(f"{where}: expected numbers, got {row['low']!r} and {row['high']!r}.") from None
    if not 0 <= low < high <= most:
        raise KnowledgeError(f"{where}: expected 0 <= low < high <= {most}, got {row['low']} and {row['high']}.")
    sources = cell_items(row["source"])
    if row["tag"] not in TAGS or not set(sources) <= set(knowledge.sources):
        raise KnowledgeError(f"{where}: expected a tag of {listed(TAGS)} and sources of sources.csv, "
                             f"got {row['tag']!r} and {row['source']!r}.")  # fmt: skip
    if not row["reason"] or not (sources or row["tag"] == "GAP"):
        raise KnowledgeError(f"{where}: expected a reason, and a source unless the tag is GAP.")
    return PlausibleRange(row["item"], entries, settings, low, high, row["tag"], sources, row["reason"],
                          row["exception"])  # fmt: skip


def _entries(knowledge: Knowledge, where: str, item: str) -> Entries:
    if item in (CAUSES, FINDINGS):
        return ()
    parts = [part.strip().partition("=") for part in item.removeprefix(TWO).split("&")]
    findings = {node.id: node for node in knowledge.role("finding")}
    if any(node not in findings or state not in findings[node].states[1:] for node, _, state in parts):
        raise KnowledgeError(f"{where}: expected a finding's 'node=state' above its lowest state, {CAUSES!r}, "
                             f"{FINDINGS!r}, or {TWO!r} with findings joined by '&', got {item!r}.")  # fmt: skip
    if item.startswith(TWO) != (len({node for node, _, _ in parts}) > 1):
        raise KnowledgeError(f"{where}: expected {TWO!r} before several different findings, got {item!r}.")
    return tuple((node, state) for node, _, state in parts)
