"""Write ``data/control_scores.csv``: what version 0.2 says of the published cases with the same share for every cause.

``python -m benchmarks.control_scores`` computes it anew from the tables of that release, ``tests/releases/0.2.0.zip``.
Most of what a version gains on published cases can be had by this alone, so it stands beside every figure.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from model.calibrated_model import CalibratedModel
from model.model_diff import read_release
from model.model_diff.release import Release
from model.validation import case_set, model_forecast
from model.whole_file import whole_file

ROOT = Path(__file__).resolve().parents[1]
RELEASE = ROOT / "tests" / "releases" / "0.2.0.zip"
TARGET = ROOT / "data" / "control_scores.csv"
SETTING = "article"  # its context rates; its shares are replaced
DIGITS = 10


def even(release: Release) -> CalibratedModel:
    """Return the model of a release in which the six causes and all others together have one seventh each."""
    plain = CalibratedModel.of(release.knowledge, SETTING, release.knowledge.default_scale)
    six = [cause.id for cause in plain.network.causes if cause.id != "other"]
    other = plain.knowledge.records_of(SETTING, "other_share")[0].id
    return plain.with_shares({cause: 1 / len(six) for cause in six}).override({other: 1 / (len(six) + 1)})


def control_table(release: Release) -> list[list[str]]:
    """Return the table with its header."""
    model = even(release)
    cases = case_set(model, release.cases)
    shares = model_forecast(model, cases, True).shares
    rows = [[case.id, "old", *(f"{share:.{DIGITS}g}" for share in own)]
            for case, own in zip(cases.cases, np.asarray(shares), strict=True)]  # fmt: skip
    return [["case", "vocabulary", *cases.causes], *rows]


def main() -> None:
    """Write the table."""
    with whole_file(TARGET) as file:
        csv.writer(file, lineterminator="\n").writerows(control_table(read_release(RELEASE)))


if __name__ == "__main__":
    main()
