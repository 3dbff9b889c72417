"""The exported network is the published model: other software reads it and answers the same."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.errors import ExportError
from model.inference import Engine
from model.network.exchange import expanded_tables, export, quiet_pgmpy, to_pgmpy
from model.network.file_formats import uai, writers
from model.network.toy import toy
from model.validation.verification import random_evidence
from tests.oracles.enumeration import enumerate_posterior
from tests.oracles.peers import Agrum, Pgmpy
from tests.oracles.random_networks import random_network

ROOT = Path(__file__).resolve().parents[2]
FORMATS = tuple(writers({}, {}))
ABOUT = {"setting": "article", "model_hash": "x", "version": "0"}
SEEN = {"neutropenia": "yes"}
EVERY_DIGIT, SINGLE = 1e-9, 1e-6  # pyAgrum 3.3 keeps seven digits of a number in BIF, NET and UAI

# As in the network Asia that comes with GeNIe. Of dysp, Lauritzen and Spiegelhalter (1988) print: with bronchitis alone
# 0.8, with the other disease alone 0.7, with both 0.9, with neither 0.1.
GENIE = """<?xml version="1.0" encoding="UTF-8"?>
<smile version="1.0" id="Asia" numsamples="10000" discsamples="10000">
  <nodes>
    <cpt id="either"><state id="no" /><state id="yes" /><probabilities>0.9 0.1</probabilities></cpt>
    <cpt id="bronc"><state id="no" /><state id="yes" /><probabilities>0.6 0.4</probabilities></cpt>
    <cpt id="dysp">
      <state id="no" />
      <state id="yes" />
      <parents>either bronc</parents>
      <probabilities>0.9 0.1 0.2 0.8 0.3 0.7 0.1 0.9</probabilities>
    </cpt>
  </nodes>
  <extensions>
    <genie version="1.0" app="GeNIe 2.1" name="Asia">
      <node id="either"><name>either</name></node>
      <node id="bronc"><name>bronc</name></node>
      <node id="dysp"><name>dysp</name></node>
    </genie>
  </extensions>
</smile>
"""
# The same network; variables 0, 1 and 2 are either, bronc and dysp. "The last variable is the least significant."
COMPETITION = """BAYES
3
2 2 2
3
1 0
1 1
3 0 1 2

2
0.9 0.1

2
0.6 0.4

