"""Is it right? Everything that could prove the model wrong, one question a file."""

from model.validation.ranking import Ranking, accuracy, rank_case, rank_cases
from model.validation.wilson import wilson_interval

__all__ = ["Ranking", "accuracy", "rank_case", "rank_cases", "wilson_interval"]
