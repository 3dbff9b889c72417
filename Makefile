# Two commands do everything: `make app` and `make test`. Each sets up what it needs in .venv once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: app notebooks test soak away audit lint format benchmark validate verify diff tables card wheel clean

app: $(VENV)/app.stamp
	$(BIN)/neutropenia-bn serve

test: lint
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

# What is too long for every change, an hour or so: ten thousand examples at every entrance, fifty visitors, a monkey.
soak: $(VENV)/test.stamp
	NEUTROPENIA_FUZZ=10000 $(BIN)/python -m pytest tests/fuzz
	NEUTROPENIA_WALK=2000 $(BIN)/python -m pytest tests/views/test_random_walk.py
	NEUTROPENIA_VISITORS=50 NEUTROPENIA_STEPS=10 $(BIN)/python -m pytest tests/served
	NEUTROPENIA_MONKEY=2000 NEUTROPENIA_SEED=$(or $(SEED),2026) $(BIN)/python -m pytest tests/browser/test_monkey.py

# What is published runs away from the checkout: make away PYTHONS="python3.12 python3.13".
away: $(VENV)/test.stamp
	$(BIN)/python tests/away.py $(PYTHONS)

# Known faults of the packages that the app needs, see docs/AUDIT.md; what cannot be looked up fails too.
audit:
	$(PYTHON) -m venv dist/audit
	dist/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	dist/audit/bin/pip-audit --strict --progress-spinner off .

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

notebooks: $(VENV)/test.stamp
	$(BIN)/python -m jupyterlab notebooks

benchmark: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks

validate: $(VENV)/app.stamp
	$(BIN)/neutropenia-bn validate

verify: $(VENV)/app.stamp
	$(BIN)/neutropenia-bn verify

# What the tables changed since the last release; with DECLARE=0.3.0 that is written into data/changes.csv.
diff: $(VENV)/app.stamp
	$(BIN)/neutropenia-bn diff $$(ls tests/releases/*.zip | sort -V | tail -1) $(if $(DECLARE),--declare $(DECLARE))

# The tables as the next release's point of comparison, under the version of model/version.py.
tables: $(VENV)/app.stamp
	$(BIN)/python -c "from pathlib import Path; from model import __version__; from model.model_diff import write_release; write_release(Path('data'), Path(f'tests/releases/{__version__}.zip'))"

# Every validation again, about two minutes, and the card from it.
card: $(VENV)/app.stamp
	$(BIN)/neutropenia-bn card -o docs/MODEL_CARD.md

wheel: $(VENV)/test.stamp
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12 app")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/app.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the app needs into $(VENV), once; this takes a minute or two."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/test.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests and notebooks need into $(VENV), once; this takes a few minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,notebooks]'
	touch $@

clean:
	rm -rf $(VENV) dist build .pytest_cache .ruff_cache .hypothesis
