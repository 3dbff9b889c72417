"""Every chart, one page: results to Altair charts that app and notebooks share. They draw and compute nothing.

Each chart has a text twin, ``<chart>_text``, that says the same from the same result and is its description too; what
nobody draws has the text alone. Charts of one kind of result share a file. Colours, rows, axes and titles are in
``style``. Start there.
"""

from model.charts.calibration import (
    laws_text,
    recovery,
    recovery_text,
    reliability,
    reliability_text,
    truth_ranks_text,
)
from model.charts.cohort import (
    cohort_clarity,
    cohort_clarity_text,
    cohort_leaders,
    cohort_leaders_text,
    cohort_means,
    cohort_means_text,
)
from model.charts.comparison import comparison, comparison_text
from model.charts.explanation import ledger, ledger_text, next_tests, next_tests_text, waterfall, waterfall_text
from model.charts.literature import literature, literature_text
from model.charts.plausibility import plausibility_text
from model.charts.reliance import readers, readers_text, reliance, reliance_text, verify_first, verify_first_text
from model.charts.sensitivity import HAZARDS, curve, curve_text, tornado, tornado_text, two_way, two_way_text
from model.charts.style import DARK, LIGHT, Palette
from model.charts.survey import survey, survey_text
from model.charts.uncertainty import (
    elicitation,
    elicitation_text,
    intervals,
    intervals_text,
    prior_predictive,
    prior_predictive_text,
)
from model.charts.validation import accuracy, accuracy_text, baselines, baselines_text

__all__ = [
    "DARK", "HAZARDS", "LIGHT", "Palette", "accuracy", "accuracy_text", "baselines", "baselines_text", "cohort_clarity",
    "cohort_clarity_text", "cohort_leaders", "cohort_leaders_text", "cohort_means", "cohort_means_text", "comparison",
    "comparison_text", "curve", "curve_text", "elicitation", "elicitation_text", "intervals", "intervals_text",
    "laws_text", "ledger", "ledger_text", "literature", "literature_text", "next_tests", "next_tests_text",
    "plausibility_text", "prior_predictive", "prior_predictive_text", "readers", "readers_text", "recovery",
    "recovery_text", "reliability", "reliability_text", "reliance", "reliance_text", "survey", "survey_text", "tornado",
    "tornado_text", "truth_ranks_text", "two_way", "two_way_text", "verify_first", "verify_first_text", "waterfall",
    "waterfall_text",
]  # fmt: skip
