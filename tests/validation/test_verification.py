"""Verification finds what it looks for: a wrong table makes it fail."""

from dataclasses import replace

import numpy as np

from model.inference import Engine
from model.validation.verification import check_calibration, check_enumeration, check_pgmpy, verify


def test_every_check_passes(any_model):
    for check in verify(any_model, cases=4):
        assert check.passed, check
        assert check.comparisons > 0


def test_a_wrong_engine_is_found(article):
    """Compile the engine from a network whose fever table is off in the seventh digit."""
    network = article.network
    fever = network.by_id["fever"]
    links = {**fever.links, "viral": fever.links["viral"] * np.array([[1.0, 1.0], [1 - 1e-5, 1.0]])}
    findings = tuple(replace(fever, links=links) if f.id == "fever" else f for f in network.findings)
    wrong = replace(article, engine=Engine(replace(network, findings=findings)))
    assert not check_enumeration(wrong, 6, 0).passed
    assert not check_pgmpy(wrong, 20, 0).passed


def test_a_wrong_prior_is_found(article):
    targets = {key: value * (1 + 1e-6) for key, value in article.calibrated.targets.items()}
    assert not check_calibration(replace(article, calibrated=replace(article.calibrated, targets=targets))).passed
