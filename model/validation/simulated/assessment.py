"""Which questions and tests a simulated patient has had: nobody is asked everything.

What is not assessed is chosen without looking at the patient (missing completely at random), which leaves a posterior
calibrated. Real clinics look first, and published reports tell what they found: both patterns are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import EvidenceError, KnowledgeError, listed
from model.evidence import published_cases
from model.inference.batch import UNOBSERVED, Column
from model.inference.patterns import Codes
from model.knowledge import Knowledge, table_rows

PATTERNS = ("everything", "work_up", "published")
Assessed = dict[str, NDArray[np.bool_]]


def assessed(knowledge: Knowledge, pattern: str, n: int, rng: np.random.Generator) -> Assessed:
    """Return, for every context and finding, which of `n` patients have it answered.

    pattern : "everything", every context and finding;
              "work_up", panels done or not done together, at the rates of ``assessment_rates.csv``;
              "published", for each patient the nodes that a random published case states at presentation
    raises  : EvidenceError for another word.
    """
    nodes = [node.id for node in knowledge.role("context", "finding")]
    if pattern == "everything":
        return {node: np.ones(n, bool) for node in nodes}
    if pattern == "work_up":
        return _worked_up(knowledge, nodes, n, rng)
    if pattern == "published":
        cases = [set(case.presenting()) for case in published_cases(knowledge.folder).values()]
        which = rng.integers(len(cases), size=n)
        return {node: np.array([node in case for case in cases])[which] for node in nodes}
    raise EvidenceError(f"Assessment: expected {listed(PATTERNS)}, got {pattern!r}.")


def assessment_rates(knowledge: Knowledge, folder: Path | None = None) -> dict[str, float]:
    """Return panel or node -> probability that it is done, from ``assessment_rates.csv``.

    raises : KnowledgeError for an unknown panel or node, a rate that is none, a row without a reason, a panel missing.
    """
    path = (folder or knowledge.folder) / "assessment_rates.csv"
    known = {panel.panel for panel in knowledge.panels}
    rates = {}
    for number, row in table_rows(path):
        where = f"{path.name} row {number}"
        if row["item"] not in known and row["item"] not in knowledge.nodes:
            raise KnowledgeError(f"{where}: expected a panel of panels.csv or a node, got {row['item']!r}.")
        rate = float(row["rate"]) if row["rate"].replace(".", "", 1).isdigit() else -1.0
        if not 0 <= rate <= 1 or not row["rationale"]:
            raise KnowledgeError(f"{where}: expected a rate of 0 to 1 and a rationale, got {row['rate']!r}.")
        rates[row["item"]] = rate
    missing = sorted(known - set(rates))
    if missing:
        raise KnowledgeError(f"{path.name}: expected a row for every panel; missing is {listed(missing)}.")
    return rates


def _worked_up(knowledge: Knowledge, nodes: list[str], n: int, rng: np.random.Generator) -> Assessed:
    """A node is answered when each panel it is part of is done, and then at its own rate where it has one."""
    rates = assessment_rates(knowledge)
    done = {item: rng.random(n) < rate for item, rate in rates.items()}
    panels = {row.node: row.panels for row in knowledge.costs}
    found = {}
    for node in nodes:
        found[node] = np.ones(n, bool)
        for item in (*panels[node], node):
            if item in done:
                found[node] &= done[item]
    return found


def columns(codes: Mapping[str, Codes], seen: Assessed) -> dict[str, Column]:
    """Return drawn patients as columns for the batch engine, blank where not assessed."""
    return {node: Column(np.where(mask, codes[node], UNOBSERVED)) for node, mask in seen.items()}
