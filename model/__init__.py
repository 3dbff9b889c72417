"""An educational Bayesian network of the causes of mild neutropenia, from one article's account.

>>> import model
>>> m = model.load(setting="article")
>>> p = m.posterior({"fever": "present", "serum_b12": "150 pg/mL", "methotrexate": "absent"})
>>> round(float(p.share.sum()), 9)
1.0
"""

from model.diagnostic_model import DiagnosticModel, load
from model.errors import (
    CalibrationError,
    CaseFileError,
    EvidenceError,
    ExportError,
    ImpossibleEvidence,
    KnowledgeError,
    ModelError,
    OutOfScope,
    SurveyError,
    TableError,
)
from model.posterior import Posterior
from model.version import __version__

__all__ = [
    "CalibrationError",
    "CaseFileError",
    "DiagnosticModel",
    "EvidenceError",
    "ExportError",
    "ImpossibleEvidence",
    "KnowledgeError",
    "ModelError",
    "OutOfScope",
    "Posterior",
    "SurveyError",
    "TableError",
    "__version__",
    "load",
]
