"""Imports run one way. A module missing from the list fails, and so does an import of something below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = [
    {"errors", "version", "tables", "csv_cells"},
    {"table_rows"},
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
    {"chart_style", "report_inputs", "report_numbers"},
    {"model_card"},
    {
        "charts_calibration",
        "charts_cohort",
        "charts_comparison",
        "charts_explanation",
        "charts_learn",
        "charts_literature",
        "charts_plausibility",
        "charts_reliance",
        "charts_sensitivity",
        "charts_uncertainty",
        "charts_survey",
        "charts_validation",
    },
    {"charts", "report_content"},
    {"report"},
    {"__init__"},
    {"commands", "release_commands"},
    {"validate_command"},
    {"__main__"},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}
PEER_LIBRARY = {"exchange", "verification"}  # where a pgmpy network is built or read
NOT_DRAWING = {
    "view_model",
    "wording",
    "cohort_view",
    "learn_view",
    "network_view",
    "network_edges",
    "network_layout",
    "network_detail",
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


@pytest.mark.parametrize("path", sorted((ROOT / "views").rglob("*.py")), ids=lambda path: path.stem)
def test_view_models_do_not_draw(path):
    if path.stem.endswith("view_model") or path.stem in NOT_DRAWING:
        assert all(name.partition(".")[0] != "streamlit" for name, _ in imports_of(path))


@pytest.mark.parametrize(
    "path",
    sorted([*SOURCES, *(ROOT / "views").rglob("*.py"), ROOT / "app.py"]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_file_is_longer_than_it_can_be_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
