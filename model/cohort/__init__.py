"""Many patients as a table: read, check, score, sum up, simulate.

Knows one calibrated model (``model.calibrated_model``) and explains nothing. Start with ``patient_table``: it reads
each distinct cell of a column once. ``scoring`` reads a file of any kind that ``table_file`` opens in chunks and hands
them to it; ``distributed`` does the same for a Dask data frame. ``check`` says beforehand what will be read. These need
pandas, so they are not imported here.
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
