"""Do the findings agree? Conflict between entries, how surprising they are together, and what would settle it.

Of the 19 low counts of the toy network 10 show the sign, 10 have the second cause, and only one has both. Together they
are rarer than if they were independent, by a factor of (10/19)(10/19) / (1/19) = 100/19, which is e to the 1.66:

>>> from model.network.toy import toy
>>> both = Evidence({"sign": 1, "second": 1}, {}, {}, (), {"sign": "present", "second": "present"})
>>> asked = np.array([[True, False], [False, True], [True, True]])
>>> sign, second, together = _log_probability(Engine(toy()), both, ["sign", "second"], asked)
>>> round(float(sign + second - together), 2)
1.66
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, Literal

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError
from model.evidence import Evidence
from model.explanation.coalition import batch_engines, entries, stated, subset_columns
from model.inference import Engine
from model.inference.batch import Column
from model.inference.patterns import Codes
from model.inference.sampling import draw
from model.knowledge import Node
from model.late import pd
from model.network import Array, grid
from model.posterior import Posterior
from model.wording import percent_said, state_label

EXACT_UP_TO = 1 << 14  # possible observations that are enumerated
PATIENTS = 5_000  # simulated where there are more: a percentile of 95 is then known to a third of a point
UNUSUAL = 95.0  # percentile from which a set of entries is called unusual
_TIE = 1e-9  # in the logarithm: as surprising, but for rounding


@dataclass(frozen=True, eq=False)
class Conflict:
    """Whether the entries e_1 ... e_K of one patient fit together. Every probability is given the low count.

    conflict       : ln prod P(e_i) / P(e). Above 0 the entries are less likely together than if they were independent:
                     they disagree. A rare disease and a wrong entry both do this; `hypotheses` tells them apart.
    surprise       : -ln P(e)
    percentile     : 100 * probability that observing the same nodes in another patient of this model is less surprising
    standard_error : of `percentile`; 0 when exact
    how            : "exact", by listing every possible observation of these nodes, or "simulated", from patients drawn
    items          : item, label, state, surprise -ln P(e_i), surprise_given_rest -ln P(e_i | others), conflict_without
                     (of the others), change: what it adds to the conflict; largest first. The leave-one-out trace.
    pairs          : a, b, conflict of the two alone; largest first. The clashing findings are the pairs above 0.
    hypotheses     : cause, state ("acting" for any), log_ratio ln P(h | e) / P(h), conflict_given: conflict once h is
                     an entry too, = conflict - log_ratio; resolves: a conflict above 0 that h brings to 0 or below.

    A likelihood counts as one observation "the report came back like this", with its states' likelihoods (largest 1) as
    probabilities; in another patient it comes back so, or not.

    Unit      : nats (natural logarithm); percentile in percent.
    Reference : Jensen, Chamberlain, Nordahl, Jensen 1990, Analysis in HUGIN of data conflict; Box 1980 for the
                percentile (prior-predictive check).
    Cost      : one batch of 1 + 2 K + K (K - 1) / 2 rows, and one of every possible observation (up to 2^14) or of
                the simulated patients.
    """

    conflict: float
    surprise: float
    percentile: float
    standard_error: float
    how: str
    items: pd.DataFrame
    pairs: pd.DataFrame
    hypotheses: pd.DataFrame

    @property
    def level(self) -> Literal["fits", "unusual", "clash"]:
        """Whether two entries disagree; if none do, whether all together are rare."""
        return "clash" if self.clashing else "unusual" if self.percentile >= UNUSUAL else "fits"

    @property
    def clashing(self) -> tuple[tuple[str, str], ...]:
        """Pairs of entries that disagree by themselves, worst first; empty when the entries fit together as a whole."""
        found = self.pairs[self.pairs["conflict"] > _TIE] if self.conflict > _TIE else self.pairs[:0]
        return tuple(zip(found["a"], found["b"], strict=True))

    @property
    def resolved_by(self) -> tuple[tuple[str, str], ...]:
        """(cause, state) that explain the conflict away, best first: a rare case rather than bad data."""
        found = self.hypotheses[self.hypotheses["resolves"]]
        return tuple(zip(found["cause"], found["state"], strict=True))


def conflict(model: CalibratedModel, answer: Posterior, *, patients: int = PATIENTS, seed: int = 0) -> Conflict:
    """Return how well the entries of one patient fit together. Definitions and cost: :class:`Conflict`.

    answer         : a posterior of `model`
    patients, seed : of the simulation that stands in for more than 2^14 possible observations
    raises         : EvidenceError for fewer than 2 patients.
    """
    if patients < 2:
        raise EvidenceError(f"conflict: expected 2 patients or more, got {patients}.")
    entered, engine = answer.evidence, model.engine
    names = entries(entered)
    k = len(names)
    left, right = np.triu_indices(k, 1)
    everything = np.eye(k, dtype=bool)
    asked = np.concatenate([np.ones((1, k), bool), everything, ~everything, everything[left] | everything[right]])
    logs = _log_probability(engine, entered, names, asked)
    whole, single, without, both = logs[0], logs[1 : 1 + k], logs[1 + k : 1 + 2 * k], logs[1 + 2 * k :]
    total = float(single.sum() - whole)
    rest = (single.sum() - single) - without
    share, error, how = _less_surprising(engine, entered, names, float(whole), patients, seed)
    items = _sorted("change", {
        "item": names,
        "label": [model.knowledge.nodes[name].label for name in names],
        "state": [stated(model, entered, name) for name in names],
        "surprise": -single,
        "surprise_given_rest": without - whole,
        "conflict_without": rest,
        "change": total - rest,
    })  # fmt: skip
    pairs = _sorted("conflict", {
        "a": [names[i] for i in left], "b": [names[i] for i in right], "conflict": single[left] + single[right] - both
    })  # fmt: skip
    hypotheses = _hypotheses(model, answer, total)
    return Conflict(total, 0.0 - float(whole), 100 * share, 100 * error, how, items, pairs, hypotheses)


def conflict_sentences(found: Conflict, nodes: Mapping[str, Node]) -> list[str]:
    """Return whether the entries fit together and, if not, what would account for it or is to be checked.

    nodes : node -> its row, which names it and its states
    """
    if len(found.items) < 2:
        return ["With fewer than two findings there is nothing that could disagree."]
    states = dict(zip(found.items["item"], found.items["state"], strict=True))
    among = percent_said(found.percentile / 100)
    surprise = f"such a set is more surprising than {among} of sets of the same questions"
    if found.level == "fits":
        return [f"The entries fit together: {surprise}."]

    def entry(node: str) -> str:
        return f"{nodes[node].short_label} ({state_label(nodes[node], str(states[node])).lower()})"

    if found.level == "clash":
        first, second = found.clashing[0]
        said = f"{entry(first)} and {entry(second)} disagree; {surprise}."
    else:
        said = f"Unusual together: {surprise}."
    if not found.resolved_by:
        return [said, f"Check {entry(str(found.items['item'].iloc[0]))} again first."]
    cause, state = found.resolved_by[0]
    of_state = "" if state in ("acting", "present") else f", {state_label(nodes[cause], state)}"
    return [said, f"{nodes[cause].short_label}{of_state} would account for it."]


def _log_probability(engine: Engine, evidence: Evidence, names: Sequence[str], asked: np.ndarray) -> Array:
    """Return ln P(subset of the entries | low count) for each row of `asked`, shape (n,)."""
    batch, _ = batch_engines(engine)
    totals = batch.score(subset_columns(evidence, names, asked), len(asked))[1]
    return np.log(totals) - np.log(engine.no_evidence.total)


@lru_cache(maxsize=5)  # as many as there are settings; a few MB each
def _others(engine: Engine, patients: int, seed: int) -> Mapping[str, Codes]:
    """Return other patients of this model, given a low count and nothing else; they hang on no entry."""
    return draw(engine, patients, np.random.default_rng(seed))


def _less_surprising(
    engine: Engine, evidence: Evidence, names: Sequence[str], observed: float, patients: int, seed: int
) -> tuple[float, float, str]:
    """Return (P(another observation of these nodes is more probable than this one), its standard error, how)."""
    batch, _ = batch_engines(engine)
    cards = [2 if name in evidence.soft else engine.network.cardinality[name] for name in names]
    exact = prod(cards) <= EXACT_UP_TO
    if exact:
        codes = dict(zip(names, grid(cards).T, strict=True))
        count = prod(cards)
    else:
        drawn, rng = _others(engine, patients, seed), np.random.default_rng((seed, 1))
        codes = {name: drawn[name] for name in names}
        for name in [name for name in names if name in evidence.soft]:  # does the report come back like this?
            codes[name] = (rng.random(patients) >= np.array(evidence.soft[name])[codes[name]]).astype(np.intp)
        count = patients
    columns = {}
    for name in names:
        if name in evidence.soft:
            likelihood = np.array(evidence.soft[name])
            columns[name] = Column(len(likelihood) + codes[name], np.stack([likelihood, 1 - likelihood]))
        else:
            columns[name] = Column(codes[name])
    probability = batch.score(columns, count)[1] / engine.no_evidence.total
    less = probability > np.exp(observed + _TIE)
    if exact:
        return float(probability[less].sum()), 0.0, "exact"
    share = float(less.mean())
    return share, float(np.sqrt(share * (1 - share) / patients)), "simulated"


def _hypotheses(model: CalibratedModel, answer: Posterior, total: float) -> pd.DataFrame:
    """Return every cause not entered, acting or in one state, and what it does to the conflict."""
    rows = []
    for cause in model.network.causes:
        prior, after = model.prior.state_probabilities[cause.id], answer.state_probabilities[cause.id]
        if cause.id in answer.evidence.hard:
            continue
        hypotheses = [("acting", prior[1:].sum(), after[1:].sum())]
        if len(cause.states) > 2:
            hypotheses += [(cause.states[k], prior[k], after[k]) for k in range(1, len(cause.states))]
        rows += [(cause.id, state, np.log(p / q)) for state, q, p in hypotheses if p > 0]
    ratio = np.array([row[2] for row in rows])
    return _sorted("log_ratio", {
        "cause": [row[0] for row in rows], "state": [row[1] for row in rows], "log_ratio": ratio,
        "conflict_given": total - ratio, "resolves": (total > _TIE) & (total - ratio <= _TIE),
    })  # fmt: skip


def _sorted(column: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of these columns, largest of one of them first."""
    return pd.DataFrame(columns).sort_values(column, ascending=False, kind="stable", ignore_index=True)
