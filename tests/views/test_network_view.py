"""The network picture compared with the engine: every number, every edge, every record. No Streamlit."""

import json
import math
import re
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model.elicitation import plug_in
from model.evidence import read_each
from model.wording import SPACE, percent
from tests.views.test_result_view import NO_CAUSE, SETTINGS, random_evidence, shown_for
from views.network.detail import node_detail
from views.network.edges import network_edges
from views.network.layout import Box, box_height, network_layout
from views.network.network_picture import picture
from views.network.view import network_view

NEAR_LIMITS = {"serum_b12": ("205 pg/mL", "290 pg/mL"), "serum_folate": ("4.1 ng/mL",), "macrocytosis": ("99.6 fL",)}


PAIR = ("anaemia", "thrombocytopenia")  # the arc between two findings that fall together


@lru_cache(maxsize=8)
def loaded(setting):
    return model.load(setting)


def drawn(m, evidence, outside="refuse"):
    """Return (what the page draws from, the engine's posterior or None)."""
    result = shown_for(m, evidence, outside)
    usable = read_each(m.knowledge, evidence)[0].given
    posterior = m.posterior(usable, outside) if result.status == "answer" else None
    return network_view(m, result, network_edges(m)), posterior


@pytest.mark.parametrize("seed", range(15))
def test_every_probability_drawn_is_the_engines(seed):
    m = loaded(SETTINGS[seed % 5])
    evidence = random_evidence(m.knowledge, seed)
    view, posterior = drawn(m, evidence)
    before = m.posterior({})
    assert view.answered
    now = {(node.id, s.state): s.probability for node in view.nodes.values() for s in node.states}
    start = {(node.id, s.state): s.prior for node in view.nodes.values() for s in node.states}
    causes = posterior.states.to_dict()
    findings = posterior.nodes.to_dict()
    assert {key: now[key] for key in causes} == pytest.approx(causes, abs=1e-12)
    assert {key: now[key] for key in findings} == pytest.approx(findings, abs=1e-12)
    assert {name: now[name, "present"] for name in posterior.mechanisms.index} == pytest.approx(
        posterior.mechanisms.to_dict(), abs=1e-12
    )
    for origin in (before.states, before.nodes):
        assert {key: start[key] for key in origin.index} == pytest.approx(origin.to_dict(), abs=1e-12)
    read = m.posterior(evidence).evidence
    for node, code in read.hard.items():
        certain = [float(i == code) for i in range(len(view.nodes[node].states))]
        assert [s.probability for s in view.nodes[node].states] == certain
    assert {node.id for node in view.nodes.values() if node.entered} == set(read.hard)
    assert {node.id for node in view.nodes.values() if node.soft} == set(read.soft)
    for node in view.nodes.values():
        assert sum(s.probability for s in node.states) == pytest.approx(1, abs=1e-9)
        assert all(0 <= s.probability <= 1 and 0 <= s.prior <= 1 for s in node.states)


@pytest.mark.parametrize("entry", [(node, value) for node, values in NEAR_LIMITS.items() for value in values])
def test_a_number_near_a_limit_leaves_a_probability(entry):
    """The oracle enters each state in turn and weighs it with the likelihood the number stands for."""
    m, (node, value) = loaded("article"), entry
    rest = {"malabsorption_or_gastric_surgery": "present", "anaemia": "present"}
    view, posterior = drawn(m, {**rest, node: value})
    states = m.knowledge.nodes[node].states
    joint = [
        likelihood * math.exp(m.posterior({**rest, node: state}).log_evidence)
        for state, likelihood in zip(states, posterior.evidence.soft[node], strict=True)
    ]
    shown = view.nodes[node]
    assert [s.probability for s in shown.states] == pytest.approx([p / sum(joint) for p in joint], abs=1e-9)
    assert "≈" in shown.headline + "".join(shown.lines)
    assert "near a limit" in shown.name


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_edges_are_the_networks_and_each_has_its_records(setting):
    m = loaded(setting)
    edges = network_edges(m)
    drawn_edges = {(edge.parent, edge.child) for edge in edges}
    assert len(drawn_edges) == len(edges)
    assert drawn_edges == {
        *((parent, node) for node in m.network.by_id for parent in m.network.parents(node)),
        *((cause.id, "neutropenia") for cause in m.network.causes),
    }
    if setting == "article":  # the peers' network of another setting has the same arcs and takes as long
        assert drawn_edges == set(m.to_pgmpy().edges())
    behind = [number for edge in edges if edge.child_role != "selection" for number in edge.records]
    assert set(behind) == {r.id for r in m.knowledge.records_of(setting) if r.parent}
    for edge in edges:
        assert edge.records
        for record in map(m.knowledge.record, edge.records):
            between_pair = (edge.parent, edge.child) == PAIR and record.kind == "both"
            through_first = edge.child == PAIR[1] and record.node == PAIR[0] and edge.parent in record.parent.split("&")
            assert edge.child in record.node.split("&") or through_first
            assert between_pair or record.parent == "" or edge.parent in record.parent.split("&")


