"""The exported network is the published model: other software reads it and answers the same."""

import json

import numpy as np
import pytest

from model.errors import ExportError
from model.network.exchange import FORMATS, expanded_tables, export, quiet_pgmpy, to_pgmpy
from tests.oracles.peers import Agrum

ABOUT = {"setting": "article", "model_hash": "x", "version": "0"}
EVIDENCE = {"fever": "present", "african_or_middle_eastern_ancestry": "present", "anaemia": "present"}


def test_pgmpy_network_is_whole_and_strict(any_model):
    exported = to_pgmpy(any_model.network)
    knowledge = any_model.knowledge
    assert set(exported.nodes()) == {n.id for n in knowledge.nodes.values() if n.role != "guard"}
    for cpd in exported.get_cpds():
        assert np.abs(cpd.get_values().sum(axis=0) - 1).max() < 1e-9
        assert tuple(cpd.state_names[cpd.variable]) == knowledge.nodes[cpd.variable].states


def test_every_exported_table_equals_the_network(article):
    exported = to_pgmpy(article.network)
    for node, (states, parents, table) in expanded_tables(article.network).items():
        cpd = exported.get_cpds(node)
        assert tuple(cpd.variables[1:]) == parents
        assert np.array_equal(np.moveaxis(cpd.values, 0, -1), table)
        assert len(states) == cpd.values.shape[0]


def reader_of(suffix):
    with quiet_pgmpy():
        from pgmpy.readwrite import BIFReader, NETReader, XDSLReader, XMLBIFReader
    return {".bif": BIFReader, ".xmlbif": XMLBIFReader, ".xdsl": XDSLReader, ".net": NETReader}[suffix]


@pytest.mark.parametrize(("suffix", "tolerance"), [(".bif", 1e-9), (".xmlbif", 1e-9), (".xdsl", 1e-9), (".net", 1e-6)])
def test_files_read_back_to_the_same_posterior(article, tmp_path, suffix, tolerance):
    path = tmp_path / f"network{suffix}"
    export(article.network, path, ABOUT)
    again = reader_of(suffix)(str(path)).get_model()
    with quiet_pgmpy():
        from pgmpy.inference import VariableElimination
    answer = article.posterior(EVIDENCE)
    for cause in ("drug", "ben", "other"):
        factor = VariableElimination(again).query(
            [cause], evidence={**EVIDENCE, "neutropenia": "yes"}, show_progress=False
        )
        absent = factor.values[factor.state_names[cause].index("absent")]
        assert abs(1 - absent - answer.acting[cause]) < tolerance


@pytest.mark.parametrize(("suffix", "tolerance"), [(".bif", 1e-6), (".xmlbif", 1e-12), (".net", 1e-6)])
def test_pyagrum_reads_every_table(article, tmp_path, suffix, tolerance):
    """XDSL is left out: pyAgrum 3.3 reads its columns first parent fastest, GeNIe and pgmpy last parent fastest."""
    path = tmp_path / f"network{suffix}"
    export(article.network, path, ABOUT)
    if suffix == ".xmlbif":
        path = path.rename(path.with_suffix(".bifxml"))  # the only ending pyAgrum knows for this format
    agrum = Agrum.read(path)
    for node, (states, parents, table) in expanded_tables(article.network).items():
        assert np.abs(agrum.table(node, (*parents, node)) - table).max() < tolerance
        assert agrum.network.variable(node).labels() == states


def test_json_holds_every_table(article, tmp_path):
    path = tmp_path / "network.json"
    export(article.network, path, ABOUT)
    content = json.loads(path.read_text())
    assert content["schema"] == 1
    assert content["setting"] == "article"
    tables = expanded_tables(article.network)
    assert [node["id"] for node in content["nodes"]] == list(tables)
    for node in content["nodes"]:
        assert np.array_equal(np.array(node["table"]), tables[node["id"]][2])


@pytest.mark.parametrize("suffix", FORMATS)
def test_export_is_repeatable(article, tmp_path, suffix):
    (tmp_path / "again").mkdir()
    first, second = tmp_path / f"network{suffix}", tmp_path / "again" / f"network{suffix}"
    export(article.network, first, ABOUT)
    export(article.network, second, ABOUT)
    assert first.read_text() == second.read_text()


def test_errors_leave_nothing_behind(article, tmp_path):
    with pytest.raises(ExportError, match=r"ending in '.bif'.*got 'network.txt'"):
        export(article.network, tmp_path / "network.txt", ABOUT)
    with pytest.raises(ExportError, match="cannot be written"):
        export(article.network, tmp_path / "no" / "network.json", ABOUT)
    assert list(tmp_path.iterdir()) == []
