"""A calibrated model: one setting, one reading of the words, compiled, ready to answer one patient or a table of them.

The functions of ``explanation``, ``decision``, ``sensitivity``, ``cohort`` and ``validation`` take it. People load a
``DiagnosticModel``, which adds a method for each of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from model.elicitation import plug_in
from model.errors import KnowledgeError, shown
from model.evidence import UNCHECKED, Evidence, Scope, check_scope, read_evidence
from model.inference import Engine
from model.knowledge import Knowledge, data_folder, load_knowledge
from model.network import CalibratedNetwork, Network, assemble
from model.posterior import Posterior

if TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork

DEFAULT_SETTING = "article"
Entered = Mapping[str, Any] | None  # as typed: {node: state | "number unit" | number | {state: likelihood}}


@dataclass(frozen=True, eq=False, repr=False)
class CalibratedModel:
    """A calibrated network and the knowledge it was made from. Immutable; safe to share between threads."""

    knowledge: Knowledge
    setting: str
    scale: str
    calibrated: CalibratedNetwork
    engine: Engine
    overridden: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] | None = None

    @classmethod
    def load(cls, setting: str = DEFAULT_SETTING, scale: str | None = None, folder: Path | None = None) -> Self:
        """Load, calibrate and compile the model of one setting. The same arguments return the same object.

        setting : a row of ``data/settings.csv``
        scale   : a verbal scale of ``data/verbal_scales.csv``; default the first one there
        folder  : other tables than the ones that travel with the package
        raises  : KnowledgeError, CalibrationError.
        """
        folder = None if folder == data_folder() else folder
        return _loaded(cls, setting, scale or load_knowledge(folder).default_scale, folder)

    @classmethod
    def of(
        cls,
        knowledge: Knowledge,
        setting: str,
        scale: str,
        numbers: Mapping[str, float] | None = None,
        shares: Mapping[str, float] | None = None,
    ) -> Self:
        """Calibrate and compile one setting of tables already read; nothing is kept.

        numbers, shares : what stands in for the model's own, as :meth:`override` and :meth:`with_shares` take them
        """
        numbers = MappingProxyType(dict(numbers or {}))
        stated, as_read = plug_in(knowledge, setting, scale, numbers)
        calibrated = assemble(knowledge, setting, stated, shares or as_read, numbers)
        shares = None if shares is None else MappingProxyType(dict(shares))
        return cls(knowledge, setting, scale, calibrated, Engine(calibrated.network), numbers, shares)

    def __repr__(self) -> str:
        changed = f" replaced={len(self.overridden)}" if self.overridden else ""
        return f"<{type(self).__name__} setting={self.setting} scale={self.scale} hash={self.hash}{changed}>"

    @property
    def network(self) -> Network:
        """The network as plain tables."""
        return self.calibrated.network

    @cached_property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with any number, the setting or the reading of the words."""
        changed = sorted({**self.overridden, **(self.shares or {})}.items())
        text = f"{self.knowledge.digest}/{self.setting}/{self.scale}/{changed}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def posterior(self, evidence: Entered = None, outside: str = "refuse", *, scope: bool = True) -> Posterior:
        """Return the posterior of one patient.

        evidence : ``{node: state | "number unit" | number | {state: likelihood}}``; a missing key is *not assessed*.
            Guard nodes (anc, age, sex, chemotherapy, blasts) go in the same mapping.
        outside  : "refuse", or "allow" for a count of 500-999, which is then marked in `scope`.
        scope    : False switches the scope guard off; for validation on published cases only.
        raises   : EvidenceError, OutOfScope, ImpossibleEvidence.
        """
        entered = read_evidence(self.knowledge, {} if evidence is None else evidence)
        guard = check_scope(self.knowledge, entered, outside) if scope else UNCHECKED
        return self.answer(entered, guard)

    def answer(self, entered: Evidence, guard: Scope) -> Posterior:
        """Return the posterior of evidence already read, under a verdict on its scope; raises ImpossibleEvidence."""
        solution = self.engine.possible(entered.hard, entered.soft)
        return Posterior(self.setting, self.hash, guard, entered, self.engine, solution)

    @cached_property
    def prior(self) -> Posterior:
        """The answer when nothing is known of the patient."""
        return self.posterior({})

    @cached_property
    def counted(self) -> Posterior:
        """The answer for those whose causes the shares were counted in: nothing known but the setting's condition."""
        return self.posterior(self.calibrated.condition, scope=False) if self.calibrated.condition else self.prior

    def again(self, answer: Posterior, evidence: Entered) -> Posterior:
        """Return the posterior of the same patient under other evidence, guarded as `answer` was."""
        outside = "allow" if answer.scope.verdict == "near" else "refuse"
        return self.posterior(evidence, outside, scope=answer.scope.verdict != "unchecked")

    def override(self, numbers: Mapping[str, float]) -> Self:
        """Return the same model with some plug-in values replaced and everything calibrated anew.

        numbers : record id -> value as stated (background included); shares read from an order cannot be replaced
        raises  : KnowledgeError for an unknown id or an impossible value, CalibrationError when no priors fit.
        """
        if not isinstance(numbers, Mapping):
            raise KnowledgeError(f"Override: expected a mapping of record ids to numbers, got {shown(numbers)}.")
        return self.of(self.knowledge, self.setting, self.scale, {**self.overridden, **numbers}, self.shares)

    def with_shares(self, shares: Mapping[str, float]) -> Self:
        """Return the same model under other shares of the six causes, summing to one: another reading of the order."""
        return self.of(self.knowledge, self.setting, self.scale, self.overridden, shares)

    def elsewhere(self, setting: str, scale: str | None = None) -> Self:
        """Return the model of another setting or scale of the same tables, no number replaced."""
        return self.load(setting, scale or self.scale, self.knowledge.folder)

    def to_pgmpy(self) -> DiscreteBayesianNetwork:
        """Return the whole network, mechanisms and selection node included, as a checked pgmpy network.

        Condition it on ``neutropenia=yes``: every posterior here is.
        """
        from model.network.exchange import to_pgmpy

        return to_pgmpy(self.network)


@lru_cache(maxsize=32)
def _loaded(kind: type[CalibratedModel], setting: str, scale: str, folder: Path | None) -> Any:
    return kind.of(load_knowledge(folder), setting, scale)
