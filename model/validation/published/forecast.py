"""What a method says of every published case, whatever the method: the model, a baseline or a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.calibrated_model import CalibratedModel
from model.evidence.read import Evidence, read_evidence
from model.network.cpt import Array
from model.validation.published.case_set import CaseSet


@dataclass(frozen=True, eq=False)
class Forecast:
    """One method on n cases with C causes.

    shares : (n, C), attribution, sums to one;  acting : (n, C), P(cause acting)
    score  : (n, C), what it ranks the causes by, highest first
    """

    method: str
    shares: Array
    acting: Array
    score: Array


Method = Callable[[CalibratedModel, CaseSet, bool], Forecast]  # the last: are decisive findings entered?


def entered(model: CalibratedModel, cases: CaseSet, decisive: bool) -> tuple[Evidence, ...]:
    """Return what is entered of each case, read."""
    return tuple(read_evidence(model.knowledge, case.presenting(decisive)) for case in cases.cases)


def model_forecast(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return what the model itself says; the scope guard is off, for most published counts are far too low."""
    answers = [model.posterior(case.presenting(decisive), scope=False) for case in cases.cases]
    shares = np.array([answer.attribution for answer in answers])
    acting = np.array([list(answer.acting.values()) for answer in answers])
    return Forecast("model", shares, acting, acting)
