"""A visitor of the served app without a browser: the messages a browser would send, over a socket of its own."""

import json
from contextlib import ExitStack
from random import Random
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

from model.evidence import Case
from model.evidence.case_link import to_link


class Visitor:
    """One visit. `rows` is the ranking as it was last sent: cause -> percent, as wide as the bar is drawn."""

    def __init__(self, address, patience=120.0):
        self.patience = patience
        stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        self._open = ExitStack()
        self.socket = self._open.enter_context(connect(stream, subprotocols=["streamlit"], max_size=None, proxy=None))
        self.kept, self.labels, self.ids = {}, {}, {}
        self.rows, self.errors, self.session = {}, [], ""

    def close(self):
        self._open.close()

    def open(self, case, knowledge, model_hash):
        """Open the app at the link of a case."""
        self._run(f"case={quote(to_link(case, knowledge, model_hash))}")

    def answer(self, node, place):
        """Choose the state at `place` of a node; None takes the answer back."""
        key = f"ev_{node}"
        state = WidgetState(id=self.ids[key])
        state.string_array_value.data[:] = [self.labels[key][0 if place is None else place + 1]]
        self._run("", state)

    def _run(self, query, *states):
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.widget_states.widgets.extend(states)
        self.socket.send(message.SerializeToString())
        while not self._take(ForwardMsg.FromString(self.socket.recv(self.patience))):
            pass

    def _take(self, message):
        """Take one message in; return whether the script has ended."""
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message = self.kept[message.ref_hash]
            kind = message.WhichOneof("type")
        elif message.metadata.cacheable:
            self.kept[message.hash] = message
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _element(self, element):
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "button_group":
            key = element.button_group.id.rpartition("-")[2]
            self.ids[key] = element.button_group.id
            self.labels[key] = [option.content for option in element.button_group.options]
        elif kind == "bidi_component" and element.bidi_component.json:
            content = json.loads(element.bidi_component.json)
            if "strip" in content:
                self.rows = {row["id"]: row["width"] for row in content["rows"]}


def walk(visitor, model, seed, steps):
    """Open a case of one's own, then answer and take back at random; return after each step what to compare.

    yields : (what the ranking must be, what it is), percent by cause
    """
    rng = Random(seed)
    nodes = [node for node in model.knowledge.role("context", "finding") if node.states]
    own = {node.id: rng.randrange(len(node.states)) for node in rng.sample(nodes, 4)}
    case = Case(model.setting, {node: model.knowledge.nodes[node].states[place] for node, place in own.items()})
    visitor.open(case, model.knowledge, model.hash)
    yield _expected(model, own), visitor.rows
    for _ in range(steps):
        node = rng.choice(nodes)
        place = rng.choice([None, *range(len(node.states))])
        visitor.answer(node.id, place)
        own.pop(node.id, None)
        if place is not None:
            own[node.id] = place
        yield _expected(model, own), visitor.rows


def _expected(model, own):
    evidence = {node: model.knowledge.nodes[node].states[place] for node, place in own.items()}
    return {cause: round(100 * share, 2) for cause, share in model.posterior(evidence).acting.items()}
