"""What a page and its server say to each other, so that a test waits for an answer and never for a clock."""

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Traffic:
    """Counts what was asked of the server and whether it was answered to the end."""

    def __init__(self, page):
        """Listen from the next address the page opens."""
        self.open = None  # a question without its answer; None before the first
        self.last = time.monotonic()
        page.on("websocket", self._listen)

    def quiet(self, seconds):
        """Return whether the last question has its whole answer and nothing was said for so long since."""
        return self.open is False and time.monotonic() - self.last >= seconds

    def _listen(self, socket):
        self.open = None
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame):
        if isinstance(frame, bytes) and BackMsg.FromString(frame).WhichOneof("type") == "rerun_script":
            self._heard(is_open=True)

    def _received(self, frame):
        if not isinstance(frame, bytes):
            return
        said = ForwardMsg.FromString(frame)
        kind = said.WhichOneof("type")
        if kind == "new_session":
            self._heard(is_open=True)
        elif kind == "script_finished":
            self._heard(is_open=said.script_finished not in ENDED)
        else:
            self.last = time.monotonic()

    def _heard(self, *, is_open):
        self.open, self.last = is_open, time.monotonic()
