"""Imports run one way. A module missing from the list fails, and so does an import of something below it."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = [
    {"errors", "version", "tables", "csv_cells"},
    {"table_rows", "numerals"},
    {"knowledge"},
    {"cpt", "ordered_simplex", "provenance", "quantity", "units", "wording"},
    {"elicitation", "evidence", "context_grid", "burden"},
    {"plug_in", "scope", "calibration", "network", "record_index", "table_header", "csv_records"},
    {"assembly", "components", "exchange", "case", "patterns", "lab_line"},
    {"layout", "case_link", "lab_text", "teaching"},
    {"inference"},
    {"batch_tables", "posterior", "draw_engine", "posterior_sample"},
    {"batch"},
    {"patient_table"},
    {"calibrated_model"},
    {"parameter_space", "simulation", "coalition"},
    {"outcomes"},
    {"uncertainty", "shapley", "two_way", "reliance", "swap_reader", "worth", "literature"},
    {
        "sensitivity",
        "side_by_side",
        "explanation",
        "conflict",
        "relevant_explanation",
        "what_if",
        "look_ahead",
        "verify_first",
        "cannot_miss",
        "prior_predictive",
    },
    {"same_decision", "sensitivity_function", "differential"},
    {"stop_rule"},
    {"article_order"},
    {"value_of_information"},
    {"diagnostic_model"},
    {"scoring", "verification", "serving"},
    {"table_check", "cohort", "replay"},
    {"model_diff.release"},
    {"model_diff.rows"},
    {"model_diff.mixture"},
    {"model_diff.attribution"},
    {"model_diff.comparison"},
    {"model_diff.text", "model_diff.declared"},
    {"model_diff"},
    {"validation.frames"},
    {"validation.survey"},
    {"validation.nhanes"},
    {"validation.nhanes_comparison"},
    {"validation.law_table", "validation.law_lattice", "validation.plausible_ranges"},
    {"validation.law_forms", "validation.plausibility"},
    {"validation.laws"},
    {"validation.laws_text", "validation.law_exceptions"},
    {"validation.wilson", "validation.metrics", "validation.paired"},
    {"validation.case_set", "validation.decision_list"},
    {"validation.ranking", "validation.forecast"},
    {"validation.baselines", "validation.scores"},
    {"validation.comparison", "validation.alarm", "validation.failures", "validation.mended"},
    {"validation.published"},
    {"validation.published_text"},
    {"validation.assessment", "validation.calibration_measures"},
    {"validation.self_consistency", "validation.robust_recovery", "validation.simulation_based_calibration"},
    {"validation.results"},
    {"validation"},
    {"charts.style", "report_inputs", "report_numbers"},
    {"model_card"},
    {
        "charts.calibration",
        "charts.cohort",
        "charts.comparison",
        "charts.explanation",
        "charts.learn",
        "charts.literature",
        "charts.plausibility",
        "charts.reliance",
        "charts.sensitivity",
        "charts.uncertainty",
        "charts.survey",
        "charts.validation",
    },
    {"charts", "report_content"},
    {"report"},
    {"__init__"},
    {"commands", "release_commands"},
    {"validate_command"},
    {"__main__"},
]
UNLISTED = {"__init__", "errors", "version"}  # not of any one layer in CONTRIBUTING.md
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}
PEER_LIBRARY = {"exchange", "verification"}  # where a pgmpy network is built or read
MAY_DRAW = {
    "actions",
    "cached_models",
    "chart_frame",
    "lab_paste",
    "number_detail",
    "page_head",
    "sensitivity_more",
    "session",
    "theme",
}
LOADED_LATE = {name: {"pandas"} for name in ("patient_table", "scoring", "table_check")}  # what asks for a table
HEAVY = {"pgmpy", "pandas", "scipy", "altair", "SALib", "pydantic", "tqdm", "streamlit"}
SOURCES = sorted((ROOT / "model").rglob("*.py"))


def name_of(path):
    """The dotted name below ``model``; a package has the name of its folder."""
    parts = path.relative_to(ROOT / "model").with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SOURCES}


def imports_of(path):
    """(module imported, inside a function or under TYPE_CHECKING) for every import of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        or (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING")
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            names = [node.module or ""]
        for name in names:
            yield name, id(node) in late


def test_every_module_has_a_layer():
    assert set(MODULES) == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_upwards(module):
    for name, late in imports_of(MODULES[module]):
        package, _, target = name.partition(".")
        if package == "model" and target:
            allowed = LEVEL[target] < LEVEL[module] or (late and LEVEL[target] == LEVEL[module])
            assert allowed, f"model/{module}.py may not import model.{target}"
        elif package == "model":
            assert module in ("__main__", "commands")
        assert package not in ("views", "app", "tests", "notebooks", "benchmarks"), f"{module} imports {name}"
        assert package != "streamlit", f"model/{module}.py imports streamlit"
        if package == "pgmpy":
            assert module in PEER_LIBRARY or late, f"model/{module}.py imports pgmpy"
        if package in HEAVY - LOADED_LATE.get(module, set()):
            assert late, f"model/{module}.py imports {name} at import time; a query must not need it"


def may_draw(path):
    named = path.stem.endswith(("_page", "_panel", "_actions")) or path.stem in MAY_DRAW
    return named or path.parent.name == "components"


@pytest.mark.parametrize(
    "path", [path for path in sorted((ROOT / "views").rglob("*.py")) if not may_draw(path)], ids=lambda path: path.stem
)
def test_what_a_screen_says_is_worked_out_without_drawing(path):
    for name, _ in imports_of(path):
        package, _, target = name.partition(".")
        assert package != "streamlit", f"{path.name} draws; only pages, panels, actions and {sorted(MAY_DRAW)} may"
        if package == "views":
            assert target, f"{path.name}: write `from views.x import y`, so that what is imported shows"
            assert not may_draw(ROOT / "views" / f"{target.replace('.', '/')}.py"), f"{path.name} imports {name}"


def row_of(module):
    """Place of a module in CONTRIBUTING.md's table of layers, None where it is missing."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("| layer |")[1].split("\n\n")[0]
    package = module.partition(".")[0]
    file = f"{package}/" if (ROOT / "model" / package).is_dir() else f"{module}.py"
    for place, row in enumerate(table.splitlines()):
        names = [name.removeprefix("model/") for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
        if row.startswith("|") and any(fnmatch(file, name) for name in names):
            return place
    return None


@pytest.mark.parametrize("module", [module for module in MODULES if module not in UNLISTED])
def test_the_guide_to_the_code_names_every_module_in_the_order_of_imports(module):
    place = row_of(module)
    assert place is not None, f"CONTRIBUTING.md: the table of layers lacks model/{module}.py"
    for name, late in imports_of(MODULES[module]):
        target = name.removeprefix("model.")
        if name.startswith("model.") and not late and target not in UNLISTED:
            assert row_of(target) <= place, f"CONTRIBUTING.md: {target} must stand above {module}, which imports it"


@pytest.mark.parametrize(
    "path",
    sorted([*SOURCES, *(ROOT / "views").rglob("*.py"), ROOT / "app.py"]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_file_is_longer_than_it_can_be_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