class Stated:
    """The oracle of an edge: its two probabilities from the stated numbers, each of which includes its background."""

    def __init__(self, m, setting):
        self.m, self.nodes = m, m.knowledge.nodes
        values, _ = plug_in(m.knowledge, setting, m.scale)
        records = [r for r in m.knowledge.records_of(setting) if r.id in values]
        self.at = {(r.kind, r.node, r.state, r.parent, r.parent_state): values[r.id] for r in records}
        self.exposures = {(r.node, r.state, r.parent, r.parent_state) for r in records if r.word == "exposures"}
        age = [self.at["base_rate", "age_band", band, "", ""] for band in self.nodes["age_band"].states]
        female = [self.at["base_rate", "sex", "female", "age_band", band] for band in self.nodes["age_band"].states]
        self.strata = {
            (band, sex): weight / sum(age) * (share if sex == "female" else 1 - share)
            for band, weight, share in zip(self.nodes["age_band"].states, age, female, strict=True)
            for sex in ("female", "male")
        }

    def ratio(self, kind, node, state, config, exposures=False):
        """How many times as large a number is in a stratum, one on average over all adults."""

        def times(band, sex):
            keys = ((node, state, "age_band", band), (node, state, "sex", sex))
            return math.prod(self.at.get((kind, *key), 1.0) for key in keys if not exposures or key in self.exposures)

        here = times(config.get("age_band", "under_40"), config.get("sex", "female"))
        return here / sum(weight * times(*each) for each, weight in self.strata.items())

    def cause(self, child, config):
        """P(acting) of adults at large: hazards of the baseline and of one exposure, each times its stratum's ratio."""
        total = 0.0
        for state in child.states[1:]:
            hazard = self.at["baseline_hazard", child.id, state, "", ""]
            hazard *= self.ratio("relative_hazard", child.id, state, config)
            for exposure, level in config.items():
                own = self.at.get(("hazard", child.id, state, exposure, level), 0.0)
                hazard += own * self.ratio("relative_hazard", child.id, state, config, exposures=True)
            total += self.m.calibrated.kappa[child.id, state] * hazard
        return -math.expm1(-total)

    def context(self, child, config):
        """P(not in its first state): the base rate in the stratum, and what one other context brings beside it."""
        whole = {key[3:]: value for key, value in self.at.items() if key[:2] == ("base_rate", child.id)}
        if child.id == "sex":
            return 1 - whole["age_band", config.get("age_band", "under_40")]
        rates = [self.at.get(("base_rate", child.id, state, "", ""), 0.0) for state in child.states]
        rates = [rate / sum(rates) for rate in rates] if rates[0] else rates
        strata = [self.ratio("relative_base_rate", child.id, state, config) for state in child.states[1:]]
        floor = sum(rate * times for rate, times in zip(rates[1:], strata, strict=True))
        if len(child.states) == 2:
            return self.beside(child.id, "base_rate", child.states[1], floor, rates[1], config)
        for name, level in config.items():  # states below the lowest one that is stated come from elsewhere
            brought = [self.at.get(("base_rate", child.id, state, name, level)) for state in child.states]
            if any(value is not None for value in brought):
                lowest = next(at for at, value in enumerate(brought) if value is not None)
                beyond = sum(value or 0.0 for value in brought)
                return 1 - rates[0] * min(1.0, (1 - beyond) / sum(rates[:lowest]))
        return floor

    def finding(self, child, config):
        """P(not in its first state): the background in the stratum, and what one context or cause brings beside it."""
        first = child.states[1]
        plain = self.at.get(("leak", child.id, first, "", ""), 0.0)
        by = max((key[3] for key in self.at if key[:2] == ("leak", child.id) and "&" in key[3]), key=len, default="")
        levels = "&".join(config.get(name, self.nodes[name].states[0]) for name in by.split("&") if name)
        floor = self.at["leak", child.id, first, by, levels] if by else plain
        kind = "link" if any(self.nodes[name].role == "cause" for name in config) else "leak"
        kind = "mechanism" if child.role == "mechanism" else kind
        return self.beside(child.id, kind, first, floor, plain, config)

    def beside(self, child, kind, state, floor, plain, config):
        for name, level in config.items():
            brought = self.at.get((kind, child, state, name, level))
            if brought is not None:
                return 1 - (1 - floor) * (1 - brought) / (1 - plain)
        return floor

    def both(self, edge):
        """Return (without, alone, state of the parent that moves the child most)."""
        child, parent = self.nodes[edge.child], self.nodes[edge.parent]
        of = {"cause": self.cause, "context": self.context}.get(child.role, self.finding)
        without, *others = (of(child, {parent.id: state} if at else {}) for at, state in enumerate(parent.states))

        def moved(number):
            log = child.role == "cause"
            return abs(math.log(others[number] / without)) if log else abs(others[number] - without)

        most = max(range(len(others)), key=moved)
        return without, others[most], moved(most), [moved(at) for at in range(len(others))]


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_strength_of_an_edge_follows_from_its_records(setting):
    m = loaded(setting)
    stated = Stated(m, setting)
    for edge in network_edges(m):
        assert 0 <= edge.weight <= 1
        if edge.child_role == "selection":
            assert (edge.without, edge.alone) == pytest.approx((0.0, 1 / m.calibrated.gamma**2))
            continue
        if edge.parent == PAIR[0]:
            assert edge.alone == edge.without  # by itself the one says nothing of the other
            continue
        without, alone, most, each = stated.both(edge)
        assert (edge.without, edge.alone) == pytest.approx((without, alone), rel=1e-9), edge
        at = m.knowledge.nodes[edge.parent].states[1:].index(edge.state)
        assert each[at] == pytest.approx(most, abs=1e-12)
        indirect = edge.child == PAIR[1] and not any(r.split(".")[1] == edge.child for r in edge.records)
        assert (edge.alone == edge.without) == indirect or "&" in "".join(edge.records)


