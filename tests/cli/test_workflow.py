"""`astrogan run`: what the workflow calls."""

import json

import pytest
from typer.testing import CliRunner

from astrogan.cli import app


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


def test_unknown_profiles_and_stages_are_named():
    assert "no profile is called 'fast'; known are cpu, " in reason(run("stage", "fast", "book"))
    assert "profile smoke has no stage 'bok'; it has weights, data-astronomy" in reason(run("stage", "smoke", "bok"))


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
