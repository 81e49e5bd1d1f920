"""Stages run as Snakemake runs them: a whole notebook or none, the error named, the record kept."""

import re
import subprocess

import nbformat
import pytest

from astrogan.base import AstroganError
from astrogan.experiments.commit import commit
from astrogan.experiments.execute import run_stage
from astrogan.experiments.plan import Stage
from astrogan.experiments.profiles import load_profile
from astrogan.files import locked, read_json

# jupyter_client and papermill warn of their own deprecations and of event loops of the test process.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")

PROFILE = """
about: test
decides: false
astronomy: {size: 32}
photographs: {size: 32}
phases: {pretrain: {epochs: 1}}
experiments: {one: {phases: {pretrain: {}}}}
"""


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder with a profile and a notebook that writes one file, or fails."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(PROFILE)
    cells = [
        nbformat.v4.new_code_cell("value: int = 1  # what to write", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import pathlib", metadata={"tags": ["imports"]}),
        nbformat.v4.new_code_cell("assert value < 10, 'too large'\npathlib.Path('out.txt').write_text(str(value))"),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), tmp_path / "n.ipynb")
    return load_profile(tmp_path / "small.yaml")


def stage(value):
    outputs = ["out.txt", "runs/small/notebooks/n.ipynb"]
    return Stage("n", outputs, notebook="n.ipynb", parameters={"value": value}, code=["n.ipynb:0"])


def test_a_notebook_is_executed_and_recorded(world, tmp_path):
    record = run_stage(world, stage(7))
    assert (tmp_path / "out.txt").read_text() == "7"
    executed = nbformat.read("runs/small/notebooks/n.ipynb", as_version=4)
    assert "value = 7" in "".join(cell.source for cell in executed.cells)
    assert record["seconds"] == pytest.approx(record["start_s"] + record["work_s"], abs=0.02)
    assert 0 < record["start_s"] < record["seconds"]
    assert record["peak_mb"] > 10
    assert read_json("runs/small/stages/n.json")["parameters"] == {"value": 7}
    assert record["commit"].startswith("unknown: fatal: not a git repository")


def test_a_commit_says_whether_the_tree_has_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "a.txt").write_text("1")
    for command in (["init", "-q"], ["add", "a.txt"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    clean = commit()
    assert re.fullmatch("[0-9a-f]{40}", clean)
    (tmp_path / "a.txt").write_text("2")
    assert commit() == f"{clean}+changes"


def test_a_failing_notebook_never_takes_the_place_of_a_good_one(world, tmp_path):
    run_stage(world, stage(7))
    good = (tmp_path / "runs/small/notebooks/n.ipynb").read_bytes()
    with pytest.raises(AstroganError, match=r"stage n failed: AssertionError: too large"):
        run_stage(world, stage(70))
    folder = tmp_path / "runs/small/notebooks"
    assert (folder / "n.ipynb").read_bytes() == good
    assert sorted(path.name for path in folder.iterdir()) == ["n.failed.ipynb", "n.ipynb"]
    assert (tmp_path / "out.txt").read_text() == "7"


def test_a_module_runs_as_a_program(world, tmp_path):
    (tmp_path / "code.py").write_text("x = 1")
    module = Stage("m", ["compiled"], module="compileall", arguments=["-q", str(tmp_path)])
    record = run_stage(world, module)
    assert record["start_s"] == 0
    assert list(tmp_path.glob("**/*.pyc"))


def test_a_stage_that_another_process_writes_is_refused(world, monkeypatch):
    monkeypatch.setattr("astrogan.experiments.execute.ORPHAN_WAIT_S", 0.1)
    with locked("runs/small/locks/n"), pytest.raises(AstroganError, match="another process"):
        run_stage(world, stage(7))
