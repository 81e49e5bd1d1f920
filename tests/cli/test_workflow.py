"""`astrogan run`: what the workflow calls."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from astrogan.cli import app
from astrogan.experiments.stage import Stage, read_stage, write_plan
from astrogan.run import Run


def run(*arguments):
    return CliRunner().invoke(app, ["run", *map(str, arguments)])


def reason(result):
    """The one paragraph on stderr."""
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr


def test_it_is_not_offered_to_users():
    help_text = CliRunner().invoke(app, ["--help"]).output
    assert "workflow" not in help_text
    commands = [line.split()[1] for line in help_text.splitlines() if line.startswith("│ ") and len(line.split()) > 2]
    assert "run" not in commands
    assert "colorize" in commands


def test_weights_are_looked_up_and_written(tmp_path):
    result = run("weights", "--offline", "--out", tmp_path / "weights.json", "vgg19", "resnet18")
    assert result.exit_code == 0
    assert result.output.splitlines()[0].startswith("weights resnet18: not available, ")
    assert set(json.loads((tmp_path / "weights.json").read_text())) == {"vgg19", "resnet18"}


def test_what_a_profile_requires_is_missed_at_once(tmp_path):
    """Before anything is trained, and with the choices named."""
    out = tmp_path / "weights.json"
    found = reason(run("weights", "--offline", "--out", out, "squeezenet1_1", "--require", "vgg19"))
    assert "astrogan: this profile cannot do without the weights 'vgg19'" in found
    assert not out.exists()


def test_a_stage_is_one_of_a_plan_and_is_read_back_as_it_was_written(tmp_path):
    book = Stage(name="book", command=("book",), outputs={"index": tmp_path / "index.html"}, mem_mb=1, runtime=1)
    notebook = Stage(
        name="data", notebook=Path("notebooks/data.ipynb"), parameters={"size": 32, "crop": None}, inputs=(tmp_path / "in",),
        outputs={"executed": tmp_path / "out.ipynb"}, code=("a:1",), threads=2, gpu=1, mem_mb=1, runtime=1,
    )  # fmt: skip
    plan = write_plan(Run(tmp_path / "runs" / "mine"), {"book": book, "data": notebook})
    assert [read_stage(plan, "book"), read_stage(plan, "data")] == [book, notebook]
    assert Run.of_plan(plan).path == tmp_path / "runs" / "mine"
    assert "has no stage 'bok'; it has book, data" in reason(run("stage", "bok", "--plan", plan))
    assert "does not exist" in reason(run("stage", "book", "--plan", tmp_path / "none" / "none.json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("provenance", "--run", "runs/none", "--profile", "smoke"), "none"),
        (("book", "--results", "runs/none", "--out", "out"), "runs/none does not exist"),
        (("publish", "--run", "runs/none", "--out", "out"), "runs/none is not a finished run"),
    ],
)
def test_a_run_that_is_not_there_is_a_reason(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in reason(run(*arguments))
    assert not list(tmp_path.glob("out/*"))
