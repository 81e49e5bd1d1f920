"""The source notebooks: no outputs, parameters that are those of the configuration which their metadata names."""

from pathlib import Path

import nbformat
import papermill
import pytest

from astrogan.base import AstroganError
from tools import parameters

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return request.param


def read(path):
    return nbformat.read(path, as_version=4)


def tagged(path, tag):
    return [cell for cell in read(path).cells if tag in cell.metadata.get("tags", [])]


def test_it_is_committed_without_outputs(notebook):
    for cell in read(notebook).cells:
        assert cell.cell_type != "code" or (not cell.outputs and cell.execution_count is None)


def test_it_opens_with_a_title_and_says_what_it_is_for(notebook):
    first = read(notebook).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source.split()) > 30


def test_its_parameters_are_those_of_its_configuration(notebook):
    (cell,) = tagged(notebook, "parameters")
    assert cell.source == parameters.generated(read(notebook), notebook), "run tools/parameters.py"
    values = {}
    exec(cell.source, values)
    del values["__builtins__"], values["__annotations__"]
    parameters.config_of(read(notebook)).from_notebook(values)


def test_papermill_documents_every_parameter(notebook):
    found = papermill.inspect_notebook(notebook)
    config = parameters.config_of(read(notebook)).checked(**read(notebook).metadata["astrogan"]["values"])
    assert set(found) == set(getattr(config, "parameters", None) or type(config).model_fields)
    for name, entry in found.items():
        assert entry["inferred_type_name"] not in ("None", ""), name
        assert entry["help"], f"{name} has no comment"


def test_imports_stand_in_one_cell_and_cells_call_the_library(notebook):
    (cell,) = tagged(notebook, "imports")
    assert "import" in cell.source
    code = [c.source for c in read(notebook).cells if c.cell_type == "code" and c.source != cell.source]
    assert not any(
        line.startswith(("import ", "from ", "def ", "class ")) for source in code for line in source.splitlines()
    )


def written(folder, model="astrogan.data.config.DataStage", source="# Mine\nold: int = 1", **values):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    metadata = {"astrogan": {"config": model, "values": values}}
    path = folder / "notebooks" / "mine.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), path)
    return path


def test_cells_are_written_anew_and_a_stale_one_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, size=64, name='a "b"')
    before = path.read_bytes()
    with pytest.raises(AstroganError, match=r"the parameters of notebooks/mine\.ipynb are not those of the config"):
        parameters.main(check=True)
    assert path.read_bytes() == before
    parameters.main(check=False)
    parameters.main(check=True)
    lines = tagged(path, "parameters")[0].source.splitlines()
    assert lines[0] == "# Mine"
    assert lines[1].startswith('run: str = "runs/interactive"  # folder of the run')
    assert r'name: str = "a \"b\""  # name of the summary, data/<name>.json' in lines
    assert "size: int = 64  # side of a tile, px" in lines
    assert 'held_out_tiles_per_observation: "Optional[int]" = None  # the same for validation and test' in lines
    assert "exclude_prefixes: list = []  # files whose names start so serve the test alone" in lines
    assert 'kind: str = "astronomy"  # what the images are (astronomy | photographs)' in lines


def test_a_training_has_the_parameters_of_its_task_and_may_leave_what_is_published_open(tmp_path):
    model = "astrogan.training.config.TrainStage"
    path = written(tmp_path, model, task="upscale", phase="supervised", losses=None)
    text = parameters.generated(read(path), path)
    assert 'losses: "Optional[dict]" = None  # ' in text
    assert 'crop: "Optional[int]" = None' in text
    assert "leak_test" not in text
    path = written(tmp_path, model, task="colour", phase="adversarial")
    text = parameters.generated(read(path), path)
    assert 'losses: dict = {"adversarial": 1.0, "l1": 100.0}  # ' in text
    assert "crop:" not in text


@pytest.mark.parametrize(
    ("values", "message"),
    [({"sizes": 64}, "'sizes' is not a parameter"), ({"size": "64"}, "'size' = '64'"), ({"size": 1}, "'size' = 1")],
)
def test_values_that_the_model_refuses_are_refused_with_the_notebook_named(tmp_path, values, message):
    path = written(tmp_path, **values)
    with pytest.raises(AstroganError, match=f"mine.ipynb: .*{message}"):
        parameters.generated(read(path), path)
