"""The house stands as docs/packages.csv says: imports run down, no circle, no screen knows another, nothing heavy."""

import importlib.util
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_spec = importlib.util.spec_from_file_location("architecture", ROOT / "docs" / "architecture.py")
house = importlib.util.module_from_spec(_spec)
sys.modules["architecture"] = house  # dataclasses look their module up
_spec.loader.exec_module(house)

MODULES = house.modules()
FLOOR = {row.name: row.floor for row in house.packages()}
IMPORTS = {module: list(house.imports(path, MODULES)) for module, path in MODULES.items()}
PEER_LIBRARY = {"model.network.exchange", "model.validation.verification"}  # where a pgmpy network is built or read
LOADED_LATE = {"model.cohort.patient_table", "model.cohort.scoring", "model.cohort.check"}  # asked for a table
HEAVY = {
    "dask",
    "distributed",
    "openpyxl",
    "pyarrow",
    "pgmpy",
    "pandas",
    "scipy",
    "altair",
    "SALib",
    "pydantic",
    "tqdm",
    "streamlit",
}
OURS = ("views", "app", "tests", "notebooks", "benchmarks")
DRAWS = {  # what may touch Streamlit besides pages, panels, actions and components
    "app", "served", "views.actions", "views.cached_models", "views.case.lab_paste", "views.chart_frame",
    "views.page_head",
    "views.sensitivity.number_detail", "views.sensitivity.tabs", "views.session",
}  # fmt: skip
LONGEST = 400


def may_draw(module):
    name = module.rpartition(".")[2]
    named = (
        name in ("page", "actions")
        or name.endswith(("_panel", "_actions"))
        or "components" in module
        or module in DRAWS
    )
    return named or MODULES[module].with_suffix(".js").is_file()  # a component has its script beside it


def test_every_package_stands_in_the_list():
    assert {house.home(module) for module in MODULES} == set(FLOOR)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_down(module):
    here = house.home(module)
    for each in IMPORTS[module]:
        package = each.module.partition(".")[0]
        where = f"{MODULES[module].relative_to(ROOT)}:{each.line}"
        if each.module in MODULES:
            there = house.home(each.module)
            below = here == there or FLOOR[there] < FLOOR[here] or (each.late and FLOOR[there] == FLOOR[here])
            assert below or (each.late and each.module == "model"), f"{where}: {here} may not import {there}"
        if package in OURS:
            assert not module.startswith("model"), f"{where}: model/ may not import {each.module}"
        if module.startswith("model"):
            assert package != "streamlit", f"{where}: model/ may not import streamlit"
            if package == "pgmpy":
                assert module in PEER_LIBRARY or each.late, f"{where}: imports pgmpy"
            if package in HEAVY and not (package == "pandas" and module in LOADED_LATE):
                assert each.late, f"{where}: imports {each.module} at import time; a query must not need it"


def screen(module):
    """Return the screen a module belongs to, an empty string for one that screens share."""
    return module.split(".")[1] if house.home(module) == "views/*/" else ""


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("views")])
def test_a_screen_knows_no_other_screen(module):
    known = {screen(each.module) for each in IMPORTS[module] if each.module in MODULES} - {"", screen(module)}
    assert not known, f"{MODULES[module].relative_to(ROOT)} imports of {known}"


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module.startswith("views") or module in ("app", "served")]
)
def test_one_module_touches_the_session_state(module):
    touched = "session_state" in MODULES[module].read_text(encoding="utf-8")
    assert touched == (module == "views.session"), "ask views.session for it"


def test_no_module_imports_itself_by_a_detour():
    graph = {
        module: {each.module for each in IMPORTS[module] if each.module in MODULES and not each.late} - {module}
        for module in MODULES
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError with the circle


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module.startswith("views") and not may_draw(module)]
)
def test_what_a_screen_says_is_worked_out_without_drawing(module):
    for each in IMPORTS[module]:
        where = f"{MODULES[module].relative_to(ROOT)}:{each.line}"
        assert each.module.partition(".")[0] != "streamlit", f"{where}: only pages, panels, actions and components draw"
        assert each.module not in MODULES or not (each.module.startswith("views") and may_draw(each.module)), where


@pytest.mark.parametrize("path", MODULES.values(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_it_can_be_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_the_picture_is_of_the_code():
    assert house.PICTURE.read_text(encoding="utf-8") == house.picture(), "run: python docs/architecture.py"


@pytest.mark.parametrize("page", house.PAGES, ids=lambda page: page.name)
def test_the_pages_hold_the_table(page):
    text = page.read_text(encoding="utf-8")
    assert text == house.with_table(text), "run: python docs/architecture.py"


def test_an_import_that_runs_up_is_found(tmp_path):
    wrong = tmp_path / "load.py"
    wrong.write_text("from model.inference import engine\nfrom model import report\n", encoding="utf-8")
    found = [each.module for each in house.imports(wrong, MODULES)]
    assert [FLOOR[house.home(module)] > FLOOR["model/knowledge/"] for module in found] == [True, True]
