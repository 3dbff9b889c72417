"""Side by side with pgmpy and pyAgrum, in one run, on the same cases: ``python -m benchmarks``."""
