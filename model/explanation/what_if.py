"""What if? Four questions that sound alike and are not: see, retract, do, but-for.

See and retract change what is known; do and but-for change the patient, and need a reading of the arcs as effects: a
process acts when its probability exceeds a hidden disposition of the patient (a larger hazard never stops it), and the
count is low when its probability exceeds another (one more process never raises it).

Of 10 patients with the toy network's sign all have the first cause and one has the second too. Without the first that
one would still have a low count:

>>> from types import SimpleNamespace
>>> from model.evidence import Evidence
>>> from model.evidence import UNCHECKED
>>> from model.inference import Engine
>>> from model.network.toy import toy
>>> from model.posterior import Posterior
>>> engine, sign = Engine(toy()), Evidence({"sign": 1}, {}, {}, (), {"sign": "present"})
>>> answer = Posterior("toy", "", UNCHECKED, sign, engine, engine.solve(sign.hard))
>>> found = what_if(SimpleNamespace(engine=engine, network=engine.network), answer, ButFor("first"))
>>> found.causes["after"].round(3).tolist()  # the first, the second
[0.0, 0.1]
>>> found.measures.set_index("measure")["value"].round(3).to_dict()
{'some_process': 0.1, 'still_low': 0.1, 'necessary': 0.9, 'sole': 0.9, 'probability_of_necessity': 0.9}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError, listed, nearest
from model.evidence import bands_of_guards
from model.late import pd
from model.network import Array, Cause, Context, grid
from model.posterior import Posterior


@dataclass(frozen=True)
class See:
    """Something more were found. `found`: node -> what is entered; nodes not yet entered."""

    found: Mapping[str, Any]


@dataclass(frozen=True)
class Retract:
    """Entries were taken back: not assessed, which is neither absent nor undone."""

    nodes: tuple[str, ...]

    def __init__(self, *nodes: str):
        object.__setattr__(self, "nodes", nodes)


@dataclass(frozen=True)
class Do:
    """One context or cause were set from outside, from now on: a drug stopped, a deficiency treated."""

    node: str
    state: str


@dataclass(frozen=True)
class ButFor:
    """One cause or context had never been there."""

    node: str


Change = See | Retract | Do | ButFor


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The answer to one what-if question.

    kind     : see, retract, do or but_for;  question : the sentence that says which question is answered
    causes   : cause, before P(acting | evidence), after (below), difference
    measures : measure, value, definition: what `kind` gives besides

    see, retract : after = P(acting | changed evidence, low count). Measure: log_ratio, ln P(changed) / P(entered).
    do, but_for  : the patients are those the evidence describes today, P(causes, contexts | evidence, low count); in
        each, one node is set to another state and everything else about the patient stays (abduction, action,
        prediction). after = P(process would act then). For a context x set to x', a cause c that acts goes on with
        probability min(1, P(c acts | x') / P(c acts | x)), one that is absent starts with probability
        max(0, (P(c acts | x') - P(c acts | x)) / P(c absent | x)); other contexts are held as they are, those that
        depend on x too. For a cause, it alone is set. The arcs into the node are cut: setting it says nothing of what
        usually brings it about, unlike seeing it. Measures:
            some_process = P(some process would act): another sufficient cause remains
            still_low    = sum P(s | e) min(1, sigma(s') / sigma(s)), sigma(s) = P(low count | processes s, gamma): the
                           count would be low, graded: one process of two brings it less often than both
        `before` is also why the count is low today: do does not change that, whatever it changes ahead.
    but_for      : the same sums, asked backwards: had it never been there. Measures besides:
            necessary   = 1 - still_low: it would not be low (graded by gamma)
            sole        = 1 - some_process: nothing else would act; for a cause, P(it acts alone | e)
            probability_of_necessity = necessary / P(node not in its first state | e): where it is there, it was needed

    Unit      : probabilities; log_ratio in nats.
    Reference : Pearl 2009, Causality, ch. 1 and 7; Tian, Pearl 2000, Probabilities of causation (identified here by
                monotonicity); Balke, Pearl 1994.
    Cost      : see, retract: one posterior. do, but_for of a cause: one. Of a context: one for each configuration of
                the contexts of the causes it acts on that were not entered: some thousand at most (seconds).
    """

    kind: str
    question: str
    causes: pd.DataFrame
    measures: pd.DataFrame


