"""The model people load: one setting, one reading of the words, calibrated and compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from model.assembly import CalibratedNetwork, assemble
from model.evidence import read_evidence
from model.inference import Engine
from model.knowledge import Knowledge, load_knowledge
from model.network import Network
from model.plug_in import plug_in
from model.posterior import Posterior
from model.scope import UNCHECKED, check_scope

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.models import DiscreteBayesianNetwork

DEFAULT_SETTING = "article"


@dataclass(frozen=True, eq=False)
class DiagnosticModel:
    """A calibrated network and the knowledge it was made from. Immutable; safe to share between threads."""

    knowledge: Knowledge
    setting: str
    scale: str
    calibrated: CalibratedNetwork
    engine: Engine
    overridden: Mapping[str, float] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        """The network as plain tables."""
        return self.calibrated.network

    @cached_property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with any number, the setting or the reading of the words."""
        changed = ";".join(f"{number}={value!r}" for number, value in sorted(self.overridden.items()))
        text = f"{self.knowledge.digest}/{self.setting}/{self.scale}/{changed}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def posterior(
        self, evidence: Mapping[str, Any] | None = None, outside: str = "refuse", *, scope: bool = True
    ) -> Posterior:
        """Return the posterior of one patient.

        evidence : ``{node: state | "number unit" | number | {state: likelihood}}``; a missing key is *not assessed*.
            Guard nodes (anc, age, sex, chemotherapy, blasts) go in the same mapping.
        outside  : "refuse", or "allow" for a count of 500-999, which is then marked in `scope`.
        scope    : False switches the scope guard off; for validation on published cases only.
        raises   : EvidenceError, OutOfScope, ImpossibleEvidence.
        """
        entered = read_evidence(self.knowledge, evidence or {})
        guard = check_scope(self.knowledge, entered, outside) if scope else UNCHECKED
        solution = self.engine.possible(entered.hard, entered.soft)
        return Posterior(self.setting, self.hash, guard, entered, self.engine, solution)

    def override(self, numbers: Mapping[str, float]) -> DiagnosticModel:
        """Return the same model with some plug-in values replaced and everything calibrated anew.

        numbers : record id -> value as stated (background included); shares read from an order cannot be replaced
        raises  : KnowledgeError for an unknown id or an impossible value, CalibrationError when no priors fit.
        """
        stated, shares = plug_in(self.knowledge, self.setting, self.scale, {**self.overridden, **numbers})
        calibrated = assemble(self.knowledge, self.setting, stated, shares)
        everything = MappingProxyType({**self.overridden, **numbers})
        return replace(self, calibrated=calibrated, engine=Engine(calibrated.network), overridden=everything)

    def posterior_batch(self, frame: pd.DataFrame, outside: str = "refuse", *, scope: bool = True) -> pd.DataFrame:
        """Return p_<cause> for every row of `frame`, with `scope` and `scope_reason`, on the same index.

        frame  : columns are node ids, blank cells are *not assessed*; other columns are ignored.
        raises : TableError when no column is a node. Refused or unreadable rows have empty p_* and the reason.
        Cost: linear in the rows, memory bounded by a chunk.
        """
        from model.patient_table import posterior_batch

        return posterior_batch(self.knowledge, self.engine, frame, outside, scope=scope)

    def to_pgmpy(self) -> DiscreteBayesianNetwork:
        """Return the whole network, mechanisms and selection node included, as a checked pgmpy network.

        Condition it on ``neutropenia=yes``: every posterior here is.
        """
        from model.exchange import to_pgmpy

        return to_pgmpy(self.network)


def load(setting: str = DEFAULT_SETTING, scale: str | None = None, folder: Path | None = None) -> DiagnosticModel:
    """Load, calibrate and compile the model of one setting. The same arguments return the same object.

    setting : a row of ``data/settings.csv``
    scale   : a verbal scale of ``data/verbal_scales.csv``; default the first one there
    folder  : other tables than the ones that travel with the package
    raises  : KnowledgeError, CalibrationError.
    """
    knowledge = load_knowledge(folder)
    return _load(setting, scale or knowledge.default_scale, folder)


@lru_cache(maxsize=32)
def _load(setting: str, scale: str, folder: Path | None) -> DiagnosticModel:
    knowledge = load_knowledge(folder)
    stated, shares = plug_in(knowledge, setting, scale)
    calibrated = assemble(knowledge, setting, stated, shares)
    return DiagnosticModel(knowledge, setting, scale, calibrated, Engine(calibrated.network))