8
0.9 0.1 0.2 0.8 0.3 0.7 0.1 0.9
"""


@pytest.fixture(scope="module")
def files(article, tmp_path_factory):
    """Every format of one network, and XMLBIF under the only ending pyAgrum knows for it."""
    folder = tmp_path_factory.mktemp("network")
    for suffix in FORMATS:
        export(article.network, folder / f"n{suffix}", ABOUT)
    (folder / "n.bifxml").write_bytes((folder / "n.xmlbif").read_bytes())
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def cases(article):
    """Random evidence, and the answers to it: cause -> P(state)."""
    rng = np.random.default_rng(5)
    drawn = [random_evidence(article, rng) for _ in range(8)]
    return [(evidence, article.posterior(evidence, scope=False).state_probabilities) for evidence in drawn]


def test_pgmpy_network_is_whole_and_strict(any_model):
    exported = to_pgmpy(any_model.network)
    knowledge = any_model.knowledge
    assert set(exported.nodes()) == {n.id for n in knowledge.nodes.values() if n.role != "guard"}
    for cpd in exported.get_cpds():
        assert np.abs(cpd.get_values().sum(axis=0) - 1).max() < 1e-9
        assert tuple(cpd.state_names[cpd.variable]) == knowledge.nodes[cpd.variable].states


def test_every_exported_table_equals_the_network(article):
    assert_same_tables(to_pgmpy(article.network), expanded_tables(article.network))


def assert_same_tables(pgmpy_network, tables):
    for node, (states, parents, table) in tables.items():
        cpd = pgmpy_network.get_cpds(node)
        assert np.array_equal(np.transpose(cpd.values, [cpd.variables.index(name) for name in (*parents, node)]), table)
        assert tuple(cpd.state_names[node]) == states


def assert_pgmpy_answers(pgmpy_network, cases):
    with quiet_pgmpy():
        from pgmpy.inference import VariableElimination
    for evidence, expected in cases:
        for cause in ("drug", "marrow"):
            if cause in evidence:
                continue
            engine = VariableElimination(pgmpy_network)  # a fresh one: it keeps state
            factor = engine.query([cause], evidence={**evidence, **SEEN}, show_progress=False)
            assert np.abs(factor.values - expected[cause]).max() < EVERY_DIGIT


def assert_agrum_answers(agrum, cases, tolerance, causes):
    for evidence, expected in cases:
        agrum.ask({**evidence, **SEEN})
        for cause in causes:
            assert np.abs(agrum.posterior(cause) - expected[cause]).max() < tolerance


def reader_of(suffix):
    with quiet_pgmpy():
        from pgmpy.readwrite import BIFReader, NETReader, XDSLReader, XMLBIFReader
    return {".bif": BIFReader, ".xmlbif": XMLBIFReader, ".xdsl": XDSLReader, ".net": NETReader}[suffix]


@pytest.mark.parametrize("suffix", [".xmlbif", ".xdsl"])
def test_pgmpy_reads_every_digit_and_answers_the_same(article, files, cases, suffix):
    again = reader_of(suffix)(str(files[suffix])).get_model()
    assert_same_tables(again, expanded_tables(article.network))
    assert_pgmpy_answers(again, cases[:3])


@pytest.mark.parametrize("suffix", [".bif", ".net"])
def test_pgmpy_reads_the_same_of_a_part(article, tmp_path, suffix):
    """The time these readers take grows with the square of the file, .net to an hour for all of it; so contexts and
    causes, and the findings that hold what is particular: contexts of their own, more than two states."""
    chosen = [f for f in article.network.findings if f.id in ("fever", "joint_pain", "lymphocytes")]
    assert len(chosen) == 3
    part = replace(article.network, findings=tuple(chosen), pairs=(), mechanisms=())
    export(part, tmp_path / f"part{suffix}", ABOUT)
    again = reader_of(suffix)(str(tmp_path / f"part{suffix}")).get_model()
    assert_same_tables(again, expanded_tables(part))
    evidence = {"fever": "present", "lymphocytes": "low", "methotrexate": "present", "rheumatoid_arthritis": "absent"}
    engine = Engine(part)
    solution = engine.solve({node: part.by_id[node].states.index(state) for node, state in evidence.items()})
    states = iter(solution.weights @ engine.state_indicator / solution.total)
    expected = {cause.id: np.array([next(states) for _ in cause.states]) for cause in part.causes}
    assert_pgmpy_answers(again, [(evidence, expected)])


@pytest.mark.parametrize(
    ("suffix", "digits", "tolerance"),
    [(".bif", np.float32, SINGLE), (".bifxml", np.float64, EVERY_DIGIT), (".net", np.float32, SINGLE),
     (".xdsl", np.float64, EVERY_DIGIT)],
)  # fmt: skip
def test_pyagrum_reads_its_digits_and_answers_the_same(article, files, cases, suffix, digits, tolerance):
    read = Agrum.read_last_parent_fastest if suffix == ".xdsl" else Agrum.read
    agrum = read(files[suffix])
    for node, (states, parents, table) in expanded_tables(article.network).items():
        assert np.abs(agrum.table(node, (*parents, node)) - table.astype(digits)).max() < 1e-12
        assert agrum.network.variable(node).labels() == states
    assert_agrum_answers(agrum, cases, tolerance, [cause.id for cause in article.network.causes])


def test_pyagrum_reads_uai_once_the_parents_are_put_right(article, files, cases):
    agrum = Agrum.read_last_parent_fastest(files[".uai"])
    tables = expanded_tables(article.network)
    index = {node: str(place) for place, node in enumerate(tables)}
    for node, (_, parents, table) in tables.items():
        read = agrum.table(index[node], [index[name] for name in (*parents, node)])
        assert np.abs(read - table.astype(np.float32)).max() < 1e-12
    for evidence, expected in cases:
        seen = {**evidence, **SEEN}
        agrum.ask({index[node]: tables[node][0].index(state) for node, state in seen.items()})
        assert np.abs(agrum.posterior(index["drug"]) - expected["drug"]).max() < SINGLE


def test_pgmpy_reads_uai_as_factors(article):
    """Read as MARKOV, the tables go by the scope written before them; pgmpy takes a minute for the whole model."""
    for tables in (expanded_tables(toy()), some_tables(article.network)):
        with quiet_pgmpy():
            from pgmpy.readwrite import UAIReader
        reader = UAIReader(string=uai(tables).replace("BAYES", "MARKOV", 1))
        for (scope, values), (node, (_, parents, table)) in zip(reader.tables, tables.items(), strict=True):
            assert scope == [f"var_{list(tables).index(name)}" for name in (*parents, node)]
            assert np.array_equal(np.array(values, dtype=float).reshape(table.shape), table)


def some_tables(network):
    """Return a node with several parents and everything above it; the one with least above it."""
    tables = expanded_tables(network)

    def above(node):
        return {node}.union(*(above(parent) for parent in tables[node][1]))

    least = min((above(node) for node, (_, parents, _) in tables.items() if len(parents) > 1), key=len)
    return {node: tables[node] for node in tables if node in least}


def test_genie_runs_the_last_parent_fastest_and_pyagrum_does_not(tmp_path):
    """Should pyAgrum come to agree: take the warning out of the export command and README."""
    path = tmp_path / "asia.xdsl"
    path.write_text(GENIE, encoding="utf-8")
    printed = np.array([[0.1, 0.8], [0.7, 0.9]])  # P(dysp | either, bronc)
    pgmpy_cpd = reader_of(".xdsl")(str(path)).get_model().get_cpds("dysp")
    assert pgmpy_cpd.variables == ["dysp", "either", "bronc"]
    assert np.array_equal(pgmpy_cpd.values[1], printed)
    order = ("either", "bronc", "dysp")
    assert np.allclose(Agrum.read(path).table("dysp", order)[..., 1], printed.T)
    assert np.allclose(Agrum.read_last_parent_fastest(path).table("dysp", order)[..., 1], printed)


def test_pyagrum_and_pgmpy_misread_uai(tmp_path):
    """pyAgrum runs the first parent fastest; pgmpy has the node's own state slowest when the file says BAYES."""
    path = tmp_path / "asia.uai"
    path.write_text(COMPETITION, encoding="utf-8")
    printed = np.array([[0.1, 0.8], [0.7, 0.9]])
    assert np.allclose(Agrum.read(path).table("2", ("0", "1", "2"))[..., 1], printed.T)
    assert np.allclose(Agrum.read_last_parent_fastest(path).table("2", ("0", "1", "2"))[..., 1], printed)
    with quiet_pgmpy():
        from pgmpy.readwrite import UAIReader
    read = UAIReader(str(path)).get_model().get_cpds("var_2")
    assert read.values.sum(axis=0).max() > 1.5  # no distribution