def what_if(model: CalibratedModel, answer: Posterior, change: Change) -> WhatIf:
    """Return the answer to `change`: See, Retract, Do or ButFor. Definitions: :class:`WhatIf`.

    answer : a posterior of `model`: what is believed before the change
    raises : EvidenceError when the change does not fit its kind; what ``posterior`` raises, for the changed evidence.
    """
    if isinstance(change, See):
        return see(model, change, answer)
    if isinstance(change, Retract):
        return retract(model, change, answer)
    if isinstance(change, Do):
        return do(model, change, answer)
    if isinstance(change, ButFor):
        return but_for(model, change, answer)
    raise EvidenceError(f"what_if: expected See, Retract, Do or ButFor, got {change!r}.")


def see(model: CalibratedModel, change: See, before: Posterior) -> WhatIf:
    """Condition on more: what would be believed if it were found?"""
    evidence = before.evidence.given
    taken = [node for node in change.found if evidence.get(node) is not None]
    if taken or not change.found:
        given = listed(taken) if taken else "nothing"
        raise EvidenceError(
            f"see: expected nodes not yet entered, got {given}; retract an entry before seeing it anew."
        )
    after = model.again(before, {**evidence, **change.found})
    found = ", ".join(f"{node}={value}" for node, value in change.found.items())
    question = f"See: if {found} were also found in this patient, how likely would each cause be?"
    return _believed("see", question, before, after)


def retract(model: CalibratedModel, change: Retract, before: Posterior) -> WhatIf:
    """Take entries back: what would be believed had they not been assessed?"""
    evidence = before.evidence.given
    missing = [node for node in change.nodes if evidence.get(node) is None]
    if missing or not change.nodes:
        given = listed(missing) if missing else "nothing"
        raise EvidenceError(f"retract: expected entries to take back, got {given}; entered is {list(evidence)}.")
    pairs = bands_of_guards(model.knowledge).items()  # an age and its band go together
    gone = {node for pair in pairs if set(pair) & set(change.nodes) for node in pair} | set(change.nodes)
    left = {node: value for node, value in evidence.items() if node not in gone}
    after = model.again(before, left)
    question = f"Retract: if {', '.join(change.nodes)} had not been assessed, how likely would each cause be?"
    return _believed("retract", question, before, after)


def do(model: CalibratedModel, change: Do, before: Posterior) -> WhatIf:
    """Intervene: what would go on acting, and would the count be low, if this alone were changed from now on?"""
    node = _settable(model, "do", change.node)
    if change.state not in node.states:
        hint = nearest(str(change.state), node.states) or "."
        raise EvidenceError(
            f"do: state {change.state!r} of {node.id!r} is unknown; allowed is {listed(node.states)}{hint}"
        )
    acting, some, low = _set(model, before, node, node.states.index(change.state))
    question = (
        f"Do: if {node.id} were set to {change.state} from now on and all else stayed, how likely would each process "
        "be to act, and the count to be low? Why the count is low today does not change."
    )
    return _answer("do", question, before, acting, _outcome(some, low))


def but_for(model: CalibratedModel, change: ButFor, before: Posterior) -> WhatIf:
    """Ask for necessity: would the count be low today had this never been there?"""
    node = _settable(model, "but_for", change.node)
    acting, some, low = _set(model, before, node, 0)
    hard, soft, engine = before.evidence.hard, before.evidence.soft, model.engine
    if isinstance(node, Cause):
        there = before.acting[node.id]
    else:
        unset = engine.solve({**hard, node.id: 0}, soft).total / before.solution.total
        there = float(hard[node.id] > 0) if node.id in hard else 1 - unset
    if there <= 0:
        raise EvidenceError(
            f"but_for: expected a cause or context that may be there, got {node.id!r}, which is {node.states[0]}."
        )
    rows = [
        *_outcome(some, low),
        ("necessary", 1 - low, "P(the count would not be low without it)"),
        ("sole", 1 - some, "P(no process would act without it)"),
        ("probability_of_necessity", (1 - low) / there, "P(the count would not be low without it | it is there)"),
    ]
    question = (
        f"But for: had {node.id} been {node.states[0]} all along and all else the same, would the count be low today?"
    )
    return _answer("but_for", question, before, acting, rows)


