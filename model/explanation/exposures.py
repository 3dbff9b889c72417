"""Two known exposures of different causes: what the setting's kappa decides between them, and the answer without it.

Exposures that are known are weighed against each other by their hazards, which were measured, and by the kappa of
their causes, which makes the shares of the setting come true for patients of whom nothing is known. Where the shares
and the epidemiology of two causes lie far apart, kappa decides much of the answer, though methotrexate and rheumatoid
arthritis are as guilty in one setting as in another. So the same patient is asked of the same network with every kappa
at one: the hazards alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from model.calibrated_model import CalibratedModel
from model.inference import Engine
from model.network import Array, Cause, without_kappa
from model.posterior import Posterior
from model.wording import inside_sentence, number_text, percent

MATTERS = 0.05  # of probability: a smaller change is not worth a sentence


@dataclass(frozen=True)
class ExposuresWeighed:
    """Known exposures of two or more causes, and the answer with and without kappa.

    exposures : cause -> the contexts entered in a state that raises its hazard
    kappa     : cause -> by how much the setting multiplies what these exposures add to its hazards
    shown     : the answer of the setting;  hazards_alone : the same patient with every kappa at one
    """

    exposures: Mapping[str, tuple[str, ...]]
    kappa: Mapping[str, float]
    shown: Posterior
    hazards_alone: Posterior

    @property
    def matters(self) -> bool:
        """Whether another cause leads without kappa, or an exposed one moves by five points."""
        moved = (abs(self.shown.acting[cause] - self.hazards_alone.acting[cause]) for cause in self.exposures)
        return self.shown.leader != self.hazards_alone.leader or max(moved) >= MATTERS


def weigh_exposures(model: CalibratedModel, answer: Posterior) -> ExposuresWeighed | None:
    """Return how known exposures of different causes are weighed; None unless two are known, each of another cause.

    answer : a posterior of `model`. An exposure entered as a likelihood is not known.
    Cost   : one posterior; the first call for a model compiles its network without kappa.
    """
    added = {cause.id: _added(cause, answer.evidence.hard) for cause in model.network.causes}
    exposures = {cause: tuple(by_context) for cause, by_context in added.items() if by_context}
    if not any(set(one) != set(other) for one in exposures.values() for other in exposures.values()):
        return None  # none, or one exposure that raises several causes
    engine = _hazards_alone(model)
    alone = {cause.id: _added(cause, answer.evidence.hard) for cause in engine.network.causes}
    solution = engine.possible(answer.evidence.hard, answer.evidence.soft)
    kappa = {cause: sum(added[cause].values()) / sum(alone[cause].values()) for cause in exposures}
    return ExposuresWeighed(exposures, kappa, answer, replace(answer, engine=engine, solution=solution))


def exposures_sentence(model: CalibratedModel, found: ExposuresWeighed, factors: bool = True) -> str:
    """Return what the hazards of the known exposures alone would say, and by what the setting multiplies them.

    factors : with the numbers by which it does
    """
    nodes = model.knowledge.nodes
    causes = [cause for cause in found.hazards_alone.ranked if cause in found.exposures]
    labels = {cause: inside_sentence(nodes[cause].short_label) for cause in causes}
    contexts = dict.fromkeys(context for cause in causes for context in found.exposures[cause])
    known = ", ".join(inside_sentence(nodes[context].short_label) for context in contexts)
    alone = ", ".join(f"{labels[cause]} {percent(found.hazards_alone.acting[cause])}" for cause in causes)
    by = ", ".join(f"{labels[cause]} ×{number_text(found.kappa[cause])}" for cause in causes)
    shares = f"the shares of this setting multiply them: {by}" if factors else "the shares of this setting do the rest"
    return (
        f"Exposures of different causes are known: {known}. Their measured hazards alone would give {alone}; {shares}."
    )


def _added(cause: Cause, hard: Mapping[str, int]) -> dict[str, float]:
    """Return what each entered exposure adds to the hazards of a cause, averaged over what multiplies them."""
    found = {}
    for context, added in cause.hazards.exposures.items() if cause.hazards else ():
        if context in hard:
            of_state: Array = added[..., hard[context], :]
            total = float(of_state.sum(-1).mean())
            if total > 0:
                found[context] = total
    return found


@lru_cache(maxsize=8)
def _hazards_alone(model: CalibratedModel) -> Engine:
    return Engine(without_kappa(model.calibrated))