@pytest.mark.parametrize(
    ("evidence", "outside"),
    [
        (NO_CAUSE, "refuse"),
        ({"blasts": "present", "fever": "present"}, "allow"),
        ({"anc": "800 /mm3", "fever": "present"}, "refuse"),
        ({"anc": "400 /mm3", "fever": "present"}, "allow"),
        ({"anc": "many", "fever": "present"}, "allow"),
    ],
)
def test_where_there_is_no_answer_no_node_has_a_number_and_entries_stay_marked(evidence, outside):
    m = loaded("article")
    view, posterior = drawn(m, evidence, outside)
    assert posterior is None
    assert not view.answered
    for node in view.nodes.values():
        assert all(state.probability is None for state in node.states)
        assert "%" not in node.headline + "".join(node.lines) + node.name
        assert bool(node.entered) == (node.id in evidence)
    assert len(view.edges) == m.to_pgmpy().number_of_edges()
    json.dumps(picture(view), allow_nan=False)


def test_outside_the_range_the_answer_is_drawn_on_request():
    view, posterior = drawn(loaded("article"), {"anc": "800 /mm3", "rash": "present"}, "allow")
    assert view.nodes["drug"].probability == pytest.approx(posterior.causes["drug"])


@pytest.mark.parametrize("seed", range(12))
def test_what_the_browser_gets_is_what_the_view_holds(seed):
    m = loaded(SETTINGS[seed % 5])
    view, posterior = drawn(m, random_evidence(m.knowledge, seed))
    sent = json.loads(json.dumps(picture(view), allow_nan=False))
    assert [node["id"] for node in sent["nodes"]] == list(view.nodes)
    assert {(edge["from"], edge["to"]) for edge in sent["edges"]} == {(edge.parent, edge.child) for edge in view.edges}
    for node in sent["nodes"]:
        words = f"{node['headline']} {' '.join(node['lines'])} {node['name']}".replace(SPACE, " ")
        assert not re.search(r"(?<![\d.])(0|100) %", words)
        assert node["label"] in node["name"]
        if node["id"] in posterior.causes and node["id"] not in posterior.evidence.hard:
            assert node["headline"] == percent(posterior.causes[node["id"]])
            assert sum(node["bars"]) == pytest.approx(100 * posterior.causes[node["id"]], abs=0.03)