def _settable(model: CalibratedModel, kind: str, node_id: str) -> Context | Cause:
    node = model.network.by_id.get(node_id)
    if isinstance(node, Context | Cause):
        return node
    allowed = [each.id for each in (*model.network.causes, *model.network.contexts)]
    why = "a finding or mechanism brings nothing about" if node else "it is unknown"
    raise EvidenceError(f"{kind}: expected a cause or context, got {node_id!r}; {why}; allowed is {listed(allowed)}.")


def _set(model: CalibratedModel, today: Posterior, node: Context | Cause, state: int) -> tuple[Array, float, float]:
    """Return (P(each cause would act), P(some process would), P(the count would be low)) with `node` set to `state`."""
    engine, network = model.engine, model.network
    column = {cause: engine.codes[:, position] > 0 for position, cause in enumerate(engine.causes)}
    if isinstance(node, Cause):
        flips = [{node.id: (column[node.id] != (state > 0)).astype(float)}]
        weights = [today.solution.weights]
    else:
        flips, weights = _by_configuration(model, today, node, state, column)
    order = [cause.id for cause in network.causes]
    acting, some, low = np.zeros(len(order)), 0.0, 0.0
    for flip, weight in zip(flips, weights, strict=True):
        for flipped in product((False, True), repeat=len(flip)):
            chance, after = weight, dict(column)
            for (cause, probability), turned in zip(flip.items(), flipped, strict=True):
                chance = chance * (probability if turned else 1 - probability)
                after[cause] = column[cause] ^ turned
            acts = np.stack([after[cause] for cause in order], axis=1)
            size = acts.sum(1)
            ratio = np.divide(
                network.selection[size], engine.selection, out=np.zeros(len(size)), where=engine.selection > 0
            )
            acting += chance @ acts
            some += float(chance @ (size > 0))
            low += float(chance @ np.minimum(1, ratio))
    total = today.solution.total
    return acting / total, some / total, low / total


def _by_configuration(
    model: CalibratedModel, today: Posterior, node: Context, state: int, column: Mapping[str, np.ndarray]
) -> tuple[list[dict[str, Array]], list[Array]]:
    """Return (P(flip) of the causes concerned, (S,); P(s, it, evidence)) for each configuration of their contexts."""
    network, hard, soft = model.network, today.evidence.hard, today.evidence.soft
    causes = [cause for cause in network.causes if node.id in cause.contexts]
    contexts = list(dict.fromkeys([node.id, *(context for cause in causes for context in cause.contexts)]))
    free = [context for context in contexts if context not in hard]
    flips, weights = [], []
    for codes in grid([network.cardinality[context] for context in free]).tolist():
        at = {**hard, **dict(zip(free, codes, strict=True))}
        weights.append(model.engine.solve(at, soft).weights)
        flip = {}
        for cause in causes:
            now = 1 - cause.table[(*(at[context] for context in cause.contexts), 0)]
            then = 1 - cause.table[(*(state if c == node.id else at[c] for c in cause.contexts), 0)]
            stops = max(0.0, 1 - then / now) if now > 0 else 0.0
            starts = max(0.0, (then - now) / (1 - now)) if now < 1 else 0.0
            flip[cause.id] = np.where(column[cause.id], stops, starts)
        flips.append(flip)
    return flips, weights


def _outcome(some: float, low: float) -> list[tuple[str, float, str]]:
    return [
        ("some_process", some, "P(some process would act)"),
        ("still_low", low, "P(the count would be low), graded by how often that many processes bring it"),
    ]


def _believed(kind: str, question: str, before: Posterior, after: Posterior) -> WhatIf:
    ratio = after.log_evidence - before.log_evidence
    rows = [("log_ratio", ratio, "ln P(changed evidence) / P(evidence entered), both given the low count")]
    return _answer(kind, question, before, np.array(list(after.acting.values())), rows)


def _answer(kind: str, question: str, before: Posterior, after: Array, rows: list[tuple[str, float, str]]) -> WhatIf:
    """after : P(each cause acts), (causes,);  rows : measure, value, definition"""
    acting = np.array(list(before.acting.values()))
    causes = {"cause": list(before.acting), "before": acting, "after": after, "difference": after - acting}
    return WhatIf(kind, question, pd.DataFrame(causes), pd.DataFrame(rows, columns=["measure", "value", "definition"]))
