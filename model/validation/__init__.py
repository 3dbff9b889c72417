"""Is it right? Everything that could prove the model wrong, one question a file."""

from model.validation.laws import CheckedLaw, LawReport, check_laws
from model.validation.nhanes_comparison import NhanesComparison, nhanes_comparison
from model.validation.ranking import Ranking, accuracy, rank_case, rank_cases
from model.validation.wilson import wilson_interval

__all__ = [
    "CheckedLaw",
    "LawReport",
    "NhanesComparison",
    "Ranking",
    "accuracy",
    "check_laws",
    "nhanes_comparison",
    "rank_case",
    "rank_cases",
    "wilson_interval",
]
