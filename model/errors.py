"""Every error a person can cause, each one sentence: where, what was expected, what was given, what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Real


class ModelError(Exception):
    """Base of every error this package raises on purpose."""


class KnowledgeError(ModelError):
    """A table in ``data/`` is wrong; the message names file, row and column."""


class EvidenceError(ModelError, ValueError):
    """A finding, state, number or unit that the model does not know."""


class ImpossibleEvidence(ModelError):
    """The findings entered have probability zero together; `clash` holds the smallest set that does."""

    def __init__(self, message: str, clash: tuple[str, ...] = ()):
        super().__init__(message)
        self.clash = clash


class OutOfScope(ModelError):
    """The patient is outside what the article describes; `rule` is the id in ``data/scope.csv``."""

    def __init__(self, message: str, rule: str, advice: str, verdict: str):
        super().__init__(message)
        self.rule = rule
        self.advice = advice
        self.verdict = verdict


class CalibrationError(ModelError):
    """No prior reproduces the elicited shares for these numbers."""


class CaseFileError(ModelError, ValueError):
    """A case file cannot be read."""


class TableError(ModelError, ValueError):
    """A table of patients cannot be scored as it stands."""


class SurveyError(ModelError, ValueError):
    """A survey cannot be read, or does not allow an estimate."""


class ExportError(ModelError, ValueError):
    """A file cannot be written."""


def listed(items: Iterable[object]) -> str:
    """Return the items as they stand in an error sentence: ``'a', 'b' or 'c'``."""
    quoted = [repr(item) for item in items] or ["nothing"]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the closest allowed word, or an empty string."""
    close = get_close_matches(word, list(allowed), n=1, cutoff=0.75)
    return f"; did you mean {close[0]!r}?" if close else ""


def as_number(value: object) -> float | None:
    """Return a real number as a float, NaN and infinity included; None for anything else, True and False included."""
    try:
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None
    except OverflowError:
        return math.inf


def shown(value: object) -> str:
    """Return what was given for an error sentence, cut when long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
