"""The answer: a posterior that holds arrays and turns them into labelled Series when asked.

Of 19 low counts in the toy network 10 show the sign; all 10 have the first cause, and one the second too:

>>> from model.evidence import UNCHECKED
>>> from model.network.toy import toy
>>> engine, sign = Engine(toy()), Evidence({"sign": 1}, {}, {}, (), {"sign": "present"})
>>> answer = Posterior("toy", "", UNCHECKED, sign, engine, engine.solve(sign.hard))
>>> answer
<Posterior setting=toy scope=unchecked: first 1.000, second 0.100>
>>> answer.attribution.round(2).tolist()  # the one count with two processes is shared by them
[0.95, 0.05]
>>> round(answer.log_evidence, 3)  # ln 10 / 19
-0.642
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log
from typing import Any

import numpy as np

from model.evidence import Evidence, Scope
from model.inference import Engine, Solution
from model.inference.leader import ranking
from model.late import pd
from model.network import Array


@dataclass(frozen=True, eq=False, repr=False)
class Posterior:
    """Everything the network says about one patient, given a low count. Probabilities are exact at the plug-in numbers.

    `setting`, `model_hash` and `scope` say which model answered and whether the patient is inside what it describes.
    """

    setting: str
    model_hash: str
    scope: Scope
    evidence: Evidence
    engine: Engine
    solution: Solution

    def __repr__(self) -> str:
        causes = ", ".join(f"{cause} {self.acting[cause]:.3f}" for cause in self.ranked)
        return f"<Posterior setting={self.setting} scope={self.scope.verdict}: {causes}>"

    @cached_property
    def state_probabilities(self) -> Mapping[str, Array]:
        """Cause -> P(state | evidence), shape (states,), ``absent`` first."""
        flat, start = self._given_evidence(self.engine.state_indicator), 0
        found = {}
        for cause in self.engine.network.causes:  # slices: np.split would take as long as a third of the whole answer
            found[cause.id] = flat[start : start + len(cause.states)]
            start += len(cause.states)
        return found

    @cached_property
    def acting(self) -> Mapping[str, float]:
        """P(cause acting | evidence) as a plain mapping: `causes` without pandas."""
        acting = self._given_evidence(self.engine.acting)
        return dict(zip((cause.id for cause in self.engine.network.causes), acting.tolist(), strict=True))

    @cached_property
    def ranked(self) -> tuple[str, ...]:
        """The causes, likeliest first; equal ones in the network's order."""
        causes = tuple(self.acting)
        return tuple(causes[place] for place in ranking(np.array(list(self.acting.values()))))

    @property
    def leader(self) -> str:
        """The likeliest cause."""
        return self.ranked[0]

    @cached_property
    def causes(self) -> pd.Series:
        """P(cause acting | evidence), one entry per cause; they may sum to more than one, for causes co-exist."""
        return _series(self.acting.values(), self.acting, "cause", "probability")

    @cached_property
    def states(self) -> pd.Series:
        """P(cause state | evidence), indexed by (cause, state), ``absent`` included."""
        values = {
            (cause.id, state): self.state_probabilities[cause.id][code]
            for cause in self.engine.network.causes
            for code, state in enumerate(cause.states)
        }
        return _series(values.values(), values, ("cause", "state"), "probability")

    @cached_property
    def attribution(self) -> Array:
        """`share` as an array, in the order of the causes."""
        return self._given_evidence(self.engine.share_of)

    def _given_evidence(self, of: Array) -> Array:
        """Return the expectation of each column of `of`, all in 0..1; rounding must not carry a certainty past one."""
        return np.minimum((self.solution.weights @ of) / self.solution.total, 1.0)

    @cached_property
    def share(self) -> pd.Series:
        """Attribution: each acting process gets an equal part of the count. Sums to one."""
        return _series(self.attribution, self.acting, "cause", "share")

    @cached_property
    def mechanism_probabilities(self) -> Mapping[str, float]:
        """`mechanisms` as a mapping."""
        rows = self.engine.mechanism_rows.items()
        return {name: float(self.solution.weights @ row) / self.solution.total for name, row in rows}

    @cached_property
    def mechanisms(self) -> pd.Series:
        """P(mechanism present | evidence): display only, never evidence."""
        present = self.mechanism_probabilities
        return _series(present.values(), present, "mechanism", "probability")

    @cached_property
    def nodes(self) -> pd.Series:
        """P(state | evidence) of every context and finding that was not entered, indexed by (node, state)."""
        hard, soft = self.evidence.hard, self.evidence.soft
        values = {}
        for node in (*self.engine.network.contexts, *self.engine.network.findings):
            if node.id not in hard and node.id not in soft:
                predicted = self.engine.predict(node.id, hard, soft, self.solution)
                values |= {(node.id, state): float(p) for state, p in zip(node.states, predicted, strict=True)}
        return _series(values.values(), values, ("node", "state"), "probability")

    @property
    def log_evidence(self) -> float:
        """ln P(evidence | neutropenia), in nats; a likelihood counts scaled to a maximum of one."""
        return log(self.solution.total) - log(self.engine.no_evidence.total)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``posterior --json`` prints: plain numbers, names and nested mappings."""
        return {
            "setting": self.setting,
            "model_hash": self.model_hash,
            "scope": self.scope.verdict,
            "causes": dict(self.acting),
            "states": {
                cause.id: dict(zip(cause.states, self.state_probabilities[cause.id].tolist(), strict=True))
                for cause in self.engine.network.causes
            },
            "share": dict(zip(self.acting, self.attribution.tolist(), strict=True)),
            "log_evidence": self.log_evidence,
            **({"medicines": [each.to_dict() for each in self.evidence.medicines]} if self.evidence.medicines else {}),
            **({"course": self.evidence.course.to_dict()} if self.evidence.course else {}),
        }


def _series(values: Iterable[float], index: Iterable[Any], names: str | tuple[str, str], title: str) -> pd.Series:
    return pd.Series(list(values), index=_index(tuple(index), names), name=title, dtype=float)


@lru_cache(maxsize=256)
def _index(keys: tuple[Any, ...], names: str | tuple[str, str]) -> pd.Index:
    """Return ids, or pairs of ids, as an index; the same few come with every answer."""
    if isinstance(names, str):
        return pd.Index(keys, name=names)
    return pd.MultiIndex.from_tuples(keys, names=names) if keys else pd.MultiIndex.from_arrays([[], []], names=names)
