"""Why this answer: what each entry weighs, whether the entries fit together, and what a change would do.

May import the engine, the answer and everything below them (``docs/packages.csv``); draws no chart. Start reading at
``weights``: a cause's log-odds divided among the entries by their Shapley values (``coalition``, ``shapley``). Then
``conflict``, ``exposures``, ``relevant_explanation``, ``what_if``, and ``replay``, one entry after the other.
"""

from model.explanation.conflict import Conflict, conflict, conflict_sentences
from model.explanation.exposures import ExposuresWeighed, exposures_sentence, weigh_exposures
from model.explanation.relevant_explanation import RelevantExplanations, most_relevant
from model.explanation.replay import ReplayStep, replay
from model.explanation.weights import Explanation, explain, sentences
from model.explanation.what_if import ButFor, Do, Retract, See, WhatIf, what_if

__all__ = [
    "ButFor", "Conflict", "Do", "Explanation", "ExposuresWeighed", "RelevantExplanations", "ReplayStep", "Retract",
    "See", "WhatIf", "conflict", "conflict_sentences", "explain", "exposures_sentence", "most_relevant", "replay",
    "sentences", "weigh_exposures", "what_if",
]  # fmt: skip
