"""Does the model expect plausible patients: how often each finding, and how many at once, against stated ranges.

A prior predictive check (Box 1980; Gabry et al. 2019) that can fail: each range rests on its sources, not on the model.
They are wide where nobody counted, so lying inside proves little there; lying outside means that a number, a share or
the range is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from model.network.cpt import Array
from model.network.network import Network
from model.sensitivity.uncertainty import parameter_draws
from model.validation.frames import plain_records
from model.validation.plausible_ranges import CAUSES, FINDINGS, TWO, Entries, PlausibleRange, read_ranges

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel

Total = Callable[[Mapping[str, int]], Array]  # P(entries, low count) at every parameter point


@dataclass(frozen=True)
class Plausibility:
    """The figures of one setting against their ranges.

    frame : index item; columns label, plug_in, low (5 %), high (95 %) over the draws, range_low, range_high, verdict
            (plausible, implausible: of the plug-in figure), reached (the interval meets the range), tag, sources,
            reason, exception
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
    model: CalibratedModel, ranges: Sequence[PlausibleRange] | None = None, draws: int = 500, seed: int = 0
) -> Plausibility:
    """Return what the model expects of people with the count, and whether that is plausible.

    ranges : default those of ``data/``.  Cost: about 45 passes over the draws, a second for 500.
    raises : KnowledgeError when the table cannot be read.
    """
    import pandas as pd

    ranges = read_ranges(model.knowledge) if ranges is None else ranges
    drawn = parameter_draws(model, draws, seed).engine
    figures = (_Figures(model.network, lambda hard: np.array(model.engine.solve(hard).total)),
               _Figures(model.network, lambda hard: drawn.solve(hard).total))  # fmt: skip
    rows = {}
    for row in ranges:
        if model.setting not in row.settings:
            continue
        plug_in = float(figures[0].of(row.item, row.entries))
        low, high = np.quantile(figures[1].of(row.item, row.entries), (0.05, 0.95))
        rows[row.item] = {
            "label": label(model, row.item, row.entries), "plug_in": plug_in, "low": float(low), "high": float(high),
            "range_low": row.low, "range_high": row.high,
            "verdict": "plausible" if row.low <= plug_in <= row.high else "implausible",
            "reached": bool(low <= row.high and high >= row.low),
            "tag": row.tag, "sources": row.sources, "reason": row.reason, "exception": row.exception,
        }  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")
    return Plausibility(frame, draws, seed, model.setting)


def label(model: CalibratedModel, item: str, entries: Entries) -> str:
    """Return an item in words."""
    if not entries:
        return {CAUSES: "Two or more causes at once", FINDINGS: "Findings in one person, mean number"}[item]
    nodes = model.knowledge.nodes
    if item.startswith(TWO):
        return f"Two or more: {', '.join(nodes[node].label.split(' (')[0] for node, _ in entries)}"
    ((node, state),) = entries
    return nodes[node].label + ("" if state == "present" else f": {state.replace('_', ' ')}")


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