def test_xdsl_and_uai_are_written_in_the_order_of_those_files():
    """The writer under test, given Asia, gives the numbers of GeNIe and of the competition in their order."""
    sick = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.3, 0.7], [0.1, 0.9]]])
    names = ("no", "yes")
    tables = {
        "either": (names, (), np.array([0.9, 0.1])),
        "bronc": (names, (), np.array([0.6, 0.4])),
        "dysp": (names, ("either", "bronc"), sick),
    }
    place = {node: (column, 0) for column, node in enumerate(tables)}
    written = writers({}, place)[".xdsl"](tables)
    assert "<probabilities>0.9 0.1 0.2 0.8 0.3 0.7 0.1 0.9</probabilities>" in written
    assert uai(tables).split() == COMPETITION.split()


def test_json_holds_every_table(article, files):
    content = json.loads(files[".json"].read_text(encoding="utf-8"))
    assert content["schema"] == 1
    assert content["setting"] == "article"
    tables = expanded_tables(article.network)
    assert [node["id"] for node in content["nodes"]] == list(tables)
    for node in content["nodes"]:
        assert np.array_equal(np.array(node["table"]), tables[node["id"]][2])


def test_json_builds_both_peers(files, cases):
    """By nothing but what README says of the format."""
    with quiet_pgmpy():
        from pgmpy.factors.discrete import TabularCPD
        from pgmpy.models import DiscreteBayesianNetwork
    nodes = json.loads(files[".json"].read_text(encoding="utf-8"))["nodes"]
    states = {node["id"]: node["states"] for node in nodes}
    network = DiscreteBayesianNetwork()
    network.add_nodes_from(states)
    network.add_edges_from([(parent, node["id"]) for node in nodes for parent in node["parents"]])
    for node in nodes:
        names = {name: states[name] for name in (node["id"], *node["parents"])}
        columns = np.array(node["table"]).reshape(-1, len(node["states"])).T
        cards = [len(states[parent]) for parent in node["parents"]]
        network.add_cpds(TabularCPD(node["id"], len(node["states"]), columns, node["parents"], cards, names))
    assert_pgmpy_answers(network, cases[:2])
    tables = {node["id"]: (tuple(node["states"]), tuple(node["parents"]), np.array(node["table"])) for node in nodes}
    assert_agrum_answers(Agrum.of(tables), cases[:4], EVERY_DIGIT, ["drug", "marrow"])


