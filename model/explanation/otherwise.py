"""Had one entry come out otherwise: what each other state of it would make of the causes, all in one batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.evidence import Evidence
from model.explanation.coalition import batch_engines, entries, stated
from model.inference.batch import Column
from model.inference.leader import leading
from model.posterior import Posterior

FITS = 0.5  # of the likelihood of the state that fits best: from there on another state is not otherwise


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One entry in another state, the rest as entered.

    node, entered, state : the entry, how it was given, and the state it would have had
    now, then : P(the cause that leads now is acting) as entered, and otherwise
    leader, leads : the cause that would lead, and its probability
    """

    node: str
    entered: str
    state: str
    now: float
    then: float
    leader: str
    leads: float


def otherwise(model: CalibratedModel, answer: Posterior) -> tuple[Otherwise, ...]:
    """Return every other state of every question and finding entered, the one that takes most from the leader first.

    answer : a posterior of `model`. What stands on every request (age, sex) cannot come out otherwise, and a cause
             entered as settled is no finding. Impossible states are left out, and so are those that a number near a
             limit, or a likelihood, fits as well.
    Cost   : one row a state, in one batch.
    """
    evidence, nodes = answer.evidence, model.knowledge.nodes
    items = entries(evidence)
    fixed = {row.node for row in model.knowledge.costs if row.burden == 0 and not row.panels}
    swaps = []
    for item in items:
        if item in fixed or nodes[item].role not in ("context", "finding"):
            continue
        fits = np.arange(model.network.cardinality[item]) == evidence.hard.get(item)
        if item in evidence.soft:
            fits = np.asarray(evidence.soft[item]) >= FITS * np.max(evidence.soft[item])
        swaps += [(item, code) for code in np.flatnonzero(~fits).tolist()]
    if not swaps:
        return ()
    columns = {}
    for item in items:
        soft = None if item in evidence.hard else np.array([evidence.soft[item]])
        own = evidence.hard[item] if soft is None else soft.shape[1]
        codes = np.array([code if node == item else own for node, code in swaps])
        columns[item] = Column(codes, soft)
    acting, total = batch_engines(answer.engine)[0].score(columns, len(swaps))
    causes = [cause.id for cause in model.network.causes]
    place, now, first = causes.index(answer.leader), answer.acting[answer.leader], leading(acting)
    found = [
        Otherwise(item, _as_entered(model, evidence, item), model.network.by_id[item].states[code], now,
                  float(acting[row, place]), causes[first[row]], float(acting[row, first[row]]))
        for row, (item, code) in enumerate(swaps)
        if total[row] > 0
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.then))


def _as_entered(model: CalibratedModel, evidence: Evidence, item: str) -> str:
    """Return a number as it was given, a named medicine by its name, else the state entered."""
    given, said = evidence.given[item], stated(model, evidence, item)
    number = isinstance(given, str | int | float) and any(sign.isdigit() for sign in str(given))
    known = str(given) in model.network.by_id[item].states
    return str(given) if number and not known and item not in {m.named.node for m in evidence.medicines} else said
