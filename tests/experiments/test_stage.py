"""Stages run as Snakemake runs them: a whole notebook or none, the error named, the record kept."""

import re
import subprocess
from pathlib import Path

import nbformat
import pytest

from astrogan.base import AstroganError
from astrogan.experiments import Stage, commit, run_stage
from astrogan.files import locked, read_json
from astrogan.run import Run

# jupyter_client and papermill warn of their own deprecations and of event loops of the test process.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A run, in a folder with a notebook that writes one file, or fails."""
    monkeypatch.chdir(tmp_path)
    cells = [
        nbformat.v4.new_code_cell("value: int = 1  # what to write", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import pathlib", metadata={"tags": ["imports"]}),
        nbformat.v4.new_code_cell("assert value < 10, 'too large'\npathlib.Path('out.txt').write_text(str(value))"),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), tmp_path / "n.ipynb")
    return Run(Path("runs/small"))


def stage(value):
    outputs = {"text": Path("out.txt"), "executed": Path("runs/small/notebooks/n.ipynb")}
    return Stage(
        name="n",
        notebook=Path("n.ipynb"),
        parameters={"value": value},
        outputs=outputs,
        code=("n.ipynb:0",),
        mem_mb=1,
        runtime=1,
    )


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


def test_a_command_runs_as_a_program_and_says_itself_why_it_failed(world, tmp_path, capfd):
    def command(*names):
        arguments = ("weights", "--offline", "--out", "found.json", *names)
        return Stage(name="m", command=arguments, outputs={"found": Path("found.json")}, mem_mb=1, runtime=1)

    record = run_stage(world, command("vgg19"))
    assert record["start_s"] == 0
    assert record["notebook"] is None
    assert set(read_json("found.json")) == {"vgg19"}
    with pytest.raises(subprocess.CalledProcessError):
        run_stage(world, command("vgg20"))
    assert "no pre-trained weights are called 'vgg20'" in capfd.readouterr().err


def test_a_stage_that_another_process_writes_is_refused(world, monkeypatch):
    monkeypatch.setattr("astrogan.experiments.execute.ORPHAN_WAIT_S", 0.1)
    with locked("runs/small/locks/n"), pytest.raises(AstroganError, match="another process"):
        run_stage(world, stage(7))
