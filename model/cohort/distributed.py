"""A table larger than one machine: the scorer of a data frame as a Dask map over its partitions.

Every partition is scored by itself, by ``posterior_batch``, so a worker that dies costs its partitions and no more:
Dask gives them to another. Needs the extra ``distributed``. Ids that stand twice in different partitions are not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.calibrated_model import DEFAULT_SETTING, CalibratedModel
from model.cohort.patient_table import score_frame
from model.errors import TableError, listed, shown
from model.late import pd

if TYPE_CHECKING:
    import dask.dataframe as dd

ON_ERROR = ("fail", "mark")
MOST_TOLD = 5  # of rows that cannot be read


def score_partitions(
    frame: dd.DataFrame,
    setting: str = DEFAULT_SETTING,
    outside: str = "refuse",
    *,
    on_error: str = "fail",
    scale: str | None = None,
) -> dd.DataFrame:
    """Return what ``posterior_batch`` returns for every partition, lazily, in their order and on the same index.

    setting, scale : of the model, which every worker loads once; one whose tables differ from those here is an error
    on_error       : fail: a row that cannot be read ends the computation with its index, column and cell; mark: it is
                     in the result as invalid, with its reason
    raises         : TableError when the columns cannot be taken as they stand, or for another word in `on_error`;
                     EvidenceError for another word in `outside`. When computed: TableError as `on_error` says.
    """
    if on_error not in ON_ERROR:
        raise TableError(f"on_error: expected {listed(ON_ERROR)}, got {shown(on_error)}.")
    loaded = CalibratedModel.load(setting, scale)
    meta = _score_part(frame._meta, setting, scale, outside, on_error, loaded.hash)
    return frame.map_partitions(_score_part, setting, scale, outside, on_error, loaded.hash, meta=meta)


def _score_part(
    part: pd.DataFrame, setting: str, scale: str | None, outside: str, on_error: str, model_hash: str
) -> pd.DataFrame:
    loaded = CalibratedModel.load(setting, scale)
    if loaded.hash != model_hash:
        raise TableError(
            f"Worker: expected the tables of model {model_hash}, got those of {loaded.hash}; install it anew."
        )
    found, unread = score_frame(loaded, part, outside)
    wrong = np.flatnonzero(unread != "")
    if on_error == "fail" and len(wrong):
        told = [f"Row {found.index[row]!r}: {found['scope_reason'].iloc[row]}" for row in wrong[:MOST_TOLD]]
        count = (
            f"{len(wrong)} row{'s' * (len(wrong) != 1)} of this partition cannot be read; on_error='mark' marks them."
        )
        raise TableError("\n".join([*told, count]))
    found.attrs.clear()  # of one partition, so it says nothing of the table
    return found
