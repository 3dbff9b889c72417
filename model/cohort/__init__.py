"""Many patients as a table: read, check, score, sum up, simulate.

Knows one calibrated model (``model.calibrated_model``) and explains nothing. Start with ``patient_table``, which reads
a column by its distinct cells; ``scoring`` takes a CSV file through it in chunks, ``check`` says beforehand what
will be read. These three need pandas and are asked for by name; what is handed on here does not.
"""

from model.cohort.csv_file import safe_csv
from model.cohort.header import Header, read_header
from model.cohort.simulation import simulate
from model.cohort.summary import CohortSummary, ScoredTable, read_scored, summarise

__all__ = [
    "CohortSummary",
    "Header",
    "ScoredTable",
    "read_header",
    "read_scored",
    "safe_csv",
    "simulate",
    "summarise",
]
