"""The scorer as a Dask map over partitions gives what it gives on one machine, a worker killed half-way or not."""

from __future__ import annotations

import os
import signal
import time

import pandas as pd
import pytest

from model.diagnostic_model import load
from model.errors import EvidenceError, TableError

if os.environ.get("CI") != "true":
    pytest.importorskip("distributed", reason="the extra 'distributed' is not installed")
    pytest.importorskip("dask.dataframe", reason="the extra 'distributed' is not installed")

import dask
import dask.dataframe as dd
from distributed import Client, LocalCluster

from model.cohort import distributed as ours
from model.cohort.distributed import score_partitions

MODEL = load()
PARTS = 16

pytestmark = pytest.mark.filterwarnings("ignore")  # what Dask warns of is not ours


def patients(count):
    drawn = MODEL.simulate(count, seed=3)[["fever", "rash", "macrocytosis", "viral_test", "methotrexate"]]
    return drawn.assign(anc=[f"{900 + n % 700} /mm3" for n in range(count)], id=range(count))


def test_a_map_over_partitions_is_the_table():
    frame = patients(500)
    found = score_partitions(dd.from_pandas(frame, npartitions=7), "primary_care", "allow")
    expected = load("primary_care").posterior_batch(frame, "allow")
    with dask.config.set(scheduler="synchronous"):
        pd.testing.assert_frame_equal(found.compute(), expected, rtol=1e-12, check_dtype=False)
    assert list(found.columns) == list(expected.columns)


def test_a_worker_killed_half_way_costs_no_row():
    frame = patients(32_000)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        workers = client.run(os.getpid)
        parts = client.compute(score_partitions(dd.from_pandas(frame, npartitions=PARTS)).to_delayed())
        late = time.monotonic() + 120
        while not any(part.done() for part in parts):
            assert time.monotonic() < late, "no partition was scored in two minutes"
            time.sleep(0.01)
        undone = [part for part in parts if not part.done()]
        os.kill(next(iter(workers.values())), signal.SIGKILL)
        found = pd.concat(client.gather(parts))
        assert undone, "every partition was scored before the worker was killed"
        assert set(client.run(os.getpid).values()) != set(workers.values())
    pd.testing.assert_frame_equal(found, MODEL.posterior_batch(frame), rtol=1e-12, check_dtype=False)


def test_a_row_that_cannot_be_read_ends_it_or_is_marked():
    frame = patients(40).astype(object)
    frame.loc[33, "fever"] = "hot"
    frame.loc[34, ["fever", "anc"]] = "hot", "300 /mm3"
    table = dd.from_pandas(frame, npartitions=4)
    with dask.config.set(scheduler="synchronous"):
        with pytest.raises(TableError, match="Row 33: fever: state 'hot' is unknown(.|\n)*Row 34: (.*)Severe"):
            score_partitions(table).compute()
        marked = score_partitions(table, on_error="mark").compute()
    assert marked["scope"].loc[[33, 34]].tolist() == ["invalid", "refused"]
    pd.testing.assert_frame_equal(marked, MODEL.posterior_batch(frame), rtol=1e-12, check_dtype=False)


def test_what_cannot_be_taken_is_said_before_anything_is_computed():
    table = dd.from_pandas(patients(4), npartitions=2)
    with pytest.raises(TableError, match="on_error: expected 'fail' or 'mark', got 'skip'"):
        score_partitions(table, on_error="skip")
    with pytest.raises(EvidenceError, match="outside"):
        score_partitions(table, outside="maybe")
    with pytest.raises(TableError, match="did you mean 'fever'"):
        score_partitions(table.rename(columns={"fever": "fevr"}))


def test_a_worker_with_other_tables_is_an_error():
    with pytest.raises(TableError, match="Worker: expected the tables of model 0123, got those of"):
        ours._score_part(patients(1), "article", None, "refuse", "fail", "0123")
