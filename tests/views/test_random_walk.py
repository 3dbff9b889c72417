"""What a visitor may do, in a seeded random order: never an exception, never a number that is none."""

import logging
import math
import os
from pathlib import Path
from random import Random

import pytest
from streamlit.testing.v1 import AppTest

import model

APP = str(Path(__file__).resolve().parents[2] / "app.py")
STEPS = int(os.environ.get("NEUTROPENIA_WALK", "150"))  # `make soak` goes further
NUMBERS = ("", "0", "-3", "1", "2,8", "14", "80", "104.5", "150", "499", "500", "1000", "1,200", "1.200", "1499",
           "1500", "1000000000", "< 20", "1,2 10^9/L", "a lot")  # fmt: skip
KINDS = ("state", "number", "unit", "button", "setting", "example", "outside")
WEIGHTS = (60, 15, 5, 10, 3, 3, 4)
NODES = model.load().knowledge.nodes
BUTTONS = ("Undo", "Reset", "Rest: no", "Rest: normal", "Asymptomatic", "No medicines")


def act(at, rng):
    """Do one random thing to a whole page."""
    kind = rng.choices(KINDS, WEIGHTS)[0]
    if kind == "number":
        field = rng.choice([each for each in at.text_input if each.key.startswith("num_")])
        field.set_value(rng.choice(NUMBERS)).run()
    elif kind == "unit":
        field = rng.choice([each for each in at.selectbox if each.key.startswith("unit_")])
        field.select_index(rng.randrange(len(field.options))).run()
    elif kind == "button":
        rng.choice([each for each in at.button if each.label in BUTTONS]).click().run()
    elif kind in ("setting", "example"):
        field = at.selectbox(key=kind)
        field.select_index(rng.randrange(len(field.options))).run()
    elif kind == "outside" and any(toggle.key == "outside" for toggle in at.toggle):
        at.toggle(key="outside").set_value(not at.toggle(key="outside").value).run()
    elif kind == "outside":
        switch = rng.choice(list(at.toggle))
        switch.set_value(not switch.value).run()
    else:
        control = rng.choice([e for e in at.segmented_control if e.key.startswith("ev_") and not e.disabled])
        control.set_value(rng.choice(["", *NODES[control.key[3:]].states])).run()


def test_a_random_walk_never_breaks_the_app(caplog):
    caplog.set_level(logging.ERROR, logger="streamlit")
    rng = Random(20_26)
    at = AppTest.from_file(APP, default_timeout=120).run()
    answers = 0
    for step in range(STEPS):
        act(at, rng)
        at.run()  # the whole page: after a finding only the answer is in the tree
        assert not at.exception, step
        view = at.session_state["shown"]
        for row in view.causes:
            assert 0 <= row.probability <= 1, step
            assert not math.isnan(row.interval.low + row.interval.high + row.interval.first), step
        if view.status == "answer":
            answers += 1
            loaded = model.load(view.setting)
            engine = loaded.posterior(view.evidence.given, "allow" if view.outside else "refuse").causes
            drawn = {row.id: row.probability for row in view.causes}
            assert drawn == pytest.approx(engine.to_dict(), abs=1e-12), step
    assert answers > STEPS / 3
