"""The network screen: the whole graph with the patient's probabilities, and everything behind the selected node."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from model.sensitivity.uncertainty import QUICK_DRAWS
from model.wording import percent
from views import actions, cached_models, markup, session
from views.network.detail import EdgeDetail, NodeDetail, node_detail
from views.network.edges import EdgeView, network_edges
from views.network.network_picture import network_picture
from views.network.view import NetworkView, NodeView, network_view
from views.page_head import page_head
from views.questions import UNASSESSED
from views.result_view import ResultView, mark
from views.wording import change, literal

SELECTED = "network_node"
LEGEND = (
    "The fill of a node is its probability now; the small mark is what it was before anything was entered. A square "
    "box with a heavy left side was entered (≈ as a number near a limit). Lines are edges, thicker where they move "
    "more; those of the selected node are lit and its neighbours outlined."
)


@st.cache_resource(max_entries=8)
def _edges(setting: str, numbers: cached_models.Numbers) -> tuple[EdgeView, ...]:
    return network_edges(cached_models.diagnostic_model(setting, numbers))


def show() -> None:
    """Draw the screen."""
    page_head("Network", "The whole model as a graph: choose a node to see what it means and the records behind it.")
    result, view = _views()
    selected = _selected(result, view)
    _state_of_answer(result)
    st.html(f'<p class="legend">{LEGEND}</p>')
    left, right = st.columns([13, 7], gap="medium")
    with left:
        network_picture(view, selected, result.summary, _select)
    with right, st.container(key="network_node_panel"):
        _panel(view, selected, result)
    _tables(view, result)


def _views() -> tuple[ResultView, NetworkView]:
    result = session.result(draws=QUICK_DRAWS)
    return result, network_view(session.current_model(), result, _edges(*session.model_key()))


def _selected(result: ResultView, view: NetworkView) -> str:
    """Return the node chosen last; on the first visit the leading cause, which then stays."""
    if session.chosen(SELECTED) not in view.nodes:
        causes = [node.id for node in view.nodes.values() if node.role == "cause"]
        session.choose(SELECTED, result.causes[0].id if result.causes else causes[0])
    return session.chosen(SELECTED)


def _select(node: str) -> None:
    if node in cached_models.knowledge().nodes:
        session.choose(SELECTED, node)


def _state_of_answer(result: ResultView) -> None:
    banner = result.banner
    body = literal(f"{banner.reason} {banner.advice}")
    if banner.urgent:
        st.error(body, title=banner.title)
    elif banner.level == "near":
        st.warning(body, title=banner.title)
    for sentence in result.problems:
        st.warning(literal(sentence))
    if result.status != "answer":
        st.html('<p class="scope">The graph stands below without probabilities. Nothing you entered was lost.</p>')
    elif result.outside:
        st.html(f'<p class="scope"><b>Every probability below:</b>{escape(mark(result))}</p>')


def _panel(view: NetworkView, selected: str, result: ResultView) -> None:
    st.selectbox(
        "Selected node",
        list(view.nodes),
        format_func=lambda node: view.nodes[node].label,
        key=SELECTED,
        persist_state="session",
    )
    detail = node_detail(session.current_model(), view, selected)
    st.html(f'<section class="behind">{_meaning(detail, result)}</section>')
    _set_it_here(selected)
    st.html(f'<section class="behind">{_behind(detail)}</section>')


def _set_it_here(node: str) -> None:
    question = cached_models.questionnaire().every.get(node)
    if question is None:
        st.html('<p class="legend">This node is never entered: it follows from the others.</p>')
        return
    entry = session.entries()[node]
    if entry.typed:
        st.html(f'<p class="legend">Entered: {escape(str(entry.evidence))}. A state chosen here replaces it.</p>')
    elif entry.evidence is None and node in (kept := session.kept()):
        how = "as a likelihood" if isinstance(kept[node], Mapping) else "and kept as written"
        st.html(f'<p class="legend">Entered by a file {how}. A state chosen here replaces it.</p>')
    widget = f"set_{node}"
    session.choose(widget, UNASSESSED if entry.typed else entry.state)
    labels = {UNASSESSED: question.neutral, **question.labels}
    st.segmented_control(
        "Set it here",
        (UNASSESSED, *question.states),
        format_func=labels.__getitem__,
        required=True,
        key=widget,
        on_change=actions.answer_with,
        args=(node, widget),
    )


def _meaning(detail: NodeDetail, result: ResultView) -> str:
    node = detail.node
    said = "".join(f"<p>{escape(text)}</p>" for text in (detail.question, detail.note) if text)
    title = f"<h2>{escape(detail.long_label)}{escape(mark(result))}</h2>"
    return f'{title}<p class="legend">{escape(detail.place)}</p>{said}{_states(node)}'


def _states(node: NodeView) -> str:
    rows = [
        (
            state.label,
            "no answer" if state.probability is None else percent(state.probability),
            percent(state.prior),
            "" if state.probability is None else change(state.probability, state.prior),
        )
        for state in node.states
        if node.role != "selection"
    ]
    interval = f'<p class="legend">{escape(f"{node.interval.text}, {node.interval.lead}")}</p>' if node.interval else ""
    return (
        markup.table(("State", "Now", "Before", "Change"), rows, f"States of {node.label}") + interval if rows else ""
    )


def _behind(detail: NodeDetail) -> str:
    claims = "".join(f"<li><b>{escape(claim)}</b> {escape(text)}</li>" for claim, text in detail.claims)
    differ = markup.disagreements(detail.disagreements, cached_models.knowledge())
    parts = (
        (detail.parents_title, _edge_list(detail.parents, "◂")),
        (detail.children_title, _edge_list(detail.children, "▸")),
        (detail.own_title, markup.records(detail.own)),
        ("Claims of the article", f'<ul class="disagreements">{claims}</ul>' if claims else ""),
        ("Where article and literature differ", differ),
    )
    return "".join(f"<h3>{escape(title)}</h3>{body}" for title, body in parts if body)


def _edge_list(edges: tuple[EdgeDetail, ...], arrow: str) -> str:
    return "".join(
        f'<div class="edge"><p>{arrow} <b>{escape(edge.label)}</b>: {escape(edge.strength)}</p>'
        f"{markup.records(edge.cards)}</div>"
        for edge in edges
    )


def _tables(view: NetworkView, result: ResultView) -> None:
    with st.expander("The same as tables"):
        rows = [
            (
                node.label,
                node.role,
                _probability(node),
                percent(node.prior) if node.role != "selection" else "",
                _labels(view, [edge.parent for edge in view.parents(node.id)]),
                _labels(view, [edge.child for edge in view.children(node.id)]),
            )
            for node in view.nodes.values()
        ]
        st.html(markup.table(NODE_COLUMNS, rows, f"Nodes of the network{mark(result)}"))
        edges = [
            (view.nodes[edge.parent].label, view.nodes[edge.child].label, edge.strength, "; ".join(edge.records))
            for edge in view.edges
        ]
        st.html(markup.table(("From", "To", "Strength", "Records"), edges, "Edges of the network"))


NODE_COLUMNS = ("Node", "Kind", "Now", "Before", "Follows from", "Acts on")


def _probability(node: NodeView) -> str:
    return ", ".join(part for part in (node.headline, *node.lines) if part) or "no answer"


def _labels(view: NetworkView, nodes: list[str]) -> str:
    return ", ".join(view.nodes[node].label for node in nodes)
