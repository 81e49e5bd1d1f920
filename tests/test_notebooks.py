"""The source notebooks: no outputs, documented parameters that are those of their configuration."""

import ast
from pathlib import Path

import nbformat
import papermill
import pytest

from astrogan.apply.config import ApplyStage
from astrogan.archives.config import ArchivesStage
from astrogan.data.config import DataStage
from astrogan.evaluation.config import EvaluateStage
from astrogan.report.config import ReportStage
from astrogan.training.config import ColourPhase, UpscalePhase

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CONFIGS = {
    "archives": ArchivesStage,
    "data": DataStage,
    "pretrain": ColourPhase,
    "adversarial": ColourPhase,
    "finetune": ColourPhase,
    "evaluate": EvaluateStage,
    "upscale_supervised": UpscalePhase,
    "upscale_adversarial": UpscalePhase,
    "upscale_finetune": UpscalePhase,
    "upscale_evaluate": EvaluateStage,
    "apply": ApplyStage,
    "report": ReportStage,
}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return request.param


def tagged(path, tag):
    return [cell for cell in nbformat.read(path, as_version=4).cells if tag in cell.metadata.get("tags", [])]


def test_it_is_committed_without_outputs(notebook):
    for cell in nbformat.read(notebook, as_version=4).cells:
        assert cell.cell_type != "code" or (not cell.outputs and cell.execution_count is None)


def test_it_opens_with_a_title_and_says_what_it_is_for(notebook):
    first = nbformat.read(notebook, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source.split()) > 30


def test_its_parameters_are_those_of_its_configuration(notebook):
    (cell,) = tagged(notebook, "parameters")
    values = {node.target.id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body}
    model = CONFIGS[notebook.stem]
    assert set(values) == set(model.model_fields)
    model.checked(**values)


def test_papermill_documents_every_parameter(notebook):
    found = papermill.inspect_notebook(notebook)
    assert set(found) == set(CONFIGS[notebook.stem].model_fields)
    for name, entry in found.items():
        assert entry["inferred_type_name"] not in ("None", ""), name
        assert entry["help"], f"{name} has no comment"


def test_imports_stand_in_one_cell_and_cells_call_the_library(notebook):
    (cell,) = tagged(notebook, "imports")
    assert "import" in cell.source
    code = [
        c.source
        for c in nbformat.read(notebook, as_version=4).cells
        if c.cell_type == "code" and c.source != cell.source
    ]
    assert not any(
        line.startswith(("import ", "from ", "def ", "class ")) for source in code for line in source.splitlines()
    )
