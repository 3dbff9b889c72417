"""How long a fresh process takes to import the package and answer once, and which heavy modules that loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.table import duration, table

ROUNDS = 7
TARGET = 1.5
FORBIDDEN = ("pgmpy", "scipy.stats", "SALib", "altair", "pydantic", "streamlit")
ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """
import json, sys, time
start = time.perf_counter()
import model
imported = time.perf_counter()
posterior = model.load().posterior({"fever": "present", "serum_b12": "150 pg/mL"})
posterior.state_probabilities
answered = time.perf_counter()
loaded = [name for name in FORBIDDEN if name in sys.modules]
pandas_before = "pandas" in sys.modules
posterior.causes
print(json.dumps([imported - start, answered - start, time.perf_counter() - start, pandas_before, loaded]))
"""


def run() -> str:
    """Time fresh processes; the first one compiles and is not counted."""
    script = SCRIPT.replace("FORBIDDEN", repr(FORBIDDEN), 1)
    whole, inside = [], []
    for number in range(ROUNDS + 1):
        start = perf_counter()
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        if number:
            whole.append(perf_counter() - start)
            inside.append(json.loads(done.stdout))
    imported, answered, series = (median(times[place] for times in inside) for place in range(3))
    _, _, _, pandas_before, loaded = inside[0]
    reached = "reached" if series < TARGET else "short of"
    rows = [
        ["import model", duration(imported), ""],
        ["import and first posterior, as arrays", duration(answered), "with pandas" if pandas_before else "no pandas"],
        ["import and first posterior, as a pandas Series", duration(series), f"{reached} {TARGET} s"],
        ["the whole process", duration(median(whole)), ""],
        ["heavy modules loaded", len(loaded), ", ".join(loaded) or f"none of {', '.join(FORBIDDEN)}"],
    ]
    return table(f"Import: median of {ROUNDS} fresh, byte-compiled processes", ["", "", ""], rows)


if __name__ == "__main__":
    print(run())
