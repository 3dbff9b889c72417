"""The notebooks ask, answer, hold no code that belongs in the package, and run from top to bottom."""

import os
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXPECTED = [
    "01_elicitation_and_prior_predictive",
    "02_one_way_sensitivity_and_flips",
    "03_two_way_and_swap_the_reader",
    "04_global_sensitivity_by_claim_and_source",
    "05_value_of_information_and_work_up",
    "06_peers_cross_checked_and_timed",
    "07_validation",
    "08_nhanes_population",
]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_the_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == EXPECTED


def test_top_cell_asks_and_answers(notebook):
    top = notebook.cells[0]
    assert top.cell_type == "markdown"
    assert top.source.startswith("# ")
    question, answer = top.source.split("**Answer.**")
    assert "**Question.**" in question
    assert "?" in question
    assert len(answer.split()) > 25


def test_nothing_is_defined_that_belongs_in_the_package(notebook):
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert not re.search(r"^\s*(async def|def|class)\s", code, re.MULTILINE)
    assert re.search(r"^import model$", code, re.MULTILINE)
    assert "sys.path" not in code


def test_outputs_are_kept_clean_and_small(path, notebook):
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert outputs(notebook)
    assert not [o for o in outputs(notebook) if o.output_type == "error" or o.get("name") == "stderr"]
    assert path.stat().st_size < 200_000


def test_nothing_in_it_points_at_a_machine_or_a_network(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users|usr|var)/|[A-Z]:\\\\", text)
    addresses = set(re.findall(r"https?://[^\s\"'\\<>)]+", text))
    assert {address for address in addresses if not address.startswith("http://www.w3.org/")} == set()
    assert not re.search(r"<(script|link|iframe|img)\b", text)


def test_kernel_is_python3(notebook):
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert all(not cell.metadata for cell in notebook.cells)


def test_a_modeller_finds_case_setting_and_change_first():
    notebook = nbformat.read(FOLDER / "02_one_way_sensitivity_and_flips.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for name in ("CASE", "SETTING", "CHANGE"):
        assert re.search(rf"^{name} = ", first, re.MULTILINE)


@pytest.mark.notebook
def test_a_modeller_can_change_case_setting_and_number():
    path = FOLDER / "02_one_way_sensitivity_and_flips.ipynb"
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = first.source.replace('CASE = "A03"', 'CASE = "V01"').replace('"article"', '"primary_care"', 1)
    first.source = first.source.replace("CHANGE = {}", 'CHANGE = {"link.fever.present.viral.present": 0.4}')
    assert all(part in first.source for part in ('"V01"', '= "primary_care"', "0.4"))
    run(notebook, path)


def run(notebook, path):
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook, timeout=180, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
