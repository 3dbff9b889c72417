"""docs/API.md is what the docstrings say, and every public name stands there."""

import importlib.util
from pathlib import Path

import model

DOCS = Path(__file__).resolve().parent.parent / "docs"
spec = importlib.util.spec_from_file_location("api", DOCS / "api.py")
assert spec
assert spec.loader
api = importlib.util.module_from_spec(spec)
spec.loader.exec_module(api)


def test_the_page_does_not_drift():
    assert (DOCS / "API.md").read_text(encoding="utf-8") == api.page(), "run: python docs/api.py"


def test_every_public_name_stands_there():
    text = api.page()
    for name in model.__all__:
        assert f"`{name}`" in text or f"`model.{name}(" in text, name
    for kind in (model.DiagnosticModel, model.Posterior):
        for name, _ in api.members(kind):
            assert f"#### `.{name}" in text
