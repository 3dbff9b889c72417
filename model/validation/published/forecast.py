"""The published cases as arrays, and what a method says of each: the model, a baseline or a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.evidence import Evidence, PublishedCase, published_cases, read_evidence
from model.network import Array

READINGS = {"with decisive": True, "without decisive": False}  # which of the presenting findings are entered
IMPLIED = "implied"  # the diagnosis is our reading, not the authors'


@dataclass(frozen=True, eq=False)
class CaseSet:
    """Published cases, n of them, and C causes.

    truth    : (n,), position of the authors' cause
    acting   : (n, C), causes the authors say act: the first and, where there is one, the second
    accepted : (n, C), causes that count as right in a lenient reading: `acting`, and the other name of a disease that
               can be filed under two causes
    patient  : (n,), the same number for two cases of one person
    implied  : (n,), the diagnosis is our reading
    """

    cases: tuple[PublishedCase, ...]
    causes: tuple[str, ...]
    truth: NDArray[np.intp]
    acting: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    patient: NDArray[np.intp]
    implied: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.cases)


def case_set(model: CalibratedModel, cases: Mapping[str, PublishedCase] | None = None) -> CaseSet:
    """Return the cases as arrays; by default the ones that travel with the package."""
    chosen = tuple((published_cases(model.knowledge.folder) if cases is None else cases).values())
    causes = tuple(cause.id for cause in model.network.causes)
    first = np.array([causes.index(case.true_cause) for case in chosen], dtype=np.intp)
    acting = np.array([[cause in (case.true_cause, case.second_cause) for cause in causes] for case in chosen])
    also = np.array([[cause in case.accepted for cause in causes] for case in chosen])
    patients = sorted({case.patient for case in chosen})
    return CaseSet(
        chosen,
        causes,
        first,
        acting.reshape(len(chosen), len(causes)),
        (acting | also).reshape(len(chosen), len(causes)),
        np.array([patients.index(case.patient) for case in chosen], dtype=np.intp),
        np.array([case.certainty == IMPLIED for case in chosen], dtype=bool),
    )


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