def test_weka_and_terse_readers_find_nothing_they_stop_at(files):
    """Weka stops at an empty PROPERTY, pgmpy's UAI grammar at a power of ten, and none needs a comment."""
    assert "PROPERTY" not in files[".xmlbif"].read_text(encoding="utf-8")
    text = files[".uai"].read_text(encoding="utf-8")
    assert set(text.removeprefix("BAYES")) <= set("0123456789. \n")
    assert all("-" not in path.read_text(encoding="utf-8") for path in (files[".net"], files[".bif"]))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_second_export_has_the_same_bytes(article, files, tmp_path, suffix):
    again = tmp_path / f"other{suffix}"
    again.write_text("what stood here before, and longer " * 50_000, encoding="utf-8")
    export(article.network, again, ABOUT)
    assert again.read_bytes() == files[suffix].read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [again.name]


def test_another_process_with_another_hash_seed_writes_the_same_bytes(files, tmp_path):
    words = f"""
import model
from pathlib import Path
from model.network.exchange import export
for suffix in {FORMATS!r}:
    export(model.load().network, Path({str(tmp_path)!r}) / ("n" + suffix), {ABOUT!r})
"""
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", words], check=True, cwd=ROOT, env=environment)
    for suffix in FORMATS:
        found = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (files[suffix], tmp_path / f"n{suffix}"))
        assert len(set(found)) == 1, suffix


def test_errors_leave_nothing_behind(article, tmp_path):
    with pytest.raises(ExportError, match=r"ending in '.bif'.*got 'network.txt'"):
        export(article.network, tmp_path / "network.txt", ABOUT)
    with pytest.raises(ExportError, match="network.json: cannot be written; expected a folder that exists"):
        export(article.network, tmp_path / "no" / "network.json", ABOUT)
    (tmp_path / "network.bif").mkdir()
    with pytest.raises(ExportError, match="network.bif: cannot be written; expected a file, got a folder"):
        export(article.network, tmp_path / "network.bif", ABOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["network.bif"]


@pytest.mark.parametrize("seed", range(30, 36))
def test_two_findings_that_fall_together_are_an_arc(seed):
    """pgmpy, pyAgrum and the brute-force joint agree, whatever of the two findings is known."""
    network = next(n for n in (random_network(s, pairs=True) for s in range(100 * seed, 100 * seed + 100)) if n.pairs)
    network.check()
    (pair,) = network.pairs
    assert network.parents(pair.second)[-1] == pair.first
    agrum, pgmpy = Agrum(network), Pgmpy(network)
    for evidence in (
        {pair.first: 1},
        {pair.second: 0},
        {pair.first: 1, pair.second: 1},
        {pair.first: 0, pair.second: 0},
    ):
        expected, _ = enumerate_posterior(network, {node: {state: 1.0} for node, state in evidence.items()})
        named = {node: ("absent", "present")[state] for node, state in evidence.items()} | SEEN
        agrum.ask(named)
        for node in (*network.causes, network.by_id[pair.second], network.by_id[pair.first]):
            if node.id not in evidence:
                assert np.allclose(agrum.posterior(node.id), expected[node.id], atol=1e-9)
                assert np.allclose(pgmpy.posterior(node.id, node.states, named), expected[node.id], atol=1e-9)