def test_a_cause_carries_its_range():
    m = loaded("article")
    evidence = {"fever": "present"}
    result = shown_for(m, evidence, draws=100)
    view = network_view(m, result, network_edges(m))
    for row in result.causes:
        assert view.nodes[row.id].interval == row.interval
        assert row.interval.text in view.nodes[row.id].lines


def test_every_node_has_its_place_and_nothing_moves_with_the_patient():
    m = loaded("article")
    layout = drawn(m, {})[0].layout
    assert drawn(m, random_evidence(m.knowledge, 3))[0].layout == layout
    assert set(layout.places) == {*m.network.by_id, "neutropenia"}
    no_two_overlap(layout)


def no_two_overlap(layout):
    areas = [*layout.places.values()]
    for i, a in enumerate(areas):
        assert a.left >= 0
        assert a.left + a.width <= 1000
        assert a.top + a.height <= layout.height + 1e-9
        for b in areas[:i]:
            apart = a.left >= b.left + b.width or b.left >= a.left + a.width
            assert apart or a.top >= b.top + b.height or b.top >= a.top + a.height
    for heading in layout.headings:
        for a in areas:
            apart = a.left >= heading.left + heading.width or heading.left >= a.left + a.width
            assert apart or a.top >= heading.top + 1 or heading.top >= a.top + a.height


def test_a_box_grows_with_its_words():
    words = ("Fever", ()), ("Count recovered within weeks of stopping a drug", ()), ("Fever", ("a", "b", "c"))
    heights = [box_height(Box("x", 2, "", label, "99 %", below)) for label, below in words]
    assert heights == sorted(set(heights))


words = st.text("abc def", min_size=1, max_size=60)
drawn_boxes = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["", "One", "Two"]), words, st.lists(words, max_size=3)),
    min_size=2, max_size=14,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(drawn_boxes, st.randoms(use_true_random=False))
def test_any_boxes_stand_apart_and_edges_end_at_them(content, rng):
    boxes = [Box(str(i), column, heading, label, "99 %", tuple(below))
             for i, (column, heading, label, below) in enumerate(content)]  # fmt: skip
    pairs = [(a.id, b.id) for a in boxes for b in boxes if a.column <= b.column and a.id != b.id]
    edges = rng.sample(pairs, min(len(pairs), 60))
    layout = network_layout(boxes, edges, ("A", "B", "C"))
    no_two_overlap(layout)
    for (parent, child), curve in layout.curves.items():
        start, end = layout.places[parent], layout.places[child]
        side = start.left if start.column == end.column else start.left + start.width
        assert (curve[0], curve[6]) == (side, end.left)
        assert start.top < curve[1] < start.top + start.height
        assert end.top < curve[7] < end.top + end.height
        assert all(0 <= x <= 1000 for x in curve[::2])


@pytest.mark.parametrize("setting", SETTINGS)
def test_behind_every_node_stand_its_own_records_and_those_of_its_edges(setting):
    m = loaded(setting)
    view, _ = drawn(m, {})
    shown = set()
    for node in view.nodes:
        detail = node_detail(m, view, node)
        assert {edge.other for edge in detail.parents} == {
            *(m.network.parents(node) if node != "neutropenia" else (c.id for c in m.network.causes))
        }
        assert all(edge.cards and edge.strength and edge.label for edge in (*detail.parents, *detail.children))
        shown |= {card.id for card in detail.own}
        shown |= {card.id for edge in (*detail.parents, *detail.children) for card in edge.cards}
    assert shown == {record.id for record in m.knowledge.records_of(setting)}


def test_a_replaced_number_shows_in_its_edge_and_card():
    number = "link.fever.present.viral.present"
    m = loaded("article").override({number: 0.4})
    view, _ = drawn(m, {})
    edge = next(edge for edge in view.edges if number in edge.records)
    assert edge.alone == pytest.approx(0.4)
    cards = [card for e in node_detail(m, view, "fever").parents for card in e.cards if card.id == number]
    assert cards[0].value.startswith("0.4 ")


def test_where_article_and_literature_differ_is_said():
    m = loaded("article")
    view, _ = drawn(m, {})
    assert "D12" in [line.id for line in node_detail(m, view, "fever").disagreements]
    assert node_detail(m, view, "methotrexate").claims[0][0] == "D4"
