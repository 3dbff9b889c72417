"""The smallest network that competes and explains: two causes and one finding, for examples to be checked by hand."""

from __future__ import annotations

import numpy as np

from model.network.network import Cause, Finding, Network


def toy() -> Network:
    """Return two causes, each in one adult of ten, and a sign that the first always shows and nothing else ever does.

    A low count comes with any cause acting and never without one. So of 100 adults 19 have it: 9 with the first cause
    alone, 9 with the second alone, 1 with both.

    >>> toy().table("sign").tolist()  # absent, present; without the first cause, with it
    [[1.0, 0.0], [0.0, 1.0]]
    """
    states = ("absent", "present")
    first, second = (Cause(name, states, (), np.array([0.9, 0.1])) for name in ("first", "second"))
    sign = Finding("sign", states, ("first",), (), {"first": np.array([[1.0, 1.0], [0.0, 1.0]])}, np.ones(2))
    return Network((), (first, second), (sign,), (), selection=np.array([0.0, 1.0, 1.0]))
