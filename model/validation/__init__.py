"""Is it right? Everything that could prove the model wrong, one question a file.

Four packages by what the model is held against: ``published`` cases, clinical ``laws``, a survey of the ``population``,
and ``simulated`` patients; beside them ``plausibility`` (stated ranges) and ``verification`` (other engines). They may
use every analysis and draw no chart. Start in ``results``, which asks everything once.
"""

from model.validation.intervals import difference_interval, mcnemar, paired_bootstrap, wilson_interval
from model.validation.laws.check import LawReport, check_laws
from model.validation.plausibility import Plausibility, plausibility
from model.validation.population.comparison import NhanesComparison, nhanes_comparison
from model.validation.published.comparison import Comparison, compare
from model.validation.published.forecast import case_set, model_forecast
from model.validation.published.scores import CaseScores, case_scores
from model.validation.published.sections import validate_published
from model.validation.published.text import published_text
from model.validation.simulated.robust_recovery import RobustRecovery, robust_recovery
from model.validation.simulated.self_consistency import SelfConsistency, self_consistency
from model.validation.simulated.simulation_based_calibration import (
    SimulationBasedCalibration,
    simulation_based_calibration,
)

__all__ = [
    "CaseScores", "Comparison", "LawReport", "NhanesComparison", "Plausibility", "RobustRecovery", "SelfConsistency",
    "SimulationBasedCalibration", "case_scores", "case_set", "check_laws", "compare", "difference_interval", "mcnemar",
    "model_forecast", "nhanes_comparison", "paired_bootstrap", "plausibility", "published_text", "robust_recovery",
    "self_consistency", "simulation_based_calibration", "validate_published", "wilson_interval",
]  # fmt: skip
