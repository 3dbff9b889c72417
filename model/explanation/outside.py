"""Is the cause perhaps none of the list? How much better something uninformed explains the entries than all of it.

Not a cause and no probability: each measure is a number that is higher the worse the whole list fits, or the less it
commits itself. ``validation/published/outside.py`` says how well each tells cases whose cause is outside the six from
the others; ``outside_prompts.csv`` holds what a clinician would think of then, whatever the measures say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from pathlib import Path

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import KnowledgeError
from model.explanation.coalition import batch_engines, entries, subset_columns
from model.knowledge import cell_items, table_rows
from model.network import Array
from model.posterior import Posterior

MEASURES: Mapping[str, str] = {
    "straw": "entries independent of each other, as common as in people with a low count (Jensen's conflict)",
    "straw_each": "the same, for each entry",
    "flat": "entries that come in any state alike",
    "population": "entries independent of each other, as common as in all adults",
    "undecided": "one less the largest share: the loss expected when the leader is named",
    "entropy": "how evenly the shares are spread, 0 to 1",
}
OTHER = "other"


def outside_measures(model: CalibratedModel, answer: Posterior) -> dict[str, float]:
    """Return every one of `MEASURES` for one patient, the first four in nats (ratios of likelihoods).

    Cost: one batch of 1 + 2 K rows for K entries. Without entries the first four are 0.
    """
    names = entries(answer.evidence)
    shares = answer.attribution
    spread = float(-(shares * np.log(np.maximum(shares, 1e-300))).sum() / log(len(shares)))
    found = {"undecided": 1 - float(shares.max()), "entropy": spread}
    if not names:
        return dict.fromkeys(("straw", "straw_each", "flat", "population"), 0.0) | found
    asked = np.concatenate([np.ones((1, len(names)), bool), np.eye(len(names), dtype=bool)])
    selected, everybody = batch_engines(model.engine)
    columns = subset_columns(answer.evidence, names, asked)
    nothing = subset_columns(answer.evidence, names, ~asked[:1])
    low = _logs(selected.score(columns, len(asked))[1], model.engine.no_evidence.total)
    whole = float(everybody.score(nothing, 1)[1][0])
    common = _logs(everybody.score(columns, len(asked))[1], whole)
    states = [model.network.cardinality[name] for name in names]
    straw = float(low[1:].sum() - low[0])
    flat = float(-np.log(states).sum() - low[0])
    return {
        "straw": straw, "straw_each": straw / len(names), "flat": flat,
        "population": float(common[1:].sum() - low[0]),
    } | found  # fmt: skip


def _logs(totals: Array, whole: float) -> Array:
    return np.log(totals) - log(whole)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One row of ``outside_prompts.csv``: what to think of that the list does not hold, and when.

    unanswered : nodes; once one of them is entered the prompt is answered
    any_of     : what brings it up: facts (node, state) that hold together, one such group or more
    share      : it comes up too when causes outside the six have this share or more; None for never
    """

    id: str
    label: str
    why: str
    unanswered: tuple[str, ...]
    any_of: tuple[tuple[tuple[str, str], ...], ...]
    share: float | None
    source: tuple[str, ...]


@lru_cache(maxsize=4)
def read_prompts(folder: Path) -> tuple[Prompt, ...]:
    """Return the rows of ``outside_prompts.csv``. raises : KnowledgeError for a fact that is not node=state."""
    found = []
    for _, row in table_rows(folder / "outside_prompts.csv"):
        facts = tuple(tuple(_fact(part) for part in item.split("&")) for item in cell_items(row["any_of"]))
        share = float(row["share"]) if row["share"] else None
        found.append(Prompt(row["prompt"], row["label"], row["why"], cell_items(row["unanswered"]), facts, share,
                            cell_items(row["source"])))  # fmt: skip
    return tuple(found)


def _fact(text: str) -> tuple[str, str]:
    node, equals, state = text.partition("=")
    if not equals:
        raise KnowledgeError(f"outside_prompts.csv: expected node=state, got {text.strip()!r}.")
    return node.strip(), state.strip()


def prompts(model: CalibratedModel, answer: Posterior) -> tuple[Prompt, ...]:
    """Return the prompts that come up for one patient, in the order of the table."""
    evidence = answer.evidence
    states = {node: model.network.by_id[node].states[code] for node, code in evidence.hard.items()}
    other = answer.attribution[list(answer.acting).index(OTHER)]
    shown = []
    for prompt in read_prompts(model.knowledge.folder):
        answered = any(node in evidence.hard or node in evidence.soft for node in prompt.unanswered)
        called = any(all(states.get(node) == state for node, state in group) for group in prompt.any_of)
        if not answered and (called or (prompt.share is not None and other >= prompt.share)):
            shown.append(prompt)
    return tuple(shown)
